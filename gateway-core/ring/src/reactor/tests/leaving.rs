//! Connections that are handed to another engine.

use super::*;

fn null() -> OwnedFd {
    std::fs::File::open("/dev/null").unwrap().into()
}

#[test]
fn what_is_queued_goes_out_and_what_comes_is_told_before_a_connection_leaves() {
    let mut bench = Bench::new(2);
    let connection = bench.connect(0);
    assert_eq!(bench.reactor.send(connection, b"reply"), Sent::Queued);
    assert!(bench.reactor.hand_out(connection));
    assert_eq!(bench.reactor.send(connection, b"more"), Sent::Gone);
    assert_eq!(bench.turn(), []);
    // The receive has brought something before it was taken back.
    bench.ring().deliver(connection, b"line", true);
    bench.ring().take(Operation::StopReceiving(connection));
    bench.ring().take(Operation::Receive(connection));
    bench.ring().complete(Operation::Receive(connection), errno(Errno::CANCELED));
    bench.ring().complete(Operation::StopReceiving(connection), 1);
    assert_eq!(bench.turn(), [Event::Received(connection, b"line".to_vec())]);
    assert_eq!(bench.turn(), []);
    assert!(
        !bench.ring().pushed.contains(&Operation::Extract(connection)),
        "a reply is on its way"
    );
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"reply");
    assert_eq!(bench.turn(), []);
    bench.ring().finish_extract(connection, null());
    assert_eq!(bench.turn(), [Event::HandedOut(connection, Ok(()))]);
    assert_eq!(bench.reactor.open_connections(), 0);
    bench.turn();
    bench.ring().take(Operation::Close { slot: 0 });
    bench.ring().complete(Operation::Close { slot: 0 }, 0);
    assert_eq!(bench.turn(), []);
    let next = bench.connect(0);
    assert_ne!(next, connection, "the slot has its next occupant");
    assert!(!bench.reactor.hand_out(connection), "it is gone");
    bench.reactor.close(next);
    assert!(!bench.reactor.hand_out(next), "it is closing");
}

#[test]
fn a_receive_that_is_missed_is_taken_back_again() {
    let mut bench = Bench::new(2);
    let connection = bench.connect(0);
    assert!(bench.reactor.hand_out(connection));
    bench.turn();
    bench.ring().take(Operation::StopReceiving(connection));
    bench.ring().complete(Operation::StopReceiving(connection), errno(Errno::ALREADY));
    bench.turn();
    bench.ring().take(Operation::StopReceivingOnce(connection));
    bench.ring().complete(Operation::StopReceivingOnce(connection), errno(Errno::NOENT));
    bench.turn();
    bench.ring().take(Operation::StopReceiving(connection));
}

#[test]
fn a_connection_that_cannot_leave_goes_on() {
    let mut bench = Bench::new(2);
    let connection = bench.connect(0);
    assert!(bench.reactor.hand_out(connection));
    bench.turn();
    bench.ring().take(Operation::StopReceiving(connection));
    bench.ring().take(Operation::Receive(connection));
    bench.ring().complete(Operation::Receive(connection), errno(Errno::CANCELED));
    bench.ring().complete(Operation::StopReceiving(connection), 1);
    bench.turn();
    bench.turn();
    bench.ring().take(Operation::Extract(connection));
    bench.ring().complete(Operation::Extract(connection), errno(Errno::INVAL));
    assert_eq!(bench.turn(), [Event::HandedOut(connection, Err(Errno::INVAL))]);
    assert_eq!(bench.reactor.send(connection, b"reply"), Sent::Queued);
    bench.turn();
    assert_eq!(bench.ring().finish_send(connection, |length| length), b"reply");
    bench.ring().deliver(connection, b"line", true);
    assert_eq!(bench.turn(), [Event::Received(connection, b"line".to_vec())]);
}

#[test]
fn one_that_ends_while_it_leaves_is_closed_once() {
    let mut bench = Bench::new(2);
    let connection = bench.connect(0);
    assert!(bench.reactor.hand_out(connection));
    bench.turn();
    bench.ring().take(Operation::StopReceiving(connection));
    bench.ring().take(Operation::Receive(connection));
    bench.ring().complete(Operation::Receive(connection), errno(Errno::CANCELED));
    bench.ring().complete(Operation::StopReceiving(connection), 1);
    bench.turn();
    bench.turn();
    bench.reactor.close(connection);
    assert_eq!(bench.turn(), [], "its socket is under way");
    bench.ring().finish_extract(connection, null());
    assert_eq!(bench.turn(), [Event::Closed(connection)]);
}

#[test]
fn a_socket_is_taken_in_while_there_is_room() {
    let mut bench = Bench::unheard(1);
    bench.reactor.dial_room().unwrap();
    bench.reactor.adopt(7, "127.0.0.1:1".parse().unwrap(), null());
    assert!(matches!(bench.reactor.dial_room(), Err(ConnectError::TableFull)));
    bench.turn();
    bench.ring().take(Operation::Install { place: 0 });
    bench.ring().installed.insert(0, 0);
    bench.ring().complete(Operation::Install { place: 0 }, 1);
    let events = bench.turn();
    let [Event::Dialed(7, Ok(connection))] = events[..] else { panic!("{events:?}") };
    bench.ring().deliver(connection, b"line", true);
    assert_eq!(bench.turn(), [Event::Received(connection, b"line".to_vec())]);
}
