//! `sluice bench endurance`: shares without a pause while every process is killed again and again. What miners saw
//! accepted must be in Redis, account by account and minute by minute.

mod cut_line;
mod miner;
mod pool;
mod verdict;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::child::Interruption;
use crate::error::BenchError;
use crate::progress::Progress;
use crate::report::Report;
use miner::Seen;
use pool::{Pool, VICTIMS};

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct EnduranceOptions {
    /// Miners, each with an account of its own.
    pub miners: u32,
    /// How long shares are submitted.
    pub seconds: f64,
    /// Where chance begins.
    pub seed: u64,
    /// The program that is Redis.
    pub redis_server: String,
    /// Where the relay keeps its batches; a folder of the run's own with next to no room unless given.
    pub relay_folder: Option<PathBuf>,
}

/// How long all is left alone between two kills, and how long what was killed is gone, at most.
const REST_MAX: Duration = Duration::from_millis(1500);
const GONE_MAX: Duration = Duration::from_millis(1000);
/// A new job every so often: a shard tells so many shares of one job apart, and no more.
const JOB_INTERVAL: Duration = Duration::from_secs(1);
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// Runs it.
pub fn run(options: &EnduranceOptions, interruption: &Interruption) -> Result<Report, BenchError> {
    let mut progress = Progress::new();
    let report = Report::of_machine("endurance");
    let mut rng = Rng::with_seed(options.seed);
    let mut pool =
        Pool::start(&options.redis_server, options.relay_folder.as_deref(), interruption)?;
    progress.say(format_args!(
        "{} miners for {} s; gateway, relay, two metawriters and Redis are killed in turn",
        options.miners, options.seconds
    ));
    let stop = Arc::new(AtomicBool::new(false));
    let miners: Vec<_> = (0..options.miners)
        .map(|number| {
            let (address, stop) = (pool.stratum, Arc::clone(&stop));
            thread::spawn(move || miner::mine(address, &miner::account(number), &stop))
        })
        .collect();
    let disturbed = disturb(&mut pool, &mut rng, options, &mut progress, interruption);
    stop.store(true, Ordering::Relaxed);
    let seen: Vec<Seen> = miners
        .into_iter()
        .map(|miner| miner.join().map_err(|_| BenchError::Miners("a miner's thread".into())))
        .collect::<Result<_, _>>()?;
    let kills = disturbed?;
    progress.say(format_args!("all processes run again; waiting until every batch is stored"));
    let (mut redis, full_disks) = pool.end()?;
    let found = verdict::check(&seen, &mut redis)?;
    let counts = Counts { kills, full_disks, found };
    Ok(fill(report, options, &seen, &counts))
}

/// What the report tells of.
struct Counts {
    /// Of each of [`VICTIMS`].
    kills: [u32; VICTIMS.len()],
    full_disks: u64,
    found: u64,
}

/// Kills and cuts until the time is over; at the end everything runs.
fn disturb(
    pool: &mut Pool,
    rng: &mut Rng,
    options: &EnduranceOptions,
    progress: &mut Progress,
    interruption: &Interruption,
) -> Result<[u32; VICTIMS.len()], BenchError> {
    let end = Instant::now() + Duration::from_secs_f64(options.seconds);
    let mut kills = [0; VICTIMS.len()];
    let mut job_due = Instant::now() + JOB_INTERVAL;
    // Everybody once, in any order, before anybody a second time.
    let mut order: Vec<usize> = Vec::new();
    while Instant::now() < end {
        if order.is_empty() {
            order.extend(0..VICTIMS.len());
            rng.shuffle(&mut order);
        }
        let victim = order.pop().expect("it was just filled");
        let rest = REST_MAX.mul_f64(rng.f64());
        let gone = GONE_MAX.mul_f64(rng.f64());
        pause(rest, pool, &mut job_due, interruption)?;
        progress.say(format_args!("{} is gone for {} ms", VICTIMS[victim], gone.as_millis()));
        pool.kill(victim);
        kills[victim] += 1;
        pause(gone, pool, &mut job_due, interruption)?;
        pool.start_again(victim)?;
    }
    Ok(kills)
}

/// Waits, and hands out jobs meanwhile.
fn pause(
    time: Duration,
    pool: &mut Pool,
    job_due: &mut Instant,
    interruption: &Interruption,
) -> Result<(), BenchError> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if Instant::now() >= *job_due {
            *job_due += JOB_INTERVAL;
            pool.next_job()?;
        }
        interruption.sleep(LOOK_INTERVAL.min(end.saturating_duration_since(Instant::now())))?;
    }
    Ok(())
}

fn fill(
    mut report: Report,
    options: &EnduranceOptions,
    seen: &[Seen],
    Counts { kills, full_disks, found }: &Counts,
) -> Report {
    let sum = |of: fn(&Seen) -> u64| seen.iter().map(of).sum::<u64>();
    let (accepted, unanswered) = (sum(|it| it.accepted()), sum(|it| it.unanswered));
    report.add("miners", options.miners, "each with an account of its own");
    report.add("seed", options.seed, "");
    report.add("accepted", accepted, "shares that miners saw accepted");
    report.add("unanswered", unanswered, "whose gateway was killed before its answer came");
    report.add(
        "stored",
        *found,
        "in Redis: the accepted ones, and of the unanswered those that counted",
    );
    report.add("refused", sum(|it| it.refused), "");
    report.add("connections", sum(|it| it.connections), "");
    let cuts = kills[pool::CUT];
    report.add("kills", kills.iter().sum::<u32>() - cuts, "of processes, by SIGKILL");
    report.add("cuts", cuts, "of the line between gateway and relay");
    report.add("full_disks", *full_disks, "times that the relay's disk took nothing, at least");
    report
}
