//! A shard on a real ring, on the test's own thread: what a step costs, and what it leaves behind.

mod conversations;
mod departures;
mod journal;
mod ports;
mod tls;

use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use allocation_counter::measure;
use crossbeam::channel::Sender;
use sluice_delivery::Delivery;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_ring::{Engine, EngineConfig};
use sluice_service::clock::{Clock, unix_time};
use sluice_session::{EndCause, JobSubscriber, Shard, ShardConfig};
use sluice_units::{CompactTarget, Hash256, Job, JobId, JobKind, ShareDifficulty, SourceId};
use sluice_wire::job_feed::FromJobmaster;
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::{Drive, Patience, ShardFiles};
use crate::journal_files::JournalFiles;
use crate::queues::{
    FeedEvent, Inlets, Peer, Peers, ShardCounts, ShardMessage, ShardQueues, outlets, shard_inbox,
    visitors,
};
use crate::spool::Spool;
use crate::tls::TlsFront;

const MINERS: usize = 100;
const JOURNAL_FILE_BYTES: u64 = 1 << 20;
/// The time of every job, and so of every share: with a shard that begins at the same place each time, the same
/// hashes in every run.
const STARTED_UNIX_S: u32 = 1_700_000_000;
/// Where a test that hangs is given up.
const GIVE_UP: Duration = Duration::from_secs(60);

/// A job as it comes from a jobmaster's link.
fn job_message(job: Job) -> ShardMessage {
    let message = FromJobmaster::Job { tip_work: 1, job };
    ShardMessage::Feed { jobmaster: 0, event: FeedEvent::Message(Arc::new(message)) }
}

/// A shard that lets nobody go for being silent.
fn patient_config() -> ShardConfig {
    let hour = Duration::from_secs(3600);
    let source = SourceId { gateway_id: 1, shard: 0 };
    ShardConfig {
        handshake_timeout: hour,
        idle_timeout: hour,
        feed_timeout: hour,
        ..ShardConfig::new(source, VardiffPolicy::fixed(ShareDifficulty::MIN))
    }
}

struct Miner {
    stream: TcpStream,
    user: String,
    /// Whole lines that came.
    lines: usize,
}

struct Bench {
    drive: Drive,
    inbox: Sender<ShardMessage>,
    batches: mpsc::Receiver<Delivery>,
    miners: Vec<Miner>,
    started: u32,
    /// Allocations of the steps since it was last looked at, without those that cut a batch.
    allocations: u64,
    nonce: u32,
    /// How other shards find this one, and where it finds them.
    peer: Peer,
    peers: Peers,
    _folder: TempDir,
}

impl Bench {
    fn start() -> Self {
        let mut bench = Self::with(EngineConfig::default(), 1024);
        for index in 0..MINERS {
            bench.join(format!("farm.rig{index}"));
        }
        bench
    }

    /// A shard with a job and without miners.
    fn with(engine: EngineConfig, connections_per_address_max: u32) -> Self {
        let mut bench =
            Self::of(engine, ShardConfig { connections_per_address_max, ..patient_config() });
        bench.send_job(1, JobKind::Clean);
        bench.step();
        bench
    }

    /// A shard with nothing.
    fn of(engine: EngineConfig, config: ShardConfig) -> Self {
        Self::with_tls(engine, config, None)
    }

