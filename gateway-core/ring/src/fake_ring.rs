//! A ring without a kernel: a test reads what the engine pushed, and says what came of it.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use sluice_units::{ConnectionId, Instant};

use crate::operation::{Completion, Operation, Ring};
use crate::outbound::Payload;

/// Bytes of each fake receive buffer.
pub(crate) const BUFFER_BYTES: usize = 64;

/// What the engine pushed waits in `pushed` until the test completes it.
#[derive(Debug, Default)]
pub(crate) struct FakeRing {
    pub(crate) now: Instant,
    pub(crate) pushed: VecDeque<Operation>,
    /// The payload of each send in `pushed`, in the same order.
    pub(crate) payloads: VecDeque<(ConnectionId, Payload)>,
    pub(crate) waits: Vec<Duration>,
    pub(crate) listening_ended: bool,
    /// The slot that each install is given, by place.
    pub(crate) installed: BTreeMap<u16, u32>,
    /// Where each connect goes, by place, and its slot.
    pub(crate) connects: BTreeMap<u16, (u32, SocketAddr)>,
    pub(crate) overflowed: bool,
    completions: VecDeque<Completion>,
    buffers: Vec<Option<[u8; BUFFER_BYTES]>>,
}

impl FakeRing {
    /// Buffers that are with the engine.
    pub(crate) fn buffers_taken(&self) -> usize {
        self.buffers.iter().flatten().count()
    }

    /// Takes a pushed operation, which must be there.
    pub(crate) fn take(&mut self, operation: Operation) {
        let at = self.pushed.iter().position(|&pushed| pushed == operation);
        let at = at.unwrap_or_else(|| panic!("{operation:?} was not pushed: {:?}", self.pushed));
        self.pushed.remove(at);
    }

    /// Takes the place of an accept in flight.
    pub(crate) fn take_accept(&mut self) -> u16 {
        let place = self.pushed.iter().find_map(|pushed| match pushed {
            Operation::Accept { place } => Some(*place),
            _ => None,
        });
        let place = place.expect("an accept is in flight");
        self.take(Operation::Accept { place });
        place
    }

    /// The last completion of an operation that was taken.
    pub(crate) fn complete(&mut self, operation: Operation, result: i32) {
        let completion = Completion {
            operation,
            result,
            more: false,
            buffer: None,
            payload: None,
            socket: None,
        };
        self.completions.push_back(completion);
    }

    /// The completion of an extraction that has succeeded.
    pub(crate) fn finish_extract(&mut self, connection: ConnectionId, socket: OwnedFd) {
        self.take(Operation::Extract(connection));
        self.completions.push_back(Completion {
            operation: Operation::Extract(connection),
            result: 0,
            more: false,
            buffer: None,
            payload: None,
            socket: Some(socket),
        });
    }

    /// Bytes for a receive, which goes on afterwards or not.
    pub(crate) fn deliver(&mut self, connection: ConnectionId, bytes: &[u8], more: bool) {
        self.deliver_to(Operation::Receive(connection), bytes, more);
    }

    /// Bytes for the one receive of a connection that floods.
    pub(crate) fn deliver_once(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.take(Operation::ReceiveOnce(connection));
        self.deliver_to(Operation::ReceiveOnce(connection), bytes, false);
    }

    fn deliver_to(&mut self, operation: Operation, bytes: &[u8], more: bool) {
        let mut filled = [0; BUFFER_BYTES];
        filled[..bytes.len()].copy_from_slice(bytes);
        self.buffers.push(Some(filled));
        self.completions.push_back(Completion {
            operation,
            result: i32::try_from(bytes.len()).unwrap(),
            more,
            buffer: Some(u16::try_from(self.buffers.len() - 1).unwrap()),
            payload: None,
            socket: None,
        });
    }

    /// A datagram for a socket, cut where it has no sender.
    pub(crate) fn deliver_datagram(&mut self, socket: u16, whole: bool, bytes: &[u8]) {
        let mut filled = [0; BUFFER_BYTES];
        filled[0] = u8::from(whole);
        filled[1..=bytes.len()].copy_from_slice(bytes);
        self.buffers.push(Some(filled));
        self.completions.push_back(Completion {
            operation: Operation::Datagrams { socket },
            result: i32::try_from(bytes.len() + 1).unwrap(),
            more: true,
            buffer: Some(u16::try_from(self.buffers.len() - 1).unwrap()),
            payload: None,
            socket: None,
        });
    }

    /// Completes the send in flight of a connection with a result that its length decides;
    /// returns the bytes.
    pub(crate) fn finish_send(
        &mut self,
        connection: ConnectionId,
        result: impl FnOnce(i32) -> i32,
    ) -> Vec<u8> {
        self.take(Operation::Send(connection));
        let at = self.payloads.iter().position(|(of, _)| *of == connection).unwrap();
        let (_, payload) = self.payloads.remove(at).unwrap();
        let bytes = payload.bytes().to_vec();
        self.completions.push_back(Completion {
            operation: Operation::Send(connection),
            result: result(i32::try_from(bytes.len()).unwrap()),
            more: false,
            buffer: None,
            payload: Some(payload),
            socket: None,
        });
        bytes
    }
}

impl Ring for FakeRing {
    fn now(&self) -> Instant {
        self.now
    }

    fn push(&mut self, operation: Operation) {
        self.pushed.push_back(operation);
    }

    fn push_send(&mut self, connection: ConnectionId, payload: Payload) {
        self.pushed.push_back(Operation::Send(connection));
        self.payloads.push_back((connection, payload));
    }

    fn submit_and_wait(&mut self, wait: Duration) -> io::Result<()> {
        self.waits.push(wait);
        Ok(())
    }

    fn is_overflowed(&mut self) -> bool {
        self.overflowed
    }

    fn next_completion(&mut self) -> Option<Completion> {
        self.completions.pop_front()
    }

    fn received(&self, buffer: u16, length: usize) -> &[u8] {
        &self.buffers[usize::from(buffer)].as_ref().expect("a taken buffer is read")[..length]
    }

    fn recycle(&mut self, buffer: u16) {
        self.buffers[usize::from(buffer)].take().expect("a buffer is given back once");
    }

    fn peer(&self, place: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], place))
    }

    fn push_install(&mut self, place: u16, _socket: OwnedFd) {
        self.pushed.push_back(Operation::Install { place });
    }

    fn installed_slot(&self, place: u16) -> u32 {
        self.installed[&place]
    }

    fn push_connect(&mut self, place: u16, slot: u32, remote: SocketAddr) {
        self.connects.insert(place, (slot, remote));
        self.pushed.push_back(Operation::Connect { place });
    }

    fn add_datagram_socket(&mut self, _socket: OwnedFd) -> u16 {
        0
    }

    fn datagram(&self, buffer: u16, length: usize) -> Option<(SocketAddr, &[u8])> {
        let (whole, bytes) = self.received(buffer, length).split_first()?;
        (*whole == 1).then_some((SocketAddr::from(([127, 0, 0, 1], 1)), bytes))
    }

    fn stop_listening(&mut self) {
        self.listening_ended = true;
    }
}
