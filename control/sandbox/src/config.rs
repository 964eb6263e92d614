//! What a caller decides about a sandbox, and what is refused.

use bitcoin::{CompactTarget, Target};

use crate::chain::limits::MEMPOOL_TRANSACTIONS_MAX;

/// Time of the hard-coded genesis block of Bitcoin Core's regtest, in unix seconds.
const REGTEST_GENESIS_TIME: u32 = 1_296_688_602;

/// Compact form of regtest's easiest target.
pub(crate) const REGTEST_BITS: u32 = 0x207f_ffff;

/// Transactions that a generated mempool holds at most, unless told otherwise.
const MEMPOOL_TRANSACTIONS_DEFAULT: usize = 40;

/// How the chain begins. Equal values give equal chains, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxConfig {
    /// Compact target of every block. It never changes: there is no retargeting.
    pub network_bits: CompactTarget,
    /// Decides the generated transactions, together with the tip's hash.
    pub seed: u64,
    /// Time of the genesis block, in unix seconds.
    pub genesis_time: u32,
    /// Most transactions in the generated mempool; 0 gives empty templates.
    pub mempool_transactions: usize,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            network_bits: CompactTarget::from_consensus(REGTEST_BITS),
            seed: 0,
            genesis_time: REGTEST_GENESIS_TIME,
            mempool_transactions: MEMPOOL_TRANSACTIONS_DEFAULT,
        }
    }
}

impl SandboxConfig {
    /// Checks every field against its range.
    ///
    /// # Errors
    /// The first field that is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let target = Target::from_compact(self.network_bits);
        let canonical = target.to_compact_lossy() == self.network_bits;
        if target == Target::ZERO || target > Target::MAX_ATTAINABLE_REGTEST || !canonical {
            return Err(ConfigError::NetworkBits(self.network_bits.to_consensus()));
        }
        if self.mempool_transactions > MEMPOOL_TRANSACTIONS_MAX {
            return Err(ConfigError::MempoolTransactions(self.mempool_transactions));
        }
        Ok(())
    }
}

/// The chain, and how its RPC is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeConfig {
    /// How the chain begins.
    pub chain: SandboxConfig,
    /// TCP port on 127.0.0.1; 0 lets the system choose a free one.
    pub rpc_port: u16,
    /// User of the HTTP Basic authentication (RFC 7617).
    pub rpc_user: String,
    /// Password of the HTTP Basic authentication.
    pub rpc_password: String,
}

impl NodeConfig {
    /// Checks every field against its range.
    ///
    /// # Errors
    /// The first field that is out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.chain.validate()?;
        // The two go into a URL as they are, so they keep to its unreserved characters
        // (RFC 3986, section 2.3).
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        for text in [&self.rpc_user, &self.rpc_password] {
            if text.is_empty() || !text.bytes().all(unreserved) {
                return Err(ConfigError::Credentials);
            }
        }
        Ok(())
    }
}

/// A configuration that no sandbox can be made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The compact target is zero, negative, not minimal, or easier than regtest allows.
    #[error(
        "network bits {0:08x} are no target of a regtest chain; give a minimal compact target \
         between difficulty 4.7e-10 and the hardest one"
    )]
    NetworkBits(u32),
    /// More generated transactions than fit into one block.
    #[error("a mempool of {0} transactions is too large; give at most {MEMPOOL_TRANSACTIONS_MAX}")]
    MempoolTransactions(usize),
    /// The user or the password is empty or has characters that a URL would have to escape.
    #[error(
        "the RPC user and password must not be empty and may hold letters, digits and -._~ only"
    )]
    Credentials,
}
