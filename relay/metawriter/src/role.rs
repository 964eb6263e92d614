//! The role as a whole: opens the store, accepts links, stops in order.

use std::net::SocketAddr;
use std::sync::Arc;

use sluice_delivery::LinkCounts;
use sluice_delivery::intake;
use sluice_service::ClusterKey;
use sluice_service::link::{LinkError, LinkListener};
use sluice_units::limits::STORE_QUEUE_MAX;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::config::{ConfigError, MetawriterConfig, StoreConfig};
use crate::stats::{SharedStats, Stats};
use crate::store::{EmbeddedStore, RedisStore, Store, StoreError};
use crate::{retention, store_task};

/// Why the role did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The configuration cannot work.
    #[error(transparent)]
    Config(#[from] ConfigError),
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
    links: LinkCounts,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    storing: JoinHandle<()>,
    /// Only where minutes are forgotten.
    forgetting: Option<JoinHandle<()>>,
}

/// Starts the role: checks the store if the configuration asks for it, and listens.
pub async fn start(config: MetawriterConfig, key: ClusterKey) -> Result<Metawriter, StartError> {
    config.check()?;
    if let Some(path) = &config.store.embedded_path {
        let store = EmbeddedStore::new(path.clone());
        return start_with(&config, key, store).await;
    }
    let store = RedisStore::new(&config.store)?;
    start_with(&config, key, store).await
}

async fn start_with(
    config: &MetawriterConfig,
    key: ClusterKey,
    store: impl Store,
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
    let store = Arc::new(store);
    let days = config.store.retention_days;
    let forgetting =
        (days > 0).then(|| tokio::spawn(retention::run(Arc::clone(&store), days, stopped.clone())));
    let storing = store_task::run(store, queue, stopped.clone(), stats.clone());
    let links = LinkCounts::default();
    let accepting = intake::accept_links(listener, requests, stopped, links.clone());
    Ok(Metawriter {
        local_address,
        stats,
        links,
        stop,
        accepting: tokio::spawn(accepting),
        storing: tokio::spawn(storing),
        forgetting,
    })
}

impl Metawriter {
    /// Where it listens.
    pub const fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// Counts since the start.
    pub fn stats(&self) -> Stats {
        Stats {
            links_open: self.links.open(),
            links_refused: self.links.refused(),
            links_broken: self.links.broken(),
            ..self.stats.read()
        }
    }

    /// Ends all links, finishes the batch that the store has in hand, and closes the store.
    ///
    /// Batches that are not acknowledged by then stay with their gateways.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in [self.accepting, self.storing].into_iter().chain(self.forgetting) {
            task.await.expect("the role's tasks do not panic");
        }
    }
}

/// The store for the log, without passwords.
fn store_name(config: &StoreConfig) -> String {
    config
        .embedded_path
        .as_ref()
        .map_or_else(|| "Redis".to_owned(), |path| path.display().to_string())
}
