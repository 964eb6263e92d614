use sluice_units::CompactTarget;
use sluice_wire::job_datagram::DatagramSealer;

use super::*;

const KEY: DatagramKey = DatagramKey([5; 32]);
const A: JobmasterIndex = 0;
const B: JobmasterIndex = 1;

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// A job of a jobmaster, by its number, on a tip of that name.
fn job(jobmaster: JobmasterIndex, number: u32, kind: JobKind, tip: u8) -> Job {
    Job {
        id: JobId::new(jobmaster as u8 + 1, 1000, number),
        kind,
        height: 1,
        parent: Hash256::from_bytes([tip; 32]),
        version: 0,
        version_mask: 0,
        nbits: CompactTarget::from_bits(0x1d00_ffff),
        ntime: 0,
        ntime_min: 0,
        coinbase_prefix: Vec::new(),
        coinbase_suffix: Vec::new(),
        merkle_branch: Vec::new(),
        aux_target: None,
    }
}

/// The work up to a tip is ten times its name here.
fn offer(jobmaster: JobmasterIndex, number: u32, kind: JobKind, tip: u8) -> FromJobmaster {
    let tip_work = 10 * u128::from(tip);
    FromJobmaster::Job { tip_work, job: job(jobmaster, number, kind, tip) }
}

fn subscriber() -> JobSubscriber {
    let mut subscriber = JobSubscriber::new(2, Duration::from_secs(60));
    for jobmaster in [A, B] {
        subscriber.handle_linked(at(0), jobmaster, FeedName(jobmaster as u64), &KEY);
    }
    subscriber
}

/// What the miners get since the last look: whose job, which, and how it is told.
fn given(subscriber: &mut JobSubscriber) -> Vec<(JobId, JobKind)> {
    let jobs = std::iter::from_fn(|| subscriber.poll_action()).filter_map(|action| match action {
        FeedAction::Job(job) => Some((job.id, job.kind)),
        FeedAction::Alive => None,
    });
    jobs.collect()
}

fn id(jobmaster: JobmasterIndex, number: u32) -> JobId {
    job(jobmaster, number, JobKind::Clean, 1).id
}

#[test]
fn a_late_or_repeated_job_moves_nobody_back() {
    let mut subscriber = subscriber();
    for (number, kind, tip) in [(1, JobKind::Clean, 1), (3, JobKind::Clean, 2)] {
        assert!(subscriber.handle_message(at(1), A, offer(A, number, kind, tip)));
    }
    assert_eq!(given(&mut subscriber), [(id(A, 1), JobKind::Clean), (id(A, 3), JobKind::Clean)]);
    assert!(!subscriber.handle_message(at(2), A, offer(A, 2, JobKind::Refresh, 1)));
    assert!(!subscriber.handle_message(at(2), A, offer(A, 1, JobKind::Clean, 1)));
    assert_eq!(given(&mut subscriber), []);
    // The present one again brings miners back whom the shard has let go.
    assert!(!subscriber.handle_message(at(3), A, offer(A, 3, JobKind::Clean, 2)));
    assert_eq!(given(&mut subscriber), [(id(A, 3), JobKind::Clean)]);
}

#[test]
fn the_tip_with_the_most_work_is_followed_whoever_has_it() {
    let mut subscriber = subscriber();
    subscriber.handle_message(at(1), A, offer(A, 1, JobKind::Clean, 1));
    subscriber.handle_message(at(2), B, offer(B, 1, JobKind::Clean, 1));
    assert_eq!(given(&mut subscriber), [(id(A, 1), JobKind::Clean)]);
    // The other one hears of the next block first; nobody is told twice.
    subscriber.handle_message(at(3), B, offer(B, 2, JobKind::Clean, 2));
    assert_eq!(given(&mut subscriber), [(id(B, 2), JobKind::Clean)]);
    subscriber.handle_message(at(4), A, offer(A, 2, JobKind::Refresh, 1));
    subscriber.handle_message(at(5), A, offer(A, 3, JobKind::Clean, 2));
    assert_eq!(given(&mut subscriber), []);
    // The preferred one takes over with its next refresh, which makes no share stale.
    subscriber.handle_message(at(6), B, offer(B, 3, JobKind::Refresh, 2));
    assert_eq!(given(&mut subscriber), [(id(B, 3), JobKind::Refresh)]);
    subscriber.handle_message(at(7), A, offer(A, 4, JobKind::Refresh, 2));
    assert_eq!(given(&mut subscriber), [(id(A, 4), JobKind::Refresh)]);
    subscriber.handle_message(at(8), B, offer(B, 4, JobKind::Refresh, 2));
    assert_eq!(given(&mut subscriber), []);
}

