//! What an operator has said to the miners.

use crate::limits::OPERATOR_HOST_BYTES_MAX;

/// Miners are asked to come back, here or elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reconnect {
    /// Host, without brackets, and port; `None` where they come back to where they are.
    pub host: Option<(String, u16)>,
    /// Seconds that they wait before.
    pub wait_s: u16,
}

/// Reads `HOST:PORT`, or `[ADDRESS]:PORT` for IPv6.
pub fn parse_host(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse::<u16>().ok().filter(|port| *port != 0)?;
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let (host, is_whole) = match bracketed {
        Some(address) => (address, address.contains(':')),
        None => (host, !host.contains(':')),
    };
    (is_whole && is_host(host)).then(|| (host.to_owned(), port))
}

/// Whether a text can be the name or the address of a host.
pub fn is_host(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
    (1..=OPERATOR_HOST_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_come_with_a_port() {
        let host = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(parse_host("pool.example.org:3333"), host("pool.example.org", 3333));
        assert_eq!(parse_host("10.1.2.3:1"), host("10.1.2.3", 1));
        assert_eq!(parse_host("[2001:db8::1]:3333"), host("2001:db8::1", 3333));
        let long = format!("{}:1", "a".repeat(OPERATOR_HOST_BYTES_MAX + 1));
        for text in ["", "host", ":1", "host:0", "host:65536", "2001:db8::1:1", "a b:1", &long] {
            assert_eq!(parse_host(text), None, "{text}");
        }
    }
}
