//! The PROXY protocol, versions 1 and 2: a balancer's word on whom it speaks for, in front of what those say.
//!
//! Specification: "The PROXY protocol", haproxy.org/download/2.9/doc/proxy-protocol.txt; sections are its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sluice_units::limits::PROXY_HEADER_BYTES_MAX;

/// What the first bytes of a connection are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProxyHeader {
    /// A header of so many bytes.
    Whole {
        /// How long it is.
        bytes: usize,
        /// Who is behind the balancer; `None` where that speaks for itself, or does not know.
        peer: Option<IpAddr>,
    },
    /// The beginning of one.
    Partial,
    /// None: the connection's own words.
    Absent,
}

/// What begins like a header and is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MalformedHeader;

/// Section 2.1: how version 1 begins.
const TEXT_START: &[u8] = b"PROXY ";
/// Section 2.1: the longest line, its end included.
const TEXT_BYTES_MAX: usize = 107;
/// Section 2.2: the twelve bytes that version 2 begins with.
const BINARY_START: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Section 2.2: those, version and command, family, and the length of what follows.
const BINARY_FIXED_BYTES: usize = 16;

/// Reads a header off the front of a connection's bytes.
pub fn decode(bytes: &[u8]) -> Result<ProxyHeader, MalformedHeader> {
    if bytes.starts_with(TEXT_START) {
        return decode_text(bytes);
    }
    if bytes.starts_with(BINARY_START) {
        return decode_binary(bytes);
    }
    let is_start = |start: &[u8]| start.starts_with(bytes);
    let may_become_one = is_start(TEXT_START) || is_start(BINARY_START);
    Ok(if may_become_one { ProxyHeader::Partial } else { ProxyHeader::Absent })
}

/// Section 2.1: `PROXY TCP4 source destination source-port destination-port`, or `PROXY UNKNOWN` and anything.
fn decode_text(bytes: &[u8]) -> Result<ProxyHeader, MalformedHeader> {
    let seen = &bytes[..bytes.len().min(TEXT_BYTES_MAX)];
    let Some(end) = seen.windows(2).position(|two| two == b"\r\n") else {
        let is_over = seen.len() == TEXT_BYTES_MAX;
        return if is_over { Err(MalformedHeader) } else { Ok(ProxyHeader::Partial) };
    };
    let line = core::str::from_utf8(&seen[TEXT_START.len()..end]).map_err(|_| MalformedHeader)?;
    let mut words = line.split(' ');
    let mut word = || words.next().ok_or(MalformedHeader);
    let peer: Option<IpAddr> = match word()? {
        "TCP4" => Some(word()?.parse::<Ipv4Addr>().map_err(|_| MalformedHeader)?.into()),
        "TCP6" => Some(word()?.parse::<Ipv6Addr>().map_err(|_| MalformedHeader)?.into()),
        "UNKNOWN" => None,
        _ => return Err(MalformedHeader),
    };
    if peer.is_some() {
        // The destination, and both ports.
        word()?.parse::<IpAddr>().map_err(|_| MalformedHeader)?;
        for _ in 0..2 {
            word()?.parse::<u16>().map_err(|_| MalformedHeader)?;
        }
        if words.next().is_some() {
            return Err(MalformedHeader);
        }
    }
    Ok(ProxyHeader::Whole { bytes: end + 2, peer })
}

