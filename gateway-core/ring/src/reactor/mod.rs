//! What each completion entails: the state of every connection, over any [`Ring`].
//!
//! How connections come about is in `opening`, what peers send in `receiving`, how they go to another engine in
//! `leaving`.
//!
//! Calls from outside a turn only note what is wanted: bytes go to the connection's queue, and the
//! connection to the list of those that need attention. The next turn looks at that list, a slice
//! at a time, so that a broadcast to everybody has reads served in between.

mod leaving;
mod opening;
mod receiving;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use sluice_units::{ConnectionId, Instant, TimerWheel};

use crate::accepting::Accepting;
use crate::config::EngineConfig;
use crate::connections::{Connection, Connections, PeerSide, Phase, WriteSide};
use crate::dialing::Dials;
use crate::engine::{Handler, Sent};
use crate::error::EngineError;
use crate::operation::{Completion, Operation, Ring};
use crate::outbound::{QueueBounds, QueueFull, SendQueue, Spares};
use crate::stats::EngineStats;
use receiving::Held;

/// Connections that one turn attends to before it looks at completions; the rest follow in the
/// next turns, which do not wait.
pub(crate) const ATTENTION_PER_TURN_MAX: usize = 512;

/// How exactly deadlines are kept.
const DEADLINE_TICK: Duration = Duration::from_millis(16);

/// The longest wait of one turn; the kernel takes no unbounded time.
const WAIT_MAX: Duration = Duration::from_secs(3600);

/// The engine, whatever the ring.
pub(crate) struct Reactor<R> {
    ring: R,
    bounds: QueueBounds,
    receive_buffer_bytes: u32,
    receive_buffers_per_turn: u8,
    flush_timeout: Duration,
    connect_timeout: Duration,
    connections: Connections,
    accepting: Accepting,
    listeners: usize,
    dials: Dials,
    /// Each connection is in it once at most, so it is bounded by their number.
    attention: VecDeque<ConnectionId>,
    /// Bounded by the number of receive buffers.
    held: VecDeque<Held>,
    /// Datagram sockets whose receive is not in flight.
    datagrams_unarmed: Vec<u16>,
    /// When closing connections are cut off, by slot.
    flushing: TimerWheel,
    /// When outbound connects are given up, by place.
    connecting: TimerWheel,
    spares: Spares,
    stats: EngineStats,
}

impl<R: Ring> Reactor<R> {
    pub(crate) fn new(mut ring: R, config: &EngineConfig) -> Self {
        ring.push(Operation::Wake);
        Self {
            ring,
            bounds: QueueBounds {
                payloads_max: config.send_queue_max,
                bytes_max: config.send_queue_bytes_max,
            },
            receive_buffer_bytes: config.receive_buffer_bytes,
            receive_buffers_per_turn: config.receive_buffers_per_turn,
            flush_timeout: config.flush_timeout,
            connect_timeout: config.connect_timeout,
            connections: Connections::new(config.connections_max),
            accepting: Accepting::new(config.connections_max, config.listen.len()),
            listeners: config.listen.len(),
            dials: Dials::new(config.connects_in_flight_max),
            attention: VecDeque::new(),
            held: VecDeque::new(),
            datagrams_unarmed: Vec::new(),
            flushing: TimerWheel::new(DEADLINE_TICK, config.connections_max),
            connecting: TimerWheel::new(DEADLINE_TICK, config.connects_in_flight_max.into()),
            spares: Spares::default(),
            stats: EngineStats::default(),
        }
    }

    pub(crate) const fn stats(&self) -> &EngineStats {
        &self.stats
    }

    pub(crate) const fn open_connections(&self) -> u32 {
        self.connections.open()
    }

    #[cfg(test)]
    pub(crate) const fn ring(&mut self) -> &mut R {
        &mut self.ring
    }

