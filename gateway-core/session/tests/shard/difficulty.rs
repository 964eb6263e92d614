//! A difficulty holds from the job that it was told before; no share is lost through a change.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use sluice_mining::difficulty_memory::DifficultyMemory;
use sluice_session::ShardConfig;
use sluice_session::miner_client::Work;
use sluice_units::{ConnectionId, JobKind, ShareDifficulty};

use crate::pair::{
    EASY_NBITS, HARD_NBITS, Pair, START_HASHES, config, difficulty, job, kind, lines_of, mine,
    mine_share,
};

fn suggest(pair: &mut Pair, miner: ConnectionId, hashes: u64) {
    let wish = difficulty(hashes);
    let line =
        format!("{{\"id\":5,\"method\":\"mining.suggest_difficulty\",\"params\":[{wish}]}}\n");
    let heard = pair.say(miner, &line);
    assert_eq!(
        heard,
        [r#"{"id":5,"result":true,"error":null}"#],
        "and nothing before the next job"
    );
}

fn told(line: &str) -> ShareDifficulty {
    let line: Value = serde_json::from_str(line).unwrap();
    ShareDifficulty::from_f64(line["params"][0].as_f64().unwrap()).unwrap()
}

#[test]
fn a_change_is_told_right_before_the_job_that_it_holds_for() {
    let mut pair = Pair::new();
    let (miner, other) = (pair.join("alice"), pair.join("bob"));
    let earlier = pair.work(miner);
    suggest(&mut pair, miner, 1 << 12);
    let before = pair.events.len();
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    let heard = lines_of(&pair.events[before..], miner);
    assert_eq!(
        heard.iter().map(|line| kind(line)).collect::<Vec<_>>(),
        ["mining.set_difficulty", "mining.notify"]
    );
    assert_eq!(told(&heard[0]), difficulty(1 << 12));
    assert_eq!(lines_of(&pair.events[before..], other).len(), 1, "nothing changes for the other");

    // A share that only the earlier job's difficulty takes.
    let harder = difficulty(1 << 12).to_target();
    let between = |work: &Work| {
        mine(work, 0, None, |hash| {
            difficulty(START_HASHES).to_target().is_met_by(hash) && !harder.is_met_by(hash)
        })
    };
    let later = pair.work(miner);
    pair.submit(miner, &between(&earlier));
    assert_eq!(pair.client_stats(miner).accepted, 1);
    pair.submit(miner, &between(&later));
    assert_eq!(pair.client_stats(miner).rejected_total(), 1);
    pair.submit(miner, &mine_share(&later, 0));
    assert_eq!(pair.client_stats(miner).accepted, 2);
    let work = difficulty(START_HASHES).work() + difficulty(1 << 12).work();
    assert_eq!(pair.shard.stats().work, work, "each at what was told for its job");
}

#[test]
fn a_wish_before_the_first_job_holds_for_it() {
    let mut pair = Pair::new();
    let miner = pair.connect();
    pair.say(
        miner,
        "{\"id\":1,\"method\":\"mining.suggest_difficulty\",\"params\":[\"0.000001\"]}\n",
    );
    pair.say(miner, "{\"id\":2,\"method\":\"mining.subscribe\",\"params\":[]}\n");
    let authorize = "{\"id\":3,\"method\":\"mining.authorize\",\"params\":[\"alice\"]}\n";
    let heard = pair.say(miner, authorize);
    assert_eq!(told(&heard[1]), ShareDifficulty::from_f64(0.000_001).unwrap());
}

#[test]
fn many_shares_raise_it_and_silence_lowers_it() {
    let mut pair = Pair::new();
    let miner = pair.join("alice");
    for round in 0..60 {
        let solution = mine_share(&pair.work(miner), round << 16);
        pair.submit(miner, &solution);
    }
    pair.pass(1);
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    let fast = pair.work(miner).target;
    assert!(fast < difficulty(START_HASHES).to_target(), "60 shares in a second: harder");
    pair.pass(61);
    pair.job(job(3, JobKind::Refresh, 1, HARD_NBITS));
    assert!(pair.work(miner).target > fast, "no share in a minute: easier");
}

#[test]
fn never_above_the_network() {
    let mut pair = Pair::new();
    let (early, wishing) = (pair.join("alice"), pair.join("bob"));
    suggest(&mut pair, wishing, 1 << 30);
    pair.job(job(2, JobKind::Clean, 2, EASY_NBITS));
    assert_eq!(pair.work(wishing).target, difficulty(1 << 12).to_target());
    assert_eq!(pair.work(early).target, difficulty(START_HASHES).to_target());
    // 2^6 hashes a block: even the difficulty that a newcomer starts with is above it.
    pair.job(job(3, JobKind::Clean, 3, 0x2004_0000));
    let late = pair.join("carol");
    for miner in [early, wishing, late] {
        let work = pair.work(miner);
        assert_eq!(work.target, difficulty(1 << 6).to_target(), "{miner}");
        // A share at the difficulty that was told is taken.
        pair.submit(miner, &mine(&work, 0, None, |hash| work.target.is_met_by(hash)));
        assert_eq!(pair.client_stats(miner).accepted, 1, "{miner}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Suggest(u32),
    Job(bool),
    /// A share on the job that is so many jobs old, where that is not stale.
    Share(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (4_u32..12).prop_map(Step::Suggest),
        2 => prop::bool::weighted(0.2).prop_map(Step::Job),
        4 => (0_usize..12).prop_map(Step::Share),
        1 => (1_u64..90).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_honest_miner_is_never_refused(steps in prop::collection::vec(step(), 1..80)) {
        let mut pair = Pair::new();
        let miner = pair.join("alice");
        let (mut number, mut tip) = (1, 1);
        let mut works = vec![pair.work(miner)];
        let mut nonce = 0;
        for step in steps {
            match step {
                Step::Suggest(exponent) => suggest(&mut pair, miner, 1 << exponent),
                Step::Job(clean) => {
                    number += 1;
                    if clean {
                        tip += 1;
                        works.clear();
                    }
                    let kind = if clean { JobKind::Clean } else { JobKind::Refresh };
                    pair.job(job(number, kind, tip, HARD_NBITS));
                    works.push(pair.work(miner));
                }
                Step::Share(age) => {
                    let work = &works[works.len() - 1 - age.min(works.len() - 1)];
                    nonce += 1 << 16;
                    pair.submit(miner, &mine_share(work, nonce));
                }
                Step::Pass(seconds) => pair.pass(seconds),
            }
        }
        let stats = pair.client_stats(miner);
        prop_assert_eq!(stats.rejected_total(), 0, "{:?}", stats);
        prop_assert_eq!(stats.outstanding(), 0);
    }
}

/// What is told to a miner that greets with this password.
fn first_difficulty(pair: &mut Pair, user: &str, password: &str) -> ShareDifficulty {
    let miner = pair.connect();
    pair.say(miner, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"]}\n");
    let authorize = format!(
        "{{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{user}\",\"{password}\"]}}\n"
    );
    let heard = pair.say(miner, &authorize);
    let line = heard.iter().find(|line| kind(line) == "mining.set_difficulty").unwrap();
    told(line)
}

#[test]
fn a_worker_that_comes_back_starts_where_it_was_whichever_shard_takes_it() {
    let memory = Some(Arc::new(DifficultyMemory::new(9)));
    let pool = || {
        let mut pair = Pair::of(ShardConfig { memory: memory.clone(), ..config() });
        pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
        pair
    };
    let (mut one, mut other) = (pool(), pool());
    let miner = one.join("alice.rig1");
    suggest(&mut one, miner, 1 << 12);
    one.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    one.hang_up(miner);
    let start = difficulty(START_HASHES);
    let last = difficulty(1 << 12);
    for pair in [&mut one, &mut other] {
        assert_eq!(first_difficulty(pair, "alice.rig1", "x"), last);
        assert_eq!(first_difficulty(pair, "alice.rig2", "x"), start);
        // Its owner knows better.
        let wish = difficulty(1 << 10);
        assert_eq!(first_difficulty(pair, "alice.rig1", &format!("d={wish}")), wish);
    }
    assert_eq!(first_difficulty(&mut Pair::new(), "alice.rig1", "x"), start);
}

#[test]
fn what_a_worker_worked_at_is_kept_within_its_port() {
    let memory = Arc::new(DifficultyMemory::new(9));
    let alice = "alice".parse().unwrap();
    let mut pair = Pair::of(ShardConfig { memory: Some(Arc::clone(&memory)), ..config() });
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    memory.remember(&alice, pair.now.unix.minute(), difficulty(1));
    let least = config().ports[0].vardiff.difficulty_min;
    assert_eq!(first_difficulty(&mut pair, "alice", "x"), least);
    memory.remember(&alice, pair.now.unix.minute(), difficulty(1 << 63));
    // Nobody works above the network's difficulty, which is 1.
    assert_eq!(first_difficulty(&mut pair, "alice", "x"), ShareDifficulty::from_f64(1.0).unwrap());
}
