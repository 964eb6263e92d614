//! Side branches, reorganisations, and the bounds of both.

use bitcoin::Block;
use sluice_sandbox::chain::limits::{REORG_DEPTH_MAX, SIDE_BLOCKS_MAX};
use sluice_sandbox::chain::{Chain, Placement};

use crate::mining::*;

/// Blocks of a second chain of the same genesis, and that chain. Their times differ from the
/// first chain's, so the blocks do too.
fn rival_blocks(count: u32) -> (Chain, Vec<Block>) {
    let mut rival = chain();
    let blocks = (0..count)
        .map(|_| {
            let mut block = draft(&rival.block_template(NOW));
            block.header.time += 60;
            seal(&mut block);
            submit(&mut rival, &block).unwrap();
            block
        })
        .collect();
    (rival, blocks)
}

#[test]
fn the_longer_branch_wins_and_can_lose_again() {
    let mut chain = chain();
    extend(&mut chain, 2);
    let own_tip = chain.summary().best_block_hash;
    let (mut rival, blocks) = rival_blocks(3);
    for block in &blocks[..2] {
        let accepted = submit(&mut chain, block).unwrap();
        assert_eq!(accepted.placement, Placement::SideBranch);
        assert_eq!(chain.summary().best_block_hash, own_tip);
        assert_eq!(chain.block(&block.block_hash()).unwrap().confirmations, -1);
        assert_eq!(submit(&mut chain, block).unwrap_err().reason(), "duplicate");
    }
    let accepted = submit(&mut chain, &blocks[2]).unwrap();
    assert_eq!(accepted.placement, Placement::Tip { disconnected: 2 });
    assert_eq!(chain.summary().best_block_hash, rival.summary().best_block_hash);
    assert_eq!(chain.block_hash(1), Some(blocks[0].block_hash()));
    assert_eq!(chain.block(&own_tip).unwrap().confirmations, -1);

    // The coins are the rival's now: whatever it mines is good here, and the other way round.
    for _ in 0..3 {
        let block = next_block(&rival);
        submit(&mut rival, &block).unwrap();
        submit(&mut chain, &block).unwrap();
        let block = next_block(&chain);
        submit(&mut chain, &block).unwrap();
        submit(&mut rival, &block).unwrap();
    }

    // The branch that lost comes back when it is longer.
    let mut parent = own_tip;
    for height in 3..=10 {
        let block = empty_block(parent, height, NOW as u32 + height, 0, 0);
        let placement = submit(&mut chain, &block).unwrap().placement;
        let expected = Placement::Tip { disconnected: 9 };
        assert_eq!(placement, if height == 10 { expected } else { Placement::SideBranch });
        parent = block.block_hash();
    }
    assert_eq!(chain.summary().best_block_hash, parent);
    extend(&mut chain, 2);
}

#[test]
fn a_branch_with_a_bad_last_block_changes_nothing() {
    let mut chain = chain();
    extend(&mut chain, 2);
    let tip = chain.summary().best_block_hash;
    let template = chain.block_template(NOW);
    let (_, blocks) = rival_blocks(2);
    for block in &blocks {
        submit(&mut chain, block).unwrap();
    }
    let greedy = empty_block(blocks[1].block_hash(), 3, NOW as u32 + 90, 5_000_000_001, 0);
    assert_eq!(submit(&mut chain, &greedy).unwrap_err().reason(), "bad-cb-amount");
    assert_eq!(submit(&mut chain, &greedy).unwrap_err().reason(), "duplicate-invalid");
    assert_eq!(chain.summary().best_block_hash, tip);
    assert_eq!(chain.block_template(NOW), template);
    // An honest block in its place still wins.
    let honest = empty_block(blocks[1].block_hash(), 3, NOW as u32 + 90, 5_000_000_000, 0);
    let placement = submit(&mut chain, &honest).unwrap().placement;
    assert_eq!(placement, Placement::Tip { disconnected: 2 });
}

