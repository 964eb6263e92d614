//! Old minutes that leave the store: interrupted, in large hashes, and given up by who asked for it.

use std::collections::BTreeSet;
use std::pin::pin;

use sluice_metawriter::store::embedded::{self, DumpLine, DumpValue};
use sluice_metawriter::store::{Applied, EmbeddedStore, Store};
use sluice_thread_log::ThreadLog;
use sluice_units::Minute;

use crate::batches::{MINUTE, crowd, empty, field, shares};
use crate::redis_nodes::Cluster;
use crate::redis_server::{RedisServer, connect};

fn later() -> Minute {
    Minute::from_seconds(MINUTE + 60).unwrap()
}

fn mining_keys(lines: &[DumpLine]) -> BTreeSet<String> {
    match lines.iter().find(|line| line.key == "mining:keys").map(|line| &line.value) {
        Some(DumpValue::Set(members)) => members.clone(),
        None => BTreeSet::new(),
        Some(other) => panic!("mining:keys is {other:?}"),
    }
}

#[tokio::test]
async fn what_an_interrupted_pass_left_is_taken_out_of_its_set() {
    let server = RedisServer::start().await;
    server.store().apply(&shares(1, 1, 1, 1 << 32)).await.unwrap();
    // As far as a pass came that was cut off.
    let _: u64 = server.run(&["DEL", "btc:s:alice", "btc:p:alice"]).await;
    server.store().forget(Minute::from_seconds(MINUTE).unwrap()).await.unwrap();
    let expected = ["btc:p:alice:rig1", "btc:s:alice:rig1"].map(str::to_owned);
    assert_eq!(mining_keys(&server.dump().await), BTreeSet::from(expected));

    let cluster = Cluster::start(1).await;
    cluster.store().apply(&shares(1, 1, 1, 1 << 32)).await.unwrap();
    for key in ["btc:s:alice", "btc:p:alice"] {
        let _: u64 = cluster.nodes[0].run(&["DEL", key]).await;
    }
    cluster.store().forget(Minute::from_seconds(MINUTE).unwrap()).await.unwrap();
    assert_eq!(mining_keys(&cluster.dump().await), mining_keys(&server.dump().await));
}

#[tokio::test]
async fn a_large_hash_is_gone_through_in_pieces() {
    const MINUTES: u64 = 20_000;
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    let fields: Vec<String> =
        (0..MINUTES).map(|minute| (MINUTE - 60 * (minute + 1)).to_string()).collect();
    let values = fields.iter().flat_map(|field| [field.as_str(), "1"]);
    let words: Vec<&str> = ["HSET", "btc:s:alice"].into_iter().chain(values).collect();
    let _: u64 = server.run(&words).await;
    let removed = store.forget(Minute::from_seconds(MINUTE).unwrap()).await.unwrap();
    assert_eq!(removed, MINUTES);
    assert_eq!(server.run::<u64>(&["HLEN", "btc:s:alice"]).await, 1);
    let calls: String = server.run(&["INFO", "commandstats"]).await;
    assert!(!calls.contains("cmdstat_hkeys:"), "{calls}");
    let pieces = calls.split("cmdstat_hscan:calls=").nth(1).unwrap().split(',').next().unwrap();
    assert!(pieces.parse::<u64>().unwrap() >= MINUTES / 2_000, "{pieces}");
}

#[tokio::test]
async fn a_key_of_another_program_ends_no_pass() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1 << 32)).await.unwrap();
    for hosts in ["btc:mk:pow", "btc:mk:share"] {
        let _: u64 = server.run(&["DEL", hosts]).await;
        let _: String = server.run(&["SET", hosts, "x"]).await;
    }
    let mut connection = connect(&server.url()).await.unwrap();
    let mut add = redis::cmd("SADD");
    let adding = add.arg("mining:keys").arg(b"btc:\xff").query_async::<u64>(&mut connection);
    assert_eq!(adding.await.unwrap(), 1);
    // Accounts, and the pool: what its hosts have is not found.
    assert_eq!(store.forget(later()).await.unwrap(), 4 + 2);
    assert_eq!(server.run::<u64>(&["EXISTS", "btc:s:alice:rig1", "btc:m:pow"]).await, 0);
    let told = log.lines_with(&["WARN", "btc:mk:", "rename or remove that key", "(1 more keys"]);
    assert_eq!((told.len(), log.count("WARN")), (1, 1), "{told:?}");

    let _: u64 = server.run(&["DEL", "mining:keys"]).await;
    let _: String = server.run(&["SET", "mining:keys", "x"]).await;
    assert_eq!(store.forget(later()).await.unwrap(), 0);
    assert_eq!(log.lines_with(&["WARN", "mining:keys holds something else"]).len(), 1);
}

/// No batch comes into it before it has forgotten something.
#[tokio::test]
async fn a_full_redis_forgets() {
    let server = RedisServer::start().await;
    server.store().apply(&shares(1, 1, 1, 1 << 32)).await.unwrap();
    let _: String = server.run(&["SCRIPT", "FLUSH"]).await;
    let _: String = server.run(&["CONFIG", "SET", "maxmemory", "1"]).await;
    assert!(server.store().forget(later()).await.unwrap() > 0);
    assert!(mining_keys(&server.dump().await).is_empty());
}

/// Has a pass given up while it is under way; whether it still was.
async fn give_up_a_pass(store: &EmbeddedStore) -> bool {
    tokio::select! {
        biased;
        result = store.forget(later()) => {
            result.unwrap();
            false
        }
        () = std::future::ready(()) => true,
    }
}

#[tokio::test]
async fn a_pass_that_is_given_up_leaves_no_locked_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = EmbeddedStore::new(path.clone());
    // A pass may have ended before it is looked at for the first time.
    let (mut given_up, mut sequences) = (0, 1..100);
    while given_up < 3 {
        let sequence = sequences.next().expect("a pass takes a while");
        assert_eq!(store.apply(&crowd(sequence, 2_000)).await.unwrap(), Applied::New);
        given_up += usize::from(give_up_a_pass(&store).await);
    }
    store.settle().await;
    embedded::dump(&path).unwrap();
    // The next one removes what is left.
    let store = EmbeddedStore::new(path.clone());
    store.forget(later()).await.unwrap();
    assert_eq!(field(&embedded::dump(&path).unwrap(), "btc:s:alice", MINUTE), None);
}

#[tokio::test]
async fn batches_have_their_turn_within_a_pass() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = EmbeddedStore::new(path.clone());
    store.apply(&crowd(1, 2_000)).await.unwrap();
    let (mut forgetting, batch) = (pin!(store.forget(later())), empty(1, 2));
    tokio::select! {
        biased;
        removed = &mut forgetting => panic!("a batch waits until {removed:?} fields are gone"),
        applied = store.apply(&batch) => assert_eq!(applied.unwrap(), Applied::New),
    }
    assert!(forgetting.await.unwrap() > 10_000);
    let lines = embedded::dump(&path).unwrap();
    assert_eq!(field(&lines, "btc:s:alice:rig1999", MINUTE), None);
    assert_eq!(mining_keys(&lines), BTreeSet::new());
}
