//! The miners: how fast they are and when, what they find, and how the pool's session of theirs takes it.

use std::collections::VecDeque;

use sluice_mining::book::JobIndex;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::miner::MinerSession;
use sluice_units::{ConnectionId, Instant, ShareDifficulty};

use super::{PEER, SentJob};

/// From one gigahash a second to 300 terahashes, as many in each doubling.
const SPEED_MIN: f64 = 1e9;
const SPEED_MAX: f64 = 300e12;
/// How long a line is under way, one way.
const LATENCY_MIN_S: f64 = 0.01;
const LATENCY_MAX_S: f64 = 1.0;
/// A tuning machine begins at a quarter of its speed.
const TUNING_S: f64 = 600.0;
const TUNING_SPEED: f64 = 0.25;
/// Somebody rents a miner's name for hashpower many times its own.
const BURST_SPEED: f64 = 50.0;
const BURST_S: f64 = 900.0;
const BURST_BEGINS_S: [f64; 2] = [1800.0, 5400.0];

/// What kinds of miners there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Steady,
    Tuning,
    Rented,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Steady, Self::Tuning, Self::Rented];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Tuning => "tuning: a quarter of their speed for ten minutes",
            Self::Rented => "rented: fifty times their speed for a quarter of an hour",
        }
    }
}

/// What became of a miner's shares.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Tally {
    pub(super) accepted: u64,
    /// Of those, the ones after settling.
    pub(super) measured: u64,
    pub(super) stale: u64,
    pub(super) low_difficulty: u64,
    pub(super) changes_settling: u64,
    pub(super) changes_settled: u64,
}

/// A share on its way.
struct Share {
    arrives: Instant,
    job: JobIndex,
    /// How hard it turned out to be: at least what the miner was told.
    difficulty: f64,
}

/// A miner, and the pool's session of it.
pub(super) struct Miner {
    session: MinerSession,
    kind: Kind,
    speed: f64,
    latency_s: f64,
    joins_s: f64,
    burst_begins_s: f64,
    has_joined: bool,
    /// What it was told with its latest job.
    told: ShareDifficulty,
    under_way: VecDeque<Share>,
    tally: Tally,
}

/// Exponentially distributed.
pub(super) fn wait_s(mean_s: f64, random: &mut fastrand::Rng) -> f64 {
    -(1.0 - random.f64()).ln() * mean_s
}

fn between(from: f64, to: f64, random: &mut fastrand::Rng) -> f64 {
    from + (to - from) * random.f64()
}

fn instant(seconds: f64) -> Instant {
    Instant::from_nanos((seconds * 1e9) as u64)
}

impl Miner {
    pub(super) fn new(number: u32, policy: &VardiffPolicy, random: &mut fastrand::Rng) -> Self {
        let kind = match number % 10 {
            0 | 1 => Kind::Tuning,
            2 => Kind::Rented,
            _ => Kind::Steady,
        };
        let joins_s = between(0.0, 60.0, random);
        let connection = ConnectionId { slot: number, generation: 0 };
        let start = policy.difficulty_start;
        Self {
            session: MinerSession::new(instant(joins_s), connection, PEER, start),
            kind,
            speed: (between(SPEED_MIN.ln(), SPEED_MAX.ln(), random)).exp(),
            latency_s: between(LATENCY_MIN_S, LATENCY_MAX_S, random),
            joins_s,
            burst_begins_s: between(BURST_BEGINS_S[0], BURST_BEGINS_S[1], random),
            has_joined: false,
            told: start,
            under_way: VecDeque::new(),
            tally: Tally::default(),
        }
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// From one job to the next. What was found on the job before may still arrive.
    pub(super) fn mine(
        &mut self,
        [job, next]: [&SentJob; 2],
        cap: ShareDifficulty,
        policy: &VardiffPolicy,
        random: &mut fastrand::Rng,
        measured_from: Instant,
    ) {
        if job.sent_s < self.joins_s {
            return;
        }
        let now = instant(job.sent_s);
        let oldest = if self.has_joined { job.oldest } else { job.index };
        self.has_joined = true;
        if self.session.settle_difficulty(now, [job.index, oldest], cap, policy) {
            let count = if now < measured_from {
                &mut self.tally.changes_settling
            } else {
                &mut self.tally.changes_settled
            };
            *count += 1;
        }
        self.told = self.session.difficulty();
        let mut found_s = job.sent_s + self.latency_s;
        let replaced_s = next.sent_s + self.latency_s;
        loop {
            let mean_s = self.told.work().to_hashes() as f64 / self.speed_at(found_s);
            found_s += wait_s(mean_s, random);
            if found_s >= replaced_s {
                break;
            }
            self.under_way.push_back(Share {
                arrives: instant(found_s + self.latency_s),
                job: job.index,
                difficulty: self.told.to_f64() / (1.0 - random.f64()),
            });
        }
        self.deliver(instant(next.sent_s), job.oldest, measured_from);
    }

    fn speed_at(&self, time_s: f64) -> f64 {
        let is_burst = (self.burst_begins_s..self.burst_begins_s + BURST_S).contains(&time_s);
        match self.kind {
            Kind::Tuning if time_s < self.joins_s + TUNING_S => self.speed * TUNING_SPEED,
            Kind::Rented if is_burst => self.speed * BURST_SPEED,
            Kind::Steady | Kind::Tuning | Kind::Rented => self.speed,
        }
    }

    /// The pool gets what arrives before its next job; what is older than the oldest one is stale.
    fn deliver(&mut self, until: Instant, oldest: JobIndex, measured_from: Instant) {
        while self.under_way.front().is_some_and(|share| share.arrives < until) {
            let share = self.under_way.pop_front().expect("it was looked at");
            if share.job < oldest {
                self.tally.stale += 1;
                continue;
            }
            if share.difficulty < self.session.difficulty_at(share.job).to_f64() {
                self.tally.low_difficulty += 1;
                continue;
            }
            self.session.count_share(share.arrives);
            self.tally.accepted += 1;
            self.tally.measured += u64::from(share.arrives >= measured_from);
        }
    }
}
