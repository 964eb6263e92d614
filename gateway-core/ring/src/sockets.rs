//! Sockets, with the options that their connections have.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{
    set_ip_add_membership, set_ipv6_add_membership, set_socket_keepalive, set_socket_reuseaddr,
    set_socket_reuseport, set_socket_send_buffer_size, set_tcp_keepcnt, set_tcp_keepidle,
    set_tcp_keepintvl, set_tcp_nodelay, set_tcp_user_timeout,
};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, listen, socket_with};

use crate::config::EngineConfig;
use crate::descriptors::limit_reached;
use crate::error::EngineError;
use crate::sys;

/// Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn.
const BACKLOG: i32 = 65_535;
/// How often a silent peer's machine is asked before its connection is ended.
const KEEPALIVE_PROBES: u32 = 3;

/// Listens, and says where: with port 0 the kernel has chosen.
pub(crate) fn listen_on(config: &EngineConfig) -> Result<Vec<(OwnedFd, SocketAddr)>, EngineError> {
    let listen = |address: &SocketAddr| {
        try_listen(config, *address).map_err(|errno| listen_error(*address, errno))
    };
    config.listen.iter().map(listen).collect()
}

fn try_listen(config: &EngineConfig, address: SocketAddr) -> Result<(OwnedFd, SocketAddr), Errno> {
    let socket = open(address, SocketType::STREAM)?;
    set_socket_reuseaddr(&socket, true)?;
    set_socket_reuseport(&socket, config.reuse_port)?;
    set_tcp_nodelay(&socket, true)?;
    set_socket_send_buffer_size(&socket, config.socket_send_buffer_bytes as usize)?;
    watch_peers(&socket, config.peer_timeout)?;
    bind(&socket, &address)?;
    listen(&socket, BACKLOG)?;
    let address = SocketAddr::try_from(getsockname(&socket)?)?;
    Ok((socket, address))
}

/// Has the kernel end connections whose peer's machine is gone. A listener's connections inherit it (tcp(7)).
fn watch_peers(socket: &OwnedFd, timeout: Duration) -> Result<(), Errno> {
    let second = Duration::from_secs(1);
    // Asked thrice in the last third.
    let interval = (timeout / (3 * KEEPALIVE_PROBES)).max(second);
    set_socket_keepalive(socket, true)?;
    set_tcp_keepidle(socket, timeout.saturating_sub(KEEPALIVE_PROBES * interval).max(second))?;
    set_tcp_keepintvl(socket, interval)?;
    set_tcp_keepcnt(socket, KEEPALIVE_PROBES)?;
    // And where bytes are on their way, by when they must be acknowledged.
    let timeout_ms = u32::try_from(timeout.as_millis()).expect("bounded by an hour");
    set_tcp_user_timeout(socket, timeout_ms)
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

/// A datagram socket, and where it is bound. Of a group it is a member, as others may be on this machine.
pub(crate) fn datagrams(address: SocketAddr) -> Result<(OwnedFd, SocketAddr), EngineError> {
    let bound = || -> Result<_, Errno> {
        let socket = open(address, SocketType::DGRAM)?;
        if address.ip().is_multicast() {
            set_socket_reuseaddr(&socket, true)?;
            match address.ip() {
                // On the interface that the route to the group names.
                IpAddr::V4(group) => {
                    set_ip_add_membership(&socket, &group, &Ipv4Addr::UNSPECIFIED)?
                }
                IpAddr::V6(group) => set_ipv6_add_membership(&socket, &group, 0)?,
            }
        }
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
        let listen = vec!["192.0.2.1:0".parse().unwrap()];
        let error = listen_on(&EngineConfig { listen, ..EngineConfig::default() }).unwrap_err();
        assert!(matches!(error, EngineError::AddressNotAvailable { .. }), "{error}");
    }
}
