//! Shares of one turn are judged together; nobody can tell.

use sluice_units::limits::SHARES_PENDING_MAX;
use sluice_units::{ConnectionId, JobKind, RejectReason};

use crate::pair::{Event, HARD_NBITS, Pair, code, job, mine_share, submit_line};

fn codes(events: &[Event], of: ConnectionId) -> Vec<u64> {
    let of_it = |event: &Event| match event {
        Event::Line(to, line) if *to == of && !line.contains("\"method\"") => Some(code(line)),
        _ => None,
    };
    events.iter().filter_map(of_it).collect()
}

#[test]
fn shares_of_many_miners_in_one_turn_are_answered_each_to_its_own() {
    let mut pair = Pair::new();
    let miners: Vec<_> =
        (0..11).map(|index| (index, pair.join(&format!("alice.rig{index}")))).collect();
    let before = pair.events.len();
    for &(index, miner) in &miners {
        let line = submit_line(&format!("alice.rig{index}"), &mine_share(&pair.work(miner), 0));
        // Every third one hands in twice, every fourth under a name that it has not authorised.
        let mut packet = line.clone();
        if index % 3 == 0 {
            packet.push_str(&line);
        }
        if index % 4 == 0 {
            packet.push_str(&line.replace("alice.rig", "mallory.rig"));
        }
        pair.shard.handle_received(pair.now, miner, packet.as_bytes());
    }
    pair.settle();
    for &(index, miner) in &miners {
        let mut expected = vec![0];
        if index % 3 == 0 {
            expected.push(u64::from(RejectReason::Duplicate.code()));
        }
        if index % 4 == 0 {
            expected.push(u64::from(RejectReason::Unauthorized.code()));
        }
        assert_eq!(codes(&pair.events[before..], miner), expected, "miner {index}");
    }
    assert_eq!(pair.shard.stats().accepted, 11);
}

#[test]
fn what_was_handed_in_before_a_new_tip_or_a_hang_up_is_credited() {
    let mut pair = Pair::new();
    let (early, leaving) = (pair.join("alice.early"), pair.join("alice.leaving"));
    let line = submit_line("alice.early", &mine_share(&pair.work(early), 0));
    pair.shard.handle_received(pair.now, early, line.as_bytes());
    let line = submit_line("alice.leaving", &mine_share(&pair.work(leaving), 0));
    pair.shard.handle_received(pair.now, leaving, line.as_bytes());
    pair.shard.handle_closed(pair.now, leaving);
    let before = pair.events.len();
    pair.shard.handle_job(pair.now, job(2, JobKind::Clean, 2, HARD_NBITS));
    pair.settle();
    assert_eq!(codes(&pair.events[before..], early), [0]);
    assert_eq!(pair.shard.stats().accepted, 2);
}

#[test]
fn more_shares_than_can_wait_are_judged_in_between() {
    let mut pair = Pair::new();
    let miner = pair.join("alice.flood");
    let work = pair.work(miner);
    let before = pair.events.len();
    let mut packet = String::new();
    let mut nonce = 0;
    for _ in 0..SHARES_PENDING_MAX + 5 {
        let share = mine_share(&work, nonce);
        nonce = share.nonce + 1;
        packet.push_str(&submit_line("alice.flood", &share));
    }
    pair.shard.handle_received(pair.now, miner, packet.as_bytes());
    assert_eq!(pair.shard.stats().accepted, SHARES_PENDING_MAX as u64, "the rest waits");
    pair.settle();
    assert_eq!(codes(&pair.events[before..], miner), vec![0; SHARES_PENDING_MAX + 5]);
}
