//! One batch, key by key.

use sluice_relay_core::schema::{DETAIL_GOAL, detail_field};
use sluice_relay_core::{Command, INCREMENT_MAX, PlanError, plan};
use sluice_units::{
    BestShare, Counter, Goal, Hash256, Minute, RejectReason, SourceId, Tally, Work,
};
use sluice_wire::share_feed::{Batch, BlockRecord, Event};

use crate::model::Model;

const MINUTE: u64 = 1_700_000_040;

fn minute() -> Minute {
    Minute::from_seconds(MINUTE).unwrap()
}

fn empty() -> Batch {
    Batch {
        source: SourceId { gateway_id: 1, shard: 0 },
        epoch: 1,
        sequence: 1,
        coin: "btc".parse().unwrap(),
        host: "gw-1".parse().unwrap(),
        tallies: vec![],
        counters: vec![],
        events: vec![],
        blocks: vec![],
    }
}

fn tally(accepted: u64, hashes: u128, goal: f64) -> Tally {
    let work = Work::from_hashes(hashes);
    Tally { accepted, work, goal: Goal::from_f64(goal), ..Tally::default() }
}

#[test]
fn shares_are_credited_to_worker_account_and_pool() {
    let mut first = tally(3, (5 << 32) + 7, 0.25);
    first.best = BestShare::from_bits((3.0 * 2_f64.powi(32)).to_bits()).unwrap();
    first.rejected[RejectReason::Stale.index()] = 2;
    first.rejected[RejectReason::UnknownJob.index()] = 1;
    first.rejected[RejectReason::Duplicate.index()] = 4;
    let tallies = vec![
        (minute(), "alice.rig1".parse().unwrap(), first),
        (minute(), "alice.rig2".parse().unwrap(), tally(1, 1 << 32, 0.5)),
    ];
    let model = Model::of(&[Batch { tallies, ..empty() }]);
    let counts = [
        ("btc:s:alice", 4),
        ("btc:s:alice:rig1", 3),
        ("btc:s:alice:rig2", 1),
        ("btc:s:alice:reject", 7),
        ("btc:s:alice:rig1:reject", 7),
        ("btc:p:alice", 6),
        ("sluice:rest:{btc:p:alice}", 7),
        ("btc:p:alice:rig1", 5),
        ("sluice:rest:{btc:p:alice:rig1}", 7),
        ("btc:p:alice:rig2", 1),
        ("btc:m:share", 4),
        ("btc:mh:gw-1:share", 4),
        ("btc:m:pow", 6),
        ("sluice:rest:{btc:m:pow}", 7),
        ("btc:mh:gw-1:pow", 6),
        ("sluice:rest:{btc:mh:gw-1:pow}", 7),
        ("btc:m:reject", 7),
        ("btc:mh:gw-1:reject", 7),
        ("btc:m:reject_21", 3),
        ("btc:mh:gw-1:reject_21", 3),
        ("btc:m:reject_22", 4),
        ("btc:mh:gw-1:reject_22", 4),
    ];
    for (key, count) in counts {
        assert_eq!(model.value(key, MINUTE), count, "{key}");
    }
    let reasons = [("stale", 2), ("unknown_job", 1), ("duplicate", 4)];
    for (key, (reason, count)) in
        ["btc:x:alice", "btc:x:alice:rig1"].iter().flat_map(|key| reasons.map(|it| (*key, it)))
    {
        assert_eq!(model.value(key, format!("{MINUTE}:{reason}")), count, "{key}");
    }
    assert_eq!(model.counts.len(), counts.len() + 6, "{:?}", model.counts);
    for key in ["btc:g:alice", "btc:m:goal", "btc:mh:gw-1:goal"] {
        assert_eq!(model.goals[&(key.to_owned(), MINUTE.to_string())].to_f64(), 0.75, "{key}");
    }
    for (key, goal) in [("btc:x:alice:rig1", 0.25), ("btc:x:alice:rig2", 0.5)] {
        let field = format!("{MINUTE}:goal");
        assert_eq!(model.goals[&(key.to_owned(), field)].to_f64(), goal, "{key}");
    }
    assert_eq!(model.goals.len(), 5);
    for key in ["btc:x:alice", "btc:x:alice:rig1"] {
        let field = format!("{MINUTE}:best");
        assert_eq!(model.bests[&(key.to_owned(), field)].to_difficulty(), 3.0, "{key}");
    }
    assert_eq!(model.bests.len(), 2);
    check_sets(&model);
}

/// What readers walk: the keys of the format, none of ours.
fn check_sets(model: &Model) {
    let mining: Vec<_> = model.sets["mining:keys"].iter().map(String::as_str).collect();
    assert_eq!(
        mining,
        [
            "btc:g:alice",
            "btc:p:alice",
            "btc:p:alice:rig1",
            "btc:p:alice:rig2",
            "btc:s:alice",
            "btc:s:alice:reject",
            "btc:s:alice:rig1",
            "btc:s:alice:rig1:reject",
            "btc:s:alice:rig2",
        ]
    );
    let monitor: Vec<_> = model.sets["monitor:keys"].iter().map(String::as_str).collect();
    assert_eq!(
        monitor,
        [
            "btc:m:goal",
            "btc:m:pow",
            "btc:m:reject",
            "btc:m:reject_21",
            "btc:m:reject_22",
            "btc:m:share",
        ]
    );
    assert_eq!(Vec::from_iter(&model.sets["btc:mk:pow"]), ["gw-1"]);
}

