//! Socket addresses as the kernel has them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Bytes of a `sockaddr_in6`, the longer of the two kinds.
pub(crate) const ADDRESS_BYTES: usize = size_of::<libc::sockaddr_in6>();

/// Writes a `sockaddr_in` (ip(7)) or a `sockaddr_in6` (ipv6(7)); gives its length too.
pub(crate) fn encode_address(address: SocketAddr) -> ([u8; ADDRESS_BYTES], usize) {
    let mut bytes = [0; ADDRESS_BYTES];
    bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
    match address {
        SocketAddr::V4(v4) => {
            bytes[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
            bytes[4..8].copy_from_slice(&v4.ip().octets());
            (bytes, size_of::<libc::sockaddr_in>())
        }
        SocketAddr::V6(v6) => {
            bytes[..2].copy_from_slice(&(libc::AF_INET6 as u16).to_ne_bytes());
            bytes[4..8].copy_from_slice(&v6.flowinfo().to_be_bytes());
            bytes[8..24].copy_from_slice(&v6.ip().octets());
            bytes[24..].copy_from_slice(&v6.scope_id().to_ne_bytes());
            (bytes, ADDRESS_BYTES)
        }
    }
}

/// Reads a `sockaddr_in` (ip(7)) or a `sockaddr_in6` (ipv6(7)); a mapped IPv4 address is given as
/// IPv4, and any other family as `None`.
pub(crate) fn parse_address(bytes: &[u8; ADDRESS_BYTES]) -> Option<SocketAddr> {
    let family = u16::from_ne_bytes([bytes[0], bytes[1]]);
    let port = u16::from_be_bytes([bytes[2], bytes[3]]);
    let ip: IpAddr = match i32::from(family) {
        libc::AF_INET => {
            let octets: [u8; 4] = bytes[4..8].try_into().expect("4 of 28 bytes");
            Ipv4Addr::from(octets).into()
        }
        libc::AF_INET6 => {
            let octets: [u8; 16] = bytes[8..24].try_into().expect("16 of 28 bytes");
            Ipv6Addr::from(octets).to_canonical()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(family: i32, rest: &[u8]) -> [u8; ADDRESS_BYTES] {
        let mut bytes = [0; ADDRESS_BYTES];
        bytes[..2].copy_from_slice(&(family as u16).to_ne_bytes());
        bytes[2..2 + rest.len()].copy_from_slice(rest);
        bytes
    }

    #[test]
    fn reads_both_kinds_of_peer() {
        let v4 = address(libc::AF_INET, &[0x0d, 0x05, 127, 1, 2, 3]);
        assert_eq!(parse_address(&v4), "127.1.2.3:3333".parse().ok());
        let mut rest = [0; 22];
        rest[..2].copy_from_slice(&[0x0d, 0x05]);
        rest[21] = 1;
        assert_eq!(parse_address(&address(libc::AF_INET6, &rest)), "[::1]:3333".parse().ok());
        rest[16..].copy_from_slice(&[0xff, 0xff, 10, 0, 0, 1]);
        let mapped = address(libc::AF_INET6, &rest);
        assert_eq!(parse_address(&mapped), "10.0.0.1:3333".parse().ok());
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["127.1.2.3:3333", "[fe80::1]:7401"] {
            let address: SocketAddr = text.parse().unwrap();
            let (bytes, length) = encode_address(address);
            assert_eq!(parse_address(&bytes), Some(address));
            assert!(bytes[length..].iter().all(|byte| *byte == 0));
        }
        assert_eq!(parse_address(&address(libc::AF_UNIX, &[])), None);
    }
}
