//! Blocks of which all or half is the same for every share of a job: what can be computed once.

use crate::constants::{ROUND_CONSTANTS, keyed_schedule, sigma0, sigma1};

/// A block of which nothing changes.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(crate) struct ConstantBlock {
    /// W(0..64) + K(0..64): no schedule is left to compute.
    pub(crate) keyed: [u32; 64],
    /// W(0..16), for kernels that make their schedule themselves.
    pub(crate) words: [u32; 16],
}

impl ConstantBlock {
    pub(crate) const fn new(words: [u32; 16]) -> Self {
        Self { keyed: keyed_schedule(&words), words }
    }
}

/// The second half of a block: W(8..16). The first half is a digest that changes.
///
/// The assembly reads these fields by their offsets; a test holds them in place.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(crate) struct HalfBlock {
    /// W(8..16) + K(8..16).
    pub(crate) keyed: [u32; 8],
    /// W(8..16).
    pub(crate) words: [u32; 8],
    /// W(9..13), which the schedule adds to make W(16..20).
    pub(crate) shifted: [u32; 4],
    /// W(8..15) + sigma0(W(9..16)), the same for every W(24..31).
    pub(crate) extended: [u32; 7],
    /// W(9..11) + sigma1(W(14..16)), the same for every W(16..18).
    pub(crate) nearest: [u32; 2],
    /// sigma0(W(8)), which goes into W(23).
    pub(crate) oldest: u32,
}

impl HalfBlock {
    pub(crate) const fn new(words: [u32; 8]) -> Self {
        let mut keyed = words;
        let mut extended = [0; 7];
        let mut index = 0;
        while index < 8 {
            keyed[index] = words[index].wrapping_add(ROUND_CONSTANTS[8 + index]);
            if index < 7 {
                extended[index] = words[index].wrapping_add(sigma0(words[index + 1]));
            }
            index += 1;
        }
        let shifted = [words[1], words[2], words[3], words[4]];
        let nearest =
            [words[1].wrapping_add(sigma1(words[6])), words[2].wrapping_add(sigma1(words[7]))];
        Self { keyed, words, shifted, extended, nearest, oldest: sigma0(words[0]) }
    }
}

/// The end mark of a message, in the word behind it.
pub(crate) const END_MARK: u32 = 0x8000_0000;

/// What follows a digest that is hashed: end mark and 256 bits.
pub(crate) static BEHIND_DIGEST: HalfBlock = HalfBlock::new([END_MARK, 0, 0, 0, 0, 0, 0, 256]);

/// What follows a pair of digests that is hashed: end mark and 512 bits.
pub(crate) static BEHIND_PAIR: ConstantBlock =
    ConstantBlock::new([END_MARK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 512]);

#[cfg(test)]
mod tests {
    use core::mem::{offset_of, size_of};

    use super::*;

    #[test]
    fn the_assembly_finds_its_fields() {
        let offsets = [
            offset_of!(HalfBlock, keyed),
            offset_of!(HalfBlock, words),
            offset_of!(HalfBlock, shifted),
            offset_of!(HalfBlock, extended),
            offset_of!(ConstantBlock, keyed),
        ];
        assert_eq!(offsets, [0, 32, 64, 80, 0]);
        assert_eq!(size_of::<HalfBlock>(), 128);
    }
}
