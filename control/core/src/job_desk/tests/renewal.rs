//! The present job under another name: when it comes, and what it is made of.

use super::*;

/// The offers that wait to be published.
fn offers(desk: &mut JobDesk) -> Vec<Offer> {
    let offers = actions(desk).into_iter().filter_map(|action| match action {
        DeskAction::Publish(offer) => Some(offer),
        _ => None,
    });
    offers.collect()
}

#[test]
fn a_renewed_job_is_other_work_on_the_same_template() {
    let mut desk = working_desk();
    let former = Arc::clone(desk.latest().unwrap().0);
    let rest = Arc::clone(desk.rest_of(former.id).unwrap());
    desk.renew(at(10_000));
    let offers = offers(&mut desk);
    let [Offer { job, tip_work, rest: of_renewed, is_renewed: true }] = &offers[..] else {
        panic!("{offers:?}")
    };
    assert_eq!((job.kind, *tip_work), (JobKind::Refresh, tip(7).work));
    assert!(job.id > former.id, "later than the one before");
    assert_ne!(job.coinbase_suffix, former.coinbase_suffix);
    let (id, coinbase_suffix) = (former.id, former.coinbase_suffix.clone());
    let as_before = Job { id, kind: former.kind, coinbase_suffix, ..(**job).clone() };
    assert_eq!(as_before, *former, "all else is the same");
    assert!(Arc::ptr_eq(of_renewed, &rest));
    for id in [former.id, job.id] {
        assert_eq!(desk.rest_of(id), Some(&rest), "blocks may come on both");
    }
    assert_eq!(desk.latest().unwrap().0, job);
    // It is as old as its template.
    desk.handle_timeout(at(30_002));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)), "the refresh is due");
}

#[test]
fn however_many_need_one_there_is_one_renewal_a_second() {
    let mut desk = working_desk();
    desk.renew(at(10_000));
    assert_eq!(published(&mut desk), [JobKind::Refresh]);
    for millis in 10_001..10_200 {
        desk.renew(at(millis));
        assert_eq!(published(&mut desk), []);
    }
    for millis in [10_500, 10_999] {
        desk.handle_timeout(at(millis));
        assert_eq!(published(&mut desk), []);
    }
    assert_eq!(desk.poll_timeout(), at(11_000).instant);
    desk.handle_timeout(at(11_000));
    assert_eq!(published(&mut desk), [JobKind::Refresh]);
    assert!(desk.poll_timeout() > at(11_000).instant, "nobody needs another one");
    // A new job is as good.
    desk.renew(at(11_001));
    desk.handle_template(at(11_002), 0, Asked::LongPoll, &template_at(8, 4)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
    desk.handle_timeout(at(13_000));
    assert_eq!(published(&mut desk), []);
}

#[test]
fn without_a_living_node_nothing_is_renewed() {
    let mut desk = working_desk();
    desk.handle_failure(at(10_000), 0, FailedCall::Tip);
    desk.renew(at(10_001));
    assert_eq!(published(&mut desk), []);
    assert!(desk.poll_timeout() > at(10_001).instant, "there is nothing to do");
    desk.handle_tip(at(10_300), 0, tip(7));
    assert_eq!(published(&mut desk), [JobKind::Refresh]);
}

#[test]
fn an_empty_job_stays_empty_and_ends_when_it_would_have() {
    let mut desk = working_desk();
    let nonce = |nonce| {
        let (parent, nbits) = (Hash256::from_bytes([7; 32]), CompactTarget::from_bits(EASY_BITS));
        let merkle_root = Hash256::from_bytes([9; 32]);
        Header { version: 1, parent, merkle_root, ntime: 2, nbits, nonce }.to_bytes()
    };
    let found = (0..).map(nonce).find(|header| desk.handle_header(at(100), header).is_ok());
    let hash = block_hash(&found.unwrap());
    assert_eq!(published(&mut desk), [JobKind::Empty]);
    desk.renew(at(1_100));
    assert_eq!(published(&mut desk), [JobKind::Empty]);
    let full = BlockTemplate { previousblockhash: hash.to_string(), ..template_at(0, 4) };
    desk.handle_template(at(1_500), 0, Asked::LongPoll, &full).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Full]);
    let waited = desk.take_empty_time(at(1_500).instant);
    assert_eq!(waited, Some(Duration::from_millis(1_400)));
    desk.renew(at(3_000));
    assert_eq!(published(&mut desk), [JobKind::Refresh]);
}
