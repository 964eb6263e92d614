//! Methods about the node itself and its mempool.

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Network};
use serde_json::{Value, json};

use super::answers;
use super::envelope::{RpcError, code};
use super::parameters::Parameters;
use super::state::NodeState;

/// The release of Bitcoin Core whose surface the sandbox follows, as `getnetworkinfo` counts.
const CORE_VERSION: u32 = 290_000;

/// Protocol version of that release.
const PROTOCOL_VERSION: u32 = 70_016;

/// Fee rate of Bitcoin Core's default relay policy, in bitcoin per 1,000 virtual bytes.
const RELAY_FEE_RATE: f64 = 0.000_01;

/// Bytes that Bitcoin Core's mempool may take by default.
const MEMPOOL_BYTES_DEFAULT: u64 = 300_000_000;

/// `getnetworkinfo`. There is no network, so every count is zero.
pub(super) fn network_overview() -> Value {
    json!({
        "version": CORE_VERSION,
        "subversion": concat!("/sluice-sandbox:", env!("CARGO_PKG_VERSION"), "/"),
        "protocolversion": PROTOCOL_VERSION,
        "localservices": "0000000000000000",
        "localservicesnames": [],
        "localrelay": false,
        "timeoffset": 0,
        "connections": 0,
        "connections_in": 0,
        "connections_out": 0,
        "networkactive": false,
        "networks": [],
        "relayfee": RELAY_FEE_RATE,
        "incrementalfee": RELAY_FEE_RATE,
        "localaddresses": [],
        "warnings": [],
    })
}

/// `getmempoolinfo`
pub(super) fn mempool_overview(state: &NodeState) -> Value {
    let totals = state.chain().mempool_totals();
    json!({
        "loaded": true,
        "size": totals.transactions,
        "bytes": totals.virtual_bytes,
        "usage": totals.virtual_bytes,
        "total_fee": answers::bitcoins(totals.fees),
        "maxmempool": MEMPOOL_BYTES_DEFAULT,
        "mempoolminfee": RELAY_FEE_RATE,
        "minrelaytxfee": RELAY_FEE_RATE,
        "incrementalrelayfee": RELAY_FEE_RATE,
        "unbroadcastcount": 0,
        "fullrbf": true,
    })
}

/// `getrawmempool ( verbose )`, which is not verbose here.
pub(super) fn raw_mempool(state: &NodeState, params: &Parameters) -> Result<Value, RpcError> {
    if params.boolean_or(0, false)? {
        let message = "the sandbox answers no verbose mempool; leave the parameter out";
        return Err(RpcError::new(code::INVALID_PARAMETER, message));
    }
    Ok(state.chain().mempool_txids().map(|txid| json!(txid.to_string())).collect())
}

/// `validateaddress address`, for addresses of regtest.
pub(super) fn validate_address(params: &Parameters) -> Result<Value, RpcError> {
    let text = params.string(0, "address")?;
    let parsed = text
        .parse::<Address<NetworkUnchecked>>()
        .and_then(|address| address.require_network(Network::Regtest));
    let address = match parsed {
        Ok(address) => address,
        Err(error) => {
            let error = error.to_string();
            return Ok(json!({"isvalid": false, "error_locations": [], "error": error}));
        }
    };
    let script = address.script_pubkey();
    let mut answer = json!({
        "isvalid": true,
        "address": address.to_string(),
        "scriptPubKey": script.to_hex_string(),
        "isscript": script.is_p2sh() || script.is_p2wsh() || script.is_p2tr(),
        "iswitness": script.is_witness_program(),
    });
    if let Some(program) = address.witness_program() {
        answer["witness_version"] = json!(program.version().to_num());
        let hex: String =
            program.program().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        answer["witness_program"] = json!(hex);
    }
    Ok(answer)
}
