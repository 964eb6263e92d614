//! The way of a submitted block: its checks in order, its place, and the change of tip.

use bitcoin::consensus::encode::deserialize;
use bitcoin::{Block, BlockHash};

use super::limits::{HEIGHT_MAX, REORG_DEPTH_MAX, SIDE_BLOCKS_MAX};
use super::rejection::Rejection;
use super::{Chain, block_rules, connection, header_rules};

/// A block that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its hash.
    pub hash: BlockHash,
    /// Its height.
    pub height: u32,
    /// Where it went.
    pub placement: Placement,
}

/// Where an accepted block went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It is the new tip.
    Tip {
        /// Blocks that had to leave the active chain for it; 0 if it extends the old tip.
        disconnected: u32,
    },
    /// Its branch is not longer than the active chain. Its coins are checked only when it gets
    /// longer, which is why BIP22 calls this `inconclusive`.
    SideBranch,
}

impl Chain {
    /// Checks a serialized block in full and takes it.
    ///
    /// # Errors
    /// The first rule that it breaks. Bytes after the block are refused too.
    pub fn submit(
        &mut self,
        block_bytes: &[u8],
        now_unix_seconds: u64,
    ) -> Result<Accepted, Rejection> {
        let verdict = self.accept(block_bytes, now_unix_seconds);
        match verdict {
            Ok(_) => self.blocks_accepted += 1,
            Err(_) => self.blocks_rejected += 1,
        }
        verdict
    }

    /// Checks a serialized block as [`Self::submit`] does, but for its proof of work, and changes
    /// nothing (BIP23, block proposal).
    ///
    /// # Errors
    /// The first rule that it breaks; the parent must be the tip.
    pub fn check_proposal(
        &self,
        block_bytes: &[u8],
        now_unix_seconds: u64,
    ) -> Result<(), Rejection> {
        let block = decode(block_bytes)?;
        self.check_unknown(&block.block_hash())?;
        let parent = block.header.prev_blockhash;
        if parent != self.index.tip_hash() {
            return Err(Rejection::NotBestParent);
        }
        let height = self.index.tip().height + 1;
        let median_time = self.index.median_time(&parent);
        let bits = self.config.network_bits;
        header_rules::check_in_context(&block.header, bits, median_time, now_unix_seconds)?;
        block_rules::check(&block)?;
        block_rules::check_in_context(&block, height, median_time)?;
        connection::connect(&self.coins, &block, height).map(|_| ())
    }

    fn accept(&mut self, block_bytes: &[u8], now_unix_seconds: u64) -> Result<Accepted, Rejection> {
        let block = decode(block_bytes)?;
        let hash = block.block_hash();
        self.check_unknown(&hash)?;
        header_rules::check_proof_of_work(&block.header)?;
        block_rules::check(&block)?;
        let parent = block.header.prev_blockhash;
        if self.index.is_invalid(&parent) {
            return Err(Rejection::InvalidParent);
        }
        let height = self.index.get(&parent).ok_or(Rejection::UnknownParent)?.height + 1;
        self.check_room(&parent, height)?;
        let median_time = self.index.median_time(&parent);
        let bits = self.config.network_bits;
        header_rules::check_in_context(&block.header, bits, median_time, now_unix_seconds)?;
        // From here on the header is good, so what is wrong is wrong with this hash for ever,
        // unless other bytes could have the same hash.
        if let Err(rejection) = block_rules::check_in_context(&block, height, median_time) {
            if !rejection.leaves_hash_open() {
                self.index.mark_invalid(hash);
            }
            return Err(rejection);
        }
        self.index.insert_side(hash, block);
        let placement = self.place(hash, height)?;
        Ok(Accepted { hash, height, placement })
    }

    fn check_unknown(&self, hash: &BlockHash) -> Result<(), Rejection> {
        if self.index.get(hash).is_some() {
            return Err(Rejection::Duplicate);
        }
        if self.index.is_invalid(hash) {
            return Err(Rejection::DuplicateInvalid);
        }
        Ok(())
    }

    /// Checks the bounds of the chain's own tables.
    fn check_room(&self, parent: &BlockHash, height: u32) -> Result<(), Rejection> {
        if height > HEIGHT_MAX {
            return Err(Rejection::ChainFull);
        }
        // The parent stays connected, so it may itself lie as deep as a disconnection reaches.
        if height + REORG_DEPTH_MAX <= self.index.tip().height {
            return Err(Rejection::ForkTooDeep);
        }
        let extends_tip = *parent == self.index.tip_hash();
        if !extends_tip && self.index.side_count() >= SIDE_BLOCKS_MAX {
            return Err(Rejection::SideBlocksFull);
        }
        Ok(())
    }

    /// Moves the tip to a stored block if its branch is the longer one. Every block has the same
    /// target, so the longest chain is the one with the most work; of two equals the first stays.
    fn place(&mut self, hash: BlockHash, height: u32) -> Result<Placement, Rejection> {
        if height <= self.index.tip().height {
            return Ok(Placement::SideBranch);
        }
        let disconnected = self.switch_to(hash)?;
        self.index.prune();
        self.refresh_mempool();
        Ok(Placement::Tip { disconnected })
    }

    /// Makes `hash` the tip, or leaves everything as it was.
    fn switch_to(&mut self, hash: BlockHash) -> Result<u32, Rejection> {
        let branch = self.index.branch_to(hash);
        let fork_height = self.index.known(&branch[0]).height - 1;
        let disconnected = self.disconnect_down_to(fork_height);
        for side in branch {
            let Err(rejection) = self.connect_side(side) else { continue };
            self.disconnect_down_to(fork_height);
            for former in disconnected.into_iter().rev() {
                self.connect_side(former).expect("a block that was active is valid");
            }
            self.index.mark_invalid(side);
            return Err(if side == hash { rejection } else { Rejection::InvalidParent });
        }
        assert_eq!(self.index.tip_hash(), hash);
        Ok(u32::try_from(disconnected.len()).expect("bounded by the depth of a reorganisation"))
    }

    /// Disconnects every active block above `height`, and returns their hashes, highest first.
    fn disconnect_down_to(&mut self, height: u32) -> Vec<BlockHash> {
        let mut disconnected = vec![];
        while self.index.tip().height > height {
            let (hash, changes) = self.index.deactivate_tip();
            self.coins.revert(&changes);
            disconnected.push(hash);
        }
        disconnected
    }

    /// Connects a stored child of the tip.
    fn connect_side(&mut self, hash: BlockHash) -> Result<(), Rejection> {
        let entry = self.index.known(&hash);
        let changes = match &entry.changes {
            Some(changes) => changes.clone(),
            None => {
                let block = entry.block.as_ref().expect("only deep active blocks are pruned");
                connection::connect(&self.coins, block, entry.height)?
            }
        };
        self.coins.apply(&changes);
        self.index.activate(hash, changes);
        Ok(())
    }
}

fn decode(block_bytes: &[u8]) -> Result<Block, Rejection> {
    deserialize(block_bytes).map_err(|error| Rejection::Undecodable(error.to_string()))
}
