//! What a block on the tip may look like (BIP22, BIP23, BIP145).

use bitcoin::{Amount, BlockHash, CompactTarget, ScriptBuf, Target, Transaction, Txid, Wtxid};

/// One transaction of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateTransaction {
    /// The transaction with its witnesses.
    pub transaction: Transaction,
    /// Hash without witnesses.
    pub txid: Txid,
    /// Hash with witnesses.
    pub wtxid: Wtxid,
    /// Transactions of the same template that must come before, counted from 1.
    pub depends: Vec<usize>,
    /// What it leaves to the coinbase.
    pub fee: Amount,
    /// Signature operation cost.
    pub sigops: usize,
    /// Weight units.
    pub weight: usize,
}

/// A block to be, without its coinbase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Header version.
    pub version: i32,
    /// The tip that it builds on.
    pub previous_block_hash: BlockHash,
    /// All transactions but the coinbase, each after those that it depends on.
    pub transactions: Vec<TemplateTransaction>,
    /// Most that the coinbase may pay: subsidy and fees.
    pub coinbase_value: Amount,
    /// Names the state of the chain and mempool that the template was made from.
    pub long_poll_id: String,
    /// Target of the block's hash.
    pub target: Target,
    /// Lowest time of the header, in unix seconds.
    pub min_time: u32,
    /// Proposed time of the header, in unix seconds.
    pub current_time: u32,
    /// Compact form of `target`.
    pub bits: CompactTarget,
    /// Height of the block.
    pub height: u32,
    /// Output script that commits to the witnesses of exactly these transactions, with a reserved
    /// value of 32 zero bytes.
    pub default_witness_commitment: ScriptBuf,
}
