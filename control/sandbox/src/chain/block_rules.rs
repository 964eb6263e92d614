//! Rules that a whole block must meet before its transactions are looked at one by one.

use bitcoin::blockdata::constants::WITNESS_SCALE_FACTOR;
use bitcoin::hashes::Hash;
use bitcoin::script::Builder;
use bitcoin::{
    Block, ScriptBuf, Transaction, TxMerkleNode, VarInt, WitnessCommitment, WitnessMerkleNode,
    Wtxid,
};

use super::limits::{BLOCK_SIGOPS_COST_MAX, BLOCK_WEIGHT_MAX};
use super::rejection::{Rejection, TransactionFault};
use super::{merkle, transaction_rules};

/// First bytes of the output script that commits to the witnesses: `OP_RETURN`, a push of 36
/// bytes, and the magic (BIP141).
const COMMITMENT_PREFIX: [u8; 6] = [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed];

/// Bytes of that script up to the end of the commitment; more may follow.
const COMMITMENT_BYTES_MIN: usize = 38;

/// Bytes of a serialized header.
const HEADER_BYTES: usize = 80;

/// Checks what needs no context, apart from the proof of work.
///
/// # Errors
/// The first fault, in the order of Bitcoin Core's `CheckBlock`.
pub(super) fn check(block: &Block) -> Result<(), Rejection> {
    let txids = block.txdata.iter().map(|tx| tx.compute_txid().to_raw_hash()).collect();
    let (root, mutated) = merkle::root(txids).ok_or(Rejection::Length)?;
    if TxMerkleNode::from_raw_hash(root) != block.header.merkle_root {
        return Err(Rejection::MerkleRoot);
    }
    if mutated {
        return Err(Rejection::DuplicateTransactions);
    }
    if stripped_bytes(block) * WITNESS_SCALE_FACTOR > BLOCK_WEIGHT_MAX {
        return Err(Rejection::Length);
    }
    let (coinbase, others) = block.txdata.split_first().ok_or(Rejection::Length)?;
    if !coinbase.is_coinbase() {
        return Err(Rejection::CoinbaseMissing);
    }
    if others.iter().any(Transaction::is_coinbase) {
        return Err(Rejection::CoinbaseMultiple);
    }
    for transaction in &block.txdata {
        transaction_rules::check(transaction)
            .map_err(|fault| Rejection::Transaction { txid: transaction.compute_txid(), fault })?;
    }
    let script_bytes = coinbase.input[0].script_sig.len();
    if !(2..=100).contains(&script_bytes) {
        return Err(Rejection::CoinbaseLength(script_bytes));
    }
    // Without the spent outputs only the scripts in the block itself are counted.
    let sigops: usize = block.txdata.iter().map(|tx| tx.total_sigop_cost(|_| None)).sum();
    if sigops > BLOCK_SIGOPS_COST_MAX {
        return Err(Rejection::Sigops);
    }
    Ok(())
}

/// Checks what depends on the block's height and on its parent's median time past, but not on
/// the coins.
///
/// # Errors
/// The first fault, in the order of Bitcoin Core's `ContextualCheckBlock`.
pub(super) fn check_in_context(
    block: &Block,
    height: u32,
    parent_median_time: u32,
) -> Result<(), Rejection> {
    for transaction in &block.txdata {
        if !transaction_rules::is_final(transaction, height, parent_median_time) {
            let fault = TransactionFault::NotFinal;
            return Err(Rejection::Transaction { txid: transaction.compute_txid(), fault });
        }
    }
    let coinbase_script = &block.txdata[0].input[0].script_sig;
    if !coinbase_script.as_bytes().starts_with(height_script(height).as_bytes()) {
        return Err(Rejection::CoinbaseHeight(height));
    }
    check_witnesses(block)?;
    if block.weight().to_wu() > BLOCK_WEIGHT_MAX as u64 {
        return Err(Rejection::Weight);
    }
    Ok(())
}

/// The bytes that a coinbase's scriptSig begins with at `height` (BIP34).
pub(super) fn height_script(height: u32) -> ScriptBuf {
    Builder::new().push_int(i64::from(height)).into_script()
}

/// Bytes of a block without its witnesses.
pub(crate) fn stripped_bytes(block: &Block) -> usize {
    let transactions: usize = block.txdata.iter().map(Transaction::base_size).sum();
    HEADER_BYTES + VarInt::from(block.txdata.len()).size() + transactions
}

/// Checks the commitment to the witnesses (BIP141). Stricter than `submitblock` of Bitcoin Core,
/// which puts a missing reserved value into the coinbase: no other way to the network does.
fn check_witnesses(block: &Block) -> Result<(), Rejection> {
    let coinbase = &block.txdata[0];
    let commitment = coinbase.output.iter().rev().map(|output| output.script_pubkey.as_bytes());
    let Some(commitment) = commitment
        .filter(|script| script.len() >= COMMITMENT_BYTES_MIN)
        .find(|script| script.starts_with(&COMMITMENT_PREFIX))
    else {
        let has_witness = |tx: &Transaction| tx.input.iter().any(|input| !input.witness.is_empty());
        return if block.txdata.iter().any(has_witness) {
            Err(Rejection::UnexpectedWitness)
        } else {
            Ok(())
        };
    };
    let witness = &coinbase.input[0].witness;
    let reserved_value: [u8; 32] = match (witness.len(), witness.last()) {
        (1, Some(value)) => value.try_into().map_err(|_| Rejection::WitnessNonceSize)?,
        _ => return Err(Rejection::WitnessNonceSize),
    };
    let wtxids = block.txdata[1..].iter().map(Transaction::compute_wtxid);
    let expected = commitment_script(wtxids, &reserved_value);
    if commitment[..COMMITMENT_BYTES_MIN] == *expected.as_bytes() {
        Ok(())
    } else {
        Err(Rejection::WitnessCommitment)
    }
}

/// The output script that commits to the witnesses of `wtxids`, the coinbase's excluded.
pub(super) fn commitment_script(
    wtxids: impl Iterator<Item = Wtxid>,
    reserved_value: &[u8; 32],
) -> ScriptBuf {
    // The coinbase's own leaf is zero, since it cannot commit to itself.
    let leaves = std::iter::once(Wtxid::all_zeros()).chain(wtxids).map(Wtxid::to_raw_hash);
    let (root, _) = merkle::root(leaves.collect()).expect("the coinbase is a leaf");
    let root = WitnessMerkleNode::from_raw_hash(root);
    let commitment: WitnessCommitment = Block::compute_witness_commitment(&root, reserved_value);
    let mut script = COMMITMENT_PREFIX.to_vec();
    script.extend_from_slice(commitment.as_byte_array());
    ScriptBuf::from_bytes(script)
}
