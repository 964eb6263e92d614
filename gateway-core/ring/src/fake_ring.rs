//! A ring without a kernel: a test reads what the engine pushed, and says what came of it.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use sluice_units::{ConnectionId, Instant};

use crate::operation::{Completion, Operation, Ring};
use crate::outbound::Payload;

/// Bytes of each fake receive buffer.
const BUFFER_BYTES: usize = 64;

/// What the engine pushed waits in `pushed` until the test completes it.
#[derive(Debug, Default)]
pub(crate) struct FakeRing {
    pub(crate) now: Instant,
    pub(crate) pushed: VecDeque<Operation>,
    /// The payload of each send in `pushed`, in the same order.
    pub(crate) payloads: VecDeque<(ConnectionId, Payload)>,
    pub(crate) waits: Vec<Duration>,
    pub(crate) listening_ended: bool,
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
        let completion = Completion { operation, result, more: false, buffer: None, payload: None };
        self.completions.push_back(completion);
    }

    /// Bytes for a receive, which goes on afterwards or not.
    pub(crate) fn deliver(&mut self, connection: ConnectionId, bytes: &[u8], more: bool) {
        let mut filled = [0; BUFFER_BYTES];
        filled[..bytes.len()].copy_from_slice(bytes);
        self.buffers.push(Some(filled));
        self.completions.push_back(Completion {
            operation: Operation::Receive(connection),
            result: i32::try_from(bytes.len()).unwrap(),
            more,
            buffer: Some(u16::try_from(self.buffers.len() - 1).unwrap()),
            payload: None,
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

    fn stop_listening(&mut self) {
        self.listening_ended = true;
    }
}
