//! Honest miners, and the sums that leave the shard for them.

use std::collections::BTreeMap;

use sluice_session::miner_client::Solution;
use sluice_units::{CompactTarget, Goal, Identity, JobKind, RejectReason, Tally, Work};

use crate::pair::{
    EASY_NBITS, HARD_NBITS, Pair, START_HASHES, code, difficulty, job, mine, mine_share,
    submit_line,
};

fn tallies(pair: &Pair) -> BTreeMap<Identity, Tally> {
    let mut sums: BTreeMap<Identity, Tally> = BTreeMap::new();
    for (_, identity, tally) in pair.batches.iter().flat_map(|batch| &batch.tallies) {
        *sums.entry(identity.clone()).or_default() += tally;
    }
    sums
}

#[test]
fn what_is_published_is_what_the_miners_counted() {
    let mut pair = Pair::with_nbits(EASY_NBITS);
    let miners = [("alice.rig1", 5), ("alice.rig2", 3), ("bob", 7)]
        .map(|(user, shares)| (user, pair.join(user), shares));
    for round in 0..7_u32 {
        for (_, miner, shares) in miners {
            if round < shares {
                let solution = mine_share(&pair.work(miner), round << 16);
                pair.submit(miner, &solution);
            }
        }
        pair.pass(u64::from(round) * 9);
    }
    // One refused share each, of different kinds.
    for ((_, miner, _), spoil) in miners.into_iter().zip([0, 1, 2]) {
        let work = pair.work(miner);
        let solution = match spoil {
            0 => mine_share(&work, 0),
            1 => mine(&work, 0, None, |hash| !work.target.is_met_by(hash)),
            _ => Solution { job: "77".into(), ..mine_share(&work, 0) },
        };
        pair.submit(miner, &solution);
    }
    pair.pass(1);

    let published = tallies(&pair);
    assert_eq!(published.len(), miners.len());
    let mut work_total = Work::ZERO;
    for ((user, miner, shares), reason) in miners.into_iter().zip([
        RejectReason::Duplicate,
        RejectReason::LowDifficulty,
        RejectReason::UnknownJob,
    ]) {
        let counted = pair.client_stats(miner);
        assert_eq!((counted.accepted, counted.outstanding()), (u64::from(shares), 0), "{user}");
        let key = (i64::from(reason.code()), reason.text().to_owned());
        assert_eq!(counted.rejected, BTreeMap::from([(key, 1)]), "{user}");

        let tally = &published[&user.parse().unwrap()];
        let mut rejected = [0; RejectReason::COUNT];
        rejected[reason.index()] = 1;
        let share = difficulty(START_HASHES);
        let goal = Goal::of_share(share, CompactTarget::from_bits(EASY_NBITS));
        let expected = Tally {
            accepted: counted.accepted,
            work: (0..shares).map(|_| share.work()).sum(),
            goal: (0..shares).fold(Goal::ZERO, |sum, _| sum + goal),
            best: tally.best,
            rejected,
        };
        assert_eq!(*tally, expected, "{user}");
        assert!(tally.best.to_difficulty() >= share.to_f64() * 0.99, "each met its target");
        work_total += tally.work;
    }
    let stats = pair.shard.stats();
    assert_eq!((stats.accepted, stats.rejected_total(), stats.work), (15, 3, work_total));
}

#[test]
fn a_goal_is_the_share_of_a_block_that_was_worked() {
    // 2^8 hashes a share, 2^12 a block: sixteen shares are one block's worth.
    let mut pair = Pair::with_nbits(EASY_NBITS);
    let miner = pair.join("alice");
    for round in 0..16 {
        let solution = mine_share(&pair.work(miner), round << 16);
        pair.submit(miner, &solution);
    }
    pair.pass(1);
    let goal = tallies(&pair)[&"alice".parse().unwrap()].goal.to_f64();
    // The network's target is 2^244, difficulty 1 a little less than 2^224: hence the tolerance.
    assert!((goal - 1.0).abs() < 1e-4, "{goal}");
}

#[test]
fn two_workers_of_one_connection_are_credited_apart() {
    let mut pair = Pair::new();
    let miner = pair.join("alice.rig1");
    pair.say(miner, "{\"id\":8,\"method\":\"mining.authorize\",\"params\":[\"Alice.RIG2\"]}\n");
    let work = pair.work(miner);
    for (user, count) in [("alice.rig1", 1), ("Alice.RIG2", 2)] {
        for round in 0..count {
            let first_nonce = (count << 8 | round) << 16;
            let line = submit_line(user, &mine_share(&work, first_nonce));
            assert_eq!(code(&pair.say(miner, &line)[0]), 0);
        }
    }
    pair.pass(1);
    let accepted: Vec<(String, u64)> = tallies(&pair)
        .into_iter()
        .map(|(identity, tally)| (identity.worker().to_owned(), tally.accepted))
        .collect();
    assert_eq!(accepted, [("rig1".to_owned(), 1), ("rig2".to_owned(), 2)]);
}

#[test]
fn shares_of_several_jobs_of_one_tip_all_count() {
    let mut pair = Pair::new();
    let miner = pair.join("alice");
    let mut works = vec![pair.work(miner)];
    for number in 2..5 {
        pair.job(job(number, JobKind::Refresh, 1, HARD_NBITS));
        works.push(pair.work(miner));
    }
    for work in works.iter().rev() {
        pair.submit(miner, &mine_share(work, 0));
    }
    assert_eq!(pair.client_stats(miner).accepted, 4);
    let hashes = pair.shard.stats().work.to_hashes();
    assert_eq!(hashes, 4 * u128::from(START_HASHES));
}
