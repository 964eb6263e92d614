//! What leaves the shard for the store: numbered batches, and nothing where nothing happened.

use proptest::prelude::*;
use sluice_accounting::{AcceptedShare, Ledger, RowHint};
use sluice_session::ShardConfig;
use sluice_units::limits::{
    BATCH_ENTRIES_MAX, BATCHES_UNSAFE_MAX, EVENTS_PER_BATCH_MAX, LEDGER_ROWS_MAX, NAME_BYTES_MAX,
    UNPROVEN_ANNOUNCED_PER_MINUTE_MAX,
};
use sluice_units::{
    BestShare, CompactTarget, Counter, Identity, JobKind, Minute, RejectReason, ShareDifficulty,
};
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

/// A miner comes and goes five times more often than one batch has room for, over as many minutes as it takes: it does not
/// work.
fn come_and_go(pair: &mut Pair) {
    for round in 1..=EVENTS_PER_BATCH_MAX / 2 + 5 {
        let miner = pair.join("alice");
        pair.hang_up(miner);
        if round % UNPROVEN_ANNOUNCED_PER_MINUTE_MAX == 0 {
            pair.skip(60);
        }
    }
    pair.settle();
}

#[test]
fn more_events_than_a_batch_holds_are_in_the_next_one() {
    let mut pair = Pair::new();
    come_and_go(&mut pair);
    assert_eq!(pair.batches[0].events.len(), EVENTS_PER_BATCH_MAX, "it was cut before its time");
    pair.pass(1);
    assert_eq!(pair.batches[1].events.len(), 10);
    assert_eq!(total(&pair.batches, Counter::EventDropped), 0);
}

#[test]
fn events_that_no_batch_can_take_are_counted_and_dropped() {
    let mut pair = Pair::new();
    pair.is_spooled = false;
    let miner = pair.join("bob");
    for round in 0..BATCHES_UNSAFE_MAX as u32 {
        let solution = mine_share(&pair.work(miner), round << 16);
        pair.submit(miner, &solution);
        pair.pass(1);
    }
    assert_eq!(pair.batches.len() as u64, BATCHES_UNSAFE_MAX);
    come_and_go(&mut pair);
    pair.shard.handle_safe(BATCHES_UNSAFE_MAX);
    pair.pass(1);
    assert_eq!(pair.batches.last().unwrap().events.len(), EVENTS_PER_BATCH_MAX);
    assert_eq!(total(&pair.batches, Counter::EventDropped), 10);
}

fn minute(number: u64) -> Minute {
    Minute::from_seconds(START_UNIX_S + 60 * number).unwrap()
}

/// What a shard makes of a ledger, as others read it.
fn published(ledger: &mut Ledger, events: Vec<Event>) -> Vec<Batch> {
    let taken = ledger.take();
    let batch = Batch {
        source: config().source,
        epoch: 1,
        sequence: 1,
        coin: config().coin,
        host: config().host,
        tallies: taken.tallies,
        counters: taken.counters,
        events,
        blocks: Vec::new(),
    };
    let read = |piece: &Batch| Batch::decode(&piece.encode()).expect("every piece can be read");
    batch.split().iter().map(read).collect()
}

/// Counters of minutes in which no batch could be cut: the oldest of them give way.
#[test]
fn counters_of_a_long_outage_fit_one_batch() {
    const MINUTES: u64 = 300;
    let mut ledger = Ledger::default();
    for number in 0..MINUTES {
        for (counter, by) in Counter::ALL.into_iter().zip(1..) {
            ledger.count(minute(number), counter, by);
        }
    }
    let dropped = MINUTES as usize * Counter::COUNT - BATCH_ENTRIES_MAX;
    let batches = published(&mut ledger, Vec::new());
    assert_eq!(ledger.counts_dropped(), dropped as u64);
    let all: Vec<_> = (0..MINUTES)
        .flat_map(|number| Counter::ALL.into_iter().zip(1..).map(move |(it, by)| (number, it, by)))
        .map(|(number, counter, by)| (minute(number), counter, by))
        .collect();
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].counters, all[dropped..], "the newest are all there");
}

