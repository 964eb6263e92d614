//! `sluice bench fairness`: what quiet miners wait for an answer, alone and beside loud ones.

use std::time::{Duration, Instant};

use crate::child::Interruption;
use crate::connections::{check_seen, holders};
use crate::cores::{Placement, allowed};
use crate::crew::{Crew, CrewPlan};
use crate::error::BenchError;
use crate::gateway_under_test::{GatewaySetup, GatewayUnderTest, notify_prefix};
use crate::progress::Progress;
use crate::protocol::{Conduct, Ran};
use crate::report::Report;
use crate::sizing;
use crate::statistics::{median, ratio};
use crate::submit::{check_answers, check_store, open_all};

/// Rounds of the three cases: what else the machine does meanwhile hits one of them, not the medians.
const ROUNDS: usize = 3;
/// How often the flood gets another job: each job holds 2^20 shares of one shard.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);
const BROADCAST_INTERVAL: Duration = Duration::from_secs(1);
/// Shares of the flood in one write.
const FLOOD_BATCH: u32 = 256;
/// The flood's number, and the first one of those that broadcasts go to.
const FLOOD_FIRST: u64 = 1_000_000;
const OTHERS_FIRST: u64 = 2_000_000;
const CONNECTS_IN_FLIGHT: u32 = 128;
const CONNECT_TIMEOUT_S: u64 = 15;
/// The quiet miners' process goes first on a core that it shares with the loud ones' (setpriority(2)).
const QUIET_NICENESS: i32 = -20;

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct FairnessOptions {
    /// Quiet miners.
    pub quiet: u32,
    /// Shares of all quiet miners together, in a second.
    pub shares_per_second: f64,
    /// How long each of the three cases takes, over all rounds.
    pub seconds: f64,
    /// Shares that the flooding miner keeps in flight.
    pub flood: u32,
    /// Miners besides the quiet ones that every broadcast goes to.
    pub others: u32,
    /// Cores of the gateway alone; unless given its shard has the first core and the miners the rest.
    pub cores: Option<Vec<usize>>,
    /// What drives the shards; the gateway's default unless given.
    pub runtime: Option<String>,
}

/// A run with its gateway and its quiet miners.
struct Run<'a> {
    options: &'a FairnessOptions,
    placement: Placement,
    interruption: &'a Interruption,
    progress: Progress,
    gateway: GatewayUnderTest,
    quiet: Crew,
}

/// Runs it.
pub fn run(options: &FairnessOptions, interruption: &Interruption) -> Result<Report, BenchError> {
    let placement = Placement::apart(&allowed(), options.cores.clone());
    let connections = options.quiet + options.others + 1;
    let descriptors_max = sizing::descriptors_max();
    let gateway = GatewayUnderTest::start(
        &GatewaySetup {
            shards: 1,
            connections_per_shard_max: sizing::connections_per_shard_max(
                connections,
                1,
                descriptors_max,
            ),
            runtime: options.runtime.clone(),
            cores: placement.gateway.clone(),
        },
        interruption,
    )?;
    let miners = placement.miners.clone();
    let plan = quiet(gateway.address, options.quiet, options.shares_per_second, miners);
    let quiet = open_all(&plan, interruption)?;
    let progress = Progress::new();
    let mut run = Run { options, placement, interruption, progress, gateway, quiet };
    let mut cases = Cases::default();
    for round in 1..=ROUNDS {
        run.progress.say(format_args!("round {round} of {ROUNDS}"));
        run.round(&mut cases)?;
    }
    run.quiet.end()?;
    let Cases { alone, flooded, flood, broadcast, .. } = &cases;
    check_store([alone, flooded, flood, broadcast].into_iter().flatten(), run.gateway.end()?)?;
    Ok(report(options, &cases))
}

/// What the rounds came to, one entry a round.
#[derive(Default)]
struct Cases {
    /// The quiet miners alone.
    alone: Vec<Ran>,
    /// The quiet miners beside the flood.
    flooded: Vec<Ran>,
    /// The flooding miner.
    flood: Vec<Ran>,
    /// The quiet miners beside broadcasts.
    broadcast: Vec<Ran>,
    broadcasts: u32,
}

/// Miners that send one share at a time each, at random times.
pub(crate) fn quiet(
    target: std::net::SocketAddr,
    connections: u32,
    shares_per_second: f64,
    cores: Option<Vec<usize>>,
) -> CrewPlan {
    CrewPlan {
        name: "quiet miners",
        target,
        first: 0,
        connections,
        rings: 1,
        in_flight: CONNECTS_IN_FLIGHT,
        connect_timeout_s: CONNECT_TIMEOUT_S,
        is_echo: false,
        conduct: Conduct::Random { shares_per_second },
        cores,
        niceness: Some(QUIET_NICENESS),
    }
}

