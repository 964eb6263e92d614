//! Builds and solves blocks, as a pool and its miners would.

use bitcoin::absolute::LockTime;
use bitcoin::block::{Header, Version};
use bitcoin::consensus::encode::serialize;
use bitcoin::hashes::Hash;
use bitcoin::opcodes::all::OP_PUSHNUM_1;
use bitcoin::script::Builder;
use bitcoin::{
    Amount, Block, BlockHash, CompactTarget, OutPoint, ScriptBuf, Sequence, Transaction, TxIn,
    TxMerkleNode, TxOut, Witness, transaction,
};
use sluice_sandbox::SandboxConfig;
use sluice_sandbox::chain::{Accepted, Chain, Rejection, Template};

pub(crate) const NOW: u64 = 1_700_000_000;
const EASY_BITS: u32 = 0x207f_ffff;

pub(crate) fn config() -> SandboxConfig {
    SandboxConfig {
        network_bits: CompactTarget::from_consensus(EASY_BITS),
        seed: 7,
        genesis_time: NOW as u32 - 1_000,
        mempool_transactions: 40,
    }
}

pub(crate) fn chain() -> Chain {
    Chain::new(config()).unwrap()
}

/// A chain without transactions, for tests of many blocks.
pub(crate) fn bare_chain() -> Chain {
    Chain::new(SandboxConfig { mempool_transactions: 0, ..config() }).unwrap()
}

/// The script of `OP_TRUE`, which the test coinbases pay to.
pub(crate) fn true_script() -> ScriptBuf {
    Builder::new().push_opcode(OP_PUSHNUM_1).into_script()
}

/// A coinbase of one payment, its witness holding the reserved value. `tag` tells blocks apart.
pub(crate) fn coinbase(height: u32, value: Amount, tag: u64) -> Transaction {
    let script_sig = Builder::new().push_int(height.into()).push_slice(tag.to_le_bytes());
    Transaction {
        version: transaction::Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::null(),
            script_sig: script_sig.into_script(),
            sequence: Sequence::MAX,
            witness: Witness::from_slice(&[[0u8; 32]]),
        }],
        output: vec![TxOut { value, script_pubkey: true_script() }],
    }
}

/// The block that a template describes, with its commitment as the coinbase's last output.
/// Its merkle root and nonce are still to be found.
pub(crate) fn draft(template: &Template) -> Block {
    let mut coinbase = coinbase(template.height, template.coinbase_value, 0);
    let script_pubkey = template.default_witness_commitment.clone();
    coinbase.output.push(TxOut { value: Amount::ZERO, script_pubkey });
    let others = template.transactions.iter().map(|entry| entry.transaction.clone());
    Block {
        header: Header {
            version: Version::from_consensus(template.version),
            prev_blockhash: template.previous_block_hash,
            merkle_root: TxMerkleNode::all_zeros(),
            time: template.current_time,
            bits: template.bits,
            nonce: 0,
        },
        txdata: std::iter::once(coinbase).chain(others).collect(),
    }
}

/// A solved block without transactions on any parent.
pub(crate) fn empty_block(
    parent: BlockHash,
    height: u32,
    time: u32,
    value: u64,
    tag: u64,
) -> Block {
    let mut coinbase = coinbase(height, Amount::from_sat(value), tag);
    coinbase.input[0].witness = Witness::new();
    let mut block = Block {
        header: Header {
            version: Version::from_consensus(0x2000_0000),
            prev_blockhash: parent,
            merkle_root: TxMerkleNode::all_zeros(),
            time,
            bits: CompactTarget::from_consensus(EASY_BITS),
            nonce: 0,
        },
        txdata: vec![coinbase],
    };
    set_merkle_root(&mut block);
    solve(&mut block);
    block
}

/// The solved block that the chain's own template describes.
pub(crate) fn next_block(chain: &Chain) -> Block {
    let mut block = draft(&chain.block_template(NOW));
    set_merkle_root(&mut block);
    solve(&mut block);
    block
}

/// Commits the coinbase's last output to the witnesses of the block as it is.
pub(crate) fn set_commitment(block: &mut Block) {
    let root = block.witness_root().unwrap();
    let commitment = Block::compute_witness_commitment(&root, &[0; 32]);
    let mut script = vec![0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed];
    script.extend_from_slice(commitment.as_byte_array());
    block.txdata[0].output.last_mut().unwrap().script_pubkey = ScriptBuf::from_bytes(script);
}

pub(crate) fn set_merkle_root(block: &mut Block) {
    let root = block.compute_merkle_root();
    block.header.merkle_root = root.unwrap_or(TxMerkleNode::all_zeros());
}

/// Finds a nonce that meets the header's target.
pub(crate) fn solve(block: &mut Block) {
    let target = block.header.target();
    while !target.is_met_by(block.block_hash()) {
        block.header.nonce += 1;
    }
}

/// Commitment, merkle root and nonce: all that follows from the transactions.
pub(crate) fn seal(block: &mut Block) {
    set_commitment(block);
    set_merkle_root(block);
    solve(block);
}

pub(crate) fn submit(chain: &mut Chain, block: &Block) -> Result<Accepted, Rejection> {
    chain.submit(&serialize(block), NOW)
}

/// Mines `count` blocks from templates.
pub(crate) fn extend(chain: &mut Chain, count: u32) {
    for _ in 0..count {
        let block = next_block(chain);
        submit(chain, &block).unwrap();
    }
}
