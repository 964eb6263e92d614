//! The listening socket, with the options that its connections inherit.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::sockopt::{
    set_socket_reuseaddr, set_socket_reuseport, set_socket_send_buffer_size, set_tcp_nodelay,
};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, listen, socket_with};

use crate::config::EngineConfig;
use crate::descriptors::limit_reached;
use crate::error::EngineError;

/// Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn.
const BACKLOG: i32 = 65_535;

/// Listens, and says where: with port 0 the kernel has chosen.
pub(crate) fn open(config: &EngineConfig) -> Result<(OwnedFd, SocketAddr), EngineError> {
    try_open(config).map_err(|errno| listen_error(config.listen, errno))
}

fn try_open(config: &EngineConfig) -> Result<(OwnedFd, SocketAddr), Errno> {
    let family = if config.listen.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_reuseaddr(&socket, true)?;
    set_socket_reuseport(&socket, config.reuse_port)?;
    set_tcp_nodelay(&socket, true)?;
    set_socket_send_buffer_size(&socket, config.socket_send_buffer_bytes as usize)?;
    bind(&socket, &config.listen)?;
    listen(&socket, BACKLOG)?;
    let address = SocketAddr::try_from(getsockname(&socket)?)?;
    Ok((socket, address))
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
        let listen = "192.0.2.1:0".parse().unwrap();
        let error = open(&EngineConfig { listen, ..EngineConfig::default() }).unwrap_err();
        assert!(matches!(error, EngineError::AddressNotAvailable { .. }), "{error}");
    }
}
