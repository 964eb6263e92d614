//! A dropped engine leaves nothing open. Alone in its process, whose descriptors it counts.

use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use sluice_ring::{Engine, EngineConfig, Handler, Sent};
use sluice_units::ConnectionId;

#[derive(Default)]
struct Connected(Vec<ConnectionId>);

impl Handler for Connected {
    fn connected(&mut self, connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        self.0.push(connection);
    }

    fn received(&mut self, _connection: ConnectionId, _bytes: &[u8]) {}

    fn closed(&mut self, _connection: ConnectionId) {}
}

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_dropped_engine_leaves_nothing_open() {
    let before = open_descriptors();
    for _ in 0..3 {
        let mut engine = Engine::new(EngineConfig {
            // Where nobody else takes a port that has become free.
            listen: vec![([127, 0, 0, 83], 0).into()],
            send_queue_bytes_max: 16 << 20,
            ..EngineConfig::default()
        })
        .unwrap();
        let address = engine.local_addresses()[0];
        let streams: Vec<_> = (0..20).map(|_| TcpStream::connect(address).unwrap()).collect();
        let mut connected = Connected::default();
        while connected.0.len() < streams.len() {
            engine.turn(Duration::from_secs(1), &mut connected).unwrap();
        }
        // Sends that cannot complete, sends that never start, and a close that waits.
        let large = vec![7; 16 << 20];
        assert_eq!(engine.send(connected.0[0], &large), Sent::Queued);
        engine.close(connected.0[1]);
        engine.turn(Duration::ZERO, &mut connected).unwrap();
        assert_eq!(engine.send(connected.0[2], b"never sent"), Sent::Queued);
        drop(engine);
        for mut stream in streams {
            // The end, or a reset: the connection is closed.
            let _ = stream.read_to_end(&mut Vec::new());
        }
        assert_eq!(open_descriptors(), before);
        TcpStream::connect(address).expect_err("nobody listens");
    }
}
