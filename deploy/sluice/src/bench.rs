//! `sluice bench`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::thread;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use sluice_swarm::accounting::AccountingOptions;
use sluice_swarm::connections::ConnectionsOptions;
use sluice_swarm::cores::parse_list;
use sluice_swarm::endurance::EnduranceOptions;
use sluice_swarm::fairness::FairnessOptions;
use sluice_swarm::job_fanout::JobFanoutOptions;
use sluice_swarm::share_check::ShareCheckOptions;
use sluice_swarm::submit::SubmitOptions;
use sluice_swarm::vardiff::VardiffOptions;
use sluice_swarm::{
    Interruption, Report, accounting, connections, endurance, fairness, job_fanout, share_check,
    storm, submit, vardiff,
};

use crate::role::runtime;
use crate::signals::StopSignals;

#[derive(Subcommand)]
pub(crate) enum BenchCommand {
    /// Hold many miners: memory and processor time of each, and of a job to all
    Connections(ConnectionsArguments),
    /// Check shares: processor time and latency of one, beside an echo on the same engine
    Submit(SubmitArguments),
    /// Quiet miners beside a flood and beside broadcasts: what they wait for an answer
    Fairness(FairnessArguments),
    /// Bring a new block's template from a node to many miners: time to the first and to the last
    JobFanout(JobFanoutArguments),
    /// Hash shares, read submits, look for duplicates: nanoseconds each, beside the usual libraries
    ShareCheck(ShareCheckArguments),
    /// Bring minutes of tallies of many workers into Redis: seconds for each, commands of Redis
    Accounting(AccountingArguments),
    /// Submit shares while every process is killed again and again: is each accepted share in Redis, once?
    Endurance(EnduranceArguments),
    /// Give a crowd of simulated miners their difficulties: how often their shares come, and what is refused
    Vardiff(VardiffArguments),
    /// A process of a run: miners that take orders on stdin
    #[command(hide = true)]
    SwarmMiners,
    /// A process of a run: the engine without a gateway on it, orders on stdin
    #[command(hide = true)]
    BareEngine,
    /// Becomes another subcommand, on some cores, and ends with the process that started it
    #[command(hide = true)]
    Launch(LaunchArguments),
}

/// What every run takes.
#[derive(Args)]
pub(crate) struct RunArguments {
    /// Cores of the gateway alone, as in 0,2-5; the miners get the others
    #[arg(long, value_name = "LIST", value_parser = parse_cores)]
    cores: Option<Cores>,
    /// What drives the gateway's shards; the gateway's default, unless given
    #[arg(long)]
    runtime: Option<ShardRuntime>,
    /// Print the result as one JSON object too, on the last line of stdout
    #[arg(long)]
    json: bool,
}

#[derive(ValueEnum, Clone, Copy)]
enum ShardRuntime {
    /// A thread with its ring
    Bare,
    /// A glommio executor that hosts the same ring
    Glommio,
}

#[derive(Clone)]
struct Cores(Vec<usize>);

#[derive(Args)]
#[command(after_help = "\
How: the run starts a real gateway in a process of its own and is its jobmaster and its store. The miners are
processes too, with source addresses all over 127.0.0.0/8. Each subscribes, authorises under a name of its own, and
holds its connection. Once all are there the gateway is left alone for 3 s before its memory is read; then it is
given some clean jobs, and every miner must get each. The bare engine does the same with as many bytes and
nothing on top: the ratio is what the gateway adds.

What to set: each shard holds at most as many connections as the hard limit of open files says (`ulimit -Hn`), so a
million take 54 shards where that is 20,000. For kernel settings the run says which are too low; with --set-sysctls
it sets them, as root. A million connections need about 13 GB of memory for both ends.")]
pub(crate) struct ConnectionsArguments {
    /// How many miners
    #[arg(long, value_name = "COUNT", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..=4_000_000))]
    count: u32,
    /// Shards of the gateway; one a core, or as many as the limit of open files needs, unless given
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1024))]
    shards: Option<u32>,
    /// All connect at once, while 100 miners that were there before go on submitting
    #[arg(long)]
    storm: bool,
    /// Set the kernel settings that are too low for so many; as root
    #[arg(long)]
    set_sysctls: bool,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Args)]
#[command(after_help = "\
How: a gateway with one shard, pinned to the first core; the miners keep away from it where there is another core.
So many shares are in flight over all miners, and each answer is followed by the next share of another miner. All
shares are valid and none is like another: a job of 12 merkle branches, the lowest difficulty there is, a network
that none of them meets. Phases alternate with an echo of lines as long, on the same engine with as many connections;
the figures are medians of the phases, after one that is left out.

