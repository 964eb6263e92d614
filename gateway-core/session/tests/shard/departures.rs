//! Miners that come back to another shard than the one that knows their session.

use std::net::IpAddr;

use serde_json::Value;
use sluice_session::{AccountPolicy, EndCause, Heard, ShardConfig};
use sluice_units::limits::{DEPARTURE_BYTES_MAX, UNPROVEN_ANNOUNCED_PER_MINUTE_MAX};
use sluice_units::{ConnectionId, JobKind, SourceId};

use crate::pair::{
    HARD_NBITS, Pair, code, config, difficulty, job, kind, lines_of, mine_share, submit_line,
};

const HOME: u16 = 3;
const OTHER: u16 = 4;

/// The shard that knows a session, and another one.
fn shards() -> [Pair; 2] {
    [HOME, OTHER].map(|shard| {
        let source = SourceId { shard, ..config().source };
        let mut pair = Pair::of(ShardConfig { source, ..config() });
        pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
        pair
    })
}

/// A miner of the shard: its connection, session id and extranonce1.
fn joined(pair: &mut Pair, user: &str) -> (ConnectionId, String, String) {
    let miner = pair.join(user);
    let heard = pair.say(miner, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"]}\n");
    let reply: Value = serde_json::from_str(&heard[0]).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (miner, text(&reply["result"][0][1][1]), text(&reply["result"][1]))
}

fn subscribe(session: &str) -> String {
    format!("{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\",\"{session}\"]}}\n")
}

const AUTHORIZE: &str = "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"alice\"]}\n";

/// Carries a connection over, as a shell does; its name there.
fn carry(from: &mut Pair, connection: ConnectionId, to: &mut Pair) -> ConnectionId {
    let departure = from.shard.handle_departed(from.now, connection).expect("it leaves");
    from.settle();
    let arrived = to.free_slot();
    to.shard.handle_arrived(to.now, arrived, *departure);
    to.settle();
    arrived
}

