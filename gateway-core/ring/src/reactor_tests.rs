//! The engine over a fake ring: what a kernel does rarely, or never on demand.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;
use sluice_units::{ConnectionId, Instant};

use crate::config::EngineConfig;
use crate::engine::{Handler, Sent};
use crate::fake_ring::FakeRing;
use crate::operation::Operation;
use crate::reactor::{ATTENTION_PER_TURN_MAX, Reactor};

const WAIT: Duration = Duration::from_secs(60);
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, PartialEq, Eq)]
enum Event {
    Connected(ConnectionId),
    Received(ConnectionId, Vec<u8>),
    Closed(ConnectionId),
    Woken,
}

#[derive(Default)]
struct Log(Vec<Event>);

impl Handler for Log {
    fn connected(&mut self, connection: ConnectionId, _peer: SocketAddr) {
        self.0.push(Event::Connected(connection));
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.0.push(Event::Received(connection, bytes.to_vec()));
    }

    fn closed(&mut self, connection: ConnectionId) {
        self.0.push(Event::Closed(connection));
    }

    fn woken(&mut self) {
        self.0.push(Event::Woken);
    }
}

struct Bench {
    reactor: Reactor<FakeRing>,
}

impl Bench {
    fn new(connections_max: u32) -> Self {
        let config = EngineConfig {
            connections_max,
            send_queue_max: 2,
            send_queue_bytes_max: 1000,
            flush_timeout: FLUSH_TIMEOUT,
            ..EngineConfig::default()
        };
        let mut bench = Self { reactor: Reactor::new(FakeRing::default(), &config) };
        bench.turn();
        bench
    }

    fn ring(&mut self) -> &mut FakeRing {
        self.reactor.ring()
    }

    fn turn(&mut self) -> Vec<Event> {
        let mut log = Log::default();
        self.reactor.turn(WAIT, &mut log).unwrap();
        log.0
    }

    fn connect(&mut self, slot: u32) -> ConnectionId {
        let place = self.ring().take_accept();
        self.ring().complete(Operation::Accept { place }, i32::try_from(slot).unwrap());
        let events = self.turn();
        let [Event::Connected(connection)] = events[..] else { panic!("{events:?}") };
        connection
    }

    /// Answers the cancellation that ends a connection, and what it takes back.
    fn let_go(&mut self, connection: ConnectionId) {
        self.turn();
        self.ring().take(Operation::Cancel(connection));
        self.ring().take(Operation::Receive(connection));
        self.ring().complete(Operation::Cancel(connection), 1);
        self.ring().complete(Operation::Receive(connection), errno(Errno::CANCELED));
        if self.ring().pushed.contains(&Operation::Send(connection)) {
            self.ring().finish_send(connection, |_| errno(Errno::CANCELED));
        }
        assert_eq!(self.turn(), []);
        assert_eq!(self.turn(), [Event::Closed(connection)]);
        self.ring().take(Operation::Close { slot: connection.slot });
        self.ring().complete(Operation::Close { slot: connection.slot }, 0);
        assert_eq!(self.turn(), []);
        // The slot that is free again is offered with the next submission.
        assert_eq!(self.turn(), []);
    }
}

fn errno(errno: Errno) -> i32 {
    -errno.raw_os_error()
}

#[test]
fn a_receive_without_buffers_is_armed_again_in_the_next_turn() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    let receive = Operation::Receive(connection);
    bench.ring().take(receive);
    bench.ring().deliver(connection, b"line", true);
    bench.ring().complete(receive, errno(Errno::NOBUFS));
    assert_eq!(bench.turn(), [Event::Received(connection, b"line".to_vec())]);
    assert_eq!(bench.ring().buffers_taken(), 0, "given back before the receive is armed");
    assert!(!bench.ring().pushed.contains(&receive));
    bench.turn();
    bench.ring().take(receive);
    assert_eq!(bench.reactor.stats().receive_buffers_exhausted, 1);
    assert_eq!(bench.reactor.stats().received_bytes, 4);
}

#[test]
fn a_receive_that_ends_with_bytes_is_armed_again_at_once() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    bench.ring().take(Operation::Receive(connection));
    bench.ring().deliver(connection, b"line", false);
    bench.turn();
    bench.ring().take(Operation::Receive(connection));
}

