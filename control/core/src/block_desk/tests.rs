use sluice_mining::coinbase::{self, AuxMarks, CoinbasePlan, Tag};
use sluice_mining::payout::Payouts;
use sluice_mining::template::{Template, TemplateFields};
use sluice_units::JobId;

use super::*;

fn template() -> Template {
    Template::new(&TemplateFields {
        height: 3,
        previous_block_hash: &"07".repeat(32),
        version: 1,
        bits: "1d00ffff",
        time: 2,
        time_min: 1,
        coinbase_value_sat: 50,
        coinbase_aux: Vec::new(),
        witness_commitment: None,
        rules: &[],
        transactions: Vec::new(),
    })
    .unwrap()
}

fn rest() -> BlockRest {
    BlockRest::new(&template(), &[])
}

fn found() -> FoundBlock {
    let payouts = Payouts::all_to(bitcoin::ScriptBuf::from_bytes(vec![0x51]));
    let plan = CoinbasePlan { tag: Tag::default(), payouts };
    let halves = coinbase::build(&template(), &plan, &AuxMarks::default()).unwrap();
    FoundBlock {
        job: JobId::from_u64(1),
        height: 3,
        hash: Hash256::from_bytes([1; 32]),
        header: [2; 80],
        coinbase: [&halves.prefix[..], &[0; 16], &halves.suffix].concat(),
        finder: "alice".parse().unwrap(),
    }
}

const START: Instant = Instant::ZERO;
const HASH: Hash256 = Hash256::from_bytes([1; 32]);

fn said(reason: &str) -> SubmitAnswer {
    SubmitAnswer::Answered(Some(reason.to_owned()))
}

const TAKEN: SubmitAnswer = SubmitAnswer::Answered(None);

/// A desk of so many nodes that was told of the block.
fn desk(nodes: usize) -> BlockDesk {
    let mut desk = BlockDesk::new(nodes);
    assert_eq!(desk.handle_found(START, &found(), Some(&rest())), None);
    desk
}

fn actions(desk: &mut BlockDesk) -> Vec<BlockAction> {
    std::iter::from_fn(|| desk.poll_action()).collect()
}

/// The nodes that a block is to be handed to now.
fn submitted(desk: &mut BlockDesk) -> Vec<NodeIndex> {
    let submits = actions(desk).into_iter().filter_map(|action| match action {
        BlockAction::Submit { hash, node, bytes } => {
            assert_eq!(hash, HASH);
            assert!(bytes.starts_with(&found().header));
            Some(node)
        }
        _ => None,
    });
    submits.collect()
}

fn verdicts(desk: &mut BlockDesk) -> Vec<BlockVerdict> {
    let verdicts = actions(desk).into_iter().filter_map(|action| match action {
        BlockAction::Verdict { verdict, .. } => Some(verdict),
        _ => None,
    });
    verdicts.collect()
}

#[test]
fn submits_once_and_repeats_only_what_failed() {
    let mut desk = desk(1);
    assert_eq!(desk.handle_found(START, &found(), Some(&rest())), None, "asked again");
    assert_eq!(submitted(&mut desk), [0]);
    desk.handle_timeout(START);
    assert!(submitted(&mut desk).is_empty(), "the answer is awaited");

    desk.handle_answer(START, HASH, 0, &SubmitAnswer::Failed);
    assert_eq!(actions(&mut desk), []);
    let later = desk.poll_timeout().unwrap();
    desk.handle_timeout(later);
    assert_eq!(submitted(&mut desk), [0]);
    desk.handle_answer(later, HASH, 0, &TAKEN);
    let (hash, node, after) = (HASH, 0, RETRY_INTERVAL);
    let verdict = BlockVerdict::Accepted;
    assert_eq!(
        actions(&mut desk),
        [BlockAction::Kept { hash, node, after }, BlockAction::Verdict { hash, verdict }]
    );
    assert_eq!(desk.handle_found(later, &found(), None), Some(BlockVerdict::Accepted));
    assert_eq!(desk.poll_timeout(), None);
    desk.handle_tip(later, 0, &HASH);
    desk.handle_tip(later, 0, &HASH);
    assert_eq!(actions(&mut desk), [BlockAction::IsTip { hash, node, after }], "told once");
}

