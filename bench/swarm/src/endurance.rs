//! `sluice bench endurance`: shares without a pause while every process is killed again and again. What miners saw
//! accepted must be in Redis, account by account and minute by minute.

mod cut_line;
mod miner;
mod pool;
mod verdict;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::child::Interruption;
use crate::error::BenchError;
use crate::progress::Progress;
use crate::report::Report;
use miner::Seen;
use pool::{Pool, REDIS, VICTIMS};

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct EnduranceOptions {
    /// Miners, each with an account of its own.
    pub miners: u32,
    /// How long shares are submitted; at least until everything was killed once.
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
/// How long Redis is gone for the first time at most, for the relay's disk to fill up meanwhile.
const FULL_DISK_WAIT_MAX: Duration = Duration::from_secs(60);
/// How long a miner may have no share accepted, with all processes running.
const MINING_WAIT_MAX: Duration = Duration::from_secs(60);

/// Runs it.
pub fn run(options: &EnduranceOptions, interruption: &Interruption) -> Result<Report, BenchError> {
    let mut progress = Progress::new();
    let report = Report::of_machine("endurance");
    let mut pool =
        Pool::start(&options.redis_server, options.relay_folder.as_deref(), interruption)?;
    progress.say(format_args!(
        "{} miners for {} s; gateway, relay, two metawriters and Redis are killed in turn",
        options.miners, options.seconds
    ));
    let stop = Arc::new(AtomicBool::new(false));
    let accepted: Arc<[AtomicU64]> = (0..options.miners).map(|_| AtomicU64::new(0)).collect();
    let miners: Vec<_> = (0..options.miners)
        .map(|number| {
            let (address, stop, accepted) =
                (pool.stratum, Arc::clone(&stop), Arc::clone(&accepted));
            thread::spawn(move || {
                let accepted = &accepted[number as usize];
                miner::mine(address, &miner::account(number), accepted, &stop)
            })
        })
        .collect();
    let mut trouble = Trouble {
        pool: &mut pool,
        rng: Rng::with_seed(options.seed),
        job_due: Instant::now() + JOB_INTERVAL,
        accepted: &accepted,
        interruption,
    };
    let disturbed = trouble.disturb(options, &mut progress);
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

/// What happens to a pool while miners submit.
struct Trouble<'a> {
    pool: &'a mut Pool,
    rng: Rng,
    job_due: Instant,
    /// Accepted shares of each miner.
    accepted: &'a [AtomicU64],
    interruption: &'a Interruption,
}

impl Trouble<'_> {
    /// Kills and cuts until the time is over, and everybody was killed once; at the end everything runs and everybody mines.
    fn disturb(
        &mut self,
        options: &EnduranceOptions,
        progress: &mut Progress,
    ) -> Result<[u32; VICTIMS.len()], BenchError> {
        self.wait_until_all_mine()?;
        let end = Instant::now() + Duration::from_secs_f64(options.seconds);
        let mut kills = [0; VICTIMS.len()];
        // Everybody once, in any order, before anybody a second time.
        let mut order: Vec<usize> = Vec::new();
        while kills.contains(&0) || Instant::now() < end {
            if order.is_empty() {
                order.extend(0..VICTIMS.len());
                self.rng.shuffle(&mut order);
            }
            let victim = order.pop().expect("it was just filled");
            let rest = REST_MAX.mul_f64(self.rng.f64());
            let gone = GONE_MAX.mul_f64(self.rng.f64());
            self.pause(rest)?;
            progress.say(format_args!("{} is gone for {} ms", VICTIMS[victim], gone.as_millis()));
            self.pool.kill(victim);
            kills[victim] += 1;
            self.pause(gone)?;
            if victim == REDIS && kills[REDIS] == 1 {
                self.wait_for_full_disk()?;
            }
            self.pool.start_again(victim)?;
        }
        self.wait_until_all_mine()?;
        Ok(kills)
    }

    /// Waits, and hands out jobs meanwhile.
    fn pause(&mut self, time: Duration) -> Result<(), BenchError> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if Instant::now() >= self.job_due {
                self.job_due += JOB_INTERVAL;
                self.pool.next_job()?;
            }
            let left = end.saturating_duration_since(Instant::now());
            self.interruption.sleep(LOOK_INTERVAL.min(left))?;
        }
        Ok(())
    }

    /// Leaves Redis away until the relay's disk took nothing; one with much room never gets there.
    fn wait_for_full_disk(&mut self) -> Result<(), BenchError> {
        let end = Instant::now() + FULL_DISK_WAIT_MAX;
        while self.pool.full_disks() == 0 && Instant::now() < end {
            self.pause(LOOK_INTERVAL)?;
        }
        Ok(())
    }

    /// Waits until every miner has had one more share accepted.
    fn wait_until_all_mine(&mut self) -> Result<(), BenchError> {
        let accepted = self.accepted.iter().map(|count| count.load(Ordering::Relaxed));
        let before: Vec<u64> = accepted.collect();
        let end = Instant::now() + MINING_WAIT_MAX;
        let accepted = self.accepted;
        let counts = accepted.iter().zip(before);
        while counts.clone().any(|(count, before)| count.load(Ordering::Relaxed) == before) {
            if Instant::now() >= end {
                let text = format!("a miner has had no share accepted for {MINING_WAIT_MAX:?}");
                return Err(BenchError::Check(text));
            }
            self.pause(LOOK_INTERVAL)?;
        }
        Ok(())
    }
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
