//! A small client of the node's RPC.

use bitcoin::consensus::encode::{deserialize_hex, serialize_hex};
use bitcoin::{Amount, Block, CompactTarget, ScriptBuf, Target};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use sluice_sandbox::chain::{Template, TemplateTransaction};
use sluice_sandbox::{NodeConfig, SandboxConfig, SandboxNode, start};

use crate::mining::{config, draft, seal};

pub(crate) const USER: &str = "pool";
pub(crate) const PASSWORD: &str = "secret";

pub(crate) fn node_config() -> NodeConfig {
    NodeConfig {
        chain: SandboxConfig { seed: 3, ..config() },
        rpc_port: 0,
        rpc_user: USER.into(),
        rpc_password: PASSWORD.into(),
    }
}

pub(crate) async fn started() -> SandboxNode {
    start(node_config()).await.unwrap()
}

/// Posts any body with the right credentials.
pub(crate) async fn post(node: &SandboxNode, body: impl Into<reqwest::Body>) -> Response {
    let url = format!("http://{}/", node.address());
    let request = Client::new().post(url).basic_auth(USER, Some(PASSWORD));
    request.body(body).send().await.unwrap()
}

/// Makes one call of JSON-RPC 1.0, and returns its result or its error's code.
pub(crate) async fn call(node: &SandboxNode, method: &str, params: Value) -> Result<Value, i64> {
    let request = json!({"jsonrpc": "1.0", "id": "t", "method": method, "params": params});
    let reply: Value = post(node, request.to_string()).await.json().await.unwrap();
    assert_eq!(reply["id"], "t");
    match &reply["error"] {
        Value::Null => Ok(reply["result"].clone()),
        error => {
            assert!(error["message"].is_string(), "{reply}");
            Err(error["code"].as_i64().unwrap())
        }
    }
}

pub(crate) async fn template(node: &SandboxNode) -> Value {
    call(node, "getblocktemplate", json!([{"rules": ["segwit"]}])).await.unwrap()
}

/// The solved block that a template's JSON describes, read from the JSON alone.
pub(crate) fn block_of(answer: &Value) -> Block {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    let satoshis = |value: &Value| Amount::from_sat(value.as_u64().unwrap());
    let entry = |entry: &Value| TemplateTransaction {
        transaction: deserialize_hex(&text(&entry["data"])).unwrap(),
        txid: text(&entry["txid"]).parse().unwrap(),
        wtxid: text(&entry["hash"]).parse().unwrap(),
        depends: vec![],
        fee: satoshis(&entry["fee"]),
        sigops: 0,
        weight: 0,
    };
    let bits = CompactTarget::from_unprefixed_hex(&text(&answer["bits"])).unwrap();
    let target = Target::from_unprefixed_hex(&text(&answer["target"])).unwrap();
    assert_eq!(target, Target::from_compact(bits));
    let commitment = ScriptBuf::from_hex(&text(&answer["default_witness_commitment"])).unwrap();
    let mut block = draft(&Template {
        version: i32::try_from(answer["version"].as_i64().unwrap()).unwrap(),
        previous_block_hash: text(&answer["previousblockhash"]).parse().unwrap(),
        transactions: answer["transactions"].as_array().unwrap().iter().map(entry).collect(),
        coinbase_value: satoshis(&answer["coinbasevalue"]),
        long_poll_id: text(&answer["longpollid"]),
        target,
        min_time: number(&answer["mintime"]),
        current_time: number(&answer["curtime"]),
        bits,
        height: number(&answer["height"]),
        default_witness_commitment: commitment.clone(),
    });
    seal(&mut block);
    // The node's own commitment is the one that the sealed block needs.
    assert_eq!(block.txdata[0].output[1].script_pubkey, commitment);
    block
}

/// Mines one block over the RPC, and returns it.
pub(crate) async fn mine(node: &SandboxNode) -> Block {
    let block = block_of(&template(node).await);
    let verdict = call(node, "submitblock", json!([serialize_hex(&block)])).await;
    assert_eq!(verdict, Ok(Value::Null));
    block
}
