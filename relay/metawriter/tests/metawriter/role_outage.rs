//! The role while Redis is away: one line in the log, nothing lost, nothing counted twice.

use sluice_metawriter::store::{RedisStore, Store};
use sluice_metawriter::{Metawriter, MetawriterConfig, start};
use sluice_relay_core::applied::EPOCHS_MAX;
use sluice_service::ClusterKey;
use sluice_thread_log::ThreadLog;
use sluice_wire::share_feed::ToWriter;

use crate::batches::{MINUTE, field, shares};
use crate::gateway::{Gateway, embedded_config, redis_config};
use crate::proxy::Proxy;
use crate::redis_server::{RedisServer, store_config};
use crate::waits::wait_until;

async fn wait_for_failures(writer: &Metawriter, failures: u64) {
    wait_until("the store fails", || async { writer.stats().store_failures >= failures }).await;
}

#[tokio::test]
async fn batches_wait_for_redis_and_the_log_says_so_once() {
    let log = ThreadLog::capture();
    let mut server = RedisServer::start().await;
    let key = ClusterKey::generate().unwrap();
    let writer = start(redis_config(&server.url()), key.clone()).await.unwrap();
    let mut gateway = Gateway::join(&writer, &key).await;
    gateway.deliver(&shares(1, 1, 1, 3)).await;

    server.kill();
    let batches: Vec<_> = (2..=6).map(|sequence| shares(1, sequence, 1, 3)).collect();
    for batch in &batches {
        gateway.send(&ToWriter::Batch(batch.clone())).await;
    }
    wait_for_failures(&writer, 4).await;
    assert!(!writer.stats().store_reachable);
    let error = writer.stats().last_error.unwrap();
    assert!(error.contains(&format!("no Redis answers at {}", server.address())), "{error}");

    server.launch().await;
    gateway.expect_all_acknowledged(&batches).await;
    assert!(writer.stats().store_reachable);
    let lines = server.dump().await;
    assert_eq!(field(&lines, "btc:s:alice", MINUTE).unwrap(), "6");
    assert_eq!(field(&lines, "sluice:rest:{btc:p:alice}", MINUTE).unwrap(), "18");
    assert_eq!(log.count("no Redis answers"), 1);
    // It may have been met while it started, in each of these ways.
    let starting = ["still loading", "closed the connection", "did not answer within"];
    let starting = starting.map(|cause| log.count(cause));
    assert!(starting.iter().all(|times| *times <= 1), "{:?}", log.lines_with(&["ERROR"]));
    let errors = log.lines_with(&["ERROR"]);
    assert_eq!(errors.len(), 1 + starting.iter().sum::<usize>(), "{errors:?}");
    assert_eq!(log.count("takes batches again"), 1);
    writer.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_stuck_is_an_outage_while_others_go_on() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    let key = ClusterKey::generate().unwrap();
    let writer = start(redis_config(&server.url()), key.clone()).await.unwrap();
    let mut gateway = Gateway::join(&writer, &key).await;
    let of = |user: &str, sequence| {
        let mut batch = shares(1, sequence, 1, 3);
        batch.tallies[0].1 = user.parse().unwrap();
        batch
    };
    let stuck = [of("bob", 1), of("carol", 2)];
    for batch in &stuck {
        let foreign = format!("btc:s:{}", batch.tallies[0].1.user());
        let _: String = server.run(&["SET", &foreign, "x"]).await;
        gateway.send(&ToWriter::Batch(batch.clone())).await;
    }
    wait_for_failures(&writer, 4).await;
    let told = || log.count("another program wrote it");
    wait_until("each key has failed", || async { told() >= 2 }).await;
    let mut other = Gateway::join(&writer, &key).await;
    for sequence in 1..=10 {
        let source = sluice_units::SourceId { gateway_id: 2, shard: 0 };
        other.deliver(&sluice_wire::share_feed::Batch { source, ..of("alice", sequence) }).await;
        assert!(!writer.stats().store_reachable);
    }
    assert_eq!(log.count("takes batches again"), 0);
    assert_eq!(told(), 2, "one for each key");
    let _: u64 = server.run(&["DEL", "btc:s:bob", "btc:s:carol"]).await;
    gateway.expect_all_acknowledged(&stuck).await;
    assert!(writer.stats().store_reachable);
    assert_eq!(log.count("takes batches again"), 1);
    writer.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_too_old_is_counted_and_told() {
    let log = ThreadLog::capture();
    let folder = tempfile::tempdir().unwrap();
    let key = ClusterKey::generate().unwrap();
    let config = embedded_config(&folder.path().join("store.redb"));
    let writer = start(config, key.clone()).await.unwrap();
    let mut gateway = Gateway::join(&writer, &key).await;
    for epoch in 2..2 + EPOCHS_MAX as u64 {
        gateway.deliver(&shares(epoch, 1, 1, 1)).await;
    }
    for sequence in 1..=3 {
        gateway.deliver(&shares(1, sequence, 1, 1)).await;
    }
    let stats = writer.stats();
    assert_eq!((stats.batches_too_old, stats.batches_applied), (3, EPOCHS_MAX as u64));
    let told = log.lines_with(&["FATAL: batch 1 of start 1 of shard 1-0 is older"]);
    assert_eq!(told.len(), 1);
    assert_eq!(log.count("FATAL"), 1, "not one for each batch");
    writer.stop().await;
}

#[tokio::test]
async fn an_answer_lost_on_the_way_is_made_good_unseen() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let key = ClusterKey::generate().unwrap();
    let config = redis_config(&format!("redis://{}", proxy.address));
    let writer = start(config, key.clone()).await.unwrap();
    let mut gateway = Gateway::join(&writer, &key).await;
    for sequence in 1..=4 {
        match sequence {
            2 => proxy.lose_next_answer(),
            3 => proxy.lose_next_request(),
            _ => {}
        }
        gateway.deliver(&shares(1, sequence, 1, 1 << 32)).await;
        assert!(proxy.has_lost());
    }
    let stats = writer.stats();
    assert_eq!((stats.batches_applied, stats.batches_repeated), (3, 1));
    assert_eq!(field(&server.dump().await, "btc:s:alice", MINUTE).unwrap(), "4");
    writer.stop().await;
}

