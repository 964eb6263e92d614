//! Where the quotes of a line are: a bit a byte, found for many bytes at a time.

/// The longest line that is looked at; common submits have half of it.
pub(super) const LINE_BYTES_MAX: usize = 256;

/// Bytes that are looked at together: those of a register.
const BLOCK_BYTES: usize = 8;
/// Bytes whose quotes one word holds.
const WORD_BYTES: usize = 64;

/// The quotes of a line of plain ASCII, to be taken from its front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quotes {
    /// Bit n of word w: byte 64 w + n.
    words: [u64; LINE_BYTES_MAX / WORD_BYTES],
    /// The word that is being taken from, and what is left of it.
    word: usize,
    left: u64,
}

impl Quotes {
    /// The quotes of a line; `None` where it is too long, or has an escape, a control character or a
    /// byte beyond ASCII. In all other lines a quote begins or ends a text.
    #[inline]
    pub(super) fn find(line: &[u8]) -> Option<Self> {
        if line.len() > LINE_BYTES_MAX {
            return None;
        }
        let mut words = [0; LINE_BYTES_MAX / WORD_BYTES];
        let mut odd = 0;
        for (word, part) in words.iter_mut().zip(line.chunks(WORD_BYTES)) {
            let (blocks, rest) = part.as_chunks::<BLOCK_BYTES>();
            for (index, block) in blocks.iter().enumerate() {
                let (quotes, oddities) = look(u64::from_le_bytes(*block));
                *word |= quotes << (index * BLOCK_BYTES);
                odd |= oddities;
            }
            if !rest.is_empty() {
                let (quotes, oddities) = look(padded(line, rest));
                *word |= quotes << (blocks.len() * BLOCK_BYTES);
                odd |= oddities;
            }
        }
        (odd == 0).then_some(Self { words, word: 0, left: words[0] })
    }

    /// The next quote's place in the line.
    #[inline]
    pub(super) fn take(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.word += 1;
            self.left = *self.words.get(self.word)?;
        }
        let place = self.word * WORD_BYTES + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(place)
    }
}

/// The last bytes of a line, fewer than a block, with blanks behind them.
fn padded(line: &[u8], rest: &[u8]) -> u64 {
    const BLANKS: u64 = 0x2020_2020_2020_2020;
    let bits = 8 * rest.len();
    let bytes = match line.last_chunk() {
        Some(last) => u64::from_le_bytes(*last) >> (64 - bits),
        None => rest.iter().rev().fold(0, |bytes, byte| bytes << 8 | u64::from(*byte)),
    };
    bytes | BLANKS << bits
}

/// A bit for each quote, the first byte's lowest; and zero where all bytes are plain.
#[inline]
fn look(bytes: u64) -> (u64, u64) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH_BITS: u64 = 0x80 * ONES;
    // Of bytes below 0x80 the sum lifts those from 1 on to their high bit, and carries nothing.
    let is_nonzero = |bytes: u64| (bytes & !HIGH_BITS) + 0x7f * ONES;
    let is_not = |byte: u8| is_nonzero(bytes ^ (u64::from(byte) * ONES));
    let from_blank = (bytes & !HIGH_BITS) + (0x80 - u64::from(b' ')) * ONES;
    let plain = from_blank & is_not(b'\\') & is_not(0x7f) & !bytes;
    // Where a byte is beyond ASCII this may name too many; the line is not plain then.
    let is_quote = (!is_not(b'"') & HIGH_BITS) >> 7;
    // Moves the bit of byte n to bit 56 + n.
    (is_quote.wrapping_mul(0x0102_0408_1020_4080) >> 56, !plain & HIGH_BITS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_at_every_place_is_seen() {
        for place in 0..BLOCK_BYTES {
            for byte in 0..=255 {
                let mut block = *b"{\"id\":1,";
                block[place] = byte;
                let (quotes, odd) = look(u64::from_le_bytes(block));
                let is_plain = odd == 0;
                let plain = |byte: &u8| (b' '..=b'~').contains(byte) && *byte != b'\\';
                assert_eq!(is_plain, block.iter().all(plain), "{byte} at {place}");
                for (index, byte) in block.iter().enumerate().filter(|_| is_plain) {
                    assert_eq!(quotes >> index & 1 == 1, *byte == b'"', "{index} of {block:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn quotes_are_where_they_are(line in "[ -~]{0,300}") {
            let found = Quotes::find(line.as_bytes());
            if line.len() > LINE_BYTES_MAX || line.contains('\\') {
                prop_assert!(found.is_none());
            } else {
                let mut quotes = found.expect("a plain line");
                let taken: Vec<_> = std::iter::from_fn(|| quotes.take()).collect();
                let expected: Vec<_> = line.match_indices('"').map(|(place, _)| place).collect();
                prop_assert_eq!(taken, expected);
            }
        }
    }
}
