//! Where the quotes of a line are: a bit a byte, found for many bytes at a time.

/// The longest line that is looked at; common submits have half of it.
pub(super) const LINE_BYTES_MAX: usize = 256;

/// Bytes that are looked at together: those of a register.
const BLOCK_BYTES: usize = 8;

/// The quotes of a line of plain ASCII, to be taken from its front.
#[derive(Clone, Debug)]
pub(super) struct Quotes {
    /// Bit n of word w: byte 64 w + n.
    words: [u64; LINE_BYTES_MAX / 64],
    word: usize,
}

impl Quotes {
    /// The quotes of a line; `None` where it is too long, or has an escape, a control character or a
    /// byte beyond ASCII. In all other lines a quote begins or ends a text.
    pub(super) fn find(line: &[u8]) -> Option<Self> {
        if line.len() > LINE_BYTES_MAX {
            return None;
        }
        let mut words = [0; LINE_BYTES_MAX / 64];
        let mut is_plain = true;
        let (blocks, rest) = line.as_chunks::<BLOCK_BYTES>();
        let mut add = |index: usize, block: [u8; BLOCK_BYTES]| {
            let (quotes, plain) = look(block);
            words[index / 8] |= quotes << (index % 8 * BLOCK_BYTES);
            is_plain &= plain;
        };
        for (index, block) in blocks.iter().enumerate() {
            add(index, *block);
        }
        if !rest.is_empty() {
            let mut block = [b' '; BLOCK_BYTES];
            block[..rest.len()].copy_from_slice(rest);
            add(blocks.len(), block);
        }
        is_plain.then_some(Self { words, word: 0 })
    }

    /// The next quote's place in the line.
    pub(super) fn take(&mut self) -> Option<usize> {
        loop {
            let word = self.words.get_mut(self.word)?;
            if *word != 0 {
                let place = self.word * 64 + word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(place);
            }
            self.word += 1;
        }
    }
}

/// A bit for each quote, the first byte's lowest, and whether all bytes are plain.
fn look(block: [u8; BLOCK_BYTES]) -> (u64, bool) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH_BITS: u64 = 0x80 * ONES;
    let bytes = u64::from_le_bytes(block);
    // Of bytes below 0x80 the sum lifts those from 1 on to their high bit, and carries nothing.
    let is_nonzero = |bytes: u64| (bytes & !HIGH_BITS) + 0x7f * ONES;
    let is_not = |byte: u8| is_nonzero(bytes ^ u64::from(byte) * ONES);
    let from_blank = (bytes & !HIGH_BITS) + (0x80 - u64::from(b' ')) * ONES;
    let is_plain = from_blank & is_not(b'\\') & is_not(0x7f) & !bytes & HIGH_BITS == HIGH_BITS;
    // Where a byte is beyond ASCII this may name too many; the line is not plain then.
    let is_quote = (!is_not(b'"') & HIGH_BITS) >> 7;
    // Moves the bit of byte n to bit 56 + n.
    (is_quote.wrapping_mul(0x0102_0408_1020_4080) >> 56, is_plain)
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
                let (quotes, is_plain) = look(block);
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
