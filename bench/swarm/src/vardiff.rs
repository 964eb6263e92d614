//! `sluice bench vardiff`: what difficulty a crowd of miners gets, in virtual time: no sockets, no hashing, the
//! gateway's own sessions.

mod crowd;

use std::net::IpAddr;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_mining::vardiff::VardiffPolicy;
use sluice_units::{Instant, ShareDifficulty};

use crate::child::Interruption;
use crate::error::BenchError;
use crate::progress::Progress;
use crate::report::Report;
use crowd::{Kind, Miner, Tally};

/// What can be chosen.
#[derive(Clone, Copy, Debug)]
pub struct VardiffOptions {
    /// How many miners.
    pub miners: u32,
    /// Minutes of their time.
    pub minutes: u32,
    /// Where chance begins; the same seed is the same run.
    pub seed: u64,
}

/// A refresh of the job comes this often.
const REFRESH_S: f64 = 30.0;
/// A new tip comes this often on average.
const TIP_S: f64 = 600.0;
/// What comes before is how a miner settles.
const SETTLING_MINUTES: u32 = 20;
/// Above any miner of the crowd.
const NETWORK_DIFFICULTY: f64 = 1e14;

/// The default of the gateway's configuration.
fn policy() -> VardiffPolicy {
    let difficulty = |value| ShareDifficulty::from_f64(value).expect("above zero");
    VardiffPolicy {
        difficulty_start: difficulty(16_384.0),
        difficulty_min: difficulty(1.0),
        difficulty_max: difficulty(4_294_967_296.0),
        rental_difficulty_min: difficulty(500_000.0),
        share_interval_target: Duration::from_secs(5),
        retarget_interval: Duration::from_secs(60),
    }
}

