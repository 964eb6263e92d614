//! Outbound connections and datagrams, over the kernel's loopback.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};
use sluice_ring::{ConnectError, Engine, EngineConfig, Handler, Sent};
use sluice_units::ConnectionId;

use crate::network::{in_a_network_of_its_own, ip};
use crate::server::Server;

#[derive(Default)]
struct Client {
    dialed: Vec<(u64, io::Result<ConnectionId>)>,
    received: Vec<u8>,
    closed: Vec<ConnectionId>,
    datagrams: Vec<(SocketAddr, Vec<u8>)>,
}

impl Handler for Client {
    fn connected(&mut self, _connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        unreachable!("it does not listen");
    }

    fn received(&mut self, _connection: ConnectionId, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
    }

    fn closed(&mut self, connection: ConnectionId) {
        self.closed.push(connection);
    }

    fn dialed(&mut self, token: u64, result: io::Result<ConnectionId>) {
        self.dialed.push((token, result));
    }

    fn datagram(&mut self, sender: SocketAddr, bytes: &[u8]) {
        self.datagrams.push((sender, bytes.to_vec()));
    }
}

fn unheard() -> EngineConfig {
    EngineConfig { listen: Vec::new(), ..EngineConfig::default() }
}

fn turn_until(engine: &mut Engine, client: &mut Client, done: impl Fn(&Client) -> bool) {
    let started = Instant::now();
    while !done(client) {
        assert!(started.elapsed() < Duration::from_secs(60), "what was waited for never came");
        engine.turn(Duration::from_millis(10), client).unwrap();
    }
}

#[test]
fn two_engines_talk_from_the_addresses_asked_for() {
    let mut server = Server::echo(EngineConfig::default());
    let address = server.address();
    assert_eq!(Engine::new(unheard()).unwrap().local_addresses(), []);
    let received = server.serve(move |_| {
        let (mut engine, mut client) = (Engine::new(unheard()).unwrap(), Client::default());
        for token in 0..10 {
            let local = [127, 9, 9, u8::try_from(token).unwrap() + 1].into();
            engine.connect(token, Some(local), address).unwrap();
        }
        turn_until(&mut engine, &mut client, |client| client.dialed.len() == 10);
        for (_, dialed) in &client.dialed {
            assert_eq!(engine.send(*dialed.as_ref().unwrap(), b"hello\n"), Sent::Queued);
        }
        turn_until(&mut engine, &mut client, |client| client.received.len() == 60);
        for (_, dialed) in &client.dialed {
            engine.close(*dialed.as_ref().unwrap());
        }
        turn_until(&mut engine, &mut client, |client| client.closed.len() == 10);
        assert_eq!(engine.stats().dialed, 10);
        client.received
    });
    assert_eq!(received, b"hello\n".repeat(10));
    let mut peers: Vec<_> = server.log.connected.iter().map(|(_, peer)| peer.ip()).collect();
    peers.sort();
    let expected: Vec<std::net::IpAddr> = (1..=10).map(|last| [127, 9, 9, last].into()).collect();
    assert_eq!(peers, expected);
}

#[test]
fn a_refused_connect_is_told_and_its_slot_free_again() {
    // Taken, so that nobody else gets the port, and never listened on.
    let silent = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&silent, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let nobody = SocketAddr::try_from(getsockname(&silent).unwrap()).unwrap();
    let config = EngineConfig { connections_max: 1, connects_in_flight_max: 1, ..unheard() };
    let (mut engine, mut client) = (Engine::new(config).unwrap(), Client::default());
    for token in 0..5 {
        engine.connect(token, None, nobody).unwrap();
        let refused = engine.connect(99, None, nobody);
        assert!(matches!(refused, Err(ConnectError::TooManyInFlight)));
        turn_until(&mut engine, &mut client, |client| client.dialed.len() as u64 > token);
        let (named, result) = client.dialed.last().unwrap();
        assert_eq!(*named, token);
        assert_eq!(result.as_ref().unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        engine.turn(Duration::ZERO, &mut client).unwrap();
    }
    let foreign = engine.connect(7, Some([192, 0, 2, 1].into()), nobody);
    assert!(matches!(foreign, Err(ConnectError::Socket(_))), "{foreign:?}");
    assert_eq!(engine.stats().dial_failed, 5);
}

#[test]
fn datagrams_come_with_their_sender() {
    let (mut engine, mut client) = (Engine::new(unheard()).unwrap(), Client::default());
    let address = engine.receive_datagrams("127.0.0.1:0".parse().unwrap()).unwrap();
    engine.turn(Duration::ZERO, &mut client).unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for length in [1, 1400, 2000, 0] {
        sender.send_to(&vec![7; length], address).unwrap();
    }
    sender.send_to(&[7; 4000], address).unwrap();
    turn_until(&mut engine, &mut client, |client| client.datagrams.len() == 4);
    let lengths: Vec<_> = client.datagrams.iter().map(|(_, bytes)| bytes.len()).collect();
    assert_eq!(lengths, [1, 1400, 2000, 0]);
    assert!(client.datagrams.iter().all(|(from, _)| *from == sender.local_addr().unwrap()));
    while engine.stats().datagrams_cut == 0 {
        engine.turn(Duration::from_secs(1), &mut client).unwrap();
    }
}

#[test]
fn a_host_is_told_when_a_turn_has_something_to_do() {
    let (mut engine, mut client) = (Engine::new(unheard()).unwrap(), Client::default());
    let event = eventfd(0, EventfdFlags::CLOEXEC).unwrap();
    engine.notify_through(&event).unwrap();
    let address = engine.receive_datagrams("127.0.0.1:0".parse().unwrap()).unwrap();
    engine.turn(Duration::ZERO, &mut client).unwrap();
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"job", address).unwrap();
    let mut awaited = [PollFd::from_borrowed_fd(event.as_fd(), PollFlags::IN)];
    let given_up = Timespec { tv_sec: 60, tv_nsec: 0 };
    assert_eq!(poll(&mut awaited, Some(&given_up)).unwrap(), 1);
    engine.turn(Duration::ZERO, &mut client).unwrap();
    assert_eq!(client.datagrams.len(), 1);
    // And whenever it is woken, again and again, though the waker is an eventfd itself.
    for _ in 0..5 {
        rustix::io::read(&event, &mut [0; 8]).unwrap();
        engine.waker().wake();
        assert_eq!(poll(&mut awaited, Some(&given_up)).unwrap(), 1);
        while engine.has_unsubmitted() {
            engine.turn(Duration::ZERO, &mut client).unwrap();
        }
        engine.turn(Duration::ZERO, &mut client).unwrap();
    }
}

#[test]
fn every_member_of_a_group_gets_what_is_sent_to_it() {
    in_a_network_of_its_own("outbound::every_member_of_a_group_gets_what_is_sent_to_it", || {
        ip(&["link", "set", "lo", "up"]);
        ip(&["route", "add", "239.0.0.0/8", "dev", "lo"]);
        let group: SocketAddr = "239.1.2.3:7403".parse().unwrap();
        let mut members = [(); 3].map(|()| {
            let mut engine = Engine::new(unheard()).unwrap();
            assert_eq!(engine.receive_datagrams(group).unwrap(), group);
            (engine, Client::default())
        });
        let sender = UdpSocket::bind("0.0.0.0:0").unwrap();
        sender.send_to(b"a job", group).unwrap();
        for (engine, client) in &mut members {
            turn_until(engine, client, |client| !client.datagrams.is_empty());
            assert_eq!(client.datagrams[0].1, b"a job");
        }
    });
}