#[test]
fn work_below_one_unit_shows_once_it_adds_up() {
    let third = (1u128 << 32) / 3 + 1;
    let tallies = vec![(minute(), "alice.rig1".parse().unwrap(), tally(1, third, 0.0))];
    let batch = Batch { tallies, ..empty() };
    let two = Model::of(&[batch.clone(), batch.clone()]);
    assert_eq!(two.counts.get(&("btc:p:alice".into(), MINUTE.to_string())), None);
    assert_eq!(two.value("sluice:rest:{btc:p:alice}", MINUTE), 2 * third);
    let three = Model::of(&[batch.clone(), batch.clone(), batch]);
    assert_eq!(three.value("btc:p:alice", MINUTE), 1);
    assert_eq!(three.value("sluice:rest:{btc:p:alice}", MINUTE), 3 * third - (1 << 32));
}

#[test]
fn what_is_zero_is_not_written() {
    let tallies = vec![(minute(), "alice".parse().unwrap(), Tally::default())];
    let counters = vec![(minute(), Counter::Connections, 0)];
    assert_eq!(plan(&Batch { tallies, counters, ..empty() }), Ok(vec![]));
}

#[test]
fn every_counter_is_kept_for_pool_and_host() {
    let counters = Counter::ALL.iter().flat_map(|counter| [(minute(), *counter, 2); 3]).collect();
    let model = Model::of(&[Batch { counters, ..empty() }]);
    for counter in Counter::ALL {
        let name = counter.name();
        assert_eq!(model.value(&format!("btc:m:{name}"), MINUTE), 6);
        assert_eq!(model.value(&format!("btc:mh:gw-1:{name}"), MINUTE), 6);
        assert!(model.sets["monitor:keys"].contains(&format!("btc:m:{name}")));
        assert!(model.sets[&format!("btc:mk:{name}")].contains("gw-1"));
    }
}

#[test]
fn a_block_reported_twice_is_announced_and_counted_once() {
    let finder = "alice.rig1".parse().unwrap();
    let block = BlockRecord { finder, hash: Hash256::from_bytes([7; 32]), minute: minute() };
    let batch = Batch { blocks: vec![block.clone(), block], ..empty() };
    let model = Model::of(&[batch.clone(), batch]);
    assert_eq!(model.lists["newblock"].len(), 1);
    assert_eq!(model.value("btc:m:block", MINUTE), 1);
    assert_eq!(model.value("btc:mh:gw-1:block", MINUTE), 1);
    assert!(model.sets["monitor:keys"].contains("btc:m:block"));
}

#[test]
fn a_worker_is_announced_when_it_connects_first() {
    let event = |connected| Event {
        identity: "alice.rig1".parse().unwrap(),
        peer: "127.0.0.1".into(),
        connected,
    };
    let gone = Model::of(&[Batch { events: vec![event(false)], ..empty() }]);
    assert!(!gone.lists.contains_key("newworker"));
    let events = vec![event(true), event(false), event(true)];
    let model = Model::of(&[Batch { events, ..empty() }]);
    assert_eq!(model.lists["newevent"].len(), 3);
    assert_eq!(model.lists["newworker"], [r#"{"user":"alice","worker":"rig1","coin":"btc"}"#]);
}

#[test]
fn sums_beyond_mining_are_refused_instead_of_wrapping() {
    let refused = |tallies: Vec<Tally>| {
        let tallies =
            tallies.into_iter().map(|t| (minute(), "alice".parse().unwrap(), t)).collect();
        matches!(plan(&Batch { tallies, ..empty() }), Err(PlanError::TooMuch { .. }))
    };
    assert!(!refused(vec![tally(INCREMENT_MAX, u128::from(INCREMENT_MAX) << 32, 0.0)]));
    assert!(refused(vec![tally(INCREMENT_MAX, 0, 0.0), tally(1, 0, 0.0)]));
    assert!(refused(vec![tally(0, u128::MAX, 0.0), tally(0, u128::MAX, 0.0)]));
    assert!(refused(vec![tally(u64::MAX, 0, 0.0), tally(u64::MAX, 0, 0.0)]));
    let rejected = [u64::MAX; RejectReason::COUNT];
    assert!(refused(vec![Tally { rejected, ..Tally::default() }]));
    let counters = vec![(minute(), Counter::Connections, u64::MAX); 2];
    assert!(plan(&Batch { counters, ..empty() }).is_err());
}

#[test]
fn each_field_is_changed_once_in_a_batch() {
    let tallies = vec![(minute(), "alice.rig1".parse().unwrap(), tally(1, 1 << 20, 0.1)); 100];
    let commands = plan(&Batch { tallies, ..empty() }).unwrap();
    let mut fields: Vec<_> = commands
        .iter()
        .filter_map(|command| match command {
            Command::Increment { key, field, .. } => Some((key, field.clone())),
            Command::AddGoal { key, field, .. } | Command::AddWork { key, field, .. } => {
                Some((key, field.to_seconds().to_string()))
            }
            Command::Detail { key, minute, .. } => Some((key, detail_field(*minute, DETAIL_GOAL))),
            _ => None,
        })
        .collect();
    let count = fields.len();
    fields.sort();
    fields.dedup();
    assert_eq!((fields.len(), count), (12, 12), "{fields:?}");
}
