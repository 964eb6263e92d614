//! When closing connections are cut off.

use std::collections::VecDeque;

use sluice_units::{ConnectionId, Instant};

/// Deadlines in the order in which they fall due: each is set the same time ahead.
#[derive(Debug)]
pub(crate) struct Deadlines {
    due: VecDeque<(Instant, ConnectionId)>,
    entries_max: usize,
}

impl Deadlines {
    /// `entries_max` is above the number of connections that can be closing at one time.
    pub(crate) fn new(entries_max: usize) -> Self {
        Self { due: VecDeque::new(), entries_max }
    }

    /// Adds the latest deadline. At the bound, those of connections that are gone are forgotten.
    pub(crate) fn push(
        &mut self,
        at: Instant,
        connection: ConnectionId,
        mut is_closing: impl FnMut(ConnectionId) -> bool,
    ) {
        if self.due.len() >= self.entries_max {
            self.due.retain(|&(_, closing)| is_closing(closing));
        }
        assert!(self.due.len() < self.entries_max, "a connection closes once");
        self.due.push_back((at, connection));
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.front().map(|&(at, _)| at)
    }

    /// A connection whose time is over; it may be long gone.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<ConnectionId> {
        let &(at, connection) = self.due.front()?;
        if at > now {
            return None;
        }
        self.due.pop_front();
        Some(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_fall_due_in_order_and_are_bounded() {
        let name = |slot| ConnectionId { slot, generation: 0 };
        let mut deadlines = Deadlines::new(2);
        deadlines.push(Instant::from_millis(1), name(1), |_| true);
        deadlines.push(Instant::from_millis(2), name(2), |_| true);
        deadlines.push(Instant::from_millis(3), name(3), |closing| closing != name(1));
        assert_eq!(deadlines.next(), Some(Instant::from_millis(2)));
        assert_eq!(deadlines.pop_due(Instant::from_millis(2)), Some(name(2)));
        assert_eq!(deadlines.pop_due(Instant::from_millis(2)), None);
        assert_eq!(deadlines.pop_due(Instant::from_millis(4)), Some(name(3)));
        assert_eq!(deadlines.next(), None);
    }
}
