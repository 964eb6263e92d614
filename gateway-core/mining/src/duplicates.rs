//! The shares of one job that were seen, as 64 bits of each header's hash.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use sluice_units::RejectReason;
use sluice_units::limits::{SHARES_PER_JOB_MAX, SHARES_PER_JOB_RESERVED_MIN};

/// Remembers up to [`SHARES_PER_JOB_MAX`] shares; dropped with its job.
#[derive(Debug, Default)]
pub struct SeenShares {
    keys: HashSet<u64, BuildHasherDefault<HashBits>>,
}

impl SeenShares {
    /// Has room for so many shares before it asks for memory, within the bounds.
    pub fn with_room_for(shares: usize) -> Self {
        let shares = shares.clamp(SHARES_PER_JOB_RESERVED_MIN, SHARES_PER_JOB_MAX);
        Self { keys: HashSet::with_capacity_and_hasher(shares, BuildHasherDefault::default()) }
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
        if self.keys.len() >= SHARES_PER_JOB_MAX && !self.keys.contains(&hash_bits) {
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
        let room = |shares| SeenShares::with_room_for(shares).keys.capacity();
        assert!(
            room(0) >= SHARES_PER_JOB_RESERVED_MIN && room(0) < 4 * SHARES_PER_JOB_RESERVED_MIN
        );
        assert!((5_000..20_000).contains(&room(5_000)));
        assert!((SHARES_PER_JOB_MAX..4 * SHARES_PER_JOB_MAX).contains(&room(usize::MAX)));
    }

    #[test]
    fn never_a_false_duplicate_and_never_too_many() {
        let mut seen = SeenShares::default();
        let key = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for number in 0..SHARES_PER_JOB_MAX as u64 {
            assert_eq!(seen.insert(key(number)), Ok(()));
        }
        assert_eq!(seen.insert(key(5)), Err(RejectReason::Duplicate));
        assert_eq!(seen.insert(key(u64::MAX)), Err(RejectReason::JobFull));
        assert_eq!(seen.keys.len(), SHARES_PER_JOB_MAX);
    }
}
