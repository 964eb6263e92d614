//! What a shard does not put up with: its bound, its one answer, and its counter.

use std::collections::BTreeMap;
use std::net::IpAddr;

use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::{Action, EndCause, Shard, ShardConfig};
use sluice_units::limits::{
    BATCH_ENTRIES_MAX, BLANK_LINES_MAX, BROADCAST_SLICE_MAX, LINE_BYTES_MAX,
    UNPROVEN_ANNOUNCED_PER_MINUTE_MAX, UNPROVEN_NAMES_PER_MINUTE_MAX,
};
use sluice_units::{ConnectionId, Counter, JobKind, ShareDifficulty};
use sluice_wire::share_feed::Batch;

use crate::pair::{HARD_NBITS, Pair, START_UNIX_S, code, config, job, mine_share};

const PING: &str = "{\"id\":1,\"method\":\"mining.ping\"}\n";

/// How often each cause ended a connection, as the shard says and as its batches do.
fn ended(pair: &mut Pair) -> [u64; EndCause::COUNT] {
    pair.shard.cut_batch(pair.now);
    pair.settle();
    let counters = || pair.batches.iter().flat_map(|batch| &batch.counters);
    let total = |wanted: Counter| -> u64 {
        counters().filter(|(_, counter, _)| *counter == wanted).map(|(_, _, count)| count).sum()
    };
    let published = EndCause::ALL.map(|cause| total(cause.counter()));
    assert_eq!(published, pair.shard.stats().ended);
    published
}

fn only(cause: EndCause, count: u64) -> [u64; EndCause::COUNT] {
    let mut counts = [0; EndCause::COUNT];
    counts[cause.index()] = count;
    counts
}

#[test]
fn blank_lines_are_free_only_while_they_are_few() {
    let mut pair = Pair::new();
    let miner = pair.connect();
    let many = "\r\n".repeat(usize::from(BLANK_LINES_MAX));
    for _ in 0..3 {
        assert_eq!(pair.say(miner, &format!("{many}{PING}")).len(), 1);
    }
    assert_eq!(pair.say(miner, &many).len(), 0);
    let heard = pair.say(miner, &format!("\n{PING}"));
    assert_eq!(heard.iter().map(|line| code(line)).collect::<Vec<_>>(), [20]);
    assert_eq!(pair.closes(miner), 1);
    assert_eq!(ended(&mut pair), only(EndCause::NotStratum, 1));
}

#[test]
fn words_that_make_no_handshake_buy_no_time() {
    let mut pair = Pair::new();
    let talkers = ["x", "\n", " ", PING].map(|words| (pair.connect(), words));
    for _ in 0..10 {
        for (miner, words) in talkers {
            pair.say(miner, words);
        }
        pair.pass(1);
    }
    assert!(talkers.iter().all(|(miner, _)| pair.closes(*miner) == 0), "10 s are allowed");
    pair.pass(1);
    assert!(talkers.iter().all(|(miner, _)| pair.closes(*miner) == 1));
    assert_eq!(ended(&mut pair), only(EndCause::HandshakeExpired, 4));
}

#[test]
fn every_end_is_counted_by_its_cause() {
    let mut pair = Pair::new();
    let working = pair.greet("alice");
    let (long, babbling, silent) = (pair.connect(), pair.connect(), pair.connect());
    pair.say(long, &"x".repeat(LINE_BYTES_MAX));
    pair.say(babbling, "GET / HTTP/1.1\r\n");
    pair.pass(601);
    for miner in [working, long, babbling, silent] {
        assert_eq!(pair.closes(miner), 1, "{miner}");
    }
    pair.connect();
    pair.shard.handle_drain();
    pair.settle();
    let mut expected = [1; EndCause::COUNT];
    expected[EndCause::AddressRefused.index()] = 0;
    expected[EndCause::Banned.index()] = 0;
    expected[EndCause::Resumed.index()] = 0;
    assert_eq!(ended(&mut pair), expected);
}

#[test]
fn a_working_miner_is_given_its_time_anew_with_every_word() {
    let mut pair = Pair::new();
    let miner = pair.greet("alice");
    for _ in 0..5 {
        pair.pass(599);
        assert_eq!(pair.say(miner, PING).len(), 1);
    }
    pair.pass(600);
    assert_eq!(pair.closes(miner), 0);
    pair.pass(1);
    assert_eq!(pair.closes(miner), 1);
    assert_eq!(ended(&mut pair), only(EndCause::IdleExpired, 1));
}

