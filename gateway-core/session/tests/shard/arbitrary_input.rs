//! Whatever miners send, a shard neither panics nor leaves a request without its one answer.

use proptest::prelude::*;
use serde_json::Value;
use sluice_units::{ConnectionId, JobKind};

use crate::pair::{EASY_NBITS, Pair, job, lines_of};

/// A line as some miner might write it; `true` where it asks for an answer.
fn line() -> impl Strategy<Value = String> {
    let id = prop_oneof![
        Just("1".to_owned()),
        Just("null".to_owned()),
        Just("\"x\\\"nsub\"".to_owned()),
        Just("[1, {\"a\": 2.5e7}]".to_owned()),
        "[1-9][0-9]{0,19}",
    ];
    let method = prop_oneof![
        Just("mining.configure"),
        Just("mining.subscribe"),
        Just("mining.authorize"),
        Just("mining.submit"),
        Just("mining.suggest_difficulty"),
        Just("mining.extranonce.subscribe"),
        Just("mining.get_transactions"),
        Just("mining.ping"),
        Just("mining.what"),
    ];
    let param = prop_oneof![
        Just("\"alice.rig1\"".to_owned()),
        Just("\"1\"".to_owned()),
        Just("\"2\"".to_owned()),
        Just("\"e2e2e2e2e2e2e2e2\"".to_owned()),
        Just("\"6553f128\"".to_owned()),
        "\"[0-9a-f]{8}\"",
        Just("null".to_owned()),
        Just("-1e300".to_owned()),
        Just("[\"version-rolling\",\"minimum-difficulty\"]".to_owned()),
        Just("{\"version-rolling.mask\":\"+fffffff\"}".to_owned()),
        Just("\"\\ud83d\\ude00\\u0000\"".to_owned()),
    ];
    let params = prop_oneof![
        4 => prop::collection::vec(param, 0..8).prop_map(|params| format!("[{}]", params.join(","))),
        1 => Just("null".to_owned()),
        1 => Just("{\"a\":[]}".to_owned()),
    ];
    // A submit that may well be right is likelier than chance would make it.
    let share = any::<u32>().prop_map(|nonce| {
        format!(
            "{{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"alice.rig1\",\"1\",\"e2e2e2e2e2e2e2e2\",\"6553f128\",\"{:08x}\"]}}",
            nonce & 0x3f
        )
    });
    let any_order = (id, method, params).prop_map(|(id, method, params)| {
        format!("{{\"params\":{params},\"method\":\"{method}\",\"id\":{id}}}")
    });
    prop_oneof![4 => any_order, 2 => share]
}

#[derive(Clone, Debug)]
enum Step {
    Line(usize, String),
    Bytes(usize, Vec<u8>),
    Job(u64, bool, u8),
    Pass(u64),
    Silence(u64),
    HangUp(usize),
    Connect,
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0_usize..4;
    prop_oneof![
        8 => (which.clone(), line()).prop_map(|(which, line)| Step::Line(which, line)),
        2 => (which.clone(), prop::collection::vec(any::<u8>(), 0..60))
            .prop_map(|(which, bytes)| Step::Bytes(which, bytes)),
        2 => (1_u64..6, any::<bool>(), 0_u8..3)
            .prop_map(|(number, clean, tip)| Step::Job(number, clean, tip)),
        1 => (0_u64..40).prop_map(Step::Pass),
        1 => (0_u64..40).prop_map(Step::Silence),
        1 => which.prop_map(Step::HangUp),
        2 => Just(Step::Connect),
    ]
}

fn answers(lines: &[String]) -> Vec<Value> {
    let values = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    values.filter(|value| value.get("method").is_none()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_panics_and_the_books_balance(steps in prop::collection::vec(step(), 0..120)) {
        let mut pair = Pair::with_nbits(EASY_NBITS);
        let mut open: Vec<ConnectionId> = Vec::new();
        for step in steps {
            let gone = |pair: &Pair, one: &ConnectionId| pair.closes(*one) > 0;
            match step {
                Step::Line(which, line) if which < open.len() => {
                    pair.say(open[which], &format!("{line}\n"));
                }
                Step::Bytes(which, bytes) if which < open.len() => {
                    pair.shard.handle_received(pair.now, open[which], &bytes);
                    pair.settle();
                }
                Step::Job(number, clean, tip) => {
                    let kind = if clean { JobKind::Clean } else { JobKind::Refresh };
                    pair.job(job(number, kind, tip, EASY_NBITS));
                }
                Step::Pass(seconds) => pair.pass(seconds),
                Step::Silence(seconds) => pair.pass_in_silence(seconds),
                Step::HangUp(which) if which < open.len() => {
                    let connection = open.remove(which);
                    pair.hang_up(connection);
                }
                Step::Connect => open.push(pair.connect()),
                Step::Line(..) | Step::Bytes(..) | Step::HangUp(_) => {}
            }
            open.retain(|one| !gone(&pair, one));
            prop_assert_eq!(pair.shard.stats().connections, open.len() as u64);
        }
        pair.pass(1);
        let stats = *pair.shard.stats();
        let tallies = pair.batches.iter().flat_map(|batch| &batch.tallies);
        prop_assert_eq!(tallies.map(|(_, _, tally)| tally.accepted).sum::<u64>(), stats.accepted);
        prop_assert_eq!(pair.blocks().len() as u64, stats.blocks_found);
        for (batch, sequence) in pair.batches.iter().zip(1_u64..) {
            prop_assert_eq!(batch.sequence, sequence);
        }
    }

    #[test]
    fn every_request_gets_exactly_one_answer(
        lines in prop::collection::vec(line(), 1..40),
        greeted in any::<bool>(),
    ) {
        let mut pair = Pair::with_nbits(EASY_NBITS);
        let miner = if greeted { pair.join("alice.rig1") } else { pair.connect() };
        for line in lines {
            let asked: Value = serde_json::from_str(&line).unwrap();
            let before = pair.events.len();
            pair.say(miner, &format!("{line}\n"));
            let answers = answers(&lines_of(&pair.events[before..], miner));
            prop_assert_eq!(answers.len(), 1, "{}", line);
            prop_assert_eq!(&answers[0]["id"], &asked["id"]);
            let (result, error) = (&answers[0]["result"], &answers[0]["error"]);
            prop_assert!(result.is_null() != error.is_null(), "{}", answers[0]);
        }
        prop_assert_eq!(pair.closes(miner), 0);
    }
}