    fn with_tls(
        engine: EngineConfig,
        config: ShardConfig,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> Self {
        // Ample: on a busy machine a miner reads late, and hangs up late.
        let engine = EngineConfig { flush_timeout: GIVE_UP, ..engine };
        let folder = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(folder.path(), unix_time(), 1).unwrap();
        let engine = Engine::new(engine).unwrap();
        let clock = Clock::start();
        let file_bytes = config.journal_file_bytes.unwrap_or(JOURNAL_FILE_BYTES);
        let config = ShardConfig { journal_file_bytes: Some(file_bytes), ..config };
        let shard = Shard::new(clock.now(), config);
        let journal = JournalFiles::create(folder.path(), 0, file_bytes).unwrap();
        let (inbox, inbox_out) = shard_inbox();
        let (outlets, Inlets { batches, .. }) = outlets();
        let counts = Arc::new(Mutex::new(ShardCounts::default()));
        let (visitors_in, visitors) = visitors();
        let peers = Peers::default();
        let peer = Peer::new(visitors_in, engine.waker());
        let queues =
            ShardQueues { visitors, peers: Arc::clone(&peers), inbox: inbox_out, outlets, counts };
        Self {
            drive: Drive::new(
                engine,
                shard,
                JobSubscriber::new(1, Duration::from_secs(3600)),
                TlsFront::new(tls),
                clock,
                queues,
                ShardFiles {
                    journal: Some(journal),
                    share_log: None,
                    blocks: spool.block_folder(),
                },
            ),
            inbox,
            batches,
            miners: Vec::new(),
            started: STARTED_UNIX_S,
            allocations: 0,
            nonce: 0,
            peer,
            peers,
            _folder: folder,
        }
    }

    fn send_job(&mut self, number: u64, kind: JobKind) {
        let job = Job {
            id: JobId::from_u64(number),
            kind,
            height: 800_000,
            parent: Hash256::from_bytes([1; 32]),
            version: 0x2000_0000,
            version_mask: 0x1fff_e000,
            nbits: CompactTarget::from_bits(0x1d00_ffff),
            ntime: self.started,
            ntime_min: self.started,
            coinbase_prefix: vec![2; 100],
            coinbase_suffix: vec![3; 100],
            merkle_branch: vec![Hash256::from_bytes([4; 32]); 12],
            aux_target: None,
        };
        self.inbox.send(job_message(job)).unwrap();
    }

    fn step(&mut self) {
        let Self { drive, .. } = self;
        let info = measure(|| {
            drive.step(Patience::None).unwrap();
        });
        // Once a second the counts leave, for which memory is taken.
        if self.batches.try_recv().is_err() {
            self.allocations += info.count_total;
        }
    }

    fn step_until(&mut self, done: impl Fn(&Self) -> bool) {
        let give_up_at = Instant::now() + GIVE_UP;
        while !done(self) {
            self.step();
            let stats = self.drive.engine.stats();
            assert!(Instant::now() < give_up_at, "what was waited for never came: {stats:?}");
        }
    }

    fn address(&self) -> SocketAddr {
        self.drive.engine.local_addresses()[0]
    }

    fn join(&mut self, user: String) {
        let address = self.address();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        let greeting = format!(
            "{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}}\n\
             {{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{user}\",\"x\"]}}\n"
        );
        stream.write_all(greeting.as_bytes()).unwrap();
        self.miners.push(Miner { stream, user, lines: 0 });
        // Two replies, a difficulty and a job.
        self.wait_for_lines(self.miners.len() - 1, 4);
    }

    /// Steps until a miner has so many lines more than it had.
    fn wait_for_lines(&mut self, miner: usize, more: usize) {
        let wanted = self.miners[miner].lines + more;
        for _ in 0..1_000_000 {
            self.step();
            let Miner { stream, lines, .. } = &mut self.miners[miner];
            let mut buffer = [0; 8192];
            match stream.read(&mut buffer) {
                Ok(0) => panic!("the miner was let go"),
                Ok(length) => {
                    *lines += buffer[..length].iter().filter(|byte| **byte == b'\n').count();
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            if *lines >= wanted {
                return;
            }
        }
        panic!("the lines never came");
    }

    /// Every miner hands in a share, and is answered.
    fn round(&mut self) {
        for miner in &mut self.miners {
            self.nonce += 1;
            let mut line = String::new();
            writeln!(
                line,
                "{{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"{}\",\"1\",\
                 \"0000000000000000\",\"{:08x}\",\"{:08x}\"]}}",
                miner.user, self.started, self.nonce
            )
            .unwrap();
            miner.stream.write_all(line.as_bytes()).unwrap();
        }
        for miner in 0..self.miners.len() {
            self.wait_for_lines(miner, 1);
        }
    }
}

#[test]
fn shares_through_ring_and_shard_allocate_nothing() {
    let mut bench = Bench::start();
    for _ in 0..5 {
        bench.round();
    }
    // What a share's duplicates are kept in grows by doubling, which is no share's own: so many tries that
    // most of them see none of it.
    let steady = (0..12).any(|_| {
        bench.allocations = 0;
        for _ in 0..10 {
            bench.round();
        }
        bench.allocations == 0
    });
    assert!(steady, "{} allocations for the last 1,000 shares", bench.allocations);
    let stats = *bench.drive.shard.stats();
    assert!(stats.accepted + stats.rejected_total() >= 1_500);
}

#[test]
fn a_job_to_all_allocates_for_itself_and_not_for_each() {
    let mut bench = Bench::start();
    let mut costs = Vec::new();
    for number in 2..12 {
        bench.send_job(number, JobKind::Refresh);
        bench.allocations = 0;
        for miner in 0..MINERS {
            bench.wait_for_lines(miner, 1);
        }
        costs.push(bench.allocations);
    }
    let last = *costs.last().unwrap();
    assert!(last < MINERS as u64 / 2, "{costs:?} allocations a job to {MINERS} miners");
}

#[test]
fn who_is_refused_gives_the_place_back_though_it_does_not_hang_up() {
    let mut bench = Bench::with(EngineConfig { connections_max: 4, ..EngineConfig::default() }, 1);
    bench.join("farm.rig".into());
    let refused: Vec<_> = (0..8).map(|_| TcpStream::connect(bench.address()).unwrap()).collect();
    bench.step_until(|bench| bench.drive.engine.stats().closed == refused.len() as u64);
    assert_eq!(bench.drive.shard.stats().ended[EndCause::AddressRefused.index()], 8);
    assert_eq!(bench.drive.engine.stats().flush_expired, 0, "nobody was waited for");
    bench.round();
}

#[test]
fn what_the_ring_counts_is_there_for_the_gateway() {
    let mut bench = Bench::with(EngineConfig { connections_max: 2, ..EngineConfig::default() }, 9);
    bench.join("farm.one".into());
    bench.join("farm.two".into());
    bench.drive.copy_stats();
    let counts = *bench.drive.queues.counts.lock().unwrap();
    assert_eq!((counts.engine.table_full, counts.engine.accepted), (1, 2));
    assert_eq!(counts.shard.connections, 2);
}
