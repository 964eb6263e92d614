//! Share to credit: what is counted between two batches of a shard.
//!
//! A tally belongs to the minute in which its shares arrived. Tallies add up in any order: work is
//! whole hashes and goals are whole steps of 2^-96, so no rounding depends on the order.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;

use sluice_units::limits::BATCH_ENTRIES_MAX;
use sluice_units::{
    CompactTarget, Counter, Goal, Identity, Minute, RejectReason, ShareDifficulty, Tally,
};

/// What was counted since it was last taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    tallies: BTreeMap<(Minute, Identity), Tally>,
    counters: BTreeMap<(Minute, Counter), u64>,
}

/// What [`Ledger::take`] gives: tallies and counters in the order of minute and name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// Shares per minute and worker.
    pub tallies: Vec<(Minute, Identity, Tally)>,
    /// Pool counters per minute.
    pub counters: Vec<(Minute, Counter, u64)>,
}

impl Ledger {
    /// Credits an accepted share of the given difficulty, on a job with the given bits.
    pub fn credit(
        &mut self,
        minute: Minute,
        worker: &Identity,
        difficulty: ShareDifficulty,
        nbits: CompactTarget,
    ) {
        let tally = self.tally(minute, worker);
        tally.accepted += 1;
        tally.work += difficulty.work();
        tally.goal += Goal::of_share(difficulty, nbits);
    }

    /// Counts a refused share.
    pub fn refuse(&mut self, minute: Minute, worker: &Identity, reason: RejectReason) {
        self.tally(minute, worker).rejected[reason.index()] += 1;
    }

    /// Adds to a counter of the pool.
    pub fn count(&mut self, minute: Minute, counter: Counter, by: u64) {
        *self.counters.entry((minute, counter)).or_default() += by;
    }

    /// Whether the next entry might not fit a batch any more: take it now.
    pub fn is_full(&self) -> bool {
        self.tallies.len() >= BATCH_ENTRIES_MAX
    }

    /// Takes everything, and leaves nothing.
    pub fn take(&mut self) -> Taken {
        let Self { tallies, counters } = core::mem::take(self);
        Taken {
            tallies: tallies
                .into_iter()
                .map(|((minute, worker), tally)| (minute, worker, tally))
                .collect(),
            counters: counters
                .into_iter()
                .map(|((minute, counter), count)| (minute, counter, count))
                .collect(),
        }
    }

    fn tally(&mut self, minute: Minute, worker: &Identity) -> &mut Tally {
        self.tallies.entry((minute, worker.clone())).or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluice_units::UnixTime;

    use super::*;

    const NBITS: CompactTarget = CompactTarget::from_bits(0x1d00_ffff);

    #[derive(Clone, Debug)]
    enum Step {
        Credit(u64, u8, u64),
        Refuse(u64, u8, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let (minute, worker) = (0_u64..3, 0_u8..3);
        prop_oneof![
            (minute.clone(), worker.clone(), 1_u64..1 << 50)
                .prop_map(|(minute, worker, hashes)| Step::Credit(minute, worker, hashes)),
            (minute, worker, 0..RejectReason::COUNT)
                .prop_map(|(minute, worker, reason)| Step::Refuse(minute, worker, reason)),
        ]
    }

    fn apply(ledger: &mut Ledger, step: &Step) {
        let minute = |index: u64| UnixTime::from_seconds(1_700_000_040 + index * 60).minute();
        let worker = |index: u8| format!("user{index}.rig").parse::<Identity>().unwrap();
        match *step {
            Step::Credit(at, who, hashes) => {
                ledger.credit(
                    minute(at),
                    &worker(who),
                    ShareDifficulty::from_hashes(hashes),
                    NBITS,
                );
            }
            Step::Refuse(at, who, reason) => {
                ledger.refuse(minute(at), &worker(who), RejectReason::ALL[reason]);
            }
        }
    }

    proptest! {
        #[test]
        fn tallies_add_up_in_any_order_and_split(
            steps in proptest::collection::vec(step(), 0..60),
            cut in 0_usize..60,
        ) {
            let mut whole = Ledger::default();
            steps.iter().for_each(|step| apply(&mut whole, step));

            let (mut first, mut second) = (Ledger::default(), Ledger::default());
            let cut = cut.min(steps.len());
            steps[cut..].iter().rev().for_each(|step| apply(&mut first, step));
            steps[..cut].iter().for_each(|step| apply(&mut second, step));
            let mut merged = Ledger::default();
            for (minute, worker, tally) in
                second.take().tallies.into_iter().chain(first.take().tallies)
            {
                *merged.tally(minute, &worker) += &tally;
            }
            prop_assert_eq!(merged.take(), whole.take());
            prop_assert_eq!(whole, Ledger::default());
        }
    }
}
