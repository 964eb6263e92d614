//! What the pool says of its own accord, and what it makes of the answers.

use sluice_session::Announcement;
use sluice_units::limits::ANNOUNCEMENTS_MAX;
use sluice_units::{ConnectionId, Job, JobKind, Reconnect};

use crate::pair::{HARD_NBITS, Pair, START_HASHES, difficulty, job, kind, lines_of, mine};

const CONFIGURE: &str = "{\"id\":7,\"method\":\"mining.configure\",\"params\":[[\"version-rolling\"],\
                         {\"version-rolling.mask\":\"1fffe000\"}]}\n";

fn kinds(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| kind(line)).collect()
}

fn masked_job(number: u64, version_mask: u32) -> Job {
    Job { version_mask, ..job(number, JobKind::Refresh, 1, HARD_NBITS) }
}

#[test]
fn new_version_bits_are_told_right_before_the_job_that_leaves_them() {
    let mut pair = Pair::new();
    let (rolling, plain) = (pair.join("alice"), pair.greet("bob"));
    let before = pair.events.len();
    pair.job(masked_job(2, 0x0fff_0000));
    let heard = lines_of(&pair.events[before..], rolling);
    assert_eq!(kinds(&heard), ["mining.set_version_mask", "mining.notify"]);
    assert!(heard[0].contains("0fff0000"), "{}", heard[0]);
    assert_eq!(kinds(&lines_of(&pair.events[before..], plain)), ["mining.notify"]);
    // The client has understood: what it rolls within the new mask counts, other bits do not.
    let work = pair.work(rolling);
    assert_eq!(work.version_mask, 0x0fff_0000);
    let solution = mine(&work, 0, Some(0x0011_0000), |hash| work.target.is_met_by(hash));
    pair.submit(rolling, &solution);
    assert_eq!(pair.client_stats(rolling).accepted, 1);
    let solution = mine(&work, 0, Some(0x0011_2000), |_| true);
    pair.submit(rolling, &solution);
    assert_eq!(pair.client_stats(rolling).rejected_total(), 1);

    let before = pair.events.len();
    pair.job(masked_job(3, 0x0fff_0000));
    assert_eq!(kinds(&lines_of(&pair.events[before..], rolling)), ["mining.notify"]);
    let late = pair.connect();
    assert!(pair.say(late, CONFIGURE)[0].contains("\"0fff0000\""), "granted as it is now");
}

#[test]
fn a_mask_that_changed_during_the_handshake_is_told_before_the_first_job() {
    let mut pair = Pair::new();
    let miner = pair.connect();
    assert!(pair.say(miner, CONFIGURE)[0].contains("\"1fffe000\""));
    pair.job(masked_job(2, 0x0fff_0000));
    pair.say(miner, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"]}\n");
    let heard = pair.say(miner, "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"a\"]}\n");
    assert_eq!(
        kinds(&heard),
        ["reply 2", "mining.set_difficulty", "mining.set_version_mask", "mining.notify"]
    );
}

#[test]
fn a_quiet_miner_is_asked_whether_it_is_there_and_kept_where_it_answers() {
    let mut pair = Pair::new();
    let (answers, silent, asks_back) = (pair.join("alice"), pair.greet("bob"), pair.greet("carol"));
    pair.pass(303);
    for miner in [answers, silent, asks_back] {
        let pings =
            lines_of(&pair.events, miner).iter().filter(|it| kind(it) == "mining.ping").count();
        assert_eq!(pings, 1, "once, half-way through what it may be silent for");
    }
    // As bitaxe answers: with a request.
    assert_eq!(pair.say(asks_back, "{\"id\":3,\"method\":\"pong\",\"params\":[]}\n"), [""; 0]);
    pair.pass(300);
    assert_eq!([answers, silent, asks_back].map(|miner| pair.closes(miner)), [0, 1, 0]);
}

