//! Starting and stopping a gateway.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use ipnet::IpNet;
use rustls::ServerConfig;
use sluice_delivery::{BatchSpool, Courier, CourierConfig, FolderError, FolderLock, draw_instance};
use sluice_mining::difficulty_memory::DifficultyMemory;
use sluice_ring::{EngineError, EngineStats};
use sluice_service::ClusterKey;
use sluice_service::clock::unix_time;
use sluice_service::randomness::{NoRandomness, random_seed};
use sluice_session::{FeedStats, PortPolicy, ShardStats, WatchPolicy};
use sluice_sha256d::Kernel;
use sluice_units::Name;
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use crate::accounts::{AccountListError, AccountTask};
use crate::config::GatewayConfig;
use crate::job_uplink::{JobUplink, Jobmasters};
use crate::journal_files;
use crate::kept_blocks::KeptBlocks;
use crate::ports::Port;
use crate::preflight::{self, CannotCarry};
use crate::queues::{self, ShardCounts, ShardHandle, ShardMessage};
use crate::shards::{self, ShardThread, StartedShards};
use crate::spool::Spool;
use crate::tls::certificates::{CertificateError, Certificates};

/// Why a gateway does not start. Each message is one line with cause and remedy.
#[derive(Debug, Error)]
pub enum StartError {
    /// A key has a value that makes no sense.
    #[error("gateway configuration: {0}")]
    Config(String),
    /// The data folder cannot be used.
    #[error(transparent)]
    Spool(#[from] FolderError),
    /// The number of the last start cannot be read.
    #[error(
        "{path} holds the number of this gateway's last start, and now holds {text:?}: write a number there that is a \
         little higher than all before, since the store takes batches under a former one for repeats. The time (date +%s) is such a \
         number if no clock was ahead when this gateway started"
    )]
    Epoch {
        /// The file.
        path: PathBuf,
        /// What it begins with.
        text: String,
    },
    /// An address for the miners cannot be read.
    #[error("listen = \"{0}\": write HOST:PORT, as in 0.0.0.0:3333")]
    BadAddress(String),
    /// Another program listens there.
    #[error(
        "{0} is taken by another program: stop that one, or choose another address to listen on"
    )]
    AddressInUse(SocketAddr),
    /// The ring cannot be set up, or the miners' address cannot be listened on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The list of accounts cannot be used.
    #[error(transparent)]
    Accounts(#[from] AccountListError),
    /// TLS cannot be served.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The machine lacks something.
    #[error(transparent)]
    CannotCarry(#[from] CannotCarry),
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The host of a shard cannot be set up.
    #[error(
        "a glommio executor cannot be started: {0}; raise LimitMEMLOCK= (ulimit -l), or choose \
         runtime = \"bare\""
    )]
    Executor(String),
    /// The system gives no thread.
    #[error("a shard's thread cannot be started: {0}; raise the limit on processes (ulimit -u)")]
    Thread(std::io::Error),
}

/// How often the shards are looked at while nothing is asked of the gateway.
const FAILURE_LOOK_INTERVAL: Duration = Duration::from_millis(200);

/// What a gateway has done so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct GatewayStatus {
    /// The sum over all shards.
    pub shards: ShardStats,
    /// The sum over their rings.
    pub engines: EngineStats,
    /// The jobs that came, by datagram or not.
    pub feed: FeedStats,
    /// Batches that the store has not acknowledged.
    pub batches_waiting: usize,
}

/// A running gateway.
pub struct Gateway {
    addresses: Vec<SocketAddr>,
    shards: Vec<ShardHandle>,
    threads: Vec<ShardThread>,
    share_log: Option<thread::JoinHandle<()>>,
    stop: watch::Sender<bool>,
    job_uplink: JoinHandle<()>,
    courier: JoinHandle<()>,
    /// Holds the folder.
    _spool: Spool,
    /// Holds that of the journal, where it is another one.
    _journal: Option<FolderLock>,
    /// Looks after the certificate.
    #[expect(dead_code, reason = "it is there to be dropped with the gateway")]
    certificates: Option<AbortOnDrop>,
    backlog: watch::Receiver<usize>,
}

/// A task that ends with whoever holds it.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What all shards of one gateway have in common.
pub(crate) struct Common {
    pub(crate) config: GatewayConfig,
    pub(crate) kernel: Kernel,
    pub(crate) ports: Vec<PortPolicy>,
    pub(crate) proxies_trusted: Vec<IpNet>,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) watch: WatchPolicy,
    pub(crate) session_secret: [u8; 16],
    pub(crate) memory: Arc<DifficultyMemory>,
    pub(crate) coin: Name,
    pub(crate) host: Name,
    pub(crate) epoch: u64,
}

