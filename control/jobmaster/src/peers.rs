//! Links to the pool's other jobmasters: each is told what blocks on the jobs of this one need.

use std::convert::Infallible;
use std::iter;
use std::sync::Arc;

use sluice_mining::builder::BlockRest;
use sluice_service::ClusterKey;
use sluice_service::backoff::Backoff;
use sluice_service::link::{self, Inbound, LinkReceiver, LinkSender};
use sluice_units::JobId;
use sluice_units::limits::PEER_RESTS_MAX;
use sluice_wire::peer_feed::{FromPeer, PEER_FEED_VERSION, REST_BYTES_MAX};
use tokio::sync::{broadcast, watch};
use tracing::{info, warn};

/// A job's message, for all peers.
type Told = Arc<Vec<u8>>;

/// The other jobmasters.
pub(crate) struct Peers {
    rests: broadcast::Sender<Told>,
    /// For a peer that comes later.
    latest: watch::Sender<Option<Told>>,
}

impl Peers {
    /// Starts a link to each; they end with this.
    pub(crate) fn start(addresses: &[String], key: &ClusterKey, jobmaster_id: u8) -> Self {
        let (rests, _) = broadcast::channel(PEER_RESTS_MAX);
        let (latest, latest_out) = watch::channel(None);
        let hello = FromPeer::Hello { version: PEER_FEED_VERSION, jobmaster_id }.encode();
        for address in addresses {
            let peer = Peer {
                address: address.clone(),
                key: key.clone(),
                hello: hello.clone(),
                rests: rests.subscribe(),
                latest: latest_out.clone(),
                backoff: Backoff::for_links(),
                trouble_told: false,
            };
            tokio::spawn(peer.run());
        }
        Self { rests, latest }
    }

    /// Tells every peer what blocks on a job need.
    pub(crate) fn tell(&self, job: JobId, rest: &BlockRest) {
        if self.rests.receiver_count() == 0 {
            return;
        }
        let bytes = rest.encode();
        if bytes.len() > REST_BYTES_MAX {
            return warn!(%job, "a job is too large for the other jobmasters: only this one can make blocks of it");
        }
        let message = Arc::new(FromPeer::Rest { job, bytes }.encode());
        self.latest.send_replace(Some(Arc::clone(&message)));
        // Whoever lags behind misses the oldest.
        let _ = self.rests.send(message);
    }
}

/// One peer, and what there is to tell it.
struct Peer {
    address: String,
    key: ClusterKey,
    /// The first message.
    hello: Vec<u8>,
    rests: broadcast::Receiver<Told>,
    latest: watch::Receiver<Option<Told>>,
    backoff: Backoff,
    /// The present trouble is in the log; a job that is told ends it.
    trouble_told: bool,
}

impl Peer {
    /// Tells it, for as long as there is something to tell.
    async fn run(mut self) {
        loop {
            let cause = match link::connect(&self.address, &self.key).await {
                Ok((sender, receiver)) => match self.serve(sender, receiver).await {
                    Some(cause) => cause,
                    None => return,
                },
                Err(error) => error.to_string(),
            };
            if !self.trouble_told {
                let address = &self.address;
                warn!(
                    address,
                    "another jobmaster cannot be told of the jobs: {cause}; trying again"
                );
                self.trouble_told = true;
            }
            tokio::time::sleep(self.backoff.next_wait()).await;
        }
    }

    /// Serves one link to its end, and gives the cause of that; `None` where nothing is left to tell.
    async fn serve(&mut self, mut sender: LinkSender, receiver: LinkReceiver) -> Option<String> {
        // A peer says nothing. But its end is seen by reading alone: what is written to one that is gone is
        // taken, and lost.
        let mut inbound =
            Inbound::start(receiver, |_| Err::<Infallible, _>("it spoke out of turn"));
        let newest = self.latest.borrow().clone();
        for message in iter::once(&self.hello).chain(newest.as_deref()) {
            if let Err(error) = sender.send(message).await {
                return Some(error.to_string());
            }
        }
        if !self.trouble_told {
            info!(address = self.address, "telling another jobmaster of the jobs");
        }
        loop {
            let message = tokio::select! {
                biased;
                Err(cause) = inbound.receive() => return Some(cause),
                message = self.rests.recv() => match message {
                    Ok(message) => message,
                    Err(broadcast::error::RecvError::Lagged(_)) => continue,
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
            };
            if let Err(error) = sender.send(&message).await {
                return Some(error.to_string());
            }
            // One that hangs up on every greeting is called less and less often.
            self.backoff.reset();
            if core::mem::take(&mut self.trouble_told) {
                info!(address = self.address, "telling another jobmaster of the jobs again");
            }
        }
    }
}
