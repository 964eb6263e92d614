//! The role as a whole.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sluice_relay_core::alerts::{AlertDesk, AlertPolicy, Outcome, Sender};
use sluice_service::ClusterKey;
use sluice_service::clock::Clock;
use sluice_service::link::{LinkError, LinkListener};
use sluice_units::limits::ALERTS_WAITING_MAX;
use sluice_wire::alert_feed::Alert;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::config::AlertcenterConfig;
use crate::intake;
use crate::outbox::Outbox;
use crate::sinks::Sink;
pub use crate::sinks::SinkConfigError;

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
    accepting: JoinHandle<()>,
    telling: JoinHandle<()>,
    outboxes: Vec<Outbox>,
    _delivering: JoinSet<()>,
}

/// Starts the role: listens, and has a task for each way to people.
pub async fn start(config: AlertcenterConfig, key: ClusterKey) -> Result<Alertcenter, StartError> {
    config.check().map_err(StartError::Config)?;
    let sinks = Sink::all(&config)?;
    let listener = LinkListener::bind(&config.listen, key).await?;
    let local_address = listener.local_address();
    let names: Vec<String> = sinks.iter().map(Sink::name).collect();
    tracing::info!("alertcenter listens on {local_address}, tells {}", names.join(", "));
    let mut delivering = JoinSet::new();
    let mut outboxes = Vec::new();
    for sink in sinks {
        let outbox = Outbox::default();
        delivering.spawn(outbox.clone().deliver_to(sink));
        outboxes.push(outbox);
    }
    let policy = AlertPolicy {
        repeat_window: Duration::from_secs(config.repeat_window_s),
        messages_per_minute_max: config.messages_per_minute_max,
    };
    let (stop, stopped) = watch::channel(false);
    let (alerts_in, alerts) = mpsc::channel(ALERTS_WAITING_MAX);
    let accepting = tokio::spawn(intake::accept_links(listener, alerts_in, stopped));
    let telling = tokio::spawn(tell(policy, alerts, outboxes.clone()));
    Ok(Alertcenter { local_address, stop, accepting, telling, outboxes, _delivering: delivering })
}

/// Asks the desk about each alert, until no link is left that could bring one.
async fn tell(
    policy: AlertPolicy,
    mut alerts: mpsc::Receiver<(Sender, Alert)>,
    outboxes: Vec<Outbox>,
) {
    let clock = Clock::start();
    let mut desk = AlertDesk::new(clock.now().instant, policy);
    loop {
        let now = clock.now().instant;
        let wait = desk.poll_timeout().map(|at| at.since(now));
        let due = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let messages = tokio::select! {
            alert = alerts.recv() => {
                let Some((sender, alert)) = alert else { return };
                match desk.handle_alert(clock.now().instant, &sender, alert) {
                    Outcome::Tell(message) => vec![message],
                    Outcome::Repeat | Outcome::HeldBack => Vec::new(),
                }
            }
            () = due => desk.handle_timeout(clock.now().instant),
        };
        for message in messages.into_iter().map(Arc::new) {
            tracing::info!("{}", message.line());
            outboxes.iter().for_each(|outbox| outbox.push(Arc::clone(&message)));
        }
    }
}

impl Alertcenter {
    /// Where it listens.
    pub const fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// Ends all links, and waits a while until what came is delivered.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in [self.accepting, self.telling] {
            task.await.expect("the role's tasks do not panic");
        }
        let delivered = async {
            while !self.outboxes.iter().all(Outbox::is_empty) {
                tokio::time::sleep(LOOK_INTERVAL).await;
            }
        };
        if tokio::time::timeout(STOP_WAIT, delivered).await.is_err() {
            tracing::warn!("messages that could not be delivered are lost with this stop");
        }
    }
}
