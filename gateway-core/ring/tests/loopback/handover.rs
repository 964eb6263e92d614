//! A connection goes from one engine to another, or stays where the kernel cannot give it up, and its peer does
//! not notice.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::mpsc::TryRecvError;
use std::time::Duration;

use rustix::system::uname;
use sluice_ring::{Engine, EngineConfig, Handler, Sent};
use sluice_units::ConnectionId;

use crate::server::GIVE_UP;
use crate::traffic::round_trip;

/// What an engine says, and what is to be echoed.
#[derive(Default)]
struct Side {
    connected: Option<ConnectionId>,
    heard: Vec<u8>,
    handed_out: Option<io::Result<OwnedFd>>,
    closed: u32,
}

impl Handler for Side {
    fn connected(&mut self, connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        self.connected = Some(connection);
    }

    fn received(&mut self, _connection: ConnectionId, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
    }

    fn closed(&mut self, _connection: ConnectionId) {
        self.closed += 1;
    }

    fn dialed(&mut self, token: u64, result: io::Result<ConnectionId>) {
        assert_eq!(token, 9);
        self.connected = Some(result.unwrap());
    }

    fn handed_out(&mut self, _connection: ConnectionId, result: io::Result<OwnedFd>) {
        self.handed_out = Some(result);
    }
}

/// Direct descriptors leave a ring from Linux 6.8 on.
fn kernel_hands_out() -> bool {
    let release = uname().release().to_string_lossy().into_owned();
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit());
    let mut number = || numbers.next().unwrap().parse::<u32>().unwrap();
    (number(), number()) >= (6, 8)
}

#[test]
fn bytes_before_during_and_after_a_handover_arrive_once_and_in_order() {
    let mut engines =
        [EngineConfig::default(), EngineConfig { listen: Vec::new(), ..EngineConfig::default() }]
            .map(|config| Engine::new(config).unwrap());
    let address = engines[0].local_addresses()[0];
    let mut sides = [Side::default(), Side::default()];
    let (stop, stopped) = std::sync::mpsc::channel();
    let peer = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(GIVE_UP)).unwrap();
        for round in 0..200 {
            round_trip(&mut stream, format!("line {round}\n").as_bytes());
        }
        stop.send(()).unwrap();
    });
    let mut asked = false;
    while stopped.try_recv() == Err(TryRecvError::Empty) {
        for (engine, side) in engines.iter_mut().zip(&mut sides) {
            engine.turn(Duration::from_micros(100), side).unwrap();
        }
        if let Some(result) = sides[0].handed_out.take() {
            assert_eq!(result.is_ok(), kernel_hands_out(), "{result:?}");
            if let Ok(socket) = result {
                engines[1].adopt(9, address, socket).unwrap();
                sides[0].connected = None;
            }
        }
        for (engine, side) in engines.iter_mut().zip(&mut sides) {
            let Some(connection) = side.connected.filter(|_| !side.heard.is_empty()) else {
                continue;
            };
            // What came while it left is answered where it went.
            if engine.send(connection, &side.heard) == Sent::Queued {
                side.heard.clear();
            }
        }
        if sides[0].connected.is_none() {
            let late = std::mem::take(&mut sides[0].heard);
            sides[1].heard.splice(0..0, late);
        }
        if !asked && sides[0].connected.is_some() && engines[0].stats().sent_bytes > 500 {
            asked = true;
            assert!(engines[0].hand_out(sides[0].connected.unwrap()));
        }
    }
    peer.join().unwrap();
    assert!(asked);
    let moved = u64::from(kernel_hands_out());
    assert_eq!((engines[0].stats().handed_out, engines[1].stats().adopted), (moved, moved));
    if moved == 0 {
        // All 200 lines were answered where they came.
        return assert_eq!(engines[1].stats().sent_bytes, 0);
    }
    assert_eq!((sides[0].closed, engines[0].open_connections()), (0, 0));
    assert!(engines[1].stats().sent_bytes > 500);
}
