//! How an operation is named while it is in flight, and what the engine asks of a ring.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use sluice_units::{ConnectionId, Instant};

use crate::outbound::Payload;

/// What was asked of the kernel: 64 bits that come back with the completion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    /// Accept into a free slot, with one of the places for the peer's address.
    Accept {
        place: u16,
    },
    /// Receive into provided buffers until told otherwise.
    Receive(ConnectionId),
    /// Receive into one provided buffer.
    ReceiveOnce(ConnectionId),
    /// Send the one payload in flight.
    Send(ConnectionId),
    /// End the direction to the peer.
    ShutdownWrite(ConnectionId),
    /// Take back whatever the connection has in flight.
    Cancel(ConnectionId),
    /// Give the slot back.
    Close {
        slot: u32,
    },
    /// Wait for another thread's wake-up.
    Wake,
    /// Take back everything, at the end of the ring.
    CancelAll,
    /// Put an outbound socket into a free slot of the table.
    Install {
        place: u16,
    },
    /// Connect the socket of that place.
    Connect {
        place: u16,
    },
    /// Take back a connect that takes too long.
    CancelConnect {
        place: u16,
    },
    /// Take back the receive of a connection that sends more than its share.
    CancelReceive(ConnectionId),
    /// Take back the receive of a connection that leaves, of either kind.
    StopReceiving(ConnectionId),
    StopReceivingOnce(ConnectionId),
    /// Make an ordinary descriptor of the connection's socket.
    Extract(ConnectionId),
    /// Receive datagrams into provided buffers until told otherwise.
    Datagrams {
        socket: u16,
    },
}

/// Bits that hold a slot: more than a ring's table can have (`CONNECTIONS_MAX`).
const SLOT_BITS: u32 = 24;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;
const _: () = assert!((crate::config::CONNECTIONS_MAX as u64) < SLOT_MASK);

impl Operation {
    /// Generation (32 bits), slot (24), kind (8), high to low.
    pub(crate) fn to_user_data(self) -> u64 {
        let (kind, generation, slot) = match self {
            Self::Accept { place } => (1, 0, u32::from(place)),
            Self::Receive(connection) => (2, connection.generation, connection.slot),
            Self::Send(connection) => (3, connection.generation, connection.slot),
            Self::ShutdownWrite(connection) => (4, connection.generation, connection.slot),
            Self::Cancel(connection) => (5, connection.generation, connection.slot),
            Self::Close { slot } => (6, 0, slot),
            Self::Wake => (7, 0, 0),
            Self::CancelAll => (8, 0, 0),
            Self::Install { place } => (9, 0, u32::from(place)),
            Self::Connect { place } => (10, 0, u32::from(place)),
            Self::CancelConnect { place } => (11, 0, u32::from(place)),
            Self::CancelReceive(connection) => (12, connection.generation, connection.slot),
            Self::Datagrams { socket } => (13, 0, u32::from(socket)),
            Self::ReceiveOnce(connection) => (14, connection.generation, connection.slot),
            Self::Extract(connection) => (15, connection.generation, connection.slot),
            Self::StopReceiving(connection) => (16, connection.generation, connection.slot),
            Self::StopReceivingOnce(connection) => (17, connection.generation, connection.slot),
        };
        assert!(u64::from(slot) <= SLOT_MASK, "slots are below the table's bound");
        u64::from(generation) << 32 | u64::from(slot) << 8 | kind
    }

    /// The mirror of [`Operation::to_user_data`].
    pub(crate) fn from_user_data(data: u64) -> Self {
        let slot = (data >> 8 & SLOT_MASK) as u32;
        let connection = ConnectionId { slot, generation: (data >> 32) as u32 };
        match data & 0xff {
            1 => Self::Accept { place: slot as u16 },
            2 => Self::Receive(connection),
            3 => Self::Send(connection),
            4 => Self::ShutdownWrite(connection),
            5 => Self::Cancel(connection),
            6 => Self::Close { slot },
            7 => Self::Wake,
            8 => Self::CancelAll,
            9 => Self::Install { place: slot as u16 },
            10 => Self::Connect { place: slot as u16 },
            11 => Self::CancelConnect { place: slot as u16 },
            12 => Self::CancelReceive(connection),
            13 => Self::Datagrams { socket: slot as u16 },
            14 => Self::ReceiveOnce(connection),
            15 => Self::Extract(connection),
            16 => Self::StopReceiving(connection),
            17 => Self::StopReceivingOnce(connection),
            kind => unreachable!("operation {kind} was never submitted"),
        }
    }
}

