//! What leaves a shard for the store, and what it writes down before.

use sluice_units::limits::{BATCHES_UNSAFE_MAX, EVENTS_PER_BATCH_MAX};
use sluice_units::{Counter, Now};
use sluice_wire::share_feed::{Batch, Event};

use super::Shard;
use super::broadcast::Withheld;
use crate::actions::Action;
use crate::journal::JournalWrite;

impl Shard {
    /// Publishes what was counted since the last batch; the last thing before a shard ends.
    pub fn cut_batch(&mut self, now: Now) {
        self.judge_pending(None);
        self.publish_counts(now);
    }

    /// What is to be written to the shard's journal, in this order, before the next action is carried out:
    /// a reply must not leave before its share is there. [`Shard::handle_journal_written`] follows, or
    /// [`Shard::handle_journal_failed`], and then the same again.
    pub fn journal_writes(&mut self) -> impl Iterator<Item = JournalWrite<'_>> {
        self.journal.iter_mut().flat_map(|journal| journal.writes())
    }

    /// Whether there is something to be written.
    pub fn has_journal_writes(&self) -> bool {
        self.journal.as_ref().is_some_and(|journal| journal.has_writes())
    }

    /// All of it is written.
    pub fn handle_journal_written(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.handle_written();
        }
        self.journal_fails = false;
    }

    /// It could not be written: miners are let go until it can. No reply may leave meanwhile, and no batch.
    pub fn handle_journal_failed(&mut self) {
        self.journal_fails = true;
        self.withhold_work(Withheld::NotRecorded);
    }

    /// All batches up to this one are on disk elsewhere, or in the store: what the journal holds of them may go.
    pub fn handle_safe(&mut self, sequence: u64) {
        if let Some(journal) = &mut self.journal {
            journal.handle_safe(sequence);
        }
    }

    /// Whether one more turn's shares can be written down and counted.
    pub(super) fn records_shares(&self) -> bool {
        let has_room = self.journal.as_ref().is_none_or(|journal| journal.has_room());
        has_room && !self.journal_fails && (self.can_cut() || !self.ledger.is_full())
    }

    /// Whether ledger or journal are nearly full.
    pub(super) fn wants_cut(&self) -> bool {
        let journal_does = self.journal.as_ref().is_some_and(|journal| journal.wants_cut());
        journal_does || self.ledger.is_full()
    }

    /// Once a turn's shares were judged: makes room for the next ones, or lets the miners go.
    pub(super) fn make_room(&mut self, now: Now) {
        if self.wants_cut() {
            self.publish_counts(now);
        }
        if !self.records_shares() {
            self.withhold_work(Withheld::NotRecorded);
        }
    }

    /// Batches that nobody takes pile up in the journal, and would in memory.
    fn can_cut(&self) -> bool {
        let is_taken =
            self.journal.as_ref().is_none_or(|it| it.unsafe_batches() < BATCHES_UNSAFE_MAX);
        is_taken && !self.journal_fails
    }

    pub(super) fn publish_counts(&mut self, now: Now) {
        if !self.can_cut() {
            return;
        }
        let minute = now.unix.minute();
        if minute.to_seconds() != self.gauge_minute {
            self.gauge_minute = minute.to_seconds();
            self.ledger.count(minute, Counter::Connections, self.stats.connections);
        }
        let taken = self.ledger.take();
        if self.stats.jobs == 0 {
            // Until a jobmaster has given it work, a gateway may be a second one with an id that is
            // taken. Batches under the name of the first one's would hide those from the store. Nobody
            // has mined here yet: only connections were counted.
            return;
        }
        let batch = Batch {
            source: self.config.source,
            epoch: self.config.epoch,
            sequence: self.batch_sequence + 1,
            coin: self.config.coin.clone(),
            host: self.config.host.clone(),
            tallies: taken.tallies,
            counters: taken.counters,
            events: core::mem::take(&mut self.events),
            blocks: Vec::new(),
        };
        if !batch.is_empty() {
            self.batch_sequence += 1;
            if let Some(journal) = &mut self.journal {
                journal.cut(self.batch_sequence);
            }
            self.actions.push_back(Action::Publish(Box::new(batch)));
        }
    }

    pub(super) fn record_event(&mut self, now: Now, event: Event) {
        if self.events.len() < EVENTS_PER_BATCH_MAX {
            self.events.push(event);
        } else {
            self.count(now, Counter::EventDropped);
        }
    }

    pub(super) fn count(&mut self, now: Now, counter: Counter) {
        self.ledger.count(now.unix.minute(), counter, 1);
    }
}
