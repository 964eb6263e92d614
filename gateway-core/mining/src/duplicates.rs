//! The shares of one job that were seen, as 64 bits of each header's hash.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use sluice_units::RejectReason;
use sluice_units::limits::{SHARES_PER_JOB_MAX, SHARES_PER_JOB_RESERVED_MIN};

/// Remembers a bounded number of shares; dropped with its job.
#[derive(Debug)]
pub struct SeenShares {
    keys: HashSet<u64, BuildHasherDefault<HashBits>>,
    shares_max: usize,
}

impl SeenShares {
    /// Has room for so many shares before it asks for memory, and takes at most `shares_max`, of which
    /// [`SHARES_PER_JOB_MAX`] is the bound.
    pub fn new(shares_expected: usize, shares_max: usize) -> Self {
        let shares_max = shares_max.min(SHARES_PER_JOB_MAX);
        let room = shares_expected.max(SHARES_PER_JOB_RESERVED_MIN).min(shares_max);
        let keys = HashSet::with_capacity_and_hasher(room, BuildHasherDefault::default());
        Self { keys, shares_max }
    }

    /// How many it remembers.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it remembers none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Remembers a share by 64 bits of its hash.
    ///
    /// At the bound every further share is refused as [`RejectReason::JobFull`]: none is taken for a
    /// duplicate that is not one, and none is credited that might be one.
    pub fn insert(&mut self, hash_bits: u64) -> Result<(), RejectReason> {
        if self.keys.len() >= self.shares_max && !self.keys.contains(&hash_bits) {
            return Err(RejectReason::JobFull);
        }
        if self.keys.insert(hash_bits) { Ok(()) } else { Err(RejectReason::Duplicate) }
    }
}

/// Passes the key through: the bits of a double SHA-256 are mixed well enough.
#[derive(Debug, Default)]
struct HashBits(u64);

impl Hasher for HashBits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("the keys are u64");
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_within_its_bounds() {
        let room = |shares, max| SeenShares::new(shares, max).keys.capacity();
        let reserved = room(0, usize::MAX);
        assert!((SHARES_PER_JOB_RESERVED_MIN..4 * SHARES_PER_JOB_RESERVED_MIN).contains(&reserved));
        assert!((5_000..20_000).contains(&room(5_000, usize::MAX)));
        let most = room(usize::MAX, usize::MAX);
        assert!((SHARES_PER_JOB_MAX..4 * SHARES_PER_JOB_MAX).contains(&most));
        assert!((10..40).contains(&room(5_000, 10)));
    }

    #[test]
    fn never_a_false_duplicate_and_never_too_many() {
        let key = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for (shares_max, bound) in [(usize::MAX, SHARES_PER_JOB_MAX), (7, 7)] {
            let mut seen = SeenShares::new(0, shares_max);
            for number in 0..bound as u64 {
                assert_eq!(seen.insert(key(number)), Ok(()));
            }
            assert_eq!(seen.insert(key(5)), Err(RejectReason::Duplicate));
            assert_eq!(seen.insert(key(u64::MAX)), Err(RejectReason::JobFull));
            assert_eq!(seen.len(), bound);
        }
    }
}
