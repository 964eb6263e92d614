//! The role over real links, with the embedded store.

use sluice_metawriter::store::{EmbeddedStore, Store, embedded};
use sluice_metawriter::{ConfigError, MetawriterConfig, StartError, StoreConfig, start};
use sluice_relay_core::INCREMENT_MAX;
use sluice_service::ClusterKey;
use sluice_units::SourceId;
use sluice_wire::share_feed::{Batch, FromWriter, SHARE_FEED_VERSION, ToWriter};

use crate::batches::{MINUTE, field, shares};
use crate::gateway::{Gateway, embedded_config, redis_config};
use crate::redis_server::RedisServer;
use crate::waits::wait_until;

#[tokio::test]
async fn what_is_acknowledged_is_in_the_store_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let key = ClusterKey::generate().unwrap();
    let writer = start(embedded_config(&path), key.clone()).await.unwrap();
    let mut gateway = Gateway::join(&writer, &key).await;
    for sequence in 1..=3 {
        gateway.deliver(&shares(1, sequence, 2, 1 << 32)).await;
        let lines = embedded::dump(&path).unwrap();
        assert_eq!(field(&lines, "btc:s:alice", MINUTE).unwrap(), (2 * sequence).to_string());
    }
    // Sent again on a new link, as after a failure: acknowledged, and not counted.
    drop(gateway);
    let mut gateway = Gateway::join(&writer, &key).await;
    wait_until("the first link has ended", || async { writer.stats().links_open == 1 }).await;
    gateway.deliver(&shares(1, 2, 2, 1 << 32)).await;
    gateway.deliver(&shares(1, 3, 2, 1 << 32)).await;
    let stats = writer.stats();
    assert_eq!((stats.batches_applied, stats.batches_repeated, stats.shares_applied), (3, 2, 6));
    assert!(stats.store_reachable && stats.last_error.is_none());
    assert_eq!(stats.links_broken, 0, "who leaves breaks nothing");
    writer.stop().await;

    // The file is free again, and remembers.
    let writer = start(embedded_config(&path), key.clone()).await.unwrap();
    let mut gateway = Gateway::join(&writer, &key).await;
    gateway.deliver(&shares(1, 3, 2, 1 << 32)).await;
    assert_eq!(writer.stats().batches_repeated, 1);
    writer.stop().await;
    assert_eq!(field(&embedded::dump(&path).unwrap(), "btc:s:alice", MINUTE).unwrap(), "6");
}

#[tokio::test]
async fn many_gateways_are_served_beside_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let key = ClusterKey::generate().unwrap();
    let writer = start(embedded_config(&path), key.clone()).await.unwrap();
    let mut gateways = Vec::new();
    for _ in 0..4 {
        gateways.push(Gateway::join(&writer, &key).await);
    }
    let batch = |gateway_id, sequence| Batch {
        source: SourceId { gateway_id, shard: 0 },
        ..shares(1, sequence, 1, 1)
    };
    for sequence in 1..=3 {
        for (gateway, gateway_id) in gateways.iter_mut().zip(1..) {
            gateway.send(&ToWriter::Batch(batch(gateway_id, sequence))).await;
        }
    }
    for (gateway, gateway_id) in gateways.iter_mut().zip(1..) {
        let batches = [1, 2, 3].map(|sequence| batch(gateway_id, sequence));
        gateway.expect_all_acknowledged(&batches).await;
    }
    writer.stop().await;
    assert_eq!(field(&embedded::dump(&path).unwrap(), "btc:s:alice", MINUTE).unwrap(), "12");
}

#[tokio::test]
async fn another_version_is_refused_with_both_named() {
    let folder = tempfile::tempdir().unwrap();
    let key = ClusterKey::generate().unwrap();
    let config = embedded_config(&folder.path().join("store.redb"));
    let writer = start(config, key.clone()).await.unwrap();
    let mut gateway = Gateway::connect(&writer, &key).await;
    gateway.send(&ToWriter::Hello { version: 9, instance: 1, name: "gateway 3".into() }).await;
    let Some(FromWriter::Refused(cause)) = gateway.receive().await else { panic!("not refused") };
    assert!(cause.contains("it speaks version 9"), "{cause}");
    assert!(cause.contains(&format!("this role version {SHARE_FEED_VERSION}")), "{cause}");
    assert_eq!(gateway.receive().await, None);
    writer.stop().await;
}

#[tokio::test]
async fn what_is_no_conversation_ends_the_link_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let key = ClusterKey::generate().unwrap();
    let config = embedded_config(&folder.path().join("store.redb"));
    let writer = start(config, key.clone()).await.unwrap();

    let mut unannounced = Gateway::connect(&writer, &key).await;
    unannounced.send(&ToWriter::Batch(shares(1, 1, 1, 1))).await;
    assert_eq!(unannounced.receive().await, None);

    let mut twice = Gateway::join(&writer, &key).await;
    twice
        .send(&ToWriter::Hello { version: SHARE_FEED_VERSION, instance: 1, name: String::new() })
        .await;
    assert_eq!(twice.receive().await, None);

    let mut absurd = Gateway::join(&writer, &key).await;
    absurd.send(&ToWriter::Batch(shares(1, 1, INCREMENT_MAX + 1, 1))).await;
    let Some(FromWriter::Refused(cause)) = absurd.receive().await else { panic!("not refused") };
    assert!(cause.contains("stop that gateway"), "{cause}");
    assert_eq!(absurd.receive().await, None);

    let mut good = Gateway::join(&writer, &key).await;
    good.deliver(&shares(1, 1, 1, 1)).await;
    let stats = writer.stats();
    assert_eq!((stats.batches_applied, stats.batches_refused), (1, 1));
    writer.stop().await;
}

