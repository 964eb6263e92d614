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

/// The number of eight hexadecimal digits of either case, all looked at together.
#[inline]
pub fn decode_eight(digits: [u8; 8]) -> Option<u32> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH_BITS: u64 = 0x80 * ONES;
    let text = u64::from_be_bytes(digits);
    // Adding to bytes below 0x80 lifts those from some value on to their high bit, and carries nothing.
    let from = |bytes: u64, least: u8| bytes + u64::from(0x80 - least) * ONES;
    if text & HIGH_BITS != 0 {
        return None;
    }
    let is_digit = from(text, b'0') & !from(text, b'9' + 1) & HIGH_BITS;
    let lower = text | (0x20 * ONES);
    let is_letter = from(lower, b'a') & !from(lower, b'f' + 1) & HIGH_BITS;
    if is_digit | is_letter != HIGH_BITS {
        return None;
    }
    let nibbles = (text & (0x0f * ONES)) + 9 * (is_letter >> 7);
    let pairs = (nibbles | nibbles >> 4) & 0x00ff_00ff_00ff_00ff;
    let quads = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    Some((quads | quads >> 16) as u32)
}

/// The number of sixteen hexadecimal digits of either case.
#[inline]
pub fn decode_sixteen(digits: [u8; 16]) -> Option<u64> {
    let ([high, low], _) = digits.as_chunks() else { unreachable!("sixteen are two times eight") };
    Some(u64::from(decode_eight(*high)?) << 32 | u64::from(decode_eight(*low)?))
}

/// Fills `bytes` from exactly twice as many digits; `None` if the length or a digit is wrong.
pub fn decode_into(text: &[u8], bytes: &mut [u8]) -> Option<()> {
    if text.len() != bytes.len() * 2 {
        return None;
    }
    let (eights, rest) = text.as_chunks::<8>();
    let (whole, rest_bytes) = bytes.split_at_mut(4 * eights.len());
    for (four, digits) in whole.chunks_exact_mut(4).zip(eights) {
        four.copy_from_slice(&decode_eight(*digits)?.to_be_bytes());
    }
    for (byte, pair) in rest_bytes.iter_mut().zip(rest.chunks_exact(2)) {
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
        assert_eq!(decode("00fFaB9e0102"), Some(vec![0, 0xff, 0xab, 0x9e, 1, 2]));
    }

    #[test]
    fn eight_digits_are_read_as_one_by_one() {
        let one_by_one = |text: [u8; 8]| {
            let digit = |byte: u8| decode_digit(byte).map(u32::from);
            text.into_iter().try_fold(0, |number, byte| Some(number << 4 | digit(byte)?))
        };
        for place in 0..8 {
            for byte in 0..=255 {
                for filler in [b'0', b'9', b'a', b'F'] {
                    let mut text = [filler; 8];
                    text[place] = byte;
                    assert_eq!(decode_eight(text), one_by_one(text), "{text:?}");
                }
            }
        }
        assert_eq!(decode_eight(*b"deadBEEF"), Some(0xdead_beef));
        assert_eq!(decode_sixteen(*b"0123456789abcdef"), Some(0x0123_4567_89ab_cdef));
    }
}
