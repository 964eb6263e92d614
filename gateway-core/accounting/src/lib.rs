//! Share to credit: what is counted between two batches of a shard.
//!
//! A tally belongs to the minute in which its shares arrived. Tallies add up in any order: work is
//! whole hashes and goals are whole steps of 2^-96, so no rounding depends on the order.
#![forbid(unsafe_code)]

use std::hash::{DefaultHasher, Hash, Hasher};

use sluice_units::limits::BATCH_ENTRIES_MAX;
use sluice_units::{
    CompactTarget, Counter, Goal, Identity, Minute, RejectReason, ShareDifficulty, Tally,
};

/// What was counted since it was last taken.
///
/// Its memory is kept from one batch to the next: counting for a worker costs neither a search nor
/// memory, as long as the workers of a batch are not more than they ever were.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The rows of one worker may be several: those of several connections, or minutes.
    rows: Vec<Row>,
    /// The minute that the counters are of; `None` before the first count.
    minute: Option<Minute>,
    counters: [u64; Counter::COUNT],
    counted: Vec<(Minute, Counter, u64)>,
}

#[derive(Clone, Debug)]
struct Row {
    minute: Minute,
    worker: Identity,
    tally: Tally,
}

/// Where a worker's row was last. Kept beside the worker's name; it may be out of date, and is then
/// set anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowHint(u32);

/// What [`Ledger::take`] gives. Each minute and worker, and each minute and counter, stands once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// Shares per minute and worker, in an order that depends on nothing but them.
    pub tallies: Vec<(Minute, Identity, Tally)>,
    /// Pool counters per minute, in this order.
    pub counters: Vec<(Minute, Counter, u64)>,
}

impl Ledger {
    /// Credits an accepted share of the given difficulty, on a job with the given bits.
    pub fn credit(
        &mut self,
        minute: Minute,
        worker: &Identity,
        hint: &mut RowHint,
        difficulty: ShareDifficulty,
        nbits: CompactTarget,
    ) {
        let tally = self.tally(minute, worker, hint);
        tally.accepted += 1;
        tally.work += difficulty.work();
        tally.goal += Goal::of_share(difficulty, nbits);
    }

    /// Counts a refused share.
    pub fn refuse(
        &mut self,
        minute: Minute,
        worker: &Identity,
        hint: &mut RowHint,
        reason: RejectReason,
    ) {
        self.tally(minute, worker, hint).rejected[reason.index()] += 1;
    }

    /// Adds to a counter of the pool.
    pub fn count(&mut self, minute: Minute, counter: Counter, by: u64) {
        if self.minute != Some(minute) {
            self.close_minute();
            self.minute = Some(minute);
        }
        self.counters[counter as usize] += by;
    }

    /// Whether the next entry might not fit a batch any more: take it now.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ENTRIES_MAX
    }

    /// Takes everything, and leaves nothing.
    pub fn take(&mut self) -> Taken {
        self.close_minute();
        let mut counters = core::mem::take(&mut self.counted);
        counters.sort_unstable();
        counters.dedup_by(|(minute, counter, count), (of_minute, of_counter, sum)| {
            let is_same = (*minute, *counter) == (*of_minute, *of_counter);
            *sum += if is_same { *count } else { 0 };
            is_same
        });
        Taken { tallies: self.take_tallies(), counters }
    }

    /// Sorts by hash, and only where hashes are equal by name: comparing names one by one would cost
    /// a shard with many workers tens of milliseconds for each batch.
    fn take_tallies(&mut self) -> Vec<(Minute, Identity, Tally)> {
        let hashed = self.rows.iter().zip(0_u32..).map(|(row, index)| (hash_of(row), index));
        let mut order: Vec<(u64, u32)> = hashed.collect();
        let rows = &mut self.rows;
        let name = |index: u32| (rows[index as usize].minute, &rows[index as usize].worker);
        order.sort_unstable_by(|(hash, index), (other_hash, other)| {
            hash.cmp(other_hash).then_with(|| name(*index).cmp(&name(*other)))
        });
        let mut tallies: Vec<(Minute, Identity, Tally)> = Vec::with_capacity(order.len());
        for (_, index) in order {
            let Row { minute, worker, tally } = &rows[index as usize];
            match tallies.last_mut() {
                Some((last_minute, last_worker, sum))
                    if last_minute == minute && last_worker == worker =>
                {
                    *sum += tally;
                }
                _ => tallies.push((*minute, worker.clone(), *tally)),
            }
        }
        rows.clear();
        tallies
    }

    fn tally(&mut self, minute: Minute, worker: &Identity, hint: &mut RowHint) -> &mut Tally {
        let hinted = self
            .rows
            .get(hint.0 as usize)
            .is_some_and(|row| row.minute == minute && row.worker.is_same_piece(worker));
        if !hinted {
            *hint = RowHint(u32::try_from(self.rows.len()).expect("a full ledger is taken"));
            self.rows.push(Row { minute, worker: worker.clone(), tally: Tally::default() });
        }
        &mut self.rows[hint.0 as usize].tally
    }

    fn close_minute(&mut self) {
        let Some(minute) = self.minute.take() else { return };
        let counts = Counter::ALL.into_iter().zip(core::mem::take(&mut self.counters));
        self.counted.extend(
            counts.filter(|(_, count)| *count > 0).map(|(counter, count)| (minute, counter, count)),
        );
    }
}

fn hash_of(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    (row.minute, &row.worker).hash(&mut hasher);
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
                    let difficulty = ShareDifficulty::from_hashes(hashes);
                    self.ledger.credit(minute(at), worker, hint, difficulty, NBITS);
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
                *bench.ledger.tally(minute, &worker, &mut RowHint::default()) += &tally;
            }
            for (minute, counter, by) in taken.counters {
                bench.ledger.count(minute, counter, by);
            }
        }
        bench.ledger.take()
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
            prop_assert_eq!(merged(batches), whole.clone());

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
