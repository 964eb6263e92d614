//! The kernels: ways to run SHA-256 on several messages at a time.
//!
//! | module | what | where |
//! |---|---|---|
//! | `portable` | plain Rust, to be read: the oracle of all others | everywhere |
//! | `library` | the `sha2` crate | everywhere; the choice where no other kernel is faster |
//! | `sha_ni` | SHA instructions through `std::arch` | x86-64 with SHA |
//! | `assembly` | the same, scheduled by hand: LLVM spills what must stay in registers | x86-64 with SHA and AVX |
//! | `avx2` | eight messages in the lanes of 256-bit registers | x86-64 with AVX2 |
//! | `instruction_mix` | what would be left of the last two if no instruction waited for another | as those |

#[cfg(target_arch = "x86_64")]
pub(crate) mod assembly;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod instruction_mix;
pub(crate) mod library;
pub(crate) mod portable;
#[cfg(target_arch = "x86_64")]
pub(crate) mod sha_ni;
#[cfg(test)]
mod tests;

use crate::blocks::{ConstantBlock, HalfBlock};

/// One SHA-256 state or digest a lane.
///
/// States stand in an order of the kernel's own ([`LaneKernel::arranged`]), digests in the standard's.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Lanes<const LANES: usize>(pub(crate) [[u32; 8]; LANES]);

/// One block a lane, as big-endian words.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Messages<const LANES: usize>(pub(crate) [[u32; 16]; LANES]);

/// What a share's check is made of, for so many shares at a time.
///
/// A value of the type is the proof that this processor can run it: there is none otherwise.
pub(crate) trait LaneKernel<const LANES: usize>: Copy {
    /// A state as this kernel keeps it.
    fn arranged(state: [u32; 8]) -> [u32; 8] {
        state
    }

    /// Compresses a block of each lane's own.
    fn compress(self, states: &mut Lanes<LANES>, messages: &Messages<LANES>);

    /// Compresses the same block in all lanes.
    fn compress_constant(self, states: &mut Lanes<LANES>, block: &ConstantBlock);

    /// Ends a double hash: states become the digests of their digests.
    fn hash_digests(self, states: &mut Lanes<LANES>);

    /// Climbs a merkle tree: digests become double hashes of themselves with each sibling in turn.
    fn fold(self, digests: &mut Lanes<LANES>, siblings: &[HalfBlock]);
}
