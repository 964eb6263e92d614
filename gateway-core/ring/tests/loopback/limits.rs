//! What happens at the bounds.

use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sluice_ring::{Engine, EngineConfig, EngineError, Sent};

use crate::server::{Server, read_all};

#[test]
fn a_slow_reader_is_dropped_while_others_go_on() {
    let mut server = Server::new(EngineConfig { send_queue_max: 8, ..EngineConfig::default() });
    let (_silent, slow) = server.connect();
    let (mut stream, fast) = server.connect();
    let read = Arc::new(AtomicUsize::new(0));
    let read_in = Arc::clone(&read);
    let reader = thread::spawn(move || {
        let mut buffer = [0; 65_536];
        loop {
            match stream.read(&mut buffer).unwrap() {
                0 => return,
                count => read_in.fetch_add(count, Ordering::SeqCst),
            };
        }
    });
    let job: Arc<[u8]> = vec![7; 16_384].into();
    let mut sent_bytes = 0;
    loop {
        assert_eq!(server.engine.send_shared(fast, &job), Sent::Queued);
        sent_bytes += job.len();
        let sent = server.engine.send_shared(slow, &job);
        server.turn_until(|_| read.load(Ordering::SeqCst) == sent_bytes);
        if sent == Sent::Overflow {
            break;
        }
        assert_eq!(sent, Sent::Queued);
    }
    server.turn_until_closed(1);
    assert_eq!(server.log.closed, [slow]);
    assert_eq!(server.engine.stats().slow_reader_dropped, 1);
    assert_eq!(server.engine.send_shared(fast, &job), Sent::Queued);
    server.engine.close(fast);
    server.turn_until_closed(2);
    reader.join().unwrap();
    assert_eq!(read.load(Ordering::SeqCst), sent_bytes + job.len());
}

#[test]
fn a_client_of_a_full_table_is_served_once_another_one_leaves() {
    let mut server = Server::new(EngineConfig { connections_max: 2, ..EngineConfig::default() });
    let (leaving, first) = server.connect();
    let (_staying, _) = server.connect();
    let waiting = TcpStream::connect(server.address()).unwrap();
    for _ in 0..5 {
        server.turn();
    }
    assert_eq!(server.log.connected.len(), 2, "the third waits in the kernel's queue");
    drop(leaving);
    server.turn_until(|server| server.log.connected.len() == 3);
    assert_eq!(server.log.closed, [first]);
    let (connection, peer) = server.log.connected[2];
    assert_eq!(peer, waiting.local_addr().unwrap());
    assert_eq!(server.engine.send(connection, b"welcome"), Sent::Queued);
    server.engine.close(connection);
    assert_eq!(server.serve(move |_| read_all(waiting)), b"welcome");
    let stats = *server.engine.stats();
    assert_eq!((stats.table_full, stats.accept_failed), (2, 0));
}

#[test]
fn a_taken_address_is_named() {
    let first = Engine::new(EngineConfig::default()).unwrap();
    let listen = first.local_addresses()[0];
    let error = Engine::new(EngineConfig { listen: vec![listen], ..EngineConfig::default() })
        .err()
        .unwrap();
    assert!(matches!(error, EngineError::AddressInUse { address } if address == listen));
    assert!(error.to_string().contains(&listen.to_string()));
}

#[test]
fn engines_may_share_a_port() {
    let shared = || EngineConfig { reuse_port: true, ..EngineConfig::default() };
    let mut first = Server::new(shared());
    let mut second = Server::new(EngineConfig { listen: vec![first.address()], ..shared() });
    let streams: Vec<_> = (0..64).map(|_| TcpStream::connect(first.address()).unwrap()).collect();
    first.turn_until(|first| {
        second.turn();
        first.log.connected.len() + second.log.connected.len() == streams.len()
    });
    assert!(!first.log.connected.is_empty() && !second.log.connected.is_empty());
}
