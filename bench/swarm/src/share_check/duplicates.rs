//! Whether a share was seen before: as many shares as a busy shard has of one job.

use std::collections::HashSet;
use std::hint::black_box;

use sluice_mining::duplicates::SeenShares;

use super::sampling::{Case, Sampled, sample};
use crate::child::Interruption;
use crate::error::BenchError;

const SHARES: u64 = 4096;

/// Bits that are spread as a hash's are.
fn bits(number: u64) -> u64 {
    let mixed = (number ^ number >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

pub(super) fn measure(
    seconds: f64,
    interruption: &Interruption,
) -> Result<Vec<Sampled>, BenchError> {
    let mut repeated = SeenShares::new(SHARES as usize, usize::MAX);
    if (repeated.insert(bits(1)), repeated.insert(bits(1)).is_ok()) != (Ok(()), false) {
        return Err(BenchError::Check("a duplicate was not noticed".into()));
    }
    let mut cases = [
        Case::new("gateway", || {
            let mut seen = SeenShares::new(SHARES as usize, usize::MAX);
            for number in 0..SHARES {
                let _ = black_box(seen.insert(bits(number)));
            }
            SHARES
        }),
        Case::new("std HashSet", || {
            let mut seen = HashSet::with_capacity(SHARES as usize);
            for number in 0..SHARES {
                black_box(seen.insert(bits(number)));
            }
            SHARES
        }),
    ];
    sample(&mut cases, seconds, interruption)
}
