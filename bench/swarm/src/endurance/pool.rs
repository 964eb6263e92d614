//! A whole pool whose parts can be killed and started again; the run is its jobmaster.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sluice_service::ClusterKey;
use sluice_service::clock::unix_time;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::cut_line::CutLine;
use crate::accounting::RedisUnderTest;
use crate::child::{Interruption, Launch, RunProcess};
use crate::error::BenchError;
use crate::feed_end::FeedEnd;
use crate::gateway_under_test::LOWEST_DIFFICULTY;
use crate::jobs::JobRow;
use crate::scratch::{self, free_addresses};

/// Who is killed, and what is cut.
pub(crate) const VICTIMS: [&str; 6] = [
    "the gateway",
    "the relay",
    "the first metawriter",
    "the second metawriter",
    "Redis",
    "the line to the relay",
];
/// Among [`VICTIMS`].
pub(crate) const REDIS: usize = 4;
pub(crate) const CUT: usize = 5;
/// So little that a relay whose writers are away keeps batches in memory at once, as on a disk that is full.
const RELAY_SPOOL_BYTES: u64 = 8 * 1024;
/// Of each shard of the gateway: the miners' shares of some seconds.
const JOURNAL_BYTES: u64 = 4 << 20;
/// Among [`VICTIMS`].
const RELAY: usize = 1;

/// How long a role may take until it listens.
const START_WAIT_MAX: Duration = Duration::from_secs(120);
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// A role with its configuration; not running while it is dead.
struct Role {
    name: &'static str,
    command: &'static str,
    listen: SocketAddr,
    file: PathBuf,
    process: Option<RunProcess>,
}

/// Everything between miners and Redis.
pub(crate) struct Pool {
    /// Gateway, relay and two metawriters, in the order of [`VICTIMS`].
    roles: [Role; 4],
    redis: RedisUnderTest,
    line: CutLine,
    /// How often the relay's disk took nothing, over all of its lives that are over.
    full_disks: u64,
    pub(crate) stratum: SocketAddr,
    feed: FeedEnd,
    jobs: JobRow,
    interruption: Interruption,
    /// The feed's task.
    _runtime: Runtime,
    folder: TempDir,
}

impl Pool {
    pub(crate) fn start(
        redis_server: &str,
        relay_folder: Option<&Path>,
        interruption: &Interruption,
    ) -> Result<Self, BenchError> {
        let folder = scratch::folder()?;
        let runtime = scratch::links_thread()?;
        let key = ClusterKey::generate_file(&folder.path().join("cluster.key"))?;
        let feed = runtime.block_on(FeedEnd::start(&key))?;
        let redis = RedisUnderTest::start(redis_server, &None, interruption)?;
        // Its own port comes first, so that it is none of the free ones.
        let line = CutLine::bind()?;
        let [stratum, relay, first, second] = free_addresses()?;
        let line = line.start(relay)?;
        let place = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let writer = |listen: SocketAddr| {
            format!("listen = \"{listen}\"\n[store]\nredis_url = \"{}\"\n", redis.url)
        };
        let gateway_text = format!(
            "listen = \"{stratum}\"\ndata_folder = {:?}\njobmaster = \"{}\"\nmetawriter = \"{}\"\nmore_metawriters = [\"{second}\"]\n\
             host = \"bench\"\nshards = 2\ndifficulty_start = {LOWEST_DIFFICULTY:e}\ndifficulty_min = {LOWEST_DIFFICULTY:e}\n\
             difficulty_max = {LOWEST_DIFFICULTY:e}\nstop_wait_s = 60\npublish_interval_ms = 200\n\
             journal_bytes_max = {JOURNAL_BYTES}\n",
            place("gateway"),
            feed.address,
            line.address,
        );
        let relay_text = format!(
            "listen = \"{relay}\"\ndata_folder = {:?}\nupstream = \"{first}\"\nmore_upstreams = [\"{second}\"]\n\
             spool_bytes_max = {}\nstop_wait_s = 60\n",
            relay_folder.map_or_else(|| place("relay"), |it| it.to_string_lossy().into_owned()),
            // A folder of the caller's is as full as its file system.
            if relay_folder.is_some() { u64::MAX / 2 } else { RELAY_SPOOL_BYTES },
        );
        let role = |name, command, listen, text: &str| {
            let file = folder.path().join(format!("{command}-{listen}.toml"));
            // Keys come before sections.
            let text = format!("cluster_key_file = {:?}\n{text}", place("cluster.key"));
            fs::write(&file, text)
                .map_err(|source| BenchError::Scratch { what: "a configuration", source })?;
            Ok::<_, BenchError>(Role { name, command, listen, file, process: None })
        };
        let mut pool = Self {
            roles: [
                role(VICTIMS[0], "gateway", stratum, &gateway_text)?,
                role(VICTIMS[1], "metarelay", relay, &relay_text)?,
                role(VICTIMS[2], "metawriter", first, &writer(first))?,
                role(VICTIMS[3], "metawriter", second, &writer(second))?,
            ],
            redis,
            line,
            full_disks: 0,
            stratum,
            feed,
            jobs: JobRow::new(u32::try_from(unix_time().to_seconds()).unwrap_or(u32::MAX / 2)),
            interruption: interruption.clone(),
            _runtime: runtime,
            folder,
        };
        for role in (0..pool.roles.len()).rev() {
            pool.start_again(role)?;
        }
        pool.next_job()?;
        Ok(pool)
    }

