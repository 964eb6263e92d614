//! Jobs for many miners: a slice at a time, the newest one only, and clean where it must be.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;
use sluice_session::{Action, EndCause, Shard, ShardConfig};
use sluice_units::limits::{BROADCAST_FIRST_SLICE_MAX, BROADCAST_SLICE_MAX};
use sluice_units::{ConnectionId, Instant, JobKind, Now, ShareDifficulty, UnixTime};

use crate::pair::{HARD_NBITS, START_UNIX_S, code, config, difficulty, is_clean, job};

/// Slots between two miners of a crowd: few of them make several slices.
const SLOTS_APART: u32 = BROADCAST_SLICE_MAX as u32 / 2 + 7;

/// A shard whose miners greet and listen, far apart from each other.
struct Crowd {
    shard: Shard,
    now: Now,
    /// What each miner heard of: jobs, by number, and whether they were clean.
    heard: BTreeMap<ConnectionId, Vec<(u64, bool)>>,
    replies: Vec<String>,
    closed: Vec<ConnectionId>,
    generations: u32,
}

impl Crowd {
    fn new() -> Self {
        let now = Now {
            instant: Instant::from_millis(5_000),
            unix: UnixTime::from_seconds(START_UNIX_S),
        };
        let mut config = ShardConfig { connections_max: 1 << 14, ..config() };
        config.ports[0].vardiff.difficulty_start = ShareDifficulty::MIN;
        config.ports[0].vardiff.difficulty_min = ShareDifficulty::MIN;
        let shard = Shard::new(now, config);
        let mut crowd = Self {
            shard,
            now,
            heard: BTreeMap::new(),
            replies: Vec::new(),
            closed: Vec::new(),
            generations: 0,
        };
        crowd.shard.handle_job(now, job(1, JobKind::Clean, 1, HARD_NBITS));
        crowd
    }

