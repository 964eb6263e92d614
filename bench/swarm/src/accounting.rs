//! `sluice bench accounting`: what it takes to bring a minute's tallies of many workers into Redis.

mod redis_under_test;
mod tallies;
mod writer_under_test;

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::child::Interruption;
use crate::cores::{Placement, allowed, stay_on};
use crate::error::BenchError;
use crate::process_usage::{Memory, memory, processor_time};
use crate::progress::Progress;
use crate::report::Report;
use crate::statistics::{median, us_each};
pub(crate) use redis_under_test::RedisUnderTest;
use tallies::Tallies;
use writer_under_test::WriterUnderTest;

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct AccountingOptions {
    /// Workers, each of which has shares in every minute.
    pub workers: u32,
    /// Workers of one account.
    pub workers_per_account: u32,
    /// Minutes.
    pub minutes: u32,
    /// In how many batches of a minute a worker is.
    pub times: u32,
    /// The program that is Redis.
    pub redis_server: String,
    /// Cores of the metawriter; the first one unless given.
    pub cores: Option<Vec<usize>>,
}

/// What one minute came to.
struct MinutePassed {
    seconds: f64,
    redis_commands: u64,
    writer_ns: u64,
    redis_ns: u64,
}

/// Runs it.
pub fn run(options: &AccountingOptions, interruption: &Interruption) -> Result<Report, BenchError> {
    let mut progress = Progress::new();
    // Before this run leaves some of the machine's cores to others.
    let report = Report::of_machine("accounting");
    let cores = options.cores.clone().or_else(|| allowed().first().map(|first| vec![*first]));
    let placement = Placement::apart(&allowed(), cores);
    if let Some(rest) = &placement.miners {
        // Whoever sends the batches leaves the metawriter's cores alone, as Redis does.
        stay_on(rest)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| BenchError::Start { name: "the links' thread".into(), source })?;
    let mut redis = RedisUnderTest::start(&options.redis_server, &placement.miners, interruption)?;
    let mut writer = WriterUnderTest::start(&redis.url, &placement.gateway, interruption)?;
    let mut tallies = Tallies::new(options);
    progress.say(format_args!(
        "{} workers of {} accounts, {} tallies a minute in {} batches; {} minutes",
        options.workers,
        tallies.accounts(),
        tallies.rows_per_minute(),
        tallies.batches_per_minute(),
        options.minutes
    ));
    let mut minutes = Vec::new();
    for number in 1..=options.minutes {
        let batches = tallies.next_minute();
        let passed =
            pass_minute(&runtime, &mut writer, &mut redis, batches, &mut progress, interruption)?;
        progress.say(format_args!(
            "minute {number}: {:.2} s, {:.0} commands/s of Redis",
            passed.seconds,
            passed.redis_commands as f64 / passed.seconds
        ));
        minutes.push(passed);
    }
    tallies.check(&mut redis)?;
    let memories = [memory(writer.id())?, memory(redis.id())?];
    writer.end()?;
    Ok(fill(report, options, &tallies, &minutes, memories))
}

/// Hands in a minute's batches and waits until all of them are acknowledged.
fn pass_minute(
    runtime: &Runtime,
    writer: &mut WriterUnderTest,
    redis: &mut RedisUnderTest,
    batches: Vec<Vec<u8>>,
    progress: &mut Progress,
    interruption: &Interruption,
) -> Result<MinutePassed, BenchError> {
    let commands = redis.commands_processed()?;
    let used = [processor_time(writer.id())?, processor_time(redis.id())?];
    let start = Instant::now();
    runtime.block_on(writer.deliver(batches, interruption, |done, all| {
        progress.count("batches", done, Some(all));
    }))?;
    let seconds = start.elapsed().as_secs_f64();
    let [writer_ns, redis_ns] = [
        processor_time(writer.id())?.since(used[0]).process_ns,
        processor_time(redis.id())?.since(used[1]).process_ns,
    ];
    let redis_commands = redis.commands_processed()? - commands;
    Ok(MinutePassed { seconds, redis_commands, writer_ns, redis_ns })
}

fn fill(
    mut report: Report,
    options: &AccountingOptions,
    tallies: &Tallies,
    minutes: &[MinutePassed],
    [writer, redis]: [Memory; 2],
) -> Report {
    // In the first one every key is new.
    let later = if minutes.len() > 1 { &minutes[1..] } else { minutes };
    let middle = |number: &dyn Fn(&MinutePassed) -> f64| {
        median(later.iter().map(number)).unwrap_or_default()
    };
    let rows = tallies.rows_per_minute();
    report.add("workers", options.workers, "each has shares in every minute");
    report.add("accounts", tallies.accounts(), "that they belong to");
    report.add("minutes", options.minutes, "the figures are medians of all but the first");
    report.add(
        "rows_per_minute",
        rows,
        "tallies: a worker's shares of a minute, or a part of them",
    );
    report.add("batches_per_minute", tallies.batches_per_minute(), "that they come in");
    report.measured("seconds_per_minute", middle(&|it| it.seconds), "until all are acknowledged");
    let first = minutes.first().map_or(0.0, |it| it.seconds);
    report.measured("first_minute_seconds", first, "the same, where every key is new");
    report.measured(
        "rows_per_second",
        middle(&|it| rows as f64 / it.seconds),
        "that the metawriter and Redis can take",
    );
    report.measured(
        "redis_commands_per_second",
        middle(&|it| it.redis_commands as f64 / it.seconds),
        "those of scripts among them",
    );
    report.measured(
        "redis_commands_per_row",
        middle(&|it| it.redis_commands as f64 / rows as f64),
        "",
    );
    report.measured("writer_cpu_us_per_row", middle(&|it| us_each(it.writer_ns, rows)), "");
    report.measured(
        "redis_cpu_us_per_row",
        middle(&|it| us_each(it.redis_ns, rows)),
        "and what its append-only file takes",
    );
    report.add("rss_bytes", writer.resident_bytes, "of the metawriter");
    report.add("redis_rss_bytes", redis.resident_bytes, "");
    report
}
