//! The slab of connections: one for each slot of the kernel's table of direct descriptors.

use sluice_units::ConnectionId;

use crate::outbound::{Payload, SendQueue};

/// How far a connection has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Nobody is there, or the slot is being given back.
    Free,
    /// Bytes go both ways.
    Open,
    /// What is queued goes out still; what comes is dropped.
    Flushing,
    /// Everything in flight is being taken back.
    Ending,
}

/// One slot. Small: a pool holds a million idle ones.
#[derive(Debug)]
pub(crate) struct Connection {
    generation: u32,
    pub(crate) phase: Phase,
    /// A multishot receive is in flight.
    pub(crate) receiving: bool,
    /// A send is in flight.
    pub(crate) sending: bool,
    /// A shutdown is in flight.
    pub(crate) shutting: bool,
    /// A cancellation is in flight.
    pub(crate) cancelling: bool,
    /// In the list of those that the next turn looks at.
    pub(crate) listed: bool,
    /// The peer sends no more.
    pub(crate) peer_ended: bool,
    /// The peer was told that nothing more comes.
    pub(crate) write_ended: bool,
    /// Only there while something waits.
    queue: Option<Box<SendQueue>>,
}

const _: () = assert!(size_of::<Connection>() <= 24);

impl Connection {
    const fn unused(generation: u32) -> Self {
        Self {
            generation,
            phase: Phase::Free,
            receiving: false,
            sending: false,
            shutting: false,
            cancelling: false,
            listed: false,
            peer_ended: false,
            write_ended: false,
            queue: None,
        }
    }

    /// What waits to be sent.
    pub(crate) fn queue(&mut self) -> &mut SendQueue {
        self.queue.get_or_insert_default()
    }

    /// The next payload to send.
    pub(crate) fn next_payload(&mut self) -> Option<Payload> {
        let queue = self.queue.as_mut()?;
        let payload = queue.pop();
        if queue.is_empty() {
            self.queue = None;
        }
        payload
    }

    /// Forgets what waits to be sent.
    pub(crate) fn drop_queue(&mut self) {
        self.queue = None;
    }

    /// Whether bytes may still come or go.
    pub(crate) const fn is_transferring(&self) -> bool {
        self.receiving || self.sending
    }

    /// Whether the kernel, or the next turn's list, still knows the connection.
    pub(crate) const fn is_busy(&self) -> bool {
        self.receiving || self.sending || self.shutting || self.cancelling || self.listed
    }
}

/// All slots of one engine.
#[derive(Debug)]
pub(crate) struct Connections {
    slots: Vec<Connection>,
    open: u32,
}

impl Connections {
    pub(crate) fn new(connections_max: u32) -> Self {
        let slots = (0..connections_max).map(|_| Connection::unused(0)).collect();
        Self { slots, open: 0 }
    }

    /// Connections that were announced and not yet reported closed.
    pub(crate) const fn open(&self) -> u32 {
        self.open
    }

    /// A new occupant of a slot.
    pub(crate) fn occupy(&mut self, slot: u32) -> ConnectionId {
        let connection = &mut self.slots[slot as usize];
        assert_eq!(connection.phase, Phase::Free, "the kernel hands out free slots");
        connection.phase = Phase::Open;
        self.open += 1;
        ConnectionId { slot, generation: connection.generation }
    }

    /// The occupant is gone; the next one has another generation.
    pub(crate) fn vacate(&mut self, connection: ConnectionId) {
        let slot = self.get(connection).expect("only occupants leave");
        assert!(!slot.is_busy(), "an occupant leaves after all it had in flight");
        *slot = Connection::unused(connection.generation.wrapping_add(1));
        self.open -= 1;
    }

    /// The connection of that name, unless it is gone.
    pub(crate) fn get(&mut self, connection: ConnectionId) -> Option<&mut Connection> {
        let found = self.slots.get_mut(connection.slot as usize)?;
        (found.generation == connection.generation && found.phase != Phase::Free).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_occupant_is_not_found() {
        let mut connections = Connections::new(2);
        let first = connections.occupy(1);
        assert!(connections.get(first).is_some());
        connections.vacate(first);
        assert!(connections.get(first).is_none());
        let second = connections.occupy(1);
        assert_ne!(first, second);
        assert!(connections.get(first).is_none() && connections.get(second).is_some());
        assert!(connections.get(ConnectionId { slot: 2, generation: 0 }).is_none());
        assert_eq!(connections.open(), 1);
    }

    #[test]
    fn an_idle_connection_keeps_no_queue() {
        let bounds = crate::outbound::QueueBounds { payloads_max: 1, bytes_max: 1 };
        let mut connection = Connection::unused(0);
        connection.queue().push(&[1], bounds).unwrap();
        assert_eq!(connection.next_payload().unwrap().bytes(), [1]);
        assert!(connection.queue.is_none() && connection.next_payload().is_none());
    }

    #[test]
    #[should_panic(expected = "after all it had in flight")]
    fn a_slot_with_an_operation_in_flight_is_not_reused() {
        let mut connections = Connections::new(1);
        let connection = connections.occupy(0);
        connections.get(connection).unwrap().receiving = true;
        connections.vacate(connection);
    }
}
