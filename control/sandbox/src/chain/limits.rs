//! Consensus constants of the sandbox chain, and the bound of every table that it keeps.

use bitcoin::blockdata::constants::COINBASE_MATURITY;

/// Blocks between two halvings of the subsidy, as on Bitcoin Core's regtest.
pub const SUBSIDY_HALVING_BLOCKS: u32 = 150;

/// Confirmations before a coinbase output can be spent.
pub const COINBASE_MATURITY_BLOCKS: u32 = COINBASE_MATURITY;

/// Blocks whose times the median time past is taken from (BIP113).
pub const MEDIAN_TIME_BLOCKS: usize = 11;

/// A block's time may lie this far ahead of the node's clock.
pub const FUTURE_SECONDS_MAX: u64 = 7_200;

/// Lowest header version: BIP34, BIP66 and BIP65 are active from height 1.
pub const HEADER_VERSION_MIN: i32 = 4;

/// Header version of a template: version bits (BIP9) with no deployment signalled.
pub const HEADER_VERSION_TEMPLATE: i32 = 0x2000_0000;

/// Limit of a block's weight (BIP141).
pub const BLOCK_WEIGHT_MAX: usize = 4_000_000;

/// Limit of a block's signature operation cost (BIP141).
pub const BLOCK_SIGOPS_COST_MAX: usize = 80_000;

/// Weight that a template leaves to the coinbase and the header.
pub const COINBASE_WEIGHT_RESERVED: usize = 8_000;

/// Blocks below the tip that keep their transactions and can be disconnected. Deeper forks are
/// refused, deeper bodies are pruned.
pub const REORG_DEPTH_MAX: u32 = 288;

/// Blocks outside the active chain that submissions may add; more are refused.
pub const SIDE_BLOCKS_MAX: usize = 1_024;

/// Hashes of invalid blocks that are remembered; the oldest is forgotten first, and its block is
/// then checked afresh.
pub const INVALID_BLOCKS_MAX: usize = 1_024;

/// Height at which the chain takes no more blocks: its headers stay in memory.
pub const HEIGHT_MAX: u32 = 10_000_000;

/// Largest mempool that a configuration may ask for.
pub const MEMPOOL_TRANSACTIONS_MAX: usize = 2_000;

/// No generated transaction weighs more: two inputs, two outputs.
pub const GENERATED_WEIGHT_MAX: usize = 1_000;

// Every mempool fits into one block, so that a template never has to choose.
const _: () = assert!(
    MEMPOOL_TRANSACTIONS_MAX * GENERATED_WEIGHT_MAX + COINBASE_WEIGHT_RESERVED <= BLOCK_WEIGHT_MAX
);
