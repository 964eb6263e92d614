//! `sluice bench job-fanout`: a new block's template on its way from the node to the miners.

use std::time::Duration;

use crate::child::Interruption;
use crate::connections::{ConnectionsOptions, check_seen, holders};
use crate::cores::{Placement, allowed};
use crate::crew::{Crew, CrewPlan};
use crate::error::BenchError;
use crate::feed_delay;
use crate::gateway_under_test::GatewayUnderTest;
use crate::greeting::NOTIFY_PREFIX;
use crate::node_end::NodeEnd;
use crate::progress::Progress;
use crate::report::Report;
use crate::statistics::median;

/// Connects on their way at one time.
const CONNECTS_IN_FLIGHT: u64 = 512;
/// The miners go first, as root: they share the cores with all that they wait for.
const MINERS_NICENESS: i32 = -20;
/// Between two blocks: every miner has long had its job.
const ROUND_INTERVAL: Duration = Duration::from_millis(500);

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct JobFanoutOptions {
    /// Miners, shards, cores and the like.
    pub crowd: ConnectionsOptions,
    /// Blocks.
    pub rounds: u32,
    /// Transactions of each template.
    pub transactions: u32,
}

/// Runs it.
pub fn run(options: &JobFanoutOptions, interruption: &Interruption) -> Result<Report, BenchError> {
    let mut progress = Progress::new();
    let crowd = &options.crowd;
    crowd.prepare_kernel(CONNECTS_IN_FLIGHT, &mut progress)?;
    let setup = crowd.gateway(0);
    let placement = Placement::together(&allowed(), crowd.cores.clone());
    progress.say(format_args!("jobs by datagram to {} shards without miners", setup.shards));
    let feed = feed_delay::measure(setup.shards, interruption)?;
    let bare = feed_delay::measure_bare(setup.shards, interruption)?;

    let shards = setup.shards;
    progress
        .say(format_args!("node, jobmaster, gateway with {shards} shards, {} miners", crowd.count));
    let node = NodeEnd::start(options.transactions)?;
    let gateway = GatewayUnderTest::start_on_node(&setup, &node.url(), interruption)?;
    let plan = holders(gateway.address, crowd.count, false, placement.miners.clone());
    // What they see is stamped when it is there, not when the gateway leaves them a core.
    let plan = CrewPlan { niceness: Some(MINERS_NICENESS), ..plan };
    let mut crew = Crew::start(&plan, interruption)?;
    let opened = crew.open(|sum| {
        progress.count("miners", sum.open.into(), Some(crowd.count.into()));
    })?;
    let (mut first_us, mut last_ms) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        crew.expect(&String::from_utf8_lossy(NOTIFY_PREFIX))?;
        node.new_block();
        let seen = crew.wait_until_seen()?;
        check_seen(opened.open, seen.connections, seen.unexpected)?;
        let told = node
            .told_at_ns()
            .ok_or_else(|| BenchError::Check("a job came without a template".into()))?;
        first_us.push(seen.first_at_ns.saturating_sub(told) as f64 / 1e3);
        last_ms.push(seen.last_at_ns.saturating_sub(told) as f64 / 1e6);
        progress.count("blocks", u64::from(round) + 1, Some(options.rounds.into()));
        interruption.sleep(ROUND_INTERVAL)?;
    }
    crew.end()?;
    gateway.end()?;

    let most = |numbers: &[f64]| numbers.iter().copied().fold(0.0, f64::max);
    let mut report = Report::new("job-fanout", crowd.runtime.as_deref());
    report.add("connections", opened.open, "miners that got every job");
    report.add("shards", shards, "of the gateway");
    report.add("rounds", options.rounds, "new blocks");
    report.add("template_transactions", options.transactions, "of each template");
    let (first_max, last_max) = (most(&first_us), most(&last_ms));
    report.measured(
        "node_to_first_us",
        median(first_us).unwrap_or_default(),
        "template leaves the node -> first miner has its job, half of the blocks",
    );
    report.measured("node_to_first_us_max", first_max, "all of them");
    report.measured(
        "node_to_last_ms",
        median(last_ms).unwrap_or_default(),
        "-> last miner, half of the blocks",
    );
    report.measured("node_to_last_ms_max", last_max, "all of them");
    report.measured("feed_us_p50", feed.percentile_us(50.0), "a job, sealed -> chosen by a shard");
    report.measured("feed_us_p99", feed.percentile_us(99.0), "");
    report.measured(
        "bare_us_p50",
        bare.percentile_us(50.0),
        "as many bytes, sent -> received, and nothing on top",
    );
    report.measured("bare_us_p99", bare.percentile_us(99.0), "");
    report.add("feed_samples", feed.count(), "jobs that came to a shard");
    Ok(report)
}
