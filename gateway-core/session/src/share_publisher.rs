//! Which batches go to the store when: every one in order, again after every lost link, until it is
//! acknowledged. The batches themselves stay on disk; here are their names.

use core::ops::Bound;
use std::collections::{BTreeMap, BTreeSet};

use sluice_units::SourceId;
use sluice_units::limits::BATCHES_IN_FLIGHT_MAX;

/// The name of a batch. Names of one source rise with time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BatchName {
    /// Where it comes from.
    pub source: SourceId,
    /// Start of the source.
    pub epoch: u64,
    /// Counts the batches of one epoch.
    pub sequence: u64,
}

/// The batches that no store has acknowledged yet.
///
/// Order of calls: `handle_batch` once the batch is on disk, `handle_linked` and `handle_unlinked` as
/// the link comes and goes; while linked, send what `poll_send` names; on an acknowledgement forget
/// what `handle_acknowledged` names.
#[derive(Debug, Default)]
pub struct SharePublisher {
    waiting: BTreeMap<SourceId, BTreeSet<BatchName>>,
    in_flight: BTreeSet<BatchName>,
    /// Those of them that came again meanwhile: their acknowledgement may be by whoever brought them, relying on us.
    came_again: BTreeSet<BatchName>,
    /// Whose turn it was last: all have theirs, however much waits of one.
    last: Option<SourceId>,
    linked: bool,
}

impl SharePublisher {
    /// A batch is on disk. One that came before, and is under way, goes again once that is over: whoever brought it may
    /// have had it from us, and be about to forget it.
    pub fn handle_batch(&mut self, name: BatchName) {
        if self.in_flight.contains(&name) {
            self.came_again.insert(name);
        } else {
            self.waiting.entry(name.source).or_default().insert(name);
        }
    }

    /// A batch that was to be sent was not: it waits again.
    pub fn handle_unsent(&mut self, name: BatchName) {
        self.in_flight.remove(&name);
        self.came_again.remove(&name);
        self.handle_batch(name);
    }

    /// A link to a writer is open; nothing was sent on it yet.
    pub fn handle_linked(&mut self) {
        self.linked = true;
        self.take_back_all();
    }

    /// The link is gone: what was sent on it may have been lost.
    pub fn handle_unlinked(&mut self) {
        self.linked = false;
        self.take_back_all();
    }

    /// The next batch to send, in the order of its source, and the sources in turns; `None` while the link is down or
    /// full.
    pub fn poll_send(&mut self) -> Option<BatchName> {
        if !self.linked || self.in_flight.len() >= BATCHES_IN_FLIGHT_MAX {
            return None;
        }
        let after = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let mut sources = self.waiting.range((after, Bound::Unbounded)).chain(&self.waiting);
        let source = *sources.find(|(_, names)| !names.is_empty())?.0;
        let names = self.waiting.get_mut(&source).expect("it was just found");
        let name = names.pop_first().expect("the set is not empty");
        if names.is_empty() {
            self.waiting.remove(&source);
        }
        self.last = Some(source);
        self.in_flight.insert(name);
        Some(name)
    }

    /// The store has a batch for good. `false` where there is nothing to forget: it was not under way, or came again.
    pub fn handle_acknowledged(&mut self, name: BatchName) -> bool {
        if self.came_again.contains(&name) {
            self.handle_unsent(name);
            return false;
        }
        let waited = self.waiting.get_mut(&name.source).is_some_and(|names| names.remove(&name));
        self.in_flight.remove(&name) || waited
    }

    /// Batches that no store has acknowledged.
    pub fn backlog(&self) -> usize {
        self.in_flight.len() + self.waiting.values().map(BTreeSet::len).sum::<usize>()
    }

