//! What leaves a shard for the store, and what it writes down before.

use std::time::Duration;

use sluice_units::limits::{BATCHES_UNSAFE_MAX, EVENTS_PER_BATCH_MAX};
use sluice_units::{Counter, Now};
use sluice_wire::share_feed::{Batch, Event};

use super::broadcast::Withheld;
use super::{Shard, ShardConfig};
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
        self.withhold_unrecorded();
    }

    /// What is to be appended to the share log, whose segments are numbered from 1. It may be given up:
    /// [`Shard::handle_share_log_written`] or [`Shard::handle_share_log_failed`] follows.
    pub fn share_log_writes(&mut self) -> impl Iterator<Item = JournalWrite<'_>> {
        self.share_log.iter_mut().flat_map(|log| log.writes())
    }

    /// Whether there is something to be appended.
    pub fn has_share_log_writes(&self) -> bool {
        self.share_log.as_ref().is_some_and(|log| log.has_writes())
    }

    /// All of it is written.
    pub fn handle_share_log_written(&mut self) {
        if let Some(log) = &mut self.share_log {
            log.handle_written();
        }
    }

    /// It could not be written. Miners go on; what they do is not logged before the next segment.
    pub fn handle_share_log_failed(&mut self) {
        if let Some(log) = &mut self.share_log {
            log.handle_failed();
        }
    }

    /// Shares that were not logged since the start.
    pub fn shares_not_logged(&self) -> u64 {
        self.share_log.as_ref().map_or(0, |log| log.lost())
    }

    /// All batches up to this one are on disk elsewhere, or in the store: what the journal holds of them may go.
    pub fn handle_safe(&mut self, sequence: u64) {
        if let Some(journal) = &mut self.journal {
            journal.handle_safe(sequence);
        }
    }

    /// Whether miners are given no work since ledger or journal are full, and no batch becomes safe. It ends with the
    /// first work that they are given again.
    pub const fn lacks_room(&self) -> bool {
        self.lacks_room
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
            self.withhold_unrecorded();
        }
    }

    /// What miners find could not be recorded now: they are let go.
    pub(super) fn withhold_unrecorded(&mut self) {
        // That a journal cannot be written is known to whoever writes it.
        self.lacks_room |= !self.journal_fails;
        self.withhold_work(Withheld::NotRecorded);
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
        // A batch of nothing makes room as well: a full journal turns over with a batch alone.
        if batch.is_empty() && !self.journal.as_ref().is_some_and(|journal| journal.wants_cut()) {
            return;
        }
        for batch in batch.split() {
            self.batch_sequence = batch.sequence;
            self.actions.push_back(Action::Publish(Box::new(batch)));
        }
        if let Some(journal) = &mut self.journal {
            journal.cut(self.batch_sequence);
        }
        if let Some(log) = &mut self.share_log {
            log.cut(now.unix, self.batch_sequence);
        }
    }

    /// Cuts because it is time to, and settles when it will be again.
    ///
    /// A worker is in each batch in which there is a share of its. So the more workers there are, the more seldom a
    /// batch is cut, and the store has no more to do than it was meant to; but a minute that is over is published at
    /// once, since no share can come to it any more.
    pub(super) fn cut_on_time(&mut self, now: Now) {
        let ShardConfig { publish_interval, publish_rows_per_second_max, .. } = self.config;
        let rows = u32::try_from(self.ledger.rows()).expect("a ledger is bounded");
        self.cut_batch(now);
        let wait =
            publish_interval.max(Duration::from_secs(1) * rows / publish_rows_per_second_max);
        let minute_left = Duration::from_secs(60 - now.unix.to_seconds() % 60);
        self.next_cut = now.instant + wait.min(minute_left);
    }

    pub(super) fn record_event(&mut self, now: Now, event: Event) {
        if self.events.len() >= EVENTS_PER_BATCH_MAX {
            self.publish_counts(now);
        }
        if self.events.len() < EVENTS_PER_BATCH_MAX {
            self.events.push(event);
        } else {
            self.count(now, Counter::EventDropped);
        }
    }

    pub(super) fn count(&mut self, now: Now, counter: Counter) {
        self.ledger.count(now.unix.minute(), counter, 1);
        self.stats.counts_dropped = self.ledger.counts_dropped();
    }
}
