//! Redis as large pools have it: a cluster, a master with replicas, and one that Sentinels name.

use sluice_metawriter::StoreConfig;
use sluice_metawriter::store::{Applied, RedisStore, Store, StoreError};
use sluice_relay_core::slot::slot_of;
use sluice_wire::share_feed::Batch;
use tokio::net::TcpListener;

use crate::batches::{MINUTE, crowd, empty, field, list, shares};
use crate::redis_nodes::{Cluster, Sentinel};
use crate::redis_server::{RedisServer, Setup, patient_config, store_config};
use crate::waits::wait_until;

#[tokio::test]
async fn a_cluster_takes_each_part_of_a_batch_once() {
    const WORKERS: u64 = 300;
    let cluster = Cluster::start(3).await;
    let store = cluster.store();
    store.check().await.unwrap();
    for sequence in 1..=3 {
        assert_eq!(store.apply(&crowd(sequence, WORKERS)).await.unwrap(), Applied::New);
    }
    // Another writer was cut off after some slots: what they have is not counted again.
    // They are gone through in order, so it is the node of the last ones that takes nothing.
    let node = &cluster.nodes[2];
    let _: String = node.run(&["CLIENT", "PAUSE", "600000", "WRITE"]).await;
    let config = StoreConfig {
        redis_cluster_urls: vec![cluster.nodes[1].url()],
        reply_timeout_ms: 3_000,
        ..patient_config()
    };
    let hurried = RedisStore::new(&config).unwrap();
    wait_until("the other nodes have the batch, and the last one has not", || async {
        assert!(hurried.apply(&crowd(4, WORKERS)).await.is_err());
        let lines = cluster.dump().await;
        let counted = |worker| field(&lines, &format!("btc:s:alice:rig{worker}"), MINUTE).unwrap();
        (0..WORKERS).all(|worker| {
            let slot = slot_of(&format!("btc:s:alice:rig{worker}"));
            counted(worker) == if slot / 5462 == 2 { "9" } else { "12" }
        })
    })
    .await;
    let _: String = node.run(&["CLIENT", "UNPAUSE"]).await;
    assert_eq!(cluster.store().apply(&crowd(4, WORKERS)).await.unwrap(), Applied::New);
    assert_eq!(store.apply(&crowd(4, WORKERS)).await.unwrap(), Applied::Repeated);

    let lines = cluster.dump().await;
    assert_eq!(field(&lines, "btc:s:alice", MINUTE).unwrap(), (4 * 3 * WORKERS).to_string());
    for worker in 0..WORKERS {
        let key = format!("btc:s:alice:rig{worker}");
        assert_eq!(field(&lines, &key, MINUTE).unwrap(), "12", "{key}");
    }
    assert_eq!((list(&lines, "newblock").len(), list(&lines, "newworker").len()), (1, 1));
    assert_eq!(list(&lines, "newevent").len(), 4);
    // All three nodes have a part of it.
    for node in &cluster.nodes {
        let keys: u64 = node.run(&["DBSIZE"]).await;
        assert!(keys > 100, "{keys}");
    }
    // Slots remember no more than what is on its way.
    let ranges = lines.iter().filter(|line| line.key.starts_with("sluice:applied:{"));
    for line in ranges {
        let remembered = field(&lines, &line.key, 1).unwrap();
        assert!(remembered.split(',').count() <= 2, "{}: {remembered}", line.key);
    }
}

/// A batch of one relay is away while those of another one come, and touch a slot in turns.
#[tokio::test]
async fn a_late_batch_counts_in_slots_that_saw_few_of_the_others() {
    const LATEST: u64 = 3_000;
    let cluster = Cluster::start(1).await;
    // Nothing is killed here, and thousands of batches one after the other are many waits for a slow disk.
    let _: String = cluster.nodes[0].run(&["CONFIG", "SET", "appendfsync", "no"]).await;
    let store = cluster.store();
    store.apply(&shares(1, 1, 1, 1 << 32)).await.unwrap();
    for sequence in 3..=LATEST {
        let batch =
            if sequence % 2 == 0 { empty(1, sequence) } else { shares(1, sequence, 1, 1 << 32) };
        assert_eq!(store.apply(&batch).await.unwrap(), Applied::New);
    }
    assert_eq!(store.apply(&shares(1, 2, 1, 1 << 32)).await.unwrap(), Applied::New);
    let lines = cluster.dump().await;
    for key in ["btc:s:alice", "btc:s:alice:rig1", "btc:p:alice", "btc:m:share"] {
        let counted = field(&lines, key, MINUTE).unwrap();
        assert_eq!(counted, (LATEST / 2 + 1).to_string(), "{key}");
    }
}

