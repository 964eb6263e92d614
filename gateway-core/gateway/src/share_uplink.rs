//! The metawriter's end of the gateway: every batch to disk, then to the store, until it is
//! acknowledged there.

use std::time::Duration;

use sluice_service::ClusterKey;
use sluice_service::backoff::Backoff;
use sluice_service::clock::unix_time;
use sluice_service::link::{self, Inbound, LinkError, LinkReceiver, LinkSender};
use sluice_session::{BatchName, SharePublisher};
use sluice_units::{Name, SourceId};
use sluice_wire::share_feed::{Batch, BlockRecord, FromWriter, SHARE_FEED_VERSION, ToWriter};
use tokio::sync::{mpsc, watch};
use tracing::{error, info};

use crate::queues::KeptBlock;
use crate::spool::Spool;

/// The source of a gateway's blocks; shards are numbered far below it.
const BLOCK_SHARD: u16 = u16::MAX;
/// How long a batch that cannot be written to disk waits for the next attempt.
const DISK_RETRY_WAIT: Duration = Duration::from_secs(1);

pub(crate) struct ShareUplink {
    pub(crate) address: String,
    pub(crate) key: ClusterKey,
    pub(crate) gateway_id: u16,
    pub(crate) epoch: u64,
    pub(crate) coin: Name,
    pub(crate) host: Name,
    pub(crate) spool: Spool,
    pub(crate) publisher: SharePublisher,
    pub(crate) batches: mpsc::Receiver<Box<Batch>>,
    pub(crate) kept: mpsc::Receiver<KeptBlock>,
    pub(crate) block_sequence: u64,
    pub(crate) backlog: watch::Sender<usize>,
    pub(crate) stop_wait: Duration,
    /// No shard will send a batch any more.
    pub(crate) batches_ended: bool,
    /// No block will be kept any more.
    pub(crate) kept_ended: bool,
    /// The present trouble with the metawriter is in the log; a welcome ends it.
    pub(crate) trouble_told: bool,
    /// When the stop's wait for the store is over; `None` before a stop.
    pub(crate) last_moment: Option<tokio::time::Instant>,
}

/// What one round of waiting brought.
enum Input {
    Batch(Box<Batch>),
    Kept(KeptBlock),
    Message(Result<FromWriter, String>),
    /// A queue has ended: see the flags.
    Ended,
}

impl ShareUplink {
    /// Runs until every shard has ended and the store has everything, or `stop_wait` is over.
    pub(crate) async fn run(mut self) {
        let mut backoff = Backoff::for_links();
        while !self.is_finished() {
            let cause = match self.connect().await {
                Some(Ok((sender, receiver))) => self.serve(sender, receiver, &mut backoff).await,
                Some(Err(error)) => Some(error.to_string()),
                None => None,
            };
            let Some(cause) = cause else { break };
            if !self.trouble_told {
                error!("metawriter: {cause}; trying again, batches are kept on disk meanwhile");
                self.trouble_told = true;
            }
            if self.collect_for(backoff.next_wait()).await {
                // A stop waits a short time only: what is left of it is used.
                backoff.reset();
            }
        }
        match self.publisher.backlog() {
            0 => info!("the store has every batch"),
            left => info!(left, "batches stay on disk and go out at the next start"),
        }
    }

    const fn is_done(&self) -> bool {
        self.batches_ended && self.kept_ended
    }

    fn is_finished(&self) -> bool {
        self.is_done() && self.publisher.backlog() == 0
    }