    /// See [`crate::Engine::turn`].
    pub(crate) fn turn(
        &mut self,
        wait: Duration,
        handler: &mut impl Handler,
    ) -> Result<(), EngineError> {
        self.stats.turns += 1;
        let now = self.ring.now();
        let closed = self.stats.closed;
        self.cut_off_overdue(now);
        self.give_up_dials(now);
        self.attend(now, handler);
        let held = !self.held.is_empty();
        // After the attention: what the owner says to a peer's last words is asked for between turns.
        self.report_held(handler);
        self.arm_accepts(now);
        self.arm_datagrams();
        // A handler that was told something already has no reason to wait for more.
        let idle = self.attention.is_empty() && self.stats.closed == closed && !held;
        let wait = if idle { self.until_due(now).min(wait) } else { Duration::ZERO };
        self.ring.submit_and_wait(wait).map_err(EngineError::Ring)?;
        if self.ring.is_overflowed() {
            self.stats.completion_overflow += 1;
        }
        while let Some(completion) = self.ring.next_completion() {
            self.complete(completion, handler);
        }
        Ok(())
    }

    /// The time until something is due that no completion tells of.
    fn until_due(&self, now: Instant) -> Duration {
        let due = [self.flushing.next_due(), self.connecting.next_due(), self.accepting.retry_at()];
        due.into_iter().flatten().min().map_or(WAIT_MAX, |due| due.since(now).min(WAIT_MAX))
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, bytes: &[u8]) -> Sent {
        self.enqueue(connection, bytes.is_empty(), |queue, bounds, spares| {
            queue.push(bytes, bounds, spares).map(|()| 0)
        })
    }

    pub(crate) fn send_shared(&mut self, connection: ConnectionId, bytes: &Arc<[u8]>) -> Sent {
        self.enqueue(connection, bytes.is_empty(), |queue, bounds, _| {
            queue.push_shared(bytes, bounds).map(|()| 0)
        })
    }

    pub(crate) fn send_latest(
        &mut self,
        connection: ConnectionId,
        bytes: &Arc<[u8]>,
        rank: u8,
    ) -> Sent {
        self.enqueue(connection, bytes.is_empty(), |queue, bounds, _| {
            queue.push_latest(bytes, rank, bounds)
        })
    }

    fn enqueue(
        &mut self,
        connection: ConnectionId,
        is_empty: bool,
        push: impl FnOnce(&mut SendQueue, QueueBounds, &mut Spares) -> Result<u64, QueueFull>,
    ) -> Sent {
        let Some(found) = self.connections.get(connection) else { return Sent::Gone };
        if found.phase != Phase::Open {
            return Sent::Gone;
        }
        if is_empty {
            return Sent::Queued;
        }
        let spares = &mut self.spares;
        let mut queue = found.take_queue(spares);
        let pushed = push(&mut queue, self.bounds, spares);
        found.put_queue(queue);
        let Ok(replaced) = pushed else {
            self.stats.slow_reader_dropped += 1;
            self.abort(connection);
            return Sent::Overflow;
        };
        self.stats.replaced += replaced;
        // The completion of the send in flight brings the next one about by itself.
        if !found.sending {
            self.list(connection);
        }
        Sent::Queued
    }

    pub(crate) fn close(&mut self, connection: ConnectionId) {
        match self.connections.get(connection).map(|found| found.phase) {
            Some(Phase::Open) => {
                let now = self.ring.now();
                self.begin_flush(connection, now);
                self.list(connection);
            }
            // All that was to be sent is out, or nearly.
            Some(Phase::Leaving) => self.abort(connection),
            _ => {}
        }
    }

    pub(crate) fn abort(&mut self, connection: ConnectionId) {
        if self.connections.get(connection).is_some() {
            self.end(connection);
            self.list(connection);
        }
    }

    /// Receives what is sent to a bound datagram socket.
    pub(crate) fn receive_datagrams(&mut self, socket: OwnedFd) {
        let socket = self.ring.add_datagram_socket(socket);
        self.datagrams_unarmed.push(socket);
    }