#[test]
fn a_branch_on_a_bad_block_falls_with_it() {
    let mut chain = chain();
    let genesis = chain.summary().best_block_hash;
    extend(&mut chain, 2);
    let tip = chain.summary().best_block_hash;
    // A side block's amounts are not looked at before its branch is the longer one.
    let greedy = empty_block(genesis, 1, NOW as u32, 5_000_000_001, 1);
    let child = empty_block(greedy.block_hash(), 2, NOW as u32 + 1, 0, 0);
    let sibling = empty_block(greedy.block_hash(), 2, NOW as u32 + 1, 0, 1);
    for block in [&greedy, &child, &sibling] {
        assert_eq!(submit(&mut chain, block).unwrap().placement, Placement::SideBranch);
    }
    let grandchild = empty_block(child.block_hash(), 3, NOW as u32 + 2, 0, 0);
    assert_eq!(submit(&mut chain, &grandchild).unwrap_err().reason(), "bad-prevblk");
    assert_eq!(chain.summary().best_block_hash, tip);
    for block in [&greedy, &child, &sibling, &grandchild] {
        assert_eq!(submit(&mut chain, block).unwrap_err().reason(), "duplicate-invalid");
        assert!(chain.block(&block.block_hash()).is_none());
    }
    extend(&mut chain, 1);
}

#[test]
fn deep_forks_are_refused_and_forgotten() {
    let mut chain = bare_chain();
    let genesis = chain.summary().best_block_hash;
    extend(&mut chain, 1);
    let early = empty_block(genesis, 1, NOW as u32 + 1, 0, 1);
    assert_eq!(submit(&mut chain, &early).unwrap().placement, Placement::SideBranch);
    extend(&mut chain, REORG_DEPTH_MAX - 1);
    // The lowest block that can still be disconnected has height 1.
    let late = empty_block(genesis, 1, NOW as u32 + 1, 0, 2);
    assert_eq!(submit(&mut chain, &late).unwrap().placement, Placement::SideBranch);
    extend(&mut chain, 1);
    assert!(chain.block(&early.block_hash()).is_none());
    let too_late = empty_block(genesis, 1, NOW as u32 + 1, 0, 3);
    assert_eq!(submit(&mut chain, &too_late).unwrap_err().reason(), "bad-fork-prior-to-checkpoint");
    let child = empty_block(late.block_hash(), 2, NOW as u32 + 1, 0, 0);
    assert_eq!(submit(&mut chain, &child).unwrap_err().reason(), "prev-blk-not-found");
}

#[test]
fn the_deepest_reorganisation() {
    let mut chain = bare_chain();
    let genesis = chain.summary().best_block_hash;
    extend(&mut chain, REORG_DEPTH_MAX);
    let mut parent = genesis;
    for height in 1..=REORG_DEPTH_MAX + 1 {
        let block = empty_block(parent, height, NOW as u32 + height, 0, 1);
        parent = block.block_hash();
        let placement = submit(&mut chain, &block).unwrap().placement;
        assert_eq!(placement != Placement::SideBranch, height > REORG_DEPTH_MAX);
    }
    assert_eq!(chain.summary().best_block_hash, parent);
    extend(&mut chain, 1);
}

#[test]
fn side_blocks_are_bounded() {
    let mut chain = bare_chain();
    let genesis = chain.summary().best_block_hash;
    extend(&mut chain, 1);
    for tag in 0..SIDE_BLOCKS_MAX as u64 {
        submit(&mut chain, &empty_block(genesis, 1, NOW as u32, 0, tag + 1)).unwrap();
    }
    let one_more = empty_block(genesis, 1, NOW as u32, 0, u64::MAX);
    let rejection = submit(&mut chain, &one_more).unwrap_err();
    assert_eq!(rejection.reason(), "sandbox-side-blocks-full");
    extend(&mut chain, 1);
}
