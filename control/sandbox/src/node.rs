//! A sandbox node from its start to its stop.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::chain::{Chain, ChainSummary};
use crate::config::{ConfigError, NodeConfig};
use crate::rpc::{BoundedListener, NodeState, router, unix_time_seconds};

/// Requests under way get this long to end when the node stops.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A field of the configuration is out of its range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No block could be mined before the clock reaches the genesis block's time.
    #[error(
        "the genesis time {genesis_time} lies ahead of the clock ({now}); give an earlier one or \
         set the clock right"
    )]
    GenesisAhead {
        /// Time of the genesis block, in unix seconds.
        genesis_time: u32,
        /// The wall clock, in unix seconds.
        now: u64,
    },
    /// The port is taken, or loopback is not available.
    #[error("cannot listen on {address}: {source}; free the port or use port 0")]
    Listen {
        /// Address that was tried.
        address: SocketAddr,
        /// What the system answered.
        source: std::io::Error,
    },
}

/// What the bounds of the RPC are up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// Requests that got HTTP 503, because too many were in work.
    pub requests_refused: u64,
    /// Long polls that were answered at once, because too many waited.
    pub long_polls_cut: u64,
    /// Long polls that wait right now.
    pub long_polls_waiting: u64,
}

/// A running sandbox. Dropping it stops the listener too, without waiting for requests.
pub struct SandboxNode {
    state: Arc<NodeState>,
    address: SocketAddr,
    url: String,
    stopping: watch::Sender<bool>,
    server: JoinHandle<()>,
}

/// Starts a sandbox node on 127.0.0.1, on the tokio runtime of the caller.
///
/// # Errors
/// See [`StartError`].
pub async fn start(config: NodeConfig) -> Result<SandboxNode, StartError> {
    config.validate()?;
    let now = unix_time_seconds();
    let genesis_time = config.chain.genesis_time;
    if u64::from(genesis_time) > now {
        return Err(StartError::GenesisAhead { genesis_time, now });
    }
    let chain = Chain::new(config.chain)?;
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, config.rpc_port));
    let listen_error = |source| StartError::Listen { address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;

    let (stopping, stop_requested) = watch::channel(false);
    let state = Arc::new(NodeState::new(chain, &config, stop_requested.clone()));
    let service = router(Arc::clone(&state));
    let server = tokio::spawn(async move {
        let shutdown = wait_for_stop(stop_requested);
        let serving = axum::serve(BoundedListener::new(listener), service);
        if let Err(error) = serving.with_graceful_shutdown(shutdown).await {
            tracing::error!(%error, "the sandbox's RPC ended; restart it");
        }
    });
    tracing::info!(%address, "sandbox node started");
    let url = format!("http://{}:{}@{address}", config.rpc_user, config.rpc_password);
    Ok(SandboxNode { state, address, url, stopping, server })
}

/// Returns when a stop is asked for, or when the node was dropped.
async fn wait_for_stop(mut stop_requested: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop as well.
    let _ = stop_requested.wait_for(|stopping| *stopping).await;
}

impl SandboxNode {
    /// The RPC's address with its credentials: `http://user:password@127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The RPC's address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the chain stands.
    #[must_use]
    pub fn summary(&self) -> ChainSummary {
        self.state.chain().summary()
    }

    /// What the bounds of the RPC are up to.
    #[must_use]
    pub fn request_counts(&self) -> RequestCounts {
        self.state.request_counts()
    }

    /// Stops listening, ends the long polls, and waits for requests under way, but not for ever.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        if tokio::time::timeout(STOP_GRACE, &mut self.server).await.is_err() {
            tracing::warn!("requests were still under way when the sandbox stopped");
            self.server.abort();
        }
    }
}
