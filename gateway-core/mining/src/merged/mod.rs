//! Merged mining: other chains take the work on a block of the parent chain, because its coinbase commits to theirs.
//!
//! | module | holds |
//! |---|---|
//! | [`tree`] | the chains in their slots, the commitment to them, the branch of each |
//! | [`proof`] | what a chain is handed in `submitauxblock`, and the rules by which it takes it |
//!
//! The rules are Namecoin's (`CAuxPow::check` in its `auxpow.cpp`), which Syscoin and most others took over. RSK has a way of
//! its own, an output: [`rsk_output`].

pub mod proof;
#[cfg(test)]
mod tests;
pub mod tree;

use bitcoin::{Amount, ScriptBuf, TxOut};
use sluice_units::{Hash256, Target};

pub use self::proof::{AuxPow, AuxPowError};
pub use self::tree::{AuxTree, AuxTreeError};

/// What announces the commitment in a coinbase's scriptSig (Namecoin, `pchMergedMiningHeader`).
const MAGIC: [u8; 4] = *b"\xfa\xbemm";
/// What announces RSK's hash (rskj, `RSK_TAG`).
const RSK_TAG: [u8; 9] = *b"RSKBLOCK:";

/// A block of another chain that waits for work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuxChain {
    /// What the pool's owner calls the chain.
    pub name: String,
    /// The number that fixes the chain's slot: the upper 16 bits of its headers' version.
    pub chain_id: u32,
    /// Hash of the chain's block, without proof.
    pub hash: Hash256,
    /// What the hash of the parent's header must not exceed.
    pub target: Target,
}

/// The output that commits to a block of RSK: no value, OP_RETURN and one push of tag and hash, as its node gives it.
///
/// An RSK node takes no coinbase in which the tag comes again, or more than 128 bytes come, after the hash (rskj,
/// `ProofOfWorkRule`): this output comes after those that pay.
pub fn rsk_output(hash_for_merged_mining: &[u8; 32]) -> TxOut {
    let mut data = [0; RSK_TAG.len() + 32];
    data[..RSK_TAG.len()].copy_from_slice(&RSK_TAG);
    data[RSK_TAG.len()..].copy_from_slice(hash_for_merged_mining);
    TxOut { value: Amount::ZERO, script_pubkey: ScriptBuf::new_op_return(data) }
}
