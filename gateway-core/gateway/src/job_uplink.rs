//! The jobmaster's end of the gateway: jobs and bans to every shard, found blocks to the jobmaster until a
//! verdict comes, and the bans that shards made by themselves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::TrySendError;
use sluice_service::ClusterKey;
use sluice_service::backoff::Backoff;
use sluice_service::link::{self, Inbound, LinkError, LinkReceiver, LinkSender};
use sluice_units::{Ban, BlockVerdict, FoundBlock, Hash256};
use sluice_wire::job_feed::{FromGateway, FromJobmaster, JOB_FEED_VERSION};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info};

use crate::queues::{KeptBlock, ShardHandle, ShardMessage};
use crate::spool::BlockFolder;

/// How long a shard whose inbox is full is given before it is asked again.
const INBOX_FULL_WAIT: Duration = Duration::from_millis(1);

pub(crate) struct JobUplink {
    pub(crate) address: String,
    pub(crate) key: ClusterKey,
    pub(crate) gateway_id: u16,
    pub(crate) shards: Vec<ShardHandle>,
    pub(crate) folder: BlockFolder,
    pub(crate) found: mpsc::Receiver<Box<FoundBlock>>,
    /// Bans of the shards' own; they wait here while there is no link.
    pub(crate) bans: mpsc::Receiver<Ban>,
    pub(crate) kept: mpsc::Sender<KeptBlock>,
    /// Blocks without a verdict.
    pub(crate) waiting: BTreeMap<Hash256, FoundBlock>,
    /// How long the end waits for verdicts that are still out.
    pub(crate) stop_wait: Duration,
    /// The shards have had a job.
    pub(crate) has_job: bool,
    /// The present trouble with the jobmaster is in the log; a welcome ends it.
    pub(crate) trouble_told: bool,
}

/// Why one link came to its end.
enum Ended {
    /// The shards are gone: so is the gateway.
    Stopped,
    /// The link broke, or was refused.
    Lost(String),
}

impl JobUplink {
    /// Runs until every shard has gone.
    pub(crate) async fn run(mut self) {
        let mut backoff = Backoff::for_links();
        loop {
            let cause = match link::connect(&self.address, &self.key).await {
                Ok((sender, receiver)) => match self.serve(sender, receiver, &mut backoff).await {
                    Ended::Stopped => return,
                    Ended::Lost(cause) => cause,
                },
                Err(error) => error.to_string(),
            };
            if !self.trouble_told {
                error!("jobmaster: {cause}; trying again, miners keep their job meanwhile");
                self.trouble_told = true;
            }
            if self.wait(backoff.next_wait()).await {
                return;
            }
        }
    }

