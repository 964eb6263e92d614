//! The programs that other tests talk to: they start, work, and keep their data when they are killed.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};

use bitcoin::Amount;
use redis::Commands;
use serde_json::json;
use sluice_end_to_end::anyone_can_spend;
use sluice_end_to_end::bcoin::{BcoinNode, SEGWIT_ACTIVE_HEIGHT};
use sluice_end_to_end::json_rpc::{self, RpcError};
use sluice_end_to_end::redis::RedisServer;

#[test]
fn bcoin_mines_and_keeps_its_chain_when_killed() {
    let mut node = BcoinNode::start();
    assert_eq!(node.height(), 0);
    assert_eq!(node.rpc("getblockchaininfo", json!([]))["chain"], "regtest");
    let hashes = node.mine(3);
    assert_eq!((node.height(), hashes.len()), (3, 3));
    assert_eq!(node.rpc("getbestblockhash", json!([])), json!(hashes[2]));

    let (url, address) = (node.url(), node.address());
    node.kill();
    assert!(matches!(node.try_rpc("getblockcount", json!([])), Err(RpcError::Unreachable { .. })));
    node.restart();
    assert_eq!((node.height(), node.url(), node.address()), (3, url, address));
    assert_eq!(node.rpc("getbestblockhash", json!([])), json!(hashes[2]));
    node.mine(1);
    assert_eq!(node.height(), 4);
}

#[test]
fn bcoin_tells_errors_and_wrong_passwords() {
    let node = BcoinNode::start();
    assert!(matches!(
        node.try_rpc("nosuchmethod", json!([])),
        Err(RpcError::Refused { code: -32601, .. })
    ));
    assert!(matches!(
        json_rpc::call(node.address(), "bitcoinrpc", "wrong", "getblockcount", json!([])),
        Err(RpcError::Status(401))
    ));
}

#[test]
fn bcoin_activates_segwit_and_takes_transactions() {
    let node = BcoinNode::start();
    let request = json!([{ "rules": ["segwit"] }]);
    assert_eq!(node.rpc("getblocktemplate", request.clone())["rules"], json!([]));
    node.mine_until_segwit();
    node.mine_until_segwit();
    assert_eq!(node.height(), SEGWIT_ACTIVE_HEIGHT, "the second call mines nothing");

    let fee = Amount::from_sat(12_345);
    let transaction = node.spend_coinbase(7, fee);
    let template = node.rpc("getblocktemplate", request);
    let rules = template["rules"].as_array().expect("rules are a list");
    assert!(rules.contains(&json!("!segwit")), "{rules:?}");
    let entry = &template["transactions"][0];
    assert_eq!(entry["txid"], json!(transaction.compute_txid().to_string()));
    assert_eq!(entry["hash"], json!(transaction.compute_wtxid().to_string()));
    assert_eq!(entry["fee"], json!(fee.to_sat()));

    node.mine(1);
    let txid = transaction.compute_txid().to_string();
    let coin = node.rpc("gettxout", json!([txid, 0]));
    assert_eq!(coin["confirmations"], 1);
    assert_eq!(
        coin["scriptPubKey"]["hex"],
        json!(anyone_can_spend::script_pubkey().to_hex_string())
    );
}

#[test]
fn bcoin_dials_the_peer_it_is_given() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let _node = BcoinNode::start_dialing(listener.local_addr().expect("a bound address"));
    let (mut stream, _) = listener.accept().expect("the node dials");
    let mut opening = [0; 16];
    stream.read_exact(&mut opening).expect("the node speaks first");
    // Regtest's magic, then the command's name.
    assert_eq!(&opening, b"\xfa\xbf\xb5\xdaversion\0\0\0\0\0");
}

#[test]
fn redis_keeps_its_data_when_stopped_and_when_killed() {
    let mut server = RedisServer::start();
    let url = server.url();
    let () = server.connection().set("stopped", "one").expect("SET");
    server.stop();
    server.restart();
    let () = server.connection().set("killed", "two").expect("SET");
    server.kill();
    server.restart();
    let values: (String, String) =
        server.connection().mget(&["stopped", "killed"]).expect("both keys are there");
    assert_eq!(values, ("one".to_owned(), "two".to_owned()));
    assert_eq!(server.url(), url);
}

#[test]
fn redis_asks_for_its_password() {
    let server = RedisServer::start_with_password("secret");
    let () = server.connection().set("key", 1).expect("SET");
    let bare = redis::Client::open(format!("redis://{}/", server.address())).expect("a URL");
    let answer: redis::RedisResult<i64> =
        bare.get_connection().and_then(|mut connection| connection.get("key"));
    let error = answer.expect_err("no password, no answer");
    assert_eq!(error.code(), Some("NOAUTH"), "{error}");
}