Every answer must be `true`, and the gateway's batches must add up to what the miners saw; else the run fails.
Processor times are the kernel's own (schedstat), of the shard's thread and of the whole process. In the end a shard
without a ring is fed with such lines, four a turn: what it takes to read one, to hash the share, and for all the
rest; and a second one that also writes its journal, to a file in the folder for temporary files.")]
pub(crate) struct SubmitArguments {
    /// Miners
    #[arg(long, value_name = "COUNT", default_value_t = 1000,
        value_parser = clap::value_parser!(u32).range(1..=19_000))]
    connections: u32,
    /// Shares in flight, over all miners
    #[arg(long, value_name = "COUNT", default_value_t = 16,
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    outstanding: u32,
    /// How long shares are submitted in all; the echo takes as long again
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = parse_seconds)]
    seconds: f64,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Args)]
#[command(after_help = "\
How: a gateway with one shard, pinned to the first core. Quiet miners send one share at a time each, at random times,
and their waiting is measured alone; beside one connection that keeps thousands of shares in flight without end; and
beside a clean job a second to many other miners. A gateway is fair where the 99th percentile hardly moves.

On two cores all miners share one, and part of what is measured is their waiting for it: as root their process goes
first (nice -20). More cores give truer figures.")]
pub(crate) struct FairnessArguments {
    /// Quiet miners
    #[arg(long, value_name = "COUNT", default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..=4_000))]
    quiet: u32,
    /// Shares of all quiet miners together, in a second
    #[arg(long, value_name = "COUNT", default_value_t = 200.0, value_parser = parse_seconds)]
    shares_per_second: f64,
    /// How long each of the three cases takes
    #[arg(long, value_name = "SECONDS", default_value_t = 15.0, value_parser = parse_seconds)]
    seconds: f64,
    /// Shares that the flooding miner keeps in flight
    #[arg(long, value_name = "COUNT", default_value_t = 4000,
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    flood: u32,
    /// Miners besides the quiet ones that each broadcast goes to
    #[arg(long, value_name = "COUNT", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..=14_000))]
    others: u32,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Args)]
#[command(after_help = "\
How: the run is the node of a real jobmaster, which feeds a real gateway; both are processes of their own. The
jobmaster awaits the next template by a long poll. The run has a new block, stamps the moment right before the
template's first byte leaves, and the miners' processes stamp the first and the last miner's job. In between are the
template read and checked, the job built, what its block needs written to disk, the job sealed, sent by datagram and
link, taken by every shard, encoded and sent. Before that, jobs are sealed and sent by datagram to as many rings, one
every 2 ms: the feed alone; and as many bytes to threads that wait in recv(2), which is what the machine itself takes.

The size of the template matters: reading 3,000 transactions of 350 bytes takes some milliseconds.")]
pub(crate) struct JobFanoutArguments {
    /// How many miners
    #[arg(long, value_name = "COUNT", default_value_t = 1000,
        value_parser = clap::value_parser!(u32).range(1..=4_000_000))]
    connections: u32,
    /// Shards of the gateway; one a core, or as many as the limit of open files needs, unless given
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1024))]
    shards: Option<u32>,
    /// New blocks
    #[arg(long, value_name = "COUNT", default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// Transactions of each template
    #[arg(long, value_name = "COUNT", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(0..=10_000))]
    transactions: u32,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Args)]
#[command(after_help = "\
How: one thread, no sockets. Shares of a job with a coinbase of 250 bytes and 12 branches are hashed by every kernel
that this processor can run, eight at a time, and by the libraries bitcoin_hashes and sha2 as pools call them: every
byte of every share. All must agree. A kernel's bound is what its instructions take where none waits for another. Then
a submit of 135 bytes is read, and 4,096 shares are looked up among those seen. All cases take turns of 0.4
milliseconds. The figures are the 5th percentile of those turns, in processor time: what the core does
undisturbed, for all cases alike.")]
pub(crate) struct ShareCheckArguments {
    /// How long each of the three parts takes
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0, value_parser = parse_seconds)]
    seconds: f64,
    /// Print the result as one JSON object too, on the last line of stdout
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "\
How: the miners' time passes as fast as it can be computed; nothing is sent or hashed. Their speeds go from 1 GH/s to
300 TH/s, as many in each doubling. Two in ten tune themselves for ten minutes, one in ten is rented out for a
quarter of an hour at fifty times its speed. Lines are under way for up to a second, a job is refreshed every 30 s,
and a tip comes every ten minutes on average. Difficulties are settled and shares judged by the gateway's own
sessions, under its default policy. The first 20 minutes are for settling; intervals are measured after them.")]
pub(crate) struct VardiffArguments {
    /// How many miners
    #[arg(long, value_name = "COUNT", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    miners: u32,
    /// Minutes of their time
    #[arg(long, value_name = "MINUTES", default_value_t = 120,
        value_parser = clap::value_parser!(u32).range(21..=100_000))]
    minutes: u32,
    /// Where chance begins: the same seed is the same run
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Print the result as one JSON object too, on the last line of stdout
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "\
How: a real metawriter on one core and a real Redis with its append-only file on are processes of their own, and the
run is the gateways: every worker's shares of a minute, in batches as eight shards cut them, over one sealed link, as
many unacknowledged as a gateway may have. A minute is over once all of it is acknowledged, which is once Redis
has it. In the first minute every key is new. In the end the sums of the pool and of every worker in Redis must be what
was sent, or the run fails.

