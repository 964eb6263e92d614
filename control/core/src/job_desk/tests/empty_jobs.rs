//! Jobs on a header: what moves miners and what does not, and how they end.

use super::*;

/// The header of a block on this parent, with so much work in it.
fn mined(parent: Hash256, bits: u32, ntime: u32) -> [u8; 80] {
    let nbits = CompactTarget::from_bits(bits);
    let target = nbits.to_target().unwrap();
    let merkle_root = Hash256::from_bytes([9; 32]);
    let header = |nonce| Header { version: 1, parent, merkle_root, ntime, nbits, nonce }.to_bytes();
    (0..).map(header).find(|bytes| target.is_met_by(&block_hash(bytes))).unwrap()
}

fn parent() -> Hash256 {
    Hash256::from_bytes([7; 32])
}

#[test]
fn miners_move_at_once_and_get_the_full_job_when_it_is_there() {
    let mut desk = working_desk();
    let header = mined(parent(), EASY_BITS, 1_700_000_500);
    let hash = desk.handle_header(at(100), &header).unwrap();
    assert_eq!(hash, block_hash(&header));
    let next = actions(&mut desk);
    assert!(next.contains(&DeskAction::AskTemplate(0)), "{next:?}");
    let (job, work) = desk.latest().unwrap();
    assert_eq!((job.kind, job.parent, job.height), (JobKind::Empty, hash, 4));
    assert_eq!(work, tip(7).work + EACH);
    assert!(job.merkle_branch.is_empty());
    assert_eq!((job.ntime_min, job.ntime), (1_700_000_501, 1_700_000_501), "above the median");
    assert_eq!(desk.handle_header(at(101), &header), Err(HeaderRefused::Known));
    // The node has not got it yet: its present template moves nobody back.
    desk.handle_template(at(102), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), []);
    assert_eq!(desk.take_empty_time(at(103).instant), None);
    let full = BlockTemplate { previousblockhash: hash.to_string(), ..template_at(0, 4) };
    desk.handle_template(at(150), 0, Asked::LongPoll, &full).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Full]);
    assert_eq!(desk.take_empty_time(at(150).instant), Some(Duration::from_millis(50)));
    assert_eq!(desk.take_empty_time(at(151).instant), None);
}

#[test]
fn what_has_no_work_or_another_parent_or_target_moves_nobody() {
    let mut desk = working_desk();
    let no_work = {
        let mut bytes = mined(parent(), EASY_BITS, 1);
        let target = CompactTarget::from_bits(EASY_BITS).to_target().unwrap();
        while target.is_met_by(&block_hash(&bytes)) {
            bytes[76] = bytes[76].wrapping_add(1);
        }
        bytes
    };
    for (header, expected) in [
        (mined(Hash256::from_bytes([8; 32]), EASY_BITS, 1), HeaderRefused::NotNext),
        (mined(parent(), 0x2070_0000, 1), HeaderRefused::WrongTarget),
        (no_work, HeaderRefused::NoWork),
    ] {
        assert_eq!(desk.handle_header(at(100), &header), Err(expected));
        assert_eq!(actions(&mut desk), []);
    }
    let mut before = JobDesk::new(at(0), policy(1));
    let header = mined(parent(), EASY_BITS, 1);
    assert_eq!(before.handle_header(at(0), &header), Err(HeaderRefused::NoJob));
}

#[test]
fn it_ends_after_its_time_and_work_goes_back_to_what_the_node_has() {
    let mut desk = working_desk();
    let header = mined(parent(), EASY_BITS, 1);
    desk.handle_header(at(100), &header).unwrap();
    desk.handle_template(at(101), 0, Asked::Now, &template(7)).unwrap();
    actions(&mut desk);
    desk.handle_timeout(at(20_099));
    assert!(!actions(&mut desk).contains(&DeskAction::AskTemplate(0)));
    desk.handle_timeout(at(20_100));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)));
    desk.handle_template(at(20_101), 0, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
    assert_eq!(desk.latest().unwrap().0.parent, parent());
    assert_eq!(desk.take_empty_time(at(20_101).instant), Some(Duration::from_millis(20_001)));
}

