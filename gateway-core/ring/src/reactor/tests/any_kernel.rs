//! The engine against a kernel that does whatever a kernel may do, in any order: short sends, resets
//! at every point, receives that end, cancellations that miss, tables and buffers that run out.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use proptest::prelude::*;
use rustix::io::Errno;
use sluice_units::ConnectionId;

use super::{Bench, Event, errno};
use crate::engine::Sent;
use crate::fake_ring::BUFFER_BYTES;
use crate::operation::Operation;

const SLOTS: u32 = 3;

/// The kernel's side, and what the engine has reported.
struct World {
    bench: Bench,
    slots_taken: BTreeSet<u32>,
    /// Whether each connection that was reported is still open.
    reported: BTreeMap<ConnectionId, bool>,
    /// Connections that were asked to close: nothing more is reported of them but their end.
    closing: BTreeSet<ConnectionId>,
    /// Connections that were asked to leave: nothing can be sent to them.
    leaving: BTreeSet<ConnectionId>,
    next_token: u64,
}

impl World {
    fn new() -> Self {
        Self {
            bench: Bench::new(SLOTS),
            slots_taken: BTreeSet::new(),
            reported: BTreeMap::new(),
            closing: BTreeSet::new(),
            leaving: BTreeSet::new(),
            next_token: 0,
        }
    }

    fn turn(&mut self) {
        for event in self.bench.turn() {
            match event {
                Event::Connected(connection) | Event::Dialed(_, Ok(connection)) => {
                    let before = self.reported.insert(connection, true);
                    assert_eq!(before, None, "a name is used once");
                }
                Event::Received(connection, _) => {
                    assert!(self.reported[&connection], "nothing comes after closed");
                    assert!(!self.closing.contains(&connection), "nor after a close");
                }
                Event::HandedOut(connection, Ok(())) => {
                    assert!(!self.closing.contains(&connection), "it was asked to close");
                    let before = self.reported.insert(connection, false);
                    assert_eq!(before, Some(true), "nothing else is said of it");
                }
                Event::HandedOut(connection, Err(_)) => {
                    assert!(self.reported[&connection], "it goes on");
                    self.leaving.remove(&connection);
                }
                Event::Closed(connection) => {
                    let before = self.reported.insert(connection, false);
                    assert_eq!(before, Some(true), "closed is said once");
                }
                Event::Dialed(_, Err(_)) | Event::Datagram(_) | Event::Woken => {}
            }
        }
    }

    fn free_slot(&mut self) -> Option<u32> {
        let slot = (0..SLOTS).find(|slot| !self.slots_taken.contains(slot))?;
        self.slots_taken.insert(slot);
        Some(slot)
    }

    /// The owner of the engine does something to one of its connections.
    fn ask(&mut self, choice: u8, detail: u8) {
        let open: Vec<_> =
            self.reported.iter().filter_map(|(name, open)| open.then_some(*name)).collect();
        let Some(&connection) = open.get(usize::from(detail) % open.len().max(1)) else {
            return self.dial();
        };
        let reactor = &mut self.bench.reactor;
        let job: Arc<[u8]> = b"job".as_slice().into();
        let sent = match choice % 9 {
            0 | 1 => reactor.send(connection, b"reply"),
            2 => reactor.send_shared(connection, &job),
            3 | 4 => reactor.send_latest(connection, &job, detail % 2),
            5 => return self.dial(),
            8 => {
                if reactor.hand_out(connection) {
                    self.leaving.insert(connection);
                }
                return;
            }
            6 => {
                reactor.close(connection);
                Sent::Gone
            }
            _ => {
                reactor.abort(connection);
                Sent::Gone
            }
        };
        let sends = choice % 9 < 5;
        if sent != Sent::Queued && !(sends && self.leaving.contains(&connection)) {
            self.closing.insert(connection);
        }
    }

