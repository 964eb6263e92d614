//! The role as a whole: opens the store, accepts links, stops in order.

use std::net::SocketAddr;
use std::sync::Arc;

use sluice_delivery::LinkCounts;
use sluice_delivery::intake;
use sluice_service::ClusterKey;
use sluice_service::link::{LinkError, LinkListener};
use sluice_service::tasks::{RoleTasks, TaskEnded};
use sluice_units::limits::STORE_QUEUE_MAX;
use thiserror::Error;
use tokio::sync::{mpsc, watch};

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
    tasks: RoleTasks,
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
    let (days, (newest_in, newest)) = (config.store.retention_days, watch::channel(None));
    let mut tasks = RoleTasks::default();
    if days > 0 {
        let (store, waits, stopped) = (Arc::clone(&store), retention::Waits::ROLE, stopped.clone());
        tasks.spawn(retention::run(store, days, waits, newest, stopped));
    }
    tasks.spawn(store_task::run(store, queue, stopped.clone(), stats.clone(), newest_in));
    let links = LinkCounts::default();
    tasks.spawn(intake::accept_links(listener, None, requests, stopped, links.clone()));
    Ok(Metawriter { local_address, stats, links, stop, tasks })
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

    /// Returns once the role cannot go on; stop it then. May be cancelled.
    pub async fn wait_for_failure(&mut self) -> TaskEnded {
        self.tasks.wait_for_failure().await
    }

    /// Why the role cannot go on, where it cannot: told once.
    pub fn failure(&mut self) -> Option<TaskEnded> {
        self.tasks.failure()
    }

    /// Ends all links, finishes the batch that the store has in hand, and closes the store.
    ///
    /// Batches that are not acknowledged by then stay with their gateways.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.tasks.join().await;
    }
}

/// The store for the log, without passwords.
fn store_name(config: &StoreConfig) -> String {
    config
        .embedded_path
        .as_ref()
        .map_or_else(|| "Redis".to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sluice_service::link;
    use sluice_units::Minute;
    use sluice_wire::share_feed::{Batch, SHARE_FEED_VERSION, ToWriter};

    use super::*;
    use crate::store::Applied;
    use crate::store::tests::batch;

    struct Broken;

    impl Store for Broken {
        async fn apply(&self, _: &Batch) -> Result<Applied, StoreError> {
            panic!("a broken invariant of the test's")
        }

        async fn forget(&self, _: Minute) -> Result<u64, StoreError> {
            Ok(0)
        }

        async fn check(&self) -> Result<(), StoreError> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_role_whose_store_meets_a_broken_invariant_has_failed() {
        let key = ClusterKey::generate().unwrap();
        let config = MetawriterConfig { listen: "127.0.0.1:0".into(), ..Default::default() };
        let mut writer = start_with(&config, key.clone(), Broken).await.unwrap();
        assert!(writer.failure().is_none());
        let address = writer.local_address().to_string();
        let (mut sender, _receiver) = link::connect(&address, &key).await.unwrap();
        let hello =
            ToWriter::Hello { version: SHARE_FEED_VERSION, instance: 1, name: "gateway 1".into() };
        for message in [hello, ToWriter::Batch(batch(1))] {
            sender.send(&message.encode()).await.unwrap();
        }
        let failed = tokio::time::timeout(Duration::from_secs(60), writer.wait_for_failure());
        let cause = failed.await.expect("it does not live on, deaf").to_string();
        assert!(cause.contains("broken invariant"), "{cause}");
        writer.stop().await;
    }
}
