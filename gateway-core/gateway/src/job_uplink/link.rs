//! The link to one jobmaster, for as long as the gateway lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sluice_service::ClusterKey;
use sluice_service::backoff::Backoff;
use sluice_service::link::{self, Inbound, LinkReceiver, LinkSender};
use sluice_session::JobmasterIndex;
use sluice_units::limits::LINK_QUEUE_MAX;
use sluice_wire::job_feed::FromJobmaster;
use tokio::sync::mpsc;
use tracing::{error, info};

use crate::queues::{FeedEvent, ShardHandle, ShardMessage, tell_shards};

/// What a link tells the hub. Jobs and signs of life go to the shards without a detour.
pub(super) enum LinkEvent {
    /// The jobmaster welcomed this gateway.
    Up { jobmaster: JobmasterIndex, outbound: mpsc::Sender<Vec<u8>> },
    /// The link is lost.
    Down { jobmaster: JobmasterIndex },
    /// It gave a job or a sign of life.
    Heard,
    /// It said something that is not for the shards alone.
    Message { jobmaster: JobmasterIndex, message: FromJobmaster },
}

pub(super) struct JobmasterLink {
    pub(super) jobmaster: JobmasterIndex,
    pub(super) address: String,
    pub(super) key: ClusterKey,
    /// The first message.
    pub(super) hello: Vec<u8>,
    pub(super) shards: Vec<ShardHandle>,
    pub(super) events: mpsc::Sender<LinkEvent>,
    /// The shards have had a job, from whichever jobmaster.
    pub(super) has_job: Arc<AtomicBool>,
    /// The present trouble is in the log; a welcome ends it.
    pub(super) trouble_told: bool,
}

impl JobmasterLink {
    /// Runs until it is aborted: the hub is gone.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::for_links();
        loop {
            let cause = match link::connect(&self.address, &self.key).await {
                Ok((sender, receiver)) => self.serve(sender, receiver, &mut backoff).await,
                Err(error) => error.to_string(),
            };
            if !self.trouble_told {
                error!("jobmaster: {cause}; trying again, miners keep their job meanwhile");
                self.trouble_told = true;
            }
            tokio::time::sleep(backoff.next_wait()).await;
        }
    }

    /// Serves one link to its end, and gives the cause of that.
    async fn serve(
        &mut self,
        sender: LinkSender,
        receiver: LinkReceiver,
        backoff: &mut Backoff,
    ) -> String {
        let mut inbound = Inbound::start(receiver, FromJobmaster::decode);
        let mut welcomed = false;
        let cause = self.converse(sender, &mut inbound, backoff, &mut welcomed).await;
        if welcomed {
            let jobmaster = self.jobmaster;
            self.tell(FeedEvent::Unlinked).await;
            // The hub is gone where nobody takes it; so below.
            let _ = self.events.send(LinkEvent::Down { jobmaster }).await;
        }
        cause
    }

    async fn converse(
        &mut self,
        mut sender: LinkSender,
        inbound: &mut Inbound<FromJobmaster>,
        backoff: &mut Backoff,
        welcomed: &mut bool,
    ) -> String {
        if let Err(error) = sender.send(&self.hello).await {
            return error.to_string();
        }
        let jobmaster = self.jobmaster;
        let (outbound, mut queue) = mpsc::channel::<Vec<u8>>(LINK_QUEUE_MAX);
        let mut outbound = Some(outbound);
        loop {
            let message = tokio::select! {
                message = inbound.receive() => match message {
                    Ok(message) => message,
                    Err(cause) => return cause,
                },
                message = queue.recv() => {
                    let Some(message) = message else {
                        return "it does not read what this gateway sends".into();
                    };
                    if let Err(error) = sender.send(&message).await {
                        return error.to_string();
                    }
                    continue;
                }
            };
            match message {
                FromJobmaster::Welcome { feed, key } => {
                    info!(address = self.address, "the jobmaster welcomes this gateway");
                    backoff.reset();
                    self.trouble_told = false;
                    *welcomed = true;
                    self.tell(FeedEvent::Linked { feed, key }).await;
                    if let Some(outbound) = outbound.take() {
                        let _ = self.events.send(LinkEvent::Up { jobmaster, outbound }).await;
                    }
                }
                FromJobmaster::Refused(cause) => {
                    return format!("it refuses this gateway: {cause}");
                }
                FromJobmaster::Job { .. } | FromJobmaster::Alive => self.pass_on(message).await,
                message => {
                    let _ = self.events.send(LinkEvent::Message { jobmaster, message }).await;
                }
            }
        }
    }

    async fn pass_on(&self, message: FromJobmaster) {
        // Where the hub is too busy for this one, it takes the next.
        let _ = self.events.try_send(LinkEvent::Heard);
        let first = match &message {
            FromJobmaster::Job { job, .. } => Some(job.height),
            _ => None,
        };
        self.tell(FeedEvent::Message(Arc::new(message))).await;
        if let Some(height) = first.filter(|_| !self.has_job.swap(true, Ordering::Relaxed)) {
            info!(height, "the first job is here: miners are served");
        }
    }

    async fn tell(&self, event: FeedEvent) {
        let jobmaster = self.jobmaster;
        tell_shards(&self.shards, &ShardMessage::Feed { jobmaster, event }).await;
    }
}