    pub(crate) fn stop_accepting(&mut self) {
        if !self.accepting.is_stopped() {
            self.accepting.stop();
            self.ring.stop_listening();
        }
    }

    /// Has the next turn look at a live connection.
    fn list(&mut self, connection: ConnectionId) {
        let found = self.live(connection);
        if !found.listed {
            found.listed = true;
            self.attention.push_back(connection);
        }
    }

    /// A connection that cannot be gone, since something of it is known to be in flight.
    fn live(&mut self, connection: ConnectionId) -> &mut Connection {
        self.connections.get(connection).expect("a slot is kept until all it had in flight is back")
    }

    fn attend(&mut self, now: Instant, handler: &mut impl Handler) {
        for _ in 0..self.attention.len().min(ATTENTION_PER_TURN_MAX) {
            let Some(connection) = self.attention.pop_front() else { return };
            let found = self.live(connection);
            found.listed = false;
            // The replies to a peer's last words were queued since it hung up.
            if found.phase == Phase::Open && found.has_ended() && found.held == 0 {
                self.begin_flush(connection, now);
            }
            self.advance(connection, handler);
        }
    }

    fn cut_off_overdue(&mut self, now: Instant) {
        while let Some(slot) = self.flushing.pop_due(now) {
            let connection = self.connections.occupant(slot);
            self.stats.flush_expired += 1;
            self.abort(connection);
        }
    }

    fn begin_flush(&mut self, connection: ConnectionId, now: Instant) {
        self.live(connection).phase = Phase::Flushing;
        self.flushing.set(connection.slot, now + self.flush_timeout);
    }

    /// Puts in flight whatever the connection can have in flight; reports it closed where that is
    /// nothing any more.
    fn advance(&mut self, connection: ConnectionId, handler: &mut impl Handler) {
        let Some(found) = self.connections.get(connection) else { return };
        if found.phase == Phase::Ending {
            self.take_back(connection);
        } else {
            if !found.receiving && found.held == 0 && found.phase != Phase::Leaving {
                let receive = match found.peer_side {
                    PeerSide::Calm => Some(Operation::Receive(connection)),
                    PeerSide::Flooding => Some(Operation::ReceiveOnce(connection)),
                    PeerSide::Ended => None,
                };
                found.receiving = receive.is_some();
                if let Some(receive) = receive {
                    self.ring.push(receive);
                }
            }
            if !found.sending {
                if let Some(payload) = found.next_payload(&mut self.spares) {
                    found.sending = true;
                    self.ring.push_send(connection, payload);
                } else if found.phase == Phase::Flushing {
                    self.hang_up(connection);
                } else if found.phase == Phase::Leaving {
                    self.extract(connection);
                }
            }
        }
        self.settle(connection, handler);
    }

    /// All is sent. The peer is told, and has the rest of the flush time to hang up in turn: a
    /// socket that is closed while bytes still come resets the connection, and the peer might lose
    /// what it was told last.
    fn hang_up(&mut self, connection: ConnectionId) {
        let found = self.live(connection);
        if found.write_side == WriteSide::Shutting {
            return;
        }
        if found.has_ended() {
            self.end(connection);
        } else if found.write_side == WriteSide::Open {
            found.write_side = WriteSide::Shutting;
            self.ring.push(Operation::ShutdownWrite(connection));
        }
    }

    /// Begins the end: what waits is dropped, what is in flight is taken back.
    fn end(&mut self, connection: ConnectionId) {
        let found = self.connections.get(connection).expect("only live connections end");
        if found.phase == Phase::Ending {
            return;
        }
        found.phase = Phase::Ending;
        found.drop_queue(&mut self.spares);
        self.flushing.cancel(connection.slot);
        self.take_back(connection);
    }

    /// Cancels what is in flight. The kernel misses an operation that it is about to go on with,
    /// so this is repeated until nothing is left.
    fn take_back(&mut self, connection: ConnectionId) {
        let Some(found) = self.connections.get(connection) else { return };
        if found.is_transferring() && !found.cancelling {
            found.cancelling = true;
            self.ring.push(Operation::Cancel(connection));
        }
    }

