//! Chains that grow: templates, halvings, maturity, time, pruning, determinism.

use std::collections::BTreeSet;

use bitcoin::{Amount, OutPoint, Txid};
use sluice_sandbox::SandboxConfig;
use sluice_sandbox::chain::limits::REORG_DEPTH_MAX;
use sluice_sandbox::chain::{Chain, Placement, Template};

use crate::mining::*;

fn txids(template: &Template) -> BTreeSet<Txid> {
    template.transactions.iter().map(|entry| entry.txid).collect()
}

#[test]
fn a_template_becomes_a_block_and_brings_new_transactions() {
    let mut chain = chain();
    let before = chain.block_template(NOW);
    let block = next_block(&chain);
    let accepted = submit(&mut chain, &block).unwrap();
    assert_eq!(accepted.hash, block.block_hash());
    assert_eq!(accepted.height, 1);
    assert_eq!(accepted.placement, Placement::Tip { disconnected: 0 });
    let summary = chain.summary();
    assert_eq!((summary.height, summary.best_block_hash), (1, block.block_hash()));
    assert_eq!((summary.blocks_accepted, summary.blocks_rejected), (1, 0));
    let after = chain.block_template(NOW);
    assert!(txids(&after).is_disjoint(&txids(&before)), "a confirmed transaction stayed");
    assert_ne!(after.long_poll_id, before.long_poll_id);
    assert_eq!(after.previous_block_hash, block.block_hash());
}

#[test]
fn two_hundred_blocks_past_halving_and_maturity() {
    let mut chain = chain();
    let (mut with_witness, mut without_witness, mut dependent) = (0, 0, 0);
    for height in 1..=200 {
        let template = chain.block_template(NOW);
        assert_eq!(template.height, height);
        let fees: Amount = template.transactions.iter().map(|entry| entry.fee).sum();
        let subsidy = if height < 150 { 5_000_000_000 } else { 2_500_000_000 };
        assert_eq!(template.coinbase_value, Amount::from_sat(subsidy) + fees);
        assert!((5..=40).contains(&template.transactions.len()), "{}", template.transactions.len());
        for (position, entry) in (1..).zip(&template.transactions) {
            let distinct = entry.txid.to_raw_hash() != entry.wtxid.to_raw_hash();
            with_witness += u32::from(distinct);
            without_witness += u32::from(!distinct);
            assert!(entry.depends.iter().all(|depend| *depend < position));
            dependent += u32::from(!entry.depends.is_empty());
            assert!(entry.fee > Amount::ZERO);
            assert_eq!(entry.weight as u64, entry.transaction.weight().to_wu());
        }
        extend(&mut chain, 1);
    }
    assert_eq!(chain.summary().height, 200);
    // All three kinds that a pool has to handle do occur.
    assert!(with_witness > 500 && without_witness > 100 && dependent > 100);
}

#[test]
fn an_empty_block_keeps_the_mempool() {
    let mut chain = chain();
    let before = chain.block_template(NOW);
    let time = before.current_time;
    let block = empty_block(before.previous_block_hash, 1, time, 5_000_000_000, 0);
    submit(&mut chain, &block).unwrap();
    assert!(txids(&chain.block_template(NOW)).is_superset(&txids(&before)));
    extend(&mut chain, 3);
}

#[test]
fn a_coinbase_is_spent_after_one_hundred_confirmations() {
    let mut chain = chain();
    let first = next_block(&chain);
    submit(&mut chain, &first).unwrap();
    let spend_at = |chain: &mut Chain| {
        let mut block = draft(&chain.block_template(NOW));
        let mut spend = coinbase(0, first.txdata[0].output[0].value, 0);
        let outpoint = OutPoint { txid: first.txdata[0].compute_txid(), vout: 0 };
        spend.input[0].previous_output = outpoint;
        spend.input[0].script_sig = Default::default();
        spend.input[0].witness = Default::default();
        block.txdata.push(spend);
        seal(&mut block);
        submit(chain, &block)
    };
    // The coinbase is of height 1, so height 101 is the first that may spend it.
    extend(&mut chain, 98);
    let early = spend_at(&mut chain).unwrap_err();
    assert_eq!(early.reason(), "bad-txns-premature-spend-of-coinbase");
    extend(&mut chain, 1);
    assert_eq!(spend_at(&mut chain).unwrap().height, 101);
}

