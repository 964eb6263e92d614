//! Methods about blocks of the chain.

use bitcoin::BlockHash;
use bitcoin::consensus::encode::serialize_hex;
use serde_json::{Value, json};

use super::answers;
use super::envelope::{RpcError, code};
use super::parameters::{Parameters, type_error};
use super::state::NodeState;
use crate::chain::{BlockView, Chain};

/// `getblockhash height`
pub(super) fn block_hash(state: &NodeState, params: &Parameters) -> Result<Value, RpcError> {
    let height = u32::try_from(params.integer(0, "height")?).ok();
    let hash = height.and_then(|height| state.chain().block_hash(height));
    hash.map(|hash| json!(hash.to_string()))
        .ok_or_else(|| RpcError::new(code::INVALID_PARAMETER, "Block height out of range"))
}

/// `getblockheader blockhash ( verbose )`
pub(super) fn block_header(state: &NodeState, params: &Parameters) -> Result<Value, RpcError> {
    let hash = params.block_hash(0, "hash")?;
    let verbose = params.boolean_or(1, true)?;
    let chain = state.chain();
    let view = find(&chain, &hash)?;
    Ok(if verbose { answers::header(&hash, &view) } else { json!(serialize_hex(view.header)) })
}

/// `getblock blockhash ( verbosity )`, with verbosity 0 and 1.
pub(super) fn block(state: &NodeState, params: &Parameters) -> Result<Value, RpcError> {
    let hash = params.block_hash(0, "blockhash")?;
    let verbosity = match params.get(1) {
        None => 1,
        Some(Value::Bool(verbose)) => i64::from(*verbose),
        Some(value) => value.as_i64().ok_or_else(|| type_error(value, "number"))?,
    };
    if verbosity > 1 {
        let message = "the sandbox answers verbosity 0 and 1; take the hex and decode it";
        return Err(RpcError::new(code::INVALID_PARAMETER, message));
    }
    let chain = state.chain();
    let view = find(&chain, &hash)?;
    let answer = if verbosity == 1 {
        answers::block(&hash, &view)
    } else {
        view.block.map(|block| json!(serialize_hex(block)))
    };
    answer.ok_or_else(|| RpcError::new(code::MISC_ERROR, "Block not available (pruned data)"))
}

/// `getblockchaininfo`
pub(super) fn chain_overview(state: &NodeState) -> Value {
    let chain = state.chain();
    let summary = chain.summary();
    let tip = chain.block(&summary.best_block_hash).expect("the tip is known");
    let prune_height = chain.lowest_body_height();
    let mut answer = json!({
        "chain": answers::CHAIN_NAME,
        "blocks": summary.height,
        "headers": summary.height,
        "bestblockhash": summary.best_block_hash.to_string(),
        "bits": answers::bits_hex(tip.header.bits),
        "target": answers::target_hex(tip.header.target()),
        "difficulty": tip.header.difficulty_float(),
        "time": tip.header.time,
        "mediantime": tip.median_time,
        "verificationprogress": 1,
        "initialblockdownload": false,
        "chainwork": format!("{:064x}", tip.chain_work),
        "size_on_disk": 0,
        "pruned": prune_height > 0,
        "warnings": [],
    });
    if prune_height > 0 {
        answer["pruneheight"] = json!(prune_height);
        answer["automatic_pruning"] = json!(true);
    }
    answer
}

fn find<'chain>(chain: &'chain Chain, hash: &BlockHash) -> Result<BlockView<'chain>, RpcError> {
    let unknown = || RpcError::new(code::INVALID_ADDRESS_OR_KEY, "Block not found");
    chain.block(hash).ok_or_else(unknown)
}