#[test]
fn whoever_falls_silent_is_left_for_one_with_the_same_tip() {
    let mut subscriber = subscriber();
    subscriber.handle_message(at(0), A, offer(A, 1, JobKind::Clean, 1));
    subscriber.handle_message(at(0), B, offer(B, 1, JobKind::Clean, 1));
    given(&mut subscriber);
    subscriber.handle_message(at(10_000), B, FromJobmaster::Alive);
    let due = subscriber.poll_timeout().unwrap();
    assert!(due > at(15_000) && due < at(15_001), "{due:?}");
    subscriber.handle_timeout(due);
    assert_eq!(given(&mut subscriber), [(id(B, 1), JobKind::Refresh)], "earlier jobs stay valid");
    // A lost link is a reason to wait less.
    subscriber.handle_message(at(16_000), A, offer(A, 2, JobKind::Refresh, 1));
    assert_eq!(given(&mut subscriber), [(id(A, 2), JobKind::Refresh)]);
    subscriber.handle_message(at(16_000), B, FromJobmaster::Alive);
    subscriber.handle_unlinked(at(16_100), A);
    assert_eq!(given(&mut subscriber), []);
    subscriber.handle_timeout(at(18_001));
    assert_eq!(given(&mut subscriber), [(id(B, 1), JobKind::Refresh)]);
    assert_eq!(subscriber.stats().changes, 3);
}

#[test]
fn nobody_is_led_back_to_a_tip_that_is_known_to_be_old() {
    let mut subscriber = subscriber();
    subscriber.handle_message(at(0), A, offer(A, 1, JobKind::Clean, 2));
    subscriber.handle_message(at(0), B, offer(B, 1, JobKind::Clean, 1));
    given(&mut subscriber);
    subscriber.handle_unlinked(at(1), A);
    for second in 1..=60 {
        subscriber.handle_message(at(second * 1000), B, FromJobmaster::Alive);
        subscriber.handle_timeout(at(second * 1000));
        assert_eq!(subscriber.poll_action(), None, "the shard's own timeout runs");
    }
    // What nobody has spoken of for that long counts no more: the miners were let go.
    subscriber.handle_message(at(60_001), B, offer(B, 2, JobKind::Refresh, 1));
    assert_eq!(given(&mut subscriber), [(id(B, 2), JobKind::Refresh)]);
}

#[test]
fn the_same_job_brings_miners_back_after_a_long_silence() {
    let mut subscriber = JobSubscriber::new(1, Duration::from_secs(60));
    subscriber.handle_linked(at(0), A, FeedName(0), &KEY);
    subscriber.handle_message(at(0), A, offer(A, 1, JobKind::Refresh, 1));
    assert_eq!(given(&mut subscriber), [(id(A, 1), JobKind::Refresh)]);
    for linked in [true, false] {
        if !linked {
            subscriber.handle_unlinked(at(200_000), A);
            subscriber.handle_linked(at(300_000), A, FeedName(0), &KEY);
        }
        subscriber.handle_message(at(300_001), A, offer(A, 1, JobKind::Refresh, 1));
        assert_eq!(given(&mut subscriber), [(id(A, 1), JobKind::Refresh)], "{linked}");
    }
}

#[test]
fn a_jobmaster_may_take_its_own_tip_back() {
    let mut subscriber = subscriber();
    subscriber.handle_message(at(0), A, offer(A, 1, JobKind::Clean, 1));
    subscriber.handle_message(at(1), A, offer(A, 2, JobKind::Empty, 2));
    subscriber.handle_message(at(2), A, offer(A, 3, JobKind::Clean, 1));
    let kinds = given(&mut subscriber).into_iter().map(|(_, kind)| kind);
    assert_eq!(kinds.collect::<Vec<_>>(), [JobKind::Clean, JobKind::Empty, JobKind::Clean]);
}

