//! `sluice bench connections`: so many subscribed and authorised miners, held, and then given jobs.

use std::time::Duration;

use crate::child::Interruption;
use crate::cores::{Placement, allowed};
use crate::crew::{Crew, CrewPlan, Opened};
use crate::error::BenchError;
use crate::gateway_under_test::{GatewaySetup, GatewayUnderTest, notify_line_bytes, notify_prefix};
use crate::greeting::NOTIFY_PREFIX;
use crate::kernel_settings;
use crate::monotonic::now_ns;
use crate::process_usage::Memory;
use crate::progress::Progress;
use crate::protocol::{BareSetup, Conduct};
use crate::report::Report;
use crate::rival::Rival;
use crate::sizing;
use crate::statistics::{median, ratio, us_each};

/// Connections on their way at one time, over all rings.
const CONNECTS_IN_FLIGHT: u32 = 512;
const CONNECT_TIMEOUT_S: u64 = 15;
/// How long the gateway is left alone before its memory is read.
const QUIET_TIME: Duration = Duration::from_secs(3);
/// How long after the last miner's job the gateway's processor time is read.
const BROADCAST_SETTLE_TIME: Duration = Duration::from_millis(200);
const BROADCASTS: usize = 3;
/// Where a broadcast takes less than a second there are more of them, since single ones are noisy.
const BROADCASTS_TO_FEW: usize = 9;
const FEW_CONNECTIONS: u32 = 100_000;

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct ConnectionsOptions {
    /// Miners.
    pub count: u32,
    /// Shards of the gateway; chosen to suit unless given.
    pub shards: Option<u32>,
    /// Cores of the gateway alone; the system chooses unless given.
    pub cores: Option<Vec<usize>>,
    /// What drives the shards; the gateway's default unless given.
    pub runtime: Option<String>,
    /// Whether to change kernel settings that are too low.
    pub set_sysctls: bool,
}

impl ConnectionsOptions {
    /// The gateway's set-up, with room for some more miners.
    pub(crate) fn gateway(&self, more: u32) -> GatewaySetup {
        let cores = self.cores.as_ref().map_or_else(|| allowed().len(), Vec::len);
        let descriptors_max = sizing::descriptors_max();
        let chosen = || sizing::shards(self.count + more, cores, descriptors_max);
        let shards = self.shards.unwrap_or_else(chosen).max(1);
        let connections = self.count + more;
        GatewaySetup {
            shards,
            connections_per_shard_max: sizing::connections_per_shard_max(
                connections,
                shards,
                descriptors_max,
            ),
            runtime: self.runtime.clone(),
            cores: self.cores.clone(),
        }
    }

    /// Says which kernel settings are too low, and sets them where that was asked for.
    pub(crate) fn prepare_kernel(
        &self,
        at_once: u64,
        progress: &mut Progress,
    ) -> Result<(), BenchError> {
        let connections = u64::from(self.count);
        for finding in kernel_settings::look(connections, at_once) {
            let kernel_settings::Finding { name, present, wanted, .. } = &finding;
            if self.set_sysctls {
                kernel_settings::set(&finding)?;
                progress.say(format_args!("{name} was \"{present}\", is now \"{wanted}\""));
            } else {
                let remedy = format!("sysctl -w {name}=\"{wanted}\", or --set-sysctls");
                progress.say(format_args!("{name} = \"{present}\" is low for this run: {remedy}"));
                if finding.is_needed {
                    let wanted = wanted.parse().unwrap_or(0);
                    return Err(BenchError::TooFew { connections, name, wanted, remedy });
                }
            }
        }
        if let Some((wanted, available)) = kernel_settings::memory_short_bytes(connections) {
            let megabytes = |bytes: u64| bytes >> 20;
            progress.say(format_args!(
                "{connections} connections take about {} MiB with both ends, and {} MiB are free",
                megabytes(wanted),
                megabytes(available)
            ));
        }
        Ok(())
    }
}

/// What opening and broadcasting cost at one end, whichever it is.
struct Cost {
    opened: Opened,
    accept_cpu_us: f64,
    broadcast_cpu_us: f64,
    broadcast_last_ms: f64,
}