impl Common {
    /// Of a configuration that was checked; the epoch is the spool's to tell.
    fn new(config: GatewayConfig) -> Result<Self, StartError> {
        let kernel = config.kernel().map_err(StartError::Config)?;
        let ports = Port::all(&config).map_err(StartError::Config)?;
        let ports = ports.into_iter().map(|port| port.policy).collect();
        let proxies_trusted = config.proxies_trusted().map_err(StartError::Config)?;
        let (coin, host) = config.names().map_err(StartError::Config)?;
        let watch = config.abuse.policy().map_err(StartError::Config)?;
        let seed = u128::from_ne_bytes(random_seed()?);
        let memory = Arc::new(DifficultyMemory::new(seed as u64));
        let session_secret = random_seed()?;
        Ok(Self {
            session_secret,
            watch,
            tls: None,
            memory,
            config,
            kernel,
            ports,
            proxies_trusted,
            coin,
            host,
            epoch: 0,
        })
    }
}

impl Gateway {
    /// Starts the shards, then the links; miners are served once a job has come.
    pub async fn start(config: GatewayConfig, key: ClusterKey) -> Result<Self, StartError> {
        config.check()?;
        let topology = config.topology().map_err(StartError::Config)?;
        let (common, spool, certificates) = prepare(config)?;
        let listen = Port::resolve_all(&common.config)?;
        let journal = journal_files::lock(&common.config)?;
        let batches = open_batches(&common.config)?;
        let (outlets, inlets) = queues::outlets();
        let (kept_in, kept) = queues::kept_blocks();
        let (backlog_in, backlog) = watch::channel(0);
        let (stop, stopped) = watch::channel(false);
        let started = shards::start(&topology, listen, &common, &spool, &outlets)?;
        let StartedShards { addresses, shards, threads, share_log, datagram_ports } = started;
        let brought = outlets.batches.clone();
        // The shards hold the only other ends: with them gone, the uplinks end.
        drop(outlets);
        let folder = spool.block_folder();
        let waiting = folder.read_all().map_err(|error| unreadable(&common, error))?;
        if let Some(accounts) = AccountTask::new(&common.config)? {
            tokio::spawn(accounts.run(inlets.questions, shards.clone()));
        }
        let Common { config, kernel, coin, host, epoch, .. } = common;
        let stop_wait = Duration::from_secs(config.stop_wait_s);
        let job_uplink = JobUplink {
            jobmasters: Jobmasters {
                addresses: config.jobmasters().map_err(StartError::Config)?,
                key: key.clone(),
                gateway_id: config.gateway_id,
                datagram_ports,
            },
            shards: shards.clone(),
            folder,
            found: inlets.blocks,
            bans: inlets.bans,
            kept: kept_in,
            waiting,
            feed_timeout: Duration::from_secs(config.feed_timeout_s),
            stop_wait,
        };
        let gateway_id = config.gateway_id;
        let courier = CourierConfig {
            upstreams: config.metawriters().map_err(StartError::Config)?,
            key,
            name: format!("gateway {gateway_id}"),
            instance: draw_instance()?,
            stop: stopped,
            stop_wait,
        };
        let courier = Courier::new(courier, batches, inlets.batches, backlog_in)
            .map_err(FolderError::at(&config.data_folder))?;
        let kept_blocks = KeptBlocks { gateway_id, epoch, coin, host, kept, batches: brought };
        tokio::spawn(kept_blocks.run());
        let connections_max = topology.connections_max();
        info!(?addresses, shards = shards.len(), connections_max, %kernel, "gateway started");
        Ok(Self {
            addresses,
            shards,
            threads,
            share_log,
            stop,
            job_uplink: tokio::spawn(job_uplink.run()),
            courier: tokio::spawn(courier.run()),
            _spool: spool,
            _journal: journal,
            certificates: certificates.map(|them| AbortOnDrop(tokio::spawn(them.watch()))),
            backlog,
        })
    }

    /// Where miners connect, the first port first.
    pub fn local_addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// How many shards serve miners.
    pub fn shard_count(&self) -> usize {
        self.shards.len()
    }

    /// What was done so far.
    pub fn status(&self) -> GatewayStatus {
        status_of(&self.shards, &self.backlog)
    }

    /// Whether a shard has ended though nobody stopped it.
    pub fn has_failed(&self) -> bool {
        self.threads.iter().any(thread::JoinHandle::is_finished)
    }

    /// Returns once a shard has ended though nobody stopped it. May be cancelled.
    pub async fn wait_for_failure(&mut self) {
        while !self.has_failed() {
            tokio::time::sleep(FAILURE_LOOK_INTERVAL).await;
        }
    }