#[tokio::test]
async fn a_slot_may_move_and_a_node_come_back() {
    let mut cluster = Cluster::start(3).await;
    let store = cluster.store();
    store.apply(&shares(1, 1, 1, 1 << 32)).await.unwrap();
    let slot = slot_of("btc:s:alice").to_string();
    let owner_of = |node| (usize::from(slot_of("btc:s:alice")) / 5462 + node) % 3;
    let (from, to) = (owner_of(0), owner_of(1));
    let id: String = cluster.nodes[to].run(&["CLUSTER", "MYID"]).await;
    let old_id: String = cluster.nodes[from].run(&["CLUSTER", "MYID"]).await;
    // As `redis-cli --cluster reshard` does it.
    let _: String =
        cluster.nodes[to].run(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &old_id]).await;
    let _: String = cluster.nodes[from].run(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id]).await;
    let port = cluster.nodes[to].port().to_string();
    let keys: Vec<String> =
        cluster.nodes[from].run(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"]).await;
    // The key that remembers batches goes first.
    let (applied, others): (Vec<_>, Vec<_>) =
        keys.iter().partition(|key| key.starts_with("sluice:applied:{"));
    assert_eq!((applied.len(), others.len()), (1, 1), "{keys:?}");
    let (of_batches, of_shares) = (applied[0], others[0]);
    for key in [of_batches, of_shares] {
        let words = ["MIGRATE", "127.0.0.1", &port, key, "0", "60000"];
        let _: String = cluster.nodes[from].run(&words).await;
        if key == of_batches {
            // What has moved may not be written apart from what has not.
            let error = store.apply(&shares(1, 2, 1, 1 << 32)).await.unwrap_err().to_string();
            assert!(error.contains("a slot is moving; wait until it has"), "{error}");
        }
    }
    for node in [to, from] {
        let _: String = cluster.nodes[node].run(&["CLUSTER", "SETSLOT", &slot, "NODE", &id]).await;
    }
    assert_eq!(store.apply(&shares(1, 2, 1, 1 << 32)).await.unwrap(), Applied::New);

    cluster.nodes[to].kill();
    assert!(store.apply(&shares(1, 3, 1, 1 << 32)).await.is_err());
    cluster.nodes[to].launch().await;
    wait_until("the batch is taken", || async {
        store.apply(&shares(1, 3, 1, 1 << 32)).await.is_ok()
    })
    .await;
    let lines = cluster.dump().await;
    for key in ["btc:s:alice", "btc:s:alice:rig1", "btc:p:alice", "btc:m:share"] {
        assert_eq!(field(&lines, key, MINUTE).unwrap(), "3", "{key}");
    }
}

#[tokio::test]
async fn a_node_that_hangs_keeps_nobody_from_the_others() {
    let cluster = Cluster::start(1).await;
    // It takes connections, and says nothing.
    let hung = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", hung.local_addr().unwrap());
    for redis_cluster_urls in
        [vec![url.clone(), cluster.nodes[0].url()], vec![cluster.nodes[0].url(), url]]
    {
        let config =
            StoreConfig { redis_cluster_urls, connect_timeout_ms: 12_000, ..patient_config() };
        RedisStore::new(&config).unwrap().check().await.unwrap();
    }
}

