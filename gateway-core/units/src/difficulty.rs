//! Share difficulty, work and goal: exact sums, whatever the order.

use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign};

use crate::hash::Hash256;
use crate::target::{CompactTarget, Target};

/// How hard a share is, in steps of 2^-32: difficulty 1 is 2^32 expected hashes.
///
/// The step makes every difficulty a whole number of hashes, so that work adds up exactly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ShareDifficulty(u64);

impl ShareDifficulty {
    /// The easiest: one expected hash.
    pub const MIN: Self = Self(1);

    /// The step of the unit: 2^-32.
    const HASHES_PER_UNIT: f64 = 4_294_967_296.0;

    /// From expected hashes; zero becomes one.
    pub const fn from_hashes(hashes: u64) -> Self {
        Self(if hashes == 0 { 1 } else { hashes })
    }

    /// The nearest step; `None` unless finite and above zero.
    ///
    /// What is above 2^31 becomes 2^31, what is below 2^-32 becomes 2^-32.
    pub fn from_f64(difficulty: f64) -> Option<Self> {
        if !difficulty.is_finite() || difficulty <= 0.0 {
            return None;
        }
        let hashes = (difficulty * Self::HASHES_PER_UNIT).round();
        // The highest power of two that the hashes' 64 bits hold; a double would round above it.
        Some(Self((hashes.min(2f64.powi(63)) as u64).max(1)))
    }

    /// As miners are told it.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::HASHES_PER_UNIT
    }

    /// The target of a share: `0xffff x 2^208 / difficulty`.
    pub fn to_target(self) -> Target {
        Target::from_divisor(self.0)
    }

    /// The expected hashes that one share stands for.
    pub const fn work(self) -> Work {
        Work(self.0 as u128)
    }
}

impl fmt::Display for ShareDifficulty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.to_f64())
    }
}

/// Expected hashes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Work(u128);

impl Work {
    /// None at all.
    pub const ZERO: Self = Self(0);

    /// From expected hashes.
    pub const fn from_hashes(hashes: u128) -> Self {
        Self(hashes)
    }

    /// Expected hashes.
    pub const fn to_hashes(self) -> u128 {
        self.0
    }
}

impl Add for Work {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Work {
    fn sum<I: Iterator<Item = Self>>(works: I) -> Self {
        works.fold(Self::ZERO, Add::add)
    }
}

/// How good the best of some shares is: the hashes that it takes on average to find its like.
///
/// The better one of two is the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct BestShare(
    /// The number's bits as a double: of what is not negative, those are in the numbers' order.
    u64,
);

impl BestShare {
    /// No share at all.
    pub const NONE: Self = Self(0);

    /// 2^128.
    const HIGH_END: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;

    /// From a share's hash.
    pub fn of_hash(hash: &Hash256) -> Self {
        let [high, low, ..] = hash.limbs();
        Self::of_high(u128::from(high) << 64 | u128::from(low))
    }

    fn of_high(high: u128) -> Self {
        Self((Self::HIGH_END / (high as f64 + 1.0)).to_bits())
    }

    /// Whether the share's hash meets the network's target: it is a block. Exact to the 53 bits that a double holds.
    pub fn meets(self, bits: CompactTarget) -> bool {
        let Some(target) = bits.to_target() else { return false };
        let bytes = target.to_be_bytes();
        let high = bytes.first_chunk().expect("16 of 32 bytes");
        self >= Self::of_high(u128::from_be_bytes(*high))
    }

    /// What [`BestShare::to_bits`] gave; `None` where that cannot be.
    pub fn from_bits(bits: u64) -> Option<Self> {
        let hashes = f64::from_bits(bits);
        let can_be = bits == 0 || (1.0..=Self::HIGH_END).contains(&hashes);
        can_be.then_some(Self(bits))
    }

    /// To be kept or sent.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// In the unit of [`ShareDifficulty`].
    pub fn to_difficulty(self) -> f64 {
        f64::from_bits(self.0) / ShareDifficulty::HASHES_PER_UNIT
    }
}

/// The part of a block's expected work that was contributed; 1 is one block's worth.
///
/// Kept in steps of 2^-96, so that goals add up to the same sum in any order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Goal(u128);

impl Goal {
    /// None at all.
    pub const ZERO: Self = Self(0);

    const STEPS_PER_BLOCK: f64 = 79_228_162_514_264_337_593_543_950_336.0;

