//! Chain values in the JSON shapes of Bitcoin Core.

use bitcoin::consensus::encode::serialize_hex;
use bitcoin::{Amount, BlockHash, CompactTarget, Target};
use serde_json::{Value, json};

use crate::chain::limits::{BLOCK_SIGOPS_COST_MAX, BLOCK_WEIGHT_MAX};
use crate::chain::{BlockView, Template, TemplateTransaction, stripped_bytes};

/// Name that Bitcoin Core gives to the chain whose rules these are.
pub(super) const CHAIN_NAME: &str = "regtest";

/// Compact target as eight hex digits.
pub(super) fn bits_hex(bits: CompactTarget) -> String {
    format!("{:08x}", bits.to_consensus())
}

/// Target as 64 hex digits, most significant first.
pub(super) fn target_hex(target: Target) -> String {
    format!("{target:064x}")
}

/// An amount in bitcoin, for the methods that answer in these.
pub(super) fn bitcoins(amount: Amount) -> f64 {
    amount.to_btc()
}

/// `getblockheader` with verbosity.
pub(super) fn header(hash: &BlockHash, view: &BlockView<'_>) -> Value {
    let header = view.header;
    let version = header.version.to_consensus();
    let mut answer = json!({
        "hash": hash.to_string(),
        "confirmations": view.confirmations,
        "height": view.height,
        "version": version,
        "versionHex": format!("{version:08x}"),
        "merkleroot": header.merkle_root.to_string(),
        "time": header.time,
        "mediantime": view.median_time,
        "nonce": header.nonce,
        "bits": bits_hex(header.bits),
        "target": target_hex(header.target()),
        "difficulty": header.difficulty_float(),
        "chainwork": format!("{:064x}", view.chain_work),
        "nTx": view.transaction_count,
    });
    // The genesis block has no parent, and the tip no child.
    if view.height > 0 {
        answer["previousblockhash"] = json!(header.prev_blockhash.to_string());
    }
    if let Some(next) = view.next {
        answer["nextblockhash"] = json!(next.to_string());
    }
    answer
}

/// `getblock` with verbosity 1; `None` if the block is pruned.
pub(super) fn block(hash: &BlockHash, view: &BlockView<'_>) -> Option<Value> {
    let block = view.block?;
    let txids: Vec<Value> =
        block.txdata.iter().map(|tx| json!(tx.compute_txid().to_string())).collect();
    let mut answer = header(hash, view);
    answer["strippedsize"] = json!(stripped_bytes(block));
    answer["size"] = json!(block.total_size());
    answer["weight"] = json!(block.weight().to_wu());
    answer["tx"] = Value::Array(txids);
    Some(answer)
}

/// `getblocktemplate` (BIP22, BIP23, BIP145).
pub(super) fn template(template: &Template) -> Value {
    let transactions: Vec<Value> = template.transactions.iter().map(transaction).collect();
    json!({
        "capabilities": ["proposal"],
        "version": template.version,
        "rules": ["csv", "!segwit", "taproot"],
        "vbavailable": {},
        "vbrequired": 0,
        "previousblockhash": template.previous_block_hash.to_string(),
        "transactions": transactions,
        "coinbaseaux": {},
        "coinbasevalue": template.coinbase_value.to_sat(),
        "longpollid": template.long_poll_id,
        "target": target_hex(template.target),
        "mintime": template.min_time,
        "mutable": ["time", "transactions", "prevblock"],
        "noncerange": "00000000ffffffff",
        "sigoplimit": BLOCK_SIGOPS_COST_MAX,
        "sizelimit": BLOCK_WEIGHT_MAX,
        "weightlimit": BLOCK_WEIGHT_MAX,
        "curtime": template.current_time,
        "bits": bits_hex(template.bits),
        "height": template.height,
        "default_witness_commitment": template.default_witness_commitment.to_hex_string(),
    })
}

fn transaction(entry: &TemplateTransaction) -> Value {
    json!({
        "data": serialize_hex(&entry.transaction),
        "txid": entry.txid.to_string(),
        "hash": entry.wtxid.to_string(),
        "depends": entry.depends,
        "fee": entry.fee.to_sat(),
        "sigops": entry.sigops,
        "weight": entry.weight,
    })
}
