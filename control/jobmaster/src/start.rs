//! Starting and stopping a jobmaster.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sluice_control_core::{BanDesk, DeskPolicy};
use sluice_mining::coinbase::TagTooLong;
use sluice_mining::payout::{BadPart, BadPayouts, PayoutError};
use sluice_service::ClusterKey;
use sluice_service::clock::{Clock, unix_time};
use sluice_service::link::{LinkError, LinkListener};
use sluice_service::outage::{OUTAGE_ALERT_AFTER, Outage};
use sluice_service::randomness::NoRandomness;
use sluice_units::limits::{JOBMASTERS_MAX, NODE_ANSWERS_MAX, NODES_MAX};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use crate::ban_file::BanFileError;
use crate::config::JobmasterConfig;
use crate::datagrams::DatagramFeed;
use crate::drive::{Bans, Drive, Parts, Reload, Settings, rules_of};
use crate::gateways::{self, GatewayEvent};
use crate::message_file::MessageFile;
use crate::node::{Blockchain, Node, NodeError};
use crate::peers::Peers;
use crate::rests::{self, RestFolder};
use crate::zmq;

/// Why a jobmaster does not start. Each message is one line with cause and remedy.
#[derive(Debug, Error)]
pub enum StartError {
    /// The node cannot be used.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The payout address cannot be used.
    #[error(transparent)]
    Payout(#[from] PayoutError),
    /// Another chain cannot be mined along.
    #[error("aux_chains: {chain}: {cause}")]
    AuxChain {
        /// Its name.
        chain: String,
        /// What is wrong, and what to do.
        cause: String,
    },
    /// A part of the reward cannot be read.
    #[error("payouts: {0}")]
    Part(#[from] BadPart),
    /// The reward cannot be shared out like that.
    #[error("payouts: {0}")]
    Payouts(#[from] BadPayouts),
    /// Too many nodes are given.
    #[error("{0} nodes are given, at most {NODES_MAX} are possible: take some out of more_nodes")]
    TooManyNodes(usize),
    /// Too many other jobmasters are given.
    #[error("{0} peers are given, at most {max} are possible: take some out", max = JOBMASTERS_MAX - 1)]
    TooManyPeers(usize),
    /// No payout address was given.
    #[error("no payout address is set: set payout_address to an address of your own")]
    NoPayout,
    /// The version mask is none.
    #[error(
        "version_mask = \"{0}\": write eight hexadecimal digits within 1fffe000, which is all that miners may roll \
         (BIP 320)"
    )]
    VersionMask(String),
    /// The coinbase tag does not fit.
    #[error(transparent)]
    Tag(#[from] TagTooLong),
    /// The data folder cannot be used.
    #[error(
        "{path}: {source}; make the folder writable for this user, or choose another data_folder"
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The bans of the data folder cannot be read.
    #[error(transparent)]
    Bans(#[from] BanFileError),
    /// What is exempt from bans cannot be read.
    #[error("ban_exempt: \"{0}\" is no address, nor a network such as 10.0.0.0/8")]
    BanExempt(String),
    /// A node's announcements cannot be listened to there.
    #[error(
        "zmq: \"{0}\": write tcp://HOST:PORT, as it stands behind zmqpubhashblock in the node's bitcoin.conf"
    )]
    Zmq(String),
    /// The group is none.
    #[error(
        "job_multicast = \"{0}\": write the address and port of a group, as in 239.1.2.3:7403, or \"\" for none"
    )]
    Multicast(String),
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The feed's address cannot be listened on.
    #[error("job feed: {0}")]
    Listen(#[from] LinkError),
}

/// How often it is told that a node is waited for.
const WAIT_TELL_INTERVAL: Duration = Duration::from_secs(60);

/// What a jobmaster has done so far.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct JobmasterStatus {
    /// Jobs made.
    pub jobs: u64,
    /// Height of the latest job.
    pub height: u32,
    /// Blocks that the node keeps.
    pub blocks_accepted: u64,
    /// Blocks that the node refuses.
    pub blocks_rejected: u64,
    /// Blocks that other chains have.
    pub aux_blocks_accepted: u64,
    /// Gateways connected.
    pub gateways: usize,
    /// Why the node gives no answer, while it gives none.
    pub node_trouble: Option<String>,
}

