//! Starting the shards: each makes its own ring on its own core, so that its memory is near.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam::channel;
use rustls::ServerConfig;
use sluice_delivery::FolderError;
use sluice_mining::share::CheckPolicy;
use sluice_ring::{Engine, EngineConfig, EngineError, Waker};
use sluice_service::clock::Clock;
use sluice_session::{JOURNAL_FILES, JobSubscriber, Shard, ShardConfig, StalePolicy};
use sluice_units::SourceId;
use sluice_units::limits::SHARE_SEGMENT_BYTES;

use crate::accounts;
use crate::config::{Datagrams, GatewayConfig};
use crate::drive::{Drive, ShardFailure, ShardFiles};
use crate::host::{self, ShardRuntime};
use crate::journal_files::{self, JournalFiles};
use crate::queues::{self, Outlets, Peer, Peers, ShardCounts, ShardHandle, ShardQueues};
use crate::share_log_files::{Bounds, ShareLogFolder};
use crate::spool::Spool;
use crate::start::{Common, StartError};
use crate::tls::TlsFront;
use crate::topology::{ShardPlace, Topology};

pub(crate) type ShardThread = JoinHandle<Result<(), ShardFailure>>;

/// All shards, serving.
pub(crate) struct StartedShards {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) shards: Vec<ShardHandle>,
    pub(crate) threads: Vec<ShardThread>,
    /// Ends once no shard is left.
    pub(crate) share_log: Option<JoinHandle<()>>,
    /// Where each shard takes datagrams of its own.
    pub(crate) datagram_ports: Vec<u16>,
}

/// What a shard's thread is given.
struct Assignment {
    place: ShardPlace,
    runtime: ShardRuntime,
    engine: EngineConfig,
    shard: ShardConfig,
    queues: ShardQueues,
    files: ShardFiles,
    tls: Option<Arc<ServerConfig>>,
    datagrams: Datagrams,
    jobmasters: usize,
}

/// What a shard's thread says once its ring is there.
struct Ready {
    addresses: Vec<SocketAddr>,
    datagram_port: Option<u16>,
    waker: Waker,
}

type Report = Result<Ready, StartError>;

/// Starts one shard after the other; with port 0 the first one's choice holds for the others. Where one
/// fails, those before it end by themselves, since nobody holds their inboxes.
pub(crate) fn start(
    topology: &Topology,
    listen: Vec<SocketAddr>,
    common: &Common,
    spool: &Spool,
    outlets: &Outlets,
) -> Result<StartedShards, StartError> {
    // Listeners of several shards share the port, and would share it with another gateway as well.
    // A listener that does not share finds that one out.
    let taken = |error: std::io::Error| error.kind() == ErrorKind::AddrInUse;
    for address in &listen {
        if TcpListener::bind(address).is_err_and(taken) {
            return Err(StartError::AddressInUse(*address));
        }
    }
    let peers = Peers::default();
    let mut known = Vec::new();
    let journals = journal_files::folder_of(&common.config);
    let share_log = open_share_log(common)?;
    let jobmasters = common.config.jobmasters().map_err(StartError::Config)?.len();
    let datagrams = common.config.datagrams().map_err(StartError::Config)?;
    let mut started = StartedShards {
        addresses: listen,
        shards: Vec::new(),
        threads: Vec::new(),
        share_log: None,
        datagram_ports: Vec::new(),
    };
    for (index, place) in topology.shards.iter().enumerate() {
        let (inbox_in, inbox) = queues::shard_inbox();
        let (visitors_in, visitors) = queues::visitors();
        let counts = Arc::new(Mutex::new(ShardCounts::default()));
        let journal = JournalFiles::create(&journals, index, file_bytes_of(&common.config))?;
        let assignment = Assignment {
            place: place.clone(),
            runtime: common.config.runtime,
            engine: EngineConfig {
                listen: started.addresses.clone(),
                reuse_port: topology.shards.len() > 1,
                connections_max: place.connections_max,
                ..EngineConfig::default()
            },
            shard: shard_config(index, place, common),
            queues: ShardQueues {
                inbox,
                visitors,
                peers: Arc::clone(&peers),
                outlets: outlets.clone(),
                counts: Arc::clone(&counts),
            },
            files: ShardFiles {
                journal: Some(journal),
                share_log: share_log
                    .as_ref()
                    .map(|(log, _)| log.of_shard(source_of(index, common))),
                blocks: spool.block_folder(),
            },
            tls: common.tls.clone(),
            datagrams: datagrams.of_shard(index).map_err(StartError::Config)?,
            jobmasters,
        };
        let (report_in, report) = channel::bounded(1);
        let thread = thread::Builder::new()
            .name(format!("shard-{index}"))
            .spawn(move || serve(assignment, &report_in))
            .map_err(StartError::Thread)?;
        let Ready { addresses, datagram_port, waker } =
            report.recv().expect("a shard reports before it serves")?;
        started.addresses = addresses;
        started.datagram_ports.extend(datagram_port);
        known.push(Peer::new(visitors_in, waker.clone()));
        started.shards.push(ShardHandle { inbox: inbox_in, waker, counts });
        started.threads.push(thread);
    }
    started.share_log = share_log.map(|(_, thread)| thread);
    assert!(peers.set(known).is_ok(), "they are made known once");
    Ok(started)
}

