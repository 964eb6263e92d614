//! Pseudo-random numbers that depend on the seed and the tip alone.

use bitcoin::BlockHash;
use bitcoin::hashes::{Hash, HashEngine, sha256};

/// SplitMix64: 64 bits of state, one addition and three mixes a number. Good enough to vary
/// transactions, and not meant for anything secret.
pub(super) struct SeededSequence {
    state: u64,
}

impl SeededSequence {
    /// The sequence of one tip of one sandbox.
    pub(super) fn new(seed: u64, tip: BlockHash) -> Self {
        let mut engine = sha256::Hash::engine();
        engine.input(&seed.to_le_bytes());
        engine.input(&tip.to_byte_array());
        let digest = sha256::Hash::from_engine(engine).to_byte_array();
        let first: [u8; 8] = digest[..8].try_into().expect("a digest has 32 bytes");
        Self { state: u64::from_le_bytes(first) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number from 0 to `bound - 1`. The bias of the remainder does not matter here.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below 0");
        self.next() % bound
    }

    /// Puts `items` into an order of this sequence (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let chosen = self.below(last as u64 + 1) as usize;
            items.swap(last, chosen);
        }
    }
}
