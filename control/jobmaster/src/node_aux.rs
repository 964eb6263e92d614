//! Calls to the nodes of other chains: what to work on, and blocks for them.

use serde::Deserialize;
use serde_json::{Value, json};
use sluice_control_core::AuxAnswer;
use sluice_mining::merged::{AuxKind, AuxSubmission, AuxWork};
use sluice_units::{CompactTarget, Hash256, Name, Target, hex};

use crate::node::{Node, NodeError};

/// How a chain's node is spoken to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum AuxProtocol {
    /// `createauxblock` for an address of the chain, `submitauxblock`.
    AuxPow { address: String },
    /// `mnr_getWork`, `mnr_submitBitcoinBlockPartialMerkle`.
    Rsk,
}

/// The node of another chain.
#[derive(Clone, Debug)]
pub(crate) struct AuxNode {
    pub(crate) chain: Name,
    pub(crate) protocol: AuxProtocol,
    pub(crate) node: Node,
}

/// The answer of `createauxblock`, as far as it matters.
#[derive(Deserialize, Debug)]
struct AuxBlock {
    hash: String,
    chainid: u32,
    /// The target in four bytes.
    #[serde(default)]
    bits: Option<String>,
    /// The target, least significant byte first; not every chain gives `bits`.
    #[serde(default, rename = "_target")]
    target: Option<String>,
}

/// The answer of `mnr_getWork`, as far as it matters.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
struct RskWork {
    block_hash_for_merged_mining: String,
    target: String,
}

impl AuxNode {
    /// What the chain wants work on.
    pub(crate) async fn work(&self) -> Result<AuxWork, NodeError> {
        let chain = self.chain.clone();
        match &self.protocol {
            AuxProtocol::AuxPow { address } => {
                let block: AuxBlock = self.node.require("createauxblock", json!([address])).await?;
                let hash = block.hash.parse().map_err(|error| self.node.not_a_node(&error))?;
                let target = aux_target(&block)
                    .ok_or_else(|| self.node.not_a_node(&"its auxiliary block has no target"))?;
                let kind = AuxKind::AuxPow { chain_id: block.chainid };
                Ok(AuxWork { chain, kind, hash, target })
            }
            AuxProtocol::Rsk => {
                let work: RskWork = self.node.require("mnr_getWork", json!([])).await?;
                let bytes = |text: &str| -> Option<[u8; 32]> { prefixed(text)?.try_into().ok() };
                let read = (bytes(&work.block_hash_for_merged_mining), bytes(&work.target));
                let (Some(mut hash), Some(target)) = read else {
                    return Err(self
                        .node
                        .not_a_node(&"its work has no hash and target of 32 bytes"));
                };
                hash.reverse();
                let (hash, target) = (Hash256::from_bytes(hash), Target::from_be_bytes(target));
                Ok(AuxWork { chain, kind: AuxKind::Rsk, hash, target })
            }
        }
    }

    /// Hands a block to the chain.
    pub(crate) async fn submit(&self, submission: &AuxSubmission) -> AuxAnswer {
        let answer = match submission {
            AuxSubmission::AuxPow { hash, proof } => {
                let params = json!([hash.to_string(), hex::encode(proof)]);
                self.node.call::<Value>("submitauxblock", params).await
            }
            AuxSubmission::Rsk { hash, header, coinbase, merkle_branch, transactions } => {
                let branch: Vec<String> = merkle_branch.iter().map(ToString::to_string).collect();
                let params = json!([
                    format!("0x{hash}"),
                    hex::encode(header),
                    hex::encode(coinbase),
                    branch.join(" "),
                    format!("{transactions:x}"),
                ]);
                self.node.call::<Value>("mnr_submitBitcoinBlockPartialMerkle", params).await
            }
        };
        match answer {
            Ok(result) => answer_of(result.as_ref()),
            Err(NodeError::Refused { message, .. }) => AuxAnswer::Refused(message),
            Err(_) => AuxAnswer::Failed,
        }
    }
}

fn aux_target(block: &AuxBlock) -> Option<Target> {
    if let Some(bits) = &block.bits {
        let bits = u32::from_str_radix(bits, 16).ok()?;
        return CompactTarget::from_bits(bits).to_target();
    }
    let mut bytes: [u8; 32] = hex::decode(block.target.as_ref()?)?.try_into().ok()?;
    bytes.reverse();
    Some(Target::from_be_bytes(bytes))
}

fn prefixed(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x").unwrap_or(text))
}

/// Namecoin's kind answers whether the block was taken; RSK's says what became of it.
fn answer_of(result: Option<&Value>) -> AuxAnswer {
    let imported = |value: &Value| {
        let result = value.get("blockImportedResult")?.as_str()?;
        Some(result.starts_with("IMPORTED") || result == "EXIST")
    };
    match result {
        Some(Value::Bool(true)) => AuxAnswer::Taken,
        Some(value) if imported(value) == Some(true) => AuxAnswer::Taken,
        Some(value) => AuxAnswer::Refused(value.to_string()),
        None => AuxAnswer::Refused("it says nothing, as to a block that it does not know".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_nodes_answer() {
        let read = |value: Value| aux_target(&serde_json::from_value(value).unwrap());
        let by_bits = json!({"hash": "00", "chainid": 1, "bits": "1d00ffff", "height": 3});
        let target = CompactTarget::from_bits(0x1d00_ffff).to_target();
        assert_eq!(read(by_bits), target);
        let little_endian = format!("{}ffff00000000", "00".repeat(26));
        let by_target = json!({"hash": "00", "chainid": 1, "_target": little_endian});
        assert_eq!(read(by_target), target);
        assert_eq!(read(json!({"hash": "00", "chainid": 1})), None);
        assert_eq!(read(json!({"hash": "00", "chainid": 1, "bits": "zz"})), None);
        assert_eq!(prefixed("0x0a"), Some(vec![10]));
    }

    #[test]
    fn tells_what_was_taken_from_what_was_not() {
        for (answer, taken) in [
            (json!(true), true),
            (json!({"blockImportedResult": "IMPORTED_BEST", "blockHash": "0x1"}), true),
            (json!({"blockImportedResult": "IMPORTED_NOT_BEST"}), true),
            (json!({"blockImportedResult": "INVALID_BLOCK"}), false),
            (json!(false), false),
            (json!("nonsense"), false),
        ] {
            assert_eq!(answer_of(Some(&answer)) == AuxAnswer::Taken, taken, "{answer}");
        }
        assert!(matches!(answer_of(None), AuxAnswer::Refused(_)));
    }
}
