//! Links from the roles.

use std::net::SocketAddr;
use std::time::Duration;

use sluice_relay_core::alerts::Sender;
use sluice_service::link::{Inbound, LinkListener, LinkSender, Pending};
use sluice_units::limits::{LINK_HANDSHAKE_MAX, LINKS_PER_ROLE_MAX};
use sluice_wire::alert_feed::{ALERT_FEED_VERSION, Alert, FromCenter, ToCenter};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// The wait after the system could not accept a connection, such as for lack of descriptors.
const ACCEPT_RETRY_WAIT: Duration = Duration::from_millis(100);

/// Accepts links until the role stops; then ends them.
pub(crate) async fn accept_links(
    listener: LinkListener,
    alerts: mpsc::Sender<(Sender, Alert)>,
    mut stop: watch::Receiver<bool>,
) {
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(ended) = links.join_next() => {
                if let Err(panic) = ended {
                    tracing::error!("a link met a broken invariant, the others go on: {panic}");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((_, peer)) if links.len() >= LINKS_PER_ROLE_MAX => {
                    tracing::warn!("{peer} is turned away: {LINKS_PER_ROLE_MAX} links are open");
                }
                Ok((pending, peer)) => drop(links.spawn(serve_link(pending, peer, alerts.clone()))),
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_RETRY_WAIT).await;
                }
            }
        }
    }
    links.shutdown().await;
}

async fn serve_link(pending: Pending, peer: SocketAddr, alerts: mpsc::Sender<(Sender, Alert)>) {
    if let Err(cause) = serve(pending, &alerts).await {
        tracing::warn!("the link from {peer} ended: {cause}");
    }
}

/// Serves a link until either end leaves; the cause where it was no leave.
async fn serve(pending: Pending, alerts: &mpsc::Sender<(Sender, Alert)>) -> Result<(), String> {
    let (mut sender, receiver) = pending.open().await.map_err(|error| error.to_string())?;
    let mut inbound = Inbound::start(receiver, ToCenter::decode);
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
        say(&mut sender, &FromCenter::Refused(cause.clone())).await?;
        return Err(cause);
    }
    say(&mut sender, &FromCenter::Welcome).await?;
    let who = Sender { host, role };
    while let Some(message) = inbound.receive_or_end().await? {
        let ToCenter::Alert { number, alert } = message else {
            return Err("it said hello twice".into());
        };
        alerts.send((who.clone(), alert)).await.map_err(|_| "this role stops".to_owned())?;
        say(&mut sender, &FromCenter::Taken { number }).await?;
    }
    Ok(())
}

async fn say(sender: &mut LinkSender, message: &FromCenter) -> Result<(), String> {
    sender.send(&message.encode()).await.map_err(|error| error.to_string())
}
