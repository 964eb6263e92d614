//! The pool on a real node and a real Redis: the node's chain grows, and every key is accounted for.

use bitcoin::consensus::encode::deserialize_hex;
use bitcoin::{Amount, Block};
use serde_json::json;
use sluice_end_to_end::bcoin::{BcoinNode, SEGWIT_ACTIVE_HEIGHT};
use sluice_end_to_end::ledger::Mined;
use sluice_end_to_end::pool::Pool;
use sluice_end_to_end::redis::RedisServer;
use sluice_end_to_end::store_dump::{announced_blocks, read_redis};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const SCRIPT: &str = "0014751e76e8199196d454941c45d1b3a323f1433bd6";
/// About 2^22 hashes: a share every second or so. On this chain every share is a block.
const DIFFICULTY: &str = "0.0009765625";
const TAG: &str = "/end to end/";

fn block(node: &BcoinNode, hash: &str) -> Block {
    let hex = node.rpc("getblock", json!([hash, false]));
    deserialize_hex(hex.as_str().expect("hexadecimal")).expect("a block")
}

/// The hash of every block of the chain above a height.
fn chain_above(node: &BcoinNode, height: u64) -> Vec<String> {
    let hash = |height| node.rpc("getblockhash", json!([height])).as_str().unwrap().to_owned();
    (height + 1..=node.height()).map(hash).collect()
}

/// Mines until at least `least` blocks were found, and compares chain and store with the summary.
fn mine_and_check(node: &BcoinNode, least: u64, witness: bool) -> Vec<Block> {
    let redis = RedisServer::start();
    let folder = tempfile::tempdir().unwrap();
    let (url, redis_url, before) = (node.url(), redis.url(), node.height());
    let given = ["--node", &url, "--payout", ADDRESS, "--redis", &redis_url, "--tag", TAG];
    let fixed = ["--miner-threads", "1", "--miner-user", "alice.rig1", "--difficulty", DIFFICULTY];
    let pool = Pool::start(folder.path(), &[&given[..], &fixed[..]].concat());
    pool.wait_for("blocks", least);
    let summary = pool.stop();
    assert_eq!(summary["blocks_found"], summary["blocks_accepted"], "{summary}");
    assert_eq!(summary["blocks_rejected"], 0, "{summary}");

    let store = read_redis(&mut redis.connection());
    let chain = chain_above(node, before);
    let blocks: Vec<Block> = chain.iter().map(|hash| block(node, hash)).collect();
    assert!(!blocks.is_empty(), "the chain has grown");
    let network_difficulty = Some(blocks[0].header.difficulty_float());
    let mut mined = Mined { network_difficulty, ..Mined::default() };
    mined.add_run("alice.rig1", &summary);
    mined.check(&store);

    let announced = announced_blocks(&store);
    for hash in &chain {
        assert!(announced.contains_key(hash), "{hash} is in the chain and not in newblock");
    }
    for hash in announced.keys().filter(|hash| !chain.contains(hash)) {
        // A share that came before the next job is a block beside the tip. The node has it as well.
        let parent = block(node, hash).header.prev_blockhash.to_string();
        let base = node.rpc("getblockhash", json!([before]));
        assert!(chain.contains(&parent) || base == json!(parent), "{hash} is off the chain");
    }
    for (block, height) in blocks.iter().zip(before + 1..) {
        check_block(block, height, witness);
    }
    blocks
}

/// The coinbase pays the configured script and holds height and tag; the commitments hold.
fn check_block(block: &Block, height: u64, witness: bool) {
    assert!(block.check_merkle_root());
    assert_eq!(block.bip34_block_height(), Ok(height));
    let coinbase = &block.txdata[0];
    assert_eq!(coinbase.output[0].script_pubkey.to_hex_string(), SCRIPT);
    let paid: u64 = coinbase.output[1..].iter().map(|output| output.value.to_sat()).sum();
    assert_eq!(paid, 0, "nobody else is paid");
    let script = coinbase.input[0].script_sig.as_bytes();
    assert!(script.windows(TAG.len()).any(|bytes| bytes == TAG.as_bytes()));
    assert!(script.len() <= 100);
    assert_eq!(coinbase.input[0].witness.is_empty(), !witness);
    assert!(!witness || block.check_witness_commitment());
}

#[test]
fn blocks_raise_the_nodes_height_before_segwit_is_active() {
    let node = BcoinNode::start();
    // Below height 17 a height is an opcode of its own, which rust-bitcoin does not read back.
    node.mine(20);
    mine_and_check(&node, 3, false);
}

#[test]
fn blocks_hold_the_nodes_transactions_once_segwit_is_active() {
    let node = BcoinNode::start();
    node.mine_until_segwit();
    node.mine(1);
    assert!(node.height() > SEGWIT_ACTIVE_HEIGHT);
    let transaction = node.spend_coinbase(7, Amount::from_sat(12_345));
    let blocks = mine_and_check(&node, 3, true);
    let id = transaction.compute_txid();
    let holds = |block: &&Block| block.txdata.iter().any(|one| one.compute_txid() == id);
    let holder = blocks.iter().find(holds).expect("the transaction is in a block");
    let empty = blocks.iter().find(|block| block.txdata.len() == 1).expect("a later block");
    let value = |block: &Block| block.txdata[0].output[0].value.to_sat();
    assert_eq!(value(holder), value(empty) + 12_345, "the fee is claimed");
}

#[test]
fn every_kind_of_address_is_paid() {
    let node = BcoinNode::start();
    for (address, script) in [
        (
            "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
            "76a914243f1394f44554f4ce3fd68649c19adc483ce92488ac",
        ),
        ("2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc", "a9144e9f39ca4688ff102128ea4ccda34105324305b087"),
        (ADDRESS, SCRIPT),
        (
            "bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6",
            "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let url = node.url();
        let given = ["--node", &url, "--payout", address, "--miner-threads", "1"];
        let before = node.height();
        let pool = Pool::start(folder.path(), &[&given[..], &["--difficulty", "0.0001"]].concat());
        pool.wait_for("blocks", 1);
        let summary = pool.stop();
        assert!(summary["blocks_accepted"].as_u64().unwrap() >= 1);
        let hash = chain_above(&node, before).remove(0);
        let paid = block(&node, &hash).txdata[0].output[0].script_pubkey.to_hex_string();
        assert_eq!(paid, script, "{address}");
    }
}
