//! Variable difficulty: how many shares came, and what difficulty would bring the wanted number.
//!
//! Shares come by chance, so their number says little until there are many of them. A difficulty is changed once
//! the number would be too odd for chance, however long that takes to see: a miner whose speed is off by ten is
//! known after a few shares, one that is off by a half after hundreds, and one that is right is never moved.

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
    /// How long to watch before a change, unless shares come in numbers.
    pub retarget_interval: Duration,
}

/// One session's shares since its last change of difficulty, or somewhat less far back.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Vardiff {
    window_start: Instant,
    shares: u16,
    /// The connection has once brought several shares.
    is_proven: bool,
    /// When the last of them came: milliseconds since the window's start.
    last_share_ms: u32,
}

impl VardiffPolicy {
    /// One difficulty, and no other: for tests and measurements.
    pub const fn fixed(difficulty: ShareDifficulty) -> Self {
        Self {
            difficulty_start: difficulty,
            difficulty_min: difficulty,
            difficulty_max: difficulty,
            rental_difficulty_min: difficulty,
            share_interval_target: Duration::from_secs(3600),
            retarget_interval: Duration::from_secs(3600),
        }
    }
}

/// Shares after which there is no need to watch for as long as the policy says.
const SHARES_SURE: u16 = 60;
/// Shares by which a connection shows that it is a miner of about this difficulty.
const SHARES_PROVEN: u16 = 8;
/// Expected shares that a silence must last for: chance does that once in a million times as well.
const SILENCE_EXPECTED_MIN: f64 = 14.0;
/// What a silent miner's difficulty is divided by. It may be cut off for a while, with thousands of others, and come
/// back as fast as it was.
const SILENCE_DIVISOR: f64 = 4.0;
/// And that of one that has hardly found anything: how slow it is cannot be known, and shares that come too fast tell
/// it at once.
const UNPROVEN_DIVISOR: f64 = 128.0;
/// How odd a number of shares must be: five standard deviations, squared. Chance does that once in a million looks.
const ODDITY_MIN: f64 = 25.0;
/// Expected shares after which the older half of what was seen is forgotten: a miner may change.
const EXPECTED_MAX: f64 = 128.0;

impl Vardiff {
    /// Starts watching.
    pub const fn new(now: Instant) -> Self {
        Self { window_start: now, shares: 0, is_proven: false, last_share_ms: 0 }
    }

    /// Whether the connection has once brought several shares.
    pub const fn is_proven(&self) -> bool {
        self.is_proven
    }

    /// Counts an accepted share.
    pub const fn count_share(&mut self, now: Instant) {
        self.shares = self.shares.saturating_add(1);
        self.is_proven |= self.shares >= SHARES_PROVEN;
        let since = now.since(self.window_start).as_millis();
        self.last_share_ms = if since > u32::MAX as u128 { u32::MAX } else { since as u32 };
    }

    /// The difficulty that should hold from the next job on; `None` to leave it.
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
        let target_s = policy.share_interval_target.as_secs_f64();
        // Many shares may come in no time at all.
        let expected = (watched.as_secs_f64() / target_s).max(f64::MIN_POSITIVE);
        // One share of which half was forgotten is still more than none.
        let seen = f64::from(self.shares).max(0.5);
        let silence_s = watched.as_secs_f64() - f64::from(self.last_share_ms) / 1000.0;
        let is_silent = silence_s / target_s >= SILENCE_EXPECTED_MIN;
        if !is_silent && oddity(seen, expected) < ODDITY_MIN {
            if expected > EXPECTED_MAX {
                self.forget_half(now);
            }
            return None;
        }
        let factor = match (is_silent, self.is_proven) {
            (false, _) => seen / expected,
            (true, true) => 1.0 / SILENCE_DIVISOR,
            (true, false) => 1.0 / UNPROVEN_DIVISOR,
        };
        self.restart(now);
        let wanted = (present.to_f64() * factor).min(policy.difficulty_max.to_f64());
        let wanted = ShareDifficulty::from_f64(wanted);
        let wanted = wanted.expect("a positive difficulty times a positive number is positive");
        let next = if wanted < policy.difficulty_max { rounded(wanted) } else { wanted };
        let next = next.clamp(policy.difficulty_min, policy.difficulty_max);
        (next != present).then_some(next)
    }

    fn forget_half(&mut self, now: Instant) {
        let kept = now.since(self.window_start) / 2;
        self.window_start = now - kept;
        self.shares /= 2;
        let forgotten_ms = u32::try_from(kept.as_millis()).unwrap_or(u32::MAX);
        self.last_share_ms = self.last_share_ms.saturating_sub(forgotten_ms);
    }

    /// Forgets what was seen: another difficulty holds from now on.
    pub const fn restart(&mut self, now: Instant) {
        *self = Self { is_proven: self.is_proven, ..Self::new(now) };
    }
}

