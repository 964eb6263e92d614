//! Accepts and outbound connects.

use super::*;

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

fn dial(bench: &mut Bench, token: u64) {
    bench.reactor.dial_room().unwrap();
    let socket = std::fs::File::open("/dev/null").unwrap().into();
    bench.reactor.dial(token, "127.0.0.1:3333".parse().unwrap(), socket);
}

#[test]
fn a_dialed_connection_is_one_like_any_other() {
    let mut bench = Bench::unheard(1);
    dial(&mut bench, 7);
    assert!(matches!(bench.reactor.dial_room(), Err(ConnectError::TableFull)));
    bench.turn();
    bench.ring().take(Operation::Install { place: 0 });
    bench.ring().installed.insert(0, 0);
    bench.ring().complete(Operation::Install { place: 0 }, 1);
    assert_eq!(bench.turn(), []);
    assert_eq!(bench.ring().connects[&0], (0, "127.0.0.1:3333".parse().unwrap()));
    bench.ring().take(Operation::Connect { place: 0 });
    bench.ring().complete(Operation::Connect { place: 0 }, 0);
    let connection = ConnectionId { slot: 0, generation: 0 };
    assert_eq!(bench.turn(), [Event::Dialed(7, Ok(connection))]);
    bench.ring().deliver(connection, b"hello", true);
    assert_eq!(bench.turn(), [Event::Received(connection, b"hello".to_vec())]);
    bench.reactor.abort(connection);
    bench.let_go(connection);
    assert!(bench.reactor.dial_room().is_ok(), "the slot is free again");
}

#[test]
fn a_dial_that_fails_gives_everything_back() {
    let mut bench = Bench::unheard(1);
    dial(&mut bench, 1);
    bench.turn();
    bench.ring().take(Operation::Install { place: 0 });
    bench.ring().complete(Operation::Install { place: 0 }, errno(Errno::NFILE));
    assert_eq!(bench.turn(), [Event::Dialed(1, Err(Errno::NFILE))]);
    dial(&mut bench, 2);
    bench.turn();
    bench.ring().take(Operation::Install { place: 0 });
    bench.ring().installed.insert(0, 0);
    bench.ring().complete(Operation::Install { place: 0 }, 1);
    bench.turn();
    // Nobody answers: at the deadline the connect is taken back.
    bench.ring().now = Instant::ZERO + Duration::from_secs(11);
    bench.turn();
    bench.ring().take(Operation::CancelConnect { place: 0 });
    bench.ring().take(Operation::Connect { place: 0 });
    bench.ring().complete(Operation::Connect { place: 0 }, errno(Errno::CANCELED));
    assert_eq!(bench.turn(), [Event::Dialed(2, Err(Errno::TIMEDOUT))]);
    bench.ring().take(Operation::Close { slot: 0 });
    bench.ring().complete(Operation::Close { slot: 0 }, 0);
    bench.turn();
    dial(&mut bench, 3);
    assert_eq!(bench.reactor.stats().dial_failed, 2);
}
