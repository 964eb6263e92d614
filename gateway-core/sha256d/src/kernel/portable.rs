//! SHA-256 as the standard writes it (FIPS 180-4, 6.2.2), a lane after the other.

use super::{LaneKernel, Lanes, Messages};
use crate::blocks::{BEHIND_DIGEST, BEHIND_PAIR, ConstantBlock, HalfBlock};
use crate::constants::{INITIAL_STATE, keyed_schedule};

/// The kernel that every other one is held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl<const LANES: usize> LaneKernel<LANES> for Portable {
    fn compress(self, states: &mut Lanes<LANES>, messages: &Messages<LANES>) {
        for (state, message) in states.0.iter_mut().zip(&messages.0) {
            rounds(state, &keyed_schedule(message));
        }
    }

    fn compress_constant(self, states: &mut Lanes<LANES>, block: &ConstantBlock) {
        for state in &mut states.0 {
            rounds(state, &block.keyed);
        }
    }

    fn hash_digests(self, states: &mut Lanes<LANES>) {
        for state in &mut states.0 {
            *state = hash_half(state, &BEHIND_DIGEST);
        }
    }

    fn fold(self, digests: &mut Lanes<LANES>, siblings: &[HalfBlock]) {
        for digest in &mut digests.0 {
            for sibling in siblings {
                let mut state = hash_half(digest, sibling);
                rounds(&mut state, &BEHIND_PAIR.keyed);
                *digest = hash_half(&state, &BEHIND_DIGEST);
            }
        }
    }
}

/// A new state with one block compressed: a digest, and what follows it.
fn hash_half(digest: &[u32; 8], follows: &HalfBlock) -> [u32; 8] {
    let mut message = [0; 16];
    message[..8].copy_from_slice(digest);
    message[8..].copy_from_slice(&follows.words);
    let mut state = INITIAL_STATE;
    rounds(&mut state, &keyed_schedule(&message));
    state
}

/// Steps 2 to 4 of the hash computation.
fn rounds(state: &mut [u32; 8], keyed: &[u32; 64]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for word in keyed {
        let big_sigma1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first = h.wrapping_add(big_sigma1).wrapping_add(choice).wrapping_add(*word);
        let big_sigma0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(big_sigma0).wrapping_add(majority));
    }
    for (word, added) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(added);
    }
}