    /// Lets the miners go, publishes the last batches, and waits a while for the store.
    ///
    /// What the store does not take in time stays on disk.
    pub async fn stop(self) -> GatewayStatus {
        let (shards, threads, share_log) = (self.shards.clone(), self.threads, self.share_log);
        let joined = tokio::task::spawn_blocking(move || {
            for shard in shards {
                // Waits where the inbox is full; a shard that has ended takes nothing any more.
                let _ = shard.inbox.send(ShardMessage::Stop);
                shard.waker.wake();
            }
            for thread in threads {
                if let Ok(Err(error)) = thread.join() {
                    error!("FATAL: a shard ended early: {error}");
                }
            }
            // What it has not compressed the next start does.
            drop(share_log.map(thread::JoinHandle::join));
        });
        let _ = joined.await;
        let _ = self.job_uplink.await;
        self.stop.send_replace(true);
        let _ = self.courier.await;
        status_of(&self.shards, &self.backlog)
    }
}

/// Checks the machine, and opens the folder.
fn prepare(
    config: GatewayConfig,
) -> Result<(Common, Spool, Option<Arc<Certificates>>), StartError> {
    let mut common = Common::new(config)?;
    let config = &common.config;
    // As far as the hard limit goes; an engine that needs more says so.
    let _ = sluice_ring::raise_descriptor_limit();
    for warning in preflight::require(preflight::look(config)?)? {
        warn!("{warning}");
    }
    let certificates = match config.certificate_files().map_err(StartError::Config)? {
        Some(files) => Some(Certificates::read(files)?),
        None => None,
    };
    let tls = certificates.as_ref().map(Certificates::server_config).transpose()?;
    let chance = u32::from_ne_bytes(random_seed()?);
    let (spool, epoch) = Spool::open(&config.data_folder, unix_time(), chance)?;
    (common.epoch, common.tls) = (epoch, tls);
    Ok((common, spool, certificates))
}

/// The batches of former runs, those among them that only the journals have.
fn open_batches(config: &GatewayConfig) -> Result<BatchSpool, StartError> {
    let mut batches =
        BatchSpool::open(&config.data_folder.join("batches"), config.spool_bytes_max)?;
    journal_files::recover(&journal_files::folder_of(config), &mut batches)?;
    Ok(batches)
}

fn status_of(shards: &[ShardHandle], backlog: &watch::Receiver<usize>) -> GatewayStatus {
    let mut sum = ShardCounts::default();
    for shard in shards {
        let counts = shard.counts.lock().unwrap_or_else(PoisonError::into_inner);
        sum.shard.add(&counts.shard);
        sum.engine.add(&counts.engine);
        sum.feed.add(&counts.feed);
    }
    let batches_waiting = *backlog.borrow();
    GatewayStatus { shards: sum.shard, engines: sum.engine, feed: sum.feed, batches_waiting }
}

fn unreadable(common: &Common, source: std::io::Error) -> StartError {
    let path: &Path = &common.config.data_folder;
    FolderError::at(path)(source).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_gateway_with_values_that_make_no_sense_does_not_start() {
        let folder = tempfile::tempdir().unwrap();
        let config = GatewayConfig {
            listen: "127.0.0.1:0".into(),
            data_folder: folder.path().join("data"),
            shards: 1,
            pin_shards: false,
            connections_per_shard_max: 16,
            ..GatewayConfig::default()
        };
        let wrong = [
            (
                "publish_rows_per_second_max",
                GatewayConfig { publish_rows_per_second_max: 0, ..config.clone() },
            ),
            ("publish_interval_ms", GatewayConfig { publish_interval_ms: 0, ..config.clone() }),
            ("journal_bytes_max", GatewayConfig { journal_bytes_max: 0, ..config.clone() }),
            ("journal_bytes_max", GatewayConfig { journal_bytes_max: 1, ..config.clone() }),
            ("journal_bytes_max", GatewayConfig { journal_bytes_max: 4096, ..config.clone() }),
            ("shares_per_job_max", GatewayConfig { shares_per_job_max: 0, ..config.clone() }),
            ("job_datagrams", GatewayConfig { job_datagrams: "here".into(), ..config }),
        ];
        for (key, wrong) in wrong {
            let started = Gateway::start(wrong, ClusterKey::generate().unwrap()).await;
            let error = started.err().expect(key);
            assert!(matches!(&error, StartError::Config(cause) if cause.contains(key)), "{error}");
            assert!(!folder.path().join("data").exists(), "{key}: nothing was made before");
        }
    }
}
