//! Accounts that are asked about before their workers may mine.

use sluice_session::{AccountAnswer, AccountPolicy, ShardConfig};
use sluice_units::limits::ACCOUNTS_WAITING_MAX;
use sluice_units::{ConnectionId, JobKind};

use crate::pair::{HARD_NBITS, Pair, code, config, job, kind, mine_share, submit_line};

fn pair(unknown_allowed: bool) -> Pair {
    let accounts = AccountPolicy::Checked { unknown_allowed };
    let mut pair = Pair::of(ShardConfig { accounts, ..config() });
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    pair
}

fn authorize(pair: &mut Pair, miner: ConnectionId, id: u64, user: &str) -> Vec<String> {
    pair.say(
        miner,
        &format!("{{\"id\":{id},\"method\":\"mining.authorize\",\"params\":[\"{user}\"]}}\n"),
    )
}

fn subscribed(pair: &mut Pair) -> ConnectionId {
    let miner = pair.connect();
    pair.say(miner, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"]}\n");
    miner
}

/// What connections hear of an answer.
fn answer(
    pair: &mut Pair,
    account: &str,
    answer: AccountAnswer,
    miner: ConnectionId,
) -> Vec<String> {
    let before = pair.events.len();
    pair.shard.handle_account(pair.now, account, answer);
    pair.settle();
    crate::pair::lines_of(&pair.events[before..], miner)
}

#[test]
fn a_worker_waits_for_the_answer_and_mines_after_it() {
    let mut pair = pair(false);
    let miner = subscribed(&mut pair);
    assert_eq!(authorize(&mut pair, miner, 2, "Alice.rig1"), [""; 0]);
    assert_eq!(pair.asked, ["alice"]);
    // Meanwhile it is answered otherwise, and is no worker.
    assert_eq!(pair.say(miner, "{\"id\":3,\"method\":\"mining.ping\"}\n").len(), 1);
    assert_eq!(pair.shard.stats().accepted, 0);
    let heard = answer(&mut pair, "alice", AccountAnswer::Allowed, miner);
    let kinds: Vec<_> = heard.iter().map(|line| kind(line)).collect();
    assert_eq!(kinds, ["reply 2", "mining.set_difficulty", "mining.notify"]);
    // A further worker of the account, and the same once more, need no question.
    assert_eq!(code(&authorize(&mut pair, miner, 4, "alice.rig2")[0]), 0);
    assert_eq!(code(&authorize(&mut pair, miner, 5, "alice.rig1")[0]), 0);
    assert_eq!(authorize(&mut pair, miner, 6, "bob"), [""; 0]);
    assert_eq!(pair.asked, ["alice", "bob"]);
    let heard = answer(&mut pair, "bob", AccountAnswer::Refused, miner);
    assert_eq!(heard, [r#"{"id":6,"result":null,"error":[24,"Unauthorized worker",null]}"#]);
    assert_eq!(pair.closes(miner), 0);
}

#[test]
fn a_refused_account_hands_nothing_in() {
    let mut pair = pair(true);
    let (honest, refused) = (subscribed(&mut pair), subscribed(&mut pair));
    authorize(&mut pair, honest, 2, "alice");
    answer(&mut pair, "alice", AccountAnswer::Allowed, honest);
    authorize(&mut pair, refused, 2, "mallory");
    answer(&mut pair, "mallory", AccountAnswer::Refused, refused);
    let joined = pair.join("alice");
    answer(&mut pair, "alice", AccountAnswer::Allowed, joined);
    let share = mine_share(&pair.work(joined), 0);
    assert_eq!(code(&pair.say(refused, &submit_line("mallory", &share))[0]), 24);
}

#[test]
fn connections_of_one_account_are_one_question() {
    let mut pair = pair(true);
    let miners: Vec<_> = (0..5)
        .map(|index| {
            let miner = subscribed(&mut pair);
            authorize(&mut pair, miner, 2, &format!("farm.rig{index}"));
            miner
        })
        .collect();
    // The same worker twice, and one that leaves.
    authorize(&mut pair, miners[0], 3, "farm.rig0");
    pair.hang_up(miners[4]);
    assert_eq!(pair.asked, ["farm"]);
    let before = pair.events.len();
    pair.shard.handle_account(pair.now, "farm", AccountAnswer::Allowed);
    pair.settle();
    let works = |miner: ConnectionId| {
        crate::pair::lines_of(&pair.events[before..], miner)
            .iter()
            .map(|line| kind(line))
            .collect::<Vec<_>>()
    };
    let greeting = ["reply 2", "mining.set_difficulty", "mining.notify"];
    assert_eq!(works(miners[0]), [&greeting[..], &["reply 3"]].concat());
    assert!(miners[1..4].iter().all(|miner| works(*miner) == greeting));
    assert_eq!(works(miners[4]), [""; 0]);
    // An answer to nothing is nothing.
    pair.shard.handle_account(pair.now, "farm", AccountAnswer::Refused);
    pair.shard.handle_account(pair.now, "nobody", AccountAnswer::Allowed);
    pair.settle();
}

#[test]
fn where_nobody_can_tell_or_answers_the_policy_holds() {
    for unknown_allowed in [false, true] {
        let expected = if unknown_allowed { 0 } else { 24 };
        let mut pair = pair(unknown_allowed);
        let miner = subscribed(&mut pair);
        authorize(&mut pair, miner, 2, "alice");
        let heard = answer(&mut pair, "alice", AccountAnswer::Unknown, miner);
        assert_eq!(code(&heard[0]), expected);
        authorize(&mut pair, miner, 3, "bob");
        answer(&mut pair, "bob", AccountAnswer::Allowed, miner);
        // Whoever should know has ended.
        authorize(&mut pair, miner, 4, "carol");
        let before = pair.events.len();
        pair.pass(15);
        assert_eq!(crate::pair::lines_of(&pair.events[before..], miner), [""; 0]);
        pair.pass(2);
        let heard = crate::pair::lines_of(&pair.events[before..], miner);
        assert_eq!(heard.iter().map(|line| code(line)).collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn the_queue_of_those_who_wait_is_bounded() {
    for unknown_allowed in [false, true] {
        let mut pair = pair(unknown_allowed);
        let miner = subscribed(&mut pair);
        for index in 0..ACCOUNTS_WAITING_MAX {
            assert_eq!(authorize(&mut pair, miner, 2, &format!("a{index}")), [""; 0]);
        }
        let heard = authorize(&mut pair, miner, 3, "late");
        assert_eq!(code(&heard[0]), if unknown_allowed { 0 } else { 24 });
        assert_eq!(pair.asked.len(), ACCOUNTS_WAITING_MAX);
        answer(&mut pair, "a7", AccountAnswer::Refused, miner);
        assert_eq!(authorize(&mut pair, miner, 4, "again"), [""; 0], "there is room again");
    }
}
