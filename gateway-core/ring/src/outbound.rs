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

const _: () = assert!(size_of::<Option<Payload>>() <= 24);

/// The bounds of every queue of one engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueBounds {
    pub(crate) payloads_max: usize,
    pub(crate) bytes_max: usize,
}

/// A bound of the queue is reached: the peer does not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct QueueFull;

/// A payload that was not handed to the kernel yet.
#[derive(Debug)]
struct Waiting {
    payload: Payload,
    /// Where there is one, the payload is worthless once another of that rank or above waits.
    rank: Option<u8>,
}

/// Payloads in the order in which they were asked to be sent.
#[derive(Debug, Default)]
pub(crate) struct SendQueue {
    payloads: VecDeque<Waiting>,
    bytes: usize,
}

impl SendQueue {
    /// Appends a copy. Small replies of one turn join, and leave as one segment.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        bounds: QueueBounds,
        spares: &mut Spares,
    ) -> Result<(), QueueFull> {
        if self.bytes + bytes.len() > bounds.bytes_max {
            return Err(QueueFull);
        }
        if let Some(Waiting { payload: Payload::Own(last), .. }) = self.payloads.back_mut() {
            last.extend_from_slice(bytes);
            self.bytes += bytes.len();
            return Ok(());
        }
        if self.payloads.len() >= bounds.payloads_max {
            return Err(QueueFull);
        }
        self.push_back(Payload::Own(spares.copy_of(bytes)), None, bounds)
    }

    /// Appends a payload that other connections send too.
    pub(crate) fn push_shared(
        &mut self,
        bytes: &Arc<[u8]>,
        bounds: QueueBounds,
    ) -> Result<(), QueueFull> {
        self.push_back(Payload::Shared(Arc::clone(bytes)), None, bounds)
    }

    /// Appends a payload in place of those that wait with the same rank or a lower one; tells how
    /// many it replaced.
    pub(crate) fn push_latest(
        &mut self,
        bytes: &Arc<[u8]>,
        rank: u8,
        bounds: QueueBounds,
    ) -> Result<u64, QueueFull> {
        let (payloads_before, mut bytes_replaced) = (self.payloads.len(), 0);
        self.payloads.retain(|waiting| {
            let is_replaced = waiting.rank.is_some_and(|of_rank| of_rank <= rank);
            bytes_replaced += if is_replaced { waiting.payload.bytes().len() } else { 0 };
            !is_replaced
        });
        self.bytes -= bytes_replaced;
        let replaced = payloads_before - self.payloads.len();
        self.push_back(Payload::Shared(Arc::clone(bytes)), Some(rank), bounds)?;
        Ok(replaced as u64)
    }

    fn push_back(
        &mut self,
        payload: Payload,
        rank: Option<u8>,
        bounds: QueueBounds,
    ) -> Result<(), QueueFull> {
        let bytes = self.bytes + payload.bytes().len();
        if self.payloads.len() >= bounds.payloads_max || bytes > bounds.bytes_max {
            return Err(QueueFull);
        }
        self.bytes = bytes;
        self.payloads.push_back(Waiting { payload, rank });
        Ok(())
    }

    /// The next payload to send.
    pub(crate) fn pop(&mut self) -> Option<Payload> {
        let Waiting { payload, .. } = self.payloads.pop_front()?;
        self.bytes -= payload.bytes().len();
        Some(payload)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.payloads.is_empty()
    }
}

/// Queues kept for reuse: as many as one turn attends to, and some.
const SPARE_QUEUES_MAX: usize = 1024;
/// Buffers kept for reuse.
const SPARE_BUFFERS_MAX: usize = 1024;
/// A buffer that has grown beyond this is not kept.
const SPARE_BUFFER_BYTES_MAX: usize = 4096;
/// Room that a new buffer has at least: the replies of a turn mostly fit.
const BUFFER_BYTES_MIN: usize = 256;

/// Queues and buffers that nobody uses at the moment. Whoever sends takes from here and gives back,
/// so that a steady engine allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Spares {
    #[allow(clippy::vec_box, reason = "the boxes are what is kept: they go into connections")]
    queues: Vec<Box<SendQueue>>,
    buffers: Vec<Vec<u8>>,
}

impl Spares {
    /// An empty queue.
    pub(crate) fn queue(&mut self) -> Box<SendQueue> {
        self.queues.pop().unwrap_or_default()
    }

    /// Takes a queue back; what waits in it is dropped.
    pub(crate) fn keep_queue(&mut self, mut queue: Box<SendQueue>) {
        while let Some(payload) = queue.pop() {
            self.keep_payload(payload);
        }
        if self.queues.len() < SPARE_QUEUES_MAX {
            self.queues.push(queue);
        }
    }

