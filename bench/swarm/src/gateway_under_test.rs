//! A real gateway in a process of its own, with both ends of its links in the run's hands.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sluice_service::ClusterKey;
use sluice_service::clock::unix_time;
use sluice_units::Job;
use sluice_wire::stratum::notification;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::child::{Interruption, Launch, RunProcess};
use crate::error::BenchError;
use crate::feed_end::FeedEnd;
use crate::greeting::{NOTIFY_PREFIX, greeting, worker_name};
use crate::jobs::JobRow;
use crate::process_usage::{Memory, ProcessorTime, memory, processor_time};
use crate::scratch::{self, free_address};
use crate::store_end::{StoreEnd, StoreSum};

/// How long a gateway may take until it serves its first miner.
const START_WAIT_MAX: Duration = Duration::from_secs(120);
const PROBE_INTERVAL: Duration = Duration::from_millis(50);
/// How long one answer to the probe may take.
const PROBE_WAIT_MAX: Duration = Duration::from_secs(5);
/// The other shards get the first job within this.
const ALL_SHARDS_WAIT: Duration = Duration::from_millis(200);
/// How long the gateway may take to see its miners off; it is ended all the same then.
const IDLE_WAIT_MAX: Duration = Duration::from_secs(300);
const IDLE_LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// What a gateway without work uses between two looks at most.
const IDLE_PROCESSOR_NS_MAX: u64 = 25_000_000;
/// The lowest difficulty there is, 2^-32: nearly every hash is a share.
pub(crate) const LOWEST_DIFFICULTY: f64 = 1.0 / 4_294_967_296.0;
/// What the journals of all shards together take of the disk, and what one takes at most and at least.
const JOURNALS_BYTES: u64 = 512 << 20;
const JOURNAL_BYTES_MAX: u64 = 32 << 20;
const JOURNAL_BYTES_MIN: u64 = 128 << 10;
/// The miner that looks whether the gateway serves; no other one has its number.
const PROBE_NUMBER: u64 = 9_999_999;

/// How the gateway is set up.
#[derive(Clone, Debug)]
pub(crate) struct GatewaySetup {
    pub(crate) shards: u32,
    pub(crate) connections_per_shard_max: u32,
    /// What drives its shards; the gateway's default where none is given.
    pub(crate) runtime: Option<String>,
    pub(crate) cores: Option<Vec<usize>>,
}

/// Who gives it jobs.
enum Feeder {
    /// The run itself.
    Run(FeedEnd),
    /// A jobmaster in a process of its own; dropped, it is killed.
    Jobmaster(#[expect(dead_code, reason = "it is there to be dropped")] RunProcess),
}

/// A gateway that serves miners. Dropped, it is killed.
pub(crate) struct GatewayUnderTest {
    process: RunProcess,
    pub(crate) address: SocketAddr,
    feeder: Feeder,
    store: StoreEnd,
    jobs: JobRow,
    interruption: Interruption,
    /// The links' tasks.
    _runtime: Runtime,
    _folder: TempDir,
}

impl GatewayUnderTest {
    /// Starts it, gives it a first job, and waits until it serves.
    pub(crate) fn start(
        setup: &GatewaySetup,
        interruption: &Interruption,
    ) -> Result<Self, BenchError> {
        let mut gateway = Self::start_with(setup, interruption, |runtime, key, _| {
            let feed = runtime.block_on(FeedEnd::start(key))?;
            let address = feed.address.clone();
            Ok((Feeder::Run(feed), address))
        })?;
        let job = gateway.next_job();
        gateway.hand_out(job)?;
        gateway.wait_until_it_serves()?;
        Ok(gateway)
    }