    fn take_back_all(&mut self) {
        self.came_again.clear();
        core::mem::take(&mut self.in_flight).into_iter().for_each(|name| self.handle_batch(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(shard: u16, sequence: u64) -> BatchName {
        BatchName { source: SourceId { gateway_id: 1, shard }, epoch: 5, sequence }
    }

    fn polled(publisher: &mut SharePublisher) -> Vec<BatchName> {
        std::iter::from_fn(|| publisher.poll_send()).collect()
    }

    #[test]
    fn sends_in_order_and_again_after_a_lost_link() {
        let mut publisher = SharePublisher::default();
        for sequence in [1, 2, 3] {
            publisher.handle_batch(name(0, sequence));
        }
        assert_eq!(polled(&mut publisher), [], "there is no link yet");
        publisher.handle_linked();
        assert_eq!(polled(&mut publisher), [name(0, 1), name(0, 2), name(0, 3)]);
        assert!(publisher.handle_acknowledged(name(0, 1)));
        publisher.handle_unlinked();
        publisher.handle_batch(name(0, 4));
        assert_eq!(polled(&mut publisher), []);
        publisher.handle_linked();
        assert_eq!(polled(&mut publisher), [name(0, 2), name(0, 3), name(0, 4)]);
        assert_eq!(publisher.backlog(), 3);
    }

    #[test]
    fn a_late_acknowledgement_counts_and_a_second_one_does_not() {
        let mut publisher = SharePublisher::default();
        publisher.handle_batch(name(0, 1));
        publisher.handle_linked();
        publisher.poll_send();
        publisher.handle_unlinked();
        assert!(publisher.handle_acknowledged(name(0, 1)));
        assert!(!publisher.handle_acknowledged(name(0, 1)));
        assert_eq!(publisher.backlog(), 0);
    }

    #[test]
    fn a_batch_that_is_under_way_does_not_go_twice_on_one_link() {
        let mut publisher = SharePublisher::default();
        publisher.handle_batch(name(0, 1));
        publisher.handle_linked();
        assert_eq!(polled(&mut publisher), [name(0, 1)]);
        publisher.handle_batch(name(0, 1));
        assert_eq!((polled(&mut publisher), publisher.backlog()), (vec![], 1));
        publisher.handle_unsent(name(0, 1));
        assert_eq!(polled(&mut publisher), [name(0, 1)]);
    }

    #[test]
    fn an_acknowledgement_says_nothing_of_a_batch_that_came_after_it_was_sent() {
        let mut publisher = SharePublisher::default();
        publisher.handle_batch(name(0, 1));
        publisher.handle_linked();
        polled(&mut publisher);
        publisher.handle_batch(name(0, 1));
        assert!(!publisher.handle_acknowledged(name(0, 1)), "it stays");
        assert_eq!((polled(&mut publisher), publisher.backlog()), (vec![name(0, 1)], 1));
        assert!(publisher.handle_acknowledged(name(0, 1)));
        // Over a new link it goes again anyway, once.
        publisher.handle_batch(name(0, 2));
        polled(&mut publisher);
        publisher.handle_batch(name(0, 2));
        publisher.handle_unlinked();
        publisher.handle_linked();
        assert_eq!(polled(&mut publisher), [name(0, 2)]);
        assert!(publisher.handle_acknowledged(name(0, 2)));
    }

    #[test]
    fn a_source_with_a_backlog_leaves_room_for_the_others() {
        let mut publisher = SharePublisher::default();
        for sequence in 0..1000 {
            publisher.handle_batch(name(0, sequence));
        }
        for shard in [7, u16::MAX] {
            publisher.handle_batch(name(shard, 1));
        }
        publisher.handle_linked();
        let first = &polled(&mut publisher)[..5];
        let expected = [name(0, 0), name(7, 1), name(u16::MAX, 1), name(0, 1), name(0, 2)];
        assert_eq!(first, expected);
    }

    #[test]
    fn the_link_carries_a_bounded_number_at_a_time() {
        let mut publisher = SharePublisher::default();
        for sequence in 0..2 * BATCHES_IN_FLIGHT_MAX as u64 {
            publisher.handle_batch(name(sequence as u16 % 3, sequence));
        }
        publisher.handle_linked();
        let sent = polled(&mut publisher);
        assert_eq!(sent.len(), BATCHES_IN_FLIGHT_MAX);
        publisher.handle_acknowledged(sent[0]);
        assert_eq!(polled(&mut publisher).len(), 1);
    }
}
