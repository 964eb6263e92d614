//! A steady engine allocates nothing: neither for what it receives nor for what it sends.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sluice_ring::{Engine, EngineConfig, Handler, Sent};
use sluice_units::ConnectionId;

const CLIENTS: usize = 50;
const JOB_BYTES: usize = 1000;

/// Answers every line with a shorter one; counts what came.
#[derive(Default)]
struct Peers {
    ends: Vec<ConnectionId>,
    lines: Vec<(ConnectionId, usize)>,
    received_bytes: usize,
}

impl Handler for Peers {
    fn connected(&mut self, connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        self.ends.push(connection);
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.lines.push((connection, bytes.len()));
        self.received_bytes += bytes.len();
    }

    fn closed(&mut self, _connection: ConnectionId) {}

    fn dialed(&mut self, _token: u64, result: io::Result<ConnectionId>) {
        self.ends.push(result.unwrap());
    }
}

struct Conversation {
    server: Engine,
    pool: Peers,
    client: Engine,
    miners: Peers,
}

impl Conversation {
    fn turn(&mut self) {
        self.server.turn(Duration::ZERO, &mut self.pool).unwrap();
        self.client.turn(Duration::ZERO, &mut self.miners).unwrap();
    }

    /// Every miner sends two lines, and each is answered.
    fn shares(&mut self) {
        self.miners.received_bytes = 0;
        for &miner in &self.miners.ends {
            for _ in 0..2 {
                assert_eq!(self.client.send(miner, &[b's'; 150]), Sent::Queued);
            }
        }
        while self.miners.received_bytes < 2 * CLIENTS * 20 {
            self.turn();
            while let Some((miner, bytes)) = self.pool.lines.pop() {
                assert_eq!(self.server.send(miner, &[b'r'; 20][..bytes.min(20)]), Sent::Queued);
                // A line that came in pieces is answered for its second half as well.
                if bytes > 150 {
                    assert_eq!(self.server.send(miner, &[b'r'; 20]), Sent::Queued);
                }
            }
            self.miners.lines.clear();
        }
    }

    fn broadcast(&mut self, job: &Arc<[u8]>) {
        self.miners.received_bytes = 0;
        for &miner in &self.pool.ends {
            assert_eq!(self.server.send_latest(miner, job, 0), Sent::Queued);
        }
        while self.miners.received_bytes < CLIENTS * JOB_BYTES {
            self.turn();
            self.miners.lines.clear();
        }
    }
}

#[test]
fn a_steady_engine_allocates_nothing() {
    let server = Engine::new(EngineConfig::default()).unwrap();
    let address = server.local_addresses()[0];
    let client =
        Engine::new(EngineConfig { listen: Vec::new(), ..EngineConfig::default() }).unwrap();
    let (pool, miners) = (Peers::default(), Peers::default());
    let mut both = Conversation { server, pool, client, miners };
    for token in 0..CLIENTS as u64 {
        both.client.connect(token, None, address).unwrap();
    }
    while both.pool.ends.len() < CLIENTS || both.miners.ends.len() < CLIENTS {
        both.turn();
    }
    let job: Arc<[u8]> = [b'j'; JOB_BYTES].into();
    for _ in 0..20 {
        both.shares();
        both.broadcast(&job);
    }
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![0_u8; 8])));
    assert_eq!(counted.count_total, 1, "the counter counts");
    let steady = allocation_counter::measure(|| {
        for _ in 0..100 {
            both.shares();
            both.broadcast(&job);
        }
    });
    assert_eq!(steady.count_total, 0, "10,000 lines, their replies, and 5,000 jobs: {steady:?}");
}
