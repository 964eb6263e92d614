//! Engines and threads.

use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use sluice_ring::{Engine, EngineConfig, probe};

use crate::server::{GIVE_UP, Log, Server, read_all};

#[test]
fn a_waker_ends_a_turn_early() {
    let mut engine = Engine::new(EngineConfig::default()).unwrap();
    let mut log = Log::default();
    for count in 1..=3 {
        let waker = engine.waker();
        let sleeper = thread::spawn(move || waker.wake());
        let started = Instant::now();
        while log.woken < count {
            engine.turn(GIVE_UP, &mut log).unwrap();
            assert!(started.elapsed() < GIVE_UP, "the waker ends no turn");
        }
        sleeper.join().unwrap();
    }
    let waker = engine.waker();
    drop(engine);
    waker.wake();
}

#[test]
fn an_engine_may_be_made_on_one_thread_and_used_on_another() {
    let mut server = Server::new(EngineConfig::default());
    let stream = TcpStream::connect(server.address()).unwrap();
    let served = thread::spawn(move || {
        server.turn_until(|server| !server.log.connected.is_empty());
        server.log.connected.len()
    });
    assert_eq!(served.join().unwrap(), 1);
    assert_eq!(read_all(stream), b"", "the dropped engine has closed it");
}

#[test]
fn an_engine_dropped_on_another_thread_closes_its_connections() {
    let mut server = Server::new(EngineConfig::default());
    let (stream, _) = server.connect();
    thread::spawn(move || drop(server)).join().unwrap();
    assert_eq!(read_all(stream), b"");
}

#[test]
fn an_engine_stays_on_the_thread_of_its_first_turn() {
    let mut server = Server::new(EngineConfig::default());
    server.turn();
    let moved = thread::spawn(move || server.turn());
    assert!(moved.join().is_err());
}

#[test]
fn this_machine_carries_an_engine() {
    probe::io_uring().unwrap();
}

#[test]
fn the_kernel_tells_whether_its_clock_is_disciplined() {
    // Either answer is right: it is the machine's.
    assert!(probe::clock_synchronised().is_ok());
}
