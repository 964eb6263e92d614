//! Share to credit: what is counted between two batches of a shard.
//!
//! A tally belongs to the minute in which its shares arrived. Tallies add up in any order: work is
//! whole hashes and goals are whole steps of 2^-96, so no rounding depends on the order.
#![forbid(unsafe_code)]

use std::hash::{DefaultHasher, Hash, Hasher};

use sluice_units::limits::{BATCH_ENTRIES_MAX, LEDGER_ROWS_MAX, SHARES_PENDING_MAX};
use sluice_units::{
    BestShare, CompactTarget, Counter, Goal, Identity, Minute, RejectReason, ShareDifficulty, Tally,
};

/// What was counted since it was last taken.
///
/// Counting for a worker costs no search, and no memory while the workers are not more than in the
/// batch before.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// What batches will hold. The rows of one worker may be several: those of several connections, or
    /// minutes.
    rows: Vec<(Minute, Identity, Tally)>,
    /// The hash of each row's worker, with the row's place.
    hashes: Vec<(u64, u32)>,
    /// The minute that the counters are of; `None` before the first count.
    minute: Option<Minute>,
    counters: [u64; Counter::COUNT],
    /// Those of former minutes.
    counted: Vec<(Minute, Counter, u64)>,
    counts_dropped: u64,
}

/// Where a worker's row was last. Kept beside the worker's name; it may be out of date, and is then
/// set anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowHint(u32);

/// What an accepted share is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AcceptedShare {
    /// The difficulty that it was asked for.
    pub difficulty: ShareDifficulty,
    /// The network's, on its job.
    pub nbits: CompactTarget,
    /// How good its hash is.
    pub best: BestShare,
}

/// The row in which a share was counted, of those since the ledger was taken last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// Counted from 0; the number goes up with each new row.
    pub number: u32,
    /// Whether this share began it.
    pub is_new: bool,
}

/// What [`Ledger::take`] gives. Each minute and worker, and each minute and counter, stands once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// Shares per minute and worker, in the order in which they first came.
    pub tallies: Vec<(Minute, Identity, Tally)>,
    /// Pool counters per minute, in this order; no more than one batch holds.
    pub counters: Vec<(Minute, Counter, u64)>,
}

impl Ledger {
    /// Credits an accepted share of the given difficulty and hash, on a job with the given bits.
    pub fn credit(
        &mut self,
        minute: Minute,
        worker: &Identity,
        hint: &mut RowHint,
        share: AcceptedShare,
    ) -> Row {
        let row = self.row(minute, worker, hint);
        let tally = &mut self.rows[row.number as usize].2;
        tally.accepted += 1;
        tally.work += share.difficulty.work();
        tally.goal += Goal::of_share(share.difficulty, share.nbits);
        tally.best = tally.best.max(share.best);
        row
    }

    /// Counts a refused share.
    pub fn refuse(
        &mut self,
        minute: Minute,
        worker: &Identity,
        hint: &mut RowHint,
        reason: RejectReason,
    ) -> Row {
        let row = self.row(minute, worker, hint);
        self.rows[row.number as usize].2.rejected[reason.index()] += 1;
        row
    }

    /// Adds to a counter of the pool.
    pub fn count(&mut self, minute: Minute, counter: Counter, by: u64) {
        if self.minute != Some(minute) {
            self.close_minute();
            self.minute = Some(minute);
        }
        self.counters[counter as usize] += by;
    }

    /// Whether the shares that wait, and as many more, might not fit any more: take it now.
    pub fn is_full(&self) -> bool {
        self.rows.len() + 2 * SHARES_PENDING_MAX > LEDGER_ROWS_MAX
    }

    /// How many tallies [`Ledger::take`] gives at most.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Counters of old minutes that gave way to those of newer ones, since it began.
    pub const fn counts_dropped(&self) -> u64 {
        self.counts_dropped
    }

    /// Takes everything, and leaves nothing.
    pub fn take(&mut self) -> Taken {
        self.close_minute();
        self.merge_counted();
        let counters = core::mem::take(&mut self.counted);
        let next = Vec::with_capacity(self.rows.len());
        self.merge_rows();
        Taken { tallies: core::mem::replace(&mut self.rows, next), counters }
    }

