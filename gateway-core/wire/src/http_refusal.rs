//! Browsers and scanners on a miners' port: known by their first line, told in their own language.

/// Whether a line is the first one of an HTTP/1 request (RFC 9112, section 3): method, target, version.
pub fn is_request(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    let method = words.next().unwrap_or_default();
    let version = words.nth(1).unwrap_or_default();
    !method.is_empty()
        && method.iter().all(u8::is_ascii_uppercase)
        && version.starts_with(b"HTTP/1.")
}

/// What such a request is answered, before the connection is closed.
pub const ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    Content-Type: text/plain\r\n\
    Content-Length: 60\r\n\
    Connection: close\r\n\
    \r\n\
    This port speaks stratum, to miners. There is no page here.\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_known_by_their_first_line() {
        for line in ["GET / HTTP/1.1", "POST /a?b HTTP/1.0", "PRI * HTTP/1.1 x"] {
            assert!(is_request(line.as_bytes()), "{line}");
        }
        for line in ["", "GET /", "{\"id\":1}", "get / HTTP/1.1", " / HTTP/1.1", "PRI * HTTP/2.0"] {
            assert!(!is_request(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn the_answer_is_as_long_as_it_says() {
        let text = core::str::from_utf8(ANSWER).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{}", body.len());
    }
}