#[test]
fn a_restarted_jobmaster_makes_no_share_stale() {
    let mut subscriber = subscriber();
    subscriber.handle_message(at(0), A, offer(A, 1, JobKind::Clean, 1));
    given(&mut subscriber);
    subscriber.handle_unlinked(at(1), A);
    subscriber.handle_linked(at(2), A, FeedName(77), &KEY);
    let mut next = job(A, 1, JobKind::Clean, 1);
    next.id = JobId::new(1, 1001, 1);
    subscriber.handle_message(at(3), A, FromJobmaster::Job { tip_work: 10, job: next.clone() });
    assert_eq!(given(&mut subscriber), [(next.id, JobKind::Refresh)]);
}

#[test]
fn an_empty_job_gives_way_to_any_full_one_on_its_tip_and_takes_the_place_of_none() {
    let mut subscriber = subscriber();
    subscriber.handle_message(at(0), A, offer(A, 1, JobKind::Empty, 2));
    subscriber.handle_message(at(1), B, offer(B, 1, JobKind::Clean, 2));
    assert_eq!(given(&mut subscriber), [(id(A, 1), JobKind::Empty), (id(B, 1), JobKind::Full)]);
    subscriber.handle_message(at(2), B, offer(B, 2, JobKind::Clean, 3));
    subscriber.handle_message(at(3), A, offer(A, 2, JobKind::Empty, 3));
    subscriber.handle_unlinked(at(4), B);
    subscriber.handle_timeout(at(10_000));
    assert_eq!(given(&mut subscriber), [(id(B, 2), JobKind::Clean)]);
    subscriber.handle_message(at(10_001), A, offer(A, 3, JobKind::Full, 3));
    assert_eq!(given(&mut subscriber), [(id(A, 3), JobKind::Full)]);
}

#[test]
fn datagrams_are_as_good_as_the_link_and_strangers_are_counted() {
    let mut subscriber = subscriber();
    let mut sealer = DatagramSealer::new(FeedName(0), &KEY);
    let mut seal = |number: u64, message: &FromJobmaster| {
        sealer.seal(number, &message.encode()).unwrap().remove(0)
    };
    let first = seal(1, &offer(A, 1, JobKind::Clean, 1));
    subscriber.handle_datagram(at(1), &first);
    assert_eq!(given(&mut subscriber), [(id(A, 1), JobKind::Clean)]);
    assert_eq!(subscriber.stats().datagram_first, 1);
    // The link brings it too: a sign of life.
    assert!(!subscriber.handle_message(at(2), A, offer(A, 1, JobKind::Clean, 1)));
    subscriber.handle_datagram(at(3), &first);
    let mut forged = seal(2, &offer(A, 2, JobKind::Clean, 9));
    *forged.last_mut().unwrap() ^= 1;
    subscriber.handle_datagram(at(4), &forged);
    let mut stranger = DatagramSealer::new(FeedName(99), &KEY);
    let foreign = stranger.seal(1, &offer(A, 3, JobKind::Clean, 9).encode()).unwrap().remove(0);
    subscriber.handle_datagram(at(5), &foreign);
    subscriber.handle_datagram(at(6), b"GET / HTTP/1.1");
    subscriber.handle_datagram(at(7), &seal(3, &FromJobmaster::Alive)[..30]);
    let nonsense = DatagramSealer::new(FeedName(1), &KEY).seal(1, &[99]).unwrap().remove(0);
    subscriber.handle_datagram(at(8), &nonsense);
    assert!(given(&mut subscriber).iter().all(|(job, _)| *job == id(A, 1)), "nobody was moved");
    let expected = FeedStats {
        datagram_first: 1,
        datagrams_foreign: 3,
        datagrams_forged: 1,
        datagrams_replayed: 1,
        datagrams_malformed: 1,
        changes: 0,
    };
    assert_eq!(*subscriber.stats(), expected);
    assert_eq!(subscriber.stats().datagrams_refused(), 5);
}