    /// Adds up the rows of the same worker and minute.
    ///
    /// They are brought together by hash, and only where hashes are equal by name: comparing names one
    /// by one would hold a shard with many workers up for tens of milliseconds with each batch.
    fn merge_rows(&mut self) {
        let Self { rows, hashes, .. } = self;
        let key = |rows: &[(Minute, Identity, Tally)], row: u32| {
            let (minute, worker, _) = &rows[row as usize];
            (*minute, worker.clone())
        };
        hashes.sort_unstable();
        let mut merged = Vec::new();
        for same_hash in hashes.chunk_by_mut(|(hash, _), (other, _)| hash == other) {
            if same_hash.len() == 1 {
                continue;
            }
            same_hash.sort_by_cached_key(|(_, row)| (key(rows, *row), *row));
            let mut into = same_hash[0].1;
            for &(_, row) in &same_hash[1..] {
                if key(rows, row) == key(rows, into) {
                    let tally = rows[row as usize].2;
                    rows[into as usize].2 += &tally;
                    merged.push(row);
                } else {
                    into = row;
                }
            }
        }
        hashes.clear();
        if !merged.is_empty() {
            merged.sort_unstable();
            let (mut merged, mut row) = (merged.into_iter().peekable(), 0_u32..);
            rows.retain(|_| merged.next_if_eq(&row.next().expect("rows are few")).is_none());
        }
    }

    fn row(&mut self, minute: Minute, worker: &Identity, hint: &mut RowHint) -> Row {
        let hinted = self.rows.get(hint.0 as usize).is_some_and(|(of_minute, of_worker, _)| {
            *of_minute == minute && of_worker.is_same_piece(worker)
        });
        if !hinted {
            let row = u32::try_from(self.rows.len()).expect("a full ledger is taken");
            *hint = RowHint(row);
            self.rows.push((minute, worker.clone(), Tally::default()));
            self.hashes.push((hash_of(worker), row));
        }
        Row { number: hint.0, is_new: !hinted }
    }

    fn close_minute(&mut self) {
        let Some(minute) = self.minute.take() else { return };
        let counts = Counter::ALL.into_iter().zip(core::mem::take(&mut self.counters));
        self.counted.extend(
            counts.filter(|(_, count)| *count > 0).map(|(counter, count)| (minute, counter, count)),
        );
        if self.counted.len() > BATCH_ENTRIES_MAX {
            self.merge_counted();
            // All counters go into one batch, and where none is cut for hours they are too many for it.
            let surplus = self.counted.len().saturating_sub(BATCH_ENTRIES_MAX);
            self.counted.drain(..surplus);
            self.counts_dropped += surplus as u64;
        }
    }

    /// Puts the counters in order, each minute and counter once.
    fn merge_counted(&mut self) {
        self.counted.sort_unstable();
        self.counted.dedup_by(|(minute, counter, count), (of_minute, of_counter, sum)| {
            let is_same = (*minute, *counter) == (*of_minute, *of_counter);
            *sum += if is_same { *count } else { 0 };
            is_same
        });
    }
}

