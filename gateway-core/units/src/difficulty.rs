//! Share difficulty, work and goal: exact sums, whatever the order.

use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign};

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
}
