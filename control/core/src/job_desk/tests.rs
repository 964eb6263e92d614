use bitcoin::{Network, ScriptBuf};
use sluice_mining::builder::block_hash;
use sluice_mining::coinbase::Tag;
use sluice_mining::payout::Payouts;
use sluice_units::{CompactTarget, Header, UnixTime};

use super::*;

mod empty_jobs;
mod renewal;
mod several_nodes;

/// Easy enough that a test finds a block at once.
const EASY_BITS: u32 = 0x207f_ffff;
const EACH: u128 = 2;

fn at(millis: u64) -> Now {
    Now {
        instant: Instant::from_millis(millis),
        unix: UnixTime::from_seconds(1_700_000_000 + millis / 1000),
    }
}

fn policy(nodes: usize) -> DeskPolicy {
    let payouts = Payouts::all_to(ScriptBuf::from_bytes(vec![0x51]));
    DeskPolicy {
        jobmaster_id: 1,
        started_unix_s: 1_700_000_000,
        nodes,
        rules: ChainRules::new(Network::Regtest),
        coinbase: CoinbasePlan { tag: Tag::new("/sluice/", false).unwrap(), payouts },
        version_mask: 0x1fff_0000,
        poll_interval: Duration::from_millis(500),
        long_poll: true,
        refresh_interval: Duration::from_secs(30),
        empty_job_time: Duration::from_secs(20),
        alive_interval: Duration::from_secs(5),
    }
}

fn desk() -> JobDesk {
    JobDesk::new(at(0), policy(1))
}

/// A template on a block of that name, at height 3 by default.
fn template(parent: u8) -> BlockTemplate {
    template_at(parent, 3)
}

fn template_at(parent: u8, height: u32) -> BlockTemplate {
    serde_json::from_value(serde_json::json!({
        "version": 0x2000_0000, "previousblockhash": format!("{parent:02x}").repeat(32),
        "transactions": [], "coinbasevalue": 50, "mintime": 1, "curtime": 2,
        "bits": format!("{EASY_BITS:08x}"), "height": height, "rules": ["segwit"],
    }))
    .unwrap()
}

fn tip(name: u8) -> NodeTip {
    tip_at(name, 2)
}

fn tip_at(name: u8, height: u32) -> NodeTip {
    NodeTip { hash: Hash256::from_bytes([name; 32]), height, work: EACH * u128::from(height + 1) }
}

fn actions(desk: &mut JobDesk) -> Vec<DeskAction> {
    std::iter::from_fn(|| desk.poll_action()).collect()
}

fn published(desk: &mut JobDesk) -> Vec<JobKind> {
    let jobs = actions(desk).into_iter().filter_map(|action| match action {
        DeskAction::Publish(offer) => Some(offer.job.kind),
        _ => None,
    });
    jobs.collect()
}

/// A desk with a job on tip 7, and nothing left to do.
fn working_desk() -> JobDesk {
    let mut desk = desk();
    desk.handle_timeout(at(0));
    desk.handle_tip(at(1), 0, tip(7));
    desk.handle_template(at(2), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
    desk
}

#[test]
fn asks_at_once_and_publishes_clean_then_refresh() {
    let mut desk = desk();
    desk.handle_timeout(at(0));
    assert_eq!(actions(&mut desk), [DeskAction::AskTip(0)]);
    desk.handle_tip(at(1), 0, tip(7));
    assert_eq!(actions(&mut desk), [DeskAction::AskTemplate(0), DeskAction::Alive][..1]);
    desk.handle_template(at(2), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
    desk.handle_timeout(at(30_002));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)), "the refresh is due");
    desk.handle_template(at(30_003), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Refresh]);
}

#[test]
fn a_moved_tip_asks_for_a_template_without_waiting() {
    let mut desk = working_desk();
    desk.handle_timeout(at(500));
    assert_eq!(actions(&mut desk), [DeskAction::AskTip(0)]);
    // Another block of the same height is another tip all the same.
    desk.handle_tip(at(501), 0, tip(8));
    assert_eq!(actions(&mut desk), [DeskAction::AskTemplate(0)]);
    desk.handle_template(at(502), 0, Asked::Now, &template(8)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
}

#[test]
fn a_template_of_the_former_tip_is_followed_by_another_question() {
    let mut desk = working_desk();
    desk.handle_timeout(at(30_003));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)));
    desk.handle_tip(at(30_004), 0, tip_at(8, 3));
    desk.handle_template(at(30_005), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(actions(&mut desk), [DeskAction::AskTemplate(0)], "and no job on the old tip");
    desk.handle_template(at(30_006), 0, Asked::Now, &template_at(8, 4)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
}

#[test]
fn a_failed_call_is_repeated_soon_and_silences_the_sign_of_life() {
    let mut desk = working_desk();
    desk.handle_timeout(at(5_000));
    assert!(actions(&mut desk).contains(&DeskAction::Alive));
    desk.handle_failure(at(5_001), 0, FailedCall::Tip);
    assert_eq!(desk.poll_timeout(), at(5_201).instant);
    desk.handle_timeout(at(10_000));
    assert!(!actions(&mut desk).contains(&DeskAction::Alive), "the node does not answer");
    desk.handle_tip(at(10_001), 0, tip(7));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)), "gateways may lack a job");
    desk.handle_template(at(10_002), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Refresh]);
    desk.handle_timeout(at(15_000));
    assert!(actions(&mut desk).contains(&DeskAction::Alive));
}