/// A clock that is set back and forth begins each minute again and again.
#[test]
fn the_same_minute_counted_again_takes_no_further_room() {
    let mut ledger = Ledger::default();
    for round in 0..3 * BATCH_ENTRIES_MAX as u64 {
        ledger.count(minute(round % 2), Counter::LetGo, 1);
    }
    let batches = published(&mut ledger, Vec::new());
    let each = 3 * BATCH_ENTRIES_MAX as u64 / 2;
    let both = [(minute(0), Counter::LetGo, each), (minute(1), Counter::LetGo, each)];
    assert_eq!(batches[0].counters, both);
    assert_eq!(ledger.counts_dropped(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]
    /// As much as there can be, under the longest names.
    #[test]
    fn whatever_a_ledger_holds_can_be_read(
        rows in prop_oneof![0..=LEDGER_ROWS_MAX, Just(LEDGER_ROWS_MAX)],
        minutes in 0..600_u64,
        events in 0..=EVENTS_PER_BATCH_MAX,
    ) {
        let user = "u".repeat(NAME_BYTES_MAX);
        let name = |row: usize| -> Identity { format!("{user}.{row:064}").parse().unwrap() };
        let mut ledger = Ledger::default();
        for row in 0..rows {
            let (at, worker, mut hint) = (minute(row as u64 % 7), name(row), RowHint::default());
            let share = AcceptedShare {
                difficulty: ShareDifficulty::from_hashes(u64::MAX),
                nbits: CompactTarget::from_bits(HARD_NBITS),
                best: BestShare::from_bits(1e30_f64.to_bits()).unwrap(),
            };
            ledger.credit(at, &worker, &mut hint, share);
            for reason in RejectReason::ALL {
                ledger.refuse(at, &worker, &mut hint, reason);
            }
        }
        for number in 0..minutes {
            Counter::ALL.into_iter().for_each(|it| ledger.count(minute(number), it, u64::MAX));
        }
        let event = Event { identity: name(0), peer: "f".repeat(45), connected: true };
        let batches = published(&mut ledger, vec![event; events]);
        prop_assert_eq!(batches.len(), rows.div_ceil(BATCH_ENTRIES_MAX).max(1));
        let tallies: Vec<_> = batches.iter().flat_map(|batch| &batch.tallies).collect();
        prop_assert_eq!(tallies.len(), rows);
        prop_assert!(tallies.iter().all(|(_, _, tally)| tally.accepted == 1));
        let counters = batches.iter().map(|batch| batch.counters.len()).sum::<usize>();
        let counted = minutes as usize * Counter::COUNT;
        prop_assert_eq!(counters, counted.min(BATCH_ENTRIES_MAX));
        prop_assert_eq!(batches[0].events.len(), events);
    }
}

/// Nothing becomes safe for a day, and shares go on being accepted: what is cut then can be read, to the last share.
#[test]
fn shares_of_a_day_in_which_nothing_is_safe_are_all_published() {
    const MINUTES: u32 = 1_500;
    let mut pair = Pair::of(ShardConfig { journal_file_bytes: Some(1 << 20), ..config() });
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    pair.is_spooled = false;
    let miner = pair.join("alice");
    let cuts = BATCHES_UNSAFE_MAX as u32 + 6;
    for round in 0..cuts + MINUTES {
        let solution = mine_share(&pair.work(miner), round << 16);
        pair.submit(miner, &solution);
        if round < cuts {
            pair.pass(1);
            continue;
        }
        // More counters a minute than one.
        pair.submit(miner, &solution);
        let visitor = pair.connect();
        pair.hang_up(visitor);
        pair.skip(59);
        pair.pass(1);
    }
    let accepted = pair.client_stats(miner).accepted;
    assert_eq!(accepted, u64::from(cuts + MINUTES));
    assert_eq!(pair.batches.len() as u64, BATCHES_UNSAFE_MAX);
    pair.is_spooled = true;
    pair.shard.handle_safe(BATCHES_UNSAFE_MAX);
    pair.pass(60);
    let read: Vec<Batch> =
        pair.batches.iter().map(|batch| Batch::decode(&batch.encode()).unwrap()).collect();
    assert_eq!(read, pair.batches);
    let tallies = read.iter().flat_map(|batch| &batch.tallies);
    assert_eq!(tallies.map(|(_, _, tally)| tally.accepted).sum::<u64>(), accepted);
    assert!(pair.shard.stats().counts_dropped > 0, "counters gave way");
}