fn hash_of(worker: &Identity) -> u64 {
    let mut hasher = DefaultHasher::new();
    worker.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluice_units::UnixTime;

    use super::*;

    const NBITS: CompactTarget = CompactTarget::from_bits(0x1d00_ffff);
    /// Two connections have each of two names.
    const CONNECTIONS: usize = 4;

    #[derive(Clone, Debug)]
    enum Step {
        Credit(u64, usize, u64),
        Refuse(u64, usize, usize),
        Count(u64, usize, u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let (minute, connection) = (0_u64..3, 0..CONNECTIONS);
        prop_oneof![
            (minute.clone(), connection.clone(), 1_u64..1 << 50)
                .prop_map(|(minute, connection, hashes)| Step::Credit(minute, connection, hashes)),
            (minute.clone(), connection, 0..RejectReason::COUNT)
                .prop_map(|(minute, connection, reason)| Step::Refuse(minute, connection, reason)),
            (minute, 0..Counter::COUNT, 0_u64..5)
                .prop_map(|(minute, counter, by)| Step::Count(minute, counter, by)),
        ]
    }

    /// A ledger with the connections that count in it.
    struct Bench {
        ledger: Ledger,
        workers: [(Identity, RowHint); CONNECTIONS],
    }

    impl Bench {
        fn new() -> Self {
            let worker = |index: usize| format!("user{}.rig", index % 2).parse().unwrap();
            let workers = core::array::from_fn(|index| (worker(index), RowHint::default()));
            Self { ledger: Ledger::default(), workers }
        }

        fn apply(&mut self, step: &Step) {
            let minute = |index: u64| UnixTime::from_seconds(1_700_000_040 + index * 60).minute();
            match *step {
                Step::Credit(at, connection, hashes) => {
                    let (worker, hint) = &mut self.workers[connection];
                    let share = AcceptedShare {
                        difficulty: ShareDifficulty::from_hashes(hashes),
                        nbits: NBITS,
                        best: BestShare::from_bits((hashes as f64).to_bits()).unwrap(),
                    };
                    self.ledger.credit(minute(at), worker, hint, share);
                }
                Step::Refuse(at, connection, reason) => {
                    let (worker, hint) = &mut self.workers[connection];
                    self.ledger.refuse(minute(at), worker, hint, RejectReason::ALL[reason]);
                }
                Step::Count(at, counter, by) => {
                    self.ledger.count(minute(at), Counter::ALL[counter], by);
                }
            }
        }
    }

    /// What several batches say together.
    fn merged(batches: impl IntoIterator<Item = Taken>) -> Taken {
        let mut bench = Bench::new();
        for taken in batches {
            for (minute, worker, tally) in taken.tallies {
                let row = bench.ledger.row(minute, &worker, &mut RowHint::default());
                bench.ledger.rows[row.number as usize].2 += &tally;
            }
            for (minute, counter, by) in taken.counters {
                bench.ledger.count(minute, counter, by);
            }
        }
        let mut taken = bench.ledger.take();
        taken.tallies.sort_unstable_by_key(|(minute, worker, _)| (*minute, worker.clone()));
        taken
    }

    proptest! {
        #[test]
        fn tallies_add_up_in_any_order_and_split(
            steps in proptest::collection::vec(step(), 0..60),
            cuts in proptest::collection::vec(0_usize..60, 0..4),
        ) {
            let mut whole = Bench::new();
            steps.iter().for_each(|step| whole.apply(step));
            let whole = whole.ledger.take();

            let mut parts = Bench::new();
            let mut batches = Vec::new();
            for (index, step) in steps.iter().enumerate().rev() {
                parts.apply(step);
                if cuts.contains(&index) {
                    batches.push(parts.ledger.take());
                }
            }
            batches.push(parts.ledger.take());
            prop_assert_eq!(parts.ledger.take(), Taken::default());
            prop_assert_eq!(merged(batches), merged([whole.clone()]));

            let credited: u64 = whole.tallies.iter().map(|(_, _, tally)| tally.accepted).sum();
            let credits = steps.iter().filter(|step| matches!(step, Step::Credit(..))).count();
            prop_assert_eq!(credited, credits as u64);
            let mut names: Vec<_> =
                whole.tallies.iter().map(|(minute, worker, _)| (minute, worker)).collect();
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(names.len(), whole.tallies.len(), "each stands once");
        }
    }

    #[test]
    fn a_hint_leads_to_no_other_workers_row() {
        let mut bench = Bench::new();
        let (alice, bob): (Identity, Identity) = ("a.x".parse().unwrap(), "b.x".parse().unwrap());
        let minute = UnixTime::from_seconds(60).minute();
        let mut hint = RowHint::default();
        bench.ledger.refuse(minute, &alice, &mut hint, RejectReason::Stale);
        let of_alice = hint;
        bench.ledger.take();
        bench.ledger.refuse(minute, &bob, &mut hint, RejectReason::Stale);
        hint = of_alice;
        bench.ledger.refuse(minute, &alice, &mut hint, RejectReason::Stale);
        let totals: Vec<u64> = bench
            .ledger
            .take()
            .tallies
            .iter()
            .map(|(_, _, tally)| tally.rejected_total())
            .collect();
        assert_eq!(totals, [1, 1]);
    }
}