A gateway cuts a batch every publish_interval_ms, or less often where publish_rows_per_second_max says so, and a worker is
in each one in which a share of its comes: --times says how often in a minute. Where seconds_per_minute comes near 60
lower publish_rows_per_second_max of the gateways.
A million workers take some GB of memory in Redis.")]
pub(crate) struct AccountingArguments {
    /// Workers that have shares in every minute
    #[arg(long, value_name = "COUNT", default_value_t = 100_000,
        value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    workers: u32,
    /// Workers of one account
    #[arg(long, value_name = "COUNT", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    workers_per_account: u32,
    /// Minutes
    #[arg(long, value_name = "COUNT", default_value_t = 3,
        value_parser = clap::value_parser!(u32).range(1..=1_440))]
    minutes: u32,
    /// Batches of a minute that each worker is in
    #[arg(long, value_name = "COUNT", default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=60))]
    times: u32,
    /// The program that is Redis
    #[arg(long, value_name = "PROGRAM", default_value = "redis-server")]
    redis_server: String,
    /// Cores of the metawriter alone, as in 0,2-5; the first one, unless given
    #[arg(long, value_name = "LIST", value_parser = parse_cores)]
    cores: Option<Cores>,
    /// Print the result as one JSON object too, on the last line of stdout
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "\
How: gateway, relay, two metawriters and a Redis with its append-only file on are processes of their own, and the run is
the jobmaster. Miners keep 32 shares of the lowest difficulty in flight each, and come back at once when their gateway
is gone. Meanwhile one process after another is killed by SIGKILL and started again within a second, and the line
between gateway and relay is cut. The relay has room for next to nothing on its disk. However short the run is to be,
everything is killed once, Redis for so long that the relay's disk fills up, and every miner mines before and after.

In the end each account must have in Redis, in sum and minute by minute, what its miner saw accepted: no share more, but
for those whose answer was lost with a killed gateway, and none less; and as much work; the pool's sum must be that of all
accounts. Else the run fails.")]
pub(crate) struct EnduranceArguments {
    /// Miners, each with an account of its own
    #[arg(long, value_name = "COUNT", default_value_t = 16,
        value_parser = clap::value_parser!(u32).range(1..=500))]
    miners: u32,
    /// How long shares are submitted, and at least until everything was killed once
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = parse_seconds)]
    seconds: f64,
    /// Where chance begins: who is killed when
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Where the relay keeps its batches: on a file system of some kilobytes it is soon full. A folder with room for
    /// next to nothing, unless given
    #[arg(long, value_name = "FOLDER")]
    relay_folder: Option<PathBuf>,
    /// The program that is Redis
    #[arg(long, value_name = "PROGRAM", default_value = "redis-server")]
    redis_server: String,
    /// Print the result as one JSON object too, on the last line of stdout
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct LaunchArguments {
    #[arg(long)]
    program: Option<OsString>,
    #[arg(long, value_parser = parse_cores)]
    cores: Option<Cores>,
    #[arg(long, allow_hyphen_values = true)]
    niceness: Option<i32>,
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

fn parse_cores(text: &str) -> Result<Cores, String> {
    parse_list(text).map(Cores)
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && *number <= 86_400.0);
    number.ok_or_else(|| format!("\"{text}\": a number above 0, and at most 86400"))
}

