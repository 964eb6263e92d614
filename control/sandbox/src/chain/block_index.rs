//! Every known block: the active chain, the branches beside it, and the hashes known as invalid.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bitcoin::block::Header;
use bitcoin::{Block, BlockHash, Work};

use super::coins::CoinChanges;
use super::limits::{INVALID_BLOCKS_MAX, MEDIAN_TIME_BLOCKS, REORG_DEPTH_MAX};

/// One known block.
#[derive(Clone, Debug)]
pub(super) struct IndexEntry {
    pub(super) header: Header,
    pub(super) height: u32,
    /// Work of this block and all its ancestors.
    pub(super) chain_work: Work,
    pub(super) transaction_count: usize,
    /// The whole block; `None` once it is pruned.
    pub(super) block: Option<Block>,
    /// What connecting it changes. Set at its first connection, and true ever after, since the
    /// coins under a block depend on its ancestors alone.
    pub(super) changes: Option<CoinChanges>,
}

/// The known blocks by hash.
#[derive(Clone, Debug)]
pub(super) struct BlockIndex {
    entries: BTreeMap<BlockHash, IndexEntry>,
    /// Hashes of the active chain by height; never empty.
    active: Vec<BlockHash>,
    /// Known blocks outside the active chain, lowest first.
    side: BTreeSet<(u32, BlockHash)>,
    invalid: BTreeSet<BlockHash>,
    /// The same hashes as `invalid`, oldest first.
    invalid_order: VecDeque<BlockHash>,
}

impl BlockIndex {
    /// An index that knows the genesis block.
    pub(super) fn new(genesis: Block, changes: CoinChanges) -> Self {
        let hash = genesis.block_hash();
        let entry = IndexEntry {
            header: genesis.header,
            height: 0,
            chain_work: genesis.header.work(),
            transaction_count: genesis.txdata.len(),
            block: Some(genesis),
            changes: Some(changes),
        };
        Self {
            entries: BTreeMap::from([(hash, entry)]),
            active: vec![hash],
            side: BTreeSet::new(),
            invalid: BTreeSet::new(),
            invalid_order: VecDeque::new(),
        }
    }

    pub(super) fn get(&self, hash: &BlockHash) -> Option<&IndexEntry> {
        self.entries.get(hash)
    }

    /// An entry that must be there.
    pub(super) fn known(&self, hash: &BlockHash) -> &IndexEntry {
        self.entries.get(hash).expect("every hash that the index handed out has an entry")
    }

    pub(super) fn tip_hash(&self) -> BlockHash {
        *self.active.last().expect("the active chain holds the genesis block at least")
    }

    pub(super) fn tip(&self) -> &IndexEntry {
        self.known(&self.tip_hash())
    }

    /// Hash of the active chain's block at `height`.
    pub(super) fn active_hash(&self, height: u32) -> Option<BlockHash> {
        self.active.get(height as usize).copied()
    }

    pub(super) fn is_active(&self, hash: &BlockHash) -> bool {
        self.get(hash).is_some_and(|entry| self.active_hash(entry.height) == Some(*hash))
    }

    pub(super) fn is_invalid(&self, hash: &BlockHash) -> bool {
        self.invalid.contains(hash)
    }

    pub(super) fn side_count(&self) -> usize {
        self.side.len()
    }

    /// Median time of the block `hash` and its ten nearest ancestors, in unix seconds (BIP113).
    /// A chain shorter than eleven blocks takes the upper of the two middle ones, as Core does.
    pub(super) fn median_time(&self, hash: &BlockHash) -> u32 {
        let mut times = Vec::with_capacity(MEDIAN_TIME_BLOCKS);
        let mut next = self.get(hash);
        while let Some(entry) = next.filter(|_| times.len() < MEDIAN_TIME_BLOCKS) {
            times.push(entry.header.time);
            next = self.get(&entry.header.prev_blockhash);
        }
        assert!(!times.is_empty(), "median time of an unknown block: {hash}");
        times.sort_unstable();
        times[times.len() / 2]
    }

