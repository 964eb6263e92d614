//! The proof that the work on a parent block counts for a block of another chain.

use bitcoin::consensus::encode::{deserialize_partial, serialize};
use bitcoin::{Transaction, VarInt};
use sluice_sha256d::{merkle_root, sha256d};
use sluice_units::header::HEADER_BYTES;
use sluice_units::limits::AUX_BRANCH_MAX;
use sluice_units::{Hash256, Header};
use thiserror::Error;

use super::MAGIC;
use super::tree::{AuxTree, reversed, root_of_branch, slot};

/// The last byte of a scriptSig in which a root without magic may begin.
const BARE_ROOT_AT_MAX: usize = 20;

/// Why a proof is none. Each message names the cause and the remedy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum AuxPowError {
    /// The bytes end too early.
    #[error("the proof ends within its {0}: hand it in whole")]
    Truncated(&'static str),
    /// The bytes do not end with the proof.
    #[error("{0} bytes follow the proof: hand it in alone")]
    TrailingBytes(usize),
    /// The coinbase is no transaction, or has no input, or has a witness.
    #[error("the coinbase is no transaction without witness: serialise it as for its txid")]
    CoinbaseMalformed,
    /// A number of hashes that is not there, or not in its shortest form.
    #[error(
        "the length of the {0} is cut off or malformed: write it as a compact size in its shortest form"
    )]
    LengthMalformed(&'static str),
    /// The transaction is not said to be the first one.
    #[error("the transaction is number {0} of the parent block: prove the coinbase, number 0")]
    NotTheCoinbase(u32),
    /// The parent block says that it is one of the aux chain.
    #[error(
        "the parent block's version names the aux chain's own id {0}: mine on another parent chain, or roll no version bits that spell it"
    )]
    ParentIsOfTheChain(u32),
    /// More hashes than any tree has levels.
    #[error(
        "the chain branch has {0} hashes, at most {AUX_BRANCH_MAX} are taken: use a smaller tree"
    )]
    ChainBranchTooLong(usize),
    /// The coinbase is not in the parent block.
    #[error(
        "coinbase and branch lead to the root {found}, the parent's header has {expected}: prove the header that was mined with this coinbase"
    )]
    NotInParent {
        /// What the coinbase's branch leads to.
        found: Hash256,
        /// What the parent's header says.
        expected: Hash256,
    },
    /// The coinbase says nothing of the aux block.
    #[error("the coinbase does not hold the chain root {0}: commit to this aux block")]
    RootMissing(Hash256),
    /// Two commitments in one coinbase.
    #[error("the coinbase holds the magic of merged mining twice: commit once")]
    MagicTwice,
    /// Something between magic and root.
    #[error("the chain root is not right behind the magic: put it there")]
    RootNotBehindMagic,
    /// No magic, and the root is too far from the start.
    #[error(
        "the chain root is at byte {0} of the scriptSig and no magic is before it: put the magic there"
    )]
    RootTooLate(usize),
    /// The scriptSig ends behind the root.
    #[error("the number of slots and the nonce do not follow the chain root: put them there")]
    SizeMissing,
    /// The tree's number of slots is not that of the branch.
    #[error(
        "the coinbase speaks of {size} slots, and the chain branch has {branch} hashes: prove with the branch of this tree"
    )]
    WrongSize {
        /// As the coinbase says.
        size: u32,
        /// Hashes in the chain branch.
        branch: usize,
    },
    /// The chain has another slot.
    #[error("the aux block is in slot {found}, its chain's is {expected}: put it there")]
    WrongSlot {
        /// As the proof says.
        found: u32,
        /// As the chain's id, the number of slots and the nonce say.
        expected: u32,
    },
}

/// A proof, part by part, in the order in which it is serialised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuxPow<'a> {
    /// The parent block's coinbase, without witness.
    pub coinbase: &'a [u8],
    /// Hash of the parent's header; no chain looks at it.
    pub parent_hash: Hash256,
    /// Siblings on the way from the coinbase to the parent's merkle root.
    pub coinbase_branch: Vec<Hash256>,
    /// The coinbase's number in the parent block: 0.
    pub coinbase_index: u32,
    /// Siblings on the way from the aux block to the root of the chains' tree.
    pub chain_branch: Vec<Hash256>,
    /// The aux block's slot in that tree.
    pub chain_slot: u32,
    /// The header that was mined.
    pub parent_header: [u8; HEADER_BYTES],
}

impl<'a> AuxPow<'a> {
    /// The proof for one chain of a tree that the coinbase commits to; `None` where the chain is not in the tree.
    ///
    /// The coinbase is without witness, its branch that of the job which was mined.
    pub fn new(
        tree: &AuxTree,
        chain_id: u32,
        coinbase: &'a [u8],
        coinbase_branch: &[Hash256],
        parent_header: &[u8; HEADER_BYTES],
    ) -> Option<Self> {
        Some(Self {
            coinbase,
            parent_hash: sha256d(parent_header),
            coinbase_branch: coinbase_branch.to_vec(),
            coinbase_index: 0,
            chain_branch: tree.branch_of(chain_id)?,
            chain_slot: tree.slot_of(chain_id)?,
            parent_header: *parent_header,
        })
    }

