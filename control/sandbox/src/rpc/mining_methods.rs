//! Methods that a pool mines with.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bitcoin::BlockHash;
use serde_json::{Value, json};

use super::answers;
use super::envelope::{RpcError, code};
use super::parameters::{Parameters, parse_block_bytes, parse_block_hash, type_error};
use super::state::{NodeState, unix_time_seconds};
use crate::chain::{Placement, Rejection};

/// A long poll is answered after this time at the latest, with a template of the same tip.
const LONG_POLL_WAIT_MAX: Duration = Duration::from_secs(60);

/// Hex digits of the tip's hash at the start of a long poll id.
const LONG_POLL_HASH_DIGITS: usize = 64;

/// `getblocktemplate template_request`, in the modes `template` and `proposal`.
pub(super) async fn block_template(
    state: &NodeState,
    params: &Parameters,
) -> Result<Value, RpcError> {
    let empty = Value::Null;
    let request = params.get(0).unwrap_or(&empty);
    if !(request.is_object() || request.is_null()) {
        return Err(type_error(request, "object"));
    }
    match request.get("mode").filter(|mode| !mode.is_null()).map(Value::as_str) {
        None | Some(Some("template")) => {}
        Some(Some("proposal")) => return proposal(state, request),
        Some(_) => return Err(RpcError::new(code::INVALID_PARAMETER, "Invalid mode")),
    }
    // Bitcoin Core waits first and looks at the rules after; a client learns it sooner this way.
    let rules = request.get("rules").and_then(Value::as_array);
    if !rules.is_some_and(|rules| rules.iter().any(|rule| rule == "segwit")) {
        let message = "getblocktemplate must be called with the segwit rule set \
                       (call with {\"rules\": [\"segwit\"]})";
        return Err(RpcError::new(code::INVALID_PARAMETER, message));
    }
    if let Some(long_poll_id) = request.get("longpollid").filter(|id| !id.is_null()) {
        wait_for_other_tip(state, long_poll_id).await?;
    }
    let template = state.chain().block_template(unix_time_seconds());
    Ok(answers::template(&template))
}

/// Returns when the tip is not the one that the long poll id names (BIP22, long polling).
async fn wait_for_other_tip(state: &NodeState, long_poll_id: &Value) -> Result<(), RpcError> {
    let mut tip = state.subscribe_tip();
    let watched: BlockHash = match long_poll_id.as_str() {
        Some(id) => {
            let hash = id.get(..LONG_POLL_HASH_DIGITS).unwrap_or(id);
            parse_block_hash(hash, "longpollid")?
        }
        // What is no string stands for the tip of now, as in Bitcoin Core.
        None => *tip.borrow(),
    };
    let Ok(_permit) = state.long_poll_permits.try_acquire() else {
        state.long_polls_cut.fetch_add(1, Ordering::Relaxed);
        return Ok(());
    };
    let mut stopping = state.stopping();
    tokio::select! {
        // A closed channel means a stop as well.
        _ = stopping.wait_for(|stopping| *stopping) => {
            Err(RpcError::new(code::CLIENT_NOT_CONNECTED, "Shutting down"))
        }
        // The channel lives as long as the state; only the time can run out.
        _ = tokio::time::timeout(LONG_POLL_WAIT_MAX, tip.wait_for(|tip| *tip != watched)) => Ok(()),
    }
}

/// Checks a block without proof of work (BIP23).
fn proposal(state: &NodeState, request: &Value) -> Result<Value, RpcError> {
    let Some(data) = request.get("data").and_then(Value::as_str) else {
        return Err(RpcError::new(code::TYPE_ERROR, "Missing data String key for proposal"));
    };
    let block_bytes = parse_block_bytes(data)?;
    let verdict = state.chain().check_proposal(&block_bytes, unix_time_seconds());
    verdict.map_or_else(|rejection| rejected(&rejection), |()| Ok(Value::Null))
}

/// `submitblock hexdata ( dummy )`
pub(super) fn submit_block(state: &NodeState, params: &Parameters) -> Result<Value, RpcError> {
    let block_bytes = parse_block_bytes(params.string(0, "hexdata")?)?;
    match state.submit(&block_bytes) {
        Ok(accepted) => {
            let height = accepted.height;
            tracing::info!(hash = %accepted.hash, height, placement = ?accepted.placement, "block");
            Ok(match accepted.placement {
                Placement::Tip { .. } => Value::Null,
                Placement::SideBranch => json!("inconclusive"),
            })
        }
        Err(rejection) => {
            tracing::warn!(reason = %rejection.reason(), %rejection, "block refused");
            rejected(&rejection)
        }
    }
}

/// What BIP22 answers: a reject string is a result, and only unreadable bytes are an error.
fn rejected(rejection: &Rejection) -> Result<Value, RpcError> {
    let reason = rejection.reason();
    match rejection {
        Rejection::Undecodable(_) => Err(RpcError::new(code::DESERIALIZATION_ERROR, reason)),
        _ => Ok(json!(reason)),
    }
}

/// `getmininginfo`
pub(super) fn mining_overview(state: &NodeState) -> Value {
    let chain = state.chain();
    let target = chain.target();
    let bits = answers::bits_hex(target.to_compact_lossy());
    let height = chain.summary().height;
    json!({
        "blocks": height,
        "bits": bits,
        "difficulty": target.difficulty_float(),
        "target": answers::target_hex(target),
        "networkhashps": chain.network_hashrate(),
        "pooledtx": chain.mempool_totals().transactions,
        "chain": answers::CHAIN_NAME,
        "next": {
            "height": height + 1,
            "bits": bits,
            "difficulty": target.difficulty_float(),
            "target": answers::target_hex(target),
        },
        "warnings": [],
    })
}
