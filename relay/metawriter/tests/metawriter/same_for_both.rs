//! What every store must do, each test with Redis, with a Redis Cluster and with the embedded store.

use std::collections::{BTreeMap, BTreeSet};

use sluice_metawriter::store::embedded::{DumpLine, DumpValue};
use sluice_metawriter::store::{Applied, Store, StoreError};
use sluice_relay_core::INCREMENT_MAX;
use sluice_relay_core::applied::{EPOCHS_MAX, RANGES_MAX};
use sluice_units::{Counter, Goal, Identity, Minute, SourceId, Tally, Work};
use sluice_wire::share_feed::Batch;

use crate::batches::{
    MINUTE, best, block, connected, empty, field, full_tally, list, minute, shares,
};
use crate::places::{Folder, Place};
use crate::redis_nodes::Cluster;
use crate::redis_server::RedisServer;

macro_rules! with_every_store {
    ($($name:ident),+ $(,)?) => {
        mod with_redis {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::RedisServer::start().await).await;
            })+
        }
        mod with_cluster {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::Cluster::start(1).await).await;
            })+
        }
        mod with_embedded {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::Folder(tempfile::tempdir().unwrap())).await;
            })+
        }
    };
}

with_every_store!(
    holds_exactly_the_keys_of_the_layout,
    counts_each_batch_once_in_any_order,
    forgets_the_oldest_starts,
    leaves_out_what_it_no_longer_remembers,
    two_writers_take_the_same_batches_once,
    refuses_numbers_beyond_its_reckoning,
    keeps_the_best_share,
    carries_remainders_exactly,
    announces_blocks_and_workers_once,
    refuses_a_bad_batch_and_changes_nothing,
    takes_the_largest_sums,
    takes_a_batch_of_thousands_of_workers,
    goes_on_where_the_last_process_stopped,
    forgets_old_minutes_and_nothing_else,
    keeps_a_key_listed_while_its_remainder_has_minutes,
);

fn hash(key: &str, value: &str) -> DumpLine {
    let value = BTreeMap::from([(MINUTE.to_string(), value.to_owned())]);
    DumpLine { key: key.to_owned(), value: DumpValue::Hash(value) }
}

fn details(key: &str, values: &[(&str, &str)]) -> DumpLine {
    let field = |(kind, value): &(&str, &str)| (format!("{MINUTE}:{kind}"), (*value).to_owned());
    DumpLine { key: key.to_owned(), value: DumpValue::Hash(values.iter().map(field).collect()) }
}

fn set(key: &str, members: &[&str]) -> DumpLine {
    let members = members.iter().map(|member| (*member).to_owned()).collect::<BTreeSet<_>>();
    DumpLine { key: key.to_owned(), value: DumpValue::Set(members) }
}

fn one_element(key: &str, element: &str) -> DumpLine {
    DumpLine { key: key.to_owned(), value: DumpValue::List(vec![element.to_owned()]) }
}

