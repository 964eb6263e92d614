//! The task that takes batches in, and sends them until they are acknowledged.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::time::Duration;

use sluice_service::ClusterKey;
use sluice_service::backoff::Backoff;
use sluice_service::clock::Clock;
use sluice_service::link::{self, Inbound, LinkError, LinkReceiver, LinkSender};
use sluice_service::outage::{OUTAGE_ALERT_AFTER, Outage};
use sluice_session::{BatchName, SharePublisher};
use sluice_units::SourceId;
use sluice_units::limits::{BATCH_BYTES_IN_FLIGHT_MAX, BATCHES_HELD_MAX};
use sluice_wire::share_feed::{Batch, FromWriter, SHARE_FEED_VERSION, ToWriter};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::{error, info};

use crate::courier::held::Held;
use crate::delivery::{Delivery, Notice};
use crate::spool::{BatchSpool, name_of};

mod disk;
mod held;
mod trouble;

/// How long batches that cannot be written to disk wait for the next attempt.
const DISK_RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How long a writer may owe its welcome, or acknowledge nothing while it has batches in hand; and how long it may take
/// nothing at all.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Where batches are taken to.
#[derive(Clone, Debug)]
pub struct CourierConfig {
    /// Writers or relays, the preferred one first. One of them is used at a time.
    pub upstreams: Vec<String>,
    /// The key that all roles hold.
    pub key: ClusterKey,
    /// Who sends, for the other end's log: `gateway 3`.
    pub name: String,
    /// This start of the role, of [`crate::draw_instance`]: an intake of the same role refuses what it would send itself.
    pub instance: u64,
    /// True once the role stops. Nobody waits longer than `stop_wait` then, whatever is still to come.
    pub stop: watch::Receiver<bool>,
    /// How long a stop waits for acknowledgements.
    pub stop_wait: Duration,
}

/// See the module.
pub struct Courier {
    config: CourierConfig,
    /// The upstream that is tried next, counted over all tries.
    upstream: usize,
    spool: BatchSpool,
    publisher: SharePublisher,
    incoming: mpsc::Receiver<Delivery>,
    /// What the disk does not take at present. It goes out all the same.
    held: BTreeMap<BatchName, Held>,
    /// What the disk does not give back at present; under way as far as the publisher knows.
    unread: Vec<BatchName>,
    /// Batches that the other end has, and their bytes.
    in_hand: HashMap<BatchName, usize>,
    /// When the disk is tried again, where there is either.
    disk_retry_at: Instant,
    /// The newest batch of each source.
    newest: HashMap<SourceId, u64>,
    backlog: watch::Sender<usize>,
    /// Nobody will bring a batch any more.
    ended: bool,
    /// When the stop's wait is over; `None` before a stop.
    last_moment: Option<Instant>,
    clock: Clock,
    /// Nobody takes batches. An acknowledgement ends it, or a welcome where none is to be had.
    outage: Outage,
    /// The other end of the present link has welcomed us.
    is_welcome: bool,
    /// Since when the other end has owed its welcome or an acknowledgement, where it owes one.
    owed_since: Instant,
    /// When that is worth a word.
    silent_at: Instant,
    silence_max: Duration,
}

/// What one round of waiting brought.
enum Input {
    Delivery(Delivery),
    Message(Result<FromWriter, String>),
    /// The disk may take again what it did not take.
    DiskRetry,
    /// The other end has long owed an answer.
    Silent,
    /// The role stops: what is brought now is the last.
    Stopping,
    Ended,
}

impl Courier {
    /// Takes up what the spool holds.
    pub fn new(
        config: CourierConfig,
        spool: BatchSpool,
        incoming: mpsc::Receiver<Delivery>,
        backlog: watch::Sender<usize>,
    ) -> std::io::Result<Self> {
        let mut publisher = SharePublisher::default();
        for name in spool.names()? {
            publisher.handle_batch(name);
        }
        backlog.send_replace(publisher.backlog());
        Ok(Self {
            config,
            upstream: 0,
            spool,
            publisher,
            incoming,
            held: BTreeMap::new(),
            unread: Vec::new(),
            in_hand: HashMap::new(),
            disk_retry_at: Instant::now(),
            newest: HashMap::new(),
            backlog,
            ended: false,
            last_moment: None,
            clock: Clock::start(),
            outage: Outage::new(OUTAGE_ALERT_AFTER),
            is_welcome: false,
            owed_since: Instant::now(),
            silent_at: Instant::now(),
            silence_max: SILENCE_MAX,
        })
    }

    /// Runs until nobody brings batches any more and all are acknowledged, or `stop_wait` is over.
    pub async fn run(mut self) {
        let mut backoff = Backoff::for_links();
        while !self.is_finished() {
            let cause = match self.connect().await {
                Some(Ok((sender, receiver))) => self.serve(sender, receiver, &mut backoff).await,
                Some(Err(error)) => Some(error.to_string()),
                None => None,
            };
            let Some(cause) = cause else { break };
            self.tell_trouble(&cause, Duration::ZERO);
            self.upstream += 1;
            if self.collect_for(backoff.next_wait()).await {
                // A stop waits a short time only: what is left of it is used.
                backoff.reset();
            }
        }
        match self.publisher.backlog() {
            0 => info!("every batch is acknowledged"),
            left => info!(left, "batches stay on disk and go out at the next start"),
        }
    }

