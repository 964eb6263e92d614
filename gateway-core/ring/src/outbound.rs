//! What waits to be sent on one connection.

use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes on their way to a peer.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    /// Of this connection alone; more may be appended while it waits.
    Own(Vec<u8>),
    /// Of many connections.
    Shared(Arc<[u8]>),
}

impl Payload {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

/// The bounds of every queue of one engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueBounds {
    pub(crate) payloads_max: usize,
    pub(crate) bytes_max: usize,
}

/// A bound of the queue is reached: the peer does not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct QueueFull;

/// Payloads in the order in which they were asked to be sent.
#[derive(Debug, Default)]
pub(crate) struct SendQueue {
    payloads: VecDeque<Payload>,
    bytes: usize,
}

impl SendQueue {
    /// Appends a copy. Small replies of one turn join, and leave as one segment.
    pub(crate) fn push(&mut self, bytes: &[u8], bounds: QueueBounds) -> Result<(), QueueFull> {
        if self.bytes + bytes.len() > bounds.bytes_max {
            return Err(QueueFull);
        }
        if let Some(Payload::Own(last)) = self.payloads.back_mut() {
            last.extend_from_slice(bytes);
            self.bytes += bytes.len();
            return Ok(());
        }
        self.push_back(Payload::Own(bytes.to_vec()), bounds)
    }

    /// Appends a payload that other connections send too.
    pub(crate) fn push_shared(
        &mut self,
        bytes: &Arc<[u8]>,
        bounds: QueueBounds,
    ) -> Result<(), QueueFull> {
        if self.bytes + bytes.len() > bounds.bytes_max {
            return Err(QueueFull);
        }
        self.push_back(Payload::Shared(Arc::clone(bytes)), bounds)
    }

    fn push_back(&mut self, payload: Payload, bounds: QueueBounds) -> Result<(), QueueFull> {
        if self.payloads.len() >= bounds.payloads_max {
            return Err(QueueFull);
        }
        self.bytes += payload.bytes().len();
        self.payloads.push_back(payload);
        Ok(())
    }

    /// The next payload to send.
    pub(crate) fn pop(&mut self) -> Option<Payload> {
        let payload = self.payloads.pop_front()?;
        self.bytes -= payload.bytes().len();
        Some(payload)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.payloads.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: QueueBounds = QueueBounds { payloads_max: 2, bytes_max: 100 };

    #[test]
    fn small_payloads_join_and_keep_their_order() {
        let mut queue = SendQueue::default();
        for _ in 0..10 {
            assert_eq!(queue.push(&[1], BOUNDS), Ok(()));
        }
        assert_eq!(queue.push_shared(&[2; 3].into(), BOUNDS), Ok(()));
        assert_eq!(queue.pop().unwrap().bytes(), [1; 10]);
        assert_eq!(queue.push(&[3], BOUNDS), Ok(()));
        assert_eq!(queue.pop().unwrap().bytes(), [2; 3]);
        assert_eq!(queue.pop().unwrap().bytes(), [3]);
        assert!(queue.pop().is_none() && queue.is_empty());
        assert_eq!(queue.bytes, 0);
    }

    #[test]
    fn both_bounds_hold() {
        let shared: Arc<[u8]> = [0; 10].into();
        let mut queue = SendQueue::default();
        assert_eq!(queue.push_shared(&shared, BOUNDS), Ok(()));
        assert_eq!(queue.push_shared(&shared, BOUNDS), Ok(()));
        assert_eq!(queue.push_shared(&shared, BOUNDS), Err(QueueFull), "a third payload");
        assert_eq!(queue.push(&[0], BOUNDS), Err(QueueFull), "a third payload");
        queue.pop().unwrap();
        assert_eq!(queue.push(&[0; 90], BOUNDS), Ok(()));
        assert_eq!(queue.push(&[0], BOUNDS), Err(QueueFull), "101 bytes");
        queue.pop().unwrap();
        assert_eq!(queue.push_shared(&shared, BOUNDS), Ok(()));
        assert_eq!(queue.push_shared(&[0].into(), BOUNDS), Err(QueueFull), "101 bytes");
    }
}
