//! What leaves a shard for the store.

use sluice_units::limits::EVENTS_PER_BATCH_MAX;
use sluice_units::{Counter, Now};
use sluice_wire::share_feed::{Batch, Event};

use super::Shard;
use crate::actions::Action;

impl Shard {
    /// Publishes what was counted since the last batch; the last thing before a shard ends.
    pub fn cut_batch(&mut self, now: Now) {
        self.judge_pending(None);
        self.publish_counts(now);
    }

    pub(super) fn publish_counts(&mut self, now: Now) {
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
