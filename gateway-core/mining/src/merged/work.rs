//! What a job commits to of other chains, and what each of them is handed where a share meets its target.

use sluice_units::limits::{AUX_CHAINS_MAX, MERKLE_BRANCH_MAX};
use sluice_units::{FoundBlock, Hash256, Name, Target};

use super::{AuxPow, AuxTree, AuxTreeError, rsk_output};
use crate::coinbase::AuxMarks;

/// How a chain takes the work of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuxKind {
    /// As Namecoin does: a tree of chains in the scriptSig, `createauxblock` and `submitauxblock`.
    AuxPow {
        /// The number that fixes the chain's slot.
        chain_id: u32,
    },
    /// As RSK does: an output, `mnr_getWork` and `mnr_submitBitcoinBlockPartialMerkle`.
    Rsk,
}

/// A block of another chain that waits for work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuxWork {
    /// What the pool's owner calls the chain.
    pub chain: Name,
    /// How it takes work.
    pub kind: AuxKind,
    /// Hash of the chain's block; of RSK, the hash for merged mining. Shown, it reads as its node shows it.
    pub hash: Hash256,
    /// What the hash of the parent's header must not exceed.
    pub target: Target,
}

/// What a chain's node is handed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuxSubmission {
    /// The parameters of `submitauxblock`: hash as nodes show it, and proof.
    AuxPow {
        /// The block.
        hash: Hash256,
        /// The serialised proof.
        proof: Vec<u8>,
    },
    /// Those of `mnr_submitBitcoinBlockPartialMerkle`.
    Rsk {
        /// The hash for merged mining.
        hash: Hash256,
        /// The parent's header.
        header: Vec<u8>,
        /// Its coinbase, without witness.
        coinbase: Vec<u8>,
        /// The siblings from the coinbase to the root (RSKIP 92).
        merkle_branch: Vec<Hash256>,
        /// Transactions of the parent, the coinbase among them.
        transactions: u32,
    },
}

/// What the coinbase says of these chains.
pub fn marks_of(works: &[AuxWork]) -> Result<AuxMarks, AuxTreeError> {
    let chains = tree_leaves(works);
    let commitment =
        if chains.is_empty() { None } else { Some(AuxTree::new(&chains)?.commitment()) };
    let rsk = works.iter().filter(|work| work.kind == AuxKind::Rsk);
    let output = |work: &AuxWork| {
        // RSK writes its hashes in the order in which it shows them.
        let mut bytes = work.hash.to_bytes();
        bytes.reverse();
        rsk_output(&bytes)
    };
    let outputs = rsk.map(output).collect();
    Ok(AuxMarks { commitment, outputs })
}

/// The target that the most hashes meet, of those of these chains.
pub fn easiest_target(works: &[AuxWork]) -> Option<Target> {
    works.iter().map(|work| work.target).max()
}

fn tree_leaves(works: &[AuxWork]) -> Vec<(u32, Hash256)> {
    let leaf = |work: &AuxWork| match work.kind {
        AuxKind::AuxPow { chain_id } => Some((chain_id, work.hash)),
        AuxKind::Rsk => None,
    };
    works.iter().filter_map(leaf).collect()
}

/// What a job commits to, and where its coinbase stands: all that a proof needs besides the share.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuxRound {
    /// The chains.
    pub works: Vec<AuxWork>,
    /// The siblings from the coinbase to the root.
    pub merkle_branch: Vec<Hash256>,
}

impl AuxRound {
    /// The chains whose target a hash meets.
    pub fn met_by(&self, hash: &Hash256) -> Vec<&AuxWork> {
        self.works.iter().filter(|work| work.target.is_met_by(hash)).collect()
    }

    /// What a chain is handed; `transactions` are the parent's, the coinbase among them. `None` where
    /// the chain is none of this round.
    pub fn submission(
        &self,
        work: &AuxWork,
        found: &FoundBlock,
        transactions: u32,
    ) -> Option<AuxSubmission> {
        match work.kind {
            AuxKind::AuxPow { chain_id } => {
                let tree = AuxTree::new(&tree_leaves(&self.works)).ok()?;
                let proof = AuxPow::new(
                    &tree,
                    chain_id,
                    &found.coinbase,
                    &self.merkle_branch,
                    &found.header,
                )?;
                Some(AuxSubmission::AuxPow { hash: work.hash, proof: proof.encode() })
            }
            AuxKind::Rsk => Some(AuxSubmission::Rsk {
                hash: work.hash,
                header: found.header.to_vec(),
                coinbase: found.coinbase.clone(),
                merkle_branch: self.merkle_branch.clone(),
                transactions,
            }),
        }
    }

