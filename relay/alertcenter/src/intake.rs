//! Links from the roles.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sluice_relay_core::alerts::Sender;
use sluice_service::clock::Clock;
use sluice_service::link::{Inbound, LinkListener, LinkSender, Pending};
use sluice_service::rare::RareLine;
use sluice_units::limits::{
    ALERT_ALIVE_INTERVAL, ALERTS_WAITING_MAX, LINK_HANDSHAKE_MAX, LINKS_PER_ROLE_MAX,
};
use sluice_wire::alert_feed::{ALERT_FEED_VERSION, Alert, FromCenter, ToCenter};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use crate::parcel::Receipt;

/// The wait after the system could not accept a connection, such as for lack of descriptors.
const ACCEPT_RETRY_WAIT: Duration = Duration::from_millis(100);

/// An alert that came over a link.
pub(crate) struct Received {
    pub(crate) sender: Sender,
    pub(crate) alert: Alert,
    pub(crate) receipt: Receipt,
}

/// What the tasks of all links share.
#[derive(Clone)]
struct Intake {
    alerts: mpsc::Sender<Received>,
    /// For links whose other end has the key; the listener bounds the connections before that.
    places: Arc<Semaphore>,
}

/// Accepts links until the role stops; then ends them.
pub(crate) async fn accept_links(
    listener: LinkListener,
    alerts: mpsc::Sender<Received>,
    mut stop: watch::Receiver<bool>,
) {
    let (clock, mut ended_line, mut accept_line) =
        (Clock::start(), RareLine::default(), RareLine::default());
    let intake = Intake { alerts, places: Arc::new(Semaphore::new(LINKS_PER_ROLE_MAX)) };
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(ended) = links.join_next() => {
                if let Err(cause) = ended.expect("a link does not panic")
                    && let Some(more) = ended_line.pass(clock.now().instant)
                {
                    tracing::warn!("{cause}{more}");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((pending, peer)) => drop(links.spawn(intake.clone().serve_link(pending, peer))),
                Err(error) => {
                    if let Some(more) = accept_line.pass(clock.now().instant) {
                        tracing::warn!("cannot accept a connection: {error}{more}");
                    }
                    tokio::time::sleep(ACCEPT_RETRY_WAIT).await;
                }
            }
        }
    }
    links.shutdown().await;
}

impl Intake {
    async fn serve_link(self, pending: Pending, peer: SocketAddr) -> Result<(), String> {
        let served = self.serve(pending).await;
        served.map_err(|cause| format!("the link from {peer} ended: {cause}"))
    }

    /// Serves a link until either end leaves; the cause where it was no leave.
    async fn serve(&self, pending: Pending) -> Result<(), String> {
        let (mut sender, receiver) = pending.open().await.map_err(|error| error.to_string())?;
        let mut inbound = Inbound::start(receiver, ToCenter::decode);
        let who = greet(&mut sender, &mut inbound).await?;
        // Only who has shown that it holds the key takes one.
        let Ok(_place) = self.places.try_acquire() else {
            let cause = format!("{LINKS_PER_ROLE_MAX} links are open already");
            return refuse(&mut sender, cause).await;
        };
        say(&mut sender, &FromCenter::Welcome).await?;
        let (to_link, mut receipts) = mpsc::channel(ALERTS_WAITING_MAX);
        let mut alive = tokio::time::interval(ALERT_ALIVE_INTERVAL);
        loop {
            tokio::select! {
                _ = alive.tick() => say(&mut sender, &FromCenter::Alive).await?,
                Some(number) = receipts.recv() => {
                    say(&mut sender, &FromCenter::Taken { number }).await?;
                }
                message = inbound.receive_or_end() => match message? {
                    None => return Ok(()),
                    Some(ToCenter::Hello { .. }) => return Err("it said hello twice".into()),
                    Some(ToCenter::Alert { number, alert }) => {
                        let receipt = Receipt { number, to_link: to_link.clone() };
                        let received = Received { sender: who.clone(), alert, receipt };
                        self.alerts.send(received).await.map_err(|_| "this role stops")?;
                    }
                },
            }
        }
    }
}

/// Takes the hello of a sender, which has to be of our version.
async fn greet(sender: &mut LinkSender, inbound: &mut Inbound<ToCenter>) -> Result<Sender, String> {
    let hello = tokio::time::timeout(LINK_HANDSHAKE_MAX, inbound.receive()).await;
    let hello = hello.map_err(|_| "it said no hello".to_owned())??;
    let ToCenter::Hello { version, host, role } = hello else {
        return Err("it said no hello".into());
    };
    if version != ALERT_FEED_VERSION {
        let cause = format!(
            "it speaks version {version} of the alert feed, this role version {ALERT_FEED_VERSION}; install the same \
             release of sluice on both"
        );
        return refuse(sender, cause).await;
    }
    Ok(Sender { host, role })
}

async fn refuse<T>(sender: &mut LinkSender, cause: String) -> Result<T, String> {
    say(sender, &FromCenter::Refused(cause.clone())).await?;
    Err(cause)
}

async fn say(sender: &mut LinkSender, message: &FromCenter) -> Result<(), String> {
    sender.send(&message.encode()).await.map_err(|error| error.to_string())
}
