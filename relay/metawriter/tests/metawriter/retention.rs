//! Old minutes that leave the store: interrupted, in large hashes, and given up by who asked for it.

use std::collections::BTreeSet;

use sluice_metawriter::store::embedded::{DumpLine, DumpValue};
use sluice_metawriter::store::{Applied, EmbeddedStore, Store};
use sluice_units::Minute;

use crate::batches::{MINUTE, crowd, shares};
use crate::redis_nodes::Cluster;
use crate::redis_server::RedisServer;

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
async fn a_pass_that_is_given_up_leaves_no_locked_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = EmbeddedStore::new(path.clone());
    store.apply(&crowd(1, 2_000)).await.unwrap();
    for sequence in 2..4 {
        tokio::select! {
            biased;
            result = store.forget(later()) => panic!("it takes a while: {result:?}"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(store.apply(&crowd(sequence, 2_000)).await.unwrap(), Applied::New);
    }
    tokio::select! {
        biased;
        result = store.forget(later()) => panic!("it takes a while: {result:?}"),
        () = std::future::ready(()) => {}
    }
    store.settle().await;
    drop(store);
    EmbeddedStore::new(path).check().await.unwrap();
}