    fn address(&self) -> &str {
        &self.config.upstreams[self.upstream % self.config.upstreams.len()]
    }

    fn is_finished(&self) -> bool {
        self.ended && self.publisher.backlog() == 0
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

    /// Opens a link, and takes in what comes meanwhile; `None` once the stop's wait is over.
    async fn connect(&mut self) -> Option<Result<(LinkSender, LinkReceiver), LinkError>> {
        let (address, key) = (self.address().to_owned(), self.config.key.clone());
        let mut connecting = std::pin::pin!(async move { link::connect(&address, &key).await });
        loop {
            let over = self.stop_wait_over();
            let input = tokio::select! {
                opened = &mut connecting => return Some(opened),
                input = self.next_work() => input,
                () = over => return None,
            };
            self.collect(input);
        }
    }

    /// Takes in what comes while no link is open. It ends early, with `true`, when the last batch has
    /// come: then the link is worth another try at once.
    async fn collect_for(&mut self, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        let was_ended = self.ended;
        loop {
            let over = self.stop_wait_over();
            let input = tokio::select! {
                () = tokio::time::sleep_until(deadline) => return false,
                input = self.next_work() => input,
                () = over => return false,
            };
            self.collect(input);
            if self.ended && !was_ended {
                return true;
            }
        }
    }

    /// The next batch, the end of them, or time for the disk. May be cancelled: a queue keeps what nobody
    /// took.
    async fn next_work(&mut self) -> Input {
        let has_room = !self.ended && self.held.len() < BATCHES_HELD_MAX;
        let waits_for_disk = !self.held.is_empty() || !self.unread.is_empty();
        let is_stopping = self.last_moment.is_some();
        tokio::select! {
            delivery = self.incoming.recv(), if has_room => match delivery {
                Some(delivery) => Input::Delivery(delivery),
                None => Input::Ended,
            },
            () = tokio::time::sleep_until(self.disk_retry_at), if waits_for_disk => Input::DiskRetry,
            // Whoever holds the other end may be gone without having said so.
            () = stopping(&mut self.config.stop), if !is_stopping => Input::Stopping,
            else => std::future::pending().await,
        }
    }

    fn collect(&mut self, input: Input) {
        match input {
            Input::Delivery(delivery) => self.take(delivery),
            Input::DiskRetry => self.retry_disk(),
            Input::Stopping => self.begin_stop(),
            Input::Ended => {
                self.ended = true;
                self.begin_stop();
            }
            Input::Message(_) | Input::Silent => {}
        }
    }

    fn begin_stop(&mut self) {
        let last_moment = Instant::now() + self.config.stop_wait;
        self.last_moment.get_or_insert(last_moment);
    }

    /// Writes a batch to disk; where that is not possible it stays in memory, and goes out from there.
    fn take(&mut self, Delivery { batch, notice }: Delivery) {
        let name = name_of(&batch);
        self.newest.insert(name.source, name.sequence);
        let written = self.spool.write(&batch);
        self.publisher.handle_batch(name);
        match written {
            Ok(()) => {
                if let Some(held) = self.held.remove(&name) {
                    self.notify_all(name, held);
                }
                self.notify(name, notice);
            }
            Err(cause) => {
                if self.held.is_empty() {
                    error!(
                        "FATAL: batches of shares cannot be written to disk: {cause}; make room. They are sent \
                         from memory, and miners are let go once too many wait"
                    );
                    self.disk_retry_at = Instant::now() + DISK_RETRY_INTERVAL;
                }
                // Another link may have brought it before.
                let held = self.held.entry(name).or_insert_with(|| Held::new(batch));
                held.add_notice(notice);
            }
        }
        self.report_backlog();
    }

    /// A batch that was in memory alone is safe.
    fn notify_all(&self, name: BatchName, held: Held) {
        held.notices.into_iter().for_each(|notice| self.notify(name, notice));
    }

    /// A batch is safe.
    fn notify(&self, name: BatchName, notice: Notice) {
        match notice {
            Notice::Once(sender) => {
                // Whoever asked may have ended.
                let _ = sender.send(name);
            }
            Notice::Link(answer) => answer.accept(),
            Notice::Mark(mark) => {
                let first = BatchName { sequence: 0, ..name };
                let last = BatchName { sequence: u64::MAX, ..name };
                let held = self.held.range(first..=last).next();
                let newest = self.newest.get(&name.source).copied().unwrap_or(name.sequence);
                let safe = held.map_or(newest, |(held, _)| held.sequence - 1);
                mark.fetch_max(safe, Ordering::Release);
            }
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
        self.unread.clear();
        self.in_hand.clear();
        self.publisher.handle_unlinked();
        ended.err()
    }

    async fn converse(
        &mut self,
        sender: &mut LinkSender,
        inbound: &mut Inbound<FromWriter>,
        backoff: &mut Backoff,
    ) -> Result<(), String> {
        let CourierConfig { instance, name, .. } = &self.config;
        let (version, instance, name) = (SHARE_FEED_VERSION, *instance, name.clone());
        let hello = ToWriter::Hello { version, instance, name };
        sender.send(&hello.encode()).await.map_err(|error| error.to_string())?;
        self.is_welcome = false;
        self.note_answer();
        loop {
            if !self.send_due(sender).await? || self.is_finished() {
                return Ok(());
            }
            match self.next_input(inbound).await {
                Some(Input::Message(message)) => self.handle(message?, backoff)?,
                Some(Input::Silent) => self.handle_silence()?,
                Some(input) => self.collect(input),
                None => return Ok(()),
            }
        }
    }

    /// The next thing that happens; `None` once the stop's wait is over.
    async fn next_input(&mut self, inbound: &mut Inbound<FromWriter>) -> Option<Input> {
        let over = self.stop_wait_over();
        let (owes, silent_at) = (!self.is_welcome || !self.in_hand.is_empty(), self.silent_at);
        tokio::select! {
            input = self.next_work() => Some(input),
            message = inbound.receive() => Some(Input::Message(message)),
            () = silence(silent_at), if owes => Some(Input::Silent),
            () = over => None,
        }
    }

    fn handle(&mut self, message: FromWriter, backoff: &mut Backoff) -> Result<(), String> {
        match message {
            FromWriter::Welcome => {
                info!(address = self.address(), "welcome: batches go there");
                backoff.reset();
                self.is_welcome = true;
                self.note_answer();
                if self.publisher.backlog() == 0 {
                    self.outage.end();
                }
                self.publisher.handle_linked();
            }
            FromWriter::Refused(cause) => return Err(format!("it refuses: {cause}")),
            FromWriter::Acknowledged { source, epoch, sequence } => {
                self.note_answer();
                self.end_trouble();
                let name = BatchName { source, epoch, sequence };
                self.in_hand.remove(&name);
                self.forget(name);
            }
        }
        self.report_backlog();
        Ok(())
    }

    /// Somebody else has the batch for good.
    fn forget(&mut self, name: BatchName) {
        if !self.publisher.handle_acknowledged(name) {
            return;
        }
        if let Some(held) = self.held.remove(&name) {
            self.notify_all(name, held);
        }
        if self.spool.has(name) {
            self.spool.remove(name);
        }
    }

    /// Sends what is due; `false` once the stop's wait is over.
    async fn send_due(&mut self, sender: &mut LinkSender) -> Result<bool, String> {
        if self.is_welcome && self.in_hand.is_empty() {
            self.note_answer();
        }
        while let Some(name) = self.next_due() {
            match self.read(name) {
                Ok(Some(batch)) => {
                    let message = ToWriter::Batch(batch).encode();
                    if !self.send(sender, &message).await? {
                        return Ok(false);
                    }
                    self.in_hand.insert(name, message.len());
                }
                // It was set aside, loudly: nothing more can be done with it here.
                Ok(None) => drop(self.publisher.handle_acknowledged(name)),
                Err(cause) => {
                    if self.unread.is_empty() {
                        error!(
                            "FATAL: a batch of shares cannot be read from disk: {cause}; it is tried again"
                        );
                        self.disk_retry_at = Instant::now() + DISK_RETRY_INTERVAL;
                    }
                    self.unread.push(name);
                }
            }
        }
        Ok(true)
    }

    fn next_due(&mut self) -> Option<BatchName> {
        let bytes: usize = self.in_hand.values().sum();
        if bytes >= BATCH_BYTES_IN_FLIGHT_MAX { None } else { self.publisher.poll_send() }
    }

    fn read(&mut self, name: BatchName) -> std::io::Result<Option<Batch>> {
        match self.held.get(&name) {
            Some(held) => Ok(Some((*held.batch).clone())),
            None => self.spool.read(name),
        }
    }

    /// Sends, and takes in what comes meanwhile: an end that reads nothing keeps no batch from the disk. `false` once the
    /// stop's wait is over.
    async fn send(&mut self, sender: &mut LinkSender, message: &[u8]) -> Result<bool, String> {
        let deadline = Instant::now() + self.silence_max;
        let mut sending = std::pin::pin!(sender.send(message));
        loop {
            let over = self.stop_wait_over();
            let input = tokio::select! {
                sent = &mut sending => return sent.map(|()| true).map_err(|error| error.to_string()),
                input = self.next_work() => input,
                () = tokio::time::sleep_until(deadline) => {
                    let waited_s = self.silence_max.as_secs();
                    return Err(format!("it has taken nothing for {waited_s} s"));
                }
                () = over => return Ok(false),
            };
            self.collect(input);
        }
    }

    fn report_backlog(&self) {
        self.backlog.send_replace(self.publisher.backlog());
    }
}

/// Returns at that time, unless something else is there to be done: what has come meanwhile counts first.
async fn silence(until: Instant) {
    tokio::time::sleep_until(until).await;
    tokio::task::yield_now().await;
}

/// Returns once the role stops.
async fn stopping(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stops| *stops).await.is_err() {
        // Whoever would say so is gone; the end of the batches tells as well.
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests;
