//! The slab of connections: one for each slot of the kernel's table of direct descriptors.

use sluice_units::ConnectionId;

use crate::outbound::{Payload, SendQueue, Spares};

/// How far a connection has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Nobody is there, or the slot is being given back.
    Free,
    /// Bytes go both ways.
    Open,
    /// It is to be handed out: what is queued goes out, and nothing more is read.
    Leaving,
    /// What is queued goes out still; what comes is dropped.
    Flushing,
    /// Everything in flight is being taken back.
    Ending,
}

/// The direction to the peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WriteSide {
    Open,
    /// A shutdown is in flight.
    Shutting,
    /// The socket is being made an ordinary descriptor.
    Extracting,
    /// The peer was told that nothing more comes.
    Ended,
}

/// The direction from the peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PeerSide {
    /// It is read as it comes.
    Calm,
    /// It sent more than its share of a turn: it is read one buffer at a time until it has no more.
    Flooding,
    /// It sends no more.
    Ended,
}

/// One slot. Small: a pool holds a million idle ones.
#[derive(Debug)]
pub(crate) struct Connection {
    generation: u32,
    pub(crate) phase: Phase,
    pub(crate) write_side: WriteSide,
    pub(crate) peer_side: PeerSide,
    /// A receive is in flight.
    pub(crate) receiving: bool,
    /// A send is in flight.
    pub(crate) sending: bool,
    /// A cancellation is in flight.
    pub(crate) cancelling: bool,
    /// In the list of those that the next turn looks at.
    pub(crate) listed: bool,
    /// Receive buffers that were reported in the turn `fed_turn`.
    fed: u8,
    fed_turn: u16,
    /// Receive buffers that are held back for later turns.
    pub(crate) held: u16,
    /// Only there while something waits.
    queue: Option<Box<SendQueue>>,
}

const _: () = assert!(size_of::<Connection>() <= 24);

impl Connection {
    const fn unused(generation: u32) -> Self {
        Self {
            generation,
            phase: Phase::Free,
            write_side: WriteSide::Open,
            peer_side: PeerSide::Calm,
            receiving: false,
            sending: false,
            cancelling: false,
            listed: false,
            fed: 0,
            fed_turn: 0,
            held: 0,
            queue: None,
        }
    }

    /// What waits to be sent, to be put back with [`Connection::put_queue`].
    pub(crate) fn take_queue(&mut self, spares: &mut Spares) -> Box<SendQueue> {
        self.queue.take().unwrap_or_else(|| spares.queue())
    }

    pub(crate) fn put_queue(&mut self, queue: Box<SendQueue>) {
        self.queue = Some(queue);
    }

    /// The next payload to send.
    pub(crate) fn next_payload(&mut self, spares: &mut Spares) -> Option<Payload> {
        let mut queue = self.queue.take()?;
        let payload = queue.pop();
        if queue.is_empty() {
            spares.keep_queue(queue);
        } else {
            self.queue = Some(queue);
        }
        payload
    }

    /// Forgets what waits to be sent.
    pub(crate) fn drop_queue(&mut self, spares: &mut Spares) {
        if let Some(queue) = self.queue.take() {
            spares.keep_queue(queue);
        }
    }

    /// Whether one more buffer may be reported in this turn; it then counts as reported.
    pub(crate) fn take_share(&mut self, turn: u64, buffers_max: u8) -> bool {
        // The low bits do: a turn that is taken for one 65,536 turns ago holds a buffer back once.
        let turn = turn as u16;
        if self.fed_turn != turn {
            (self.fed_turn, self.fed) = (turn, 0);
        }
        let allowed = self.fed < buffers_max;
        self.fed += u8::from(allowed);
        allowed
    }

    /// Whether the peer sends no more.
    pub(crate) const fn has_ended(&self) -> bool {
        matches!(self.peer_side, PeerSide::Ended)
    }

    /// Whether bytes may still come or go.
    pub(crate) const fn is_transferring(&self) -> bool {
        self.receiving || self.sending
    }

    /// Whether the kernel, or the next turn's list, still knows the connection.
    pub(crate) const fn is_busy(&self) -> bool {
        let shutting = matches!(self.write_side, WriteSide::Shutting | WriteSide::Extracting);
        self.receiving || self.sending || shutting || self.cancelling || self.listed
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

    /// The name of the connection in a slot, where there is one.
    pub(crate) fn occupant(&self, slot: u32) -> ConnectionId {
        let found = &self.slots[slot as usize];
        assert_ne!(found.phase, Phase::Free, "only occupied slots have deadlines");
        ConnectionId { slot, generation: found.generation }
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
        let (mut connection, mut spares) = (Connection::unused(0), Spares::default());
        let mut queue = connection.take_queue(&mut spares);
        queue.push(&[1], bounds, &mut spares).unwrap();
        connection.put_queue(queue);
        assert_eq!(connection.next_payload(&mut spares).unwrap().bytes(), [1]);
        assert!(connection.queue.is_none() && connection.next_payload(&mut spares).is_none());
    }

    #[test]
    fn a_share_is_of_one_turn() {
        let mut connection = Connection::unused(0);
        assert!(connection.take_share(1, 2) && connection.take_share(1, 2));
        assert!(!connection.take_share(1, 2));
        assert!(connection.take_share(2, 2));
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