    fn dial(&mut self) {
        if self.bench.reactor.dial_room().is_ok() {
            let remote = "127.0.0.1:3333".parse().unwrap();
            if self.next_token.is_multiple_of(3) {
                self.bench.reactor.adopt(self.next_token, remote, null());
            } else {
                self.bench.reactor.dial(self.next_token, remote, null());
            }
            self.next_token += 1;
        }
    }

    /// The kernel completes one of the operations that it has.
    fn complete(&mut self, which: u8, outcome: u8) {
        let count = self.bench.ring().pushed.len();
        if count == 0 {
            return;
        }
        let operation = self.bench.ring().pushed[usize::from(which) % count];
        match operation {
            Operation::Accept { .. } | Operation::Install { .. } => self.open(operation, outcome),
            Operation::Receive(connection) => self.receive(connection, outcome),
            Operation::ReceiveOnce(connection) => match outcome % 4 {
                0 => self.bench.ring().deliver_once(connection, b"line"),
                1 => self.bench.ring().deliver_once(connection, &[b'f'; BUFFER_BYTES]),
                2 => self.finish(operation, errno(Errno::NOBUFS)),
                _ => self.finish(operation, 0),
            },
            Operation::Send(connection) => {
                let broken = [errno(Errno::PIPE), errno(Errno::CONNRESET)];
                self.bench.ring().finish_send(connection, |length| match outcome % 4 {
                    0 | 1 => length,
                    2 => length - 1,
                    _ => broken[usize::from(outcome / 4 % 2)],
                });
            }
            Operation::Cancel(connection) => self.cancel(operation, outcome, |it| {
                let of = match it {
                    Operation::Receive(of) | Operation::ReceiveOnce(of) | Operation::Send(of) => of,
                    _ => return false,
                };
                *of == connection
            }),
            Operation::CancelReceive(connection) | Operation::StopReceiving(connection) => {
                self.cancel(operation, outcome, |it| *it == Operation::Receive(connection))
            }
            Operation::StopReceivingOnce(connection) => {
                self.cancel(operation, outcome, |it| *it == Operation::ReceiveOnce(connection))
            }
            Operation::Extract(connection) if outcome.is_multiple_of(2) => {
                self.bench.ring().finish_extract(connection, null());
            }
            Operation::Extract(_) => self.finish(operation, errno(Errno::MFILE)),
            Operation::CancelConnect { place } => {
                self.cancel(operation, outcome, |it| *it == Operation::Connect { place })
            }
            Operation::Close { slot } => {
                assert!(self.slots_taken.remove(&slot), "a slot is given back once");
                self.finish(operation, 0);
            }
            Operation::Connect { .. } | Operation::ShutdownWrite(_) => {
                let results = [0, errno(Errno::NOTCONN), errno(Errno::CONNREFUSED)];
                self.finish(operation, results[usize::from(outcome) % 3]);
            }
            Operation::Wake => self.finish(operation, 8),
            Operation::Datagrams { .. } | Operation::CancelAll => unreachable!("not asked for"),
        }
    }

    fn finish(&mut self, operation: Operation, result: i32) {
        self.bench.ring().take(operation);
        self.bench.ring().complete(operation, result);
    }

    fn open(&mut self, operation: Operation, outcome: u8) {
        let failures = [Errno::CONNABORTED, Errno::NFILE, Errno::NOMEM];
        let failure = failures[usize::from(outcome / 4) % failures.len()];
        let slot = if outcome.is_multiple_of(4) { None } else { self.free_slot() };
        match (operation, slot) {
            (Operation::Accept { .. }, Some(slot)) => {
                self.finish(operation, i32::try_from(slot).unwrap());
            }
            (Operation::Install { place }, Some(slot)) => {
                self.bench.ring().installed.insert(place, slot);
                self.finish(operation, 1);
            }
            _ => self.finish(operation, errno(failure)),
        }
    }

