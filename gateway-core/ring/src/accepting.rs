//! How many accepts are in flight, and which of their places are free.

use std::time::Duration;

use rustix::io::Errno;
use sluice_units::Instant;

/// Accepts in flight at one time: connections that one turn can take up.
pub(crate) const ACCEPTS_IN_FLIGHT_MAX: u16 = 64;
/// How long accepting pauses where the system lacks descriptors or memory for one more.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The listener that the accept of a place is for: places are shared out evenly.
pub(crate) fn listener_of(place: u16, listeners: usize) -> usize {
    usize::from(place) % listeners
}

/// The accepting half of an engine.
///
/// Each accept in flight has a slot of the table set aside: an accept that finds the table full
/// would take the client from the queue and drop it.
#[derive(Debug)]
pub(crate) struct Accepting {
    idle_places: Vec<u16>,
    /// Slots of the table that are used, or not yet given back.
    slots_taken: u32,
    slots_max: u32,
    stopped: bool,
    retry_at: Option<Instant>,
}

impl Accepting {
    /// With no listener there is nothing to accept.
    pub(crate) fn new(slots_max: u32, listeners: usize) -> Self {
        Self {
            idle_places: (0..ACCEPTS_IN_FLIGHT_MAX).rev().collect(),
            slots_taken: 0,
            slots_max,
            stopped: listeners == 0,
            retry_at: None,
        }
    }

    /// Sets a slot aside for an outbound connection, while there are any.
    pub(crate) fn take_slot(&mut self) -> bool {
        let free = self.slots_taken + self.in_flight() < self.slots_max;
        self.slots_taken += u32::from(free);
        free
    }

    fn in_flight(&self) -> u32 {
        u32::from(ACCEPTS_IN_FLIGHT_MAX) - self.idle_places.len() as u32
    }

    /// The place for one more accept, while there are places and slots.
    pub(crate) fn next_place(&mut self, now: Instant) -> Option<u16> {
        if self.stopped || self.retry_at.is_some_and(|at| now < at) {
            return None;
        }
        self.retry_at = None;
        if self.slots_taken + self.in_flight() >= self.slots_max {
            return None;
        }
        self.idle_places.pop()
    }

    /// An accept has given a slot its occupant; `true` where that was the last slot.
    pub(crate) fn succeeded(&mut self, place: u16) -> bool {
        self.idle_places.push(place);
        self.slots_taken += 1;
        assert!(self.slots_taken <= self.slots_max, "every accept has a slot set aside");
        self.slots_taken == self.slots_max
    }

    /// An accept has failed. What concerns one client only is tried again at once.
    pub(crate) fn failed(&mut self, place: u16, errno: Errno, now: Instant) {
        self.idle_places.push(place);
        let of_one_client = [
            Errno::CONNABORTED,
            Errno::CONNRESET,
            Errno::INTR,
            Errno::PERM,
            Errno::PROTO,
            Errno::TIMEDOUT,
        ];
        if !of_one_client.contains(&errno) {
            self.retry_at = Some(now + RETRY_INTERVAL);
        }
    }

    /// A slot was given back.
    pub(crate) fn slot_freed(&mut self) {
        assert!(self.slots_taken > 0, "only taken slots are given back");
        self.slots_taken -= 1;
    }

    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    pub(crate) const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// When accepting goes on after a pause.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.retry_at.filter(|_| !self.stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1000);

    fn arm_all(accepting: &mut Accepting) -> Vec<u16> {
        std::iter::from_fn(|| accepting.next_place(NOW)).collect()
    }

    #[test]
    fn accepts_in_flight_and_slots_stay_within_the_table() {
        let mut accepting = Accepting::new(3, 1);
        let places = arm_all(&mut accepting);
        assert_eq!(places.len(), 3);
        assert!(!accepting.succeeded(places[0]) && !accepting.succeeded(places[1]));
        assert!(accepting.succeeded(places[2]), "the last slot");
        assert_eq!(accepting.next_place(NOW), None);
        accepting.slot_freed();
        assert_eq!(arm_all(&mut accepting).len(), 1);
        assert_eq!(arm_all(&mut Accepting::new(1000, 1)).len(), usize::from(ACCEPTS_IN_FLIGHT_MAX));
    }

    #[test]
    fn outbound_connections_take_what_accepts_leave() {
        let mut accepting = Accepting::new(2, 1);
        assert_eq!(arm_all(&mut accepting).len(), 2);
        assert!(!accepting.take_slot());
        let mut accepting = Accepting::new(1, 0);
        assert_eq!(accepting.next_place(NOW), None, "nothing listens");
        assert!(accepting.take_slot() && !accepting.take_slot());
        accepting.slot_freed();
        assert!(accepting.take_slot());
    }

    #[test]
    fn a_lack_of_the_system_pauses_and_a_lost_client_does_not() {
        let mut accepting = Accepting::new(1, 1);
        let place = accepting.next_place(NOW).unwrap();
        accepting.failed(place, Errno::CONNABORTED, NOW);
        let place = accepting.next_place(NOW).unwrap();
        accepting.failed(place, Errno::NFILE, NOW);
        assert_eq!(accepting.next_place(NOW), None);
        let later = accepting.retry_at().unwrap();
        assert!(later > NOW && accepting.next_place(later).is_some());
        accepting.stop();
        assert_eq!(accepting.next_place(later), None);
    }
}
