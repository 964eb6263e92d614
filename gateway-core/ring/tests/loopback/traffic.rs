//! Bytes in, bytes out.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

use sluice_ring::{EngineConfig, Sent};

use crate::server::{Server, read_all};

pub(crate) fn round_trip(stream: &mut TcpStream, line: &[u8]) {
    stream.write_all(line).unwrap();
    let mut answer = vec![0; line.len()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, line);
}

/// Numbered lines, so that a lost or swapped piece shows.
fn burst(bytes: usize) -> Vec<u8> {
    (0_u32..).flat_map(|line| format!("{line:07}\n").into_bytes()).take(bytes).collect()
}

/// Writes from one thread while it reads in another, then says that it is done.
fn pipelined(address: SocketAddr, bytes: Vec<u8>) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    let reader = stream.try_clone().unwrap();
    let reader = thread::spawn(move || read_all(reader));
    stream.write_all(&bytes).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    reader.join().unwrap()
}

#[test]
fn a_line_comes_back() {
    let mut server = Server::echo(EngineConfig::default());
    let own = server.serve(|address| {
        let mut stream = TcpStream::connect(address).unwrap();
        for _ in 0..10 {
            round_trip(&mut stream, b"a line\n");
        }
        stream.local_addr().unwrap()
    });
    server.turn_until_closed(1);
    let (connection, peer) = server.log.connected[0];
    assert_eq!(peer, own, "the peer's address is told");
    assert_eq!(server.log.received[&connection].len(), 70);
    let stats = *server.engine.stats();
    assert_eq!((stats.accepted, stats.closed), (1, 1));
    assert_eq!((stats.received_bytes, stats.sent_bytes), (70, 70));
}

#[test]
fn each_of_many_peers_is_told_apart() {
    let mut server = Server::echo(EngineConfig::default());
    let mut own = server.serve(|address| {
        let mut streams: Vec<_> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
        for round in 0..3 {
            for (index, stream) in streams.iter_mut().enumerate() {
                round_trip(stream, format!("{round} {index}\n").as_bytes());
            }
        }
        streams.iter().map(|stream| stream.local_addr().unwrap()).collect::<Vec<_>>()
    });
    server.turn_until_closed(200);
    let mut told: Vec<_> = server.log.connected.iter().map(|(_, peer)| *peer).collect();
    own.sort();
    told.sort();
    assert_eq!(told, own);
    assert_eq!(server.engine.open_connections(), 0);
    assert_eq!(server.engine.stats().accept_failed, 0);
}

#[test]
fn a_megabyte_in_a_row_comes_back() {
    let config = EngineConfig { send_queue_bytes_max: 2 << 20, ..EngineConfig::default() };
    let mut server = Server::echo(config);
    let answer = server.serve(|address| pipelined(address, burst(1 << 20)));
    assert_eq!(server.refused, []);
    assert!(answer == burst(1 << 20), "{} bytes came back", answer.len());
}

/// Two small buffers, and rings that overflow: slower, but nothing is lost.
#[test]
fn starved_rings_and_buffers_lose_nothing() {
    let mut server = Server::echo(EngineConfig {
        receive_buffers: 2,
        receive_buffer_bytes: 512,
        send_queue_bytes_max: 1 << 20,
        submission_entries: 4,
        completion_entries: 4,
        ..EngineConfig::default()
    });
    let answers = server.serve(|address| {
        let peers = (0..20).map(|_| thread::spawn(move || pipelined(address, burst(100_000))));
        let peers: Vec<_> = peers.collect();
        peers.into_iter().map(|peer| peer.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(server.refused, []);
    assert!(answers.iter().all(|answer| *answer == burst(100_000)));
    server.turn_until_closed(20);
    let stats = *server.engine.stats();
    assert!(stats.receive_buffers_exhausted > 0, "{stats:?}");
    assert!(stats.completion_overflow > 0, "{stats:?}");
    assert_eq!(stats.sent_bytes, 20 * 100_000);
}

#[test]
fn shared_and_own_bytes_keep_their_order() {
    let mut server = Server::new(EngineConfig::default());
    let (stream, connection) = server.connect();
    let job = b"job ".as_slice().into();
    let mut expected = Vec::new();
    for index in 0..20 {
        let reply = format!("reply {index} ");
        assert_eq!(server.engine.send(connection, reply.as_bytes()), Sent::Queued);
        assert_eq!(server.engine.send_shared(connection, &job), Sent::Queued);
        expected.extend_from_slice(reply.as_bytes());
        expected.extend_from_slice(b"job ");
    }
    server.engine.close(connection);
    assert_eq!(server.serve(move |_| read_all(stream)), expected);
}

/// A listener of the IPv6 family on 127.0.0.1: peers show their IPv4 address.
#[test]
fn a_mapped_peer_is_told_as_ipv4() {
    let listen = vec!["[::ffff:127.0.0.1]:0".parse().unwrap()];
    let mut server = Server::echo(EngineConfig { listen, ..EngineConfig::default() });
    let own = server.serve(|address| {
        let mut stream = TcpStream::connect(("127.0.0.1", address.port())).unwrap();
        round_trip(&mut stream, b"a line\n");
        stream.local_addr().unwrap()
    });
    assert_eq!(server.log.connected[0].1, own);
}

#[test]
fn each_listener_is_named_to_those_who_connect_there() {
    let listen = vec!["127.0.0.1:0".parse().unwrap(), "127.0.0.2:0".parse().unwrap()];
    let mut server = Server::echo(EngineConfig { listen, ..EngineConfig::default() });
    let addresses = server.engine.local_addresses().to_vec();
    for (round, listener) in [1, 0, 1, 1].into_iter().enumerate() {
        let address = addresses[listener];
        server.serve(move |_| {
            round_trip(&mut TcpStream::connect(address).unwrap(), b"a line\n");
        });
        assert_eq!(server.log.listeners[round], listener);
    }
    server.engine.stop_accepting();
    server.turn_until(|_| addresses.iter().all(|address| TcpStream::connect(address).is_err()));
}
