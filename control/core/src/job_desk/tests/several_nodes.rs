//! Several nodes: which tip is followed, and who is asked.

use super::*;

/// A desk of three nodes that all have tip 7, with a job on it.
fn desk_of_three() -> JobDesk {
    let mut desk = JobDesk::new(at(0), policy(3));
    desk.handle_timeout(at(0));
    for node in 0..3 {
        desk.handle_tip(at(1), node, tip(7));
        desk.handle_template(at(2), node, Asked::Now, &template(7)).unwrap();
    }
    assert_eq!(published(&mut desk), [JobKind::Clean], "one template is enough");
    desk
}

fn parent(desk: &JobDesk) -> u8 {
    desk.latest().unwrap().0.parent.as_bytes()[0]
}

#[test]
fn the_first_node_with_a_new_tip_wins() {
    let mut desk = desk_of_three();
    desk.handle_tip(at(100), 2, tip_at(8, 3));
    assert_eq!(actions(&mut desk), [DeskAction::AskTemplate(2)], "who has it is asked");
    desk.handle_template(at(101), 2, Asked::Now, &template_at(8, 4)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
    desk.handle_tip(at(102), 0, tip_at(8, 3));
    desk.handle_template(at(103), 1, Asked::LongPoll, &template_at(8, 4)).unwrap();
    assert_eq!(published(&mut desk), [], "the others add nothing");
    // One that is behind takes nobody back.
    desk.handle_template(at(104), 1, Asked::Now, &template(7)).unwrap();
    assert_eq!((published(&mut desk), parent(&desk)), (vec![], 8));
}

#[test]
fn of_two_tips_with_the_same_work_the_first_stays_while_a_node_has_it() {
    let mut desk = desk_of_three();
    desk.handle_tip(at(100), 1, tip_at(8, 2));
    desk.handle_template(at(101), 1, Asked::Now, &template(8)).unwrap();
    assert_eq!(parent(&desk), 7);
    desk.handle_tip(at(102), 0, tip_at(8, 2));
    assert_eq!(parent(&desk), 7, "the third still has it");
    actions(&mut desk);
    desk.handle_tip(at(103), 2, tip_at(8, 2));
    assert!(actions(&mut desk).contains(&DeskAction::AskTemplate(2)));
    desk.handle_template(at(104), 2, Asked::Now, &template(8)).unwrap();
    assert_eq!((published(&mut desk), parent(&desk)), (vec![JobKind::Clean], 8));
    // A whole chain that is taken back is followed down as well.
    for node in 0..3 {
        desk.handle_tip(at(105), node, tip_at(6, 1));
    }
    desk.handle_template(at(106), 0, Asked::Now, &template_at(6, 2)).unwrap();
    assert_eq!(parent(&desk), 6);
}

#[test]
fn refreshes_come_from_the_preferred_node_while_it_is_well() {
    let mut desk = desk_of_three();
    let asked = |desk: &mut JobDesk| -> Vec<NodeIndex> {
        let asked = actions(desk).into_iter().filter_map(|action| match action {
            DeskAction::AskTemplate(node) => Some(node),
            _ => None,
        });
        asked.collect()
    };
    desk.handle_timeout(at(30_002));
    assert_eq!(asked(&mut desk), [0]);
    desk.handle_failure(at(30_003), 0, FailedCall::Template(Asked::Now));
    assert_eq!(asked(&mut desk), [1], "the next one at once");
    desk.handle_template(at(30_004), 1, Asked::Now, &template(7)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Refresh]);
    // It is back, but behind: only its name is asked for, and it leads nobody.
    desk.handle_tip(at(30_300), 0, tip_at(5, 1));
    desk.handle_template(at(30_301), 0, Asked::Now, &template_at(5, 2)).unwrap();
    asked(&mut desk);
    desk.handle_timeout(at(60_010));
    assert_eq!(asked(&mut desk), [1]);
    desk.handle_template(at(60_011), 1, Asked::Now, &template(7)).unwrap();
    desk.handle_tip(at(60_012), 0, tip(7));
    asked(&mut desk);
    desk.handle_timeout(at(90_020));
    assert_eq!(asked(&mut desk), [0], "it leads again");
}

#[test]
fn a_failure_after_a_new_block_asks_every_node() {
    let mut desk = desk_of_three();
    desk.handle_tip(at(100), 0, tip_at(8, 3));
    assert_eq!(actions(&mut desk), [DeskAction::AskTemplate(0)]);
    desk.handle_failure(at(101), 0, FailedCall::Template(Asked::Now));
    let next = actions(&mut desk);
    assert!(
        next.contains(&DeskAction::AskTemplate(1)) && next.contains(&DeskAction::AskTemplate(2))
    );
    desk.handle_template(at(102), 2, Asked::Now, &template_at(8, 4)).unwrap();
    assert_eq!(published(&mut desk), [JobKind::Clean]);
}

#[test]
fn the_tip_of_a_node_that_is_gone_is_left_for_one_that_a_node_has() {
    let mut desk = desk_of_three();
    desk.handle_tip(at(100), 1, tip_at(8, 2));
    desk.handle_tip(at(100), 2, tip_at(8, 2));
    actions(&mut desk);
    desk.handle_failure(at(101), 0, FailedCall::Tip);
    let next = actions(&mut desk);
    assert!(next.contains(&DeskAction::AskTemplate(1)), "{next:?}");
    desk.handle_template(at(102), 1, Asked::Now, &template(8)).unwrap();
    assert_eq!(parent(&desk), 8);
    // And none of that moves a node that is still downloading.
    desk.handle_behind(at(103), 2);
    assert_eq!(desk.leader(), Some(1));
}

#[test]
fn work_is_reckoned_until_a_node_tells_it() {
    let mut desk = desk_of_three();
    let told = desk.latest().unwrap().1;
    desk.handle_template(at(100), 0, Asked::LongPoll, &template_at(8, 4)).unwrap();
    assert_eq!(desk.latest().unwrap().1, told + EACH);
    let exact = NodeTip { work: told + 99, ..tip_at(8, 3) };
    desk.handle_tip(at(101), 0, exact);
    assert_eq!(desk.latest().unwrap().1, told + 99);
}