#[tokio::test]
async fn a_new_master_goes_on_where_the_old_one_was() {
    let setup = Setup { password: Some("word"), ..Setup::default() };
    let mut master =
        RedisServer::start_as(Setup { arguments: &["--masterauth", "word"], ..setup }).await;
    let port = master.port().to_string();
    let arguments = &["--masterauth", "word", "--replicaof", "127.0.0.1", &port];
    let replica = RedisServer::start_as(Setup { arguments, ..setup }).await;
    let sentinel = Sentinel::start(master.port(), "word", None);
    wait_until("the replica is known", || async { sentinel.replicas().await == 1 }).await;
    let config = StoreConfig {
        redis_sentinel_urls: vec!["redis://127.0.0.1:1".into(), sentinel.url()],
        ..store_config("redis://:word@pool/0")
    };
    let store = RedisStore::new(&config).unwrap();
    // Behind Sentinels the library does not wait for long.
    wait_until("the master is found", || async { store.check().await.is_ok() }).await;
    assert_eq!(store.apply(&shares(1, 1, 1, 1)).await.unwrap(), Applied::New);
    wait_until("the replica has it too", || async {
        let info: String = replica.run(&["INFO", "replication"]).await;
        // Before that it may still load what the master had, and tells nobody of it.
        info.contains("master_link_status:up")
            && field(&replica.dump().await, "btc:s:alice", MINUTE).as_deref() == Some("1")
    })
    .await;
    sentinel.watch_closely().await;
    master.kill();
    wait_until("the new master takes batches", || async {
        store.apply(&shares(1, 2, 1, 1)).await.is_ok()
    })
    .await;
    assert_eq!(store.apply(&shares(1, 1, 1, 1)).await.unwrap(), Applied::Repeated);
    assert_eq!(field(&replica.dump().await, "btc:s:alice", MINUTE).unwrap(), "2");

    let config = StoreConfig { redis_url: Some("redis://:word@other".into()), ..config };
    let other = RedisStore::new(&config).unwrap();
    wait_until("the other one is missed", || async {
        let error = other.check().await.unwrap_err().to_string();
        error.contains("no Sentinel names a master for other")
    })
    .await;
}

/// Why a batch is not acknowledged. The master's disk may take longer for it than this store waits.
async fn refusal(store: &RedisStore, batch: &Batch) -> String {
    for _ in 0..10 {
        match store.apply(batch).await.unwrap_err() {
            StoreError::Timeout { .. } => {}
            error => return error.to_string(),
        }
    }
    panic!("the master does not answer");
}

#[tokio::test]
async fn a_batch_is_acknowledged_once_replicas_have_it() {
    let arguments = &["--repl-diskless-sync-delay", "0"];
    let master = RedisServer::start_as(Setup { arguments, ..Setup::default() }).await;
    let port = master.port().to_string();
    let arguments = &["--replicaof", "127.0.0.1", &port];
    let mut replica = RedisServer::start_as(Setup { arguments, ..Setup::default() }).await;
    let config = StoreConfig { redis_replicas_min: 1, ..store_config(&master.url()) };
    let store = RedisStore::new(&config).unwrap();
    let hurried = RedisStore::new(&StoreConfig { reply_timeout_ms: 4_000, ..config }).unwrap();
    wait_until("the replica follows", || async { store.apply(&shares(1, 1, 1, 1)).await.is_ok() })
        .await;
    for sequence in 2..=20 {
        assert_eq!(store.apply(&shares(1, sequence, 1, 1)).await.unwrap(), Applied::New);
        let counted = field(&replica.dump().await, "btc:s:alice", MINUTE).unwrap();
        assert_eq!(counted, sequence.to_string());
    }
    // One that hangs, and one that is gone; a repeat waits for it as well.
    replica.signal("-STOP");
    for _ in 0..2 {
        let error = refusal(&hurried, &shares(1, 21, 1, 1)).await;
        assert!(error.contains("0 replicas of Redis at"), "{error}");
    }
    replica.signal("-CONT");
    wait_until("the replica goes on", || async { store.apply(&shares(1, 21, 1, 1)).await.is_ok() })
        .await;
    replica.kill();
    let error = refusal(&hurried, &shares(1, 22, 1, 1)).await;
    assert!(error.contains("redis_replicas_min asks for 1; start them"), "{error}");
    replica.launch().await;
    wait_until("the replica follows again", || async {
        store.apply(&shares(1, 22, 1, 1)).await.is_ok()
    })
    .await;
    for server in [&master, &replica] {
        assert_eq!(field(&server.dump().await, "btc:s:alice", MINUTE).unwrap(), "22");
    }
}
