//! The kernel's ring by itself.

use std::net::TcpStream;

use super::*;
use crate::sockets;

/// Turns a bare ring until an operation completes.
fn wait_for(ring: &mut KernelRing, awaited: impl Fn(Operation) -> bool) -> i32 {
    loop {
        ring.submit_and_wait(Duration::from_secs(1)).unwrap();
        while let Some(completion) = ring.next_completion() {
            if awaited(completion.operation) {
                return completion.result;
            }
        }
    }
}

#[test]
fn a_drained_ring_has_let_go_of_everything() {
    let config = EngineConfig::default();
    let (listener, address) = sockets::listen_on(&config).unwrap().remove(0);
    let mut ring = KernelRing::new(&config, vec![listener], Waker::new().unwrap()).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    ring.push(Operation::Accept { place: 0 });
    let slot = wait_for(&mut ring, |it| it == Operation::Accept { place: 0 });
    assert_eq!(ring.peer(0), stream.local_addr().unwrap());
    let connection = ConnectionId { slot: u32::try_from(slot).unwrap(), generation: 0 };
    // A receive, an accept and a wake-up that never come, and a send that nobody reads.
    ring.push(Operation::Receive(connection));
    ring.push(Operation::Accept { place: 1 });
    ring.push(Operation::Wake);
    ring.push_send(connection, Payload::Own(vec![7; 64 << 20]));
    ring.submit_and_wait(Duration::ZERO).unwrap();
    assert!(ring.memory.sending[connection.slot as usize].is_some());
    assert!(ring.drain());
    assert_eq!(ring.in_flight, 0);
    assert!(ring.memory.sending.iter().all(Option::is_none));
}
