//! What limits a kernel: its instructions, run so that none waits for another or for memory. Written by
//! `assembly/generator.rs`; hashes nothing, and is there to be measured beside the kernels.
#![allow(unsafe_code, reason = "calls of assembly that needs a processor with SHA, or AVX2")]

use super::assembly::Assembly;
use super::avx2::Avx2;
use crate::share::BlockCounts;

core::arch::global_asm!(include_str!("../../assembly/instruction_mix.s"));

unsafe extern "sysv64" {
    fn sluice_mix_compress(times: u64);
    fn sluice_mix_compress_constant(times: u64);
    fn sluice_mix_half_block(times: u64);
    fn sluice_mix_avx2_round(times: u64);
}

/// Rounds, each with a word of the schedule, that have as many operations as a block: 64 rounds of 35 and 48 words
/// of 21 are 58 times 56.
const AVX2_ROUNDS_PER_BLOCK: u64 = 58;

/// The instructions of four shares, block by block.
pub(crate) fn run_sha_ni(_: Assembly, blocks: &BlockCounts) {
    for (function, times) in [
        (sluice_mix_compress as unsafe extern "sysv64" fn(u64), blocks.own),
        (sluice_mix_compress_constant, blocks.constant),
        (sluice_mix_half_block, blocks.half),
    ] {
        if times > 0 {
            // SAFETY: an `Assembly` exists only where its instructions do; the function reads no memory, writes
            // registers that a caller keeps nothing in, and ends after as many loops as told, which are not none.
            unsafe { function(times) }
        }
    }
}

/// The operations of eight shares, where every block is a whole one.
pub(crate) fn run_avx2(_: Avx2, blocks: &BlockCounts) {
    let rounds = (blocks.own + blocks.constant + blocks.half) * AVX2_ROUNDS_PER_BLOCK;
    // SAFETY: an `Avx2` exists only where its instructions do; otherwise as above, and a share has blocks.
    unsafe { sluice_mix_avx2_round(rounds) }
}
