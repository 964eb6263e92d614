//! What a new miner is told, whatever order it speaks in.

use serde_json::Value;
use sluice_units::JobKind;
use sluice_units::limits::WORKERS_PER_CONNECTION_MAX;

use crate::pair::{HARD_NBITS, Pair, code, job, kind, lines_of};

const CONFIGURE: &str = r#"{"id":1,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"ffffffff"}]}"#;
const SUBSCRIBE: &str = r#"{"id":2,"method":"mining.subscribe","params":["test/1"]}"#;
const AUTHORIZE: &str = r#"{"id":3,"method":"mining.authorize","params":["alice.rig1","x"]}"#;

#[test]
fn work_follows_the_reply_that_completes_a_miner() {
    for order in [
        vec![CONFIGURE, SUBSCRIBE, AUTHORIZE],
        vec![CONFIGURE, AUTHORIZE, SUBSCRIBE],
        vec![SUBSCRIBE, CONFIGURE, AUTHORIZE],
        vec![SUBSCRIBE, AUTHORIZE, CONFIGURE],
        vec![AUTHORIZE, CONFIGURE, SUBSCRIBE],
        vec![AUTHORIZE, SUBSCRIBE, CONFIGURE],
        vec![SUBSCRIBE, AUTHORIZE],
        vec![AUTHORIZE, SUBSCRIBE],
    ] {
        let mut expected = Vec::new();
        for (count, line) in order.iter().enumerate() {
            let id = &serde_json::from_str::<Value>(line).unwrap()["id"];
            expected.push(format!("reply {id}"));
            let said = &order[..=count];
            let completes = [SUBSCRIBE, AUTHORIZE].iter().all(|one| said.contains(one));
            if completes && *line != CONFIGURE {
                expected.extend(["mining.set_difficulty".into(), "mining.notify".into()]);
            }
        }

        let mut pair = Pair::new();
        let one_by_one = pair.connect();
        for line in &order {
            pair.say(one_by_one, &format!("{line}\n"));
        }
        let heard: Vec<String> =
            lines_of(&pair.events, one_by_one).iter().map(|line| kind(line)).collect();
        assert_eq!(heard, expected, "{order:?}");

        // All in one packet, with the line ends and blank lines that some firmware sends.
        let at_once = pair.connect();
        let text: String = order.iter().map(|line| format!("{line} \r\n\r\n")).collect();
        let heard: Vec<String> = pair.say(at_once, &text).iter().map(|line| kind(line)).collect();
        assert_eq!(heard, expected, "{order:?}");
    }
}

#[test]
fn the_mask_granted_is_what_both_sides_allow() {
    for (asked, granted) in
        [("ffffffff", Some("1fffe000")), ("00c00000", Some("00c00000")), ("00000fff", None)]
    {
        let mut pair = Pair::new();
        let miner = pair.connect();
        let line = CONFIGURE.replace("ffffffff", asked);
        let reply: Value = serde_json::from_str(&pair.say(miner, &format!("{line}\n"))[0]).unwrap();
        assert_eq!(reply["result"]["version-rolling"], granted.is_some(), "{asked}");
        assert_eq!(reply["result"]["version-rolling.mask"].as_str(), granted, "{asked}");
    }
}

#[test]
fn a_further_worker_gets_no_further_job() {
    let mut pair = Pair::new();
    let miner = pair.join("alice.rig1");
    assert_eq!(pair.works(miner), 1);
    for index in 2..=WORKERS_PER_CONNECTION_MAX {
        let line = AUTHORIZE.replace("rig1", &format!("rig{index}"));
        let heard = pair.say(miner, &format!("{line}\n"));
        assert_eq!(heard.iter().map(|line| code(line)).collect::<Vec<_>>(), [0]);
    }
    let one_more = AUTHORIZE.replace("rig1", "one-more");
    assert_eq!(code(&pair.say(miner, &format!("{one_more}\n"))[0]), 24);
    assert_eq!(pair.works(miner), 1);
}

#[test]
fn a_name_that_no_key_can_hold_is_refused_and_the_miner_may_try_again() {
    let mut pair = Pair::new();
    let miner = pair.connect();
    pair.say(miner, &format!("{SUBSCRIBE}\n"));
    for name in ["", "al:ice:x", "alice.reject", &"a".repeat(65)] {
        let heard = pair.say(miner, &format!("{}\n", AUTHORIZE.replace("alice.rig1", name)));
        assert_eq!(heard.iter().map(|line| code(line)).collect::<Vec<_>>(), [24], "{name}");
    }
    assert_eq!(pair.shard.stats().rejected_total(), 0, "no share was refused");
    assert_eq!(pair.say(miner, &format!("{AUTHORIZE}\n")).len(), 3);
}

#[test]
fn only_whole_miners_get_jobs_and_each_gets_one() {
    let mut pair = Pair::new();
    let (whole, silent, half) = (pair.join("alice"), pair.connect(), pair.connect());
    pair.say(half, &format!("{SUBSCRIBE}\n"));
    let before = pair.events.len();
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    pair.job(job(3, JobKind::Clean, 2, HARD_NBITS));
    // A job that is known already goes to nobody.
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    let heard = |miner| lines_of(&pair.events[before..], miner);
    assert_eq!((heard(silent).len(), heard(half).len()), (0, 0));
    let jobs: Vec<(String, bool)> = heard(whole)
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["params"][0].to_string(), line["params"][8].as_bool().unwrap()))
        .collect();
    assert_eq!(jobs, [("\"2\"".to_owned(), false), ("\"3\"".to_owned(), true)]);
}

#[test]
fn a_newcomer_starts_on_the_newest_job_with_nothing_to_keep() {
    let mut pair = Pair::new();
    let before = pair.join("alice");
    pair.job(job(2, JobKind::Refresh, 1, HARD_NBITS));
    let after = pair.join("bob");
    assert!(!pair.work(before).job.clean, "the earlier job is good work still");
    assert!(pair.work(after).job.clean);
    assert_eq!(pair.work(before).job.id, pair.work(after).job.id);
}
