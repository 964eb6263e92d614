//! The role as a whole.

use std::net::SocketAddr;
use std::time::Duration;

use sluice_relay_core::alerts::AlertPolicy;
use sluice_service::ClusterKey;
use sluice_service::link::{LinkError, LinkListener};
use sluice_service::tasks::{RoleTasks, TaskEnded};
use sluice_units::limits::ALERTS_WAITING_MAX;
use sluice_wire::alert_feed::Severity;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::config::AlertcenterConfig;
use crate::intake;
use crate::outbox::Outbox;
use crate::sinks::Sink;
pub use crate::sinks::SinkConfigError;
pub use crate::telling::OwnAlerts;
use crate::telling::Teller;

/// How long a stop waits for messages that are on their way.
const STOP_WAIT: Duration = Duration::from_secs(5);
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// Why the role did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A key has a value that makes no sense.
    #[error("alertcenter configuration: {0}")]
    Config(String),
    /// People cannot be told in this way.
    #[error("alertcenter configuration: {0}")]
    Sink(#[from] SinkConfigError),
    /// The role cannot listen.
    #[error(transparent)]
    Listen(#[from] LinkError),
}

/// A running alertcenter. Dropped, it stops as soon as it can.
pub struct Alertcenter {
    local_address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: RoleTasks,
    ways: Ways,
}

/// What waits for people, with a task for each way to them.
struct Ways {
    outboxes: Vec<Outbox>,
    delivering: JoinSet<()>,
}

/// Starts the role: listens, and has a task for each way to people. Where it cannot listen, they are told.
pub async fn start(
    config: AlertcenterConfig,
    key: ClusterKey,
    own: OwnAlerts,
) -> Result<Alertcenter, StartError> {
    config.check().map_err(StartError::Config)?;
    let sinks = Sink::all(&config)?;
    let names: Vec<String> = sinks.iter().map(Sink::name).collect();
    let ways = Ways::open(sinks);
    let policy = AlertPolicy {
        repeat_window: Duration::from_secs(config.repeat_window_s),
        messages_per_minute_max: config.messages_per_minute_max,
    };
    let collector = own.collector.clone();
    let teller = Teller::new(policy, own, ways.outboxes.clone());
    let listener = match LinkListener::bind(&config.listen, key).await {
        Ok(listener) => listener,
        Err(error) => {
            collector.add(Severity::Fatal, &format!("FATAL: it cannot start: {error}"));
            teller.finish();
            ways.finish().await;
            return Err(error.into());
        }
    };
    let local_address = listener.local_address();
    tracing::info!("alertcenter listens on {local_address}, tells {}", names.join(", "));
    let (stop, stopped) = watch::channel(false);
    let (alerts_in, alerts) = mpsc::channel(ALERTS_WAITING_MAX);
    let mut tasks = RoleTasks::default();
    tasks.spawn(intake::accept_links(listener, alerts_in, stopped));
    tasks.spawn(teller.run(alerts));
    Ok(Alertcenter { local_address, stop, tasks, ways })
}

impl Ways {
    fn open(sinks: Vec<Sink>) -> Self {
        let (mut outboxes, mut delivering) = (Vec::new(), JoinSet::new());
        for sink in sinks {
            let outbox = Outbox::default();
            delivering.spawn(outbox.clone().deliver_to(sink));
            outboxes.push(outbox);
        }
        Self { outboxes, delivering }
    }

    /// Waits a while until what is there is delivered.
    async fn finish(self) {
        let delivered = async {
            while !self.outboxes.iter().all(Outbox::is_empty) {
                tokio::time::sleep(LOOK_INTERVAL).await;
            }
        };
        if tokio::time::timeout(STOP_WAIT, delivered).await.is_err() {
            tracing::warn!(
                "messages that could not be delivered are lost with this stop, but for those that their roles send again"
            );
        }
    }
}

impl Alertcenter {
    /// Where it listens.
    pub const fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// Returns once the role cannot go on; stop it then. May be cancelled.
    pub async fn wait_for_failure(&mut self) -> TaskEnded {
        tokio::select! {
            ended = self.tasks.wait_for_failure() => ended,
            // They try without an end.
            Some(_) = self.ways.delivering.join_next() => TaskEnded,
        }
    }

    /// Ends all links, tells what nobody was told yet, and waits a while until it is delivered.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.tasks.join().await;
        self.ways.finish().await;
    }
}
