//! `sluice bench connections --storm`: everybody connects at once while some go on mining.

use std::time::{Duration, Instant};

use crate::child::Interruption;
use crate::connections::{ConnectionsOptions, check_seen, holders};
use crate::cores::{Placement, allowed};
use crate::crew::{Crew, CrewPlan};
use crate::error::BenchError;
use crate::fairness::quiet;
use crate::gateway_under_test::{GatewayUnderTest, notify_prefix};
use crate::progress::Progress;
use crate::report::Report;
use crate::statistics::ratio;
use crate::submit::{check_answers, check_store, open_all};

/// Miners that were there before.
const MINERS_BEFORE: u32 = 100;
const SHARES_PER_SECOND: f64 = 200.0;
/// How long they are watched before the storm.
const BEFORE_TIME: Duration = Duration::from_secs(5);
/// Connects in flight of one ring at most, and rings that hold them.
const CONNECTS_PER_RING: u32 = 4096;
const RINGS_MAX: u32 = 16;
/// In a storm the kernel's own tries take their time.
const CONNECT_TIMEOUT_S: u64 = 60;
/// The storm's own threads stand behind on the cores that they share with the gateway: real miners
/// have other machines (setpriority(2)).
const STORM_NICENESS: i32 = 10;
/// The storm's first number.
const STORM_FIRST: u64 = 1_000_000;

/// Runs it.
pub fn run(
    options: &ConnectionsOptions,
    interruption: &Interruption,
) -> Result<Report, BenchError> {
    let mut progress = Progress::new();
    options.prepare_kernel(options.count.into(), &mut progress)?;
    let setup = options.gateway(MINERS_BEFORE);
    let placement = Placement::together(&allowed(), options.cores.clone());
    let mut gateway = GatewayUnderTest::start(&setup, interruption)?;
    let mining = quiet(gateway.address, MINERS_BEFORE, SHARES_PER_SECOND, placement.miners.clone());
    let mut mining = open_all(&mining, interruption)?;
    progress.say(format_args!("{MINERS_BEFORE} miners before the storm"));
    mining.start_submitting()?;
    mining.watch(BEFORE_TIME, |answered| progress.count("shares", answered, None))?;
    let before = mining.stop_submitting()?;
    check_answers(&before, false)?;

    let plan = CrewPlan {
        first: STORM_FIRST,
        rings: options.count.div_ceil(CONNECTS_PER_RING).clamp(1, RINGS_MAX),
        in_flight: options.count,
        connect_timeout_s: CONNECT_TIMEOUT_S,
        niceness: Some(STORM_NICENESS),
        ..holders(gateway.address, options.count, false, placement.miners.clone())
    };
    let mut storm = Crew::start(&plan, interruption)?;
    progress.say(format_args!("{} more, all at once", options.count));
    mining.start_submitting()?;
    let started = Instant::now();
    let opened = storm.open(|sum| {
        progress.count("miners", sum.open.into(), Some(options.count.into()));
    })?;
    let storm_seconds = started.elapsed().as_secs_f64();
    let during = mining.stop_submitting()?;
    check_answers(&during, false)?;
    let job = gateway.next_job();
    storm.expect(&notify_prefix(&job))?;
    gateway.hand_out(job)?;
    let seen = storm.wait_until_seen()?;
    check_seen(opened.open, seen.connections, seen.unexpected)?;
    storm.end()?;
    mining.end()?;
    check_store([&before, &during], gateway.end()?)?;

    let mut report = Report::new("connections --storm", options.runtime.as_deref());
    report.add("count", options.count, "miners that connect at once");
    report.add("held", opened.open, "of them authorised, with a job that came afterwards");
    report.add("failed", opened.failed, "never authorised, after five tries");
    report.add("retries", opened.retries, "connects that were tried again");
    report.add("shards", setup.shards, "of the gateway");
    report.measured("storm_seconds", storm_seconds, "until the last one was authorised");
    report.add("miners_before", MINERS_BEFORE, "that go on submitting");
    report.measured("p50_us", before.p50_us, "their submit -> answer before the storm");
    report.measured("p99_us", before.p99_us, "");
    report.add("storm_shares", during.shares, "of theirs while it lasted");
    report.measured("storm_p50_us", during.p50_us, "in the storm");
    report.measured("storm_p99_us", during.p99_us, "");
    report.measured("storm_ratio", ratio(during.p99_us, before.p99_us), "p99 to p99 before");
    Ok(report)
}