impl Run<'_> {
    fn round(&mut self, cases: &mut Cases) -> Result<(), BenchError> {
        cases.alone.push(self.alone()?);
        let (flooded, flood) = self.beside_flood()?;
        cases.flooded.push(flooded);
        cases.flood.push(flood);
        let (broadcast, broadcasts) = self.beside_broadcasts()?;
        cases.broadcast.push(broadcast);
        cases.broadcasts += broadcasts;
        self.gateway.wait_until_idle()
    }

    /// Of one case in one round.
    fn time(&self) -> Duration {
        Duration::from_secs_f64(self.options.seconds / ROUNDS as f64)
    }

    fn alone(&mut self) -> Result<Ran, BenchError> {
        self.progress.say(format_args!("{} quiet miners, alone", self.options.quiet));
        let (time, progress) = (self.time(), &mut self.progress);
        self.quiet.start_submitting()?;
        self.quiet.watch(time, |answered| progress.count("quiet shares", answered, None))?;
        self.stop_quiet()
    }

    fn stop_quiet(&mut self) -> Result<Ran, BenchError> {
        let ran = self.quiet.stop_submitting()?;
        check_answers(&ran, true)?;
        Ok(ran)
    }

    fn beside_flood(&mut self) -> Result<(Ran, Ran), BenchError> {
        let outstanding = self.options.flood;
        self.progress.say(format_args!("beside a miner with {outstanding} shares in flight"));
        let batch = FLOOD_BATCH.min(outstanding.max(1));
        let plan = CrewPlan {
            name: "the flooding miner",
            first: FLOOD_FIRST,
            connections: 1,
            conduct: Conduct::Pipeline { outstanding, batch },
            niceness: None,
            ..quiet(self.gateway.address, 1, 1.0, self.placement.miners.clone())
        };
        let mut flood = open_all(&plan, self.interruption)?;
        flood.start_submitting()?;
        self.quiet.start_submitting()?;
        let end = Instant::now() + self.time();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let progress = &mut self.progress;
            flood.watch(left.min(REFRESH_INTERVAL), |answered| {
                progress.count("shares of the flood", answered, None);
            })?;
            let job = self.gateway.next_refresh();
            self.gateway.hand_out(job)?;
        }
        let quiet = self.stop_quiet()?;
        let flooded = flood.stop_submitting()?;
        check_answers(&flooded, false)?;
        flood.end()?;
        Ok((quiet, flooded))
    }

    fn beside_broadcasts(&mut self) -> Result<(Ran, u32), BenchError> {
        let others = self.options.others;
        self.progress.say(format_args!("beside a clean job a second to {others} other miners"));
        let miners = self.placement.miners.clone();
        let plan = CrewPlan {
            first: OTHERS_FIRST,
            rings: 1,
            ..holders(self.gateway.address, others, false, miners)
        };
        let mut holding = open_all(&plan, self.interruption)?;
        self.quiet.start_submitting()?;
        let (started, time) = (Instant::now(), self.time());
        let mut broadcasts = 0;
        while started.elapsed() < time {
            let job = self.gateway.next_job();
            holding.expect(&notify_prefix(&job))?;
            self.gateway.hand_out(job)?;
            let seen = holding.wait_until_seen()?;
            check_seen(others, seen.connections, seen.unexpected)?;
            broadcasts += 1;
            self.progress.count("broadcasts", broadcasts.into(), None);
            let next = (BROADCAST_INTERVAL * broadcasts).min(time);
            self.interruption.sleep(next.saturating_sub(started.elapsed()))?;
        }
        let quiet = self.stop_quiet()?;
        holding.end()?;
        Ok((quiet, broadcasts))
    }
}

fn report(options: &FairnessOptions, cases: &Cases) -> Report {
    let Cases { alone, flooded, flood, broadcast, broadcasts } = cases;
    let middle = |runs: &[Ran], number: &dyn Fn(&Ran) -> f64| {
        median(runs.iter().map(number)).unwrap_or_default()
    };
    let p50 = |runs: &[Ran]| middle(runs, &|ran| ran.p50_us);
    let p99 = |runs: &[Ran]| middle(runs, &|ran| ran.p99_us);
    let sum = |runs: &[Ran], number: &dyn Fn(&Ran) -> u64| runs.iter().map(number).sum::<u64>();
    let shares = |runs: &[Ran]| sum(runs, &|ran| ran.shares);
    let per_second = |ran: &Ran| ran.accepted as f64 * 1e9 / ran.elapsed_ns.max(1) as f64;
    let mut report = Report::new("fairness", options.runtime.as_deref());
    report.add("rounds", ROUNDS, "of the three cases; latencies are medians of them");
    report.add("quiet_miners", options.quiet, "each with one share at a time, at random times");
    report.add("quiet_shares", shares(alone), "of them while alone");
    report.measured("quiet_p50_us", p50(alone), "alone: submit -> answer, half of them");
    report.measured("quiet_p99_us", p99(alone), "alone: 99 of 100");
    report.add("flood_outstanding", options.flood, "shares that one miner keeps in flight");
    let flood_rate = middle(flood, &per_second);
    report.measured("flood_shares_per_second", flood_rate, "that the flooding miner gets through");
    report.add("flood_quiet_shares", shares(flooded), "of the quiet miners beside it");
    report.measured("flood_p50_us", p50(flooded), "quiet miners beside the flood");
    report.measured("flood_p99_us", p99(flooded), "");
    report.measured("flood_ratio", ratio(p99(flooded), p99(alone)), "p99 to p99 alone");
    report.add("others", options.others, "miners that each broadcast goes to");
    report.add("broadcasts", *broadcasts, "of a clean job, one a second");
    report.add("broadcast_quiet_shares", shares(broadcast), "of the quiet miners beside them");
    let stale = sum(broadcast, &|ran| ran.stale);
    report.add("broadcast_stale", stale, "of those: too late for their tip, as is right");
    report.measured("broadcast_p50_us", p50(broadcast), "quiet miners beside broadcasts");
    report.measured("broadcast_p99_us", p99(broadcast), "");
    report.measured("broadcast_ratio", ratio(p99(broadcast), p99(alone)), "p99 to p99 alone");
    report
}