    /// The goal of one share on a block with these bits; zero where the bits are no target.
    pub fn of_share(difficulty: ShareDifficulty, bits: CompactTarget) -> Self {
        bits.difficulty()
            .map_or(Self::ZERO, |network| Self::from_f64(difficulty.to_f64() / network))
    }

    /// From blocks; what is negative or no number becomes zero.
    pub fn from_f64(blocks: f64) -> Self {
        Self((blocks * Self::STEPS_PER_BLOCK) as u128)
    }

    /// In blocks.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::STEPS_PER_BLOCK
    }

    /// From steps of 2^-96.
    pub const fn from_steps(steps: u128) -> Self {
        Self(steps)
    }

    /// In steps of 2^-96.
    pub const fn to_steps(self) -> u128 {
        self.0
    }
}

impl Add for Goal {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Goal {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difficulty_one_is_the_target_of_genesis() {
        let one = ShareDifficulty::from_f64(1.0).unwrap();
        assert_eq!(Some(one.to_target()), CompactTarget::from_bits(0x1d00_ffff).to_target());
        assert_eq!(one.work().to_hashes(), 1 << 32);
        assert_eq!(one.to_string(), "1");
    }

    #[test]
    fn refuses_what_is_no_difficulty() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(ShareDifficulty::from_f64(bad), None);
        }
        assert_eq!(ShareDifficulty::from_f64(1e-30), Some(ShareDifficulty::MIN));
        assert_eq!(ShareDifficulty::from_f64(1e30).unwrap().work().to_hashes(), 1 << 63);
    }

    #[test]
    fn harder_is_a_lower_target() {
        let mut last = Target::MAX;
        for power in 0..40 {
            let target = ShareDifficulty::from_hashes(1 << power).to_target();
            assert!(target < last);
            last = target;
        }
    }

    #[test]
    fn a_goal_of_one_is_one_block() {
        let bits = CompactTarget::from_bits(0x1d00_ffff);
        let goal = Goal::of_share(ShareDifficulty::from_f64(0.25).unwrap(), bits);
        assert_eq!((goal + goal + goal + goal).to_f64(), 1.0);
        assert_eq!(Goal::from_f64(-1.0), Goal::ZERO);
        assert_eq!(Goal::from_f64(f64::NAN), Goal::ZERO);
    }

    #[test]
    fn a_share_at_the_networks_target_is_a_block() {
        for bits in [0x1702_905c, 0x1d00_fffe, 0x207f_fffe] {
            let bits = CompactTarget::from_bits(bits);
            let mut bytes = bits.to_target().unwrap().to_be_bytes();
            let at = |mut bytes: [u8; 32]| {
                bytes.reverse();
                BestShare::of_hash(&Hash256::from_bytes(bytes))
            };
            assert!(at(bytes).meets(bits));
            // One more in the last byte that the target has.
            let last = bytes.iter().rposition(|byte| *byte != 0).unwrap();
            bytes[last] += 1;
            assert!(!at(bytes).meets(bits));
        }
        assert!(
            !BestShare::of_hash(&Hash256::from_bytes([0; 32])).meets(CompactTarget::from_bits(0))
        );
    }

    #[test]
    fn the_lower_hash_is_the_better_share() {
        let hash = |leading: u8, then: u8| {
            let mut bytes = [0; 32];
            bytes[31] = leading;
            bytes[26] = then;
            BestShare::of_hash(&Hash256::from_bytes(bytes))
        };
        // 0x00000000ffff0000... is difficulty 1 to within 2^-16.
        let mut one = [0; 32];
        (one[26], one[27]) = (0xff, 0xff);
        let one = BestShare::of_hash(&Hash256::from_bytes(one)).to_difficulty();
        assert!((one - 1.0).abs() < 1e-4, "{one}");
        let best = BestShare::of_hash(&Hash256::ZERO);
        let ordered = [BestShare::NONE, hash(0xff, 0), hash(1, 0), hash(0, 2), hash(0, 1), best];
        assert!(ordered.is_sorted_by(|less, more| less < more), "{ordered:?}");
        for share in ordered {
            assert_eq!(BestShare::from_bits(share.to_bits()), Some(share));
        }
        for bits in [1, (-1.0_f64).to_bits(), f64::NAN.to_bits(), f64::INFINITY.to_bits()] {
            assert_eq!(BestShare::from_bits(bits), None);
        }
    }
}