#[test]
fn a_bad_template_is_told_and_asked_for_again() {
    let mut desk = desk();
    desk.handle_timeout(at(0));
    desk.handle_tip(at(0), 0, tip(7));
    let bad = BlockTemplate { bits: "zz".into(), ..template(7) };
    let error = desk.handle_template(at(1), 0, Asked::Now, &bad).unwrap_err();
    assert!(error.contains("bits"));
    assert!(desk.latest().is_none());
    actions(&mut desk);
    desk.handle_timeout(at(201));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)));
}

#[test]
fn names_are_never_used_twice() {
    let mut desk = desk();
    desk.sequence = JobId::SEQUENCE_MAX - 1;
    let ids: Vec<JobId> = (1..=3).map(|second| desk.next_id(at(second * 1000))).collect();
    assert!(ids[0] < ids[1] && ids[1] < ids[2], "{ids:?}");
}

#[test]
fn a_failed_template_after_a_new_block_is_asked_for_again_and_again() {
    let mut desk = working_desk();
    desk.handle_tip(at(501), 0, tip_at(8, 3));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)));
    // Its RPC fails for a while: the tip was told, and no template comes.
    for round in 0..5 {
        desk.handle_failure(at(510 + round * 200), 0, FailedCall::Template(Asked::Now));
        desk.handle_timeout(at(710 + round * 200));
        assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)), "round {round}");
    }
    desk.handle_template(at(1_600), 0, Asked::Now, &template_at(8, 4)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
}

fn named(template: BlockTemplate, id: &str) -> BlockTemplate {
    BlockTemplate { longpollid: Some(id.into()), ..template }
}

#[test]
fn a_template_that_was_awaited_is_taken_before_any_poll() {
    let mut desk = desk();
    desk.handle_timeout(at(0));
    desk.handle_tip(at(1), 0, tip(7));
    desk.handle_template(at(2), 0, Asked::Now, &named(template(7), "first")).unwrap();
    let awaited = |id: &str| DeskAction::AwaitTemplate(0, id.into());
    assert!(actions(&mut desk).contains(&awaited("first")));
    desk.handle_template(at(100), 0, Asked::LongPoll, &named(template_at(8, 4), "second")).unwrap();
    let next = actions(&mut desk);
    assert!(next.iter().any(|action| matches!(action, DeskAction::Publish(_))), "{next:?}");
    assert!(next.contains(&awaited("second")), "{next:?}");
    // More fees on the same tip are no reason for a job each second, nor to ask in a circle.
    desk.handle_template(at(101), 0, Asked::LongPoll, &named(template_at(8, 4), "third")).unwrap();
    let next = actions(&mut desk);
    assert!(!next.contains(&awaited("third")), "{next:?}");
    assert!(!next.iter().any(|action| matches!(action, DeskAction::Publish(_))), "{next:?}");
    desk.handle_timeout(at(1_101));
    assert!(actions(&mut desk).contains(&awaited("third")));
    // One that ends without an answer says nothing against the node.
    desk.handle_failure(at(60_000), 0, FailedCall::Template(Asked::LongPoll));
    desk.handle_timeout(at(61_000));
    let next = actions(&mut desk);
    assert!(next.contains(&awaited("third")) && next.contains(&DeskAction::Alive), "{next:?}");
}

#[test]
fn an_answer_from_before_an_awaited_template_takes_nobody_back() {
    let mut desk = working_desk();
    desk.handle_timeout(at(30_003));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)), "a refresh is due");
    desk.handle_template(at(30_004), 0, Asked::LongPoll, &template_at(8, 4)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
    desk.handle_template(at(30_005), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), []);
    assert_eq!(desk.latest().unwrap().0.parent, Hash256::from_bytes([8; 32]));
}

#[test]
fn an_announcement_asks_at_once_and_a_known_one_does_not() {
    let mut desk = working_desk();
    let hash = |name: u8| Hash256::from_bytes([name; 32]);
    desk.handle_announced(at(10), 0, &hash(7));
    assert_eq!(actions(&mut desk), []);
    desk.handle_announced(at(11), 0, &hash(8));
    assert_eq!(actions(&mut desk), [DeskAction::AskTemplate(0), DeskAction::AskTip(0)]);
}

#[test]
fn another_coinbase_makes_another_job_at_once() {
    let mut desk = working_desk();
    let other =
        CoinbasePlan { tag: Tag::new("/other/", false).unwrap(), ..desk.coinbase().clone() };
    desk.set_coinbase(at(10), desk.coinbase().clone(), 0x1fff_0000);
    assert_eq!(actions(&mut desk), []);
    desk.set_coinbase(at(11), other, 0x1fff_0000);
    assert_eq!(actions(&mut desk), [DeskAction::AskTemplate(0)]);
    desk.handle_template(at(12), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Refresh]);
    let (job, _) = desk.latest().unwrap();
    assert!(job.coinbase_prefix.windows(7).any(|bytes| bytes == b"/other/"));
}
