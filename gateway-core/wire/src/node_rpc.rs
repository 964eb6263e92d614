//! What a node answers: JSON-RPC envelopes, and getblocktemplate (BIP 22, BIP 23, BIP 145).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A JSON-RPC call, version 1.0 as Bitcoin Core documents it.
#[derive(Serialize, Debug)]
pub struct RpcRequest<'a, P> {
    /// Always "1.0".
    pub jsonrpc: &'a str,
    /// Echoed by the node.
    pub id: u64,
    /// The method's name.
    pub method: &'a str,
    /// Its parameters, in order.
    pub params: P,
}

/// The answer to a call.
#[derive(Deserialize, Debug)]
pub struct RpcResponse<T> {
    /// Present where the call succeeded, and null where it did with nothing to say.
    #[serde(default = "none")]
    pub result: Option<T>,
    /// Present where the call failed.
    #[serde(default = "none")]
    pub error: Option<RpcError>,
}

/// `Option::default` would ask for `T: Default`.
fn none<T>() -> Option<T> {
    None
}

/// Why a node refused a call.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct RpcError {
    /// Bitcoin Core's number: -28 loading, -10 initial download, -9 no peers, -8 bad parameter.
    pub code: i64,
    /// The node's text.
    #[serde(default)]
    pub message: String,
}

/// The part of getblockchaininfo that a jobmaster needs.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct BlockchainInfo {
    /// `main`, `test`, `testnet4`, `signet` or `regtest`.
    pub chain: String,
    /// Height of the tip.
    pub blocks: u32,
    /// Hash of the tip, display order.
    pub bestblockhash: String,
    /// Expected hashes in the whole chain: 64 hexadecimal digits.
    pub chainwork: String,
    /// Whether the node is still catching up; absent from some nodes.
    #[serde(default)]
    pub initialblockdownload: bool,
}

/// The part of getblockheader that a jobmaster needs.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct BlockHeaderInfo {
    /// The block's time, seconds since 1970.
    pub time: u32,
}

/// A block template as the node gave it.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct BlockTemplate {
    /// The block's version.
    pub version: i64,
    /// Active rules; one with `!` in front must be understood (BIP 9).
    #[serde(default)]
    pub rules: Vec<String>,
    /// Hash of the tip, display order.
    pub previousblockhash: String,
    /// Transactions to include, in order.
    pub transactions: Vec<TemplateTransaction>,
    /// Data that the coinbase should carry, hexadecimal.
    #[serde(default)]
    pub coinbaseaux: BTreeMap<String, String>,
    /// Satoshi that the coinbase may spend: subsidy and fees.
    pub coinbasevalue: u64,
    /// Names this template in a long poll.
    #[serde(default)]
    pub longpollid: Option<String>,
    /// The earliest time of the block, seconds since 1970.
    pub mintime: u32,
    /// The node's time, seconds since 1970.
    pub curtime: u32,
    /// The network's target, 8 hexadecimal digits.
    pub bits: String,
    /// Height of the block.
    pub height: u32,
    /// The output script that commits to the witnesses (BIP 141), hexadecimal.
    #[serde(default)]
    pub default_witness_commitment: Option<String>,
}

/// One transaction of a template.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct TemplateTransaction {
    /// The whole transaction with witness, hexadecimal.
    pub data: String,
    /// Its id without witness, display order; old nodes give only `hash`.
    #[serde(default)]
    pub txid: Option<String>,
    /// Its hash with witness, display order.
    pub hash: String,
}

impl TemplateTransaction {
    /// The id that the merkle tree is built over.
    pub fn id(&self) -> &str {
        self.txid.as_deref().unwrap_or(&self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_nodes_answer() {
        let text = r#"{"result":{"version":536870912,"rules":["csv","!segwit"],"vbavailable":{},
            "previousblockhash":"00","transactions":[{"data":"01","txid":"aa","hash":"bb","fee":1}],
            "coinbaseaux":{},"coinbasevalue":5000000000,"longpollid":"x","target":"00","mintime":1,
            "mutable":["time"],"curtime":2,"bits":"207fffff","height":3,
            "default_witness_commitment":"6a24"},"error":null,"id":1}"#;
        let response: RpcResponse<BlockTemplate> = serde_json::from_str(text).unwrap();
        let template = response.result.unwrap();
        assert_eq!(template.transactions[0].id(), "aa");
        assert!(response.error.is_none());

        let refused = r#"{"result":null,"error":{"code":-28,"message":"Loading"},"id":1}"#;
        let response: RpcResponse<BlockTemplate> = serde_json::from_str(refused).unwrap();
        assert_eq!(response.error, Some(RpcError { code: -28, message: "Loading".into() }));
    }
}