    /// Another job on the same tip.
    pub(crate) fn next_job(&mut self) -> Result<(), BenchError> {
        let job = self.jobs.next_refresh();
        self.feed.hand_out(job)
    }

    pub(crate) fn kill(&mut self, victim: usize) {
        match victim {
            REDIS => self.redis.kill(),
            CUT => self.line.cut(),
            role => {
                self.count_full_disks(role);
                self.roles[role].process = None;
            }
        }
    }

    pub(crate) fn start_again(&mut self, victim: usize) -> Result<(), BenchError> {
        match victim {
            REDIS => return self.redis.start_again(&self.interruption),
            CUT => return Ok(()),
            _ => {}
        }
        let Role { name, command, listen, file, process } = &mut self.roles[victim];
        let arguments = vec![(*command).into(), "--config".into(), file.clone().into_os_string()];
        let launch = Launch { arguments, ..Launch::default() };
        let mut started = RunProcess::start(name, &launch, &self.interruption)?;
        // From then on it can be told to stop as well.
        let deadline = Instant::now() + START_WAIT_MAX;
        while TcpStream::connect(*listen).is_err() {
            started.check_running()?;
            if Instant::now() >= deadline {
                let text = format!("{name} does not listen after {START_WAIT_MAX:?}");
                return Err(BenchError::Check(text));
            }
            self.interruption.sleep(LOOK_INTERVAL)?;
        }
        *process = Some(started);
        Ok(())
    }

    /// How often the relay's disk took nothing so far.
    pub(crate) fn full_disks(&self) -> u64 {
        let present = self.roles[RELAY].process.as_ref().map_or(0, RunProcess::fatal_lines);
        self.full_disks + present
    }

    /// The relay says FATAL for nothing else.
    fn count_full_disks(&mut self, role: usize) {
        if let (RELAY, Some(process)) = (role, &self.roles[role].process) {
            self.full_disks += process.fatal_lines();
        }
    }

    /// Ends everything in order, from the gateway on, each once it is rid of what it had; gives Redis, and how often the
    /// relay's disk took nothing.
    pub(crate) fn end(mut self) -> Result<(RedisUnderTest, u64), BenchError> {
        self.count_full_disks(RELAY);
        for role in self.roles {
            if let Some(process) = role.process {
                process.end(Some(Signal::TERM))?;
            }
        }
        drop(self.folder);
        Ok((self.redis, self.full_disks))
    }
}