/// Runs it.
pub fn run(
    options: &ConnectionsOptions,
    interruption: &Interruption,
) -> Result<Report, BenchError> {
    let mut progress = Progress::new();
    options.prepare_kernel(CONNECTS_IN_FLIGHT.into(), &mut progress)?;
    let setup = options.gateway(0);
    let placement = Placement::together(&allowed(), options.cores.clone());
    let (cost, growth, line_bytes) =
        measure_gateway(options, &setup, &placement, &mut progress, interruption)?;
    let rival =
        measure_rival(options, &setup, &placement, line_bytes, &mut progress, interruption)?;

    let mut report = Report::new("connections", options.runtime.as_deref());
    let held = cost.opened.open;
    let each = |bytes: u64| bytes as f64 / f64::from(held.max(1));
    report.add("count", options.count, "miners asked for");
    report.add("held", held, "subscribed and authorised at the same time");
    report.add("failed", cost.opened.failed, "never authorised, after five tries");
    report.add("retries", cost.opened.retries, "connects that were tried again");
    report.add("shards", setup.shards, "of the gateway");
    report.measured(
        "rss_bytes_per_connection",
        each(growth.resident_bytes),
        "what the gateway's memory grew by",
    );
    report.measured(
        "anonymous_bytes_per_connection",
        each(growth.anonymous_bytes),
        "of that, memory that belongs to no file",
    );
    report.measured("accept_cpu_us", cost.accept_cpu_us, "gateway, per miner connected to working");
    report.measured(
        "bare_accept_cpu_us",
        rival.accept_cpu_us,
        "bare engine, per connection with its greeting sent back",
    );
    let [broadcast, bare] = [cost.broadcast_cpu_us, rival.broadcast_cpu_us];
    report.measured("broadcast_cpu_us_per_connection", broadcast, "gateway, clean job to all");
    report.measured("bare_broadcast_cpu_us_per_connection", bare, "bare engine, as many bytes");
    report.measured("broadcast_ratio_to_bare", ratio(broadcast, bare), "");
    report.measured("broadcast_last_ms", cost.broadcast_last_ms, "job handed in -> last miner");
    report.measured("bare_broadcast_last_ms", rival.broadcast_last_ms, "");
    report.add("bare_held", rival.opened.open, "connections of the bare engine");
    report.add("notify_line_bytes", line_bytes, "what each miner gets of a job");
    Ok(report)
}

/// A crew that holds its connections.
pub(crate) fn holders(
    target: std::net::SocketAddr,
    connections: u32,
    is_echo: bool,
    cores: Option<Vec<usize>>,
) -> CrewPlan {
    CrewPlan {
        name: "holding miners",
        target,
        first: 0,
        connections,
        rings: u32::try_from(cores.as_ref().map_or_else(|| allowed().len(), Vec::len)).unwrap_or(1),
        in_flight: CONNECTS_IN_FLIGHT,
        connect_timeout_s: CONNECT_TIMEOUT_S,
        is_echo,
        conduct: Conduct::Hold,
        cores,
        niceness: None,
    }
}

