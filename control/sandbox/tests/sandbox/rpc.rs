//! The RPC's envelope, its authentication, and the methods that only read.

use bitcoin::consensus::encode::serialize_hex;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sluice_sandbox::{ConfigError, NodeConfig, SandboxConfig, StartError, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rpc_client::*;

#[tokio::test]
async fn only_the_right_password_is_let_in() {
    let node = started().await;
    let url = format!("http://{}/", node.address());
    let client = Client::new();
    let requests = [
        client.post(&url),
        client.post(&url).basic_auth(USER, Some("wrong")),
        client.post(&url).basic_auth(USER, Some("secrets")),
        client.post(&url).basic_auth("other", Some(PASSWORD)),
        client.post(&url).bearer_auth(PASSWORD),
    ];
    for request in requests {
        let response = request.body("{}").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["www-authenticate"], "Basic realm=\"jsonrpc\"");
        assert!(response.bytes().await.unwrap().is_empty());
    }
    assert_eq!(node.url(), format!("http://{USER}:{PASSWORD}@{}", node.address()));
    assert_eq!(call(&node, "getblockcount", json!([])).await, Ok(json!(0)));
    node.stop().await;
}

#[tokio::test]
async fn only_post_to_the_root() {
    let node = started().await;
    let send = |method, path| {
        let url = format!("http://{}{path}", node.address());
        Client::new().request(method, url).basic_auth(USER, Some(PASSWORD)).body("{}").send()
    };
    let response = send(Method::GET, "/").await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(send(Method::POST, "/wallet").await.unwrap().status(), StatusCode::NOT_FOUND);
    node.stop().await;
}

#[tokio::test]
async fn envelopes_of_both_versions() {
    let node = started().await;
    let status_and_reply = async |request: Value| {
        let response = post(&node, request.to_string()).await;
        (response.status().as_u16(), response.json::<Value>().await.unwrap_or(Value::Null))
    };
    let legacy = json!({"id": 1, "method": "getblockcount"});
    let expected = json!({"result": 0, "error": null, "id": 1});
    assert_eq!(status_and_reply(legacy).await, (200, expected));
    let two = json!({"jsonrpc": "2.0", "id": 2, "method": "getblockcount", "params": []});
    let expected = json!({"jsonrpc": "2.0", "result": 0, "id": 2});
    assert_eq!(status_and_reply(two).await, (200, expected));

    let (status, reply) = status_and_reply(json!({"id": 3, "method": "nothing"})).await;
    assert_eq!((status, &reply["error"]["code"]), (404, &json!(-32601)));
    let two = json!({"jsonrpc": "2.0", "id": 4, "method": "nothing"});
    let (status, reply) = status_and_reply(two).await;
    assert_eq!((status, &reply["error"]["code"]), (200, &json!(-32601)));
    assert_eq!(reply.get("result"), None);
    let notification = json!({"jsonrpc": "2.0", "method": "getblockcount"});
    assert_eq!(status_and_reply(notification.clone()).await, (204, Value::Null));
    assert_eq!(status_and_reply(json!([notification])).await, (204, Value::Null));

    for bad in [
        json!({"id": 5}),
        json!({"id": 5, "method": 7}),
        json!({"id": 5, "method": "uptime", "params": "none"}),
        json!({"id": 5, "jsonrpc": "3.0", "method": "uptime"}),
        json!({"id": 5, "jsonrpc": 2, "method": "uptime"}),
    ] {
        let (status, reply) = status_and_reply(bad).await;
        assert_eq!((status, &reply["error"]["code"]), (400, &json!(-32600)), "{reply}");
        assert_eq!(reply["id"], 5);
    }
    for (body, message) in [("{", "Parse error"), ("7", "Top-level object parse error")] {
        let response = post(&node, body).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let reply: Value = response.json().await.unwrap();
        assert_eq!(reply["error"], json!({"code": -32700, "message": message}));
    }
    node.stop().await;
}