    /// The file form: count of chains (1), each: name (length 1, bytes), kind (1: 0 tree, 1 RSK), chain id (4,
    /// little-endian), hash (32), target (32, most significant first); count of siblings (1), each 32.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(self.works.len()).expect("chains are bounded")];
        for work in &self.works {
            let name = work.chain.as_str().as_bytes();
            bytes.push(u8::try_from(name.len()).expect("names are bounded"));
            bytes.extend(name);
            let (kind, chain_id) = match work.kind {
                AuxKind::AuxPow { chain_id } => (0, chain_id),
                AuxKind::Rsk => (1, 0),
            };
            bytes.push(kind);
            bytes.extend(chain_id.to_le_bytes());
            bytes.extend(work.hash.as_bytes());
            bytes.extend(work.target.to_be_bytes());
        }
        bytes.push(u8::try_from(self.merkle_branch.len()).expect("a branch is bounded"));
        for hash in &self.merkle_branch {
            bytes.extend(hash.as_bytes());
        }
        bytes
    }

    /// Reads what [`AuxRound::encode`] writes; `None` where it does not read.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let chains = usize::from(take::<1>(&mut rest)?[0]);
        if chains > 2 * AUX_CHAINS_MAX {
            return None;
        }
        let mut works = Vec::with_capacity(chains);
        for _ in 0..chains {
            let length = usize::from(take::<1>(&mut rest)?[0]);
            let (name, after) = rest.split_at_checked(length)?;
            rest = after;
            let chain = core::str::from_utf8(name).ok()?.parse().ok()?;
            let [kind] = take::<1>(&mut rest)?;
            let chain_id = u32::from_le_bytes(take(&mut rest)?);
            let kind = match kind {
                0 => AuxKind::AuxPow { chain_id },
                1 => AuxKind::Rsk,
                _ => return None,
            };
            let hash = Hash256::from_bytes(take(&mut rest)?);
            let target = Target::from_be_bytes(take(&mut rest)?);
            works.push(AuxWork { chain, kind, hash, target });
        }
        let siblings = usize::from(take::<1>(&mut rest)?[0]);
        if siblings > MERKLE_BRANCH_MAX {
            return None;
        }
        let branch: Option<Vec<Hash256>> =
            (0..siblings).map(|_| take(&mut rest).map(Hash256::from_bytes)).collect();
        rest.is_empty().then_some(Self { works, merkle_branch: branch? })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round() -> AuxRound {
        let work = |chain: &str, kind, byte| AuxWork {
            chain: chain.parse().unwrap(),
            kind,
            hash: Hash256::from_bytes([byte; 32]),
            target: Target::from_be_bytes([byte; 32]),
        };
        AuxRound {
            works: vec![
                work("nmc", AuxKind::AuxPow { chain_id: 1 }, 3),
                work("sys", AuxKind::AuxPow { chain_id: 16 }, 5),
                work("rsk", AuxKind::Rsk, 9),
            ],
            merkle_branch: vec![Hash256::from_bytes([7; 32]); 3],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = round().encode();
        assert_eq!(AuxRound::decode(&bytes), Some(round()));
        for length in 0..bytes.len() {
            assert_eq!(AuxRound::decode(&bytes[..length]), None);
        }
        assert_eq!(AuxRound::decode(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(AuxRound::decode(&AuxRound::default().encode()), Some(AuxRound::default()));
    }

    #[test]
    fn a_hash_is_for_the_chains_whose_target_it_meets() {
        let met = |byte: u8| {
            let hash = Hash256::from_bytes([byte; 32]);
            round().met_by(&hash).iter().map(|work| work.chain.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(met(2), ["nmc", "sys", "rsk"]);
        assert_eq!(met(4), ["sys", "rsk"]);
        assert_eq!(met(9), ["rsk"]);
        assert!(met(10).is_empty());
        assert_eq!(easiest_target(&round().works), Some(Target::from_be_bytes([9; 32])));
        assert_eq!(easiest_target(&[]), None);
    }

    #[test]
    fn each_kind_has_its_mark() {
        let marks = marks_of(&round().works).unwrap();
        assert_eq!(marks.commitment.unwrap()[..4], *b"\xfa\xbemm");
        assert_eq!(marks.outputs.len(), 1);
        assert_eq!(marks_of(&[]).unwrap(), AuxMarks::default());
        let twice = [round().works[0].clone(), round().works[0].clone()];
        assert!(marks_of(&twice).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = AuxRound::decode(&bytes);
        }
    }
}
