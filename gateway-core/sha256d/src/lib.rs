//! Double SHA-256 (FIPS 180-4) in the shapes that a pool needs: a coinbase whose front never changes,
//! a merkle branch, an 80-byte header of which a miner changes only the last bytes.
//!
//! | module | holds |
//! |---|---|
//! | `share` | the hashes of a job's shares, many at a time: what a pool does all day |
//! | `dispatch` | which kernels this processor can run, and which is fastest |
//! | `kernel` | the kernels |
//! | `blocks` | what is computed once of blocks that do not change |
//!
//! Everything that is hashed now and then goes through the `sha2` crate: [`sha256d`], [`Midstate`].
#![deny(unsafe_code)]

mod blocks;
mod constants;
mod dispatch;
mod kernel;
mod share;

use sha2::block_api::compress256;
use sluice_units::Hash256;
use sluice_units::header::HEADER_BYTES;

use crate::constants::{BLOCK_BYTES, bytes_of};
pub use crate::constants::{INITIAL_STATE, ROUND_CONSTANTS};
pub use crate::dispatch::{Kernel, NoSuchKernel};
pub use crate::share::{EXTRANONCE_BYTES_MAX, JobHasher, ShareInput};

/// The double SHA-256 of some bytes.
pub fn sha256d(bytes: &[u8]) -> Hash256 {
    Midstate::START.finish(bytes)
}

/// The state of SHA-256 after whole blocks of a message whose front stays the same.
#[derive(Clone, Copy, Debug)]
pub struct Midstate {
    state: [u32; 8],
    absorbed_bytes: usize,
}

impl Midstate {
    /// Nothing absorbed yet.
    pub const START: Self = Self { state: INITIAL_STATE, absorbed_bytes: 0 };

    /// Absorbs the whole blocks of `front`; what is left over belongs to the tail.
    pub fn of_front(front: &[u8]) -> Self {
        let mut midstate = Self::START;
        let (blocks, _) = front.as_chunks::<BLOCK_BYTES>();
        compress256(&mut midstate.state, blocks);
        midstate.absorbed_bytes = blocks.len() * BLOCK_BYTES;
        midstate
    }

    /// How many bytes of the front were absorbed: a multiple of 64.
    pub const fn absorbed_bytes(&self) -> usize {
        self.absorbed_bytes
    }

    /// The double hash of the absorbed front and `tail`, which begins where the front was left.
    pub fn finish(&self, tail: &[u8]) -> Hash256 {
        let mut state = self.state;
        let (blocks, rest) = tail.as_chunks::<BLOCK_BYTES>();
        compress256(&mut state, blocks);
        let bits = (self.absorbed_bytes as u64 + tail.len() as u64) * 8;
        let mut padding = [[0; BLOCK_BYTES]; 2];
        padding[0][..rest.len()].copy_from_slice(rest);
        padding[0][rest.len()] = 0x80;
        // The length takes eight bytes behind the end mark; a fuller block needs one more.
        let last = usize::from(rest.len() + 9 > BLOCK_BYTES);
        padding[last][BLOCK_BYTES - 8..].copy_from_slice(&bits.to_be_bytes());
        compress256(&mut state, &padding[..=last]);
        second_hash(state)
    }
}

/// SHA-256 of a SHA-256 state's digest.
fn second_hash(first: [u32; 8]) -> Hash256 {
    let mut block = [0; BLOCK_BYTES];
    block[..32].copy_from_slice(&bytes_of(&first));
    block[32] = 0x80;
    block[BLOCK_BYTES - 8..].copy_from_slice(&256_u64.to_be_bytes());
    let mut state = INITIAL_STATE;
    compress256(&mut state, &[block]);
    Hash256::from_bytes(bytes_of(&state))
}

/// The root of a merkle tree from its leftmost leaf and the siblings on the way up.
pub fn merkle_root(leaf: Hash256, branch: &[Hash256]) -> Hash256 {
    branch.iter().fold(leaf, |left, right| hash_pair(&left, right))
}

/// The parent of two nodes of a merkle tree.
pub fn hash_pair(left: &Hash256, right: &Hash256) -> Hash256 {
    let mut pair = [0; BLOCK_BYTES];
    pair[..32].copy_from_slice(left.as_bytes());
    pair[32..].copy_from_slice(right.as_bytes());
    sha256d(&pair)
}

/// A header whose nonce is searched: the first 64 bytes are absorbed once.
#[derive(Clone, Debug)]
pub struct HeaderSearch {
    front: Midstate,
    tail: [u8; HEADER_BYTES - BLOCK_BYTES],
}

impl HeaderSearch {
    /// Prepares a header; its own nonce is disregarded.
    pub fn new(header: &[u8; HEADER_BYTES]) -> Self {
        let (front, tail) = header.split_at(BLOCK_BYTES);
        let tail = tail.try_into().expect("80 less 64 bytes are 16");
        Self { front: Midstate::of_front(front), tail }
    }

    /// The header's hash with the given nonce.
    pub fn hash(&mut self, nonce: u32) -> Hash256 {
        self.tail[12..].copy_from_slice(&nonce.to_le_bytes());
        self.front.finish(&self.tail)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;

    fn oracle(bytes: &[u8]) -> Hash256 {
        Hash256::from_bytes(Sha256::digest(Sha256::digest(bytes)).into())
    }

    #[test]
    fn known_answers() {
        // NIST's "abc", hashed once more.
        let expected = "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358";
        let digest = sluice_units::hex::encode(sha256d(b"abc").as_bytes());
        assert_eq!(digest, expected);
    }

    #[test]
    fn the_genesis_header() {
        let header = "0100000000000000000000000000000000000000000000000000000000000000000000003ba3\
                      edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d\
                      1dac2b7c";
        let header: [u8; HEADER_BYTES] =
            sluice_units::hex::decode(header).unwrap().try_into().unwrap();
        let hash = HeaderSearch::new(&header).hash(2_083_236_893);
        assert_eq!(
            hash.to_string(),
            "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
        );
        assert_eq!(sha256d(&header), hash);
    }

    proptest! {
        #[test]
        fn every_length_and_front(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..400) {
            let front = &bytes[..cut.min(bytes.len())];
            let midstate = Midstate::of_front(front);
            prop_assert_eq!(midstate.absorbed_bytes() % 64, 0);
            prop_assert_eq!(midstate.finish(&bytes[midstate.absorbed_bytes()..]), oracle(&bytes));
            prop_assert_eq!(sha256d(&bytes), oracle(&bytes));
        }

        #[test]
        fn roots_fold_from_the_left(leaf in any::<[u8; 32]>(), branch in proptest::collection::vec(any::<[u8; 32]>(), 0..5)) {
            let mut expected = leaf.to_vec();
            for sibling in &branch {
                expected = oracle(&[&expected[..], sibling].concat()).to_bytes().to_vec();
            }
            let branch: Vec<_> = branch.into_iter().map(Hash256::from_bytes).collect();
            prop_assert_eq!(merkle_root(Hash256::from_bytes(leaf), &branch).to_bytes().to_vec(), expected);
        }
    }
}
