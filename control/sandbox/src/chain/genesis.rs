//! The hard-coded first block: no proof of work, and the outputs that all generated transactions
//! descend from.

use bitcoin::absolute::LockTime;
use bitcoin::block::{Header, Version};
use bitcoin::hashes::Hash;
use bitcoin::opcodes::all::OP_PUSHBYTES_0;
use bitcoin::script::{Builder, PushBytesBuf};
use bitcoin::{
    Amount, Block, BlockHash, OutPoint, Sequence, Transaction, TxIn, TxMerkleNode, TxOut, Witness,
    transaction,
};

use super::coins::{Coin, CoinChanges};
use super::merkle;
use super::scripts::SpendKind;
use crate::config::SandboxConfig;

/// Fewest outputs of the genesis block.
const OUTPUTS_MIN: usize = 64;

/// Outputs for each transaction of the mempool, so that a refill always finds free ones.
const OUTPUTS_PER_TRANSACTION: usize = 4;

/// Value of each output. The fees of a transaction are some 10,000 satoshis, so the outputs last
/// for more than a million blocks.
const OUTPUT_VALUE: Amount = Amount::from_int_btc(50);

/// One output in so many is bare, the others are P2WSH.
const BARE_INTERVAL: usize = 4;

/// Outputs of the genesis block under `config`.
pub(super) fn output_count(config: &SandboxConfig) -> usize {
    (config.mempool_transactions * OUTPUTS_PER_TRANSACTION).max(OUTPUTS_MIN)
}

/// The genesis block, and the coins that it creates. Other than in Bitcoin Core its outputs can
/// be spent, and at once: hard-coded blocks are exempt from every rule.
pub(super) fn genesis(config: &SandboxConfig) -> (Block, CoinChanges) {
    let coinbase = coinbase(config);
    let leaves = vec![coinbase.compute_txid().to_raw_hash()];
    let (root, _) = merkle::root(leaves).expect("the coinbase is a leaf");
    let header = Header {
        version: Version::ONE,
        prev_blockhash: BlockHash::all_zeros(),
        merkle_root: TxMerkleNode::from_raw_hash(root),
        time: config.genesis_time,
        bits: config.network_bits,
        nonce: 0,
    };
    let txid = coinbase.compute_txid();
    let mut changes = CoinChanges::default();
    for (vout, output) in (0..).zip(&coinbase.output) {
        let coin = Coin { output: output.clone(), height: 0, is_coinbase: false };
        changes.created.insert(OutPoint { txid, vout }, coin);
    }
    (Block { header, txdata: vec![coinbase] }, changes)
}

fn coinbase(config: &SandboxConfig) -> Transaction {
    // The seed makes the chains of two sandboxes differ from their first block on.
    let mut tag = PushBytesBuf::from(*b"sluice sandbox  ");
    tag.extend_from_slice(&config.seed.to_le_bytes()).expect("24 bytes are a valid push");
    let script_sig = Builder::new().push_opcode(OP_PUSHBYTES_0).push_slice(tag).into_script();
    let output = |position: usize| {
        let bare = position.is_multiple_of(BARE_INTERVAL);
        let kind = if bare { SpendKind::Bare } else { SpendKind::WitnessScriptHash };
        TxOut { value: OUTPUT_VALUE, script_pubkey: kind.locking_script() }
    };
    Transaction {
        version: transaction::Version::ONE,
        lock_time: LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::null(),
            script_sig,
            sequence: Sequence::MAX,
            witness: Witness::new(),
        }],
        output: (0..output_count(config)).map(output).collect(),
    }
}