/// A running jobmaster.
pub struct Jobmaster {
    address: SocketAddr,
    chain: String,
    status: Arc<Mutex<JobmasterStatus>>,
    events: mpsc::Sender<GatewayEvent>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Jobmaster {
    /// Checks nodes, network, addresses and tag, then listens for gateways. `reload` reads the configuration
    /// again when an operator asks for it.
    pub async fn start(
        config: JobmasterConfig,
        key: ClusterKey,
        reload: Option<Reload>,
    ) -> Result<Self, StartError> {
        config.check()?;
        let unusable = |source| StartError::Folder { path: config.data_folder.clone(), source };
        let rests = RestFolder::open(&config.data_folder).map_err(unusable)?;
        let file = MessageFile::of(&config.data_folder);
        let message = file.read().map_err(unusable)?;
        let bans =
            Bans::open(&config.data_folder, BanDesk::new(config.ban_exempt()?), unix_time())?;
        let nodes = config.nodes()?;
        let blockchain = wait_for_nodes(&nodes, &config).await?;
        let chain = blockchain.chain;
        let coinbase = config.coinbase(&chain, &message)?;
        let peers = Peers::start(&config.peers, &key, config.jobmaster_id);
        let listener = LinkListener::bind(&config.listen, key).await?;
        let address = listener.local_address();
        info!(%address, chain, height = blockchain.tip.height, nodes = nodes.len(), "jobmaster started");

        let started = rests::take_start(&config.data_folder, unix_time()).map_err(unusable)?;
        let policy = DeskPolicy {
            jobmaster_id: config.jobmaster_id,
            started_unix_s: started.to_seconds() as u32,
            nodes: nodes.len(),
            rules: rules_of(&chain)?,
            coinbase,
            version_mask: config.version_mask()?,
            poll_interval: Duration::from_millis(config.poll_interval_ms),
            long_poll: config.long_poll,
            refresh_interval: Duration::from_secs(config.refresh_interval_s),
            empty_job_time: Duration::from_secs(config.empty_job_s),
            alive_interval: Duration::from_secs(config.alive_interval_s),
        };
        let status = Arc::new(Mutex::new(JobmasterStatus::default()));
        let (stop, stopped) = watch::channel(false);
        let (notices_in, notices) = mpsc::channel(NODE_ANSWERS_MAX);
        for (node, address) in config.zmq()? {
            // It ends with the drive, which takes its notices.
            tokio::spawn(zmq::watch(node, address, notices_in.clone()));
        }
        let (events_in, events) = mpsc::channel(sluice_units::limits::LINK_QUEUE_MAX);
        let datagrams = DatagramFeed::new(config.multicast()?)?;
        let chains = config.aux_nodes()?;
        let settings = Settings { config, message, file, reload };
        let drive = Drive::new(Parts {
            nodes,
            chain: chain.clone(),
            policy,
            chains,
            rests,
            bans,
            settings,
            datagrams,
            peers,
            status: Arc::clone(&status),
        });
        let tasks = vec![
            tokio::spawn(gateways::accept(listener, events_in.clone())),
            tokio::spawn(drive.run(events, notices, stopped)),
        ];
        Ok(Self { address, chain, status, events: events_in, stop, tasks })
    }

    /// Reads the configuration again. Gives what has changed, or why nothing has.
    pub async fn reload(&self) -> Result<String, String> {
        let (answer, answered) = oneshot::channel();
        let gone = |()| "the jobmaster is ending".to_owned();
        self.events.send(GatewayEvent::Reload { answer }).await.map_err(|_| gone(()))?;
        answered.await.unwrap_or_else(|_| Err(gone(())))
    }

    /// Where gateways connect.
    pub const fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// The node's network, as the node calls it.
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// What was done so far.
    pub fn status(&self) -> JobmasterStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops; blocks without a verdict stay with their gateways.
    pub async fn stop(self) {
        let Self { stop, mut tasks, .. } = self;
        let _ = stop.send(true);
        let drive = tasks.pop().expect("the drive was started last");
        let _ = drive.await;
        for task in tasks {
            task.abort();
        }
    }
}

/// Waits until a node is ready; the others may come later. For one that does not answer it waits as long as
/// the configuration allows, for one that loads or downloads the chain as long as that takes.
async fn wait_for_nodes(nodes: &[Node], config: &JobmasterConfig) -> Result<Blockchain, NodeError> {
    let patience = Duration::from_secs(config.node_start_wait_s);
    let mut deadline = tokio::time::Instant::now() + patience;
    let (mut tell_at, clock) = (tokio::time::Instant::now(), Clock::start());
    let mut outage = Outage::new(OUTAGE_ALERT_AFTER);
    loop {
        // The error of the first node that comes by itself, or else of the first.
        let mut told: Option<NodeError> = None;
        for node in nodes {
            let error = match node.blockchain().await {
                Ok(blockchain) if !blockchain.is_behind => return Ok(blockchain),
                Ok(_) => NodeError::InitialDownload(node.address().to_owned()),
                // What no waiting mends is wrong in the configuration.
                Err(error) if !error.is_passing() => return Err(error),
                Err(error) => error,
            };
            if told.as_ref().is_none_or(|told| comes_by_itself(&error) && !comes_by_itself(told)) {
                told = Some(error);
            }
        }
        let error = told.expect("there is a node, and none is ready");
        let now = tokio::time::Instant::now();
        let comes_by_itself = comes_by_itself(&error);
        if comes_by_itself {
            // However long its answer took; without patience it is not waited for either.
            deadline = now + patience;
        }
        if now >= deadline {
            return Err(error);
        }
        if now >= tell_at {
            tell_at = now + WAIT_TELL_INTERVAL;
            let most = if comes_by_itself { "" } else { ", but not for long" };
            warn!("{error}; waiting for it{most}");
        }
        outage.begin(clock.now().instant);
        if let Some(lasted) = outage.handle_timeout(clock.now().instant) {
            let seconds = lasted.as_secs();
            error!(
                "FATAL: this jobmaster has waited {seconds} s for a node, there is no work: {error}"
            );
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Whether nobody has to start the node.
const fn comes_by_itself(error: &NodeError) -> bool {
    !matches!(error, NodeError::Unreachable { .. })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A node that is behind the network for so many calls, and takes its time for each answer.
    fn node_behind_for(calls: u32, answer_time: Duration) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://u:p@{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for (call, client) in (0..).zip(listener.incoming().map_while(Result::ok)) {
                let mut client = client;
                // One call fits one read, and one answer a connection.
                let _ = client.read(&mut [0; 4096]);
                thread::sleep(answer_time);
                let behind = call < calls;
                let answer = format!(
                    "{{\"result\":{{\"chain\":\"main\",\"blocks\":1,\"bestblockhash\":\"{}\",\
                     \"chainwork\":\"02\",\"initialblockdownload\":{behind}}},\"error\":null,\"id\":1}}",
                    "07".repeat(32)
                );
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    answer.len()
                );
                let _ = client.write_all((head + &answer).as_bytes());
            }
        });
        url
    }

    #[tokio::test]
    async fn a_node_that_downloads_the_chain_is_waited_for_and_one_that_is_away_is_not() {
        let config = |node_url: String| JobmasterConfig {
            node_url,
            node_start_wait_s: 1,
            ..JobmasterConfig::default()
        };
        // Twice as long as a node may be away: in ten calls, or in a single one.
        for (calls, answer_time) in [(10, Duration::ZERO), (1, Duration::from_secs(2))] {
            let config_behind = config(node_behind_for(calls, answer_time));
            let nodes = config_behind.nodes().unwrap();
            let ready = wait_for_nodes(&nodes, &config_behind).await.unwrap();
            assert_eq!((ready.chain.as_str(), ready.tip.work), ("main", 2));
        }

        let behind = config(node_behind_for(10, Duration::ZERO));
        let at_once = JobmasterConfig { node_start_wait_s: 0, ..behind };
        let error = wait_for_nodes(&at_once.nodes().unwrap(), &at_once).await.unwrap_err();
        assert!(error.to_string().contains("still downloading"), "{error}");
        let mut away = config("http://u:p@127.0.0.1:1".into());
        let error = wait_for_nodes(&away.nodes().unwrap(), &away).await.unwrap_err();
        assert!(error.to_string().contains("start it"), "{error}");
        // Another one is there, and will be ready.
        let url = node_behind_for(10, Duration::ZERO);
        away.more_nodes = vec![crate::config::NodeConfig { url, zmq: Vec::new() }];
        wait_for_nodes(&away.nodes().unwrap(), &away).await.unwrap();
    }
}
