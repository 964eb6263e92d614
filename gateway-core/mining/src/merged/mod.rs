//! Merged mining: other chains take the work on a block of the parent chain, because its coinbase commits to theirs.
//!
//! | module | holds |
//! |---|---|
//! | [`tree`] | the chains in their slots, the commitment to them, the branch of each |
//! | [`work`] | what a job commits to, and what a chain is handed for a share |
//! | [`proof`] | what a chain is handed in `submitauxblock`, and the rules by which it takes it |
//!
//! The rules are Namecoin's (`CAuxPow::check` in its `auxpow.cpp`), which Syscoin and most others took over. RSK has a way of
//! its own, an output: [`rsk_output`].

pub mod proof;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod work;

use bitcoin::{Amount, ScriptBuf, TxOut};

pub use self::proof::{AuxPow, AuxPowError};
pub use self::tree::{AuxTree, AuxTreeError};
pub use self::work::{AuxKind, AuxRound, AuxSubmission, AuxWork, easiest_target, marks_of};

/// What announces the commitment in a coinbase's scriptSig (Namecoin, `pchMergedMiningHeader`).
const MAGIC: [u8; 4] = *b"\xfa\xbemm";
/// What announces RSK's hash (rskj, `RSK_TAG`).
const RSK_TAG: [u8; 9] = *b"RSKBLOCK:";

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

/// Whether a coinbase may commit to other chains: whatever does has one of these marks. An extranonce may look like one.
pub fn commits_to_chains(coinbase: &[u8]) -> bool {
    let has = |mark: &[u8]| coinbase.windows(mark.len()).any(|bytes| bytes == mark);
    has(&MAGIC) || has(&RSK_TAG)
}