    /// Starts it with a jobmaster on a node, and waits until it serves.
    pub(crate) fn start_on_node(
        setup: &GatewaySetup,
        node_url: &str,
        interruption: &Interruption,
    ) -> Result<Self, BenchError> {
        let mut gateway = Self::start_with(setup, interruption, |_, _, folder| {
            let address = free_address()?.to_string();
            let file = folder.path().join("jobmaster.toml");
            let text = jobmaster_configuration(folder, &address, node_url);
            fs::write(&file, text)
                .map_err(|source| BenchError::Scratch { what: "jobmaster.toml", source })?;
            let arguments = vec!["jobmaster".into(), "--config".into(), file.into_os_string()];
            let launch = Launch { arguments, ..Launch::default() };
            let process = RunProcess::start("the jobmaster", &launch, interruption)?;
            Ok((Feeder::Jobmaster(process), address))
        })?;
        gateway.wait_until_it_serves()?;
        Ok(gateway)
    }

    fn start_with(
        setup: &GatewaySetup,
        interruption: &Interruption,
        feeder: impl FnOnce(&Runtime, &ClusterKey, &TempDir) -> Result<(Feeder, String), BenchError>,
    ) -> Result<Self, BenchError> {
        let folder = scratch::folder()?;
        let runtime = scratch::links_thread()?;
        let key = ClusterKey::generate_file(&folder.path().join("cluster.key"))?;
        let (feeder, jobmaster) = feeder(&runtime, &key, &folder)?;
        let store = runtime.block_on(StoreEnd::start(&key))?;
        let address = free_address()?;
        let file = folder.path().join("gateway.toml");
        let text = configuration(setup, &folder, address, [&jobmaster, &store.address]);
        fs::write(&file, text)
            .map_err(|source| BenchError::Scratch { what: "gateway.toml", source })?;
        let arguments = vec!["gateway".into(), "--config".into(), file.into_os_string()];
        let launch = Launch { arguments, cores: setup.cores.clone(), ..Launch::default() };
        let process = RunProcess::start("the gateway", &launch, interruption)?;
        let started = u32::try_from(unix_time().to_seconds()).unwrap_or(u32::MAX / 2);
        Ok(Self {
            process,
            address,
            feeder,
            store,
            jobs: JobRow::new(started),
            interruption: interruption.clone(),
            _runtime: runtime,
            _folder: folder,
        })
    }

    fn wait_until_it_serves(&mut self) -> Result<(), BenchError> {
        let deadline = Instant::now() + START_WAIT_MAX;
        while let Err(cause) = probe(self.address) {
            self.process.check_running()?;
            if Instant::now() >= deadline {
                let text = format!("the gateway serves nobody after {START_WAIT_MAX:?}: {cause}");
                return Err(BenchError::Check(text));
            }
            self.interruption.sleep(PROBE_INTERVAL)?;
        }
        self.interruption.sleep(ALL_SHARDS_WAIT)
    }

    /// A job on a new tip that nobody has had.
    pub(crate) fn next_job(&mut self) -> Job {
        self.jobs.next_clean()
    }

    /// A job on the present tip.
    pub(crate) fn next_refresh(&mut self) -> Job {
        self.jobs.next_refresh()
    }

    /// Hands a job to the gateway, where the run is its jobmaster.
    pub(crate) fn hand_out(&self, job: Job) -> Result<(), BenchError> {
        match &self.feeder {
            Feeder::Run(feed) => feed.hand_out(job),
            Feeder::Jobmaster(_) => {
                Err(BenchError::Check("a jobmaster makes the jobs of this run".into()))
            }
        }
    }

    pub(crate) fn processor_time(&mut self) -> Result<ProcessorTime, BenchError> {
        self.process.check_running()?;
        processor_time(self.process.id())
    }

    pub(crate) fn memory(&mut self) -> Result<Memory, BenchError> {
        self.process.check_running()?;
        memory(self.process.id())
    }

    /// Waits until it has seen off the miners that are gone, however many those were.
    pub(crate) fn wait_until_idle(&mut self) -> Result<(), BenchError> {
        let deadline = Instant::now() + IDLE_WAIT_MAX;
        let mut before = self.processor_time()?;
        while Instant::now() < deadline {
            self.interruption.sleep(IDLE_LOOK_INTERVAL)?;
            let now = self.processor_time()?;
            if now.since(before).process_ns < IDLE_PROCESSOR_NS_MAX {
                break;
            }
            before = now;
        }
        Ok(())
    }