#[test]
fn a_short_send_ends_the_connection_once() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    assert_eq!(bench.reactor.send(connection, b"reply"), Sent::Queued);
    bench.turn();
    assert_eq!(bench.reactor.send(connection, b"never sent"), Sent::Queued);
    assert_eq!(bench.ring().finish_send(connection, |length| length - 1), b"reply");
    assert_eq!(bench.turn(), []);
    assert_eq!(bench.reactor.send(connection, b"late"), Sent::Gone);
    bench.let_go(connection);
    let stats = *bench.reactor.stats();
    assert_eq!((stats.send_failed, stats.closed, stats.sent_bytes), (1, 1, 4));
    assert!(bench.ring().payloads.is_empty());
}

#[test]
fn a_reset_during_a_send_ends_the_connection_once() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    assert_eq!(bench.reactor.send(connection, b"reply"), Sent::Queued);
    bench.turn();
    bench.ring().take(Operation::Receive(connection));
    bench.ring().complete(Operation::Receive(connection), errno(Errno::CONNRESET));
    assert_eq!(bench.turn(), [], "a send is in flight still");
    bench.ring().finish_send(connection, |_| errno(Errno::PIPE));
    assert_eq!(bench.turn(), [], "and the cancellation");
    bench.ring().take(Operation::Cancel(connection));
    bench.ring().complete(Operation::Cancel(connection), 1);
    assert_eq!(bench.turn(), [Event::Closed(connection)]);
    assert_eq!(bench.reactor.open_connections(), 0);
}

#[test]
fn a_cancellation_that_missed_is_repeated() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    let cancel = Operation::Cancel(connection);
    bench.reactor.abort(connection);
    for _ in 0..3 {
        bench.turn();
        bench.ring().take(cancel);
        bench.ring().complete(cancel, 0);
        bench.ring().deliver(connection, b"not reported", true);
        assert_eq!(bench.turn(), []);
    }
    bench.let_go(connection);
}

#[test]
fn completions_of_a_former_occupant_are_ignored() {
    let mut bench = Bench::new(1);
    let first = bench.connect(0);
    bench.reactor.abort(first);
    bench.let_go(first);
    let second = bench.connect(0);
    assert_eq!((second.slot, second.generation), (0, first.generation + 1));
    assert_eq!(bench.reactor.send(first, b"late"), Sent::Gone);
    bench.reactor.close(first);
    bench.reactor.abort(first);
    bench.ring().deliver(first, b"late", true);
    bench.ring().complete(Operation::Receive(first), errno(Errno::CONNRESET));
    bench.ring().complete(Operation::Send(first), errno(Errno::PIPE));
    bench.ring().complete(Operation::ShutdownWrite(first), 0);
    bench.ring().complete(Operation::Cancel(first), 0);
    assert_eq!(bench.turn(), []);
    assert_eq!(bench.ring().buffers_taken(), 0);
    assert_eq!(bench.reactor.send(second, b"reply"), Sent::Queued);
}

#[test]
fn replies_of_one_turn_leave_together_and_in_order() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    for reply in [b"a", b"b", b"c"] {
        assert_eq!(bench.reactor.send(connection, reply), Sent::Queued);
    }
    assert_eq!(bench.reactor.send_shared(connection, &b"job".as_slice().into()), Sent::Queued);
    bench.turn();
    assert_eq!(bench.reactor.send(connection, b"d"), Sent::Queued);
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"abc");
    bench.turn();
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"job");
    bench.turn();
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"d");
    bench.turn();
    assert!(bench.ring().payloads.is_empty());
}

#[test]
fn a_full_queue_drops_the_connection() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    let job = b"job".as_slice().into();
    assert_eq!(bench.reactor.send_shared(connection, &job), Sent::Queued);
    bench.turn();
    assert_eq!(bench.reactor.send_shared(connection, &job), Sent::Queued);
    assert_eq!(bench.reactor.send_shared(connection, &job), Sent::Queued);
    assert_eq!(bench.reactor.send_shared(connection, &job), Sent::Overflow);
    assert_eq!(bench.reactor.send_shared(connection, &job), Sent::Gone);
    bench.let_go(connection);
    assert_eq!(bench.reactor.stats().slow_reader_dropped, 1);
}

