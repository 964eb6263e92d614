//! Links to the pool's other jobmasters: each is told what blocks on the jobs of this one need.

use sluice_mining::builder::BlockRest;
use sluice_service::ClusterKey;
use sluice_service::backoff::Backoff;
use sluice_service::link;
use sluice_units::JobId;
use sluice_units::limits::PEER_RESTS_MAX;
use sluice_wire::peer_feed::{FromPeer, PEER_FEED_VERSION, REST_BYTES_MAX};
use std::sync::Arc;
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
            tokio::spawn(tell(
                address.clone(),
                key.clone(),
                hello.clone(),
                rests.subscribe(),
                latest_out.clone(),
            ));
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

/// Tells one peer, for as long as there is something to tell.
async fn tell(
    address: String,
    key: ClusterKey,
    hello: Vec<u8>,
    mut rests: broadcast::Receiver<Told>,
    latest: watch::Receiver<Option<Told>>,
) {
    let mut backoff = Backoff::for_links();
    let mut trouble_told = false;
    loop {
        let cause = match link::connect(&address, &key).await {
            Ok((mut sender, _receiver)) => {
                let mut sent = sender.send(&hello).await;
                let newest = latest.borrow().clone();
                if let (Ok(()), Some(newest)) = (&sent, newest) {
                    sent = sender.send(&newest).await;
                }
                if sent.is_ok() {
                    info!(address, "telling another jobmaster of the jobs");
                    backoff.reset();
                    trouble_told = false;
                }
                loop {
                    if let Err(error) = sent {
                        break error.to_string();
                    }
                    sent = match rests.recv().await {
                        Ok(message) => sender.send(&message).await,
                        Err(broadcast::error::RecvError::Lagged(_)) => Ok(()),
                        Err(broadcast::error::RecvError::Closed) => return,
                    };
                }
            }
            Err(error) => error.to_string(),
        };
        if !trouble_told {
            warn!(address, "another jobmaster cannot be told of the jobs: {cause}; trying again");
            trouble_told = true;
        }
        tokio::time::sleep(backoff.next_wait()).await;
    }
}