/// How odd so many shares are where so many were expected: the deviance of a Poisson distribution, about the square
/// of the standard deviations.
fn oddity(seen: f64, expected: f64) -> f64 {
    let entropy = if seen > 0.0 { seen * (seen / expected).ln() } else { 0.0 };
    2.0 * (entropy - (seen - expected))
}

/// To three binary digits: what most firmware shows without a fraction, and at most a ninth off.
fn rounded(difficulty: ShareDifficulty) -> ShareDifficulty {
    let hashes = u64::try_from(difficulty.work().to_hashes()).expect("a difficulty has 64 bits");
    let dropped = (u64::BITS - hashes.leading_zeros()).saturating_sub(3);
    let half = (1 << dropped) / 2;
    ShareDifficulty::from_hashes((hashes.saturating_add(half) >> dropped) << dropped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JOB_INTERVAL_S: f64 = 30.0;

    fn policy() -> VardiffPolicy {
        VardiffPolicy {
            difficulty_start: ShareDifficulty::from_f64(16_384.0).unwrap(),
            difficulty_min: ShareDifficulty::from_f64(0.001).unwrap(),
            difficulty_max: ShareDifficulty::from_f64(1e9).unwrap(),
            rental_difficulty_min: ShareDifficulty::from_f64(0.001).unwrap(),
            share_interval_target: Duration::from_secs(5),
            retarget_interval: Duration::from_secs(60),
        }
    }

    /// A miner whose shares come by chance, with a job every half minute.
    struct Miner {
        vardiff: Vardiff,
        difficulty: ShareDifficulty,
        jobs: u64,
        next_share_s: f64,
        random: u64,
        changes: Vec<ShareDifficulty>,
    }

    impl Miner {
        fn new(seed: u64) -> Self {
            Self {
                vardiff: Vardiff::new(Instant::ZERO),
                difficulty: policy().difficulty_start,
                jobs: 0,
                next_share_s: 0.0,
                random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
                changes: Vec::new(),
            }
        }

        /// Seconds to the next share: exponentially distributed.
        fn wait_s(&mut self, hashes_per_s: f64) -> f64 {
            // Marsaglia's xorshift.
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            let chance = (self.random >> 11) as f64 / (1_u64 << 53) as f64;
            let interval = self.difficulty.work().to_hashes() as f64 / hashes_per_s;
            -(1.0 - chance).ln() * interval
        }

        fn mine(&mut self, hashes_per_s: f64, jobs: u64) {
            for _ in 0..jobs {
                let start = self.jobs as f64 * JOB_INTERVAL_S;
                self.jobs += 1;
                let end = start + JOB_INTERVAL_S;
                self.next_share_s = start + self.wait_s(hashes_per_s);
                while self.next_share_s < end {
                    self.vardiff
                        .count_share(Instant::from_millis((self.next_share_s * 1000.0) as u64));
                    self.next_share_s += self.wait_s(hashes_per_s);
                }
                let now = Instant::from_millis((end * 1000.0) as u64);
                if let Some(next) = self.vardiff.retarget(now, self.difficulty, &policy()) {
                    self.difficulty = next;
                    self.changes.push(next);
                }
            }
        }

        fn interval_over_target(&self, hashes_per_s: f64) -> f64 {
            let target_s = policy().share_interval_target.as_secs_f64();
            self.difficulty.work().to_hashes() as f64 / hashes_per_s / target_s
        }
    }

    #[test]
    fn settles_within_three_changes_from_any_speed() {
        for hashes_per_s in [1e9, 1e10, 1e12, 14e12, 1e14, 3e14] {
            for seed in 1..=50 {
                let mut miner = Miner::new(seed);
                miner.mine(hashes_per_s, 20);
                assert!(miner.changes.len() <= 3, "{hashes_per_s}: {:?}", miner.changes);
                let ratio = miner.interval_over_target(hashes_per_s);
                assert!((0.4..=2.5).contains(&ratio), "{hashes_per_s}: {ratio}");
            }
        }
    }

    #[test]
    fn a_steady_miner_is_never_moved() {
        for seed in 1..=100 {
            let mut miner = Miner::new(seed);
            // A share in five seconds at the difficulty that it starts with; half a day.
            let hashes_per_s = 16_384.0 * 4_294_967_296.0 / 5.0;
            miner.mine(hashes_per_s, 1440);
            assert_eq!(miner.changes, [], "seed {seed}");
        }
    }

    #[test]
    fn a_miner_whose_speed_changes_is_followed() {
        for (factor, jobs) in [(4.0, 8), (0.25, 30), (2.0, 24), (0.5, 40), (0.0001, 40)] {
            for seed in 1..=20 {
                let mut miner = Miner::new(seed);
                miner.mine(14e12, 60);
                miner.mine(14e12 * factor, jobs);
                let ratio = miner.interval_over_target(14e12 * factor);
                assert!((0.4..=2.5).contains(&ratio), "{factor}, seed {seed}: {ratio}");
            }
        }
    }

    #[test]
    fn a_miner_that_was_cut_off_comes_back_without_a_flood() {
        let mut miner = Miner::new(1);
        miner.mine(14e12, 60);
        miner.mine(1e-9, 6);
        let ratio = miner.interval_over_target(14e12);
        assert!((1.0 / 32.0..1.0).contains(&ratio), "three minutes of silence: {ratio}");
    }

    #[test]
    fn stays_in_bounds() {
        let mut miner = Miner::new(1);
        let mut silent = Miner::new(1);
        silent.mine(1e-9, 60);
        assert_eq!(silent.difficulty, policy().difficulty_min);
        for round in 1..=40 {
            let now = Instant::from_millis(round);
            (0..SHARES_SURE).for_each(|_| miner.vardiff.count_share(now));
            miner.difficulty = miner
                .vardiff
                .retarget(now, miner.difficulty, &policy())
                .unwrap_or(miner.difficulty);
        }
        assert_eq!(miner.difficulty, policy().difficulty_max);
    }

    proptest! {
        #[test]
        fn whatever_comes_there_is_a_difficulty_within_the_port(
            steps in proptest::collection::vec((0_u64..400_000, 0_u16..200), 1..60),
            difficulty in 1_u64..,
        ) {
            let bounds = policy().difficulty_min..=policy().difficulty_max;
            let mut difficulty = ShareDifficulty::from_hashes(difficulty);
            let (mut vardiff, mut now_ms) = (Vardiff::new(Instant::ZERO), 0);
            for (wait_ms, shares) in steps {
                now_ms += wait_ms;
                let now = Instant::from_millis(now_ms);
                (0..shares).for_each(|_| vardiff.count_share(now));
                if let Some(next) = vardiff.retarget(now, difficulty, &policy()) {
                    prop_assert!(bounds.contains(&next));
                    difficulty = next;
                }
            }
        }
    }

    #[test]
    fn a_short_look_changes_nothing() {
        let mut vardiff = Vardiff::new(Instant::ZERO);
        let start = policy().difficulty_start;
        assert_eq!(vardiff.retarget(Instant::from_millis(59_999), start, &policy()), None);
    }

    #[test]
    fn difficulties_have_three_binary_digits() {
        for (hashes, expected) in
            [(1, 1), (7, 7), (8, 8), (9, 10), (1000, 1024), (1100, 1024), (u64::MAX, 7 << 61)]
        {
            assert_eq!(
                rounded(ShareDifficulty::from_hashes(hashes)),
                ShareDifficulty::from_hashes(expected)
            );
        }
    }
}