fn expected_mining_data() -> Vec<DumpLine> {
    let block_hash = "ab".repeat(32);
    vec![
        hash("btc:g:alice", "0.375"),
        hash("btc:p:alice", "5"),
        hash("btc:p:alice:rig1", "5"),
        hash("sluice:rest:{btc:p:alice}", "7"),
        hash("sluice:rest:{btc:p:alice:rig1}", "7"),
        hash("btc:s:alice", "3"),
        hash("btc:s:alice:reject", "2"),
        hash("btc:s:alice:rig1", "3"),
        hash("btc:s:alice:rig1:reject", "2"),
        hash("sluice:rest:{btc:m:pow}", "7"),
        hash("sluice:rest:{btc:mh:gw-1:pow}", "7"),
        set(
            "mining:keys",
            &[
                "btc:g:alice",
                "btc:p:alice",
                "btc:p:alice:rig1",
                "btc:s:alice",
                "btc:s:alice:reject",
                "btc:s:alice:rig1",
                "btc:s:alice:rig1:reject",
            ],
        ),
        set("sluice:seen:{newworker}:btc", &["alice:rig1"]),
        set("sluice:seen:{newblock}:btc", &[&block_hash]),
        set("sluice:seen:{btc:m:block}", &[&block_hash]),
        set("sluice:seen:{btc:mh:gw-1:block}", &[&block_hash]),
        details("btc:x:alice", &[("best", "3.5"), ("stale", "2")]),
        details("btc:x:alice:rig1", &[("best", "3.5"), ("goal", "0.375"), ("stale", "2")]),
        one_element(
            "newblock",
            &format!(r#"{{"name":"BTC","hash":"{block_hash}","user":"alice","worker":"rig1"}}"#),
        ),
        one_element(
            "newevent",
            r#"{"user":"alice","worker":"rig1","coin":"btc","peer":"127.0.0.9","event":"connected"}"#,
        ),
        one_element("newworker", r#"{"user":"alice","worker":"rig1","coin":"btc"}"#),
        DumpLine {
            key: "sluice:applied:1-0".into(),
            value: DumpValue::Hash(BTreeMap::from([("17".into(), "4-4".into())])),
        },
    ]
}

fn expected_counters() -> Vec<DumpLine> {
    let mut expected = Vec::new();
    let counters = [
        ("share", "3"),
        ("pow", "5"),
        ("goal", "0.375"),
        ("reject", "2"),
        ("reject_21", "2"),
        ("block", "1"),
        ("connections", "12"),
    ];
    for (name, value) in counters {
        expected.push(hash(&format!("btc:m:{name}"), value));
        expected.push(hash(&format!("btc:mh:gw-1:{name}"), value));
        expected.push(set(&format!("btc:mk:{name}"), &["gw-1"]));
    }
    let monitored = counters.map(|(name, _)| format!("btc:m:{name}"));
    expected.push(set("monitor:keys", &monitored.each_ref().map(String::as_str)));
    expected
}

async fn holds_exactly_the_keys_of_the_layout(place: &impl Place) {
    let batch = Batch {
        tallies: vec![(minute(), "alice.rig1".parse().unwrap(), full_tally())],
        counters: vec![(minute(), Counter::Connections, 12)],
        events: vec![connected("alice.rig1", true)],
        blocks: vec![block(0xab)],
        ..empty(17, 4)
    };
    assert_eq!(place.open().apply(&batch).await.unwrap(), Applied::New);

    let mut expected = expected_mining_data();
    expected.extend(expected_counters());
    expected.sort();
    assert_eq!(place.dump().await, expected);
}

async fn counts_each_batch_once_in_any_order(place: &impl Place) {
    let mut store = place.open();
    let mut seen = BTreeSet::new();
    // Every pair comes at least twice, in a jumble of its own.
    for step in 0_u64..400 {
        let (epoch, sequence) = (1 + step * 7 % 3, 1 + step * step * 31 % 97);
        let expected =
            if seen.insert((epoch, sequence)) { Applied::New } else { Applied::Repeated };
        let batch = shares(epoch, sequence, 1, 1 << 32);
        assert_eq!(store.apply(&batch).await.unwrap(), expected, "{epoch}:{sequence}");
        if step % 50 == 0 {
            drop(store);
            store = place.open();
        }
    }
    // Another shard of the same gateway counts by itself.
    let source = SourceId { gateway_id: 1, shard: 1 };
    let other = Batch { source, ..shares(1, 1, 1, 1 << 32) };
    assert_eq!(store.apply(&other).await.unwrap(), Applied::New);
    let lines = place.dump().await;
    let counted = (seen.len() + 1).to_string();
    assert_eq!(field(&lines, "btc:s:alice:rig1", MINUTE).unwrap(), counted);
    assert_eq!(field(&lines, "btc:p:alice", MINUTE).unwrap(), counted);
}

async fn forgets_the_oldest_starts(place: &impl Place) {
    let store = place.open();
    let kept = EPOCHS_MAX as u64;
    for epoch in 100..100 + kept {
        assert_eq!(store.apply(&empty(epoch, 1)).await.unwrap(), Applied::New);
    }
    assert_eq!(store.apply(&empty(99, 1)).await.unwrap(), Applied::TooOld);
    assert_eq!(store.apply(&empty(100, 2)).await.unwrap(), Applied::New);
    assert_eq!(store.apply(&empty(100 + kept, 1)).await.unwrap(), Applied::New);
    assert_eq!(store.apply(&empty(100, 3)).await.unwrap(), Applied::TooOld, "it gave way");
    assert_eq!(store.apply(&empty(101, 1)).await.unwrap(), Applied::Repeated);
    let lines = place.dump().await;
    let line = lines.iter().find(|line| line.key == "sluice:applied:1-0").unwrap();
    let DumpValue::Hash(epochs) = &line.value else { panic!("{line:?}") };
    assert_eq!(epochs.len(), EPOCHS_MAX);
}

async fn leaves_out_what_it_no_longer_remembers(place: &impl Place) {
    let store = place.open();
    // With a gap before each.
    for number in 1..=RANGES_MAX as u64 + 1 {
        assert_eq!(store.apply(&empty(1, 10 * number)).await.unwrap(), Applied::New);
    }
    for sequence in [5, 10, 15] {
        assert_eq!(store.apply(&shares(1, sequence, 1, 1)).await.unwrap(), Applied::TooOld);
    }
    assert_eq!(store.apply(&shares(1, 30, 1, 1)).await.unwrap(), Applied::Repeated);
    assert_eq!(field(&place.dump().await, "btc:s:alice", MINUTE), None);
    assert_eq!(store.apply(&shares(1, 25, 1, 1)).await.unwrap(), Applied::New);
}

async fn two_writers_take_the_same_batches_once(place: &impl Place) {
    const BATCHES: u64 = 40;
    let first = place.open();
    let Some(second) = place.open_another() else { return };
    let mut new = 0;
    for sequence in 1..=BATCHES {
        let batch = shares(1, sequence, 1, 1 << 32);
        let (one, other) = tokio::join!(first.apply(&batch), second.apply(&batch));
        new += [one.unwrap(), other.unwrap()].iter().filter(|it| **it == Applied::New).count();
    }
    assert_eq!(new as u64, BATCHES);
    let lines = place.dump().await;
    for key in ["btc:s:alice", "btc:s:alice:rig1", "btc:p:alice", "btc:m:share"] {
        assert_eq!(field(&lines, key, MINUTE).unwrap(), BATCHES.to_string(), "{key}");
    }
}

async fn refuses_numbers_beyond_its_reckoning(place: &impl Place) {
    let store = place.open();
    for (epoch, sequence) in [(INCREMENT_MAX + 1, 1), (1, u64::MAX)] {
        let error = store.apply(&empty(epoch, sequence)).await.unwrap_err();
        assert!(matches!(error, StoreError::BadBatch(_)), "{error}");
    }
    let last = empty(INCREMENT_MAX, INCREMENT_MAX);
    assert_eq!(store.apply(&last).await.unwrap(), Applied::New);
    assert_eq!(store.apply(&last).await.unwrap(), Applied::Repeated);
    assert_eq!(store.apply(&empty(INCREMENT_MAX, INCREMENT_MAX - 1)).await.unwrap(), Applied::New);
}

async fn keeps_the_best_share(place: &impl Place) {
    let store = place.open();
    for (sequence, difficulty) in [(1, 2.0), (2, 1e14), (3, 9.5)] {
        let tally = Tally { best: best(difficulty), accepted: 1, ..Tally::default() };
        let tallies = vec![(minute(), "alice.rig1".parse().unwrap(), tally)];
        store.apply(&Batch { tallies, ..empty(1, sequence) }).await.unwrap();
    }
    let lines = place.dump().await;
    let kept = field(&lines, "btc:x:alice:rig1", format!("{MINUTE}:best")).unwrap();
    assert_eq!(kept, "100000000000000");
}

async fn carries_remainders_exactly(place: &impl Place) {
    let store = place.open();
    let hashes = (1u128 << 32) - 1;
    for sequence in 1..=5 {
        store.apply(&shares(1, sequence, 1, hashes)).await.unwrap();
    }
    let lines = place.dump().await;
    for (whole, rest) in [
        ("btc:p:alice", "sluice:rest:{btc:p:alice}"),
        ("btc:m:pow", "sluice:rest:{btc:m:pow}"),
        ("btc:mh:gw-1:pow", "sluice:rest:{btc:mh:gw-1:pow}"),
    ] {
        let stored = |key| field(&lines, key, MINUTE).unwrap().parse::<u128>().unwrap();
        assert_eq!((stored(whole) << 32) + stored(rest), 5 * hashes, "{whole}");
    }
    // The five missing hashes fill the last unit: nothing is left over, and no field stays.
    store.apply(&shares(1, 6, 5, 1)).await.unwrap();
    let lines = place.dump().await;
    assert_eq!(field(&lines, "btc:p:alice", MINUTE).unwrap(), "5");
    assert!(lines.iter().all(|line| !line.key.starts_with("sluice:rest:")), "{lines:?}");
}

async fn announces_blocks_and_workers_once(place: &impl Place) {
    let store = place.open();
    let batch = Batch {
        events: vec![connected("alice.rig1", true), connected("alice.rig1", false)],
        blocks: vec![block(1), block(2), block(1)],
        ..empty(1, 1)
    };
    store.apply(&batch).await.unwrap();
    let events = vec![connected("alice.rig1", true), connected("alice.rig2", true)];
    store.apply(&Batch { events, blocks: vec![block(2)], ..empty(1, 2) }).await.unwrap();
    let lines = place.dump().await;
    assert_eq!(list(&lines, "newevent").len(), 4);
    let workers = list(&lines, "newworker");
    assert_eq!(workers.len(), 2);
    assert!(workers[0].contains("rig1") && workers[1].contains("rig2"));
    let blocks = list(&lines, "newblock");
    assert_eq!(blocks.len(), 2);
    assert!(blocks[0].contains(&"01".repeat(32)) && blocks[1].contains(&"02".repeat(32)));
    assert_eq!(field(&lines, "btc:m:block", MINUTE).unwrap(), "2");
    assert_eq!(field(&lines, "btc:mh:gw-1:block", MINUTE).unwrap(), "2");
}

async fn refuses_a_bad_batch_and_changes_nothing(place: &impl Place) {
    let store = place.open();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    let before = place.dump().await;
    let error = store.apply(&shares(1, 2, INCREMENT_MAX + 1, 1)).await.unwrap_err();
    assert!(matches!(error, StoreError::BadBatch(_)), "{error}");
    assert!(error.to_string().contains("btc:s:alice"), "{error}");
    assert_eq!(place.dump().await, before);
}

async fn takes_the_largest_sums(place: &impl Place) {
    let store = place.open();
    let tally = Tally {
        accepted: INCREMENT_MAX,
        work: Work::from_hashes((u128::from(INCREMENT_MAX) << 32) + u128::from(u32::MAX)),
        ..Tally::default()
    };
    let batch = Batch { tallies: vec![(minute(), "alice".parse().unwrap(), tally)], ..empty(1, 1) };
    store.apply(&batch).await.unwrap();
    store.apply(&Batch { sequence: 2, ..batch.clone() }).await.unwrap();
    let lines = place.dump().await;
    let stored = |key| field(&lines, key, MINUTE).unwrap();
    assert_eq!(stored("btc:s:alice"), (2 * INCREMENT_MAX).to_string());
    assert_eq!(stored("btc:p:alice"), (2 * INCREMENT_MAX + 1).to_string());
    assert_eq!(stored("sluice:rest:{btc:p:alice}"), (u64::from(u32::MAX) - 1).to_string());

    // Sums end far below the 64 bits of a stored count: with an error, and with nothing changed.
    let mut sequence = 3;
    let error = loop {
        match store.apply(&Batch { sequence, ..batch.clone() }).await {
            Ok(_) => sequence += 1,
            Err(error) => break error,
        }
        assert!(sequence < 1000, "a sum must not grow without bound");
    };
    assert!(error.to_string().contains("is no count"), "{error}");
    let stored = field(&place.dump().await, "btc:s:alice", MINUTE).unwrap();
    assert_eq!(stored, ((sequence - 1) * INCREMENT_MAX).to_string());
}

async fn takes_a_batch_of_thousands_of_workers(place: &impl Place) {
    const WORKERS: u64 = 2_000;
    let store = place.open();
    let tallies = (0..WORKERS)
        .map(|worker| (minute(), format!("alice.rig{worker}").parse().unwrap(), full_tally()))
        .collect();
    store.apply(&Batch { tallies, ..empty(1, 1) }).await.unwrap();
    let lines = place.dump().await;
    assert_eq!(field(&lines, "btc:s:alice", MINUTE).unwrap(), (3 * WORKERS).to_string());
    assert_eq!(field(&lines, "btc:s:alice:rig1999", MINUTE).unwrap(), "3");
    let mining = lines.iter().find(|line| line.key == "mining:keys").unwrap();
    let DumpValue::Set(members) = &mining.value else { panic!("{mining:?}") };
    assert_eq!(members.len() as u64, 3 * WORKERS + 4);
}

async fn goes_on_where_the_last_process_stopped(place: &impl Place) {
    let first = place.open();
    first.apply(&shares(5, 7, 2, 1 << 32)).await.unwrap();
    drop(first);
    let second = place.open();
    second.check().await.unwrap();
    assert_eq!(second.apply(&shares(5, 7, 2, 1 << 32)).await.unwrap(), Applied::Repeated);
    assert_eq!(second.apply(&shares(5, 8, 1, 1 << 32)).await.unwrap(), Applied::New);
    assert_eq!(field(&place.dump().await, "btc:s:alice", MINUTE).unwrap(), "3");
}

async fn forgets_old_minutes_and_nothing_else(place: &impl Place) {
    let store = place.open();
    let later = Minute::from_seconds(MINUTE + 60).unwrap();
    let [old, stays] = ["old.rig", "alice.rig1"].map(|name| name.parse::<Identity>().unwrap());
    let batch = Batch {
        tallies: vec![
            (minute(), old.clone(), full_tally()),
            (minute(), stays.clone(), full_tally()),
            (later, stays, full_tally()),
        ],
        counters: vec![(minute(), Counter::Connections, 12)],
        events: vec![connected("alice.rig1", true)],
        blocks: vec![block(0xab)],
        ..empty(17, 4)
    };
    store.apply(&batch).await.unwrap();
    assert_eq!(store.forget(minute()).await.unwrap(), 0, "nothing is older");
    assert!(store.forget(later).await.unwrap() > 20);
    assert_eq!(store.forget(later).await.unwrap(), 0);

    let lines = place.dump().await;
    for line in lines.iter().filter(|line| !line.key.starts_with("sluice:applied:")) {
        let DumpValue::Hash(fields) = &line.value else { continue };
        assert!(
            fields.keys().all(|field| field.starts_with(&later.to_seconds().to_string())),
            "{line:?}"
        );
    }
    assert!(lines.iter().all(|line| !line.key.contains("old")), "{lines:?}");
    assert_eq!(field(&lines, "btc:s:alice:rig1", later.to_seconds()).unwrap(), "3");
    let members = |key: &str| match lines.iter().find(|line| line.key == key).map(|it| &it.value) {
        Some(DumpValue::Set(members)) => members.clone(),
        other => panic!("{key}: {other:?}"),
    };
    assert!(members("mining:keys").iter().all(|key| key.contains("alice")));
    assert!(!members("monitor:keys").contains("btc:m:connections"));
    // What was announced, and the numbers of batches, are no minutes.
    assert_eq!(list(&lines, "newblock").len(), 1);
    assert_eq!(store.apply(&batch).await.unwrap(), Applied::Repeated);
    // A worker that comes back is listed again.
    let tallies = vec![(later, old, full_tally())];
    store.apply(&Batch { tallies, ..empty(17, 5) }).await.unwrap();
    let lines = place.dump().await;
    assert_eq!(field(&lines, "btc:s:old:rig", later.to_seconds()).unwrap(), "3");
    let listed = lines.iter().find(|line| line.key == "mining:keys").unwrap();
    let DumpValue::Set(listed) = &listed.value else { panic!("{listed:?}") };
    assert!(listed.contains("btc:s:old:rig") && listed.contains("btc:g:old"), "{listed:?}");
}

/// Of difficulties that are no whole numbers an account may have remainders alone.
async fn keeps_a_key_listed_while_its_remainder_has_minutes(place: &impl Place) {
    let store = place.open();
    store.apply(&shares(1, 1, 1, 5)).await.unwrap();
    let before = place.dump().await;
    assert_eq!(field(&before, "btc:p:alice", MINUTE), None);
    assert_eq!(store.forget(minute()).await.unwrap(), 0, "nothing is older");
    assert_eq!(place.dump().await, before);
    assert!(store.forget(Minute::from_seconds(MINUTE + 60).unwrap()).await.unwrap() > 0);
    let lines = place.dump().await;
    let is_left = |key: &str| lines.iter().any(|line| line.key.starts_with(key));
    assert!(!is_left("sluice:rest:") && !is_left("mining:keys"), "{lines:?}");
    assert!(!is_left("monitor:keys"), "{lines:?}");
}

/// The same batches leave the same keys and values, whichever store it is.
#[tokio::test]
async fn both_stores_end_up_equal() {
    let server = RedisServer::start().await;
    let folder = Folder(tempfile::tempdir().unwrap());
    let (redis, embedded) = (server.open(), folder.open());
    for number in 1..=40u64 {
        let accepted = number * 37 % 11;
        let tally = Tally {
            accepted,
            work: Work::from_hashes(u128::from(number * 0x9e37_79b9_7f4a)),
            // Binary fractions that 17 decimals hold, so that sums print alike.
            goal: Goal::from_f64(accepted as f64 / 64.0),
            best: best(number as f64 * 0.37),
            rejected: [number % 3; _],
        };
        let user = ["alice.rig1", "alice.rig2", "bob", "carol.rig3"][(number % 4) as usize];
        let batch = Batch {
            source: SourceId { gateway_id: 1, shard: (number % 3) as u16 },
            tallies: vec![(minute(), user.parse().unwrap(), tally)],
            counters: vec![(minute(), Counter::ALL[(number % 10) as usize], number)],
            events: vec![connected(user, number % 5 != 0)],
            blocks: vec![block((number % 7) as u8)],
            ..empty(number / 9, number)
        };
        let applied = redis.apply(&batch).await.unwrap();
        assert_eq!(embedded.apply(&batch).await.unwrap(), applied);
    }
    assert_eq!(Place::dump(&server).await, folder.dump().await);
}