#[tokio::test]
async fn batches() {
    let node = started().await;
    let batch = json!([
        {"id": 1, "method": "getblockcount"},
        {"jsonrpc": "2.0", "id": 2, "method": "nothing"},
        {"jsonrpc": "2.0", "method": "uptime"},
        7,
    ]);
    let response = post(&node, batch.to_string()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let replies: Value = response.json().await.unwrap();
    assert_eq!(replies.as_array().unwrap().len(), 3);
    assert_eq!(replies[0], json!({"result": 0, "error": null, "id": 1}));
    assert_eq!(replies[1]["error"]["code"], -32601);
    assert_eq!(replies[2]["error"]["code"], -32600);
    assert_eq!(post(&node, "[]").await.json::<Value>().await.unwrap(), json!([]));
    let long = vec![json!({"id": 1, "method": "uptime"}); 101];
    let response = post(&node, Value::Array(long).to_string()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    node.stop().await;
}

#[tokio::test]
async fn bodies_are_bounded() {
    let node = started().await;
    let bytes_max = 8_000_000 + 64 * 1024;
    let at_the_bound = post(&node, vec![b' '; bytes_max]).await;
    assert_eq!(at_the_bound.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let above = post(&node, vec![b' '; bytes_max + 1]).await;
    assert_eq!(above.status(), StatusCode::PAYLOAD_TOO_LARGE);
    node.stop().await;
}

#[tokio::test]
async fn requests_in_work_are_bounded() {
    let node = started().await;
    let mut unfinished = vec![];
    for _ in 0..64 {
        let mut stream = TcpStream::connect(node.address()).await.unwrap();
        // "pool:secret" in base64, and a body that never comes.
        let head = "POST / HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 9\r\n\
                    Expect: 100-continue\r\nAuthorization: Basic cG9vbDpzZWNyZXQ=\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        // The body is asked for by whoever has a place.
        let mut answer = [0; 21];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *b"HTTP/1.1 100 Continue");
        unfinished.push(stream);
    }
    let uptime = json!({"id": 1, "method": "uptime"}).to_string();
    assert_eq!(post(&node, uptime.clone()).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(node.request_counts().requests_refused, 1);
    // Closed connections give their places back.
    drop(unfinished);
    while post(&node, uptime.clone()).await.status() != StatusCode::OK {}
    node.stop().await;
}

#[tokio::test]
async fn blocks_can_be_read_back() {
    let node = started().await;
    let first = mine(&node).await;
    let second = mine(&node).await;
    let (hash, tip) = (first.block_hash().to_string(), second.block_hash().to_string());
    assert_eq!(call(&node, "getblockcount", json!([])).await, Ok(json!(2)));
    assert_eq!(call(&node, "getbestblockhash", json!([])).await, Ok(json!(tip)));
    assert_eq!(call(&node, "getblockhash", json!([1])).await, Ok(json!(hash)));
    assert_eq!(call(&node, "getblockhash", json!({"height": 1})).await, Ok(json!(hash)));
    let raw = call(&node, "getblock", json!([hash, 0])).await;
    assert_eq!(raw, Ok(json!(serialize_hex(&first))));
    let block = call(&node, "getblock", json!([hash])).await.unwrap();
    assert_eq!(block["confirmations"], 2);
    assert_eq!(block["nTx"], first.txdata.len());
    assert_eq!(block["tx"][0], first.txdata[0].compute_txid().to_string());
    assert_eq!(block["weight"], first.weight().to_wu());
    assert_eq!(block["size"], first.total_size());
    let stripped = (first.weight().to_wu() - first.total_size() as u64) / 3;
    assert_eq!(block["strippedsize"], stripped);
    assert_eq!(block["nextblockhash"], tip);
    let header = call(&node, "getblockheader", json!([tip])).await.unwrap();
    assert_eq!(header["previousblockhash"], hash);
    assert_eq!(header["bits"], "207fffff");
    assert_eq!(header["height"], 2);
    assert_eq!(header.get("nextblockhash"), None);
    let raw = call(&node, "getblockheader", json!([tip, false])).await;
    assert_eq!(raw, Ok(json!(serialize_hex(&second.header))));
    node.stop().await;
}

#[tokio::test]
async fn bad_parameters_have_the_codes_of_core() {
    let node = started().await;
    let unknown = "00".repeat(32);
    let tip = node.summary().best_block_hash.to_string();
    for (method, params, code) in [
        ("getblockhash", json!([1]), -8),
        ("getblockhash", json!([-1]), -8),
        ("getblockhash", json!([]), -1),
        ("getblockhash", json!(["1"]), -3),
        ("getblockhash", json!({"depth": 1}), -8),
        ("getblockhash", json!([0, 0]), -1),
        ("getblock", json!([unknown]), -5),
        ("getblock", json!(["00"]), -8),
        ("getblock", json!(["zz".repeat(32)]), -8),
        ("getblock", json!([tip, 2]), -8),
        ("getblockheader", json!([unknown]), -5),
        ("getblockheader", json!([tip, 1]), -3),
        ("getrawmempool", json!([true]), -8),
        ("submitblock", json!(["zz"]), -22),
        ("submitblock", json!(["00"]), -22),
        ("getblocktemplate", json!([]), -8),
        ("getblocktemplate", json!([{"rules": ["csv"]}]), -8),
        ("getblocktemplate", json!([{"mode": "other", "rules": ["segwit"]}]), -8),
        ("getblocktemplate", json!(["segwit"]), -3),
        ("getblocktemplate", json!([{"mode": "proposal"}]), -3),
        ("getblocktemplate", json!([{"mode": "proposal", "data": "00"}]), -22),
        ("getblocktemplate", json!([{"rules": ["segwit"], "longpollid": "x"}]), -8),
    ] {
        assert_eq!(call(&node, method, params.clone()).await, Err(code), "{method} {params}");
    }
    node.stop().await;
}

#[tokio::test]
async fn overviews() {
    let node = started().await;
    let mut answers = vec![];
    for method in ["getblockchaininfo", "getmininginfo", "getmempoolinfo", "getnetworkinfo"] {
        answers.push(call(&node, method, json!([])).await.unwrap());
    }
    let [chain, mining, mempool, network] = answers.try_into().unwrap();
    assert_eq!((&chain["chain"], &chain["blocks"]), (&json!("regtest"), &json!(0)));
    assert_eq!(chain["headers"], 0);
    assert_eq!(chain["initialblockdownload"], false);
    assert_eq!(chain["bestblockhash"], node.summary().best_block_hash.to_string());
    assert_eq!(chain["bits"], "207fffff");
    assert_eq!(chain["pruned"], false);
    let waiting = call(&node, "getrawmempool", json!([])).await.unwrap();
    let waiting = waiting.as_array().unwrap().len();
    assert!(waiting >= 5);
    assert_eq!((&mempool["size"], &mining["pooledtx"]), (&json!(waiting), &json!(waiting)));
    assert_eq!(mining["next"]["height"], 1);
    assert_eq!(network["connections"], 0);
    let difficulty = call(&node, "getdifficulty", json!([])).await.unwrap();
    assert_eq!(difficulty, chain["difficulty"]);
    assert!(call(&node, "uptime", json!([])).await.unwrap().is_u64());
    node.stop().await;
}

#[tokio::test]
async fn addresses_of_regtest() {
    let node = started().await;
    let address = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    let answer = call(&node, "validateaddress", json!([address])).await.unwrap();
    assert_eq!(answer["isvalid"], true);
    assert_eq!(answer["scriptPubKey"], "0014751e76e8199196d454941c45d1b3a323f1433bd6");
    assert_eq!(answer["witness_program"], "751e76e8199196d454941c45d1b3a323f1433bd6");
    for wrong in ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "nonsense", ""] {
        let answer = call(&node, "validateaddress", json!([wrong])).await.unwrap();
        assert_eq!(answer["isvalid"], false, "{wrong}");
    }
    node.stop().await;
}

#[tokio::test]
async fn bad_configurations_do_not_start() {
    let refused = async |config: NodeConfig| start(config).await.map(|_| ()).unwrap_err();
    let chain = SandboxConfig { network_bits: Default::default(), ..node_config().chain };
    let error = refused(NodeConfig { chain, ..node_config() }).await;
    assert!(matches!(error, StartError::Config(ConfigError::NetworkBits(0))));
    let chain = SandboxConfig { mempool_transactions: 2_001, ..node_config().chain };
    let error = refused(NodeConfig { chain, ..node_config() }).await;
    assert!(matches!(error, StartError::Config(ConfigError::MempoolTransactions(2_001))));
    let chain = SandboxConfig { genesis_time: u32::MAX, ..node_config().chain };
    let error = refused(NodeConfig { chain, ..node_config() }).await;
    assert!(matches!(error, StartError::GenesisAhead { .. }));
    for rpc_user in ["", "a:b", "a@b"] {
        let error = refused(NodeConfig { rpc_user: rpc_user.into(), ..node_config() }).await;
        assert!(matches!(error, StartError::Config(ConfigError::Credentials)));
    }
    let node = started().await;
    let rpc_port = node.address().port();
    let error = refused(NodeConfig { rpc_port, ..node_config() }).await;
    assert!(matches!(error, StartError::Listen { .. }));
    node.stop().await;
}

#[tokio::test]
async fn a_stopped_node_gives_its_port_back() {
    // Whoever may have taken a port that was just given back has not taken ten of them.
    for _ in 0..10 {
        let node = started().await;
        let rpc_port = node.address().port();
        node.stop().await;
        if let Ok(node) = start(NodeConfig { rpc_port, ..node_config() }).await {
            return node.stop().await;
        }
    }
    panic!("the port is still taken");
}