#[test]
fn every_node_gets_it_at_once_and_the_first_that_keeps_it_decides() {
    let mut desk = desk(3);
    assert_eq!(submitted(&mut desk), [0, 1, 2]);
    desk.handle_answer(START, HASH, 1, &said("bad-txns"));
    assert_eq!(verdicts(&mut desk), [], "one refusal is no verdict");
    desk.handle_answer(START, HASH, 2, &TAKEN);
    assert_eq!(verdicts(&mut desk), [BlockVerdict::Accepted]);
    // The one that is away gets it still, and nobody is told twice.
    desk.handle_answer(START, HASH, 0, &SubmitAnswer::Failed);
    let later = desk.poll_timeout().unwrap();
    desk.handle_timeout(later);
    assert_eq!(submitted(&mut desk), [0]);
    desk.handle_answer(later, HASH, 0, &said("duplicate"));
    assert_eq!(verdicts(&mut desk), []);
    assert_eq!(desk.poll_timeout(), None, "all have answered");
}

#[test]
fn it_is_refused_where_all_refuse_it_or_the_others_stay_away() {
    let mut both = desk(2);
    both.handle_answer(START, HASH, 0, &said("high-hash"));
    both.handle_answer(START, HASH, 1, &said("bad-txns"));
    assert_eq!(verdicts(&mut both), [BlockVerdict::Rejected("high-hash".into())]);
    assert_eq!(both.poll_timeout(), None);

    let mut one = desk(2);
    one.handle_answer(START, HASH, 0, &said("high-hash"));
    let mut now = START;
    while now < START + REFUSED_WAIT {
        assert_eq!(verdicts(&mut one), []);
        one.handle_answer(now, HASH, 1, &SubmitAnswer::Failed);
        now = one.poll_timeout().unwrap();
        one.handle_timeout(now);
    }
    assert_eq!(verdicts(&mut one), [BlockVerdict::Rejected("high-hash".into())]);
    // It goes on to whoever stays away, but not for ever.
    one.handle_answer(now, HASH, 1, &SubmitAnswer::Failed);
    assert!(one.poll_timeout().is_some());
    one.handle_timeout(START + SUBMIT_TIME_MAX);
    assert_eq!(one.poll_timeout(), None);
}

#[test]
fn a_node_without_the_parent_is_asked_again() {
    let mut desk = desk(1);
    actions(&mut desk);
    desk.handle_answer(START, HASH, 0, &said("prev-blk-not-found"));
    assert_eq!(actions(&mut desk), []);
    let later = desk.poll_timeout().unwrap();
    desk.handle_timeout(later);
    assert_eq!(submitted(&mut desk), [0]);
}

#[test]
fn reads_the_node_as_bip_22_says() {
    let verdict = |reason| match verdict(Some(reason)) {
        Answer::Verdict(verdict) => verdict,
        Answer::NoParent => panic!("{reason} is a verdict"),
    };
    assert_eq!(verdict("duplicate"), BlockVerdict::Accepted);
    assert_eq!(verdict("rejected: duplicate"), BlockVerdict::Accepted);
    assert_eq!(verdict("inconclusive"), BlockVerdict::SideBranch);
    assert_eq!(verdict("high-hash"), BlockVerdict::Rejected("high-hash".into()));
}

#[test]
fn what_cannot_be_built_is_said_at_once() {
    let mut desk = BlockDesk::new(1);
    let unknown = desk.handle_found(START, &found(), None);
    assert_eq!(unknown, Some(BlockVerdict::UnknownJob));
    let broken = FoundBlock { coinbase: vec![0], ..found() };
    let verdict = desk.handle_found(START, &broken, Some(&rest()));
    assert!(matches!(verdict, Some(BlockVerdict::Rejected(_))));
    assert_eq!(actions(&mut desk), [], "the answer says it");
}
