//! Every reason against a share: its code, and where it is counted.

use serde_json::Value;
use sluice_session::miner_client::{Solution, Work};
use sluice_units::header::VERSION_MASK;
use sluice_units::limits::NTIME_AHEAD_MAX_S;
use sluice_units::{ConnectionId, JobKind, RejectReason, Tally, hex};
use sluice_wire::stratum::request;

use crate::pair::{HARD_NBITS, Pair, code, job, mine, mine_share, submit_line};

const USER: &str = "alice.rig1";

/// The shares refused in what has been published, and what is still to be, by reason.
fn rejected_in_batches(pair: &mut Pair) -> [u64; RejectReason::COUNT] {
    pair.pass(1);
    let mut sum = Tally::default();
    for (_, _, tally) in pair.batches.iter().flat_map(|batch| &batch.tallies) {
        sum += tally;
    }
    sum.rejected
}

/// Hands a line in, and expects one reply and one reason. `in_tally` says whether a worker is known
/// that it can be counted for.
fn expect_reject(
    pair: &mut Pair,
    miner: ConnectionId,
    line: &str,
    reason: RejectReason,
    in_tally: bool,
) {
    let (stats, tallied) = (*pair.shard.stats(), rejected_in_batches(pair));
    let heard = pair.say(miner, line);
    assert_eq!(heard.iter().map(|line| code(line)).collect::<Vec<_>>(), [u64::from(reason.code())]);
    assert!(heard[0].contains(reason.text()), "{}: {reason}", heard[0]);
    assert!(heard[0].starts_with(r#"{"id":9,"#), "{}", heard[0]);
    for (index, before) in stats.rejected.into_iter().enumerate() {
        let more = u64::from(index == reason.index());
        assert_eq!(pair.shard.stats().rejected[index], before + more, "{reason}");
    }
    assert_eq!(pair.shard.stats().last_reject, Some(reason));
    assert_eq!(pair.shard.stats().accepted, stats.accepted, "{reason}");
    let mut expected = tallied;
    expected[reason.index()] += u64::from(in_tally);
    assert_eq!(rejected_in_batches(pair), expected, "{reason}");
}

#[test]
fn a_share_is_judged_by_each_of_its_fields() {
    let mut pair = Pair::new();
    let miner = pair.join(USER);
    let work = pair.work(miner);
    let good = mine_share(&work, 0);
    let weak = mine(&work, 0, None, |hash| !work.target.is_met_by(hash));
    let ntime_min = good.ntime - 3600;
    let ntime_max = good.ntime + NTIME_AHEAD_MAX_S;
    for (solution, reason) in [
        (weak, RejectReason::LowDifficulty),
        (Solution { ntime: ntime_min - 1, ..good.clone() }, RejectReason::NtimeOutOfRange),
        (Solution { ntime: ntime_max + 1, ..good.clone() }, RejectReason::NtimeOutOfRange),
        (Solution { ntime: 0, ..good.clone() }, RejectReason::NtimeOutOfRange),
        (Solution { ntime: u32::MAX, ..good.clone() }, RejectReason::NtimeOutOfRange),
        (Solution { version_bits: Some(1), ..good.clone() }, RejectReason::BadVersionBits),
        (Solution { version_bits: Some(1 << 29), ..good.clone() }, RejectReason::BadVersionBits),
        (Solution { job: "2".into(), ..good.clone() }, RejectReason::UnknownJob),
        (Solution { job: "01".into(), ..good.clone() }, RejectReason::UnknownJob),
        (Solution { job: String::new(), ..good.clone() }, RejectReason::UnknownJob),
    ] {
        expect_reject(&mut pair, miner, &submit_line(USER, &solution), reason, true);
    }
    let line = submit_line(USER, &good);
    assert_eq!(code(&pair.say(miner, &line)[0]), 0, "none of this has used the share up");
    expect_reject(&mut pair, miner, &line, RejectReason::Duplicate, true);
    // The same header in other words: the job's own version bits, spelt out.
    let spelt = Solution { version_bits: Some(work.job.version & VERSION_MASK), ..good };
    expect_reject(&mut pair, miner, &submit_line(USER, &spelt), RejectReason::Duplicate, true);
}

#[test]
fn a_job_of_a_former_tip_is_stale_and_a_refreshed_one_is_not() {
    let mut pair = Pair::new();
    let miner = pair.join(USER);
    let work = pair.work(miner);
    let [first, second] = [mine_share(&work, 0), mine_share(&work, 1 << 20)];
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    assert_eq!(code(&pair.say(miner, &submit_line(USER, &first))[0]), 0);
    pair.job(job(3, JobKind::Clean, 2, HARD_NBITS));
    expect_reject(&mut pair, miner, &submit_line(USER, &second), RejectReason::Stale, true);
    expect_reject(&mut pair, miner, &submit_line(USER, &first), RejectReason::Stale, true);
}

#[test]
fn only_a_subscribed_connection_hands_in_shares_of_workers_that_it_authorised() {
    let mut pair = Pair::new();
    let miner = pair.join(USER);
    let good = mine_share(&pair.work(miner), 0);
    let stranger = submit_line("mallory.rig1", &good);
    expect_reject(&mut pair, miner, &stranger, RejectReason::Unauthorized, false);
    let unsubscribed = pair.connect();
    let line = submit_line(USER, &good);
    expect_reject(&mut pair, unsubscribed, &line, RejectReason::NotSubscribed, false);
    pair.say(unsubscribed, "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"bob\"]}\n");
    let line = submit_line("bob", &good);
    expect_reject(&mut pair, unsubscribed, &line, RejectReason::NotSubscribed, false);
}

#[test]
fn a_submit_with_a_broken_field_is_malformed_and_the_connection_lives() {
    let mut pair = Pair::new();
    let miner = pair.join(USER);
    let line = submit_line(USER, &mine_share(&pair.work(miner), 0));
    for (from, to) in [
        ("\"e2e2", "\"e2"),
        ("\"e2e2", "\"e2e2e2"),
        ("\"e2e2", "\"zze2"),
        ("\"alice.rig1\",", ""),
        ("\"alice.rig1\"", "7"),
        ("[\"alice.rig1\"", "[[],\"alice.rig1\""),
        ("\"]", "\",17.5]"),
        ("\"]", "\",\"1\"]"),
    ] {
        let broken = line.replacen(from, to, 1);
        assert_ne!(broken, line);
        expect_reject(&mut pair, miner, &broken, RejectReason::Malformed, true);
    }
    assert_eq!(code(&pair.say(miner, &line)[0]), 0);
}

/// A miner that the test speaks for, with its work; `mask` is what it asks for, where it does.
fn rolling_miner(pair: &mut Pair, mask: Option<u32>) -> (ConnectionId, Work) {
    // What a job looks like from the miner's side is the same for all but their extranonce1.
    let twin = pair.join(USER);
    let mut work = pair.work(twin);
    let miner = pair.connect();
    let mut line = Vec::new();
    if let Some(mask) = mask {
        request::encode_configure(&mut line, 1, mask);
        work.version_mask = mask;
    }
    pair.say(miner, &String::from_utf8(line).unwrap());
    let subscribe = "{\"id\":2,\"method\":\"mining.subscribe\",\"params\":[]}\n";
    let reply: Value = serde_json::from_str(&pair.say(miner, subscribe)[0]).unwrap();
    work.extranonce1 = hex::decode(reply["result"][1].as_str().unwrap()).unwrap();
    pair.say(miner, "{\"id\":3,\"method\":\"mining.authorize\",\"params\":[\"alice.rig1\"]}\n");
    (miner, work)
}

#[test]
fn a_miner_that_was_granted_a_mask_rolls_within_it() {
    let mut pair = Pair::new();
    let (miner, work) = rolling_miner(&mut pair, Some(0x00c0_0000));
    let rolled = |bits| mine(&work, 0, Some(bits), |hash| work.target.is_met_by(hash));
    for bits in [0, 0x0040_0000, 0x0080_0000, 0x00c0_0000] {
        assert_eq!(code(&pair.say(miner, &submit_line(USER, &rolled(bits)))[0]), 0, "{bits:08x}");
    }
    let outside = submit_line(USER, &rolled(0x2000));
    expect_reject(&mut pair, miner, &outside, RejectReason::BadVersionBits, true);
}

#[test]
fn a_miner_that_never_asked_may_roll_the_standard_bits_all_the_same() {
    let mut pair = Pair::new();
    let (miner, work) = rolling_miner(&mut pair, None);
    for bits in [0x00f4_0000, VERSION_MASK] {
        let rolled = mine(&work, 0, Some(bits), |hash| work.target.is_met_by(hash));
        assert_eq!(code(&pair.say(miner, &submit_line(USER, &rolled))[0]), 0, "{bits:08x}");
    }
}
