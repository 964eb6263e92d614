//! The SHA instructions, scheduled by hand: `assembly/sha_ni.s`, which `assembly/generator.rs` writes.
#![allow(unsafe_code, reason = "calls of assembly that needs a processor with SHA and AVX")]

use super::sha_ni::ShaNi;
use super::{LaneKernel, Lanes, Messages};
use crate::blocks::{ConstantBlock, HalfBlock};

core::arch::global_asm!(include_str!("../../assembly/sha_ni.s"));

/// A processor with SHA and AVX instructions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assembly(());

impl Assembly {
    /// The kernel, where this processor can run it.
    pub(crate) fn detect() -> Option<Self> {
        (ShaNi::detect().is_some() && is_x86_feature_detected!("avx")).then_some(Self(()))
    }
}

macro_rules! lanes {
    ($lanes:literal, $compress:ident, $compress_constant:ident, $hash_digests:ident, $fold:ident) => {
        unsafe extern "sysv64" {
            fn $compress(states: *mut Lanes<$lanes>, messages: *const Messages<$lanes>);
            fn $compress_constant(states: *mut Lanes<$lanes>, keyed: *const [u32; 64]);
            fn $hash_digests(states: *mut Lanes<$lanes>);
            fn $fold(digests: *mut Lanes<$lanes>, siblings: *const HalfBlock, count: usize);
        }

        impl LaneKernel<$lanes> for Assembly {
            fn arranged(state: [u32; 8]) -> [u32; 8] {
                <ShaNi as LaneKernel<$lanes>>::arranged(state)
            }

            fn compress(self, states: &mut Lanes<$lanes>, messages: &Messages<$lanes>) {
                // SAFETY: an `Assembly` exists only where its instructions do; both are borrowed,
                // and as long as the function expects for so many lanes.
                unsafe { $compress(states, messages) }
            }

            fn compress_constant(self, states: &mut Lanes<$lanes>, block: &ConstantBlock) {
                // SAFETY: as above.
                unsafe { $compress_constant(states, &block.keyed) }
            }

            fn hash_digests(self, states: &mut Lanes<$lanes>) {
                // SAFETY: as above.
                unsafe { $hash_digests(states) }
            }

            fn fold(self, digests: &mut Lanes<$lanes>, siblings: &[HalfBlock]) {
                // SAFETY: as above; the function reads as many siblings as it is told, aligned as
                // their type demands.
                unsafe { $fold(digests, siblings.as_ptr(), siblings.len()) }
            }
        }
    };
}

lanes!(
    1,
    sluice_sha_ni_compress_1,
    sluice_sha_ni_compress_constant_1,
    sluice_sha_ni_hash_digests_1,
    sluice_sha_ni_fold_1
);
lanes!(
    2,
    sluice_sha_ni_compress_2,
    sluice_sha_ni_compress_constant_2,
    sluice_sha_ni_hash_digests_2,
    sluice_sha_ni_fold_2
);
lanes!(
    3,
    sluice_sha_ni_compress_3,
    sluice_sha_ni_compress_constant_3,
    sluice_sha_ni_hash_digests_3,
    sluice_sha_ni_fold_3
);
lanes!(
    4,
    sluice_sha_ni_compress_4,
    sluice_sha_ni_compress_constant_4,
    sluice_sha_ni_hash_digests_4,
    sluice_sha_ni_fold_4
);
