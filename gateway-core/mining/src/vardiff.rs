//! Variable difficulty: how many shares came, and what difficulty would bring the wanted number.

use std::time::Duration;

use sluice_units::{Instant, ShareDifficulty};

/// What a port promises its miners.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct VardiffPolicy {
    /// Where a new miner starts.
    pub difficulty_start: ShareDifficulty,
    /// Never below.
    pub difficulty_min: ShareDifficulty,
    /// Never above.
    pub difficulty_max: ShareDifficulty,
    /// Never below, for those who rent hashpower out.
    pub rental_difficulty_min: ShareDifficulty,
    /// The wanted time between two shares.
    pub share_interval_target: Duration,
    /// How long to watch before a change.
    pub retarget_interval: Duration,
}

/// One session's shares since its last change of difficulty.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Vardiff {
    window_start: Instant,
    shares: u32,
}

/// How far one change goes at most, either way.
const STEP_MAX: f64 = 16.0;
/// A rate within this factor of the wanted one is left alone, so that a steady miner keeps its
/// difficulty.
const TOLERANCE: f64 = 2.0;
/// Shares after which the rate is known well enough to change early.
const SHARES_SURE: u32 = 60;

impl Vardiff {
    /// Starts watching.
    pub const fn new(now: Instant) -> Self {
        Self { window_start: now, shares: 0 }
    }

    /// Counts an accepted share.
    pub const fn count_share(&mut self) {
        self.shares = self.shares.saturating_add(1);
    }

    /// The difficulty that should hold from the next job on; `None` to leave it.
    ///
    /// Rounded to a power of two in hashes, which firmware shows without a fraction.
    pub fn retarget(
        &mut self,
        now: Instant,
        present: ShareDifficulty,
        policy: &VardiffPolicy,
    ) -> Option<ShareDifficulty> {
        let watched = now.since(self.window_start);
        if watched < policy.retarget_interval && self.shares < SHARES_SURE {
            return None;
        }
        let expected = watched.as_secs_f64() / policy.share_interval_target.as_secs_f64();
        // Silence reads as half a share: lower, but not to nothing at once.
        let rate = f64::from(self.shares).max(0.5) / expected.max(f64::MIN_POSITIVE);
        self.window_start = now;
        self.shares = 0;
        if (1.0 / TOLERANCE..=TOLERANCE).contains(&rate) {
            return None;
        }
        let factor = rate.clamp(1.0 / STEP_MAX, STEP_MAX);
        let wanted = ShareDifficulty::from_f64(present.to_f64() * factor)
            .expect("a positive number times a bounded one is positive");
        let exponent = (wanted.work().to_hashes() as f64).log2().round() as u32;
        let rounded = ShareDifficulty::from_hashes(1 << exponent.min(63));
        let next = rounded.clamp(policy.difficulty_min, policy.difficulty_max);
        (next != present).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> VardiffPolicy {
        VardiffPolicy {
            difficulty_start: ShareDifficulty::from_f64(1024.0).unwrap(),
            difficulty_min: ShareDifficulty::from_f64(1.0).unwrap(),
            rental_difficulty_min: ShareDifficulty::from_f64(1.0).unwrap(),
            difficulty_max: ShareDifficulty::from_f64(1e6).unwrap(),
            share_interval_target: Duration::from_secs(4),
            retarget_interval: Duration::from_secs(60),
        }
    }

    /// Runs a miner of a steady rate, jobs every 30 s, and gives the difficulties that it saw.
    fn settle(hashes_per_s: f64, rounds: u64) -> Vec<ShareDifficulty> {
        let mut difficulty = policy().difficulty_start;
        let mut vardiff = Vardiff::new(Instant::ZERO);
        let mut owed = 0.0;
        (1..=rounds)
            .map(|round| {
                owed += 30.0 * hashes_per_s / difficulty.work().to_hashes() as f64;
                while owed >= 1.0 {
                    vardiff.count_share();
                    owed -= 1.0;
                }
                let now = Instant::from_millis(round * 30_000);
                difficulty = vardiff.retarget(now, difficulty, &policy()).unwrap_or(difficulty);
                difficulty
            })
            .collect()
    }

    #[test]
    fn settles_and_then_rests() {
        for hashes_per_s in [1e9, 1e12, 100e12, 3e14] {
            let seen = settle(hashes_per_s, 40);
            let last = *seen.last().unwrap();
            let interval = last.work().to_hashes() as f64 / hashes_per_s;
            assert!((2.0..=8.0).contains(&interval), "{hashes_per_s}: {interval} s a share");
            assert!(seen[20..].iter().all(|one| *one == last), "{hashes_per_s}: {seen:?}");
        }
    }

    #[test]
    fn stays_in_bounds_and_answers_silence() {
        assert_eq!(*settle(1e20, 40).last().unwrap(), policy().difficulty_max);
        let silent = settle(0.0, 40);
        assert_eq!(*silent.last().unwrap(), policy().difficulty_min);
    }

    #[test]
    fn a_short_look_changes_nothing() {
        let mut vardiff = Vardiff::new(Instant::ZERO);
        let start = policy().difficulty_start;
        assert_eq!(vardiff.retarget(Instant::from_millis(59_999), start, &policy()), None);
    }
}
