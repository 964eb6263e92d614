//! Blocks in which one transaction is wrong.

use bitcoin::absolute::LockTime;
use bitcoin::{Amount, Block, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness};

use crate::mining::*;

/// Changes a whole block whose coinbase takes no fees, and returns why it is refused.
fn refused_block(change: impl FnOnce(&mut Block)) -> String {
    let mut chain = chain();
    extend(&mut chain, 1);
    let mut block = draft(&chain.block_template(NOW));
    block.txdata[0].output[0].value = Amount::ZERO;
    seal(&mut block);
    let good = block.clone();
    change(&mut block);
    seal(&mut block);
    let tip = chain.summary().best_block_hash;
    let reason = submit(&mut chain, &block).unwrap_err().reason().into_owned();
    assert_eq!(chain.summary().best_block_hash, tip);
    submit(&mut chain, &good).unwrap();
    reason
}

/// The last transaction of a block is one that no other depends on.
fn refused(change: impl FnOnce(&mut Transaction)) -> String {
    refused_block(|block| change(block.txdata.last_mut().unwrap()))
}

/// A transaction that spends the first output of `parent` without any witness.
fn child(parent: &Transaction, script_pubkey: ScriptBuf) -> Transaction {
    let value = parent.output[0].value - Amount::from_sat(1_000);
    let mut child = coinbase(0, value, 0);
    child.input[0] = TxIn {
        previous_output: OutPoint { txid: parent.compute_txid(), vout: 0 },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::MAX,
        witness: Witness::new(),
    };
    child.output[0].script_pubkey = script_pubkey;
    child
}

/// Appends a transaction with an output of `script_pubkey`, and one that spends it as `change`
/// says.
fn refused_spend(script_pubkey: ScriptBuf, change: impl FnOnce(&mut TxIn)) -> String {
    refused_block(|block| {
        let last = block.txdata.last_mut().unwrap();
        last.output[0].script_pubkey = script_pubkey;
        let mut spend = child(last, true_script());
        change(&mut spend.input[0]);
        block.txdata.push(spend);
    })
}

#[test]
fn no_outputs() {
    assert_eq!(refused(|transaction| transaction.output.clear()), "bad-txns-vout-empty");
}

#[test]
fn output_values() {
    let set = |value: u64| move |tx: &mut Transaction| tx.output[0].value = Amount::from_sat(value);
    assert_eq!(refused(set(u64::MAX)), "bad-txns-vout-negative");
    assert_eq!(refused(set(i64::MAX as u64)), "bad-txns-vout-toolarge");
    assert_eq!(refused(set(21_000_000 * 100_000_000)), "bad-txns-in-belowout");
    let twice = |transaction: &mut Transaction| {
        let output =
            TxOut { value: Amount::from_int_btc(11_000_000), script_pubkey: true_script() };
        transaction.output = vec![output.clone(), output];
    };
    assert_eq!(refused(twice), "bad-txns-txouttotal-toolarge");
}

#[test]
fn inputs_repeated_in_one_transaction() {
    let change = |transaction: &mut Transaction| {
        let first = transaction.input[0].clone();
        transaction.input.push(first);
    };
    assert_eq!(refused(change), "bad-txns-inputs-duplicate");
}

#[test]
fn null_input_beside_another() {
    let change = |transaction: &mut Transaction| {
        let mut null = transaction.input[0].clone();
        null.previous_output = OutPoint::null();
        transaction.input.push(null);
    };
    assert_eq!(refused(change), "bad-txns-prevout-null");
}

#[test]
fn unknown_input() {
    let change = |transaction: &mut Transaction| transaction.input[0].previous_output.vout = 9_999;
    assert_eq!(refused(change), "bad-txns-inputs-missingorspent");
}

#[test]
fn double_spends_in_one_block() {
    // Of a coin of an earlier block.
    let reason = refused_block(|block| {
        let mut again = block.txdata[1].clone();
        again.output[0].value -= Amount::ONE_SAT;
        block.txdata.push(again);
    });
    assert_eq!(reason, "bad-txns-inputs-missingorspent");
    // Of a coin of the block itself.
    let reason = refused_block(|block| {
        let last = block.txdata.last_mut().unwrap();
        last.output[0].script_pubkey = true_script();
        let first = child(last, true_script());
        let mut second = first.clone();
        second.output[0].value -= Amount::ONE_SAT;
        block.txdata.extend([first, second]);
    });
    assert_eq!(reason, "bad-txns-inputs-missingorspent");
}