/// What came of an operation.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) operation: Operation,
    /// The kernel's number: a count of bytes, a slot, or a negative error.
    pub(crate) result: i32,
    /// Whether the operation goes on, and will complete again.
    pub(crate) more: bool,
    /// The receive buffer that holds the bytes; whoever takes the completion recycles it.
    pub(crate) buffer: Option<u16>,
    /// The payload of a send, given back.
    pub(crate) payload: Option<Payload>,
    /// The descriptor of an extracted socket.
    pub(crate) socket: Option<OwnedFd>,
}

/// What the engine needs of a kernel. A fake one drives the same engine in tests.
///
/// Memory that an operation reads or writes belongs to the ring until its completion is taken.
pub(crate) trait Ring {
    /// The time, for deadlines.
    fn now(&self) -> Instant;

    /// Queues any operation but a send; nothing leaves before [`Ring::submit_and_wait`].
    fn push(&mut self, operation: Operation);

    /// Queues a send of the whole payload. A slot has at most one in flight.
    fn push_send(&mut self, connection: ConnectionId, payload: Payload);

    /// Hands the queue to the kernel and waits for a completion, at most for `wait`.
    fn submit_and_wait(&mut self, wait: Duration) -> io::Result<()>;

    /// Whether the kernel still keeps completions for which the ring had no room.
    fn is_overflowed(&mut self) -> bool;

    /// The next completion that is there already.
    fn next_completion(&mut self) -> Option<Completion>;

    /// Bytes in a receive buffer that came with a completion and is not yet recycled.
    fn received(&self, buffer: u16, length: usize) -> &[u8];

    /// Gives a receive buffer back to the kernel.
    fn recycle(&mut self, buffer: u16);

    /// Who connected, after the accept with that place has succeeded and before the next one.
    fn peer(&self, place: u16) -> SocketAddr;

    /// Queues an outbound socket for a slot of the kernel's choice.
    fn push_install(&mut self, place: u16, socket: OwnedFd);

    /// The slot that was chosen, after the install with that place has succeeded.
    fn installed_slot(&self, place: u16) -> u32;

    /// Queues the connect of the socket in a slot.
    fn push_connect(&mut self, place: u16, slot: u32, remote: SocketAddr);

    /// Takes a bound datagram socket; its number is what [`Operation::Datagrams`] names.
    fn add_datagram_socket(&mut self, socket: OwnedFd) -> u16;

    /// Sender and bytes of a whole datagram in a buffer of so many bytes; `None` where it was cut.
    fn datagram(&self, buffer: u16, length: usize) -> Option<(SocketAddr, &[u8])>;

    /// Ends the listener; accepts in flight fail.
    fn stop_listening(&mut self);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        let connection = ConnectionId { slot: 0x000f_ffff, generation: u32::MAX };
        for operation in [
            Operation::Accept { place: 63 },
            Operation::Receive(connection),
            Operation::Send(connection),
            Operation::ShutdownWrite(connection),
            Operation::Cancel(connection),
            Operation::Close { slot: 7 },
            Operation::Wake,
            Operation::CancelAll,
            Operation::Install { place: 255 },
            Operation::Connect { place: 255 },
            Operation::CancelConnect { place: 255 },
            Operation::CancelReceive(connection),
            Operation::Datagrams { socket: 3 },
            Operation::ReceiveOnce(connection),
            Operation::Extract(connection),
            Operation::StopReceiving(connection),
            Operation::StopReceivingOnce(connection),
        ] {
            assert_eq!(Operation::from_user_data(operation.to_user_data()), operation);
        }
    }
}
