//! Hexadecimal text, both ways, without allocation where the caller owns the buffer.

/// The value of two hexadecimal digits of either case.
pub fn decode_pair(high: u8, low: u8) -> Option<u8> {
    Some(decode_digit(high)? << 4 | decode_digit(low)?)
}

fn decode_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Fills `bytes` from exactly twice as many digits; `None` if the length or a digit is wrong.
pub fn decode_into(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    if text.len() != bytes.len() * 2 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = decode_pair(pair[0], pair[1])?;
    }
    Some(())
}

/// Decodes an even number of digits; `None` if the length is odd or a digit is wrong.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0; text.len() / 2];
    decode_into(text.as_bytes(), &mut bytes)?;
    Some(bytes)
}

/// Appends the lower-case digits of `bytes` to `text`.
pub fn encode_onto(bytes: &[u8], text: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
}

/// The lower-case digits of `bytes`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len() * 2);
    encode_onto(bytes, &mut text);
    String::from_utf8(text).expect("hexadecimal digits are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_both_ways() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&bytes)).as_deref(), Some(&bytes[..]));
        assert_eq!(decode("0G"), None);
        assert_eq!(decode("abc"), None);
        assert_eq!(decode("aB"), Some(vec![0xab]));
    }
}