    /// Returns once the stop's wait is over; before a stop it never does.
    fn stop_wait_over(&self) -> impl Future<Output = ()> + use<> {
        let last_moment = self.last_moment;
        async move {
            match last_moment {
                Some(moment) => tokio::time::sleep_until(moment).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Opens a link, and writes to disk what comes meanwhile; `None` once the stop's wait is over.
    async fn connect(&mut self) -> Option<Result<(LinkSender, LinkReceiver), LinkError>> {
        let (address, key) = (self.address.clone(), self.key.clone());
        let mut connecting = std::pin::pin!(async move { link::connect(&address, &key).await });
        loop {
            let (over, done) = (self.stop_wait_over(), self.is_done());
            let input = tokio::select! {
                opened = &mut connecting => return Some(opened),
                input = self.next_work(), if !done => input,
                () = over => return None,
            };
            self.collect(input).await;
        }
    }

    /// Writes to disk what comes while no link is open. It ends early, with `true`, when the last batch
    /// has come: then the link is worth another try at once.
    async fn collect_for(&mut self, wait: Duration) -> bool {
        let deadline = tokio::time::Instant::now() + wait;
        let was_ended = self.batches_ended;
        loop {
            let (over, done) = (self.stop_wait_over(), self.is_done());
            let input = tokio::select! {
                () = tokio::time::sleep_until(deadline) => return false,
                input = self.next_work(), if !done => input,
                () = over => return false,
            };
            self.collect(input).await;
            if self.batches_ended && !was_ended {
                return true;
            }
        }
    }

    /// Never cancelled: what was taken out of a queue is on disk when this returns.
    async fn collect(&mut self, input: Input) {
        match input {
            Input::Batch(batch) => drop(self.keep(&batch).await),
            Input::Kept(kept) => self.record_block(kept).await,
            Input::Message(_) | Input::Ended => {}
        }
    }

    /// The next batch, block, or end of one of the two queues. May be cancelled: a queue keeps what
    /// nobody took.
    async fn next_work(&mut self) -> Input {
        tokio::select! {
            batch = self.batches.recv(), if !self.batches_ended => match batch {
                Some(batch) => Input::Batch(batch),
                None => {
                    self.batches_ended = true;
                    self.last_moment = Some(tokio::time::Instant::now() + self.stop_wait);
                    Input::Ended
                }
            },
            kept = self.kept.recv(), if !self.kept_ended => match kept {
                Some(kept) => Input::Kept(kept),
                None => {
                    self.kept_ended = true;
                    Input::Ended
                }
            },
        }
    }

    /// Serves one link. `None` where all is done; the cause where the link was lost.
    async fn serve(
        &mut self,
        mut sender: LinkSender,
        receiver: LinkReceiver,
        backoff: &mut Backoff,
    ) -> Option<String> {
        let mut inbound = Inbound::start(receiver, FromWriter::decode);
        let ended = self.converse(&mut sender, &mut inbound, backoff).await;
        self.publisher.handle_unlinked();
        ended.err()
    }

    async fn converse(
        &mut self,
        sender: &mut LinkSender,
        inbound: &mut Inbound<FromWriter>,
        backoff: &mut Backoff,
    ) -> Result<(), String> {
        let hello = ToWriter::Hello { version: SHARE_FEED_VERSION, gateway_id: self.gateway_id };
        sender.send(&hello.encode()).await.map_err(|error| error.to_string())?;
        loop {
            self.send_due(sender).await?;
            if self.is_finished() {
                return Ok(());
            }
            match self.next_input(inbound).await {
                Some(Input::Message(message)) => self.handle(message?, backoff)?,
                Some(input) => self.collect(input).await,
                None => return Ok(()),
            }
        }
    }

    /// The next thing that happens; `None` once the stop's wait is over.
    async fn next_input(&mut self, inbound: &mut Inbound<FromWriter>) -> Option<Input> {
        let (over, done) = (self.stop_wait_over(), self.is_done());
        tokio::select! {
            input = self.next_work(), if !done => Some(input),
            message = inbound.receive() => Some(Input::Message(message)),
            () = over => None,
        }
    }

    fn handle(&mut self, message: FromWriter, backoff: &mut Backoff) -> Result<(), String> {
        match message {
            FromWriter::Welcome => {
                info!(address = self.address, "the metawriter welcomes this gateway");
                backoff.reset();
                self.trouble_told = false;
                self.publisher.handle_linked();
            }
            FromWriter::Refused(cause) => return Err(format!("it refuses this gateway: {cause}")),
            FromWriter::Acknowledged { source, epoch, sequence } => {
                let name = BatchName { source, epoch, sequence };
                if self.publisher.handle_acknowledged(name) {
                    self.spool.remove_batch(name);
                }
            }
        }
        self.report_backlog();
        Ok(())
    }

    async fn send_due(&mut self, sender: &mut LinkSender) -> Result<(), String> {
        while let Some(name) = self.publisher.poll_send() {
            match self.spool.read_batch(name) {
                Some(batch) => {
                    let message = ToWriter::Batch(batch).encode();
                    sender.send(&message).await.map_err(|error| error.to_string())?;
                }
                // It was set aside, loudly: nothing more can be done with it here.
                None => drop(self.publisher.handle_acknowledged(name)),
            }
        }
        Ok(())
    }

    /// Writes a batch to disk, for as long as it takes: shards wait behind a full queue meanwhile, and
    /// so do their miners, rather than that shares were lost.
    async fn keep(&mut self, batch: &Batch) -> BatchName {
        let mut told = false;
        loop {
            match self.spool.write_batch(batch) {
                Ok(name) => {
                    self.publisher.handle_batch(name);
                    self.report_backlog();
                    return name;
                }
                Err(cause) if !told => {
                    error!(
                        "FATAL: shares cannot be written to disk: {cause}; make room, trying again"
                    );
                    told = true;
                }
                Err(_) => {}
            }
            tokio::time::sleep(DISK_RETRY_WAIT).await;
        }
    }

    async fn record_block(&mut self, KeptBlock { block, chain, spooled }: KeptBlock) {
        self.block_sequence += 1;
        let record =
            BlockRecord { finder: block.finder, hash: block.hash, minute: unix_time().minute() };
        let batch = Batch {
            source: SourceId { gateway_id: self.gateway_id, shard: BLOCK_SHARD },
            epoch: self.epoch,
            sequence: self.block_sequence,
            coin: chain.unwrap_or_else(|| self.coin.clone()),
            host: self.host.clone(),
            tallies: Vec::new(),
            counters: Vec::new(),
            events: Vec::new(),
            blocks: vec![record],
        };
        let name = self.keep(&batch).await;
        // Whoever asked may have ended; the block's file then stays, and is answered again.
        let _ = spooled.send(name);
    }

    fn report_backlog(&self) {
        self.backlog.send_replace(self.publisher.backlog());
    }
}
