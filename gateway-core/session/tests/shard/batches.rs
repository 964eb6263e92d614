//! What leaves the shard for the store: numbered batches, and nothing where nothing happened.

use sluice_units::limits::EVENTS_PER_BATCH_MAX;
use sluice_units::{Counter, JobKind, Minute};
use sluice_wire::share_feed::{Batch, Event};

use crate::pair::{HARD_NBITS, Pair, START_UNIX_S, config, job, mine_share};

/// A counter's value per minute, over all batches.
fn counted(batches: &[Batch], wanted: Counter) -> Vec<(u64, u64)> {
    let counters = batches.iter().flat_map(|batch| &batch.counters);
    counters
        .filter(|(_, counter, _)| *counter == wanted)
        .map(|(minute, _, count)| (minute.to_seconds() - START_UNIX_S, *count))
        .collect()
}

fn total(batches: &[Batch], wanted: Counter) -> u64 {
    counted(batches, wanted).iter().map(|(_, count)| count).sum()
}

#[test]
fn batches_are_numbered_from_one_without_a_gap() {
    let mut pair = Pair::new();
    let miner = pair.join("alice");
    for round in 0..5_u32 {
        let solution = mine_share(&pair.work(miner), round << 16);
        pair.submit(miner, &solution);
        pair.pass(3);
    }
    assert_eq!(pair.batches.len(), 5, "one for each second in which something happened");
    for (batch, sequence) in pair.batches.iter().zip(1..) {
        assert_eq!(batch.sequence, sequence);
        assert_eq!((batch.source, batch.epoch), (config().source, config().epoch));
        assert_eq!((&batch.coin, &batch.host), (&config().coin, &config().host));
        assert!(batch.blocks.is_empty(), "blocks are recorded once a node has them");
    }
}

#[test]
fn nothing_is_published_where_nothing_happened() {
    let mut pair = Pair::without_job();
    pair.pass(59);
    pair.shard.cut_batch(pair.now);
    pair.settle();
    assert_eq!(pair.batches, []);
    assert_eq!(pair.shard.poll_action(), None);
}

#[test]
fn a_share_counts_in_the_minute_in_which_it_came() {
    let mut pair = Pair::new();
    let miner = pair.join("alice");
    for round in 0..3_u32 {
        let solution = mine_share(&pair.work(miner), round << 16);
        pair.submit(miner, &solution);
        // The second of them comes in the last second of the first minute.
        pair.pass(if round == 0 { 59 } else { 1 });
    }
    let minutes: Vec<(Minute, u64)> = pair
        .batches
        .iter()
        .flat_map(|batch| &batch.tallies)
        .map(|(minute, _, tally)| (*minute, tally.accepted))
        .collect();
    let minute = |at: u64| Minute::from_seconds(START_UNIX_S + at).unwrap();
    assert_eq!(minutes, [(minute(0), 1), (minute(0), 1), (minute(60), 1)]);
}

#[test]
fn open_connections_are_reported_once_a_minute() {
    let mut pair = Pair::new();
    pair.join("alice");
    pair.pass(50);
    pair.join("bob");
    pair.pass(90);
    assert_eq!(counted(&pair.batches, Counter::Connections), [(60, 2), (120, 2)]);
}

#[test]
fn miners_that_come_and_go_are_told_of_in_order() {
    let mut pair = Pair::new();
    let (first, second) = (pair.join("alice.rig1"), pair.join("bob"));
    let stranger = pair.connect();
    pair.hang_up(first);
    pair.hang_up(stranger);
    // Authorised again: it is here already.
    pair.say(second, "{\"id\":7,\"method\":\"mining.authorize\",\"params\":[\"bob\",\"x\"]}\n");
    pair.pass(1);
    let event = |user: &str, peer: &str, connected| Event {
        identity: user.parse().unwrap(),
        peer: peer.to_owned(),
        connected,
    };
    assert_eq!(
        pair.batches[0].events,
        [
            event("alice.rig1", "127.0.0.1", true),
            event("bob", "127.0.0.2", true),
            event("alice.rig1", "127.0.0.1", false),
        ]
    );
    let counts = [
        (Counter::ConnectionNew, 3),
        (Counter::ConnectionClose, 2),
        (Counter::NewAuthorized, 2),
        (Counter::RequestInvalid, 0),
        // Three requests of each greeting, and one more.
        (Counter::RequestSuccess, 7),
    ];
    for (counter, count) in counts {
        assert_eq!(total(&pair.batches, counter), count, "{counter:?}");
    }
}

#[test]
fn jobs_requests_and_slow_readers_are_counted() {
    let mut pair = Pair::new();
    let miner = pair.join("alice");
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    pair.job(job(3, JobKind::Clean, 2, HARD_NBITS));
    pair.say(miner, "{\"id\":1,\"method\":\"mining.what\"}\n");
    pair.shard.handle_slow_reader(pair.now);
    pair.pass(1);
    for (counter, count) in [
        (Counter::JobBroadcast, 3),
        (Counter::JobClean, 2),
        (Counter::RequestInvalid, 1),
        (Counter::SlowReader, 1),
    ] {
        assert_eq!(total(&pair.batches, counter), count, "{counter:?}");
    }
    assert_eq!((pair.shard.stats().jobs, pair.shard.stats().height), (3, 800_002));
}

#[test]
fn more_events_than_a_batch_holds_are_counted_and_dropped() {
    let mut pair = Pair::new();
    for _ in 0..EVENTS_PER_BATCH_MAX / 2 + 5 {
        let miner = pair.join("alice");
        pair.hang_up(miner);
    }
    pair.pass(1);
    assert_eq!(pair.batches[0].events.len(), EVENTS_PER_BATCH_MAX);
    assert_eq!(total(&pair.batches, Counter::EventDropped), 10);
}