#[test]
fn who_does_not_say_what_it_is_is_asked_and_a_market_gets_its_floor() {
    let mut pair = Pair::new();
    let nameless = |pair: &mut Pair| -> (ConnectionId, Vec<String>) {
        let miner = pair.connect();
        pair.say(miner, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n");
        let heard =
            pair.say(miner, "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"a\"]}\n");
        (miner, heard)
    };
    let (market, heard) = nameless(&mut pair);
    assert_eq!(
        kinds(&heard),
        ["reply 2", "mining.set_difficulty", "mining.notify", "client.get_version"]
    );
    let (other, _) = nameless(&mut pair);
    let answer = |agent: &str| format!("{{\"id\":2147483647,\"result\":{agent},\"error\":null}}\n");
    assert_eq!(pair.say(market, &answer("\"NiceHash/1.0.0\"")), [""; 0]);
    assert_eq!(pair.say(other, &answer("null")), [""; 0], "it need not know");
    let before = pair.events.len();
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    let told = lines_of(&pair.events[before..], market);
    assert_eq!(kinds(&told), ["mining.set_difficulty", "mining.notify"]);
    let rental = crate::pair::config().ports[0].vardiff.rental_difficulty_min;
    assert!(told[0].contains(&format!("[{rental}]")), "{}", told[0]);
    assert!(rental > difficulty(START_HASHES));
    assert_eq!(kinds(&lines_of(&pair.events[before..], other)), ["mining.notify"]);
    // Whoever said what it is cannot be taken for a market afterwards.
    let named = pair.greet("bob");
    pair.say(named, &answer("\"NiceHash/1.0.0\""));
    let before = pair.events.len();
    pair.job(job(3, JobKind::Refresh, 1, HARD_NBITS));
    assert_eq!(kinds(&lines_of(&pair.events[before..], named)), ["mining.notify"]);
}

#[test]
fn a_gateway_that_ends_asks_its_miners_to_come_back_and_a_pool_without_work_does_not() {
    let mut pair = Pair::new();
    let (working, greeting) = (pair.greet("alice"), pair.connect());
    pair.pass_in_silence(31);
    let told = lines_of(&pair.events, working);
    assert!(!told.iter().any(|line| kind(line) == "client.reconnect"), "they are to fail over");
    assert_eq!((pair.closes(working), pair.closes(greeting)), (1, 1));

    let mut pair = Pair::new();
    let (working, greeting) = (pair.greet("alice"), pair.connect());
    pair.shard.handle_drain();
    pair.settle();
    let told = lines_of(&pair.events, working);
    assert_eq!(told.last().unwrap(), r#"{"id":null,"method":"client.reconnect","params":[]}"#);
    assert_eq!(lines_of(&pair.events, greeting), [""; 0]);
    assert_eq!((pair.closes(working), pair.closes(greeting)), (1, 1));
}

#[test]
fn the_operator_is_heard_by_every_miner_that_works_once() {
    let mut pair = Pair::new();
    let miners: Vec<_> = (0..600).map(|index| pair.greet(&format!("farm.{index}"))).collect();
    let greeting = pair.connect();
    let before = pair.events.len();
    assert!(pair.shard.handle_announcement(Announcement::Say("power cut at \"noon\"".into())));
    let elsewhere = Reconnect { host: Some(("pool.example".to_owned(), 3334)), wait_s: 9 };
    assert!(pair.shard.handle_announcement(Announcement::Reconnect(elsewhere)));
    pair.settle();
    let mut waits = [0; 10];
    for miner in miners {
        let told = lines_of(&pair.events[before..], miner);
        assert_eq!(kinds(&told), ["client.show_message", "client.reconnect"]);
        assert!(told[0].contains(r#"["power cut at \"noon\""]"#), "{}", told[0]);
        let wait = told[1].rsplit(',').next().unwrap().trim_end_matches("]}");
        waits[wait.parse::<usize>().unwrap()] += 1;
    }
    assert!(waits.iter().all(|count| *count == 60), "spread evenly: {waits:?}");
    assert_eq!(lines_of(&pair.events[before..], greeting), [""; 0]);
    for index in 0..ANNOUNCEMENTS_MAX + 1 {
        let taken = pair.shard.handle_announcement(Announcement::Say("again".into()));
        assert_eq!(taken, index < ANNOUNCEMENTS_MAX);
    }
}

#[test]
fn wishes_that_make_no_sense_are_called_so() {
    let mut pair = Pair::new();
    let miner = pair.greet("alice");
    for (method, params) in [
        ("mining.suggest_difficulty", "[\"many\"]"),
        ("mining.suggest_difficulty", "[]"),
        ("mining.suggest_target", "[\"xyz\"]"),
    ] {
        let line = format!("{{\"id\":5,\"method\":\"{method}\",\"params\":{params}}}\n");
        assert_eq!(
            pair.say(miner, &line),
            [r#"{"id":5,"result":null,"error":[20,"Malformed parameters",null]}"#]
        );
    }
    assert_eq!(pair.closes(miner), 0);
}
