//! Difficulties, wishes, workers and addresses of one session.

use std::time::Duration;

use super::*;

fn difficulty(hashes: u64) -> ShareDifficulty {
    ShareDifficulty::from_hashes(hashes)
}

fn policy() -> VardiffPolicy {
    VardiffPolicy {
        difficulty_start: difficulty(1 << 20),
        difficulty_min: difficulty(1 << 10),
        rental_difficulty_min: difficulty(1 << 10),
        difficulty_max: difficulty(1 << 40),
        share_interval_target: Duration::from_secs(1),
        retarget_interval: Duration::from_secs(60),
    }
}

fn session() -> MinerSession {
    let connection = ConnectionId { slot: 0, generation: 0 };
    let peer = IpAddr::from([127, 0, 0, 1]);
    MinerSession::new(Instant::ZERO, connection, peer, difficulty(1 << 20))
}

#[test]
fn a_share_is_judged_by_what_held_when_its_job_was_sent() {
    let mut session = session();
    let cap = difficulty(1 << 50);
    for (job, hashes) in [(5, 1 << 21), (9, 1 << 22)] {
        session.suggest(difficulty(hashes));
        assert!(session.settle_difficulty(Instant::ZERO, [job, 0], cap, &policy()));
    }
    for (job, hashes) in [(0, 1 << 20), (4, 1 << 20), (5, 1 << 21), (8, 1 << 21), (9, 1 << 22)] {
        assert_eq!(session.difficulty_at(job), difficulty(hashes), "job {job}");
    }
    assert_eq!(session.rare.as_ref().unwrap().earlier.len(), 2);
    // Once job 5 is the oldest, the first difficulty can never be asked for again.
    assert!(!session.settle_difficulty(Instant::ZERO, [10, 5], cap, &policy()));
    assert_eq!(session.rare.as_ref().unwrap().earlier.len(), 1);
    assert!(!session.settle_difficulty(Instant::ZERO, [11, 9], cap, &policy()));
    assert!(session.rare.as_ref().unwrap().earlier.is_empty());
    assert_eq!(session.difficulty_at(9), difficulty(1 << 22));
}

#[test]
fn changes_wait_where_too_many_are_in_use() {
    let mut session = session();
    let cap = difficulty(1 << 50);
    for job in 1..20 {
        session.suggest(difficulty(1 << (10 + job)));
        session.settle_difficulty(Instant::ZERO, [job, 0], cap, &policy());
    }
    assert_eq!(session.rare.as_ref().unwrap().earlier.len(), DIFFICULTIES_KEPT_MAX - 1);
    assert_eq!(session.difficulty_at(0), difficulty(1 << 20), "the oldest is never lost");
    // The last wish was not dropped: it holds as soon as the earlier jobs are forgotten.
    assert!(session.settle_difficulty(Instant::ZERO, [20, 20], cap, &policy()));
    assert_eq!(session.difficulty(), difficulty(1 << 29));
}

#[test]
fn a_wish_said_again_is_no_new_wish() {
    let mut session = session();
    let cap = difficulty(1 << 50);
    session.suggest(difficulty(1 << 12));
    assert!(session.settle_difficulty(Instant::ZERO, [1, 1], cap, &policy()));
    // It finds far more than was wanted, and goes on wishing what it wished.
    (0..100).for_each(|_| session.count_share(Instant::ZERO));
    session.suggest(difficulty(1 << 12));
    let later = Instant::from_millis(1000);
    assert!(session.settle_difficulty(later, [2, 2], cap, &policy()));
    assert!(session.difficulty() > difficulty(1 << 12), "it is adapted all the same");
    session.suggest(difficulty(1 << 13));
    assert!(session.settle_difficulty(later, [3, 3], cap, &policy()));
    assert_eq!(session.difficulty(), difficulty(1 << 13), "another wish is heard");
}

