//! Rules that one transaction must meet, with or without its place in the chain.

use std::collections::BTreeSet;

use bitcoin::absolute::LockTime;
use bitcoin::blockdata::constants::WITNESS_SCALE_FACTOR;
use bitcoin::{Amount, Transaction};

use super::limits::BLOCK_WEIGHT_MAX;
use super::rejection::TransactionFault;

/// Checks what needs no context, for a coinbase as for any other.
///
/// # Errors
/// The first fault, in the order of Bitcoin Core's `CheckTransaction`.
pub(super) fn check(transaction: &Transaction) -> Result<(), TransactionFault> {
    if transaction.input.is_empty() {
        return Err(TransactionFault::NoInputs);
    }
    if transaction.output.is_empty() {
        return Err(TransactionFault::NoOutputs);
    }
    if transaction.base_size() * WITNESS_SCALE_FACTOR > BLOCK_WEIGHT_MAX {
        return Err(TransactionFault::Oversize);
    }
    check_output_values(transaction)?;
    let mut seen = BTreeSet::new();
    if !transaction.input.iter().all(|input| seen.insert(input.previous_output)) {
        return Err(TransactionFault::InputsDuplicate);
    }
    let spends_null = transaction.input.iter().any(|input| input.previous_output.is_null());
    if spends_null && !transaction.is_coinbase() {
        return Err(TransactionFault::InputNull);
    }
    Ok(())
}

fn check_output_values(transaction: &Transaction) -> Result<(), TransactionFault> {
    let mut total = Amount::ZERO;
    for output in &transaction.output {
        // On the wire a value is signed, in the library it is not.
        if output.value.to_sat() > i64::MAX as u64 {
            return Err(TransactionFault::OutputNegative);
        }
        if output.value > Amount::MAX_MONEY {
            return Err(TransactionFault::OutputTooLarge);
        }
        // Both are at most 21 million bitcoin, so the sum cannot overflow.
        total += output.value;
        if total > Amount::MAX_MONEY {
            return Err(TransactionFault::OutputTotalTooLarge);
        }
    }
    Ok(())
}

/// Whether the absolute lock time allows the transaction at `height`, where the parent's median
/// time past is `median_time` (BIP113).
pub(super) fn is_final(transaction: &Transaction, height: u32, median_time: u32) -> bool {
    let reached = match transaction.lock_time {
        LockTime::Blocks(lock_height) => lock_height.to_consensus_u32() < height,
        LockTime::Seconds(lock_time) => lock_time.to_consensus_u32() < median_time,
    };
    // A lock time of zero is a height that every block is above; genesis is never checked.
    reached || !transaction.is_lock_time_enabled()
}

/// Whether an input has a relative lock time (BIP68), which the sandbox cannot check.
pub(super) fn has_relative_lock(transaction: &Transaction) -> bool {
    transaction.version.0 as u32 >= 2
        && transaction.input.iter().any(|input| input.sequence.is_relative_lock_time())
}
