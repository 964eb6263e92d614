//! Sums of tallies that no gateway can overflow.

use sluice_units::{BestShare, Goal, RejectReason, Tally, Work};

/// Tallies added up. Sums stop at the largest number instead of wrapping; what is that large is
/// refused when the commands are made.
#[derive(Default)]
pub(crate) struct Sum {
    pub(crate) accepted: u64,
    pub(crate) goal: Goal,
    pub(crate) best: BestShare,
    hashes: u128,
    pub(crate) rejected: [u64; RejectReason::COUNT],
}

impl Sum {
    pub(crate) fn add(&mut self, tally: &Tally) {
        self.accepted = self.accepted.saturating_add(tally.accepted);
        self.hashes = self.hashes.saturating_add(tally.work.to_hashes());
        self.goal += tally.goal;
        self.best = self.best.max(tally.best);
        for (mine, theirs) in self.rejected.iter_mut().zip(tally.rejected) {
            *mine = mine.saturating_add(theirs);
        }
    }

    pub(crate) const fn work(&self) -> Work {
        Work::from_hashes(self.hashes)
    }

    pub(crate) fn rejected_total(&self) -> u64 {
        self.rejected.iter().fold(0, |total, count| total.saturating_add(*count))
    }

    /// Refused shares of one stratum code; several reasons share a code.
    pub(crate) fn rejected_with(&self, code: u32) -> u64 {
        let reasons = RejectReason::ALL.iter().filter(|reason| reason.code() == code);
        reasons.fold(0, |total, reason| total.saturating_add(self.rejected[reason.index()]))
    }
}
