//! The gateways' ends of the job feed: who is there, and the messages both ways.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use sluice_service::link::{LinkListener, LinkReceiver, LinkSender, Pending};
use sluice_units::FoundBlock;
use sluice_units::limits::{LINK_QUEUE_MAX, LINKS_PER_ROLE_MAX};
use sluice_wire::job_feed::{FromGateway, FromJobmaster, JOB_FEED_VERSION};
use tokio::sync::mpsc;
use tracing::{info, warn};

/// Counts links, so that a late message of an ended one is not taken for its successor's.
pub(crate) type LinkNumber = u64;

/// What the links tell the jobmaster's task.
pub(crate) enum GatewayEvent {
    /// A gateway said who it is.
    Hello { link: LinkNumber, gateway_id: u16, version: u16, outbound: mpsc::Sender<Vec<u8>> },
    /// A gateway found a block.
    Found { link: LinkNumber, block: Box<FoundBlock> },
    /// The link ended.
    Gone { link: LinkNumber },
}

/// The gateways that were welcomed.
#[derive(Default)]
pub(crate) struct Gateways {
    links: BTreeMap<LinkNumber, (u16, mpsc::Sender<Vec<u8>>)>,
}

impl Gateways {
    /// Welcomes a gateway, or says why not: two with one id would search the same space.
    pub(crate) fn welcome(
        &mut self,
        link: LinkNumber,
        gateway_id: u16,
        version: u16,
        outbound: mpsc::Sender<Vec<u8>>,
    ) -> Result<(), String> {
        if version != JOB_FEED_VERSION {
            return refuse(
                &outbound,
                format!(
                    "the gateway speaks version {version} of the job feed, this jobmaster {JOB_FEED_VERSION}: run the same release on both"
                ),
            );
        }
        if self.links.values().any(|(id, _)| *id == gateway_id) {
            return refuse(
                &outbound,
                format!(
                    "a gateway with gateway_id {gateway_id} is connected already: give each its own"
                ),
            );
        }
        if self.links.len() >= LINKS_PER_ROLE_MAX {
            return refuse(
                &outbound,
                format!("{LINKS_PER_ROLE_MAX} gateways are connected already"),
            );
        }
        self.links.insert(link, (gateway_id, outbound));
        self.send(link, &FromJobmaster::Welcome);
        Ok(())
    }

    pub(crate) fn remove(&mut self, link: LinkNumber) -> Option<u16> {
        self.links.remove(&link).map(|(gateway_id, _)| gateway_id)
    }

    /// Sends to one gateway; one that does not read is let go, and comes back for a fresh start.
    pub(crate) fn send(&mut self, link: LinkNumber, message: &FromJobmaster) {
        let Some((gateway_id, outbound)) = self.links.get(&link) else { return };
        if outbound.try_send(message.encode()).is_err() {
            warn!(gateway_id, "the gateway does not read its jobs: its link is closed");
            self.links.remove(&link);
        }
    }

    pub(crate) fn send_to_all(&mut self, message: &FromJobmaster) {
        let links: Vec<LinkNumber> = self.links.keys().copied().collect();
        for link in links {
            self.send(link, message);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.links.len()
    }
}

fn refuse(outbound: &mpsc::Sender<Vec<u8>>, cause: String) -> Result<(), String> {
    // The queue of a new link is empty: the refusal always fits.
    let _ = outbound.try_send(FromJobmaster::Refused(cause.clone()).encode());
    Err(cause)
}

/// Accepts links for as long as the jobmaster lives.
pub(crate) async fn accept(listener: LinkListener, events: mpsc::Sender<GatewayEvent>) {
    let mut next: LinkNumber = 0;
    loop {
        match listener.accept().await {
            Ok((pending, peer)) => {
                next += 1;
                tokio::spawn(serve(next, pending, peer, events.clone()));
            }
            Err(error) => {
                warn!(%error, "a gateway's connection was not accepted");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(
    link: LinkNumber,
    pending: Pending,
    peer: SocketAddr,
    events: mpsc::Sender<GatewayEvent>,
) {
    let (sender, receiver) = match pending.open().await {
        Ok(halves) => halves,
        Err(error) => return warn!(%peer, %error, "a connection to the job feed was refused"),
    };
    let (outbound, queue) = mpsc::channel(LINK_QUEUE_MAX);
    let writing = tokio::spawn(write(sender, queue));
    read(link, receiver, peer, outbound, &events).await;
    let _ = events.send(GatewayEvent::Gone { link }).await;
    // With the last sender of its queue gone the writer ends, once a refusal is out.
    let _ = writing.await;
}

async fn read(
    link: LinkNumber,
    mut receiver: LinkReceiver,
    peer: SocketAddr,
    outbound: mpsc::Sender<Vec<u8>>,
    events: &mpsc::Sender<GatewayEvent>,
) {
    let mut outbound = Some(outbound);
    loop {
        let message = match receiver.receive().await {
            Ok(Some(message)) => message,
            Ok(None) => return info!(%peer, "a gateway closed its link"),
            Err(error) => return info!(%peer, %error, "a gateway's link ended"),
        };
        let event = match (FromGateway::decode(&message), outbound.take()) {
            (Ok(FromGateway::Hello { version, gateway_id }), Some(outbound)) => {
                GatewayEvent::Hello { link, gateway_id, version, outbound }
            }
            (Ok(FromGateway::FoundBlock(block)), None) => {
                GatewayEvent::Found { link, block: Box::new(block) }
            }
            (Ok(_), _) => return warn!(%peer, "a gateway spoke out of turn: its link is closed"),
            (Err(error), _) => return warn!(%peer, %error, "a gateway's message does not read"),
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

async fn write(mut sender: LinkSender, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(message) = queue.recv().await {
        if sender.send(&message).await.is_err() {
            return;
        }
    }
}
