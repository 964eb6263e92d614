//! The role as a whole: opens the store, accepts links, stops in order.

use std::net::SocketAddr;
use std::time::Duration;

use sluice_service::ClusterKey;
use sluice_service::link::{LinkError, LinkListener, Pending};
use sluice_units::limits::{LINKS_PER_ROLE_MAX, STORE_QUEUE_MAX};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::config::{DEFAULT_REDIS_URL, MetawriterConfig, StoreConfig};
use crate::gateway_link::{self, LinkEnd};
use crate::stats::{SharedStats, Stats};
use crate::store::{EmbeddedStore, RedisStore, Store, StoreError};
use crate::store_task::{self, Request};

/// The wait after the system could not accept a connection, such as for lack of descriptors.
const ACCEPT_RETRY_WAIT: Duration = Duration::from_millis(100);

/// Why the role did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Two stores are configured.
    #[error("store.redis_url and store.embedded_path are both set; remove one of them")]
    TwoStores,
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The role cannot listen.
    #[error(transparent)]
    Listen(#[from] LinkError),
}

/// A running metawriter. Dropped, it stops as soon as it can.
pub struct Metawriter {
    local_address: SocketAddr,
    stats: SharedStats,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    storing: JoinHandle<()>,
}

/// Starts the role: checks the store if the configuration asks for it, and listens.
pub async fn start(config: MetawriterConfig, key: ClusterKey) -> Result<Metawriter, StartError> {
    match (&config.store.redis_url, &config.store.embedded_path) {
        (Some(_), Some(_)) => Err(StartError::TwoStores),
        (None, Some(path)) => {
            let store = EmbeddedStore::new(path.clone());
            start_with(&config, key, store).await
        }
        (url, None) => {
            let url = url.as_deref().unwrap_or(DEFAULT_REDIS_URL);
            let store = RedisStore::new(url, &config.store)?;
            start_with(&config, key, store).await
        }
    }
}

async fn start_with(
    config: &MetawriterConfig,
    key: ClusterKey,
    mut store: impl Store,
) -> Result<Metawriter, StartError> {
    let stats = SharedStats::default();
    if config.check_store_at_start {
        store.check().await?;
        stats.update(|stats| stats.store_reachable = true);
    }
    let listener = LinkListener::bind(&config.listen, key).await?;
    let local_address = listener.local_address();
    tracing::info!(
        "metawriter listens on {local_address}, stores in {}",
        store_name(&config.store)
    );

    let (stop, stopped) = watch::channel(false);
    let (requests, queue) = mpsc::channel(STORE_QUEUE_MAX);
    let storing = store_task::run(store, queue, stopped.clone(), stats.clone());
    let accepting = accept_links(listener, requests, stopped, stats.clone());
    Ok(Metawriter {
        local_address,
        stats,
        stop,
        accepting: tokio::spawn(accepting),
        storing: tokio::spawn(storing),
    })
}

impl Metawriter {
    /// Where it listens.
    pub const fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// Counts since the start.
    pub fn stats(&self) -> Stats {
        self.stats.read()
    }

    /// Ends all links, finishes the batch that the store has in hand, and closes the store.
    ///
    /// Batches that are not acknowledged by then stay with their gateways.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in [self.accepting, self.storing] {
            task.await.expect("the role's tasks do not panic");
        }
    }
}

/// Accepts links until the role stops; then ends them, and with them the store's queue.
async fn accept_links(
    listener: LinkListener,
    requests: mpsc::Sender<Request>,
    mut stop: watch::Receiver<bool>,
    stats: SharedStats,
) {
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(ended) = links.join_next() => {
                if let Err(panic) = ended {
                    tracing::error!("a link met a broken invariant, the others go on: {panic}");
                    stats.update(|stats| stats.links_broken += 1);
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((_, peer)) if links.len() >= LINKS_PER_ROLE_MAX => {
                    tracing::warn!("{peer} is turned away: {LINKS_PER_ROLE_MAX} links are open");
                    stats.update(|stats| stats.links_refused += 1);
                }
                Ok((pending, peer)) => {
                    let link = serve_link(pending, peer, requests.clone(), stats.clone());
                    links.spawn(link);
                }
                Err(error) => {
                    tracing::error!("cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_RETRY_WAIT).await;
                }
            }
        }
        stats.update(|stats| stats.links_open = links.len());
    }
    links.shutdown().await;
}

async fn serve_link(
    pending: Pending,
    peer: SocketAddr,
    requests: mpsc::Sender<Request>,
    stats: SharedStats,
) {
    let Err(end) = gateway_link::serve(pending, requests).await else { return };
    match &end {
        LinkEnd::WrongVersion(_) => stats.update(|stats| stats.links_refused += 1),
        // Counted and told by the store's task.
        LinkEnd::BadBatch(_) | LinkEnd::Stopping => {}
        _ => stats.update(|stats| stats.links_broken += 1),
    }
    tracing::warn!("the link from {peer} ended: {end}");
}

/// The store for the log, without passwords.
fn store_name(config: &StoreConfig) -> String {
    config
        .embedded_path
        .as_ref()
        .map_or_else(|| "Redis".to_owned(), |path| path.display().to_string())
}
