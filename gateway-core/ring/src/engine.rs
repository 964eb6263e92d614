//! The public face of the engine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sluice_units::ConnectionId;

use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::listener;
use crate::reactor::Reactor;
use crate::stats::EngineStats;
use crate::sys::KernelRing;
use crate::waker::Waker;

/// What an engine reports, from inside a turn.
///
/// It gets no reference to the engine: what follows from a report is asked of the engine between
/// two turns.
pub trait Handler {
    /// Somebody connected; exactly one `closed` follows.
    fn connected(&mut self, connection: ConnectionId, peer: SocketAddr);
    /// Bytes came, at most `receive_buffer_bytes`, cut anywhere. None come after a `close`.
    fn received(&mut self, connection: ConnectionId, bytes: &[u8]);
    /// The connection is gone, whoever ended it; its name is not used again soon (the generation
    /// wraps after 2^32 occupants).
    fn closed(&mut self, connection: ConnectionId);
    /// Another thread called [`Waker::wake`], once or more.
    fn woken(&mut self) {}
}

/// What became of bytes to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Sent {
    /// They leave with the next turns.
    Queued,
    /// The connection is gone, or closing.
    Gone,
    /// The peer does not read: a bound of its queue is reached, it is dropped, and counted in
    /// `slow_reader_dropped`.
    Overflow,
}

/// A ring with its listener and connections.
///
/// Made on any thread; its first turn ties it to one. Dropping it there closes all connections at
/// once, without reports. Dropped on another thread it closes them too, but its buffers are never
/// freed, since the kernel may not have let go of them.
pub struct Engine {
    reactor: Reactor<KernelRing>,
    address: SocketAddr,
    waker: Waker,
}

impl Engine {
    /// Listens, and sets up the ring; connections wait in the kernel's queue until the first turn.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        config.validate()?;
        let (listener, address) = listener::open(&config)?;
        let waker = Waker::new()?;
        let ring = KernelRing::new(&config, listener, waker.clone())?;
        Ok(Self { reactor: Reactor::new(ring, &config), address, waker })
    }

    /// Where it listens: with port 0 asked for, the port that the kernel chose.
    pub const fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// Hands over what was asked for since the last turn, waits at most `wait` (or an hour) until
    /// something happens, and reports all that has happened.
    ///
    /// An error is the ring's, never one connection's: the engine can only be dropped.
    ///
    /// # Panics
    ///
    /// On another thread than the one of the first turn.
    pub fn turn(&mut self, wait: Duration, handler: &mut impl Handler) -> Result<(), EngineError> {
        self.reactor.turn(wait, handler)
    }

    /// Sends a copy of the bytes, after what was asked to be sent before. Bytes that wait together
    /// leave together.
    pub fn send(&mut self, connection: ConnectionId, bytes: &[u8]) -> Sent {
        self.reactor.send(connection, bytes)
    }

    /// Sends bytes that many connections share, after what was asked to be sent before.
    pub fn send_shared(&mut self, connection: ConnectionId, bytes: &Arc<[u8]>) -> Sent {
        self.reactor.send_shared(connection, bytes)
    }

    /// Closes once all that was asked to be sent is out and the peer has hung up in turn, at the
    /// latest after `flush_timeout`. Nothing more is sent or reported but `closed`.
    pub fn close(&mut self, connection: ConnectionId) {
        self.reactor.close(connection);
    }

    /// Closes at once; what waits to be sent is dropped.
    pub fn abort(&mut self, connection: ConnectionId) {
        self.reactor.abort(connection);
    }

    /// Wakes this engine from other threads.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Ends the listener for good: clients are refused, open connections go on.
    pub fn stop_accepting(&mut self) {
        self.reactor.stop_accepting();
    }

    /// Connections reported by `connected` and not yet by `closed`.
    pub const fn open_connections(&self) -> u32 {
        self.reactor.open_connections()
    }

    /// What was counted since the start.
    pub const fn stats(&self) -> &EngineStats {
        self.reactor.stats()
    }
}