pub(crate) fn run(command: BenchCommand) -> Result<()> {
    match command {
        BenchCommand::SwarmMiners => Ok(sluice_swarm::run_miners()?),
        BenchCommand::BareEngine => Ok(sluice_swarm::run_bare_engine()?),
        BenchCommand::Launch(LaunchArguments { program, cores, niceness, arguments }) => {
            let cores = cores.map(|Cores(cores)| cores);
            let (program, cores) = (program.as_deref(), cores.as_deref());
            Ok(sluice_swarm::launch(program, cores, niceness, &arguments)?)
        }
        BenchCommand::Connections(arguments) => run_connections(arguments),
        BenchCommand::Submit(arguments) => run_submit(arguments),
        BenchCommand::Fairness(arguments) => run_fairness(arguments),
        BenchCommand::JobFanout(arguments) => run_job_fanout(arguments),
        BenchCommand::ShareCheck(ShareCheckArguments { seconds, json }) => {
            let options = ShareCheckOptions { seconds };
            print(&share_check::run(options, &interruption()?)?, json);
            Ok(())
        }
        BenchCommand::Accounting(arguments) => run_accounting(arguments),
        BenchCommand::Endurance(EnduranceArguments {
            miners,
            seconds,
            seed,
            relay_folder,
            redis_server,
            json,
        }) => {
            let options = EnduranceOptions { miners, seconds, seed, redis_server, relay_folder };
            print(&endurance::run(&options, &interruption()?)?, json);
            Ok(())
        }
        BenchCommand::Vardiff(VardiffArguments { miners, minutes, seed, json }) => {
            let options = VardiffOptions { miners, minutes, seed };
            print(&vardiff::run(options, &interruption()?)?, json);
            Ok(())
        }
    }
}

fn run_connections(arguments: ConnectionsArguments) -> Result<()> {
    let ConnectionsArguments { count, shards, storm, set_sysctls, run } = arguments;
    let (cores, runtime, json) = run.split();
    let options = ConnectionsOptions { count, shards, cores, runtime, set_sysctls };
    let interruption = interruption()?;
    let report = if storm {
        storm::run(&options, &interruption)?
    } else {
        connections::run(&options, &interruption)?
    };
    print(&report, json);
    Ok(())
}

fn run_submit(arguments: SubmitArguments) -> Result<()> {
    let SubmitArguments { connections, outstanding, seconds, run } = arguments;
    let (cores, runtime, json) = run.split();
    let options = SubmitOptions { connections, outstanding, seconds, cores, runtime };
    print(&submit::run(&options, &interruption()?)?, json);
    Ok(())
}

fn run_fairness(arguments: FairnessArguments) -> Result<()> {
    let FairnessArguments { quiet, shares_per_second, seconds, flood, others, run } = arguments;
    let (cores, runtime, json) = run.split();
    let options =
        FairnessOptions { quiet, shares_per_second, seconds, flood, others, cores, runtime };
    print(&fairness::run(&options, &interruption()?)?, json);
    Ok(())
}

fn run_job_fanout(arguments: JobFanoutArguments) -> Result<()> {
    let JobFanoutArguments { connections: count, shards, rounds, transactions, run } = arguments;
    let (cores, runtime, json) = run.split();
    let crowd = ConnectionsOptions { count, shards, cores, runtime, set_sysctls: false };
    let options = JobFanoutOptions { crowd, rounds, transactions };
    print(&job_fanout::run(&options, &interruption()?)?, json);
    Ok(())
}

fn run_accounting(arguments: AccountingArguments) -> Result<()> {
    let AccountingArguments {
        workers,
        workers_per_account,
        minutes,
        times,
        redis_server,
        cores,
        json,
    } = arguments;
    let cores = cores.map(|Cores(cores)| cores);
    let options =
        AccountingOptions { workers, workers_per_account, minutes, times, redis_server, cores };
    print(&accounting::run(&options, &interruption()?)?, json);
    Ok(())
}

impl RunArguments {
    fn split(self) -> (Option<Vec<usize>>, Option<String>, bool) {
        let runtime = self.runtime.map(|runtime| match runtime {
            ShardRuntime::Bare => "bare".to_owned(),
            ShardRuntime::Glommio => "glommio".to_owned(),
        });
        (self.cores.map(|Cores(cores)| cores), runtime, self.json)
    }
}

/// Ends the run's waits once ^C or a stop comes, or its terminal goes, so that its processes and folders go with it.
fn interruption() -> Result<Interruption> {
    let interruption = Interruption::default();
    let told = interruption.clone();
    let runtime = runtime()?;
    let mut stop = runtime.block_on(async { StopSignals::catch_with_hangup() })?;
    thread::spawn(move || {
        runtime.block_on(stop.wait());
        told.interrupt();
    });
    Ok(interruption)
}

fn print(report: &Report, json: bool) {
    print!("{}", report.table());
    if json {
        println!("{}", report.to_json());
    }
}
