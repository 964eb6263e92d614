use sluice_mining::merged::AuxKind;
use sluice_mining::template::{Template, TemplateFields};
use sluice_units::{JobId, Target};

use super::*;

const START: Instant = Instant::ZERO;
const POLL: Duration = Duration::from_secs(2);

fn at(seconds: u64) -> Instant {
    Instant::from_millis(seconds * 1000)
}

fn desk() -> AuxDesk {
    let name = |text: &str| text.parse().unwrap();
    AuxDesk::new(START, [(name("nmc"), POLL), (name("rsk"), POLL)])
}

fn work(chain: &str, kind: AuxKind, hash: u8) -> AuxWork {
    let target = Target::from_be_bytes([0x40; 32]);
    AuxWork { chain: chain.parse().unwrap(), kind, hash: Hash256::from_bytes([hash; 32]), target }
}

fn nmc(hash: u8) -> AuxWork {
    work("nmc", AuxKind::AuxPow { chain_id: 1 }, hash)
}

fn rsk(hash: u8) -> AuxWork {
    work("rsk", AuxKind::Rsk, hash)
}

fn rest(works: &[AuxWork]) -> BlockRest {
    let template = Template::new(&TemplateFields {
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
    });
    BlockRest::new(&template.unwrap(), works)
}

fn found(hash: u8) -> FoundBlock {
    FoundBlock {
        job: JobId::from_u64(1),
        height: 3,
        hash: Hash256::from_bytes([hash; 32]),
        header: [2; 80],
        coinbase: vec![1, 2, 3],
        finder: "alice".parse().unwrap(),
    }
}

fn actions(desk: &mut AuxDesk) -> Vec<AuxAction> {
    std::iter::from_fn(|| desk.poll_action()).collect()
}

#[test]
fn jobs_commit_to_what_the_chains_want_and_to_nothing_old() {
    let mut desk = desk();
    desk.handle_timeout(START);
    assert_eq!(actions(&mut desk), [AuxAction::AskWork(0), AuxAction::AskWork(1)]);
    assert_eq!(desk.poll_offer(START), None);
    desk.handle_work(START, 0, nmc(1));
    assert_eq!(desk.poll_offer(START), Some(vec![nmc(1)]), "nobody waits for the other");
    desk.handle_failure(START, 1);
    desk.handle_work(at(1), 1, rsk(2));
    assert_eq!(desk.poll_offer(at(1)), Some(vec![nmc(1), rsk(2)]));
    assert_eq!(desk.poll_offer(at(1)), None);
    // The first one's node dies.
    for second in 2..60 {
        desk.handle_timeout(at(second));
        desk.handle_failure(at(second), 0);
        desk.handle_work(at(second), 1, rsk(2));
        assert_eq!(desk.poll_offer(at(second)), None, "{second}");
    }
    assert_eq!(desk.poll_offer(at(61)), Some(vec![rsk(2)]));
    desk.handle_work(at(62), 0, nmc(3));
    assert_eq!(desk.poll_offer(at(62)), Some(vec![nmc(3), rsk(2)]));
}

#[test]
fn a_share_goes_to_every_chain_whose_target_it_meets_until_each_has_answered() {
    let mut desk = desk();
    let rest = rest(&[nmc(1), rsk(2)]);
    assert!(desk.handle_found(START, &found(0x30), &rest));
    let submits: Vec<ChainIndex> = actions(&mut desk)
        .into_iter()
        .filter_map(|action| match action {
            AuxAction::Submit { chain, share, .. } => {
                assert_eq!(share, found(0x30).hash);
                Some(chain)
            }
            _ => None,
        })
        .collect();
    assert_eq!(submits, [0, 1]);
    let share = found(0x30).hash;
    desk.handle_answer(at(1), 0, share, &AuxAnswer::Taken);
    let (chain, hash) = (nmc(1).chain, nmc(1).hash);
    let taken = TakenShare { share, chain, hash };
    assert_eq!(actions(&mut desk), [AuxAction::Taken(taken.clone())]);
    assert_eq!(desk.taken(&share).collect::<Vec<_>>(), [&taken]);
    desk.handle_answer(at(1), 1, share, &AuxAnswer::Failed);
    assert!(desk.handle_found(at(1), &found(0x30), &rest), "it is on its way");
    desk.handle_timeout(at(2));
    let again = actions(&mut desk);
    assert!(matches!(again[..], [AuxAction::Submit { chain: 1, .. }]), "{again:?}");
    desk.handle_answer(at(3), 1, share, &AuxAnswer::Refused("stale".into()));
    let lost = AuxAction::Lost { share, chain: rsk(2).chain, reason: "stale".into() };
    assert_eq!(actions(&mut desk), [lost, AuxAction::Settled(share)]);
    assert!(!desk.handle_found(at(4), &found(0x30), &rest), "nobody is asked twice");
    assert_eq!(desk.taken(&share).count(), 1, "who took it is known as long");
    assert_eq!(actions(&mut desk), []);
    assert!(!desk.handle_found(at(4), &found(0x50), &rest), "it meets nobody's target");
}

#[test]
fn a_chain_that_never_answers_is_given_up() {
    let mut desk = desk();
    let share = found(0x30).hash;
    assert!(desk.handle_found(START, &found(0x30), &rest(&[nmc(1)])));
    actions(&mut desk);
    desk.handle_answer(START + AUX_SUBMIT_TIME_MAX, 0, share, &AuxAnswer::Failed);
    let last = actions(&mut desk);
    assert!(matches!(last[..], [AuxAction::Lost { .. }, AuxAction::Settled(_)]), "{last:?}");
    assert!(!desk.is_pending(&share));
}