fn shard_config(index: usize, place: &ShardPlace, common: &Common) -> ShardConfig {
    let config = &common.config;
    ShardConfig {
        source: source_of(index, common),
        epoch: common.epoch,
        coin: common.coin.clone(),
        host: common.host.clone(),
        connections_max: place.connections_max,
        connections_per_address_max: config.connections_per_address_max,
        proxies_trusted: common.proxies_trusted.clone(),
        checks: CheckPolicy {
            kernel: common.kernel,
            shares_per_job_max: config.shares_per_job_max,
        },
        ports: common.ports.clone(),
        accounts: accounts::policy(config),
        watch: common.watch.clone(),
        session_secret: common.session_secret,
        memory: Some(Arc::clone(&common.memory)),
        publish_interval: Duration::from_millis(config.publish_interval_ms),
        publish_rows_per_second_max: config.publish_rows_per_second_max,
        journal_file_bytes: Some(file_bytes_of(config)),
        share_log_segment_bytes: config.share_log.then_some(SHARE_SEGMENT_BYTES),
        stale: StalePolicy {
            grace: Duration::from_millis(config.stale_grace_ms),
            credited: config.stale_grace_credit,
        },
        handshake_timeout: Duration::from_secs(config.handshake_timeout_s),
        idle_timeout: Duration::from_secs(config.idle_timeout_s),
        feed_timeout: Duration::from_secs(config.feed_timeout_s),
    }
}

fn source_of(index: usize, common: &Common) -> SourceId {
    let shard = u16::try_from(index).expect("the topology bounds the shards");
    SourceId { gateway_id: common.config.gateway_id, shard }
}

/// The folder of the share log with its thread, if shares are logged.
fn open_share_log(
    Common { config, epoch, .. }: &Common,
) -> Result<Option<(ShareLogFolder, JoinHandle<()>)>, StartError> {
    if !config.share_log {
        return Ok(None);
    }
    let folder = if config.share_log_folder.as_os_str().is_empty() {
        config.data_folder.join("shares")
    } else {
        config.share_log_folder.clone()
    };
    let day = Duration::from_secs(86_400);
    let days = u32::try_from(config.share_log_days_max).unwrap_or(u32::MAX);
    let bounds = Bounds {
        bytes_max: config.share_log_bytes_max,
        age_max: day * days,
        free_bytes_min: config.share_log_free_bytes_min,
    };
    let opened = ShareLogFolder::open(&folder, config.gateway_id, *epoch, bounds);
    Ok(Some(opened.map_err(FolderError::at(&folder))?))
}

/// The two files of a journal share what it may take.
fn file_bytes_of(config: &GatewayConfig) -> u64 {
    config.journal_bytes_max / JOURNAL_FILES as u64
}

/// The life of a shard's thread.
fn serve(assignment: Assignment, report: &channel::Sender<Report>) -> Result<(), ShardFailure> {
    let Assignment { place, runtime, engine, shard, queues, files, tls, datagrams, jobmasters } =
        assignment;
    if let Some(id) = place.core {
        // Refused only where the core was taken from this process meanwhile; it then runs anywhere.
        core_affinity::set_for_current(core_affinity::CoreId { id });
    }
    let executor = match runtime {
        ShardRuntime::Bare => None,
        ShardRuntime::Glommio => match host::Executor::new() {
            Ok(executor) => Some(executor),
            Err(error) => return refuse(report, error),
        },
    };
    let (engine, datagram_port) = match open_engine(engine, datagrams) {
        Ok(opened) => opened,
        Err(error) => return refuse(report, error.into()),
    };
    let addresses = engine.local_addresses().to_vec();
    let clock = Clock::start();
    let jobs = JobSubscriber::new(jobmasters, shard.feed_timeout);
    let shard = Shard::new(clock.now(), shard);
    let told = report.send(Ok(Ready { addresses, datagram_port, waker: engine.waker() }));
    told.expect("whoever starts a shard waits for its report");
    let tls = TlsFront::new(tls);
    let drive = Drive::new(engine, shard, jobs, tls, clock, queues, files);
    match executor {
        None => host::run_bare(drive),
        Some(executor) => executor.run(drive),
    }
}

/// A ring, and the port at which it takes datagrams.
fn open_engine(
    config: EngineConfig,
    datagrams: Datagrams,
) -> Result<(Engine, Option<u16>), EngineError> {
    let mut engine = Engine::new(config)?;
    if let Some(group) = datagrams.group {
        engine.receive_datagrams(group)?;
    }
    let own = datagrams.own.map(|address| engine.receive_datagrams(address)).transpose()?;
    Ok((engine, own.map(|address| address.port())))
}

/// Tells why the shard does not start; the thread itself has nothing to say then.
fn refuse(report: &channel::Sender<Report>, error: StartError) -> Result<(), ShardFailure> {
    report.send(Err(error)).expect("whoever starts a shard waits for its report");
    Ok(())
}