#[test]
fn close_flushes_then_waits_for_the_peer() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    assert_eq!(bench.reactor.send(connection, b"last words"), Sent::Queued);
    bench.reactor.close(connection);
    assert_eq!(bench.reactor.send(connection, b"more"), Sent::Gone);
    bench.turn();
    bench.ring().deliver(connection, b"not reported", true);
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"last words");
    assert_eq!(bench.turn(), []);
    bench.ring().take(Operation::ShutdownWrite(connection));
    bench.ring().complete(Operation::ShutdownWrite(connection), 0);
    assert_eq!(bench.turn(), []);
    bench.ring().take(Operation::Receive(connection));
    bench.ring().complete(Operation::Receive(connection), 0);
    assert_eq!(bench.turn(), []);
    assert_eq!(bench.turn(), [Event::Closed(connection)]);
    bench.ring().take(Operation::Close { slot: 0 });
    assert_eq!(bench.ring().buffers_taken(), 0);
}

#[test]
fn a_closing_peer_that_does_not_read_is_cut_off() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    assert_eq!(bench.reactor.send(connection, b"last words"), Sent::Queued);
    bench.reactor.close(connection);
    bench.turn();
    assert_eq!(bench.ring().waits.last(), Some(&FLUSH_TIMEOUT), "a turn ends at the deadline");
    bench.ring().now = Instant::ZERO + FLUSH_TIMEOUT;
    bench.let_go(connection);
    assert_eq!(bench.reactor.stats().flush_expired, 1);
}

#[test]
fn a_peer_that_hangs_up_hears_the_replies_to_its_last_words() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    bench.ring().take(Operation::Receive(connection));
    bench.ring().deliver(connection, b"request", true);
    bench.ring().complete(Operation::Receive(connection), 0);
    assert_eq!(bench.turn(), [Event::Received(connection, b"request".to_vec())]);
    assert_eq!(bench.reactor.send(connection, b"reply"), Sent::Queued);
    assert_eq!(bench.turn(), []);
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"reply");
    assert_eq!(bench.turn(), [Event::Closed(connection)]);
}

#[test]
fn a_broadcast_is_attended_to_in_slices() {
    let count = u32::try_from(ATTENTION_PER_TURN_MAX + 1).unwrap();
    let mut bench = Bench::new(count);
    let connections: Vec<_> = (0..count).map(|slot| bench.connect(slot)).collect();
    let job = b"job".as_slice().into();
    for &connection in &connections {
        assert_eq!(bench.reactor.send_shared(connection, &job), Sent::Queued);
    }
    bench.turn();
    assert_eq!(bench.ring().payloads.len(), ATTENTION_PER_TURN_MAX);
    assert_eq!(bench.ring().waits.last(), Some(&Duration::ZERO));
    bench.turn();
    assert_eq!(bench.ring().payloads.len(), connections.len());
    assert_eq!(bench.ring().waits.last(), Some(&WAIT));
    assert_eq!(bench.reactor.stats().table_full, 1);
}

#[test]
fn an_accept_that_comes_after_the_end_is_not_announced() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    let (late, failed) = (bench.ring().take_accept(), bench.ring().take_accept());
    bench.reactor.stop_accepting();
    assert!(bench.ring().listening_ended);
    bench.ring().complete(Operation::Accept { place: late }, 1);
    bench.ring().complete(Operation::Accept { place: failed }, errno(Errno::INVAL));
    assert_eq!(bench.turn(), []);
    bench.ring().take(Operation::Close { slot: 1 });
    assert_eq!(bench.reactor.send(connection, b"goes on"), Sent::Queued);
    assert_eq!(bench.reactor.stats().accept_failed, 0);
}

#[test]
fn a_shortage_of_the_system_pauses_accepting() {
    let mut bench = Bench::new(1);
    let place = bench.ring().take_accept();
    bench.ring().complete(Operation::Accept { place }, errno(Errno::NFILE));
    bench.turn();
    bench.turn();
    assert!(!bench.ring().pushed.contains(&Operation::Accept { place }));
    let pause = *bench.ring().waits.last().unwrap();
    assert!(pause < WAIT, "a turn ends when accepting goes on");
    bench.ring().now = Instant::ZERO + pause;
    bench.turn();
    bench.ring().take(Operation::Accept { place });
    assert_eq!(bench.reactor.stats().accept_failed, 1);
}

#[test]
fn wake_ups_and_overflows_are_told() {
    let mut bench = Bench::new(1);
    for _ in 0..2 {
        bench.ring().take(Operation::Wake);
        bench.ring().complete(Operation::Wake, 8);
        assert_eq!(bench.turn(), [Event::Woken]);
    }
    bench.ring().overflowed = true;
    bench.turn();
    assert_eq!(bench.reactor.stats().completion_overflow, 1);
}
