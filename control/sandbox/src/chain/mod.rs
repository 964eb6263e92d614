//! The chain itself: deterministic, without clock, randomness or sockets.
//!
//! Rules are those of Bitcoin Core's regtest: every deployment active from height 1, halvings each
//! 150 blocks, no retargeting. The target is the configuration's. Order of the checks and reject
//! strings follow Core, so that a pool sees the same verdicts.

mod acceptance;
mod block_index;
mod block_rules;
mod coins;
mod connection;
mod genesis;
mod header_rules;
pub mod limits;
mod mempool;
mod merkle;
mod rejection;
mod scripts;
mod seeded_sequence;
mod template;
mod transaction_rules;

use std::collections::BTreeMap;

use bitcoin::block::Header;
use bitcoin::{Amount, Block, BlockHash, Target, Txid, Work};

pub use acceptance::{Accepted, Placement};
pub(crate) use block_rules::stripped_bytes;
pub use rejection::{Rejection, TransactionFault};
pub use template::{Template, TemplateTransaction};

use crate::config::{ConfigError, SandboxConfig};
use block_index::BlockIndex;
use coins::CoinSet;
use limits::HEADER_VERSION_TEMPLATE;
use mempool::{Mempool, Refill};
use seeded_sequence::SeededSequence;

/// Blocks that the estimate of the network's hashrate looks back at.
const HASHRATE_BLOCKS: u32 = 120;

/// A chain with its coins and its generated mempool.
pub struct Chain {
    config: SandboxConfig,
    index: BlockIndex,
    coins: CoinSet,
    mempool: Mempool,
    blocks_accepted: u64,
    blocks_rejected: u64,
}

/// Where a chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainSummary {
    /// Height of the tip.
    pub height: u32,
    /// Hash of the tip.
    pub best_block_hash: BlockHash,
    /// Submissions that were taken, those on side branches included.
    pub blocks_accepted: u64,
    /// Submissions that were refused, duplicates included.
    pub blocks_rejected: u64,
}

/// What is known about one block.
#[derive(Clone, Copy, Debug)]
pub struct BlockView<'chain> {
    /// The header.
    pub header: &'chain Header,
    /// Distance from genesis.
    pub height: u32,
    /// Blocks from this one to the tip, both counted; -1 outside the active chain.
    pub confirmations: i64,
    /// Median time of it and its ten nearest ancestors, in unix seconds.
    pub median_time: u32,
    /// Work of it and all its ancestors.
    pub chain_work: Work,
    /// Transactions in it, the coinbase included.
    pub transaction_count: usize,
    /// The block above it on the active chain.
    pub next: Option<BlockHash>,
    /// The whole block; `None` if it is pruned.
    pub block: Option<&'chain Block>,
}

/// Sums over the mempool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MempoolTotals {
    /// Number of transactions.
    pub transactions: usize,
    /// Virtual bytes of all (BIP141).
    pub virtual_bytes: usize,
    /// Fees of all.
    pub fees: Amount,
}

impl Chain {
    /// A chain that holds its genesis block, and a mempool ready for the first template.
    ///
    /// # Errors
    /// A field of `config` that is out of its range.
    pub fn new(config: SandboxConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let (block, changes) = genesis::genesis(&config);
        let mut coins = CoinSet::default();
        coins.apply(&changes);
        let mut chain = Self {
            config,
            index: BlockIndex::new(block, changes),
            coins,
            mempool: Mempool::default(),
            blocks_accepted: 0,
            blocks_rejected: 0,
        };
        chain.refresh_mempool();
        Ok(chain)
    }

    /// Where the chain stands.
    #[must_use]
    pub fn summary(&self) -> ChainSummary {
        ChainSummary {
            height: self.index.tip().height,
            best_block_hash: self.index.tip_hash(),
            blocks_accepted: self.blocks_accepted,
            blocks_rejected: self.blocks_rejected,
        }
    }