    /// Takes the memory of a payload back.
    pub(crate) fn keep_payload(&mut self, payload: Payload) {
        if let Payload::Own(mut bytes) = payload
            && bytes.capacity() <= SPARE_BUFFER_BYTES_MAX
            && self.buffers.len() < SPARE_BUFFERS_MAX
        {
            bytes.clear();
            self.buffers.push(bytes);
        }
    }

    fn copy_of(&mut self, bytes: &[u8]) -> Vec<u8> {
        let fresh = || Vec::with_capacity(bytes.len().max(BUFFER_BYTES_MIN));
        let mut copy = self.buffers.pop().unwrap_or_else(fresh);
        copy.extend_from_slice(bytes);
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: QueueBounds = QueueBounds { payloads_max: 2, bytes_max: 100 };

    #[test]
    fn small_payloads_join_and_keep_their_order() {
        let (mut queue, mut spares) = (SendQueue::default(), Spares::default());
        for _ in 0..10 {
            assert_eq!(queue.push(&[1], BOUNDS, &mut spares), Ok(()));
        }
        assert_eq!(queue.push_shared(&[2; 3].into(), BOUNDS), Ok(()));
        assert_eq!(queue.pop().unwrap().bytes(), [1; 10]);
        assert_eq!(queue.push(&[3], BOUNDS, &mut spares), Ok(()));
        assert_eq!(queue.pop().unwrap().bytes(), [2; 3]);
        assert_eq!(queue.pop().unwrap().bytes(), [3]);
        assert!(queue.pop().is_none() && queue.is_empty());
        assert_eq!(queue.bytes, 0);
    }

    #[test]
    fn both_bounds_hold() {
        let shared: Arc<[u8]> = [0; 10].into();
        let (mut queue, mut spares) = (SendQueue::default(), Spares::default());
        assert_eq!(queue.push_shared(&shared, BOUNDS), Ok(()));
        assert_eq!(queue.push_shared(&shared, BOUNDS), Ok(()));
        assert_eq!(queue.push_shared(&shared, BOUNDS), Err(QueueFull), "a third payload");
        assert_eq!(queue.push(&[0], BOUNDS, &mut spares), Err(QueueFull), "a third payload");
        queue.pop().unwrap();
        assert_eq!(queue.push(&[0; 90], BOUNDS, &mut spares), Ok(()));
        assert_eq!(queue.push(&[0], BOUNDS, &mut spares), Err(QueueFull), "101 bytes");
        queue.pop().unwrap();
        assert_eq!(queue.push_shared(&shared, BOUNDS), Ok(()));
        assert_eq!(queue.push_shared(&[0].into(), BOUNDS), Err(QueueFull), "101 bytes");
    }

    #[test]
    fn the_latest_replaces_what_waits_with_its_rank_or_below() {
        let bounds = QueueBounds { payloads_max: 4, bytes_max: 100 };
        let (mut queue, mut spares) = (SendQueue::default(), Spares::default());
        let job = |byte: u8| -> Arc<[u8]> { [byte; 40].into() };
        assert_eq!(queue.push_latest(&job(1), 0, bounds), Ok(0));
        queue.push(b"difficulty", bounds, &mut spares).unwrap();
        assert_eq!(queue.push_latest(&job(2), 0, bounds), Ok(1), "a refresh for a refresh");
        assert_eq!(queue.push_latest(&job(3), 1, bounds), Ok(1), "a clean one for a refresh");
        assert_eq!(queue.push_latest(&job(4), 0, bounds), Ok(0), "no refresh for a clean one");
        assert_eq!(queue.bytes, 90);
        assert_eq!(queue.pop().unwrap().bytes(), b"difficulty");
        assert_eq!(queue.pop().unwrap().bytes(), [3; 40]);
        assert_eq!(queue.pop().unwrap().bytes(), [4; 40]);
        assert!(queue.is_empty() && queue.bytes == 0);
    }

    #[test]
    fn queues_and_buffers_are_used_again_and_large_ones_are_not_kept() {
        let mut spares = Spares::default();
        let mut queue = spares.queue();
        let bounds = QueueBounds { payloads_max: 4, bytes_max: 1 << 20 };
        queue.push(b"reply", bounds, &mut spares).unwrap();
        queue.push_shared(&[0].into(), bounds).unwrap();
        queue.push(&[0; 2 * SPARE_BUFFER_BYTES_MAX], bounds, &mut spares).unwrap();
        spares.keep_queue(queue);
        assert_eq!((spares.queues.len(), spares.buffers.len()), (1, 1));
        let mut queue = spares.queue();
        assert!(queue.is_empty() && queue.bytes == 0);
        queue.push(b"next", bounds, &mut spares).unwrap();
        assert_eq!(queue.pop().unwrap().bytes(), b"next");
        assert_eq!((spares.queues.len(), spares.buffers.len()), (0, 0));
    }
}
