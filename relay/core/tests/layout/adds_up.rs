//! However shares are cut into batches, and in whichever order these arrive, the store is the same.

use proptest::collection::vec;
use proptest::prelude::*;
use sluice_units::{BestShare, Counter, Goal, Hash256, Identity, Minute, SourceId, Tally, Work};
use sluice_wire::share_feed::{Batch, BlockRecord, Event};

use crate::model::Model;

fn minutes() -> impl Strategy<Value = Minute> {
    (0u64..3).prop_map(|number| Minute::from_seconds(60 * number).unwrap())
}

fn identities() -> impl Strategy<Value = Identity> {
    prop::sample::select(vec!["alice.rig1", "alice.rig2", "bob.rig1", "bob"])
        .prop_map(|text| text.parse().unwrap())
}

fn tallies() -> impl Strategy<Value = Tally> {
    (0u64..4, 0u128..(3 << 32), 0u128..1000, vec(0u64..2, 11)).prop_map(
        |(accepted, hashes, steps, rejected)| Tally {
            accepted,
            work: Work::from_hashes(hashes),
            goal: Goal::from_steps(steps),
            best: BestShare::from_bits(((accepted * accepted) as f64).to_bits()).unwrap(),
            rejected: rejected.try_into().unwrap(),
        },
    )
}

fn blocks() -> impl Strategy<Value = BlockRecord> {
    (0u8..4).prop_map(|number| BlockRecord {
        finder: format!("finder{number}").parse().unwrap(),
        hash: Hash256::from_bytes([number; 32]),
        minute: Minute::from_seconds(60).unwrap(),
    })
}

fn batches() -> impl Strategy<Value = Batch> {
    let events = (identities(), any::<bool>()).prop_map(|(identity, connected)| Event {
        identity,
        peer: "127.0.0.1".into(),
        connected,
    });
    (
        prop::sample::select(vec!["gw-1", "gw-2"]),
        vec((minutes(), identities(), tallies()), 0..12),
        vec((minutes(), prop::sample::select(Counter::ALL.to_vec()), 0u64..9), 0..6),
        vec(events, 0..5),
        vec(blocks(), 0..3),
    )
        .prop_map(|(host, tallies, counters, events, blocks)| Batch {
            source: SourceId { gateway_id: 1, shard: 0 },
            epoch: 1,
            sequence: 1,
            coin: "btc".parse().unwrap(),
            host: host.parse().unwrap(),
            tallies,
            counters,
            events,
            // One finder and one host a block: two hosts that report one compete for its count.
            blocks: if host == "gw-1" { blocks } else { vec![] },
        })
}

/// The same content as several batches, cut at a part of each list.
fn split(batch: &Batch, percent: usize) -> [Batch; 2] {
    fn cut<T: Clone>(list: &[T], percent: usize) -> [Vec<T>; 2] {
        let (head, tail) = list.split_at(list.len() * percent / 100);
        [head.to_vec(), tail.to_vec()]
    }
    let [tallies, later_tallies] = cut(&batch.tallies, percent);
    let [counters, later_counters] = cut(&batch.counters, percent);
    let [events, later_events] = cut(&batch.events, percent);
    let [blocks, later_blocks] = cut(&batch.blocks, percent);
    [
        Batch { tallies, counters, events, blocks, ..batch.clone() },
        Batch {
            tallies: later_tallies,
            counters: later_counters,
            events: later_events,
            blocks: later_blocks,
            ..batch.clone()
        },
    ]
}

/// Both batches as one, if they are of one host.
fn merge(first: &Batch, second: &Batch) -> Option<Batch> {
    (first.host == second.host).then(|| Batch {
        tallies: [first.tallies.clone(), second.tallies.clone()].concat(),
        counters: [first.counters.clone(), second.counters.clone()].concat(),
        events: [first.events.clone(), second.events.clone()].concat(),
        blocks: [first.blocks.clone(), second.blocks.clone()].concat(),
        ..first.clone()
    })
}

proptest! {
    #[test]
    fn split_batches_leave_the_same_store(whole in vec(batches(), 1..6), percent in 0usize..=100) {
        let pieces: Vec<_> = whole.iter().flat_map(|batch| split(batch, percent)).collect();
        prop_assert_eq!(Model::of(&pieces), Model::of(&whole));
    }

    #[test]
    fn merged_batches_leave_the_same_store(first in batches(), second in batches()) {
        if let Some(both) = merge(&first, &second) {
            prop_assert_eq!(Model::of(&[both]), Model::of(&[first, second]));
        }
    }

    #[test]
    fn order_changes_nothing_but_the_order_of_lists(
        (given, shuffled) in vec(batches(), 1..6)
            .prop_flat_map(|given| (Just(given.clone()), Just(given).prop_shuffle())),
    ) {
        let (given, shuffled) = (Model::of(&given), Model::of(&shuffled));
        prop_assert_eq!(given.without_order(), shuffled.without_order());
    }

    #[test]
    fn work_is_exact_to_the_hash(batches in vec(batches(), 1..6)) {
        let model = Model::of(&batches);
        let stored: u128 = (0..3)
            .map(|number| {
                let minute = 60 * number;
                (model.value("btc:m:pow", minute) << 32) + model.value("sluice:rest:{btc:m:pow}", minute)
            })
            .sum();
        let mined: Work = batches
            .iter()
            .flat_map(|batch| batch.tallies.iter().map(|(_, _, tally)| tally.work))
            .sum();
        prop_assert_eq!(stored, mined.to_hashes());
    }
}
