//! The engine over a fake ring: what a kernel does rarely, or never on demand.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use sluice_units::{ConnectionId, Instant};

use crate::config::EngineConfig;
use crate::engine::{ConnectError, Handler, Sent};
use crate::fake_ring::{BUFFER_BYTES, FakeRing};
use crate::operation::Operation;
use crate::reactor::{ATTENTION_PER_TURN_MAX, DEADLINE_TICK, Reactor};

mod any_kernel;
mod ends;
mod leaving;
mod opening;
mod receiving;

const WAIT: Duration = Duration::from_secs(60);
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, PartialEq, Eq)]
enum Event {
    Connected(ConnectionId),
    Received(ConnectionId, Vec<u8>),
    Closed(ConnectionId),
    Dialed(u64, Result<ConnectionId, Errno>),
    HandedOut(ConnectionId, Result<(), Errno>),
    Datagram(Vec<u8>),
    Woken,
}

#[derive(Default)]
struct Log(Vec<Event>);

impl Handler for Log {
    fn connected(&mut self, connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        self.0.push(Event::Connected(connection));
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.0.push(Event::Received(connection, bytes.to_vec()));
    }

    fn closed(&mut self, connection: ConnectionId) {
        self.0.push(Event::Closed(connection));
    }

    fn dialed(&mut self, token: u64, result: io::Result<ConnectionId>) {
        let result = result.map_err(|error| Errno::from_io_error(&error).unwrap());
        self.0.push(Event::Dialed(token, result));
    }

    fn handed_out(&mut self, connection: ConnectionId, result: io::Result<OwnedFd>) {
        let result = result.map(drop).map_err(|error| Errno::from_io_error(&error).unwrap());
        self.0.push(Event::HandedOut(connection, result));
    }

    fn datagram(&mut self, _sender: SocketAddr, bytes: &[u8]) {
        self.0.push(Event::Datagram(bytes.to_vec()));
    }

    fn woken(&mut self) {
        self.0.push(Event::Woken);
    }
}

struct Bench {
    reactor: Reactor<FakeRing>,
}

impl Bench {
    fn new(connections_max: u32) -> Self {
        Self::with(connections_max, EngineConfig::default().listen)
    }

    /// One that only dials.
    fn unheard(connections_max: u32) -> Self {
        Self::with(connections_max, Vec::new())
    }

    fn with(connections_max: u32, listen: Vec<SocketAddr>) -> Self {
        let config = EngineConfig {
            listen,
            connections_max,
            send_queue_max: 2,
            send_queue_bytes_max: 1000,
            flush_timeout: FLUSH_TIMEOUT,
            receive_buffer_bytes: BUFFER_BYTES as u32,
            ..EngineConfig::default()
        };
        let mut bench = Self { reactor: Reactor::new(FakeRing::default(), &config) };
        bench.turn();
        bench
    }

    fn ring(&mut self) -> &mut FakeRing {
        self.reactor.ring()
    }

    fn turn(&mut self) -> Vec<Event> {
        let mut log = Log::default();
        self.reactor.turn(WAIT, &mut log).unwrap();
        log.0
    }

    fn connect(&mut self, slot: u32) -> ConnectionId {
        let place = self.ring().take_accept();
        self.ring().complete(Operation::Accept { place }, i32::try_from(slot).unwrap());
        let events = self.turn();
        let [Event::Connected(connection)] = events[..] else { panic!("{events:?}") };
        connection
    }

    /// Answers the cancellation that ends a connection, and what it takes back.
    fn let_go(&mut self, connection: ConnectionId) {
        self.turn();
        self.ring().take(Operation::Cancel(connection));
        self.ring().take(Operation::Receive(connection));
        self.ring().complete(Operation::Cancel(connection), 1);
        self.ring().complete(Operation::Receive(connection), errno(Errno::CANCELED));
        if self.ring().pushed.contains(&Operation::Send(connection)) {
            self.ring().finish_send(connection, |_| errno(Errno::CANCELED));
        }
        assert_eq!(self.turn(), []);
        assert_eq!(self.turn(), [Event::Closed(connection)]);
        self.ring().take(Operation::Close { slot: connection.slot });
        self.ring().complete(Operation::Close { slot: connection.slot }, 0);
        assert_eq!(self.turn(), []);
        // The slot that is free again is offered with the next submission.
        assert_eq!(self.turn(), []);
    }
}

fn errno(errno: Errno) -> i32 {
    -errno.raw_os_error()
}