#[test]
fn spends_come_after_what_they_spend() {
    let reason = refused_block(|block| {
        let mut parent = block.txdata.pop().unwrap();
        parent.output[0].script_pubkey = true_script();
        let spend = child(&parent, true_script());
        block.txdata.extend([spend, parent]);
    });
    assert_eq!(reason, "bad-txns-inputs-missingorspent");
}

#[test]
fn a_confirmed_transaction_does_not_return() {
    let mut chain = chain();
    let first = next_block(&chain);
    submit(&mut chain, &first).unwrap();
    let mut block = draft(&chain.block_template(NOW));
    block.txdata.push(first.txdata[1].clone());
    seal(&mut block);
    let rejection = submit(&mut chain, &block).unwrap_err();
    assert_eq!(rejection.reason(), "bad-txns-inputs-missingorspent");
}

#[test]
fn immature_coinbase_of_the_same_block() {
    let mut chain = chain();
    let parent = chain.summary().best_block_hash;
    let mut block = empty_block(parent, 1, NOW as u32, 5_000_000_000, 0);
    // Neither transaction has a witness, so that no commitment changes the coinbase's txid.
    let spend = child(&block.txdata[0], true_script());
    block.txdata.push(spend);
    set_merkle_root(&mut block);
    solve(&mut block);
    let rejection = submit(&mut chain, &block).unwrap_err();
    assert_eq!(rejection.reason(), "bad-txns-premature-spend-of-coinbase");
}

#[test]
fn lock_times() {
    let lock = |lock_time| move |transaction: &mut Transaction| transaction.lock_time = lock_time;
    // The block is of height 2, and a lock must lie below.
    assert_eq!(refused(lock(LockTime::from_height(2).unwrap())), "bad-txns-nonfinal");
    let median_time = config().genesis_time;
    let ahead = LockTime::from_time(median_time + 1_000).unwrap();
    assert_eq!(refused(lock(ahead)), "bad-txns-nonfinal");
    let relative = |transaction: &mut Transaction| transaction.input[0].sequence = Sequence(1);
    assert_eq!(refused(relative), "sandbox-unsupported-relative-lock");
}

#[test]
fn witness_script_hash_spends() {
    let locking = true_script().to_p2wsh();
    let mandatory = |cause| format!("mandatory-script-verify-flag-failed ({cause})");
    let reason = refused_spend(locking.clone(), |_| {});
    assert_eq!(reason, mandatory("Witness program was passed an empty witness"));
    let reason =
        refused_spend(locking.clone(), |input| input.witness = Witness::from_slice(&[[0x52]]));
    assert_eq!(reason, mandatory("Witness program hash mismatch"));
    let reason = refused_spend(locking.clone(), |input| {
        input.witness = Witness::from_slice(&[[0x51], [0x51]]);
    });
    assert_eq!(reason, mandatory("Stack size must be exactly one after execution"));
    let reason = refused_spend(locking, |input| {
        input.witness = Witness::from_slice(&[[0x51]]);
        input.script_sig = true_script();
    });
    assert_eq!(reason, mandatory("Witness requires empty scriptSig"));
}

#[test]
fn bare_spends() {
    let witness = |input: &mut TxIn| input.witness = Witness::from_slice(&[[0x51]]);
    assert_eq!(
        refused_spend(true_script(), witness),
        "mandatory-script-verify-flag-failed (Witness provided for non-witness script)"
    );
    let script_sig = |input: &mut TxIn| input.script_sig = true_script();
    assert_eq!(refused_spend(true_script(), script_sig), "sandbox-unsupported-script");
}

#[test]
fn other_scripts_are_not_verified() {
    let two = ScriptBuf::from_bytes(vec![0x52]);
    assert_eq!(refused_spend(two.clone(), |_| {}), "sandbox-unsupported-script");
    let spend = |input: &mut TxIn| input.witness = Witness::from_slice(&[[0x52]]);
    assert_eq!(refused_spend(two.to_p2wsh(), spend), "sandbox-unsupported-script");
}

#[test]
fn outputs_of_op_return_are_not_coins() {
    let data = ScriptBuf::from_bytes(vec![0x6a, 0x01, 0x00]);
    assert_eq!(refused_spend(data, |_| {}), "bad-txns-inputs-missingorspent");
}
