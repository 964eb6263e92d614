//! Sends, and how connections end.

use super::*;

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
    let deadline = FLUSH_TIMEOUT + DEADLINE_TICK;
    assert_eq!(bench.ring().waits.last(), Some(&deadline), "a turn ends at the deadline");
    bench.ring().now = Instant::ZERO + deadline;
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

#[test]
fn a_newer_job_replaces_one_that_waits_and_none_that_is_leaving() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    let job = |name: &[u8]| -> std::sync::Arc<[u8]> { name.into() };
    assert_eq!(bench.reactor.send_latest(connection, &job(b"first"), 0), Sent::Queued);
    bench.turn();
    for name in [b"2nd", b"3rd", b"4th"] {
        assert_eq!(bench.reactor.send_latest(connection, &job(name), 0), Sent::Queued);
    }
    assert_eq!(bench.reactor.stats().replaced, 2);
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"first");
    bench.turn();
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"4th");
    bench.turn();
    assert!(bench.ring().payloads.is_empty());
}
