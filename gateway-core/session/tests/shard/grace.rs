//! Shares on the tip before, where they are taken for a while.

use std::time::Duration;

use sluice_session::{ShardConfig, StalePolicy};
use sluice_units::{JobKind, RejectReason};

use crate::pair::{
    EASY_NBITS, HARD_NBITS, Pair, START_HASHES, config, difficulty, job, mine_block, mine_share,
    submit_line,
};

const TAKEN: &str = r#"{"id":9,"result":true,"error":null}"#;

fn pair(grace_s: u64, credited: bool) -> Pair {
    let stale = StalePolicy { grace: Duration::from_secs(grace_s), credited };
    let mut pair = Pair::of(ShardConfig { stale, ..config() });
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    pair
}

fn stale(pair: &Pair) -> u64 {
    pair.shard.stats().rejected[RejectReason::Stale.index()]
}

#[test]
fn a_late_share_is_taken_once_and_only_for_a_while() {
    let mut pair = pair(3, true);
    let miner = pair.join("alice");
    let work = pair.work(miner);
    let [first, second, third] = [0, 1 << 20, 1 << 21].map(|nonce| mine_share(&work, nonce));
    pair.submit(miner, &first);
    pair.job(job(2, JobKind::Clean, 2, HARD_NBITS));
    let again = pair.say(miner, &submit_line("alice", &first));
    assert!(again[0].contains("Duplicate"), "{}", again[0]);
    assert_eq!(pair.say(miner, &submit_line("alice", &second)), [TAKEN]);
    assert_eq!(pair.shard.stats().accepted, 2);
    pair.pass(3);
    let late = pair.say(miner, &submit_line("alice", &third));
    assert!(late[0].contains("Stale"), "{}", late[0]);
    assert_eq!((pair.shard.stats().accepted, stale(&pair)), (2, 1));
}

#[test]
fn two_tips_back_is_too_late() {
    let mut pair = pair(60, true);
    let miner = pair.join("alice");
    let old = mine_share(&pair.work(miner), 0);
    pair.job(job(2, JobKind::Clean, 2, HARD_NBITS));
    pair.job(job(3, JobKind::Clean, 3, HARD_NBITS));
    assert!(pair.say(miner, &submit_line("alice", &old))[0].contains("Stale"));
}

#[test]
fn a_late_share_counts_at_what_was_told_with_its_job() {
    let mut pair = pair(60, true);
    let miner = pair.join("alice");
    let share = mine_share(&pair.work(miner), 0);
    let wish = difficulty(1 << 30);
    pair.say(
        miner,
        &format!("{{\"id\":5,\"method\":\"mining.suggest_difficulty\",\"params\":[{wish}]}}\n"),
    );
    pair.job(job(2, JobKind::Clean, 2, HARD_NBITS));
    assert_eq!(pair.say(miner, &submit_line("alice", &share)), [TAKEN]);
    assert_eq!(pair.shard.stats().work, difficulty(START_HASHES).work());
}

#[test]
fn without_credit_the_miner_is_content_and_the_books_say_stale() {
    let mut pair = pair(60, false);
    let miner = pair.join("alice");
    let share = mine_share(&pair.work(miner), 0);
    pair.job(job(2, JobKind::Clean, 2, HARD_NBITS));
    assert_eq!(pair.say(miner, &submit_line("alice", &share)), [TAKEN]);
    assert_eq!((pair.shard.stats().accepted, stale(&pair)), (0, 1));
}

#[test]
fn a_late_block_is_a_block_with_grace_and_without() {
    for grace_s in [0, 60] {
        let mut pair = pair(grace_s, true);
        pair.job(job(2, JobKind::Clean, 2, EASY_NBITS));
        let miner = pair.join("alice");
        let block = mine_block(&pair.work(miner), None);
        pair.job(job(3, JobKind::Clean, 3, HARD_NBITS));
        pair.say(miner, &submit_line("alice", &block));
        assert_eq!(pair.blocks().len(), 1);
        assert_eq!(pair.shard.stats().accepted, u64::from(grace_s > 0));
    }
}
