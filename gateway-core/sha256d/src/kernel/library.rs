//! The `sha2` crate, which picks the processor's SHA instructions where it knows them.

use sha2::block_api::compress256;

use super::{LaneKernel, Lanes, Messages};
use crate::blocks::{BEHIND_DIGEST, BEHIND_PAIR, ConstantBlock, HalfBlock};
use crate::constants::{BLOCK_BYTES, INITIAL_STATE};

/// One lane after the other, and nothing computed ahead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Library;

impl<const LANES: usize> LaneKernel<LANES> for Library {
    fn compress(self, states: &mut Lanes<LANES>, messages: &Messages<LANES>) {
        for (state, message) in states.0.iter_mut().zip(&messages.0) {
            compress256(state, &[bytes(message)]);
        }
    }

    fn compress_constant(self, states: &mut Lanes<LANES>, block: &ConstantBlock) {
        let block = [bytes(&block.words)];
        for state in &mut states.0 {
            compress256(state, &block);
        }
    }

    fn hash_digests(self, states: &mut Lanes<LANES>) {
        for state in &mut states.0 {
            *state = hash(&[half(state, &BEHIND_DIGEST)]);
        }
    }

    fn fold(self, digests: &mut Lanes<LANES>, siblings: &[HalfBlock]) {
        let behind_pair = bytes(&BEHIND_PAIR.words);
        for digest in &mut digests.0 {
            for sibling in siblings {
                let first = hash(&[half(digest, sibling), behind_pair]);
                *digest = hash(&[half(&first, &BEHIND_DIGEST)]);
            }
        }
    }
}

fn hash(blocks: &[[u8; BLOCK_BYTES]]) -> [u32; 8] {
    let mut state = INITIAL_STATE;
    compress256(&mut state, blocks);
    state
}

fn half(digest: &[u32; 8], follows: &HalfBlock) -> [u8; BLOCK_BYTES] {
    let mut words = [0; 16];
    words[..8].copy_from_slice(digest);
    words[8..].copy_from_slice(&follows.words);
    bytes(&words)
}

fn bytes(words: &[u32; 16]) -> [u8; BLOCK_BYTES] {
    let mut bytes = [0; BLOCK_BYTES];
    for (chunk, word) in bytes.chunks_exact_mut(4).zip(words) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}