/// What became of a connection from an address: whether it may stay.
fn stays(shard: &mut Shard, pair: &Pair, connection: ConnectionId, peer: &str) -> bool {
    let peer: IpAddr = peer.parse().unwrap();
    shard.handle_connected(pair.now, connection, peer, 0);
    let actions: Vec<Action> = std::iter::from_fn(|| shard.poll_action()).collect();
    match &actions[..] {
        [] => true,
        [Action::Refuse { connection: closed }] => {
            assert_eq!(*closed, connection);
            false
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_address_has_as_many_connections_as_it_may() {
    let pair = Pair::new();
    let config = ShardConfig { connections_per_address_max: 2, ..config() };
    let mut shard = Shard::new(pair.now, config);
    shard.handle_job(pair.now, job(1, JobKind::Clean, 1, HARD_NBITS));
    let slot = |slot: u32| ConnectionId { slot, generation: 0 };
    let peers = [
        ("127.0.0.1", true),
        ("127.0.0.1", true),
        ("127.0.0.1", false),
        ("127.0.0.2", true),
        ("2001:db8::1", true),
        ("2001:db8::2", true),
        ("2001:db8::ffff:3", false),
        ("2001:db8:0:1::3", true),
        ("::ffff:127.0.0.1", false),
    ];
    for ((peer, allowed), number) in peers.into_iter().zip(0..) {
        assert_eq!(stays(&mut shard, &pair, slot(number), peer), allowed, "{peer}");
    }
    assert_eq!(shard.stats().ended[EndCause::AddressRefused.index()], 3);
    // One goes, and so do those that were refused: there is room for one.
    for gone in [0, 2, 8] {
        shard.handle_closed(pair.now, slot(gone));
    }
    assert!(stays(&mut shard, &pair, slot(0), "127.0.0.1"));
    assert!(!stays(&mut shard, &pair, slot(2), "127.0.0.1"));
}

#[test]
fn many_deadlines_of_one_moment_are_attended_to_in_slices() {
    let mut pair = Pair::new();
    let connections = 2 * BROADCAST_SLICE_MAX + 10;
    for slot in 0..connections as u32 {
        let connection = ConnectionId { slot, generation: 0 };
        pair.shard.handle_connected(pair.now, connection, IpAddr::from([127, 0, 0, 1]), 0);
    }
    pair.now.instant = pair.now.instant + config().handshake_timeout * 2;
    pair.shard.handle_alive(pair.now);
    let mut slices = Vec::new();
    while pair.shard.poll_timeout() <= pair.now.instant {
        pair.shard.handle_timeout(pair.now);
        let actions = std::iter::from_fn(|| pair.shard.poll_action());
        slices.push(actions.filter(|action| matches!(action, Action::Close { .. })).count());
    }
    assert_eq!(slices, [BROADCAST_SLICE_MAX, BROADCAST_SLICE_MAX, 10]);
}

/// Names cost nothing; those under which nobody has worked are not all counted by themselves.
#[test]
fn invented_names_take_little_of_the_store() {
    let mut pair = Pair::new();
    let malformed = |user: &str| {
        format!("{{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"{user}\",7]}}\n")
    };
    let honest = pair.join("alice.rig");
    let solution = mine_share(&pair.work(honest), 0);
    pair.submit(honest, &solution);
    let refused = UNPROVEN_NAMES_PER_MINUTE_MAX + 20;
    for number in 0..refused {
        let user = format!("invented{number}.rig");
        let miner = pair.greet(&user);
        for _ in 0..2 {
            pair.say(miner, &malformed(&user));
        }
        pair.hang_up(miner);
    }
    // Who has worked is named whatever others invent.
    pair.say(honest, &malformed("alice.rig"));
    pair.shard.cut_batch(pair.now);
    pair.settle();
    let tallies = pair.batches.iter().flat_map(|batch| &batch.tallies);
    let named: BTreeMap<&str, u64> = tallies
        .filter(|(_, _, tally)| tally.rejected_total() > 0)
        .map(|(_, worker, tally)| (worker.user(), tally.rejected_total()))
        .collect();
    assert_eq!(named.len(), UNPROVEN_NAMES_PER_MINUTE_MAX + 1);
    assert_eq!((named["alice"], named["invented0"]), (1, 2));
    let counters = pair.batches.iter().flat_map(|batch| &batch.counters);
    let unnamed = counters.filter(|(_, counter, _)| *counter == Counter::RefusedUnnamed);
    assert_eq!(unnamed.map(|(_, _, count)| count).sum::<u64>(), 40);
    // Another minute has names of its own.
    pair.pass(60);
    let late = pair.greet("late.rig");
    pair.say(late, &malformed("late.rig"));
    pair.shard.cut_batch(pair.now);
    pair.settle();
    let mut tallies = pair.batches.iter().flat_map(|batch| &batch.tallies);
    assert!(tallies.any(|(_, worker, _)| worker.user() == "late"));
}

/// Each first coming takes keys of the store for good, and costs a line of text.
#[test]
fn who_has_not_worked_is_announced_within_a_bound_and_whoever_works_at_once() {
    let mut pair = Pair::new();
    let invented = UNPROVEN_ANNOUNCED_PER_MINUTE_MAX + 20;
    let miners: Vec<_> =
        (0..invented).map(|number| pair.join(&format!("invented{number}.rig"))).collect();
    let last = miners[invented - 1];
    let solution = mine_share(&pair.work(last), 0);
    pair.submit(last, &solution);
    miners.into_iter().for_each(|miner| pair.hang_up(miner));
    pair.shard.cut_batch(pair.now);
    pair.settle();
    let events: Vec<_> = pair.batches.iter().flat_map(|batch| &batch.events).collect();
    let names = |connected: bool| -> Vec<&str> {
        let told = events.iter().filter(|event| event.connected == connected);
        told.map(|event| event.identity.user()).collect()
    };
    assert_eq!(names(true).len(), UNPROVEN_ANNOUNCED_PER_MINUTE_MAX + 1);
    assert_eq!(*names(true).last().unwrap(), format!("invented{}", invented - 1));
    assert_eq!(names(false), names(true), "who was not announced goes unannounced");
    // Another minute has room for others.
    pair.pass(60);
    pair.join("late.rig");
    pair.shard.cut_batch(pair.now);
    pair.settle();
    let mut events = pair.batches.iter().flat_map(|batch| &batch.events);
    assert!(events.any(|event| event.identity.user() == "late"));
}

/// One name is as good as many: each coming and going costs an element of a list that perhaps nobody reads.
#[test]
fn whoever_comes_and_goes_without_work_is_told_of_within_the_bound() {
    let mut pair = Pair::new();
    let come_and_go = |pair: &mut Pair| {
        let miner = pair.join("restless.rig");
        pair.hang_up(miner);
    };
    for _ in 0..UNPROVEN_ANNOUNCED_PER_MINUTE_MAX + 20 {
        come_and_go(&mut pair);
    }
    // Whoever works on its connection is told of with that, and of its going too.
    let miner = pair.join("restless.rig");
    let solution = mine_share(&pair.work(miner), 0);
    pair.submit(miner, &solution);
    pair.hang_up(miner);
    pair.shard.cut_batch(pair.now);
    pair.settle();
    let told = |pair: &Pair| -> usize {
        let events = pair.batches.iter().flat_map(|batch| &batch.events);
        let told: Vec<bool> = events.map(|event| event.connected).collect();
        assert!(told.chunks(2).all(|both| both == [true, false]), "{told:?}");
        told.len() / 2
    };
    assert_eq!(told(&pair), UNPROVEN_ANNOUNCED_PER_MINUTE_MAX + 1);
    let counters = pair.batches.iter().flat_map(|batch| &batch.counters);
    let dropped = counters.filter(|(_, counter, _)| *counter == Counter::EventDropped);
    assert_eq!(dropped.map(|(_, _, count)| count).sum::<u64>(), 20);
    // Another minute has room for others.
    pair.pass(60);
    come_and_go(&mut pair);
    pair.shard.cut_batch(pair.now);
    pair.settle();
    assert_eq!(told(&pair), UNPROVEN_ANNOUNCED_PER_MINUTE_MAX + 2);
}

/// More names than a batch has room for, whose shares come many to a turn: every batch can be read.
#[test]
fn a_batch_never_exceeds_its_bound() {
    const NAMES_EACH: usize = 16;
    let connections = BATCH_ENTRIES_MAX / NAMES_EACH + 100;
    let now = Pair::new().now;
    let config = ShardConfig {
        connections_max: connections as u32,
        ..ShardConfig::new(config().source, VardiffPolicy::fixed(ShareDifficulty::MIN))
    };
    let mut shard = Shard::new(now, config);
    shard.handle_job(now, job(1, JobKind::Clean, 1, HARD_NBITS));
    let (mut counted, mut sequence) = (0, 0);
    let mut carry_out = |shard: &mut Shard| {
        while let Some(action) = shard.poll_action() {
            if let Action::Publish(batch) = action {
                sequence += 1;
                assert_eq!(batch.sequence, sequence);
                assert_eq!(Batch::decode(&batch.encode()).as_ref(), Ok(&*batch));
                let tallies = batch.tallies.iter().map(|(_, _, tally)| tally);
                counted +=
                    tallies.map(|tally| tally.accepted + tally.rejected_total()).sum::<u64>();
            }
        }
    };
    for slot in 0..connections as u32 {
        let connection = ConnectionId { slot, generation: 0 };
        shard.handle_connected(now, connection, IpAddr::from([127, 0, 0, 1]), 0);
        let mut lines = String::from("{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n");
        for name in 0..NAMES_EACH {
            lines += &format!(
                "{{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"a{slot}.{name}\"]}}\n"
            );
        }
        shard.handle_received(now, connection, lines.as_bytes());
        carry_out(&mut shard);
    }
    // All submits of many miners are of one turn: nothing is polled in between.
    for slot in 0..connections as u32 {
        let mut lines = String::new();
        for name in 0..NAMES_EACH {
            lines += &format!(
                "{{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"a{slot}.{name}\",\"1\",\
                 \"0000000000000000\",\"{START_UNIX_S:08x}\",\"{name:08x}\"]}}\n"
            );
        }
        shard.handle_received(now, ConnectionId { slot, generation: 0 }, lines.as_bytes());
    }
    carry_out(&mut shard);
    shard.cut_batch(now);
    carry_out(&mut shard);
    assert_eq!(counted, (connections * NAMES_EACH) as u64, "every share is in some batch");
}
