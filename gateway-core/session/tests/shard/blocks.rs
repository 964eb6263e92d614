//! Shares that meet the network's target: they leave before anything else, once, whatever the verdict.

use sluice_session::miner_client::{Solution, Work};
use sluice_sha256d::{merkle_root, sha256d};
use sluice_units::{ConnectionId, FoundBlock, Header, Job, JobKind, Target};

use crate::pair::{
    EASY_NBITS, Event, HARD_NBITS, Pair, code, job, mine_block, mine_share, submit_line,
};

const USER: &str = "alice.rig1";

fn easy_pair() -> (Pair, ConnectionId, Work) {
    let mut pair = Pair::with_nbits(EASY_NBITS);
    let miner = pair.join(USER);
    let work = pair.work(miner);
    (pair, miner, work)
}

/// The block as the miner made it.
fn assert_block_of(block: &FoundBlock, work: &Work, solution: &Solution) {
    let header = Header::from_bytes(&block.header);
    assert_eq!(block.hash, sha256d(&block.header));
    assert!(header.nbits.to_target().unwrap().is_met_by(&block.hash));
    assert_eq!((header.nonce, header.ntime), (solution.nonce, solution.ntime));
    let root = merkle_root(sha256d(&block.coinbase), &work.job.merkle_branch);
    assert_eq!(header.merkle_root, root, "coinbase and header belong together");
    assert_eq!(header.parent, work.job.parent);
    assert_eq!(block.job.to_string(), work.job.id);
    assert_eq!(block.finder, USER.parse().unwrap());
}

#[test]
fn a_block_leaves_before_the_reply_and_only_once() {
    let (mut pair, miner, work) = easy_pair();
    let solution = mine_block(&work, None);
    let before = pair.events.len();
    pair.say(miner, &submit_line(USER, &solution));
    let [Event::Block(block), Event::Line(to, reply)] = &pair.events[before..] else {
        panic!("a block, then its reply: {:?}", &pair.events[before..]);
    };
    assert_eq!((*to, code(reply)), (miner, 0));
    assert_block_of(block, &work, &solution);
    assert_eq!(block.height, 800_001);

    assert_eq!(code(&pair.say(miner, &submit_line(USER, &solution))[0]), 22);
    assert_eq!((pair.blocks().len(), pair.shard.stats().blocks_found), (1, 1));
}

#[test]
fn a_share_that_only_another_chain_wants_is_reported_and_counts_as_no_block() {
    let mut pair = Pair::without_job();
    let wanted = Job { aux_target: Some(Target::MAX), ..job(1, JobKind::Clean, 1, HARD_NBITS) };
    pair.job(wanted);
    let miner = pair.join(USER);
    let work = pair.work(miner);
    let solution = mine_share(&work, 0);
    let before = pair.events.len();
    pair.say(miner, &submit_line(USER, &solution));
    let [Event::Block(block), Event::Line(..)] = &pair.events[before..] else {
        panic!("the share, then its reply: {:?}", &pair.events[before..]);
    };
    assert_eq!(block.hash, sha256d(&block.header));
    assert_eq!(pair.shard.stats().blocks_found, 0);
}

#[test]
fn a_block_in_the_middle_of_a_packet_still_comes_before_its_reply() {
    let (mut pair, miner, work) = easy_pair();
    let line = submit_line(USER, &mine_block(&work, None));
    let before = pair.events.len();
    let ping = "{\"id\":1,\"method\":\"mining.ping\"}\n";
    pair.shard.handle_received(pair.now, miner, format!("{ping}{line}{ping}").as_bytes());
    pair.settle();
    let [Event::Line(_, pong), Event::Block(_), Event::Line(_, reply), Event::Line(..)] =
        &pair.events[before..]
    else {
        panic!("a pong, the block, its reply, a pong: {:?}", &pair.events[before..]);
    };
    assert!(pong.contains("pong") && code(reply) == 0, "{pong} {reply}");
}

#[test]
fn a_stale_block_is_reported_all_the_same() {
    let (mut pair, miner, work) = easy_pair();
    let solution = mine_block(&work, None);
    pair.job(job(2, JobKind::Clean, 2, EASY_NBITS));
    for _ in 0..2 {
        assert_eq!(code(&pair.say(miner, &submit_line(USER, &solution))[0]), 21);
    }
    assert_eq!(pair.blocks().len(), 1);
    assert_block_of(pair.blocks()[0], &work, &solution);
    assert_eq!(pair.blocks()[0].height, 800_001, "the height of its own job");
}

#[test]
fn a_block_with_rolled_bits_carries_them() {
    let (mut pair, miner, work) = easy_pair();
    let solution = mine_block(&work, Some(0x1abc_e000));
    pair.say(miner, &submit_line(USER, &solution));
    assert_block_of(pair.blocks()[0], &work, &solution);
    assert_eq!(Header::from_bytes(&pair.blocks()[0].header).version, 0x3abc_e000);
}

#[test]
fn a_block_that_a_rule_refuses_is_reported_all_the_same() {
    let (mut pair, miner, work) = easy_pair();
    let good = mine_block(&work, None);
    // The bit outside the mask is no part of the header, which stays that of the block.
    let bits = Some(work.job.version & work.version_mask | 1);
    let line = submit_line(USER, &Solution { version_bits: bits, ..good.clone() });
    assert_eq!(code(&pair.say(miner, &line)[0]), 20);
    assert_eq!(pair.blocks().len(), 1);

    let mut late = work;
    late.job.ntime += 10_000;
    let solution = mine_block(&late, None);
    assert_eq!(code(&pair.say(miner, &submit_line(USER, &solution))[0]), 20);
    assert_eq!(pair.blocks().len(), 2);
    assert_block_of(pair.blocks()[1], &late, &solution);
}

#[test]
fn several_blocks_of_one_job_are_several_blocks() {
    let (mut pair, miner, work) = easy_pair();
    for bits in [0, 0x2000, 0x4000] {
        let solution = mine_block(&work, Some(bits));
        assert_eq!(code(&pair.say(miner, &submit_line(USER, &solution))[0]), 0);
    }
    assert_eq!(pair.blocks().len(), 3);
    assert_eq!(pair.shard.stats().blocks_found, 3);
}