    /// Adds a block outside the active chain. Its parent is known.
    pub(super) fn insert_side(&mut self, hash: BlockHash, block: Block) -> u32 {
        let parent = self.known(&block.header.prev_blockhash);
        let height = parent.height + 1;
        let entry = IndexEntry {
            header: block.header,
            height,
            chain_work: parent.chain_work + block.header.work(),
            transaction_count: block.txdata.len(),
            block: Some(block),
            changes: None,
        };
        let replaced = self.entries.insert(hash, entry);
        assert!(replaced.is_none(), "a block was added twice: {hash}");
        self.side.insert((height, hash));
        height
    }

    /// The side blocks from just above the active chain up to `hash`, lowest first.
    pub(super) fn branch_to(&self, hash: BlockHash) -> Vec<BlockHash> {
        let mut branch = vec![];
        let mut next = hash;
        while !self.is_active(&next) {
            branch.push(next);
            next = self.known(&next).header.prev_blockhash;
        }
        branch.reverse();
        branch
    }

    /// Makes the side block `hash`, a child of the tip, the new tip.
    pub(super) fn activate(&mut self, hash: BlockHash, changes: CoinChanges) {
        let tip_hash = self.tip_hash();
        let entry = self.entries.get_mut(&hash).expect("a block is added before it is activated");
        assert_eq!(entry.header.prev_blockhash, tip_hash, "only a child of the tip is activated");
        entry.changes = Some(changes);
        let was_side = self.side.remove(&(entry.height, hash));
        assert!(was_side, "only a side block is activated: {hash}");
        self.active.push(hash);
    }

    /// Takes the tip off the active chain, and returns its hash and what it had changed.
    pub(super) fn deactivate_tip(&mut self) -> (BlockHash, CoinChanges) {
        assert!(self.active.len() > 1, "the genesis block stays");
        let hash = self.active.pop().expect("just measured");
        let entry = self.known(&hash);
        let changes = entry.changes.clone().expect("an active block near the tip keeps changes");
        self.side.insert((entry.height, hash));
        (hash, changes)
    }

    /// Remembers a hash as invalid; a side block of that hash goes, with all that builds on it.
    pub(super) fn mark_invalid(&mut self, hash: BlockHash) {
        for removed in self.remove_branch(hash).into_iter().chain([hash]) {
            if self.invalid.insert(removed) {
                self.invalid_order.push_back(removed);
            }
        }
        while self.invalid_order.len() > INVALID_BLOCKS_MAX {
            let oldest = self.invalid_order.pop_front().expect("longer than its bound");
            self.invalid.remove(&oldest);
        }
        assert_eq!(self.invalid.len(), self.invalid_order.len());
    }

    /// Removes a side block and its descendants, and returns the hashes of those that were there.
    fn remove_branch(&mut self, hash: BlockHash) -> Vec<BlockHash> {
        let mut removed = BTreeSet::new();
        // The set is ordered by height, so a parent comes before its children.
        for (_, side) in &self.side {
            if *side == hash || removed.contains(&self.known(side).header.prev_blockhash) {
                removed.insert(*side);
            }
        }
        for hash in &removed {
            let entry = self.entries.remove(hash).expect("every side block has an entry");
            self.side.remove(&(entry.height, *hash));
        }
        removed.into_iter().collect()
    }

    /// Forgets what no reorganisation can reach any more: the body of the active block that has
    /// just become too deep, and the branches that fork off below it.
    pub(super) fn prune(&mut self) {
        let Some(pruned_height) = self.tip().height.checked_sub(REORG_DEPTH_MAX) else { return };
        while let Some((height, hash)) = self.side.first().copied() {
            if height > pruned_height {
                break;
            }
            self.remove_branch(hash);
        }
        // A reorganisation may raise the tip by one block only, so one body a call is enough.
        let hash = self.active[pruned_height as usize];
        let entry = self.entries.get_mut(&hash).expect("every active block has an entry");
        entry.block = None;
        entry.changes = None;
    }

    /// Height of the lowest active block whose body is kept.
    pub(super) fn lowest_body_height(&self) -> u32 {
        self.tip().height.checked_sub(REORG_DEPTH_MAX).map_or(0, |pruned| pruned + 1)
    }
}