#[test]
fn times_follow_the_median() {
    let mut chain = bare_chain();
    let genesis_time = config().genesis_time;
    // A clock behind the chain: the template's time is the lowest allowed.
    let template = chain.block_template(0);
    assert_eq!((template.min_time, template.current_time), (genesis_time + 1, genesis_time + 1));
    let mut times = vec![genesis_time];
    for step in [50, 60, 55, 70, 65, 63, 80, 75, 72, 90, 85, 83, 100] {
        let parent = chain.summary().best_block_hash;
        let height = chain.summary().height + 1;
        let time = genesis_time + 200 + step;
        submit(&mut chain, &empty_block(parent, height, time, 0, 0)).unwrap();
        times.push(time);
        let mut last: Vec<u32> = times.iter().rev().take(11).copied().collect();
        last.sort_unstable();
        let median = last[last.len() / 2];
        assert_eq!(chain.block_template(NOW).min_time, median + 1);
        let tip = chain.summary().best_block_hash;
        assert_eq!(chain.block(&tip).unwrap().median_time, median);
    }
}

#[test]
fn blocks_view_their_place_and_old_bodies_are_pruned() {
    let mut chain = bare_chain();
    let genesis = chain.block_hash(0).unwrap();
    assert_eq!(chain.lowest_body_height(), 0);
    extend(&mut chain, REORG_DEPTH_MAX + 2);
    assert_eq!(chain.lowest_body_height(), 3);
    let view = |height| chain.block(&chain.block_hash(height).unwrap()).unwrap();
    assert!(view(2).block.is_none());
    assert!(view(3).block.is_some());
    assert_eq!(view(0).confirmations, i64::from(REORG_DEPTH_MAX) + 3);
    assert_eq!(view(1).header.prev_blockhash, genesis);
    assert_eq!(view(0).next, chain.block_hash(1));
    assert_eq!(view(REORG_DEPTH_MAX + 2).next, None);
    assert!(view(2).chain_work > view(1).chain_work);
    assert_eq!(chain.block_hash(REORG_DEPTH_MAX + 3), None);
}

#[test]
fn equal_configurations_give_equal_chains() {
    let (mut one, mut other) = (chain(), chain());
    for _ in 0..5 {
        assert_eq!(one.block_template(NOW), other.block_template(NOW));
        let block = next_block(&one);
        submit(&mut one, &block).unwrap();
        submit(&mut other, &block).unwrap();
    }
    let seeded = Chain::new(SandboxConfig { seed: 8, ..config() }).unwrap();
    assert_ne!(seeded.block_hash(0), one.block_hash(0));
    assert!(txids(&seeded.block_template(NOW)).is_disjoint(&txids(&chain().block_template(NOW))));
}

#[test]
fn hashrate_follows_the_times() {
    let mut chain = bare_chain();
    assert_eq!(chain.network_hashrate(), 0.0);
    for height in 1..=10u32 {
        let parent = chain.summary().best_block_hash;
        let time = config().genesis_time + height * 10;
        submit(&mut chain, &empty_block(parent, height, time, 0, 0)).unwrap();
    }
    // The easiest target takes two hashes a block, and there is a block each ten seconds.
    assert!((chain.network_hashrate() - 0.2).abs() < 0.001, "{}", chain.network_hashrate());
}

#[test]
fn the_largest_mempool_fits_into_a_block() {
    let largest = sluice_sandbox::chain::limits::MEMPOOL_TRANSACTIONS_MAX;
    let mut chain =
        Chain::new(SandboxConfig { mempool_transactions: largest, ..config() }).unwrap();
    extend(&mut chain, 2);
    let totals = chain.mempool_totals();
    assert!(totals.transactions <= largest);
    assert_eq!(chain.mempool_txids().count(), totals.transactions);
}