#[tokio::test]
async fn a_store_that_is_away_fails_the_start_if_asked_to() {
    let key = ClusterKey::generate().unwrap();
    // Port 1 of the loopback: nothing listens there.
    let config = redis_config("redis://127.0.0.1:1");
    let error = start(config.clone(), key.clone()).await.err().unwrap().to_string();
    assert!(error.contains("no Redis answers at 127.0.0.1:1"), "{error}");
    let patient = MetawriterConfig { check_store_at_start: false, ..config };
    let writer = start(patient, key).await.unwrap();
    assert!(!writer.stats().store_reachable);
    writer.stop().await;
}

#[tokio::test]
async fn two_stores_and_a_taken_address_fail_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let key = ClusterKey::generate().unwrap();
    let config = embedded_config(&folder.path().join("store.redb"));
    let redis_url = Some("redis://127.0.0.1:1".to_owned());
    let store = StoreConfig { redis_url, ..config.store.clone() };
    let both = MetawriterConfig { store, ..config.clone() };
    assert!(matches!(
        start(both, key.clone()).await,
        Err(StartError::Config(ConfigError::TwoStores))
    ));

    let writer = start(config, key.clone()).await.unwrap();
    let listen = writer.local_address().to_string();
    let second = embedded_config(&folder.path().join("other.redb"));
    let error = start(MetawriterConfig { listen, ..second }, key).await.err().unwrap();
    assert!(error.to_string().contains("taken by another program"), "{error}");
    writer.stop().await;
}

#[tokio::test]
async fn old_minutes_are_forgotten_where_the_configuration_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let key = ClusterKey::generate().unwrap();
    let minutes = || {
        let lines = embedded::dump(&file).unwrap();
        lines.iter().any(|line| line.key == "btc:s:alice")
    };
    // The batch's minute is years ago.
    let store = EmbeddedStore::new(file.clone());
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    drop(store);
    let config = embedded_config(&file);
    start(config.clone(), key.clone()).await.unwrap().stop().await;
    assert!(minutes(), "by default everything stays");
    let store = StoreConfig { retention_days: 30, ..config.store.clone() };
    let writer = start(MetawriterConfig { store, ..config }, key.clone()).await.unwrap();
    let mut recent = shares(1, 2, 1, 1);
    recent.tallies[0].0 = sluice_service::clock::unix_time().minute();
    recent.tallies[0].1 = "bob.rig1".parse().unwrap();
    Gateway::join(&writer, &key).await.deliver(&recent).await;
    wait_until("it is forgotten", || async { !minutes() }).await;
    assert!(embedded::dump(&file).unwrap().iter().any(|line| line.key == "btc:s:bob"));
    writer.stop().await;
}

/// What is full takes no batch, so none may be needed for minutes to leave.
#[tokio::test]
async fn minutes_leave_a_redis_that_is_full() {
    let server = RedisServer::start().await;
    // The batch's minute is years ago.
    server.store().apply(&shares(1, 1, 1, 1)).await.unwrap();
    let _: String = server.run(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let config = redis_config(&server.url());
    let store = StoreConfig { retention_days: 30, ..config.store.clone() };
    let key = ClusterKey::generate().unwrap();
    let writer = start(MetawriterConfig { store, ..config }, key.clone()).await.unwrap();
    let mut gateway = Gateway::join(&writer, &key).await;
    let mut recent = shares(1, 2, 1, 1);
    recent.tallies[0].0 = sluice_service::clock::unix_time().minute();
    gateway.send(&ToWriter::Batch(recent.clone())).await;
    wait_until("there is room", || async {
        server.run::<u64>(&["HLEN", "btc:s:alice"]).await == 0
    })
    .await;
    let _: String = server.run(&["CONFIG", "SET", "maxmemory", "0"]).await;
    gateway.expect_all_acknowledged(&[recent]).await;
    writer.stop().await;
}

/// The reference took a list of trusted addresses for proof over TCP, and over UDP asked for none.
#[tokio::test]
async fn an_address_is_no_proof_and_datagrams_credit_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let key = ClusterKey::generate().unwrap();
    let writer = start(embedded_config(&path), key.clone()).await.unwrap();
    let address = writer.local_address();
    let forged = ToWriter::Batch(shares(1, 1, 1_000_000, 1 << 32)).encode();
    // Its own format in the clear, and the reference's message: magic, lengths, command, body.
    let as_reference =
        [&0xe7d5_c474_u32.to_be_bytes()[..], &[0, 0, 0, 40, 0, 0, 0, 101], &[7; 60]].concat();
    let datagrams = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for message in [&forged, &as_reference] {
        // This very machine is on every list of trusted addresses.
        let mut plain = tokio::net::TcpStream::connect(address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut plain, message).await.unwrap();
        let _ = datagrams.send_to(message, address).await;
    }
    let stranger = ClusterKey::generate().unwrap();
    let linked = sluice_service::link::connect(&address.to_string(), &stranger).await;
    assert!(linked.is_err(), "it has another key");
    // Those with the key are served all the same, and the store has theirs alone.
    let mut gateway = Gateway::join(&writer, &key).await;
    gateway.deliver(&shares(1, 1, 2, 1 << 32)).await;
    let lines = embedded::dump(&path).unwrap();
    assert_eq!(field(&lines, "btc:s:alice", MINUTE).unwrap(), "2");
    assert_eq!(field(&lines, "btc:m:share", MINUTE).unwrap(), "2");
    writer.stop().await;
}
