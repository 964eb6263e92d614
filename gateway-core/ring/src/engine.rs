//! The public face of the engine.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use sluice_units::ConnectionId;
use thiserror::Error;

use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::reactor::Reactor;
use crate::sockets;
use crate::stats::EngineStats;
use crate::sys::KernelRing;
use crate::waker::Waker;

/// What an engine reports, from inside a turn.
///
/// It gets no reference to the engine: what follows from a report is asked of the engine between
/// two turns.
pub trait Handler {
    /// Somebody connected, at the address that `listener` counts in [`EngineConfig::listen`]; exactly
    /// one `closed` follows.
    fn connected(&mut self, connection: ConnectionId, peer: SocketAddr, listener: usize);
    /// Bytes came, at most `receive_buffer_bytes`, cut anywhere. None come after a `close`.
    fn received(&mut self, connection: ConnectionId, bytes: &[u8]);
    /// The connection is gone, whoever ended it; its name is not used again soon (the generation
    /// wraps after 2^32 occupants).
    fn closed(&mut self, connection: ConnectionId);
    /// What became of an [`Engine::connect`] or [`Engine::adopt`]: a connection, for which exactly one `closed`
    /// follows, or the system's error.
    fn dialed(&mut self, token: u64, result: io::Result<ConnectionId>) {
        let _ = (token, result);
    }
    /// What became of an [`Engine::hand_out`]: a socket, and the connection is gone from here without a `closed`; or
    /// the system's error, and it goes on. Neither follows where the connection ended meanwhile.
    fn handed_out(&mut self, connection: ConnectionId, result: io::Result<OwnedFd>) {
        let _ = (connection, result);
    }
    /// A datagram came to a socket of [`Engine::receive_datagrams`].
    fn datagram(&mut self, sender: SocketAddr, bytes: &[u8]) {
        let _ = (sender, bytes);
    }
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

/// Why an outbound connection was not begun.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// `connects_in_flight_max` is reached: ask again once one of them is `dialed`.
    #[error("too many outbound connects are in flight: ask again later")]
    TooManyInFlight,
    /// `connections_max` is reached.
    #[error("all connections of the engine are taken: raise connections_max, or ask again later")]
    TableFull,
    /// The system gives no socket, or not from that local address.
    #[error("no socket for an outbound connection: {0}; check the local address and LimitNOFILE=")]
    Socket(#[from] io::Error),
}

/// A ring with its listener and connections.
///
/// Made on any thread; its first turn ties it to one. Dropping it there closes all connections at
/// once, without reports. Dropped on another thread it closes them too, but its buffers are never
/// freed, since the kernel may not have let go of them.
pub struct Engine {
    reactor: Reactor<KernelRing>,
    addresses: Vec<SocketAddr>,
    socket_send_buffer_bytes: u32,
    waker: Waker,
}

impl Engine {
    /// Listens, and sets up the ring; connections wait in the kernel's queue until the first turn.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        config.validate()?;
        let (listeners, addresses) = sockets::listen_on(&config)?.into_iter().unzip();
        let waker = Waker::new()?;
        let ring = KernelRing::new(&config, listeners, waker.clone())?;
        let socket_send_buffer_bytes = config.socket_send_buffer_bytes;
        Ok(Self {
            reactor: Reactor::new(ring, &config),
            addresses,
            socket_send_buffer_bytes,
            waker,
        })
    }

    /// Where it listens, in the order of [`EngineConfig::listen`]: with port 0 asked for, the port that
    /// the kernel chose.
    pub fn local_addresses(&self) -> &[SocketAddr] {
        &self.addresses
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

    /// Sends bytes that many connections share, in place of those that still wait here with the same
    /// rank or a lower one: a peer that reads slowly gets the newest only.
    pub fn send_latest(&mut self, connection: ConnectionId, bytes: &Arc<[u8]>, rank: u8) -> Sent {
        self.reactor.send_latest(connection, bytes, rank)
    }

    /// Begins an outbound connection, from a local address where one is given; what became of it is
    /// `dialed` with the token, within `connect_timeout`.
    pub fn connect(
        &mut self,
        token: u64,
        local: Option<IpAddr>,
        remote: SocketAddr,
    ) -> Result<(), ConnectError> {
        self.reactor.dial_room()?;
        match sockets::outbound(local, remote, self.socket_send_buffer_bytes) {
            Ok(socket) => {
                self.reactor.dial(token, remote, socket);
                Ok(())
            }
            Err(error) => {
                self.reactor.dial_given_up();
                Err(error.into())
            }
        }
    }

    /// Receives the datagrams that come to this address, whole, up to `receive_buffer_bytes` less
    /// 44 for their sender; longer ones are dropped and counted in `datagrams_cut`. Returns the
    /// address: with port 0 the kernel chooses one.
    pub fn receive_datagrams(&mut self, address: SocketAddr) -> Result<SocketAddr, EngineError> {
        let (socket, address) = sockets::datagrams(address)?;
        self.reactor.receive_datagrams(socket);
        Ok(address)
    }

    /// Has the kernel add to an eventfd whenever a turn has something to do, for a host that must not
    /// wait in [`Engine::turn`]. Its wakers add to it as well. Called once.
    pub fn notify_through(&self, event: &impl AsFd) -> Result<(), EngineError> {
        let event = event.as_fd();
        self.reactor.notify_through(event)?;
        let copy = event.try_clone_to_owned().map_err(EngineError::Ring)?;
        self.waker.wake_host_through(copy);
        Ok(())
    }

    /// Whether a turn that does not wait would hand something to the kernel, or report something that
    /// no completion tells of.
    pub fn has_unsubmitted(&self) -> bool {
        self.reactor.has_unsubmitted()
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

    /// Gives a connection up to another engine, once what was asked to be sent is out. What comes meanwhile is
    /// reported; nothing can be sent any more. It takes Linux 6.8. `false`, and nothing follows, where the connection
    /// is gone or closing.
    pub fn hand_out(&mut self, connection: ConnectionId) -> bool {
        self.reactor.hand_out(connection)
    }

    /// Takes a connected socket in that another engine handed out; what became of it is `dialed` with the token.
    /// Without room for it the socket is closed.
    pub fn adopt(
        &mut self,
        token: u64,
        peer: SocketAddr,
        socket: OwnedFd,
    ) -> Result<(), ConnectError> {
        self.reactor.dial_room()?;
        self.reactor.adopt(token, peer, socket);
        Ok(())
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
