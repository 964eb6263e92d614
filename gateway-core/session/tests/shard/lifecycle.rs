//! How connections come and go: without work, in silence, with nonsense; and slots that are used again.

use std::net::IpAddr;

use sluice_session::Action;
use sluice_units::limits::LINE_BYTES_MAX;
use sluice_units::{ConnectionId, JobKind};

use crate::pair::{HARD_NBITS, Pair, code, job, kind, lines_of, mine_share, submit_line};

const PING: &str = "{\"id\":1,\"method\":\"mining.ping\"}\n";

#[test]
fn without_a_job_a_miner_is_closed_at_once() {
    let mut pair = Pair::without_job();
    let miner = pair.connect();
    assert_eq!(pair.closes(miner), 1);
    assert_eq!(pair.events.len(), 1, "it is told nothing");
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    let miner = pair.join("alice");
    assert_eq!((pair.closes(miner), pair.works(miner)), (0, 1));
}

#[test]
fn a_silent_jobmaster_costs_the_pool_its_miners_until_a_job_comes() {
    let mut pair = Pair::new();
    let working = pair.join("alice");
    let solution = mine_share(&pair.work(working), 0);
    pair.pass_in_silence(29);
    pair.pass(1);
    pair.pass_in_silence(30);
    assert_eq!(pair.closes(working), 0, "30 s are allowed");
    pair.pass_in_silence(1);
    assert_eq!(pair.closes(working), 1);
    let told = lines_of(&pair.events, working);
    assert!(told.last().unwrap().contains("client.show_message"), "{told:?}");
    assert_eq!(pair.shard.stats().connections, 0);
    let refused = pair.connect();
    assert_eq!(pair.closes(refused), 1);
    // A word from the jobmaster alone is no work.
    pair.pass(2);
    let refused = pair.connect();
    assert_eq!(pair.closes(refused), 1);

    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    let back = pair.join("alice");
    assert_eq!((pair.closes(back), pair.works(back)), (0, 1));
    // The search space is another one, and the share of before is no share here.
    pair.submit(back, &solution);
    assert_eq!(pair.client_stats(back).rejected_total(), 1);
}

#[test]
fn a_handshake_and_a_working_miner_have_their_times() {
    let mut pair = Pair::new();
    let (silent, chatty) = (pair.connect(), pair.connect());
    // One that answers no ping.
    let working = pair.greet("alice");
    for _ in 0..10 {
        assert_eq!(pair.say(chatty, PING).len(), 1);
        pair.pass(1);
    }
    assert_eq!((pair.closes(silent), pair.closes(chatty)), (0, 0), "10 s are allowed");
    pair.pass(1);
    assert_eq!((pair.closes(silent), pair.closes(chatty)), (1, 1), "chatter is no handshake");

    pair.pass(500);
    assert_eq!(pair.say(working, PING).len(), 1);
    pair.pass(600);
    assert_eq!(pair.closes(working), 0, "600 s after its last word");
    pair.pass(1);
    assert_eq!(pair.closes(working), 1);
}

#[test]
fn nonsense_gets_one_answer_and_the_door() {
    let too_long = format!("{{\"id\":1,\"method\":\"{}\"}}\n", "x".repeat(LINE_BYTES_MAX));
    let endless = "x".repeat(LINE_BYTES_MAX);
    for text in [
        "\u{16}\u{3}\u{1}\n",
        "[]\n{}\n[]\n",
        "{\"id\":1}\n",
        "{\"id\":1,\"method\":\"mining.ping\"} {\"id\":2}\n",
        &too_long,
        &endless,
    ] {
        let mut pair = Pair::new();
        let (miner, other) = (pair.connect(), pair.join("alice"));
        let heard = pair.say(miner, &format!("{text}{PING}{PING}"));
        assert_eq!(heard.iter().map(|line| code(line)).collect::<Vec<_>>(), [20], "{text:.40}");
        assert_eq!((pair.closes(miner), pair.closes(other)), (1, 0), "{text:.40}");
    }
}

#[test]
fn a_closing_connection_is_closed_once_and_heard_no_more() {
    let mut pair = Pair::new();
    let connection = ConnectionId { slot: 4, generation: 0 };
    pair.shard.handle_connected(pair.now, connection, IpAddr::from([127, 0, 0, 1]), 0);
    for text in ["nonsense\n", PING, "more nonsense\n"] {
        pair.shard.handle_received(pair.now, connection, text.as_bytes());
    }
    pair.shard.handle_drain();
    let actions: Vec<Action> = std::iter::from_fn(|| pair.shard.poll_action()).collect();
    assert!(
        matches!(actions[..], [Action::Send { .. }, Action::Close { .. }]),
        "one answer, one close: {actions:?}"
    );
    assert_eq!(pair.shard.stats().connections, 1, "it is open until the ring says so");
    pair.shard.handle_closed(pair.now, connection);
    pair.shard.handle_closed(pair.now, connection);
    assert_eq!(pair.shard.stats().connections, 0);
}

#[test]
fn unknown_methods_and_late_answers_end_nothing() {
    let mut pair = Pair::new();
    let miner = pair.connect();
    let unknown = "{\"id\":2510,\"method\":\"mining.warp\",\"params\":[1]}\n";
    assert_eq!(code(&pair.say(miner, unknown)[0]), 20);
    let answer = "{\"id\":3,\"result\":\"pong\",\"error\":null}\n";
    assert_eq!(pair.say(miner, answer).len(), 0, "an answer needs no answer");
    assert_eq!(kind(&pair.say(miner, PING)[0]), "reply 1");
}

#[test]
fn a_slot_used_again_is_another_search_space() {
    let mut pair = Pair::new();
    let first = pair.join("alice");
    let work = pair.work(first);
    pair.hang_up(first);
    let second = pair.join("alice");
    assert_eq!(first.slot, second.slot);
    assert_ne!(pair.work(second).extranonce1, work.extranonce1);

    // What comes late about the former occupant touches nobody.
    let events = pair.events.len();
    pair.shard.handle_received(pair.now, first, PING.as_bytes());
    pair.shard.handle_received(pair.now, first, b"nonsense\n");
    pair.shard.handle_closed(pair.now, first);
    pair.settle();
    assert_eq!(pair.events.len(), events);
    assert_eq!(pair.shard.stats().connections, 1);

    // The former occupant's share is another header here.
    let solution = mine_share(&work, 0);
    let there = submit_line("alice", &solution);
    let mut here = pair.work(second);
    here.extranonce1.clone_from(&work.extranonce1);
    assert_eq!(mine_share(&here, 0), solution);
    here = pair.work(second);
    let own_hash_meets = {
        let mut header = here.header(&solution.extranonce2);
        header.nonce = solution.nonce;
        here.target.is_met_by(&sluice_sha256d::sha256d(&header.to_bytes()))
    };
    assert_eq!(code(&pair.say(second, &there)[0]), if own_hash_meets { 0 } else { 23 });
}

#[test]
fn a_drained_shard_lets_everyone_go_and_takes_nobody() {
    let mut pair = Pair::new();
    let miners = [pair.join("alice"), pair.join("bob"), pair.connect()];
    pair.shard.handle_drain();
    pair.settle();
    for miner in miners {
        assert_eq!(pair.closes(miner), 1);
    }
    let late = pair.connect();
    assert_eq!(pair.closes(late), 1);
    // What was counted leaves with the last batch.
    pair.shard.cut_batch(pair.now);
    pair.settle();
    let gone: Vec<bool> = pair.batches[0].events.iter().map(|event| event.connected).collect();
    assert_eq!(gone, [true, true, false, false]);
}
