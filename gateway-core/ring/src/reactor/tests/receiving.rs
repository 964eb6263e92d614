//! What peers send.

use super::*;

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
fn whoever_sends_more_than_a_share_is_held_back_and_not_read() {
    let mut bench = Bench::new(4);
    let (flood, quiet) = (bench.connect(0), bench.connect(1));
    for byte in b"abcde" {
        bench.ring().deliver(flood, &[*byte], true);
    }
    bench.ring().deliver(quiet, b"q", true);
    let received = |of, bytes: &[u8]| Event::Received(of, bytes.to_vec());
    assert_eq!(
        bench.turn(),
        [received(flood, b"a"), received(flood, b"b"), received(quiet, b"q")],
        "two buffers are a share"
    );
    assert_eq!(bench.ring().buffers_taken(), 3);
    bench.ring().take(Operation::CancelReceive(flood));
    bench.ring().take(Operation::Receive(flood));
    // What was on its way before the receive was taken back keeps its place.
    bench.ring().deliver(flood, b"f", true);
    bench.ring().complete(Operation::Receive(flood), errno(Errno::CANCELED));
    assert_eq!(bench.turn(), [received(flood, b"c"), received(flood, b"d")]);
    assert_eq!(bench.ring().waits.last(), Some(&Duration::ZERO));
    assert!(!bench.ring().pushed.contains(&Operation::Receive(flood)), "not read while bytes wait");
    assert_eq!(bench.turn(), [received(flood, b"e"), received(flood, b"f")]);
    bench.turn();
    // A buffer at a time, as long as buffers come full: nothing has to be held any more.
    let full = [b'g'; BUFFER_BYTES];
    for _ in 0..3 {
        bench.ring().deliver_once(flood, &full);
        assert_eq!(bench.turn(), [received(flood, &full)]);
    }
    bench.ring().deliver_once(flood, b"h");
    assert_eq!(bench.turn(), [received(flood, b"h")]);
    bench.ring().take(Operation::Receive(flood));
    assert_eq!((bench.ring().buffers_taken(), bench.reactor.stats().held_back), (0, 1));
}

#[test]
fn a_closing_peer_whose_bytes_were_held_is_read_to_its_end() {
    let mut bench = Bench::new(4);
    let connection = bench.connect(0);
    for byte in b"abc" {
        bench.ring().deliver(connection, &[*byte], true);
    }
    bench.turn();
    bench.reactor.close(connection);
    bench.ring().take(Operation::CancelReceive(connection));
    bench.ring().take(Operation::Receive(connection));
    bench.ring().complete(Operation::Receive(connection), errno(Errno::CANCELED));
    bench.turn();
    assert_eq!(bench.ring().buffers_taken(), 0);
    bench.turn();
    bench.ring().take(Operation::ShutdownWrite(connection));
    bench.ring().complete(Operation::ShutdownWrite(connection), 0);
    bench.ring().take(Operation::ReceiveOnce(connection));
    bench.ring().complete(Operation::ReceiveOnce(connection), 0);
    bench.turn();
    assert_eq!(bench.turn(), [Event::Closed(connection)]);
    assert_eq!(bench.reactor.stats().flush_expired, 0);
}

#[test]
fn held_bytes_are_reported_before_the_end_and_dropped_with_an_abort() {
    let mut bench = Bench::new(4);
    let (ending, aborted) = (bench.connect(0), bench.connect(1));
    for connection in [ending, aborted] {
        for byte in b"abc" {
            bench.ring().deliver(connection, &[*byte], true);
        }
    }
    bench.ring().take(Operation::Receive(ending));
    bench.ring().complete(Operation::Receive(ending), 0);
    assert_eq!(bench.turn().len(), 4);
    bench.reactor.abort(aborted);
    assert_eq!(bench.turn(), [Event::Received(ending, b"c".to_vec())]);
    assert_eq!(bench.reactor.send(ending, b"reply to c"), Sent::Queued);
    bench.turn();
    assert_eq!(bench.ring().finish_send(ending, |length| length), b"reply to c");
    assert_eq!(bench.turn(), [Event::Closed(ending)]);
    assert_eq!(bench.ring().buffers_taken(), 0);
}

#[test]
fn datagrams_come_whole_or_are_counted() {
    let mut bench = Bench::unheard(1);
    let socket = std::fs::File::open("/dev/null").unwrap().into();
    bench.reactor.receive_datagrams(socket);
    bench.turn();
    let receive = Operation::Datagrams { socket: 0 };
    bench.ring().take(receive);
    bench.ring().deliver_datagram(0, true, b"job");
    bench.ring().deliver_datagram(0, false, b"half a j");
    bench.ring().complete(receive, errno(Errno::NOBUFS));
    assert_eq!(bench.turn(), [Event::Datagram(b"job".to_vec())]);
    assert_eq!(bench.ring().buffers_taken(), 0);
    bench.turn();
    bench.ring().take(receive);
    let stats = bench.reactor.stats();
    assert_eq!((stats.datagrams, stats.datagrams_cut, stats.receive_buffers_exhausted), (1, 1, 1));
}