#[test]
fn switched_off_it_still_asks_for_the_template() {
    let mut desk = JobDesk::new(at(0), DeskPolicy { empty_job_time: Duration::ZERO, ..policy(1) });
    desk.handle_tip(at(1), 0, tip(7));
    desk.handle_template(at(2), 0, Asked::Now, &template(7)).unwrap();
    actions(&mut desk);
    let refused = desk.handle_header(at(3), &mined(parent(), EASY_BITS, 1));
    assert_eq!(refused, Err(HeaderRefused::Off));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(0)));
}

#[test]
fn the_subsidy_is_right_on_both_sides_of_each_halving() {
    let main = ChainRules::new(Network::Bitcoin);
    for (height, satoshi) in [
        (0, 5_000_000_000),
        (209_999, 5_000_000_000),
        (210_000, 2_500_000_000),
        (419_999, 2_500_000_000),
        (420_000, 1_250_000_000),
        (839_999, 625_000_000),
        (840_000, 312_500_000),
        (6_929_999, 1),
        (6_930_000, 0),
        (u32::MAX, 0),
    ] {
        assert_eq!(main.subsidy_sat(height), satoshi, "{height}");
    }
    let regtest = ChainRules::new(Network::Regtest);
    assert_eq!(
        [149, 150].map(|height| regtest.subsidy_sat(height)),
        [5_000_000_000, 2_500_000_000]
    );
}

/// Bitcoin Core, `src/test/pow_tests.cpp`: `get_next_work` and its three limits.
#[test]
fn a_retarget_is_the_one_of_the_network() {
    let main = ChainRules::new(Network::Bitcoin);
    for (first, last, bits, expected) in [
        (1_261_130_161, 1_262_152_739, 0x1d00_ffff, 0x1d00_d86a),
        (1_231_006_505, 1_233_061_996, 0x1d00_ffff, 0x1d00_ffff),
        (1_279_008_237, 1_279_297_671, 0x1c05_a3f4, 0x1c01_68fd),
        (1_263_163_443, 1_269_211_443, 0x1c38_7f6f, 0x1d00_e1fd),
    ] {
        let next = main.retarget(CompactTarget::from_bits(bits), first, last);
        assert_eq!(next.to_bits(), expected);
    }
}

#[test]
fn the_target_behind_a_retarget_is_known_before_its_block_is_found() {
    let rules = ChainRules::new(Network::Bitcoin);
    // No test can find a block of the main network: its rules are asked without one.
    let mut desk = JobDesk::new(at(0), DeskPolicy { rules, ..policy(1) });
    desk.handle_tip(at(1), 0, tip_at(7, 32_254));
    desk.handle_template(at(2), 0, Asked::Now, &template_at(7, 32_255)).unwrap();
    assert!(actions(&mut desk).contains(&DeskAction::AskPeriodStart(0, 30_240)));
    let last = Header {
        version: 1,
        parent: parent(),
        merkle_root: Hash256::ZERO,
        ntime: 1_262_152_739,
        nbits: CompactTarget::from_bits(0x1d00_ffff),
        nonce: 0,
    };
    assert_eq!(desk.target_after(&last, 32_256), None, "nobody has told when the period began");
    desk.handle_period_start(30_240, 1_261_130_161);
    assert_eq!(desk.wanted_period_start(), None);
    assert_eq!(desk.target_after(&last, 32_256).unwrap().to_bits(), 0x1d00_d86a);
    assert_eq!(desk.target_after(&last, 32_257), Some(last.nbits));
    let test =
        JobDesk::new(at(0), DeskPolicy { rules: ChainRules::new(Network::Testnet4), ..policy(1) });
    assert_eq!(test.target_after(&last, 32_257), None, "only the node knows");
}
