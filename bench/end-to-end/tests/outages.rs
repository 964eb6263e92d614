//! Node and Redis that go away and come back under `sluice up`: no accepted share is lost, none counts twice.

use serde_json::{Value, json};
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::ledger::Mined;
use sluice_end_to_end::pool::Pool;
use sluice_end_to_end::redis::RedisServer;
use sluice_end_to_end::store_dump::{StoreDump, announced_blocks, read_embedded, read_redis};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const WORKER: &str = "alice.rig1";

fn check(summaries: &[&Value], store: &StoreDump) {
    let mut mined = Mined::default();
    for summary in summaries {
        mined.add_run(WORKER, summary);
    }
    mined.check(store);
}

#[test]
fn redis_killed_while_mining_loses_nothing() {
    let mut redis = RedisServer::start();
    let folder = tempfile::tempdir().unwrap();
    let url = redis.url();
    let pool = Pool::start(folder.path(), &["--redis", &url, "--miner-user", WORKER]);
    pool.wait_for("shares", 5);
    redis.kill();
    pool.wait_for_text("STORE AWAY");
    pool.wait_for("shares", pool.latest("shares") + 5);
    redis.restart();
    pool.wait_until_gone("STORE AWAY");
    pool.wait_for("shares", pool.latest("shares") + 5);
    let summary = pool.stop();
    assert_eq!(summary["batches_waiting"], 0, "{summary}");
    check(&[&summary], &read_redis(&mut redis.connection()));
}

#[test]
fn what_redis_did_not_take_before_the_end_is_taken_once_at_the_next_start() {
    let mut redis = RedisServer::start();
    let folder = tempfile::tempdir().unwrap();
    let url = redis.url();
    let arguments = ["--redis", &url, "--miner-user", WORKER];
    let pool = Pool::start(folder.path(), &arguments);
    pool.wait_for("shares", 3);
    redis.kill();
    pool.wait_for("shares", pool.latest("shares") + 5);
    let first = pool.stop();
    assert!(first["batches_waiting"].as_u64().unwrap() > 0, "{first}");

    redis.restart();
    let pool = Pool::start(folder.path(), &arguments);
    pool.wait_for("shares", 3);
    let second = pool.stop();
    assert_eq!(second["batches_waiting"], 0, "{second}");
    check(&[&first, &second], &read_redis(&mut redis.connection()));

    // A third start finds nothing left to deliver.
    let pool = Pool::start(folder.path(), &arguments);
    pool.wait_for("shares", 1);
    let third = pool.stop();
    check(&[&first, &second, &third], &read_redis(&mut redis.connection()));
}

#[test]
fn a_node_that_is_lost_and_back_gets_the_blocks_found_meanwhile() {
    let mut node = BcoinNode::start();
    let folder = tempfile::tempdir().unwrap();
    let url = node.url();
    let mut arguments = vec!["--node", &url, "--payout", ADDRESS, "--miner-threads", "1"];
    arguments.extend(["--miner-user", WORKER, "--difficulty", "0.0009765625"]);
    let pool = Pool::start(folder.path(), &arguments);
    pool.wait_for("blocks", 2);
    node.kill();
    pool.wait_for_text("NODE AWAY");
    // On this chain every share is a block: these wait for the node.
    pool.wait_for("shares", pool.latest("shares") + 2);
    let height = pool.latest("height");
    node.restart();
    pool.wait_for("height", height + 2);
    let summary = pool.stop();
    assert_eq!(summary["blocks_rejected"], 0, "{summary}");
    assert_eq!(summary["blocks_found"], summary["blocks_accepted"], "{summary}");
    let store = read_embedded(&folder.path().join("node/store.redb"));
    check(&[&summary], &store);
    let announced = announced_blocks(&store);
    for height in 1..=node.height() {
        let hash = node.rpc("getblockhash", json!([height]));
        assert!(announced.contains_key(hash.as_str().unwrap()), "height {height}");
    }
}