    fn join(&mut self, place: u32) -> ConnectionId {
        let connection = ConnectionId { slot: place * SLOTS_APART, generation: self.generations };
        self.generations += 1;
        self.shard.handle_connected(self.now, connection, IpAddr::from([127, 0, 0, 1]), 0);
        self.heard.insert(connection, Vec::new());
        self.say(connection, r#"{"id":1,"method":"mining.subscribe","params":[]}"#);
        self.say(connection, r#"{"id":2,"method":"mining.authorize","params":["alice"]}"#);
        connection
    }

    fn hang_up(&mut self, connection: ConnectionId) {
        self.shard.handle_closed(self.now, connection);
        self.heard.remove(&connection);
    }

    /// Says a line; gives the reply, where it is one.
    fn say(&mut self, connection: ConnectionId, line: &str) -> Option<String> {
        self.replies.clear();
        self.shard.handle_received(self.now, connection, format!("{line}\n").as_bytes());
        self.carry_out();
        self.replies.first().cloned()
    }

    fn submit(&mut self, connection: ConnectionId, job: u64, nonce: u32) -> u64 {
        let line = format!(
            r#"{{"id":4,"method":"mining.submit","params":["alice","{job:x}","0000000000000000","{START_UNIX_S:08x}","{nonce:08x}"]}}"#
        );
        code(&self.say(connection, &line).expect("a submit is answered"))
    }

    /// The shell's next round, without any time having passed; gives how many were attended to.
    fn turn(&mut self) -> usize {
        if self.shard.poll_timeout() <= self.now.instant {
            self.shard.handle_timeout(self.now);
        }
        self.carry_out()
    }

    fn is_busy(&self) -> bool {
        self.shard.poll_timeout() <= self.now.instant
    }

    fn finish(&mut self) {
        while self.is_busy() {
            self.turn();
        }
    }

    fn carry_out(&mut self) -> usize {
        let mut attended = 0;
        while let Some(action) = self.shard.poll_action() {
            match action {
                Action::Send { bytes, .. } => {
                    let text = str::from_utf8(self.shard.outbox(&bytes)).unwrap();
                    self.replies.extend(text.lines().map(str::to_owned));
                }
                Action::SendJob { connection, bytes, clean } => {
                    attended += 1;
                    assert_eq!(is_clean(&bytes), clean);
                    let line: Value = serde_json::from_slice(&bytes).unwrap();
                    let number = u64::from_str_radix(line["params"][0].as_str().unwrap(), 16);
                    self.heard.get_mut(&connection).unwrap().push((number.unwrap(), clean));
                }
                Action::Close { connection } | Action::Refuse { connection } => {
                    attended += 1;
                    self.closed.push(connection);
                }
                Action::FoundBlock(_)
                | Action::HandOver { .. }
                | Action::AskAccount(_)
                | Action::Ban(_)
                | Action::Publish(_) => {}
            }
        }
        attended
    }
}

#[test]
fn a_slice_is_bounded_and_every_miner_is_told_once() {
    let mut crowd = Crowd::new();
    // One miner a slot: here it is miners that fill a slice.
    let miners = 2 * BROADCAST_SLICE_MAX + 100;
    for slot in 0..miners as u32 {
        let connection = ConnectionId { slot, generation: 0 };
        crowd.shard.handle_connected(crowd.now, connection, IpAddr::from([127, 0, 0, 1]), 0);
        crowd.heard.insert(connection, Vec::new());
        crowd.say(connection, r#"{"id":1,"method":"mining.subscribe","params":[]}"#);
        crowd.say(connection, r#"{"id":2,"method":"mining.authorize","params":["alice"]}"#);
    }
    crowd.finish();
    crowd.shard.handle_job(crowd.now, job(2, JobKind::Refresh, 1, HARD_NBITS));
    assert_eq!(crowd.carry_out(), 0, "the job waits for the shell's next round");
    let mut slices = Vec::new();
    while crowd.is_busy() {
        slices.push(crowd.turn());
    }
    let (first, each) = (BROADCAST_FIRST_SLICE_MAX, BROADCAST_SLICE_MAX);
    assert_eq!(slices, [first, each, each, 100 - first]);
    assert!(crowd.heard.values().all(|jobs| *jobs == [(1, true), (2, false)]));
}

#[test]
fn whoever_has_an_empty_job_leaves_it_for_the_full_one_at_once() {
    let mut crowd = Crowd::new();
    let miners = [0, 1, 2, 3, 4].map(|place| crowd.join(place));
    crowd.shard.handle_job(crowd.now, job(2, JobKind::Empty, 2, HARD_NBITS));
    crowd.finish();
    crowd.shard.handle_job(crowd.now, job(3, JobKind::Full, 2, HARD_NBITS));
    let reached = crowd.turn();
    assert!(reached > 0 && reached < miners.len());
    // A refresh that overtakes it is as urgent for those whom it had not reached.
    crowd.shard.handle_job(crowd.now, job(4, JobKind::Refresh, 2, HARD_NBITS));
    crowd.finish();
    for (index, miner) in miners.iter().enumerate() {
        let expected: &[(u64, bool)] = if index < reached {
            &[(1, true), (2, true), (3, true), (4, false)]
        } else {
            &[(1, true), (2, true), (4, true)]
        };
        assert_eq!(crowd.heard[miner], expected, "miner {index}");
    }
}

#[test]
fn a_refresh_that_overtakes_a_clean_job_is_clean_for_whom_that_had_not_reached() {
    let mut crowd = Crowd::new();
    let miners = [0, 1, 2, 3, 4].map(|place| crowd.join(place));
    crowd.shard.handle_job(crowd.now, job(2, JobKind::Clean, 2, HARD_NBITS));
    let reached = crowd.turn();
    assert!(reached > 0 && reached < miners.len());
    crowd.shard.handle_job(crowd.now, job(3, JobKind::Refresh, 2, HARD_NBITS));
    // Whoever the clean job had not reached comes first now, in the short first slice or the next.
    crowd.turn();
    crowd.turn();
    assert_eq!(crowd.heard[&miners[reached]], [(1, true), (3, true)]);
    assert_eq!(crowd.heard[&miners[0]], [(1, true), (2, true)]);
    crowd.finish();
    for (index, miner) in miners.iter().enumerate() {
        let expected: &[(u64, bool)] = if index < reached {
            &[(1, true), (2, true), (3, false)]
        } else {
            &[(1, true), (3, true)]
        };
        assert_eq!(crowd.heard[miner], expected, "miner {index}");
    }
}

#[test]
fn shares_are_judged_right_before_and_after_the_broadcast_comes() {
    let mut crowd = Crowd::new();
    let (first, last) = (crowd.join(0), crowd.join(9));
    for miner in [first, last] {
        let wish = difficulty(1 << 30);
        let line = format!(r#"{{"id":3,"method":"mining.suggest_difficulty","params":[{wish}]}}"#);
        crowd.say(miner, &line);
    }
    crowd.shard.handle_job(crowd.now, job(2, JobKind::Refresh, 1, HARD_NBITS));
    crowd.turn();
    assert_eq!((crowd.heard[&first].len(), crowd.heard[&last].len()), (2, 1));
    assert_eq!(crowd.submit(first, 1, 1), 0, "the earlier job, at what was told for it");
    assert_eq!(crowd.submit(first, 2, 1), 23, "the new job, at what was told for it");
    assert_eq!(crowd.submit(last, 1, 1), 0);
    assert_eq!(crowd.submit(last, 2, 1), 0, "it was told no other difficulty yet");
    crowd.finish();
    assert_eq!(crowd.submit(last, 2, 2), 23);
    assert_eq!(crowd.submit(last, 1, 2), 0);

    crowd.shard.handle_job(crowd.now, job(3, JobKind::Clean, 2, HARD_NBITS));
    assert_eq!(crowd.submit(last, 1, 3), 21, "stale, although the miner cannot know yet");
    crowd.finish();
    assert_eq!(crowd.submit(last, 2, 3), 21);
}

#[test]
fn miners_are_let_go_in_slices_and_counted() {
    let mut crowd = Crowd::new();
    let miners = [0, 1, 2, 3, 4].map(|place| crowd.join(place));
    crowd.shard.handle_drain();
    let mut slices = Vec::new();
    while crowd.is_busy() {
        slices.push(crowd.turn());
    }
    assert!(slices.len() >= 3 && slices[0] < miners.len(), "{slices:?}");
    assert_eq!(crowd.closed, miners);
    // No job brings a draining shard back.
    crowd.shard.handle_job(crowd.now, job(2, JobKind::Clean, 2, HARD_NBITS));
    let late = ConnectionId { slot: 1, generation: 9 };
    crowd.shard.handle_connected(crowd.now, late, IpAddr::from([127, 0, 0, 1]), 0);
    crowd.finish();
    crowd.carry_out();
    assert_eq!(crowd.closed.last(), Some(&late));
    assert_eq!(crowd.shard.stats().ended[EndCause::LetGo.index()], 6);
}

#[test]
fn a_job_keeps_whom_the_feeds_silence_had_not_let_go_yet() {
    let mut crowd = Crowd::new();
    let miners = [0, 1, 2, 3, 4].map(|place| crowd.join(place));
    crowd.now.instant = crowd.now.instant + Duration::from_secs(31);
    crowd.shard.handle_timeout(crowd.now);
    crowd.turn();
    let gone = crowd.closed.len();
    assert!(gone > 0 && gone < miners.len());
    // Who is still there goes on mining, and what it finds is credited once.
    for miner in &miners[gone..] {
        assert_eq!(crowd.submit(*miner, 1, 1), 0);
    }
    crowd.shard.handle_job(crowd.now, job(1, JobKind::Refresh, 1, HARD_NBITS));
    crowd.finish();
    assert_eq!(crowd.closed.len(), gone);
    for miner in &miners[gone..] {
        assert_eq!(crowd.heard[miner], [(1, true)], "it has that job");
        assert_eq!(crowd.submit(*miner, 1, 1), 22);
        assert_eq!(crowd.submit(*miner, 1, 2), 0);
    }
    // The same job serves newcomers again.
    let late = crowd.join(9);
    assert_eq!(crowd.heard[&late], [(1, true)]);
}

/// Half a handshake before, the other half after the work was withheld.
#[test]
fn a_handshake_that_ends_while_miners_are_let_go_is_let_go_too() {
    let halves = [
        r#"{"id":1,"method":"mining.subscribe","params":[]}"#,
        r#"{"id":2,"method":"mining.authorize","params":["alice"]}"#,
    ];
    for (first, second, drains) in [(0, 1, false), (1, 0, false), (0, 1, true), (1, 0, true)] {
        let mut crowd = Crowd::new();
        for place in 0..3 {
            crowd.join(place);
        }
        let late = ConnectionId { slot: 3 * SLOTS_APART, generation: 9 };
        crowd.now.instant = crowd.now.instant + Duration::from_secs(29);
        crowd.shard.handle_connected(crowd.now, late, IpAddr::from([127, 0, 0, 1]), 0);
        crowd.say(late, halves[first]);
        if drains {
            crowd.shard.handle_drain();
        } else {
            crowd.now.instant = crowd.now.instant + Duration::from_secs(2);
            crowd.shard.handle_timeout(crowd.now);
        }
        let reply = crowd.say(late, &format!("{}\n{}", halves[second], halves[second]));
        assert!(reply.is_some(), "the request has its reply");
        assert_eq!(crowd.closed, [late]);
        crowd.finish();
        assert_eq!(crowd.closed.len(), 4, "everybody once");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Job(bool),
    Turn,
    Join(u32),
    HangUp(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let place = 0_u32..12;
    prop_oneof![
        2 => any::<bool>().prop_map(Step::Job),
        4 => Just(Step::Turn),
        3 => place.clone().prop_map(Step::Join),
        1 => place.prop_map(Step::HangUp),
    ]
}

proptest! {
    #[test]
    fn everyone_ends_on_the_newest_job_and_nobody_keeps_work_of_a_former_tip(
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut crowd = Crowd::new();
        let mut present: BTreeMap<u32, ConnectionId> = BTreeMap::new();
        // The tip of each job, by its number less one.
        let mut tips = vec![1];
        for step in steps {
            match step {
                Step::Job(clean) => {
                    let tip = tips.last().unwrap() + u8::from(clean);
                    tips.push(tip);
                    let kind = if clean { JobKind::Clean } else { JobKind::Refresh };
                    crowd.shard.handle_job(crowd.now, job(tips.len() as u64, kind, tip, HARD_NBITS));
                }
                Step::Turn => {
                    crowd.turn();
                }
                Step::Join(place) => {
                    if let Entry::Vacant(vacant) = present.entry(place) {
                        let miner = *vacant.insert(crowd.join(place));
                        let newest = (tips.len() as u64, true);
                        prop_assert_eq!(&crowd.heard[&miner], &[newest]);
                    }
                }
                Step::HangUp(place) => {
                    if let Some(miner) = present.remove(&place) {
                        crowd.hang_up(miner);
                    }
                }
            }
        }
        crowd.finish();
        for jobs in crowd.heard.values() {
            prop_assert_eq!(jobs.last().unwrap().0, tips.len() as u64);
            for pair in jobs.windows(2) {
                let [(earlier, _), (later, clean)] = [pair[0], pair[1]];
                prop_assert!(earlier < later, "each once, in order: {:?}", jobs);
                let tip = |number: u64| tips[number as usize - 1];
                prop_assert_eq!(clean, tip(earlier) != tip(later), "{:?} of {:?}", jobs, tips);
            }
        }
        prop_assert!(crowd.closed.is_empty());
    }
}