    fn receive(&mut self, connection: ConnectionId, outcome: u8) {
        let operation = Operation::Receive(connection);
        match outcome % 8 {
            0..=2 => self.bench.ring().deliver(connection, b"line", true),
            3 => {
                for _ in 0..5 {
                    self.bench.ring().deliver(connection, b"flood", true);
                }
            }
            4 => {
                self.bench.ring().take(operation);
                self.bench.ring().deliver(connection, b"last", false);
            }
            5 => self.finish(operation, 0),
            6 => self.finish(operation, errno(Errno::NOBUFS)),
            _ => self.finish(operation, errno(Errno::CONNRESET)),
        }
    }

    /// A cancellation takes back all that it concerns, or misses, and completes before or after.
    fn cancel(&mut self, operation: Operation, outcome: u8, concerns: impl Fn(&Operation) -> bool) {
        let hits: Vec<_> = self.bench.ring().pushed.iter().copied().filter(&concerns).collect();
        if outcome.is_multiple_of(2) {
            self.finish(operation, i32::try_from(hits.len()).unwrap());
        }
        if outcome % 8 < 6 {
            for hit in hits {
                match hit {
                    Operation::Send(of) => {
                        self.bench.ring().finish_send(of, |_| errno(Errno::CANCELED));
                    }
                    _ => self.finish(hit, errno(Errno::CANCELED)),
                }
            }
        }
        if !outcome.is_multiple_of(2) {
            self.finish(operation, 1);
        }
    }

    /// Ends everything; a kernel that answers lets the engine come to rest.
    fn wind_up(&mut self) {
        self.bench.reactor.stop_accepting();
        for (connection, open) in self.reported.clone() {
            if open {
                self.bench.reactor.abort(connection);
                self.closing.insert(connection);
            }
        }
        for _ in 0..200 {
            self.turn();
            let is_wake = |it: &Operation| matches!(it, Operation::Wake);
            // With nothing in flight the engine may still have something to attend to.
            let Some(at) = self.bench.ring().pushed.iter().position(|it| !is_wake(it)) else {
                continue;
            };
            let operation = self.bench.ring().pushed[at];
            match operation {
                Operation::Accept { .. } => self.finish(operation, errno(Errno::INVAL)),
                Operation::Receive(_) | Operation::ReceiveOnce(_) => self.finish(operation, 0),
                Operation::Connect { .. } => self.finish(operation, errno(Errno::CONNREFUSED)),
                _ => self.complete(u8::try_from(at).unwrap(), 0),
            }
            // Whoever was dialed in the meantime goes as well.
            for (connection, open) in self.reported.clone() {
                if open {
                    self.bench.reactor.abort(connection);
                }
            }
        }
        self.turn();
        self.turn();
        assert!(self.reported.values().all(|open| !open), "every connection ends");
        assert_eq!(self.bench.reactor.open_connections(), 0);
        assert_eq!(self.bench.ring().buffers_taken(), 0, "every buffer is given back");
        assert!(self.slots_taken.is_empty(), "every slot is given back");
        assert!(self.bench.ring().payloads.is_empty());
    }
}

/// Something to stand in for a socket.
fn null() -> OwnedFd {
    std::fs::File::open("/dev/null").unwrap().into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_the_kernel_does_nothing_is_lost_or_left(
        steps in proptest::collection::vec((0_u8..10, any::<u8>(), any::<u8>()), 0..200),
    ) {
        let mut world = World::new();
        for (kind, which, outcome) in steps {
            match kind {
                0..=5 => world.complete(which, outcome),
                6..=7 => world.ask(which, outcome),
                8 => world.turn(),
                _ => {
                    let ring = world.bench.ring();
                    ring.now = ring.now + std::time::Duration::from_millis(u64::from(which) * 50);
                    ring.overflowed = outcome.is_multiple_of(7);
                    world.turn();
                }
            }
        }
        world.wind_up();
    }
}