    /// Reports an ended connection closed, and gives its slot back, once nothing is in flight.
    fn settle(&mut self, connection: ConnectionId, handler: &mut impl Handler) {
        let found = self.live(connection);
        if found.phase != Phase::Ending || found.is_busy() {
            return;
        }
        self.connections.vacate(connection);
        self.ring.push(Operation::Close { slot: connection.slot });
        self.stats.closed += 1;
        handler.closed(connection);
    }

    fn complete(&mut self, completion: Completion, handler: &mut impl Handler) {
        match completion.operation {
            Operation::Accept { place } => self.accepted(place, completion.result, handler),
            Operation::Receive(connection) | Operation::ReceiveOnce(connection) => {
                self.received(connection, &completion, handler);
            }
            Operation::Send(connection) => self.sent(connection, completion, handler),
            Operation::ShutdownWrite(connection) => {
                let Some(found) = self.connections.get(connection) else { return };
                found.write_side = WriteSide::Ended;
                if completion.result < 0 {
                    self.end(connection);
                }
                self.advance(connection, handler);
            }
            Operation::Cancel(connection) => {
                let Some(found) = self.connections.get(connection) else { return };
                found.cancelling = false;
                // What was cancelled completes in this turn; the next one looks whether all did.
                if found.is_transferring() {
                    self.list(connection);
                }
                self.settle(connection, handler);
            }
            Operation::Close { .. } => {
                assert!(completion.result >= 0, "an occupied slot can be given back");
                self.accepting.slot_freed();
            }
            Operation::Wake => {
                self.ring.push(Operation::Wake);
                handler.woken();
            }
            Operation::StopReceiving(connection) => {
                self.receiving_stopped(connection, Operation::StopReceivingOnce(connection));
            }
            Operation::StopReceivingOnce(connection) => {
                self.receiving_stopped(connection, Operation::StopReceiving(connection));
            }
            Operation::Extract(connection) => self.extracted(connection, completion, handler),
            Operation::Install { place } => self.installed(place, completion.result, handler),
            Operation::Connect { place } => {
                self.connect_completed(place, completion.result, handler);
            }
            Operation::Datagrams { socket } => {
                self.datagram_received(socket, &completion, handler);
            }
            // Whatever they took back completes by itself.
            Operation::CancelConnect { .. } | Operation::CancelReceive(_) => {}
            Operation::CancelAll => unreachable!("only a ring that is dropped asks for it"),
        }
    }

    fn sent(
        &mut self,
        connection: ConnectionId,
        completion: Completion,
        handler: &mut impl Handler,
    ) {
        let Some(found) = self.connections.get(connection) else { return };
        assert!(found.sending, "a send completes once");
        found.sending = false;
        let length = usize::try_from(completion.result).unwrap_or(0);
        self.stats.sent_bytes += length as u64;
        let payload = completion.payload.expect("a send gives its payload back");
        // MSG_WAITALL: less than all means that the connection is broken.
        let is_short = length < payload.bytes().len() && found.phase != Phase::Ending;
        self.spares.keep_payload(payload);
        if is_short {
            self.stats.send_failed += 1;
            self.end(connection);
        }
        self.advance(connection, handler);
    }
}

impl Reactor<crate::sys::KernelRing> {
    /// See [`crate::Engine::notify_through`].
    pub(crate) fn notify_through(&self, event: BorrowedFd<'_>) -> Result<(), EngineError> {
        self.ring.notify_through(event).map_err(EngineError::Ring)
    }

    /// See [`crate::Engine::has_unsubmitted`].
    pub(crate) fn has_unsubmitted(&self) -> bool {
        let waits = !self.attention.is_empty() || !self.held.is_empty();
        waits || !self.datagrams_unarmed.is_empty() || self.ring.has_unsubmitted()
    }
}