#[tokio::test]
async fn the_role_stops_while_redis_is_away() {
    let mut server = RedisServer::start().await;
    let key = ClusterKey::generate().unwrap();
    let writer = start(redis_config(&server.url()), key.clone()).await.unwrap();
    let mut gateway = Gateway::join(&writer, &key).await;
    server.kill();
    gateway.send(&ToWriter::Batch(shares(1, 1, 1, 1))).await;
    wait_for_failures(&writer, 1).await;
    writer.stop().await;
    assert_eq!(gateway.receive().await, None, "what is not stored is not acknowledged");
}

#[tokio::test]
async fn a_redis_without_its_log_on_disk_is_warned_of() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    let key = ClusterKey::generate().unwrap();
    start(redis_config(&server.url()), key.clone()).await.unwrap().stop().await;
    assert_eq!(log.count("append"), 0);
    let _: String = server.run(&["CONFIG", "SET", "appendfsync", "everysec"]).await;
    start(redis_config(&server.url()), key.clone()).await.unwrap().stop().await;
    assert_eq!(log.count("set `appendfsync always` there"), 1);
    let _: String = server.run(&["CONFIG", "SET", "appendonly", "no"]).await;
    start(redis_config(&server.url()), key).await.unwrap().stop().await;
    assert_eq!(log.count("set `appendonly yes` and"), 1);
}

#[tokio::test]
async fn a_redis_that_may_remove_what_says_which_batches_count_is_warned_of() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    let _: String = server.run(&["CONFIG", "SET", "appendfsync", "everysec"]).await;
    for (policy, warnings) in [("noeviction", 0), ("volatile-lru", 0), ("allkeys-lru", 1)] {
        let _: String = server.run(&["CONFIG", "SET", "maxmemory-policy", policy]).await;
        RedisStore::new(&store_config(&server.url())).unwrap().check().await.unwrap();
        let told = log.count("set `maxmemory-policy noeviction` there");
        assert_eq!(told, warnings, "{policy}");
    }
}

#[tokio::test]
async fn a_redis_that_gave_no_answer_about_its_log_is_asked_again() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    let _: String = server.run(&["CONFIG", "SET", "appendfsync", "everysec"]).await;
    let proxy = Proxy::start(server.address()).await;
    let store = RedisStore::new(&store_config(&format!("redis://{}", proxy.address))).unwrap();
    proxy.lose_next_answer_with("aof_enabled");
    store.check().await.unwrap();
    assert!(proxy.has_lost());
    assert_eq!(log.count("appendfsync"), 0);
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    assert_eq!(log.count("set `appendfsync always` there"), 1);
}

#[tokio::test]
async fn a_redis_is_asked_again_by_a_new_connection_and_warned_of_once() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    let store = server.store();
    store.check().await.unwrap();
    let _: String = server.run(&["CONFIG", "SET", "appendfsync", "everysec"]).await;
    for sequence in 1..=2 {
        let _: u64 = server.run(&["CLIENT", "KILL", "TYPE", "normal"]).await;
        store.apply(&shares(1, sequence, 1, 1)).await.unwrap();
        assert_eq!(log.count("set `appendfsync always` there"), 1);
    }
}

#[tokio::test]
async fn a_redis_that_was_not_there_at_the_start_is_warned_of_once_it_is() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    let _: String = server.run(&["CONFIG", "SET", "appendfsync", "everysec"]).await;
    let key = ClusterKey::generate().unwrap();
    let config = MetawriterConfig { check_store_at_start: false, ..redis_config(&server.url()) };
    let writer = start(config, key.clone()).await.unwrap();
    assert_eq!(log.count("appendfsync"), 0);
    let mut gateway = Gateway::join(&writer, &key).await;
    for sequence in 1..=3 {
        gateway.deliver(&shares(1, sequence, 1, 1)).await;
    }
    assert_eq!(log.count("set `appendfsync always` there"), 1);
    writer.stop().await;
}
