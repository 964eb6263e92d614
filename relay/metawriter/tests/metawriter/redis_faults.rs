//! Redis and the way to it fail in every manner; no share is lost or counted twice.

use sluice_metawriter::StoreConfig;
use sluice_metawriter::store::{Applied, RedisStore, Store, StoreError};
use sluice_units::Minute;

use crate::batches::{MINUTE, block, connected, empty, field, full_tally, shares};
use crate::proxy::Proxy;
use crate::redis_server::{RedisServer, Setup, connect, run_on, store_config};
use crate::waits::wait_until;

async fn error_of(store: &RedisStore) -> String {
    let error = store.apply(&shares(1, 99, 1, 1)).await.unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[tokio::test]
async fn a_lost_answer_does_not_count_twice() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = RedisStore::new(&store_config(&format!("redis://{}", proxy.address))).unwrap();
    store.apply(&shares(1, 1, 1, 1 << 32)).await.unwrap();

    // Redis has run the batch: the second call, on a new connection, finds it there.
    proxy.lose_next_answer();
    assert_eq!(store.apply(&shares(1, 2, 1, 1 << 32)).await.unwrap(), Applied::Repeated);
    assert!(proxy.has_lost());
    assert_eq!(field(&server.dump().await, "btc:s:alice", MINUTE).unwrap(), "2");

    proxy.lose_next_request();
    assert_eq!(store.apply(&shares(1, 3, 1, 1 << 32)).await.unwrap(), Applied::New);
    assert!(proxy.has_lost());
    assert_eq!(field(&server.dump().await, "btc:s:alice", MINUTE).unwrap(), "3");
}

#[tokio::test]
async fn a_connection_killed_by_redis_is_opened_anew() {
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    // The caller is spared by default, so these are the store's connections.
    let killed: u64 = server.run(&["CLIENT", "KILL", "TYPE", "normal"]).await;
    assert!(killed >= 1);
    assert_eq!(store.apply(&shares(1, 2, 1, 1)).await.unwrap(), Applied::New);
    assert_eq!(field(&server.dump().await, "btc:s:alice", MINUTE).unwrap(), "2");
}

#[tokio::test]
async fn redis_may_restart_between_batches() {
    let mut server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 3)).await.unwrap();
    server.kill();
    let address = server.address();
    let refused = error_of(&store).await;
    assert!(refused.contains(&format!("no Redis answers at {address}")), "{refused}");
    assert!(refused.contains("start it, or correct --redis / store.redis_url"), "{refused}");

    server.launch().await;
    assert_eq!(store.apply(&shares(1, 1, 1, 3)).await.unwrap(), Applied::Repeated);
    assert_eq!(store.apply(&shares(1, 2, 1, 4)).await.unwrap(), Applied::New);
    let lines = server.dump().await;
    assert_eq!(field(&lines, "btc:s:alice", MINUTE).unwrap(), "2");
    assert_eq!(field(&lines, "sluice:rest:{btc:p:alice}", MINUTE).unwrap(), "7");
}