    /// The bytes that `submitauxblock` takes, in hexadecimal, beside the aux block's hash.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.coinbase.to_vec();
        bytes.extend_from_slice(self.parent_hash.as_bytes());
        encode_branch(&self.coinbase_branch, self.coinbase_index, &mut bytes);
        encode_branch(&self.chain_branch, self.chain_slot, &mut bytes);
        bytes.extend_from_slice(&self.parent_header);
        bytes
    }

    /// Reads what [`AuxPow::encode`] writes, and nothing else; whether it proves anything is for [`AuxPow::check`].
    pub fn decode(bytes: &'a [u8]) -> Result<Self, AuxPowError> {
        let (_, length) = decode_coinbase(bytes)?;
        let (coinbase, mut rest) = bytes.split_at(length);
        let parent_hash = Hash256::from_bytes(take(&mut rest, "parent hash")?);
        let (coinbase_branch, coinbase_index) = decode_branch(&mut rest, "coinbase branch")?;
        let (chain_branch, chain_slot) = decode_branch(&mut rest, "chain branch")?;
        let parent_header = take(&mut rest, "parent header")?;
        if !rest.is_empty() {
            return Err(AuxPowError::TrailingBytes(rest.len()));
        }
        Ok(Self {
            coinbase,
            parent_hash,
            coinbase_branch,
            coinbase_index,
            chain_branch,
            chain_slot,
            parent_header,
        })
    }

    /// The hash that the aux chain compares with its target: that of the parent's header.
    pub fn work_hash(&self) -> Hash256 {
        sha256d(&self.parent_header)
    }

    /// Whether the parent block commits to a block of a chain, by the rules of Namecoin (`CAuxPow::check`); the
    /// work is not looked at, see [`AuxPow::work_hash`].
    pub fn check(&self, aux_hash: Hash256, chain_id: u32) -> Result<(), AuxPowError> {
        if self.coinbase_index != 0 {
            return Err(AuxPowError::NotTheCoinbase(self.coinbase_index));
        }
        let header = Header::from_bytes(&self.parent_header);
        if header.version >> 16 == chain_id {
            return Err(AuxPowError::ParentIsOfTheChain(chain_id));
        }
        if self.chain_branch.len() > AUX_BRANCH_MAX {
            return Err(AuxPowError::ChainBranchTooLong(self.chain_branch.len()));
        }
        let (coinbase, length) = decode_coinbase(self.coinbase)?;
        if length != self.coinbase.len() {
            return Err(AuxPowError::CoinbaseMalformed);
        }
        let found = merkle_root(sha256d(self.coinbase), &self.coinbase_branch);
        if found != header.merkle_root {
            return Err(AuxPowError::NotInParent { found, expected: header.merkle_root });
        }
        let root = root_of_branch(aux_hash, &self.chain_branch, self.chain_slot);
        let script = coinbase.input.first().ok_or(AuxPowError::CoinbaseMalformed)?;
        self.check_commitment(script.script_sig.as_bytes(), root, chain_id)
    }

    /// Whether a scriptSig commits to the root, and to this chain's slot below it.
    fn check_commitment(
        &self,
        script: &[u8],
        root: Hash256,
        chain_id: u32,
    ) -> Result<(), AuxPowError> {
        let at = find(script, &reversed(root)).ok_or(AuxPowError::RootMissing(root))?;
        match find(script, &MAGIC) {
            Some(magic) if find(&script[magic + 1..], &MAGIC).is_some() => {
                return Err(AuxPowError::MagicTwice);
            }
            Some(magic) if magic + MAGIC.len() != at => {
                return Err(AuxPowError::RootNotBehindMagic);
            }
            None if at > BARE_ROOT_AT_MAX => return Err(AuxPowError::RootTooLate(at)),
            Some(_) | None => {}
        }
        let mut rest = &script[at + 32..];
        let mut number = || take(&mut rest, "").map(u32::from_le_bytes);
        let (Ok(size), Ok(nonce)) = (number(), number()) else {
            return Err(AuxPowError::SizeMissing);
        };
        let branch = self.chain_branch.len();
        // Checked before: the branch is shorter than the number has bits.
        if size != 1 << branch {
            return Err(AuxPowError::WrongSize { size, branch });
        }
        let expected = slot(chain_id, nonce, size);
        if self.chain_slot != expected {
            return Err(AuxPowError::WrongSlot { found: self.chain_slot, expected });
        }
        Ok(())
    }
}

/// A transaction at the front of some bytes, and how many of them it takes.
fn decode_coinbase(bytes: &[u8]) -> Result<(Transaction, usize), AuxPowError> {
    // Behind the version comes the number of inputs; a zero marks a witness (BIP 144), or no input at all.
    if bytes.get(4) == Some(&0) {
        return Err(AuxPowError::CoinbaseMalformed);
    }
    deserialize_partial(bytes).map_err(|_| AuxPowError::CoinbaseMalformed)
}

/// Number of hashes, hashes, index.
fn encode_branch(branch: &[Hash256], index: u32, bytes: &mut Vec<u8>) {
    bytes.extend(serialize(&VarInt::from(branch.len())));
    bytes.extend(branch.iter().flat_map(Hash256::as_bytes));
    bytes.extend(index.to_le_bytes());
}

fn decode_branch(rest: &mut &[u8], part: &'static str) -> Result<(Vec<Hash256>, u32), AuxPowError> {
    let (VarInt(count), length) =
        deserialize_partial(rest).map_err(|_| AuxPowError::LengthMalformed(part))?;
    *rest = &rest[length..];
    // The bytes that are there bound the number, whatever it says.
    let branch = (0..count)
        .map(|_| take(rest, part).map(Hash256::from_bytes))
        .collect::<Result<Vec<Hash256>, AuxPowError>>()?;
    Ok((branch, u32::from_le_bytes(take(rest, part)?)))
}

/// Takes some bytes off the front.
fn take<const BYTES: usize>(
    rest: &mut &[u8],
    part: &'static str,
) -> Result<[u8; BYTES], AuxPowError> {
    let (front, behind) = rest.split_first_chunk().ok_or(AuxPowError::Truncated(part))?;
    *rest = behind;
    Ok(*front)
}

/// Where some bytes first begin in others.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