/// Runs it.
pub fn run(options: VardiffOptions, interruption: &Interruption) -> Result<Report, BenchError> {
    let VardiffOptions { miners, minutes, seed } = options;
    if minutes <= SETTLING_MINUTES {
        let cause = format!(
            "--minutes {minutes}: the first {SETTLING_MINUTES} are for settling, give more"
        );
        return Err(BenchError::Check(cause));
    }
    let mut progress = Progress::new();
    progress.say(format_args!("{miners} miners, {minutes} minutes of theirs"));
    let jobs = jobs(f64::from(minutes) * 60.0, &mut fastrand::Rng::with_seed(seed));
    let (policy, cap) =
        (policy(), ShareDifficulty::from_f64(NETWORK_DIFFICULTY).expect("above zero"));
    let measured_from = Instant::from_millis(u64::from(SETTLING_MINUTES) * 60_000);
    let mut crowd = Vec::with_capacity(miners as usize);
    for number in 0..miners {
        // Each miner has chance of its own: the crowd's size changes nobody's fate.
        let mut random =
            fastrand::Rng::with_seed(seed ^ u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut miner = Miner::new(number, &policy, &mut random);
        for window in jobs.windows(2) {
            miner.mine([&window[0], &window[1]], cap, &policy, &mut random, measured_from);
        }
        crowd.push((miner.kind(), miner.tally().clone()));
        progress.count("miners", u64::from(number) + 1, Some(u64::from(miners)));
        interruption.check()?;
    }
    Ok(report(&options, &crowd))
}

/// A job of the pool.
#[derive(Clone, Copy, PartialEq, Debug)]
struct SentJob {
    sent_s: f64,
    index: u32,
    /// The first one of its tip.
    oldest: u32,
}

fn jobs(end_s: f64, random: &mut fastrand::Rng) -> Vec<SentJob> {
    let mut jobs = vec![SentJob { sent_s: 0.0, index: 0, oldest: 0 }];
    let mut next_tip_s = crowd::wait_s(TIP_S, random);
    while let Some(last) = jobs.last().copied().filter(|last| last.sent_s < end_s) {
        let refresh_s = last.sent_s + REFRESH_S;
        let index = last.index + 1;
        if next_tip_s < refresh_s {
            jobs.push(SentJob { sent_s: next_tip_s, index, oldest: index });
            next_tip_s += crowd::wait_s(TIP_S, random);
        } else {
            jobs.push(SentJob { sent_s: refresh_s, index, oldest: last.oldest });
        }
    }
    jobs
}

fn report(options: &VardiffOptions, crowd: &[(Kind, Tally)]) -> Report {
    let mut report = Report::of_machine("vardiff");
    report.add("miners", options.miners, "");
    report.add("minutes", options.minutes, "of their time");
    report.add("seed", options.seed, "");
    let policy = policy();
    report.measured("difficulty_start", policy.difficulty_start.to_f64(), "");
    report.measured("difficulty_min", policy.difficulty_min.to_f64(), "");
    report.measured("share_interval_target_s", policy.share_interval_target.as_secs_f64(), "");
    let all: Vec<&Tally> = crowd.iter().map(|(_, tally)| tally).collect();
    let sum = |count: fn(&Tally) -> u64| -> u64 { all.iter().map(|tally| count(tally)).sum() };
    report.add("shares", sum(|tally| tally.accepted), "accepted");
    let ratios = sorted(all.iter().filter_map(|tally| interval_ratio(options, tally)));
    report.measured(
        "interval_p5",
        percentile(&ratios, 5),
        "a miner's time between shares, over the target",
    );
    report.measured("interval_median", percentile(&ratios, 50), "");
    report.measured("interval_p95", percentile(&ratios, 95), "");
    report.add("rejected_low_difficulty", sum(|tally| tally.low_difficulty), "by cause of vardiff");
    report.add("rejected_stale", sum(|tally| tally.stale), "found before a new tip was heard of");
    let rows = Kind::ALL.map(|kind| row(options, kind, crowd));
    report.rows("kinds", rows.to_vec());
    report
}

fn row(options: &VardiffOptions, kind: Kind, crowd: &[(Kind, Tally)]) -> Value {
    let of_kind: Vec<&Tally> =
        crowd.iter().filter(|(one, _)| *one == kind).map(|(_, tally)| tally).collect();
    let ratios = sorted(of_kind.iter().filter_map(|tally| interval_ratio(options, tally)));
    let changes: u64 = of_kind.iter().map(|tally| tally.changes_settled).sum();
    let hours = of_kind.len() as f64 * f64::from(options.minutes - SETTLING_MINUTES) / 60.0;
    let rounded = |number: f64| (number * 1000.0).round() / 1000.0;
    let settling = sorted(of_kind.iter().map(|tally| tally.changes_settling as f64));
    json!({
        "kind": kind.name(),
        "miners": of_kind.len(),
        "interval_median": rounded(percentile(&ratios, 50)),
        "interval_p95": rounded(percentile(&ratios, 95)),
        "settling_changes_p95": percentile(&settling, 95),
        "changes_per_hour": rounded(changes as f64 / hours.max(f64::MIN_POSITIVE)),
        "rejected_low_difficulty": of_kind.iter().map(|tally| tally.low_difficulty).sum::<u64>(),
    })
}

/// The mean time between two shares after settling, over the wanted one.
fn interval_ratio(options: &VardiffOptions, tally: &Tally) -> Option<f64> {
    let measured_s = f64::from(options.minutes - SETTLING_MINUTES) * 60.0;
    let wanted = measured_s / policy().share_interval_target.as_secs_f64();
    (tally.measured > 0).then(|| wanted / tally.measured as f64)
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// Of sorted numbers; 0 where there are none.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0.0)
}

/// Every miner of the crowd comes from here.
const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

#[cfg(test)]
mod tests {
    use super::*;

    fn object(miners: u32, minutes: u32, seed: u64) -> Value {
        let options = VardiffOptions { miners, minutes, seed };
        run(options, &Interruption::default()).unwrap().to_json()
    }

    #[test]
    fn a_crowd_gets_the_shares_that_it_is_to_get_and_loses_none_to_a_change() {
        let object = object(300, 60, 7);
        assert_eq!(object["rejected_low_difficulty"], 0, "{object}");
        let number = |name: &str| object[name].as_f64().unwrap();
        assert!((0.8..1.25).contains(&number("interval_median")), "{object}");
        assert!(number("interval_p95") < 2.0 && number("interval_p5") > 0.5, "{object}");
        assert!(number("rejected_stale") > 0.0, "tips come, and shares are under way: {object}");
        let steady = &object["kinds"][0];
        assert!(steady["changes_per_hour"].as_f64().unwrap() < 0.5, "{object}");
        assert!(steady["settling_changes_p95"].as_f64().unwrap() <= 3.0, "{object}");
    }

    #[test]
    fn the_same_seed_is_the_same_run() {
        assert_eq!(object(20, 25, 1), object(20, 25, 1));
        assert_ne!(object(20, 25, 1)["shares"], object(20, 25, 2)["shares"]);
    }
}