    /// Ends it as a service manager does; what its store holds is complete then.
    pub(crate) fn end(mut self) -> Result<StoreSum, BenchError> {
        self.wait_until_idle()?;
        self.process.end(Some(Signal::TERM))?;
        Ok(self.store.sum())
    }
}

/// Bytes of the line that brings a job to a miner, newline included.
pub(crate) fn notify_line_bytes(job: &Job) -> usize {
    let mut line = Vec::new();
    notification::encode_notify(&mut line, job, true);
    line.len()
}

/// What the line of a job begins with.
pub(crate) fn notify_prefix(job: &Job) -> String {
    format!("{}{}\"", String::from_utf8_lossy(NOTIFY_PREFIX), job.id)
}

fn configuration(
    setup: &GatewaySetup,
    folder: &TempDir,
    listen: SocketAddr,
    [jobmaster, metawriter]: [&str; 2],
) -> String {
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let mut text = String::new();
    let mut set = |key: &str, value: &dyn std::fmt::Display| {
        writeln!(text, "{key} = {value}").expect("a text takes every line");
    };
    set("listen", &format_args!("\"{listen}\""));
    set("cluster_key_file", &format_args!("{:?}", path("cluster.key")));
    set("data_folder", &format_args!("{:?}", path("data")));
    set("jobmaster", &format_args!("\"{jobmaster}\""));
    set("metawriter", &format_args!("\"{metawriter}\""));
    set("host", &"\"bench\"");
    set("shards", &setup.shards);
    set("journal_bytes_max", &journal_bytes(setup.shards));
    set("connections_per_shard_max", &setup.connections_per_shard_max);
    // All three the same: no miner's difficulty ever changes.
    set("difficulty_start", &format_args!("{LOWEST_DIFFICULTY:e}"));
    set("difficulty_min", &format_args!("{LOWEST_DIFFICULTY:e}"));
    set("difficulty_max", &format_args!("{LOWEST_DIFFICULTY:e}"));
    set("handshake_timeout_s", &600);
    set("idle_timeout_s", &86_400);
    set("stop_wait_s", &30);
    if let Some(runtime) = &setup.runtime {
        set("runtime", &format_args!("\"{runtime}\""));
    }
    text
}

/// As much as by default, for as many shards as submit at full rate; less where there are more, which hold connections.
fn journal_bytes(shards: u32) -> u64 {
    let part = JOURNALS_BYTES / u64::from(shards.max(1));
    part.clamp(JOURNAL_BYTES_MIN, JOURNAL_BYTES_MAX)
}

/// A jobmaster that hears of blocks by long polling, and makes no other job.
fn jobmaster_configuration(folder: &TempDir, listen: &str, node_url: &str) -> String {
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    format!(
        "listen = \"{listen}\"\ncluster_key_file = {:?}\ndata_folder = {:?}\nnode_url = \"{node_url}\"\n\
         payout_address = \"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080\"\n\
         poll_interval_ms = 3600000\nrefresh_interval_s = 3600\n",
        path("cluster.key"),
        path("jobmaster"),
    )
}

/// One miner that comes, gets its job, and goes; or why it does not.
fn probe(address: SocketAddr) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect_timeout(&address, PROBE_WAIT_MAX).map_err(told)?;
    stream.set_read_timeout(Some(PROBE_WAIT_MAX)).map_err(told)?;
    stream.write_all(&greeting(&worker_name(PROBE_NUMBER))).map_err(told)?;
    for line in BufReader::new(stream).lines() {
        if line.map_err(told)?.as_bytes().starts_with(NOTIFY_PREFIX) {
            return Ok(());
        }
    }
    Err("it hung up".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_shards_share_what_a_few_may_take() {
        assert_eq!([1, 16].map(journal_bytes), [JOURNAL_BYTES_MAX; 2]);
        assert_eq!(journal_bytes(64), JOURNAL_BYTES_MAX / 4);
        assert_eq!(journal_bytes(1024) * 1024, JOURNALS_BYTES);
        assert_eq!(journal_bytes(u32::MAX), JOURNAL_BYTES_MIN);
    }
}