#[test]
fn a_miner_goes_to_the_shard_that_knows_its_session_and_nothing_it_said_is_lost() {
    let [mut home, mut other] = shards();
    let (miner, session, extranonce1) = joined(&mut home, "alice");
    let work = home.work(miner);
    let [first, second] = [0, 1 << 20].map(|nonce| mine_share(&work, nonce));
    home.submit(miner, &first);
    home.hang_up(miner);

    let back = other.connect_from("10.0.0.7".parse().unwrap());
    // What comes before is answered here, what comes after there, wherever it is cut.
    let wish = difficulty(1 << 7);
    let words = format!(
        "{{\"id\":8,\"method\":\"mining.suggest_difficulty\",\"params\":[{wish}]}}\n{}{AUTHORIZE}{}",
        subscribe(&session),
        submit_line("alice", &second)
    );
    let heard = other.say(back, &words);
    assert_eq!(heard, [r#"{"id":8,"result":true,"error":null}"#]);
    assert_eq!(other.leaving, [(back, HOME)]);
    assert_eq!(other.say(back, &submit_line("alice", &first)), [""; 0]);
    let before = home.events.len();
    let arrived = carry(&mut other, back, &mut home);
    let heard = lines_of(&home.events[before..], arrived);
    let kinds: Vec<_> = heard.iter().map(|line| kind(line)).collect();
    let greeting = ["reply 1", "reply 2", "mining.set_difficulty", "mining.notify"];
    assert_eq!(kinds, [&greeting[..], &["reply 9", "reply 9"]].concat());
    assert!(
        heard[0].contains(&extranonce1) && heard[2].contains(&format!("[{wish}]")),
        "{heard:?}"
    );
    // What was found meanwhile counts; the first share was credited before, and only this shard can know.
    assert_eq!([code(&heard[4]), code(&heard[5])], [0, 22]);
    assert_eq!([other.shard.stats().connections, home.shard.stats().connections], [0, 1]);
    // It is a miner of that shard like any other.
    home.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    let heard = lines_of(&home.events, arrived);
    assert_eq!(kind(heard.last().unwrap()), "mining.notify");
    home.hang_up(arrived);
    assert_eq!(home.shard.stats().connections, 0);
}

#[test]
fn a_worker_that_authorised_first_goes_with_its_connection() {
    let [mut home, mut other] = shards();
    let (miner, session, _) = joined(&mut home, "alice");
    home.hang_up(miner);
    let back = other.connect();
    assert_eq!(other.say(back, AUTHORIZE).len(), 1);
    assert_eq!(other.say(back, &subscribe(&session)), [""; 0]);
    let before = home.events.len();
    let arrived = carry(&mut other, back, &mut home);
    let kinds: Vec<_> =
        lines_of(&home.events[before..], arrived).iter().map(|line| kind(line)).collect();
    assert_eq!(kinds, ["reply 1", "mining.set_difficulty", "mining.notify"]);
    // Gone there, come here, and gone again.
    home.hang_up(arrived);
    for pair in [&mut home, &mut other] {
        pair.pass(2);
    }
    let events = |pair: &Pair| -> Vec<bool> {
        pair.batches.iter().flat_map(|batch| &batch.events).map(|event| event.connected).collect()
    };
    assert_eq!(events(&other), [true, false]);
    assert_eq!(events(&home), [true, false, true, false]);
}

/// However many shards send their miners to one, the store hears no more of those without work.
#[test]
fn whoever_arrives_without_work_is_told_of_within_the_bound() {
    let [mut home, mut other] = shards();
    let (miner, session, _) = joined(&mut home, "alice");
    home.hang_up(miner);
    for _ in 1..UNPROVEN_ANNOUNCED_PER_MINUTE_MAX {
        let miner = home.join("restless");
        home.hang_up(miner);
    }
    let back = other.connect();
    other.say(back, &(AUTHORIZE.to_owned() + &subscribe(&session)));
    let arrived = carry(&mut other, back, &mut home);
    home.hang_up(arrived);
    for (pair, told) in [(&mut other, 1), (&mut home, UNPROVEN_ANNOUNCED_PER_MINUTE_MAX)] {
        pair.shard.cut_batch(pair.now);
        pair.settle();
        let events: Vec<_> = pair.batches.iter().flat_map(|batch| &batch.events).collect();
        for connected in [true, false] {
            let count = events.iter().filter(|event| event.connected == connected).count();
            assert_eq!(count, told, "{connected}");
        }
    }
}

#[test]
fn a_connection_that_cannot_leave_gets_a_session_of_its_own() {
    let [mut home, mut other] = shards();
    let (_, session, extranonce1) = joined(&mut home, "alice");
    let back = other.connect();
    other.say(back, &(subscribe(&session) + AUTHORIZE));
    let before = other.events.len();
    assert_eq!(other.shard.handle_stays(other.now, back), Heard::Words);
    other.settle();
    let heard = lines_of(&other.events[before..], back);
    let kinds: Vec<_> = heard.iter().map(|line| kind(line)).collect();
    assert_eq!(kinds, ["reply 1", "reply 2", "mining.set_difficulty", "mining.notify"]);
    assert!(!heard[0].contains(&extranonce1), "{}", heard[0]);
    assert_eq!(other.leaving.len(), 1, "it is not asked again");
    // A shell that is late changes nothing.
    assert_eq!(other.shard.handle_stays(other.now, back), Heard::Words);
}

#[test]
fn who_ends_on_the_way_does_not_arrive() {
    let [mut home, mut other] = shards();
    let (_, session, _) = joined(&mut home, "alice");
    // It says too much, or nothing for too long.
    let (loud, silent) = (other.connect(), other.connect());
    for miner in [loud, silent] {
        other.say(miner, &subscribe(&session));
    }
    other.say(loud, &"x".repeat(DEPARTURE_BYTES_MAX));
    assert_eq!(other.closes(loud), 1);
    other.pass(11);
    assert_eq!(other.closes(silent), 1);
    assert!(other.shard.handle_departed(other.now, silent).is_none());
    // It left the ring before the shard heard that it was to be closed.
    let late = other.connect();
    other.say(late, &subscribe(&session));
    other.shard.handle_drain();
    while other.shard.poll_timeout() <= other.now.instant {
        other.shard.handle_timeout(other.now);
    }
    assert!(other.shard.handle_departed(other.now, late).is_none());
    assert_eq!(other.shard.stats().connections, 0);
}

#[test]
fn who_works_or_waits_for_an_answer_stays() {
    let [mut home, _] = shards();
    let (_, session, _) = joined(&mut home, "alice");
    let source = SourceId { shard: OTHER, ..config().source };
    let accounts = AccountPolicy::Checked { unknown_allowed: true };
    let mut other = Pair::of(ShardConfig { source, accounts, ..config() });
    other.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    let waiting = other.connect();
    other.say(waiting, AUTHORIZE);
    assert_eq!(other.say(waiting, &subscribe(&session)).len(), 1);
    let subscribed = other.connect();
    other.say(subscribed, &subscribe(""));
    assert_eq!(other.say(subscribed, &subscribe(&session)).len(), 1);
    assert_eq!(other.leaving, []);
}

#[test]
fn who_arrives_is_counted_for_its_address_and_may_be_refused() {
    let [mut home, mut other] = shards();
    let (miner, session, _) = joined(&mut home, "alice");
    home.hang_up(miner);
    let peer: IpAddr = "10.0.0.7".parse().unwrap();
    let until = sluice_units::UnixTime::from_seconds(u64::MAX);
    let subject = "10.0.0.7".parse().unwrap();
    home.shard.handle_bans(&[sluice_units::Ban { subject, until, reason: String::new() }]);
    let back = other.connect_from(peer);
    other.say(back, &subscribe(&session));
    let arrived = carry(&mut other, back, &mut home);
    assert_eq!(home.closes(arrived), 1);
    assert_eq!(home.shard.stats().ended[EndCause::Banned.index()], 1);

    // A balancer that speaks for itself, on both shards.
    let [mut home, mut other] = [HOME, OTHER].map(|shard| {
        let source = SourceId { shard, ..config().source };
        let proxies_trusted = vec!["10.0.0.0/8".parse().unwrap()];
        let mut pair = Pair::of(ShardConfig { source, proxies_trusted, ..config() });
        pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
        pair
    });
    let (miner, session, extranonce1) = joined(&mut home, "alice");
    home.hang_up(miner);
    let back = other.connect_from(peer);
    other.say(back, &(subscribe(&session) + AUTHORIZE));
    let before = home.events.len();
    let arrived = carry(&mut other, back, &mut home);
    assert!(lines_of(&home.events[before..], arrived)[0].contains(&extranonce1));
    home.hang_up(arrived);
}
