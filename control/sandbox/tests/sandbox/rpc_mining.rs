//! Templates, long polls and submissions over HTTP.

use bitcoin::consensus::encode::serialize_hex;
use serde_json::{Value, json};
use sluice_sandbox::SandboxNode;

use crate::mining::{empty_block, set_merkle_root, solve};
use crate::rpc_client::*;

async fn submit(node: &SandboxNode, block: &bitcoin::Block) -> Value {
    call(node, "submitblock", json!([serialize_hex(block)])).await.unwrap()
}

#[tokio::test]
async fn templates_have_the_shape_of_core() {
    let node = started().await;
    let answer = template(&node).await;
    assert_eq!(answer["capabilities"], json!(["proposal"]));
    assert_eq!(answer["rules"], json!(["csv", "!segwit", "taproot"]));
    assert_eq!(answer["mutable"], json!(["time", "transactions", "prevblock"]));
    assert_eq!(answer["noncerange"], "00000000ffffffff");
    assert_eq!((&answer["vbavailable"], &answer["vbrequired"]), (&json!({}), &json!(0)));
    assert_eq!(answer["coinbaseaux"], json!({}));
    assert_eq!(answer["sigoplimit"], 80_000);
    assert_eq!(
        (&answer["sizelimit"], &answer["weightlimit"]),
        (&json!(4_000_000), &json!(4_000_000))
    );
    assert_eq!(answer["bits"], "207fffff");
    assert_eq!(answer["target"], format!("7fffff{}", "0".repeat(58)));
    assert_eq!(answer["version"], 0x2000_0000);
    let tip = node.summary().best_block_hash.to_string();
    assert_eq!(answer["previousblockhash"], tip);
    assert!(answer["longpollid"].as_str().unwrap().starts_with(&tip));
    let transaction = &answer["transactions"][0];
    for field in ["data", "txid", "hash", "depends", "fee", "sigops", "weight"] {
        assert!(!transaction[field].is_null(), "{field}");
    }
    node.stop().await;
}

#[tokio::test]
async fn submissions_are_answered_as_bip22_says() {
    let node = started().await;
    let genesis = node.summary().best_block_hash;
    let block = mine(&node).await;
    assert_eq!(node.summary().best_block_hash, block.block_hash());
    assert_eq!(submit(&node, &block).await, "duplicate");
    let time = block.header.time;
    let side = empty_block(genesis, 1, time, 0, 1);
    assert_eq!(submit(&node, &side).await, "inconclusive");
    let greedy = empty_block(block.block_hash(), 2, time + 1, u64::from(u32::MAX) * 2, 1);
    assert_eq!(submit(&node, &greedy).await, "bad-cb-amount");
    // The side branch gets longer, and takes the tip.
    assert_eq!(
        submit(&node, &empty_block(side.block_hash(), 2, time + 1, 0, 1)).await,
        Value::Null
    );
    let summary = node.summary();
    assert_eq!((summary.height, summary.blocks_accepted, summary.blocks_rejected), (2, 3, 2));
    mine(&node).await;
    node.stop().await;
}

#[tokio::test]
async fn proposals_need_no_proof_of_work() {
    let node = started().await;
    let mut block = block_of(&template(&node).await);
    while block.header.target().is_met_by(block.block_hash()) {
        block.header.nonce += 1;
    }
    let propose = async |block: &bitcoin::Block| {
        let request = json!([{"mode": "proposal", "data": serialize_hex(block)}]);
        call(&node, "getblocktemplate", request).await.unwrap()
    };
    assert_eq!(propose(&block).await, Value::Null);
    assert_eq!(submit(&node, &block).await, "high-hash");
    block.txdata[0].output[0].value += bitcoin::Amount::ONE_SAT;
    set_merkle_root(&mut block);
    assert_eq!(propose(&block).await, "bad-cb-amount");
    assert_eq!(node.summary().height, 0);
    node.stop().await;
}

#[tokio::test]
async fn the_largest_blocks_get_through() {
    let node = started().await;
    let mut block = block_of(&template(&node).await);
    let filler = vec![0; 3_900_000];
    block.txdata[1].input[0].witness = bitcoin::Witness::from_slice(&[filler]);
    solve(&mut block);
    assert_eq!(submit(&node, &block).await, "bad-witness-merkle-match");
    node.stop().await;
}

#[tokio::test]
async fn a_long_poll_ends_with_a_new_tip() {
    let node = started().await;
    let before = template(&node).await;
    let request = json!([{"rules": ["segwit"], "longpollid": before["longpollid"]}]);
    let waiting = call(&node, "getblocktemplate", request.clone());
    let (polled, block) = tokio::join!(waiting, mine(&node));
    let polled = polled.unwrap();
    assert_eq!(polled["previousblockhash"], block.block_hash().to_string());
    assert_ne!(polled["longpollid"], before["longpollid"]);
    // An id of an older tip is answered at once.
    let again = call(&node, "getblocktemplate", request).await.unwrap();
    assert_eq!(again["longpollid"], polled["longpollid"]);
    node.stop().await;
}

#[tokio::test]
async fn a_long_poll_ends_with_the_node() {
    let node = started().await;
    // What is no string waits for a change of the tip of now.
    let request = json!({"id": 1, "method": "getblocktemplate",
        "params": [{"rules": ["segwit"], "longpollid": 1}]});
    let mut stream = tokio::net::TcpStream::connect(node.address()).await.unwrap();
    send_raw(&mut stream, &request).await;
    while node.request_counts().long_polls_waiting == 0 {
        tokio::task::yield_now().await;
    }
    node.stop().await;
    let mut reply = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut reply).await.unwrap();
    assert!(reply.contains("\"code\":-9"), "{reply}");
}

/// Writes one call as a raw HTTP request.
async fn send_raw(stream: &mut tokio::net::TcpStream, request: &Value) {
    let body = request.to_string();
    // "pool:secret" in base64.
    let head = format!(
        "POST / HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Basic cG9vbDpzZWNyZXQ=\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    tokio::io::AsyncWriteExt::write_all(stream, (head + &body).as_bytes()).await.unwrap();
}

#[tokio::test]
async fn long_polls_are_bounded() {
    let node = started().await;
    let before = template(&node).await;
    let request = json!({"id": 1, "method": "getblocktemplate",
        "params": [{"rules": ["segwit"], "longpollid": before["longpollid"]}]});
    let mut streams = vec![];
    for _ in 0..33 {
        let mut stream = tokio::net::TcpStream::connect(node.address()).await.unwrap();
        send_raw(&mut stream, &request).await;
        streams.push(stream);
    }
    // One of them is above the bound, and is answered while the tip stays.
    while node.request_counts().long_polls_cut == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(node.request_counts().long_polls_waiting, 32);
    assert_eq!(template(&node).await["previousblockhash"], before["previousblockhash"]);
    assert_eq!(node.request_counts().requests_refused, 0);
    node.stop().await;
}
