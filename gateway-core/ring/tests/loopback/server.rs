//! A server on the test's own thread: an engine, and a log of what it reported.

use std::collections::BTreeMap;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sluice_ring::{Engine, EngineConfig, Handler, Sent};
use sluice_units::ConnectionId;

/// Where a test that hangs is given up.
pub(crate) const GIVE_UP: Duration = Duration::from_secs(60);

/// Everything that was reported.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) connected: Vec<(ConnectionId, SocketAddr)>,
    /// The listener of each that connected, in the same order.
    pub(crate) listeners: Vec<usize>,
    pub(crate) received: BTreeMap<ConnectionId, Vec<u8>>,
    /// What came since the last turn.
    pub(crate) fresh: Vec<(ConnectionId, Vec<u8>)>,
    pub(crate) closed: Vec<ConnectionId>,
    pub(crate) woken: u64,
}

impl Handler for Log {
    fn connected(&mut self, connection: ConnectionId, peer: SocketAddr, listener: usize) {
        self.connected.push((connection, peer));
        self.listeners.push(listener);
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        assert!(!self.closed.contains(&connection), "nothing comes after closed");
        self.received.entry(connection).or_default().extend_from_slice(bytes);
        self.fresh.push((connection, bytes.to_vec()));
    }

    fn closed(&mut self, connection: ConnectionId) {
        assert!(!self.closed.contains(&connection), "closed is said once");
        self.closed.push(connection);
    }

    fn woken(&mut self) {
        self.woken += 1;
    }
}

pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) log: Log,
    pub(crate) echoes: bool,
    /// What became of each echo that was not queued.
    pub(crate) refused: Vec<Sent>,
}

impl Server {
    pub(crate) fn new(mut config: EngineConfig) -> Self {
        if config.flush_timeout == EngineConfig::default().flush_timeout {
            // Ample: on a busy machine a peer reads late, and hangs up late.
            config.flush_timeout = GIVE_UP;
        }
        let engine = Engine::new(config).unwrap();
        Self { engine, log: Log::default(), echoes: false, refused: Vec::new() }
    }

    /// One that sends everything back.
    pub(crate) fn echo(config: EngineConfig) -> Self {
        Self { echoes: true, ..Self::new(config) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.engine.local_addresses()[0]
    }

    pub(crate) fn turn(&mut self) {
        self.engine.turn(Duration::from_millis(10), &mut self.log).unwrap();
        for (connection, bytes) in std::mem::take(&mut self.log.fresh) {
            if self.echoes {
                let sent = self.engine.send(connection, &bytes);
                if sent != Sent::Queued {
                    self.refused.push(sent);
                }
            }
        }
    }

    pub(crate) fn turn_until(&mut self, mut done: impl FnMut(&mut Self) -> bool) {
        let started = Instant::now();
        while !done(self) {
            assert!(started.elapsed() < GIVE_UP, "what was waited for never came");
            self.turn();
        }
    }

    /// Serves while another thread does something; gives what it gives.
    pub(crate) fn serve<T: Send + 'static>(
        &mut self,
        client: impl FnOnce(SocketAddr) -> T + Send + 'static,
    ) -> T {
        let address = self.address();
        let client: JoinHandle<T> = thread::spawn(move || client(address));
        self.turn_until(|_| client.is_finished());
        client.join().unwrap()
    }

    /// One client, connected and announced; others may be announced meanwhile.
    pub(crate) fn connect(&mut self) -> (TcpStream, ConnectionId) {
        let before = self.log.connected.len();
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(GIVE_UP)).unwrap();
        let own = stream.local_addr().unwrap();
        let mut announced = None;
        self.turn_until(|server| {
            announced =
                server.log.connected[before..].iter().find(|(_, peer)| *peer == own).copied();
            announced.is_some()
        });
        (stream, announced.expect("it was waited for").0)
    }

    pub(crate) fn turn_until_closed(&mut self, count: usize) {
        self.turn_until(|server| server.log.closed.len() >= count);
    }
}

/// Reads to the end of the stream.
pub(crate) fn read_all(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}
