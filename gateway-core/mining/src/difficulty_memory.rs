//! What workers worked at last, for when they come back: a hint that costs eight bytes a worker.

use core::hash::{Hash, Hasher};
use core::sync::atomic::{AtomicU64, Ordering};
use std::hash::DefaultHasher;

use sluice_units::limits::{DIFFICULTY_REMEMBERED_MINUTES_MAX, WORKERS_REMEMBERED_MAX};
use sluice_units::{Identity, Minute, ShareDifficulty};

/// A table that all shards of a gateway share without waiting for each other. Two workers with one place
/// take it from each other; what was lost is found out anew by vardiff.
#[derive(Debug)]
pub struct DifficultyMemory {
    /// By the low bits of a worker's hash: its high bits (32), the minute (16), the difficulty (16).
    places: Box<[AtomicU64]>,
    /// Makes the hashes such that nobody outside can choose a name with another's place.
    seed: u64,
}

const _: () = assert!(WORKERS_REMEMBERED_MAX.is_power_of_two());

impl DifficultyMemory {
    /// An empty table.
    pub fn new(seed: u64) -> Self {
        Self { places: (0..WORKERS_REMEMBERED_MAX).map(|_| AtomicU64::new(0)).collect(), seed }
    }

    /// Remembers what a worker works at.
    pub fn remember(&self, worker: &Identity, minute: Minute, difficulty: ShareDifficulty) {
        let (place, tag) = self.place(worker);
        let minute = u64::from(number_of(minute));
        let entry = tag | minute << 16 | u64::from(compress(difficulty));
        place.store(entry, Ordering::Relaxed);
    }

    /// What the worker worked at, where that was not long ago.
    pub fn recall(&self, worker: &Identity, now: Minute) -> Option<ShareDifficulty> {
        let (place, tag) = self.place(worker);
        let entry = place.load(Ordering::Relaxed);
        let age = number_of(now).wrapping_sub((entry >> 16) as u16);
        let known = entry >> 32 == tag >> 32 && age <= DIFFICULTY_REMEMBERED_MINUTES_MAX;
        known.then(|| expand(entry as u16)).flatten()
    }

    /// A worker's place, and what tells it from others with that place.
    fn place(&self, worker: &Identity) -> (&AtomicU64, u64) {
        let mut hasher = DefaultHasher::new();
        (self.seed, worker.user(), worker.worker()).hash(&mut hasher);
        let hash = hasher.finish();
        (&self.places[hash as usize % WORKERS_REMEMBERED_MAX], hash >> 32 << 32)
    }
}

/// The minute's number, without its high bits.
fn number_of(minute: Minute) -> u16 {
    (minute.to_seconds() / 60) as u16
}

/// Ten binary digits and a shift of six bits: no less exact than what vardiff chooses.
fn compress(difficulty: ShareDifficulty) -> u16 {
    let hashes = u64::try_from(difficulty.work().to_hashes()).expect("a difficulty has 64 bits");
    let shift = (u64::BITS - hashes.leading_zeros()).saturating_sub(10);
    (shift as u16) << 10 | (hashes >> shift) as u16
}

/// The mirror of [`compress`]; `None` for an empty place.
fn expand(compressed: u16) -> Option<ShareDifficulty> {
    let hashes = u64::from(compressed & 0x3ff) << (compressed >> 10).min(54);
    (hashes > 0).then(|| ShareDifficulty::from_hashes(hashes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluice_units::UnixTime;

    use super::*;

    fn worker(name: &str) -> Identity {
        name.parse().unwrap()
    }

    fn minute(number: u64) -> Minute {
        UnixTime::from_seconds(number * 60).minute()
    }

    #[test]
    fn a_worker_is_remembered_for_a_day() {
        let memory = DifficultyMemory::new(1);
        let difficulty = ShareDifficulty::from_f64(65_536.0).unwrap();
        let (alice, bob) = (worker("alice.rig1"), worker("bob.rig1"));
        let then = 28_000_000;
        memory.remember(&alice, minute(then), difficulty);
        let day = u64::from(DIFFICULTY_REMEMBERED_MINUTES_MAX);
        assert_eq!(memory.recall(&alice, minute(then)), Some(difficulty));
        assert_eq!(memory.recall(&alice, minute(then + day)), Some(difficulty));
        assert_eq!(memory.recall(&alice, minute(then + day + 1)), None);
        assert_eq!(memory.recall(&bob, minute(then)), None);
        memory.remember(&alice, minute(then), ShareDifficulty::MIN);
        assert_eq!(memory.recall(&alice, minute(then)), Some(ShareDifficulty::MIN));
        assert_eq!(DifficultyMemory::new(2).recall(&alice, minute(then)), None);
    }

    #[test]
    fn few_of_many_workers_are_forgotten_and_none_taken_for_another() {
        let memory = DifficultyMemory::new(3);
        let of = |number: u64| ShareDifficulty::from_hashes(number % 1000 + 1);
        let workers: Vec<_> =
            (0..100_000).map(|number| worker(&format!("farm.{number}"))).collect();
        for (number, worker) in (0..).zip(&workers) {
            memory.remember(worker, minute(5), of(number));
        }
        let mut forgotten = 0;
        for (number, worker) in (0..).zip(&workers) {
            match memory.recall(worker, minute(5)) {
                None => forgotten += 1,
                Some(difficulty) => assert_eq!(difficulty, of(number)),
            }
        }
        // Of n in m places about n^2 / 2m lose theirs.
        assert!((3_000..7_000).contains(&forgotten), "{forgotten}");
    }

    proptest! {
        #[test]
        fn ten_binary_digits_are_kept(hashes in 1_u64..) {
            let difficulty = ShareDifficulty::from_hashes(hashes);
            let kept = expand(compress(difficulty)).unwrap();
            prop_assert!(kept <= difficulty);
            let (kept, hashes) = (kept.to_f64(), difficulty.to_f64());
            prop_assert!(kept >= hashes * (1.0 - 1.0 / 512.0), "{kept} {hashes}");
        }
    }
}
