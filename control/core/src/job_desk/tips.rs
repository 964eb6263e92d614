//! How much work is in the chains up to the tips that were seen.

use std::collections::VecDeque;

use sluice_units::limits::TIPS_KEPT_MAX;
use sluice_units::{CompactTarget, Hash256};

use super::NodeTip;

/// Expected hashes of a block with these bits: what a chain grows by (Bitcoin Core, `GetBlockProof`).
pub(super) fn work_of(nbits: CompactTarget) -> u128 {
    let target =
        bitcoin::Target::from_compact(bitcoin::CompactTarget::from_consensus(nbits.to_bits()));
    if target == bitcoin::Target::ZERO {
        return 0;
    }
    let bytes = target.to_work().to_be_bytes();
    let (high, low) = bytes.split_at(16);
    // All of a chain's work is far below 2^128 (mainnet: 2^97); a test network's may be anything.
    if high.iter().any(|byte| *byte != 0) {
        return u128::MAX >> 8;
    }
    u128::from_be_bytes(low.try_into().expect("half of 32 bytes")).min(u128::MAX >> 8)
}

/// The latest tips with their work, newest first.
#[derive(Debug, Default)]
pub(super) struct Tips(VecDeque<NodeTip>);

impl Tips {
    pub(super) fn remember(&mut self, tip: NodeTip) {
        self.0.retain(|known| known.hash != tip.hash);
        self.0.push_front(tip);
        self.0.truncate(TIPS_KEPT_MAX);
    }

    pub(super) fn find(&self, hash: &Hash256) -> Option<NodeTip> {
        self.0.iter().find(|tip| tip.hash == *hash).copied()
    }
}
