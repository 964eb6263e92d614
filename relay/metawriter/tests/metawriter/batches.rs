//! Batches for the tests, and what a store is expected to hold.

use sluice_metawriter::store::embedded::{DumpLine, DumpValue};
use sluice_units::{BestShare, Goal, Hash256, Minute, RejectReason, SourceId, Tally, Work};
use sluice_wire::share_feed::{Batch, BlockRecord, Event};

pub(crate) const MINUTE: u64 = 1_700_000_040;

pub(crate) fn minute() -> Minute {
    Minute::from_seconds(MINUTE).unwrap()
}

pub(crate) fn empty(epoch: u64, sequence: u64) -> Batch {
    Batch {
        source: SourceId { gateway_id: 1, shard: 0 },
        epoch,
        sequence,
        coin: "btc".parse().unwrap(),
        host: "gw-1".parse().unwrap(),
        tallies: vec![],
        counters: vec![],
        events: vec![],
        blocks: vec![],
    }
}

/// Accepted shares of `alice.rig1`, each of so many hashes.
pub(crate) fn shares(epoch: u64, sequence: u64, accepted: u64, hashes: u128) -> Batch {
    let work = Work::from_hashes(u128::from(accepted) * hashes);
    let tally = Tally { accepted, work, ..Tally::default() };
    Batch {
        tallies: vec![(minute(), "alice.rig1".parse().unwrap(), tally)],
        ..empty(epoch, sequence)
    }
}

pub(crate) fn connected(identity: &str, connected: bool) -> Event {
    Event { identity: identity.parse().unwrap(), peer: "127.0.0.9".into(), connected }
}

pub(crate) fn block(number: u8) -> BlockRecord {
    BlockRecord {
        finder: "alice.rig1".parse().unwrap(),
        hash: Hash256::from_bytes([number; 32]),
        minute: minute(),
    }
}

pub(crate) fn best(difficulty: f64) -> BestShare {
    BestShare::from_bits((difficulty * 2_f64.powi(32)).to_bits()).unwrap()
}

/// A tally of every kind of value; its goal is the same in either store.
pub(crate) fn full_tally() -> Tally {
    let mut tally = Tally {
        accepted: 3,
        work: Work::from_hashes((5 << 32) + 7),
        goal: Goal::from_f64(0.375),
        best: best(3.5),
        ..Tally::default()
    };
    tally.rejected[RejectReason::Stale.index()] = 2;
    tally
}

/// A batch of so many workers.
pub(crate) fn crowd(sequence: u64, workers: u64) -> Batch {
    let worker = |number| format!("alice.rig{number}").parse().unwrap();
    let tallies = (0..workers).map(|number| (minute(), worker(number), full_tally())).collect();
    let events = vec![connected("alice.rig1", true)];
    Batch { tallies, events, blocks: vec![block(7)], ..empty(1, sequence) }
}

/// The value of one field, if the store has it.
pub(crate) fn field(lines: &[DumpLine], key: &str, field: impl ToString) -> Option<String> {
    lines.iter().find(|line| line.key == key).and_then(|line| match &line.value {
        DumpValue::Hash(fields) => fields.get(&field.to_string()).cloned(),
        other => panic!("{key} is no hash but {other:?}"),
    })
}

/// The elements of a list; none where there is no such key.
pub(crate) fn list(lines: &[DumpLine], key: &str) -> Vec<String> {
    match lines.iter().find(|line| line.key == key).map(|line| &line.value) {
        None => Vec::new(),
        Some(DumpValue::List(elements)) => elements.clone(),
        Some(other) => panic!("{key} is no list but {other:?}"),
    }
}
