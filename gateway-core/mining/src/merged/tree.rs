//! The tree over the blocks of several chains: which slot each has, and what the coinbase says of them all.

use sluice_sha256d::hash_pair;
use sluice_units::Hash256;
use sluice_units::limits::{AUX_CHAINS_MAX, AUX_COMMITMENT_BYTES, AUX_TREE_SIZE_MAX};
use thiserror::Error;

use super::MAGIC;

/// The nonce of every tree. It would move all slots alike ([`slot`] is linear), so that chains which share a slot
/// under one nonce do so under any: only a larger tree parts them, and there is nothing to search.
const NONCE: u32 = 0;

/// Why some chains have no tree. Each message names the cause and the remedy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum AuxTreeError {
    /// No chain at all.
    #[error("there is no chain to mine along: name one, or leave the commitment out")]
    NoChains,
    /// More chains than one commitment is made for.
    #[error("{0} chains are to be mined along, at most {AUX_CHAINS_MAX} can be: leave some out")]
    TooManyChains(usize),
    /// One chain, or two with one number.
    #[error("the chain id {0} is named twice: leave one of the two chains out")]
    ChainIdTwice(u32),
    /// Two chains that have the same slot in every tree.
    #[error(
        "the chain ids {first} and {second} are equal modulo {AUX_TREE_SIZE_MAX}, so that both have the same slot: leave one of the two chains out"
    )]
    SameSlot {
        /// The chain that was named first.
        first: u32,
        /// The one that clashes with it.
        second: u32,
    },
}

/// The slot of a chain in a tree of `size` slots, a power of two (Namecoin, `CAuxPow::getExpectedIndex`).
pub(super) fn slot(chain_id: u32, nonce: u32, size: u32) -> u32 {
    let step = |number: u32| number.wrapping_mul(1_103_515_245).wrapping_add(12_345);
    step(step(nonce).wrapping_add(chain_id)) % size
}

/// The root of a tree from one of its leaves, the leaf's slot and the siblings on the way up (Namecoin,
/// `CAuxPow::CheckMerkleBranch`).
pub(super) fn root_of_branch(leaf: Hash256, branch: &[Hash256], slot: u32) -> Hash256 {
    let mut index = slot;
    branch.iter().fold(leaf, |node, sibling| {
        let is_right = index & 1 == 1;
        index >>= 1;
        if is_right { hash_pair(sibling, &node) } else { hash_pair(&node, sibling) }
    })
}

/// The blocks of several chains, each in the slot where its chain looks for it; all other slots are zero.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuxTree {
    chain_ids: Vec<u32>,
    /// From the slots up to the root, each level half as long as the one before.
    levels: Vec<Vec<Hash256>>,
}

impl AuxTree {
    /// The smallest tree in which no two of the chains, each a chain id and the hash of its block, share a slot.
    pub fn new(chains: &[(u32, Hash256)]) -> Result<Self, AuxTreeError> {
        let size = size_for(chains)?;
        let mut slots = vec![Hash256::ZERO; size as usize];
        for (chain_id, hash) in chains {
            slots[slot(*chain_id, NONCE, size) as usize] = *hash;
        }
        let mut levels = vec![slots];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            let above = level.chunks_exact(2).map(|pair| hash_pair(&pair[0], &pair[1])).collect();
            levels.push(above);
        }
        Ok(Self { chain_ids: chains.iter().map(|(chain_id, _)| *chain_id).collect(), levels })
    }

    /// How many slots it has: a power of two.
    pub fn size(&self) -> u32 {
        1 << (self.levels.len() - 1)
    }

    /// The hash that stands for all chains; of one chain alone that of its block.
    pub fn root(&self) -> Hash256 {
        self.levels[self.levels.len() - 1][0]
    }

    /// What the coinbase's scriptSig must hold, in one piece and once: magic, root with its most significant byte
    /// first, number of slots, nonce (4 bytes each, little-endian).
    pub fn commitment(&self) -> [u8; AUX_COMMITMENT_BYTES] {
        let mut bytes = [0; AUX_COMMITMENT_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..36].copy_from_slice(&reversed(self.root()));
        bytes[36..40].copy_from_slice(&self.size().to_le_bytes());
        bytes[40..].copy_from_slice(&NONCE.to_le_bytes());
        bytes
    }

    /// The slot of one of its chains; `None` of any other.
    pub fn slot_of(&self, chain_id: u32) -> Option<u32> {
        self.chain_ids.contains(&chain_id).then(|| slot(chain_id, NONCE, self.size()))
    }

    /// The siblings on the way from the slot of one of its chains to the root; `None` of any other.
    pub fn branch_of(&self, chain_id: u32) -> Option<Vec<Hash256>> {
        let slot = self.slot_of(chain_id)? as usize;
        let below_root = self.levels[..self.levels.len() - 1].iter().enumerate();
        Some(below_root.map(|(height, level)| level[(slot >> height) ^ 1]).collect())
    }
}

/// The bytes of a root in the order in which a coinbase holds it.
pub(super) fn reversed(root: Hash256) -> [u8; 32] {
    let mut bytes = root.to_bytes();
    bytes.reverse();
    bytes
}

/// The least number of slots in which every chain has one of its own.
fn size_for(chains: &[(u32, Hash256)]) -> Result<u32, AuxTreeError> {
    if chains.is_empty() {
        return Err(AuxTreeError::NoChains);
    }
    if chains.len() > AUX_CHAINS_MAX {
        return Err(AuxTreeError::TooManyChains(chains.len()));
    }
    let mut size = 1;
    for (index, (second, _)) in chains.iter().enumerate() {
        for (first, _) in &chains[..index] {
            if first == second {
                return Err(AuxTreeError::ChainIdTwice(*first));
            }
            // Once two chains are parted, they are in every larger tree as well.
            while slot(*first, NONCE, size) == slot(*second, NONCE, size) {
                if size == AUX_TREE_SIZE_MAX {
                    return Err(AuxTreeError::SameSlot { first: *first, second: *second });
                }
                size *= 2;
            }
        }
    }
    Ok(size)
}
