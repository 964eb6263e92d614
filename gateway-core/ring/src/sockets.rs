//! Sockets, with the options that their connections have.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::sockopt::{
    set_socket_reuseaddr, set_socket_reuseport, set_socket_send_buffer_size, set_tcp_nodelay,
};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, listen, socket_with};

use crate::config::EngineConfig;
use crate::descriptors::limit_reached;
use crate::error::EngineError;
use crate::sys;

/// Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn.
const BACKLOG: i32 = 65_535;

/// Listens, and says where: with port 0 the kernel has chosen. `None` where nobody is to listen.
pub(crate) fn listen_on(
    config: &EngineConfig,
) -> Result<Option<(OwnedFd, SocketAddr)>, EngineError> {
    let Some(address) = config.listen else { return Ok(None) };
    try_listen(config, address).map(Some).map_err(|errno| listen_error(address, errno))
}

fn try_listen(config: &EngineConfig, address: SocketAddr) -> Result<(OwnedFd, SocketAddr), Errno> {
    let socket = open(address, SocketType::STREAM)?;
    set_socket_reuseaddr(&socket, true)?;
    set_socket_reuseport(&socket, config.reuse_port)?;
    set_tcp_nodelay(&socket, true)?;
    set_socket_send_buffer_size(&socket, config.socket_send_buffer_bytes as usize)?;
    bind(&socket, &address)?;
    listen(&socket, BACKLOG)?;
    let address = SocketAddr::try_from(getsockname(&socket)?)?;
    Ok((socket, address))
}

/// A socket that is to be connected, bound to the local address where one is given.
pub(crate) fn outbound(
    local: Option<IpAddr>,
    remote: SocketAddr,
    send_buffer_bytes: u32,
) -> io::Result<OwnedFd> {
    let socket = open(remote, SocketType::STREAM)?;
    set_tcp_nodelay(&socket, true)?;
    set_socket_send_buffer_size(&socket, send_buffer_bytes as usize)?;
    if let Some(local) = local {
        // The port is chosen with the connect: the same one serves for several remote ends.
        sys::bind_without_port(&socket)?;
        bind(&socket, &SocketAddr::new(local, 0))?;
    }
    Ok(socket)
}

/// A datagram socket, and where it is bound.
pub(crate) fn datagrams(address: SocketAddr) -> Result<(OwnedFd, SocketAddr), EngineError> {
    let bound = || -> Result<_, Errno> {
        let socket = open(address, SocketType::DGRAM)?;
        bind(&socket, &address)?;
        let address = SocketAddr::try_from(getsockname(&socket)?)?;
        Ok((socket, address))
    };
    bound().map_err(|errno| listen_error(address, errno))
}

fn open(address: SocketAddr, kind: SocketType) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    socket_with(family, kind, SocketFlags::CLOEXEC, None)
}

fn listen_error(address: SocketAddr, errno: Errno) -> EngineError {
    match errno {
        Errno::ADDRINUSE => EngineError::AddressInUse { address },
        Errno::ADDRNOTAVAIL => EngineError::AddressNotAvailable { address },
        Errno::ACCESS | Errno::PERM => EngineError::PermissionDenied { address },
        Errno::MFILE => limit_reached(1),
        Errno::NOMEM | Errno::NOBUFS => EngineError::MemoryLimit,
        _ => EngineError::Listen { address, cause: errno.into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_error() {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        let error = |errno| listen_error(address, errno);
        assert!(matches!(error(Errno::ACCESS), EngineError::PermissionDenied { .. }));
        assert!(matches!(error(Errno::ADDRINUSE), EngineError::AddressInUse { .. }));
        assert!(matches!(error(Errno::NOBUFS), EngineError::MemoryLimit));
        assert!(matches!(error(Errno::MFILE), EngineError::DescriptorLimit { .. }));
        assert!(error(Errno::AFNOSUPPORT).to_string().contains("127.0.0.1:80"));
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let listen = Some("192.0.2.1:0".parse().unwrap());
        let error = listen_on(&EngineConfig { listen, ..EngineConfig::default() }).unwrap_err();
        assert!(matches!(error, EngineError::AddressNotAvailable { .. }), "{error}");
    }
}