#[tokio::test]
async fn a_forgotten_script_is_loaded_again() {
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    let _: String = server.run(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(store.apply(&shares(1, 2, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn a_missing_or_wrong_password_is_told() {
    let server = RedisServer::start_as(Setup { password: Some("right"), ..Setup::default() }).await;
    for login in ["", ":wrong@", "nobody:right@"] {
        let url = format!("redis://{login}{}", server.address());
        let store = RedisStore::new(&store_config(&url)).unwrap();
        for error in [error_of(&store).await, store.check().await.unwrap_err().to_string()] {
            assert!(error.contains("does not accept the password"), "{login}: {error}");
            assert!(error.contains("redis://:PASSWORD@HOST:PORT"), "{error}");
            assert!(!error.contains("wrong@"), "{error}");
        }
    }
    let store = server.store();
    store.check().await.unwrap();
    assert_eq!(store.apply(&shares(1, 1, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn a_full_redis_takes_nothing_of_a_batch() {
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    let before = server.dump().await;
    let _: String = server.run(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let error = error_of(&store).await;
    assert!(error.contains("out of memory; raise its maxmemory"), "{error}");
    assert_eq!(server.dump().await, before);
    let _: String = server.run(&["CONFIG", "SET", "maxmemory", "0"]).await;
    assert_eq!(store.apply(&shares(1, 2, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn a_replica_takes_nothing_of_a_batch() {
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    let _: String = server.run(&["REPLICAOF", "127.0.0.1", "1"]).await;
    let error = error_of(&store).await;
    assert!(error.contains("read-only replica; point store.redis_url"), "{error}");
    let _: String = server.run(&["REPLICAOF", "NO", "ONE"]).await;
    assert_eq!(field(&server.dump().await, "btc:s:alice", MINUTE).unwrap(), "1");
    assert_eq!(store.apply(&shares(1, 2, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn a_master_that_misses_replicas_takes_nothing_of_a_batch() {
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    let before = server.dump().await;
    let _: String = server.run(&["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    let error = error_of(&store).await;
    assert!(error.contains("too few replicas follow it; start them"), "{error}");
    assert_eq!(server.dump().await, before);
    let _: String = server.run(&["CONFIG", "SET", "min-replicas-to-write", "0"]).await;
    assert_eq!(store.apply(&shares(1, 2, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn a_replica_that_has_lost_its_master_is_told() {
    let server = RedisServer::start().await;
    let store = server.store();
    let _: String = server.run(&["CONFIG", "SET", "replica-serve-stale-data", "no"]).await;
    let _: String = server.run(&["REPLICAOF", "127.0.0.1", "1"]).await;
    let error = error_of(&store).await;
    assert!(error.contains("start the master, and point store.redis_url at it"), "{error}");
    let _: String = server.run(&["REPLICAOF", "NO", "ONE"]).await;
    assert_eq!(store.apply(&shares(1, 1, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn a_cluster_that_is_down_is_told() {
    // Nobody serves any of its slots.
    let setup = Setup { is_cluster_node: true, ..Setup::default() };
    let error = error_of(&RedisServer::start_as(setup).await.store()).await;
    assert!(error.contains("start the nodes that are away"), "{error}");
}

#[tokio::test]
async fn a_redis_that_is_busy_with_a_script_is_told() {
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    let _: String = server.run(&["CONFIG", "SET", "busy-reply-threshold", "1"]).await;
    let mut of_script = connect(&server.url()).await.unwrap();
    let mut beside = connect(&server.url()).await.unwrap();
    let endless = tokio::spawn(async move {
        let mut run = redis::cmd("EVAL");
        let run = run.arg("while true do end").arg(0);
        run.query_async::<redis::Value>(&mut of_script).await
    });
    wait_until("the script runs", || {
        let mut connection = beside.clone();
        async move { redis::cmd("PING").exec_async(&mut connection).await.is_err() }
    })
    .await;
    // On the connection that is there, and on the next one.
    for _ in 0..2 {
        let error = error_of(&store).await;
        assert!(error.contains("or run SCRIPT KILL there"), "{error}");
    }
    let _: String = run_on(&mut beside, &["SCRIPT", "KILL"]).await;
    assert!(endless.await.unwrap().is_err(), "it is killed");
    assert_eq!(store.apply(&shares(1, 2, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_not_waited_for_forever() {
    let server = RedisServer::start().await;
    let store = server.store();
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    let _: String = server.run(&["CLIENT", "PAUSE", "600000", "WRITE"]).await;
    let config = StoreConfig { reply_timeout_ms: 200, ..store_config(&server.url()) };
    let hurried = RedisStore::new(&config).unwrap();
    let error = hurried.apply(&shares(1, 2, 1, 1)).await.unwrap_err().to_string();
    assert!(error.contains("did not answer within 200 ms"), "{error}");
    let _: String = server.run(&["CLIENT", "UNPAUSE"]).await;
    // The late first attempt and this one: whichever comes second changes nothing.
    store.apply(&shares(1, 2, 1, 1)).await.unwrap();
    store.apply(&shares(1, 3, 1, 1)).await.unwrap();
    assert_eq!(field(&server.dump().await, "btc:s:alice", MINUTE).unwrap(), "3");
}

#[tokio::test]
async fn a_user_without_rights_is_told() {
    let server = RedisServer::start().await;
    let rights = ["ACL", "SETUSER", "writer", "on", ">word", "~*", "+@all", "-@scripting"];
    let _: String = server.run(&rights).await;
    let url = format!("redis://writer:word@{}", server.address());
    let store = RedisStore::new(&store_config(&url)).unwrap();
    let error = error_of(&store).await;
    assert!(error.contains("grant it EVALSHA"), "{error}");
}

/// A batch with every kind of change, and a store that a user with these rights opens.
async fn batch_and_store_of(
    server: &RedisServer,
    rights: &[&str],
) -> (sluice_wire::share_feed::Batch, RedisStore) {
    let user = [&["ACL", "SETUSER", "writer", "reset", "on", ">word"], rights].concat();
    let _: String = server.run(&user).await;
    let url = format!("redis://writer:word@{}", server.address());
    let mut batch = shares(1, 1, 1, (1 << 33) + 5);
    batch.tallies[0].2 = full_tally();
    batch.events.push(connected("alice.rig1", true));
    batch.blocks.push(block(1));
    (batch, RedisStore::new(&store_config(&url)).unwrap())
}

#[tokio::test]
async fn a_user_with_too_few_rights_leaves_nothing_of_a_batch() {
    let server = RedisServer::start().await;
    let all = ["~*", "+@all"];
    for missing in ["-hincrbyfloat", "-rpush", "-sadd", "-hdel", "-hset", "-hincrby", "-hmget"] {
        let (batch, store) = batch_and_store_of(&server, &[all[0], all[1], missing]).await;
        let error = store.apply(&batch).await.unwrap_err();
        assert!(matches!(error, StoreError::NotAllowed { .. }), "{missing}: {error}");
        assert_eq!(server.dump().await, [], "{missing}");
    }
    for pattern in ["~btc:*", "~sluice:*", "~mining:*", "~monitor:*", "~new*"] {
        let patterns = ["~btc:*", "~sluice:*", "~mining:*", "~monitor:*", "~new*"];
        let rights = patterns.into_iter().filter(|other| *other != pattern).chain(["+@all"]);
        let (batch, store) = batch_and_store_of(&server, &rights.collect::<Vec<_>>()).await;
        let error = store.apply(&batch).await.unwrap_err();
        assert!(matches!(error, StoreError::NotAllowed { .. }), "{pattern}: {error}");
        assert_eq!(server.dump().await, [], "{pattern}");
    }
}

#[tokio::test]
async fn the_rights_that_the_configuration_lists_are_enough() {
    let server = RedisServer::start().await;
    let words = sluice_metawriter::DEFAULT_CONFIG.split_whitespace();
    let rights = words.filter(|word| word.starts_with(['+', '~'])).collect::<Vec<_>>();
    let (batch, store) = batch_and_store_of(&server, &rights).await;
    store.check().await.unwrap();
    assert_eq!(store.apply(&batch).await.unwrap(), Applied::New);
    assert!(store.forget(Minute::from_seconds(MINUTE + 60).unwrap()).await.unwrap() > 0);
}

#[tokio::test]
async fn foreign_values_stop_a_batch_before_it_changes_anything() {
    let server = RedisServer::start().await;
    let minute = MINUTE.to_string();
    let mut batch = shares(1, 2, 1, (1 << 33) + 5);
    batch.tallies[0].2.goal = sluice_units::Goal::from_f64(0.5);
    batch.events.push(connected("alice.rig1", true));
    let numbers = [" 5", "5 ", "inf", "-inf", "nan", "0x10", "1e", "1e9999", "5.5.5", ""];
    let goals = numbers.map(|number| vec!["HSET", "btc:g:alice", &minute, number]);
    let goal_field = format!("{minute}:goal");
    let details = numbers.map(|number| vec!["HSET", "btc:x:alice:rig1", &goal_field, number]);
    let others = [
        vec!["SET", "btc:s:alice", "x"],
        vec!["HSET", "btc:s:alice:rig1", &minute, "many"],
        vec!["HSET", "btc:s:alice", &minute, "-1"],
        vec!["HSET", "btc:g:alice", &minute, "much"],
        vec!["HSET", "sluice:rest:{btc:p:alice}", &minute, "4294967296"],
        vec!["HSET", "btc:m:share", &minute, "1000000000000000000"],
        vec!["HSET", "btc:mh:gw-1:pow", &minute, "9223372036854775807"],
        vec!["HSET", "btc:x:alice:rig1", &goal_field, "much"],
        vec!["SET", "btc:x:alice:rig1", "x"],
        vec!["SET", "newevent", "x"],
        vec!["SET", "mining:keys", "x"],
        vec!["RPUSH", "sluice:seen:{newworker}:btc", "x"],
        vec!["SET", "sluice:applied:1-0", "x"],
        vec!["RPUSH", "sluice:applied:1-0", "x"],
    ];
    for words in others.into_iter().chain(goals).chain(details) {
        // What stands there already is left as it is, too.
        server.store().apply(&shares(1, 1, 1, 1 << 33)).await.unwrap();
        let _: u64 = server.run(&["DEL", words[1]]).await;
        let _: redis::Value = server.run(&words).await;
        let before = server.dump().await;
        let error = server.store().apply(&batch).await.unwrap_err();
        assert!(matches!(error, StoreError::BadKey { .. }), "{words:?}: {error:?}");
        assert!(error.to_string().contains(words[1]), "{error}");
        assert_eq!(server.dump().await, before, "{words:?}");
        let _: String = server.run(&["FLUSHALL"]).await;
    }
    // What HINCRBYFLOAT takes is added to.
    for (sequence, number) in (2..).zip(["1e2", "-1", "0.5", "12."]) {
        let _: u64 = server.run(&["HSET", "btc:g:alice", &minute, number]).await;
        batch.sequence = sequence;
        assert_eq!(server.store().apply(&batch).await.unwrap(), Applied::New, "{number}");
    }
}

#[tokio::test]
async fn peers_cannot_reach_redis_through_their_text() {
    let server = RedisServer::start().await;
    let mut event = connected("alice.rig1", true);
    event.peer = "\"]}\u{0}\r\nFLUSHALL\r\n\u{1f600}".into();
    let batch = sluice_wire::share_feed::Batch { events: vec![event.clone()], ..empty(1, 1) };
    server.store().apply(&batch).await.unwrap();
    let pushed: Vec<String> = server.run(&["LRANGE", "newevent", "0", "-1"]).await;
    let element: serde_json::Value = serde_json::from_str(&pushed[0]).unwrap();
    assert_eq!(element["peer"], event.peer);
}