#[test]
fn nobody_may_wish_for_a_flood() {
    let cap = difficulty(1 << 50);
    let mut session = session();
    session.take_wishes(&DifficultyWishes::from_password("fd=0.000001"));
    let fixed = difficulty(4295);
    assert!(session.settle_difficulty(Instant::ZERO, [1, 1], cap, &policy()));
    assert_eq!(session.difficulty(), fixed);
    // A hundred shares a second where one is wanted, and as fast as before from then on.
    let (mut now_ms, mut speed) = (0, 100 * 4295);
    let mut jobs = 1;
    let mut pass = |session: &mut MinerSession, speed: u64, seconds: u64| {
        for _ in 0..seconds {
            now_ms += 1000;
            let shares = speed / session.difficulty().work().to_hashes() as u64;
            (0..shares).for_each(|_| session.count_share(Instant::from_millis(now_ms)));
            jobs += 1;
            session.settle_difficulty(Instant::from_millis(now_ms), [jobs, jobs], cap, &policy());
        }
    };
    pass(&mut session, speed, 60);
    let ratio = speed as f64 / session.difficulty().work().to_hashes() as f64;
    assert!((8.0..=20.0).contains(&ratio), "{ratio} shares a second");
    // Wishing anew before each job does not help.
    session.take_wishes(&DifficultyWishes::from_password("fd=0.0000001"));
    pass(&mut session, speed, 60);
    assert!(session.difficulty() > fixed);
    // A miner that suits its wish gets it back.
    speed = 4295 / 2;
    pass(&mut session, speed, 600);
    assert_eq!(
        session.difficulty(),
        policy().difficulty_min.max(difficulty(429)),
        "2^10 is the least"
    );
}

#[test]
fn a_wish_before_each_job_is_no_way_to_flood_either() {
    let cap = difficulty(1 << 50);
    let mut session = session();
    for job in 1..=20_u32 {
        session.suggest(difficulty(1024 + u64::from(job % 2)));
        let now = Instant::from_millis(u64::from(job) * 1000);
        session.settle_difficulty(now, [job, job], cap, &policy());
        (0..1000).for_each(|_| session.count_share(now));
    }
    assert!(session.difficulty() > difficulty(10 * 1024), "{}", session.difficulty());
}

#[test]
fn floors_and_fixed_difficulties_hold_within_the_port() {
    let mut session = session();
    let cap = difficulty(1 << 50);
    session.raise_floor(difficulty(1 << 22));
    session.raise_floor(difficulty(1 << 21));
    session.suggest(difficulty(1 << 12));
    assert!(session.settle_difficulty(Instant::ZERO, [1, 1], cap, &policy()));
    assert_eq!(session.difficulty(), difficulty(1 << 22), "a floor is never taken back");
    // Silence lowers nobody below the floor.
    assert!(!session.settle_difficulty(Instant::from_millis(600_000), [2, 2], cap, &policy()));
    let wishes = DifficultyWishes::from_password("fd=16384");
    session.take_wishes(&wishes);
    assert!(session.settle_difficulty(Instant::ZERO, [3, 3], cap, &policy()));
    assert_eq!(session.difficulty(), policy().difficulty_max, "2^46 hashes are too many");
    (0..100).for_each(|_| session.count_share(Instant::ZERO));
    assert!(!session.settle_difficulty(Instant::from_millis(1), [4, 4], cap, &policy()));
    assert!(session.settle_difficulty(Instant::ZERO, [5, 5], difficulty(1 << 30), &policy()));
    assert_eq!(session.difficulty(), difficulty(1 << 30), "nor is it above the network");
}

#[test]
fn never_above_the_network_unless_the_policy_says_so() {
    let mut session = session();
    assert!(session.settle_difficulty(Instant::ZERO, [1, 0], difficulty(1 << 15), &policy()));
    assert_eq!(session.difficulty(), difficulty(1 << 15));
    assert!(session.settle_difficulty(Instant::ZERO, [2, 0], difficulty(2), &policy()));
    assert_eq!(session.difficulty(), policy().difficulty_min);
}

#[test]
fn a_connection_carries_a_bounded_number_of_workers() {
    let mut session = session();
    for index in 0..WORKERS_PER_CONNECTION_MAX {
        assert!(session.authorize(format!("alice.rig{index}").parse().unwrap()));
    }
    assert!(session.authorize("alice.rig0".parse().unwrap()), "once more");
    assert!(!session.authorize("alice.other".parse().unwrap()));
    assert_eq!(session.find_worker("alice.other"), None);
    for (written, worker) in [("alice.rig0", "rig0"), ("Alice_RIG3", "rig3")] {
        let place = session.find_worker(written).unwrap();
        assert_eq!(session.worker_at(place).unwrap().identity.worker(), worker);
    }
    assert_eq!(session.workers().count(), WORKERS_PER_CONNECTION_MAX);
}

#[test]
fn an_address_is_kept_as_it_is() {
    for text in ["127.1.2.3", "2001:db8::1", "::1"] {
        let mut one = session();
        one = MinerSession::new(
            Instant::ZERO,
            one.connection,
            text.parse().unwrap(),
            one.difficulty(),
        );
        assert_eq!(one.peer().to_string(), text);
    }
}
