//! The role as a whole: an intake before a courier.

use std::net::SocketAddr;
use std::time::Duration;

use sluice_delivery::intake::{self, LinkCounts, Received};
use sluice_delivery::{
    BatchSpool, Courier, CourierConfig, Delivery, FolderError, FolderLock, Notice, draw_instance,
};
use sluice_service::ClusterKey;
use sluice_service::link::{LinkError, LinkListener};
use sluice_service::randomness::NoRandomness;
use sluice_service::tasks::{RoleTasks, TaskEnded};
use sluice_units::limits::STORE_QUEUE_MAX;
use thiserror::Error;
use tokio::sync::{mpsc, watch};

use crate::config::MetarelayConfig;

/// Why the role did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A key has a value that makes no sense.
    #[error("metarelay configuration: {0}")]
    Config(String),
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The role cannot listen.
    #[error(transparent)]
    Listen(#[from] LinkError),
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// A running metarelay. Dropped, it stops as soon as it can.
pub struct Metarelay {
    local_address: SocketAddr,
    links: LinkCounts,
    backlog: watch::Receiver<usize>,
    stop: watch::Sender<bool>,
    tasks: RoleTasks,
    _lock: FolderLock,
}

/// Starts the role: takes up what its folder holds, and listens.
pub async fn start(config: MetarelayConfig, key: ClusterKey) -> Result<Metarelay, StartError> {
    let upstreams = config.upstreams().map_err(StartError::Config)?;
    let folder = &config.data_folder;
    let lock = FolderLock::take(folder)?;
    let spool = BatchSpool::open(&folder.join("batches"), config.spool_bytes_max)?;
    let listener = LinkListener::bind(&config.listen, key.clone()).await?;
    let local_address = listener.local_address();
    let (stop, stopped) = watch::channel(false);
    let (received_in, received) = mpsc::channel(STORE_QUEUE_MAX);
    let (deliveries_in, deliveries) = mpsc::channel(STORE_QUEUE_MAX);
    let (backlog_in, backlog) = watch::channel(0);
    let instance = draw_instance()?;
    let courier = CourierConfig {
        name: format!("metarelay {local_address}"),
        instance,
        stop: stopped.clone(),
        stop_wait: Duration::from_secs(config.stop_wait_s),
        upstreams,
        key,
    };
    let courier = Courier::new(courier, spool, deliveries, backlog_in)
        .map_err(FolderError::at(&config.data_folder))?;
    let links = LinkCounts::default();
    let mut tasks = RoleTasks::default();
    tasks.spawn(intake::accept_links(
        listener,
        Some(instance),
        received_in,
        stopped,
        links.clone(),
    ));
    tasks.spawn(forward(received, deliveries_in));
    tasks.spawn(courier.run());
    tracing::info!("metarelay listens on {local_address}, {} batches wait", *backlog.borrow());
    Ok(Metarelay { local_address, links, backlog, stop, tasks, _lock: lock })
}

/// What came in goes out again; whoever sent it hears once it is on disk.
async fn forward(mut received: mpsc::Receiver<Received>, deliveries: mpsc::Sender<Delivery>) {
    while let Some(Received { batch, answer }) = received.recv().await {
        let delivery = Delivery { batch, notice: Notice::Link(answer) };
        if deliveries.send(delivery).await.is_err() {
            return;
        }
    }
}

impl Metarelay {
    /// Where it listens.
    pub const fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// Batches that nobody further on has acknowledged.
    pub fn backlog(&self) -> usize {
        *self.backlog.borrow()
    }

    /// Links since the start.
    pub const fn links(&self) -> &LinkCounts {
        &self.links
    }

    /// Returns once the role cannot go on; stop it then. May be cancelled.
    pub async fn wait_for_failure(&mut self) -> TaskEnded {
        self.tasks.wait_for_failure().await
    }

    /// Ends all links, and waits a while until what is under way is acknowledged.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.tasks.join().await;
    }
}