    /// Waits, and keeps what is found meanwhile; `true` where the shards are gone.
    async fn wait(&mut self, wait: Duration) -> bool {
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => return false,
                block = self.found.recv() => match block {
                    Some(block) => drop(self.waiting.insert(block.hash, *block)),
                    None => return true,
                },
            }
        }
    }

    async fn serve(
        &mut self,
        mut sender: LinkSender,
        receiver: LinkReceiver,
        backoff: &mut Backoff,
    ) -> Ended {
        let mut inbound = Inbound::start(receiver, FromJobmaster::decode);
        self.converse(&mut sender, &mut inbound, backoff).await
    }

    async fn converse(
        &mut self,
        sender: &mut LinkSender,
        inbound: &mut Inbound<FromJobmaster>,
        backoff: &mut Backoff,
    ) -> Ended {
        let hello = FromGateway::Hello { version: JOB_FEED_VERSION, gateway_id: self.gateway_id };
        if let Err(error) = sender.send(&hello.encode()).await {
            return Ended::Lost(error.to_string());
        }
        let mut last_moment: Option<tokio::time::Instant> = None;
        let mut welcomed = false;
        loop {
            if last_moment.is_some() && self.waiting.is_empty() {
                return Ended::Stopped;
            }
            let over = async {
                match last_moment {
                    Some(moment) => tokio::time::sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            let sent = tokio::select! {
                () = over => return Ended::Stopped,
                message = inbound.receive() => match message {
                    Ok(FromJobmaster::Welcome) => {
                        info!(address = self.address, "the jobmaster welcomes this gateway");
                        backoff.reset();
                        welcomed = true;
                        self.trouble_told = false;
                        self.send_waiting(sender).await
                    }
                    Ok(message) => match self.handle(message).await {
                        Ok(()) => Ok(()),
                        Err(cause) => return Ended::Lost(cause),
                    },
                    Err(cause) => return Ended::Lost(cause),
                },
                block = self.found.recv(), if last_moment.is_none() => match block {
                    Some(block) => {
                        let message = FromGateway::FoundBlock((*block).clone());
                        self.waiting.insert(block.hash, *block);
                        sender.send(&message.encode()).await
                    }
                    // The shards are gone; verdicts on their last blocks may be under way.
                    None => {
                        last_moment = Some(tokio::time::Instant::now() + self.stop_wait);
                        Ok(())
                    }
                },
                // Before a welcome nothing is taken from a gateway.
                Some(ban) = self.bans.recv(), if welcomed && last_moment.is_none() => {
                    sender.send(&FromGateway::Banned(ban).encode()).await
                }
            };
            if let Err(error) = sent {
                return Ended::Lost(error.to_string());
            }
        }
    }

    /// What had no verdict before the link broke, or before the gateway ended, goes out again.
    async fn send_waiting(&self, sender: &mut LinkSender) -> Result<(), LinkError> {
        for block in self.waiting.values() {
            sender.send(&FromGateway::FoundBlock(block.clone()).encode()).await?;
        }
        Ok(())
    }

    async fn handle(&mut self, message: FromJobmaster) -> Result<(), String> {
        match message {
            FromJobmaster::Welcome => {}
            FromJobmaster::Refused(cause) => {
                return Err(format!("it refuses this gateway: {cause}"));
            }
            FromJobmaster::Job { job, .. } => {
                let height = job.height;
                self.tell_shards(&ShardMessage::Job(Arc::new(job))).await;
                if !self.has_job {
                    self.has_job = true;
                    info!(height, "the first job is here: miners are served");
                }
            }
            FromJobmaster::Alive => self.tell_shards(&ShardMessage::Alive).await,
            FromJobmaster::Verdict { hash, verdict } => self.end_block(hash, &verdict),
            FromJobmaster::Bans(bans) => self.tell_shards(&ShardMessage::Bans(bans.into())).await,
            FromJobmaster::Say(text) => self.tell_shards(&ShardMessage::Say(text.into())).await,
            FromJobmaster::Reconnect(reconnect) => {
                self.tell_shards(&ShardMessage::Reconnect(Arc::new(reconnect))).await;
            }
        }
        Ok(())
    }

    async fn tell_shards(&self, message: &ShardMessage) {
        for shard in &self.shards {
            // A shard that has ended takes nothing any more.
            while let Err(TrySendError::Full(_)) = shard.inbox.try_send(message.clone()) {
                shard.waker.wake();
                tokio::time::sleep(INBOX_FULL_WAIT).await;
            }
            shard.waker.wake();
        }
    }

    /// A kept block leaves the disk only once its record is on the way to the store. That is awaited
    /// beside this task: no job waits for a disk.
    fn end_block(&mut self, hash: Hash256, verdict: &BlockVerdict) {
        let Some(block) = self.waiting.remove(&hash) else { return };
        if !verdict.is_kept_by_node() {
            error!(%hash, height = block.height, ?verdict, "FATAL: a found block is in no chain");
            return self.folder.set_aside(&hash);
        }
        info!(%hash, height = block.height, ?verdict, "found block");
        let (kept, folder) = (self.kept.clone(), self.folder.clone());
        tokio::spawn(async move {
            let (spooled, answer) = oneshot::channel();
            let recorded = kept.send(KeptBlock { block, spooled }).await.is_ok();
            if recorded && answer.await.is_ok() {
                folder.remove(&hash);
            }
        });
    }
}