    /// The target of every block.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::from_compact(self.config.network_bits)
    }

    /// Hash of the active chain's block at `height`.
    #[must_use]
    pub fn block_hash(&self, height: u32) -> Option<BlockHash> {
        self.index.active_hash(height)
    }

    /// What is known about a block of the active chain or of a side branch.
    #[must_use]
    pub fn block(&self, hash: &BlockHash) -> Option<BlockView<'_>> {
        let entry = self.index.get(hash)?;
        let is_active = self.index.is_active(hash);
        let depth = i64::from(self.index.tip().height) - i64::from(entry.height);
        Some(BlockView {
            header: &entry.header,
            height: entry.height,
            confirmations: if is_active { depth + 1 } else { -1 },
            median_time: self.index.median_time(hash),
            chain_work: entry.chain_work,
            transaction_count: entry.transaction_count,
            next: self.index.active_hash(entry.height + 1).filter(|_| is_active),
            block: entry.block.as_ref(),
        })
    }

    /// Height of the lowest active block that [`Self::block`] still has in whole.
    #[must_use]
    pub fn lowest_body_height(&self) -> u32 {
        self.index.lowest_body_height()
    }

    /// Hashes of the waiting transactions.
    pub fn mempool_txids(&self) -> impl Iterator<Item = Txid> {
        self.mempool.entries().iter().map(|entry| entry.txid)
    }

    /// Sums over the waiting transactions.
    #[must_use]
    pub fn mempool_totals(&self) -> MempoolTotals {
        let entries = self.mempool.entries();
        MempoolTotals {
            transactions: entries.len(),
            virtual_bytes: entries.iter().map(|entry| entry.weight.div_ceil(4)).sum(),
            fees: entries.iter().map(|entry| entry.fee).sum(),
        }
    }

    /// Estimate of the hashes a second behind the last blocks; 0 while their times are equal.
    #[must_use]
    pub fn network_hashrate(&self) -> f64 {
        let tip = self.index.tip();
        let blocks = tip.height.min(HASHRATE_BLOCKS);
        let first_hash = self.index.active_hash(tip.height - blocks);
        let first = self.index.known(&first_hash.expect("it lies below the tip"));
        let seconds = tip.header.time.saturating_sub(first.header.time);
        if seconds == 0 {
            return 0.0;
        }
        // A block of difficulty 1 takes 2^32 hashes.
        let hashes = self.target().difficulty_float() * 2f64.powi(32);
        hashes * f64::from(blocks) / f64::from(seconds)
    }

    /// A template for the next block. It holds the whole mempool, which always fits.
    #[must_use]
    pub fn block_template(&self, now_unix_seconds: u64) -> Template {
        let tip_hash = self.index.tip_hash();
        let height = self.index.tip().height + 1;
        let min_time = self.index.median_time(&tip_hash).saturating_add(1);
        let now = u32::try_from(now_unix_seconds).unwrap_or(u32::MAX);
        let transactions = self.template_transactions();
        let fees: Amount = transactions.iter().map(|transaction| transaction.fee).sum();
        let wtxids = transactions.iter().map(|transaction| transaction.wtxid);
        Template {
            version: HEADER_VERSION_TEMPLATE,
            previous_block_hash: tip_hash,
            coinbase_value: connection::subsidy(height) + fees,
            long_poll_id: format!("{tip_hash}{}", self.mempool.updates()),
            target: self.target(),
            min_time,
            current_time: now.max(min_time),
            bits: self.config.network_bits,
            height,
            default_witness_commitment: block_rules::commitment_script(wtxids, &[0; 32]),
            transactions,
        }
    }

    fn template_transactions(&self) -> Vec<TemplateTransaction> {
        let mut positions = BTreeMap::new();
        let entries = (1..).zip(self.mempool.entries());
        entries
            .map(|(position, entry)| {
                positions.insert(entry.txid, position);
                let inputs = entry.transaction.input.iter();
                let parents = inputs.map(|input| input.previous_output.txid);
                TemplateTransaction {
                    transaction: entry.transaction.clone(),
                    txid: entry.txid,
                    wtxid: entry.wtxid,
                    depends: parents.filter_map(|txid| positions.get(&txid).copied()).collect(),
                    fee: entry.fee,
                    // OP_TRUE is no signature operation, so no output spent adds any.
                    sigops: entry.transaction.total_sigop_cost(|_| None),
                    weight: entry.weight,
                }
            })
            .collect()
    }

    fn refresh_mempool(&mut self) {
        let refill = Refill {
            sequence: SeededSequence::new(self.config.seed, self.index.tip_hash()),
            transactions_max: self.config.mempool_transactions,
            outputs_wanted: genesis::output_count(&self.config),
        };
        self.mempool.refresh(&self.coins, refill);
    }
}
