//! Where the quotes of a line are: a bit a byte, found for sixteen bytes at a time.

use wide::i8x16;

/// The longest line that is looked at; common submits have half of it.
pub(super) const LINE_BYTES_MAX: usize = 256;

/// Bytes that are looked at together: those of a vector register.
const BLOCK_BYTES: usize = 16;
/// Bytes whose quotes one word holds.
const WORD_BYTES: usize = 64;
const BLOCKS_PER_WORD: usize = WORD_BYTES / BLOCK_BYTES;

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
        let mut odd = i8x16::ZERO;
        let (blocks, rest) = line.as_chunks::<BLOCK_BYTES>();
        for (index, block) in blocks.iter().enumerate() {
            words[index / BLOCKS_PER_WORD] |= look(block, &mut odd) << shift_of(index);
        }
        if !rest.is_empty() {
            let mut block = [b' '; BLOCK_BYTES];
            block[..rest.len()].copy_from_slice(rest);
            let index = blocks.len();
            words[index / BLOCKS_PER_WORD] |= look(&block, &mut odd) << shift_of(index);
        }
        (odd.to_bitmask() == 0).then_some(Self { words, word: 0, left: words[0] })
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

const fn shift_of(block: usize) -> usize {
    block % BLOCKS_PER_WORD * BLOCK_BYTES
}

/// A bit for each quote, the first byte's lowest; `odd` gets a mark for every byte that is not plain.
#[inline]
fn look(block: &[u8; BLOCK_BYTES], odd: &mut i8x16) -> u64 {
    let bytes = i8x16::new(block.map(u8::cast_signed));
    let all = |byte: u8| i8x16::splat(byte.cast_signed());
    // As signed numbers, bytes beyond ASCII are below a blank as well.
    let outside = bytes.simd_lt(all(b' ')) | bytes.simd_eq(all(0x7f));
    *odd |= outside | bytes.simd_eq(all(b'\\'));
    u64::from(bytes.simd_eq(all(b'"')).to_bitmask())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_at_every_place_is_seen() {
        for place in 0..BLOCK_BYTES {
            for byte in 0..=255 {
                let mut block = *b"{\"id\":1,\"plain\":";
                block[place] = byte;
                let mut odd = i8x16::ZERO;
                let quotes = look(&block, &mut odd);
                for (index, byte) in block.iter().enumerate() {
                    let is_plain = (b' '..=b'~').contains(byte) && *byte != b'\\';
                    assert_eq!(odd.to_bitmask() >> index & 1 == 0, is_plain, "{byte} at {place}");
                    assert_eq!(quotes >> index & 1 == 1, *byte == b'"', "{byte} at {place}");
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