fn measure_gateway(
    options: &ConnectionsOptions,
    setup: &GatewaySetup,
    placement: &Placement,
    progress: &mut Progress,
    interruption: &Interruption,
) -> Result<(Cost, Memory, usize), BenchError> {
    progress.say(format_args!("gateway with {} shards, {} miners", setup.shards, options.count));
    let mut gateway = GatewayUnderTest::start(setup, interruption)?;
    let plan = holders(gateway.address, options.count, false, placement.miners.clone());
    let mut crew = Crew::start(&plan, interruption)?;
    let (memory, time) = (gateway.memory()?, gateway.processor_time()?);
    let opened = crew.open(|sum| {
        progress.count("miners", sum.open.into(), Some(options.count.into()));
    })?;
    let accept_ns = gateway.processor_time()?.since(time).process_ns;
    progress.say(format_args!("{} miners hold, {} failed", opened.open, opened.failed));
    interruption.sleep(QUIET_TIME)?;
    let after = gateway.memory()?;
    let growth = Memory {
        resident_bytes: after.resident_bytes.saturating_sub(memory.resident_bytes),
        anonymous_bytes: after.anonymous_bytes.saturating_sub(memory.anonymous_bytes),
    };
    let mut line_bytes = 0;
    let (mut times, mut lasts) = (Vec::new(), Vec::new());
    for _ in 0..broadcasts(options.count) {
        let job = gateway.next_job();
        line_bytes = notify_line_bytes(&job);
        crew.expect(&notify_prefix(&job))?;
        let (before, handed_ns) = (gateway.processor_time()?, now_ns());
        gateway.hand_out(job)?;
        let seen = crew.wait_until_seen()?;
        check_seen(opened.open, seen.connections, seen.unexpected)?;
        interruption.sleep(BROADCAST_SETTLE_TIME)?;
        let used_ns = gateway.processor_time()?.since(before).process_ns;
        times.push(us_each(used_ns, opened.open.into()));
        lasts.push(seen.last_at_ns.saturating_sub(handed_ns) as f64 / 1e6);
        progress.say(format_args!("a job reached all {} miners", seen.connections));
    }
    progress.say("closing");
    crew.end()?;
    let sum = gateway.end()?;
    if (sum.accepted, sum.rejected) != (0, 0) {
        return Err(BenchError::Check(format!("nobody submitted, and the store has {sum:?}")));
    }
    let cost = Cost {
        opened,
        accept_cpu_us: us_each(accept_ns, opened.open.into()),
        broadcast_cpu_us: median(times).unwrap_or_default(),
        broadcast_last_ms: median(lasts).unwrap_or_default(),
    };
    Ok((cost, growth, line_bytes))
}

fn measure_rival(
    options: &ConnectionsOptions,
    setup: &GatewaySetup,
    placement: &Placement,
    line_bytes: usize,
    progress: &mut Progress,
    interruption: &Interruption,
) -> Result<Cost, BenchError> {
    // As many as the gateway had, on as many threads: what a connection costs grows with their number.
    let count = options.count;
    progress.say(format_args!("bare engine on {} threads, {count} connections", setup.shards));
    let bare =
        BareSetup { engines: setup.shards, connections_max: setup.connections_per_shard_max };
    let mut rival = Rival::start(&bare, placement.gateway.clone(), interruption)?;
    let plan = holders(rival.address, count, true, placement.miners.clone());
    let mut crew = Crew::start(&plan, interruption)?;
    let time = rival.processor_time()?;
    let opened = crew.open(|sum| {
        progress.count("connections", sum.open.into(), Some(count.into()));
    })?;
    let accept_ns = rival.processor_time()?.since(time).process_ns;
    let (mut times, mut lasts) = (Vec::new(), Vec::new());
    for _ in 0..broadcasts(options.count) {
        crew.expect(&String::from_utf8_lossy(NOTIFY_PREFIX))?;
        let (before, ordered_ns) = (rival.processor_time()?, now_ns());
        rival.broadcast(line_bytes)?;
        let seen = crew.wait_until_seen()?;
        check_seen(opened.open, seen.connections, seen.unexpected)?;
        interruption.sleep(BROADCAST_SETTLE_TIME)?;
        let used_ns = rival.processor_time()?.since(before).process_ns;
        times.push(us_each(used_ns, opened.open.into()));
        lasts.push(seen.last_at_ns.saturating_sub(ordered_ns) as f64 / 1e6);
    }
    crew.end()?;
    rival.end()?;
    Ok(Cost {
        opened,
        accept_cpu_us: us_each(accept_ns, opened.open.into()),
        broadcast_cpu_us: median(times).unwrap_or_default(),
        broadcast_last_ms: median(lasts).unwrap_or_default(),
    })
}

const fn broadcasts(connections: u32) -> usize {
    if connections <= FEW_CONNECTIONS { BROADCASTS_TO_FEW } else { BROADCASTS }
}

/// Whether everybody who was connected has had the line, and nothing else.
pub(crate) fn check_seen(open: u32, seen: u32, unexpected: u64) -> Result<(), BenchError> {
    if (seen, unexpected) == (open, 0) {
        return Ok(());
    }
    Err(BenchError::Check(format!(
        "of {open} miners {seen} had the job and stayed, with {unexpected} lines that nobody expected"
    )))
}
