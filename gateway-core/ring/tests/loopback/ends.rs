//! How connections end.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use sluice_ring::{EngineConfig, Sent};

use crate::server::{Server, read_all};

#[test]
fn a_peer_that_resets_mid_line_is_closed_once() {
    let mut server = Server::echo(EngineConfig::default());
    server.serve(|address| {
        for _ in 0..50 {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(b"half a li").unwrap();
            // Closing with a linger time of zero resets.
            set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
        }
    });
    // One that was reset in the queue may never be accepted: the last client, who stands behind them all
    // in that queue, shows that they are through.
    let (stream, last) = server.connect();
    drop(stream);
    server.turn_until(|server| server.log.closed.contains(&last));
    server.turn_until(|server| server.engine.open_connections() == 0);
    let mut connected: Vec<_> = server.log.connected.iter().map(|(id, _)| *id).collect();
    let mut closed = server.log.closed.clone();
    connected.sort();
    closed.sort();
    assert_eq!(connected, closed);
    assert!(connected.len() > 1);
}

#[test]
fn a_slot_is_reused_under_a_new_generation() {
    let mut server = Server::new(EngineConfig { connections_max: 1, ..EngineConfig::default() });
    let (stream, first) = server.connect();
    drop(stream);
    server.turn_until_closed(1);
    let (stream, second) = server.connect();
    assert_eq!(second.slot, first.slot);
    assert_ne!(second.generation, first.generation);
    assert_eq!(server.engine.send(first, b"to a stranger"), Sent::Gone);
    server.engine.close(first);
    server.engine.abort(first);
    assert_eq!(server.engine.send(second, b"hello"), Sent::Queued);
    server.engine.close(second);
    assert_eq!(server.serve(move |_| read_all(stream)), b"hello");
}

#[test]
fn close_flushes_what_was_sent_before() {
    let mut server =
        Server::new(EngineConfig { send_queue_bytes_max: 4 << 20, ..EngineConfig::default() });
    let (stream, connection) = server.connect();
    let large = vec![7; 4 << 20];
    assert_eq!(server.engine.send(connection, &large), Sent::Queued);
    server.engine.close(connection);
    assert_eq!(server.engine.send(connection, b"late"), Sent::Gone);
    // Much more than the socket takes waits here when the peer begins to read.
    server.turn();
    assert_eq!(server.engine.open_connections(), 1);
    assert!(server.serve(move |_| read_all(stream)) == large);
    server.turn_until_closed(1);
    assert_eq!(server.engine.stats().flush_expired, 0);
}

#[test]
fn close_does_not_wait_for_ever() {
    let mut server = Server::new(EngineConfig {
        send_queue_bytes_max: 64 << 20,
        flush_timeout: Duration::from_millis(50),
        ..EngineConfig::default()
    });
    let (_silent, connection) = server.connect();
    assert_eq!(server.engine.send(connection, &vec![7; 64 << 20]), Sent::Queued);
    server.engine.close(connection);
    let (_idle, connection) = server.connect();
    server.engine.close(connection);
    server.turn_until_closed(2);
    assert_eq!(server.engine.stats().flush_expired, 2);
}

#[test]
fn abort_closes_at_once() {
    let mut server = Server::new(EngineConfig {
        send_queue_bytes_max: 64 << 20,
        flush_timeout: Duration::from_secs(3600),
        ..EngineConfig::default()
    });
    let (_silent, connection) = server.connect();
    assert_eq!(server.engine.send(connection, &vec![7; 64 << 20]), Sent::Queued);
    server.turn();
    server.engine.abort(connection);
    server.turn_until_closed(1);
    let (stream, connection) = server.connect();
    server.engine.abort(connection);
    server.turn_until_closed(2);
    assert_eq!(server.serve(move |_| read_all(stream)), b"");
}

#[test]
fn a_stopped_listener_refuses_and_the_open_connections_go_on() {
    let mut server = Server::new(EngineConfig::default());
    let (stream, connection) = server.connect();
    server.engine.stop_accepting();
    server.turn();
    assert!(TcpStream::connect(server.address()).is_err());
    assert_eq!(server.engine.send(connection, b"still here"), Sent::Queued);
    server.engine.close(connection);
    assert_eq!(server.serve(move |_| read_all(stream)), b"still here");
    server.turn_until_closed(1);
    assert_eq!(server.engine.stats().accept_failed, 0);
}