/// Section 2.2: fixed part, addresses, and further fields that are passed over.
fn decode_binary(bytes: &[u8]) -> Result<ProxyHeader, MalformedHeader> {
    let Some([version_and_command, family, high, low]) =
        bytes.get(BINARY_START.len()..).and_then(|rest| rest.first_chunk())
    else {
        return Ok(ProxyHeader::Partial);
    };
    let length = BINARY_FIXED_BYTES + usize::from(u16::from_be_bytes([*high, *low]));
    if version_and_command >> 4 != 2 || length > PROXY_HEADER_BYTES_MAX {
        return Err(MalformedHeader);
    }
    let Some(addresses) = bytes.get(BINARY_FIXED_BYTES..length) else {
        return Ok(ProxyHeader::Partial);
    };
    let peer = match (version_and_command & 0xf, family >> 4) {
        // LOCAL: the balancer's own connection, such as a check that we live.
        (0, _) => None,
        (1, 1) => Some(addresses.first_chunk::<4>().copied().map(IpAddr::from)),
        (1, 2) => Some(addresses.first_chunk::<16>().copied().map(IpAddr::from)),
        // An unknown family, or a socket that has no address.
        (1, _) => None,
        _ => return Err(MalformedHeader),
    };
    let peer = peer.map(|peer| peer.ok_or(MalformedHeader)).transpose()?;
    Ok(ProxyHeader::Whole { bytes: length, peer })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &[u8] = b"PROXY TCP4 203.0.113.7 192.0.2.1 56324 3333\r\n";

    fn binary(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = (addresses.len() as u16).to_be_bytes();
        [BINARY_START, &[0x20 | command, family], &length, addresses].concat()
    }

    fn whole(bytes: usize, peer: &str) -> Result<ProxyHeader, MalformedHeader> {
        Ok(ProxyHeader::Whole { bytes, peer: peer.parse().ok() })
    }

    #[test]
    fn reads_both_versions_with_what_follows() {
        let with = |header: &[u8]| [header, b"{\"id\":1}\n"].concat();
        assert_eq!(decode(&with(TEXT)), whole(TEXT.len(), "203.0.113.7"));
        let six = b"PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n";
        assert_eq!(decode(&with(six)), whole(six.len(), "2001:db8::7"));
        assert_eq!(decode(&with(b"PROXY UNKNOWN what ever\r\n")), whole(25, ""));
        let four = binary(1, 0x11, &[203, 0, 113, 7, 192, 0, 2, 1, 0, 1, 0, 2, 9, 9, 9]);
        assert_eq!(
            decode(&with(&four)),
            whole(16 + 15, "203.0.113.7"),
            "further fields are passed over"
        );
        let mut addresses = [0; 36];
        addresses[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        addresses[15] = 7;
        assert_eq!(decode(&with(&binary(1, 0x21, &addresses))), whole(52, "2001:db8::7"));
        assert_eq!(decode(&with(&binary(0, 0, &[]))), whole(16, ""));
        assert_eq!(decode(&with(&binary(1, 0x31, &[0; 216]))), whole(232, ""));
    }

    #[test]
    fn waits_for_the_rest_and_knows_what_is_none() {
        for header in [TEXT.to_vec(), binary(1, 0x11, &[1; 12])] {
            for cut in 0..header.len() {
                assert_eq!(decode(&header[..cut]), Ok(ProxyHeader::Partial), "{cut}");
            }
        }
        for other in [&b"{"[..], b"PROXz", b"GET / HTTP/1.1", b"\r\n{", b"\x16\x03\x01"] {
            assert_eq!(decode(other), Ok(ProxyHeader::Absent), "{other:?}");
        }
    }

    #[test]
    fn refuses_what_only_begins_like_one() {
        for text in [
            "PROXY TCP4 203.0.113.7 192.0.2.1 56324\r\n",
            "PROXY TCP4 203.0.113.7 192.0.2.1 56324 3333 1\r\n",
            "PROXY TCP4 2001:db8::7 192.0.2.1 1 2\r\n",
            "PROXY TCP4 203.0.113.7 192.0.2.1 1 65536\r\n",
            "PROXY UDP4 203.0.113.7 192.0.2.1 1 2\r\n",
            "PROXY \r\n",
            &format!("PROXY UNKNOWN {}", "x".repeat(107)),
        ] {
            assert_eq!(decode(text.as_bytes()), Err(MalformedHeader), "{text}");
        }
        let mut third = binary(1, 0x11, &[1; 12]);
        third[12] = 0x31;
        for bad in [third, binary(2, 0x11, &[1; 12]), binary(1, 0x11, &[1; 3])] {
            assert_eq!(decode(&bad), Err(MalformedHeader));
        }
        assert_eq!(
            decode(&binary(1, 0x11, &[1; PROXY_HEADER_BYTES_MAX])),
            Err(MalformedHeader),
            "too long"
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_is_told_within_the_bound(
            start in prop_oneof![Just(TEXT_START), Just(BINARY_START), Just(&TEXT[..30])],
            rest in prop::collection::vec(any::<u8>(), PROXY_HEADER_BYTES_MAX),
        ) {
            let bytes = [start, &rest].concat();
            match decode(&bytes) {
                Ok(ProxyHeader::Whole { bytes, .. }) => prop_assert!(bytes <= PROXY_HEADER_BYTES_MAX),
                other => prop_assert_eq!(other, Err(MalformedHeader)),
            }
        }
    }
}
