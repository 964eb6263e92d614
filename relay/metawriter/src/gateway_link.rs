//! One link from a gateway or relay: hello, then batch by batch.

use sluice_relay_core::PlanError;
use sluice_service::link::{LinkError, LinkReceiver, LinkSender, Pending};
use sluice_units::limits::LINK_HANDSHAKE_MAX;
use sluice_wire::DecodeError;
use sluice_wire::share_feed::{Batch, FromWriter, SHARE_FEED_VERSION, ToWriter};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::store_task::Request;

/// Why a link ended otherwise than by the gateway's leave.
#[derive(Debug, Error)]
pub(crate) enum LinkEnd {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("it sent what is no message: {0}")]
    NoMessage(#[from] DecodeError),
    #[error("it said no hello within {} s", LINK_HANDSHAKE_MAX.as_secs())]
    NoHello,
    #[error("it said hello twice")]
    SecondHello,
    #[error("{0}")]
    WrongVersion(String),
    #[error(transparent)]
    BadBatch(#[from] PlanError),
    #[error("the metawriter stops")]
    Stopping,
}

/// Serves a link until either end leaves.
pub(crate) async fn serve(
    pending: Pending,
    requests: mpsc::Sender<Request>,
) -> Result<(), LinkEnd> {
    let (mut sender, mut receiver) = pending.open().await?;
    let gateway_id = greet(&mut sender, &mut receiver).await?;
    tracing::info!("gateway {gateway_id} is linked");
    while let Some(message) = receiver.receive().await? {
        match ToWriter::decode(&message)? {
            ToWriter::Hello { .. } => return Err(LinkEnd::SecondHello),
            ToWriter::Batch(batch) => store_batch(batch, &mut sender, &requests).await?,
        }
    }
    tracing::info!("gateway {gateway_id} left");
    Ok(())
}

/// Takes the hello of a gateway of our version; gives the gateway's id.
async fn greet(sender: &mut LinkSender, receiver: &mut LinkReceiver) -> Result<u16, LinkEnd> {
    // The receive may be cut off half-way: the link ends then.
    let hello = tokio::time::timeout(LINK_HANDSHAKE_MAX, receiver.receive())
        .await
        .map_err(|_| LinkEnd::NoHello)??
        .ok_or(LinkEnd::NoHello)?;
    let ToWriter::Hello { version, gateway_id } = ToWriter::decode(&hello)? else {
        return Err(LinkEnd::NoHello);
    };
    if version != SHARE_FEED_VERSION {
        let cause = format!(
            "gateway {gateway_id} speaks version {version} of the share feed, this metawriter \
             version {SHARE_FEED_VERSION}; install the same release of sluice on both"
        );
        sender.send(&FromWriter::Refused(cause.clone()).encode()).await?;
        return Err(LinkEnd::WrongVersion(cause));
    }
    sender.send(&FromWriter::Welcome.encode()).await?;
    Ok(gateway_id)
}

/// Waits until the store has the batch, and says so.
async fn store_batch(
    batch: Batch,
    sender: &mut LinkSender,
    requests: &mpsc::Sender<Request>,
) -> Result<(), LinkEnd> {
    let Batch { source, epoch, sequence, .. } = batch;
    let (reply, stored) = oneshot::channel();
    requests.send(Request { batch, reply }).await.map_err(|_| LinkEnd::Stopping)?;
    match stored.await.map_err(|_| LinkEnd::Stopping)? {
        Ok(_) => {
            let acknowledged = FromWriter::Acknowledged { source, epoch, sequence };
            Ok(sender.send(&acknowledged.encode()).await?)
        }
        Err(error) => {
            sender.send(&FromWriter::Refused(error.to_string()).encode()).await?;
            Err(error.into())
        }
    }
}
