//! Whatever chance does to a pool, in whatever order, each accepted share is stored once.

use sluice_simulator::{Outcome, simulate};

/// Runs, unless the environment variable asks for more.
const SEEDS: u64 = 60;
const SEEDS_VARIABLE: &str = "SLUICE_SIMULATOR_SEEDS";
const STEPS: u32 = 3_000;

#[test]
fn each_accepted_share_is_stored_once_under_every_seed() {
    let mut sum = Outcome::default();
    #[expect(clippy::disallowed_methods, reason = "the test is no core")]
    let seeds = std::env::var(SEEDS_VARIABLE).map_or(SEEDS, |seeds| seeds.parse().unwrap());
    for seed in 0..seeds {
        let outcome = simulate(seed, STEPS).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
        sum.accepted += outcome.accepted;
        sum.unanswered += outcome.unanswered;
        sum.stored += outcome.stored;
        sum.recovered += outcome.recovered;
        sum.repeated += outcome.repeated;
        sum.kills += outcome.kills;
        sum.cuts += outcome.cuts;
        sum.full_disks += outcome.full_disks;
        sum.seconds += outcome.seconds;
    }
    println!("{sum:?}");
    // Everything that can go wrong did, again and again, and most shares came through.
    assert!(sum.accepted > 50_000 && sum.seconds > 50_000, "{sum:?}");
    for happened in
        [sum.recovered, sum.repeated, sum.kills, sum.cuts, sum.full_disks, sum.unanswered]
    {
        assert!(happened > 500, "{sum:?}");
    }
    assert!((sum.accepted..=sum.accepted + sum.unanswered).contains(&sum.stored), "{sum:?}");
}

#[test]
fn a_seed_is_a_run() {
    assert_eq!(simulate(7, 2_000), simulate(7, 2_000));
    assert_ne!(simulate(7, 2_000), simulate(8, 2_000));
}
