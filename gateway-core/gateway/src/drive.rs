//! One shard and one ring on one thread: the whole coupling.

mod departures;
mod records;
#[cfg(test)]
mod tests;
mod troubles;

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::PoisonError;
use std::time::Duration;

use crossbeam::channel::TryRecvError;
use sluice_ring::{Engine, EngineError, Handler, Sent};
use sluice_service::clock::Clock;
use sluice_session::{
    AccountAnswer, Action, Announcement, FeedAction, Heard, JobSubscriber, JobmasterIndex, Shard,
};
use sluice_units::{ConnectionId, FoundBlock, Instant, Now};
use thiserror::Error;
use tracing::{debug, error, info, warn};

use crate::accounts::AccountQuestion;
use crate::journal_files::JournalFiles;
use crate::queues::{FeedEvent, ShardCounts, ShardMessage, ShardQueues};
use crate::share_log_files::ShareLogFiles;
use crate::spool::BlockFolder;
use crate::tls::TlsFront;
use departures::Departures;
use records::Records;
use troubles::{Room, RoomWatch, Troubles};

/// How often the shard's counters are copied out.
pub(crate) const HOUSEKEEPING_INTERVAL: Duration = Duration::from_millis(200);
/// How long a draining shard waits for its miners' connections to close.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(2);
/// How often it looks whether they have.
const DRAIN_LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// Why a shard ended before it was told to.
#[derive(Debug, Error)]
pub(crate) enum ShardFailure {
    /// The ring failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The task that takes counts or blocks is gone: the process is ending.
    #[error("nobody takes the shard's counts and blocks any more")]
    UplinkGone,
    /// The host could not wait for the ring.
    #[error("the shard's host cannot wait for its ring: {0}; choose runtime = \"bare\"")]
    Host(#[from] io::Error),
}

/// A shard with everything that it is plugged into.
pub(crate) struct Drive {
    pub(crate) engine: Engine,
    shard: Shard,
    jobs: JobSubscriber,
    tls: TlsFront,
    departures: Departures,
    clock: Clock,
    queues: ShardQueues,
    records: Records,
    blocks: BlockFolder,
    housekeeping_due: Instant,
    troubles: Troubles,
    room: RoomWatch,
    /// Set once a stop was ordered.
    drain_until: Option<Instant>,
}

/// What a shard writes to disk.
pub(crate) struct ShardFiles {
    pub(crate) journal: Option<JournalFiles>,
    pub(crate) share_log: Option<ShareLogFiles>,
    pub(crate) blocks: BlockFolder,
}

/// Hands the ring's events to the shard; what the shard wants is done between two turns.
struct Plug<'a> {
    shard: &'a mut Shard,
    jobs: &'a mut JobSubscriber,
    tls: &'a mut TlsFront,
    clock: &'a Clock,
    /// Who left the ring in this turn, or could not.
    departures: &'a mut Departures,
    /// What was reported in this turn.
    reports: u64,
}

impl Handler for Plug<'_> {
    fn connected(&mut self, connection: ConnectionId, peer: SocketAddr, listener: usize) {
        self.reports += 1;
        self.shard.handle_connected(self.clock.now(), connection, peer.ip(), listener);
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.reports += 1;
        if self.tls.has(connection) {
            return self.decipher(connection, bytes);
        }
        match self.shard.handle_received(self.clock.now(), connection, bytes) {
            Heard::Words => {}
            Heard::Tls { after } => {
                self.tls.begin(connection);
                self.decipher(connection, &bytes[after..]);
            }
        }
    }

    fn closed(&mut self, connection: ConnectionId) {
        self.reports += 1;
        self.tls.end(connection);
        self.departures.ended(connection);
        self.shard.handle_closed(self.clock.now(), connection);
    }

    fn dialed(&mut self, token: u64, result: io::Result<ConnectionId>) {
        self.reports += 1;
        let arrived = self.departures.arrived(token);
        if let (Ok(connection), Some(departure)) = (result, arrived) {
            self.shard.handle_arrived(self.clock.now(), connection, *departure);
        }
    }

    fn handed_out(&mut self, connection: ConnectionId, result: io::Result<OwnedFd>) {
        self.reports += 1;
        let now = self.clock.now();
        match result {
            Ok(socket) => {
                let departure = self.shard.handle_departed(now, connection);
                self.departures.left(connection, socket, departure);
            }
            Err(error) => {
                debug!(%connection, %error, "a connection cannot go to another shard");
                self.departures.stays(connection);
                let heard = self.shard.handle_stays(now, connection);
                assert_eq!(heard, Heard::Words, "its language is known");
            }
        }
    }

    fn datagram(&mut self, _sender: SocketAddr, bytes: &[u8]) {
        self.reports += 1;
        // Whoever sent it: the seal tells.
        self.jobs.handle_datagram(self.clock.now().instant, bytes);
    }

    fn woken(&mut self) {
        // Somebody has left a message.
        self.reports += 1;
    }
}

impl Plug<'_> {
    /// What is said inside TLS goes to the shard.
    fn decipher(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let now = self.clock.now();
        let Self { shard, tls, .. } = self;
        let deciphered = tls.receive(connection, bytes, |words| {
            let heard = shard.handle_received(now, connection, words);
            assert_eq!(heard, Heard::Words, "a connection begins to speak TLS once");
        });
        if let Err(error) = deciphered {
            debug!(%connection, %error, "a miner's TLS cannot be read");
            self.shard.handle_undecipherable(now, connection);
        }
    }
}

/// Whether a step may wait for something to happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Patience {
    /// Until something happens, or the shard has something to do.
    Wait,
    /// Not at all: the host waits in another way.
    None,
}

/// How a step left the shard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// There is more to do at once.
    Busy,
    /// Nothing is to be done until something happens.
    Idle,
    /// The shard has ended, as it was ordered.
    Ended,
}

impl Drive {
    pub(crate) fn new(
        engine: Engine,
        shard: Shard,
        jobs: JobSubscriber,
        tls: TlsFront,
        clock: Clock,
        queues: ShardQueues,
        files: ShardFiles,
    ) -> Self {
        let ShardFiles { journal, share_log, blocks } = files;
        let records = Records::new(journal, share_log, queues.outlets.batches.clone());
        Self {
            engine,
            shard,
            jobs,
            tls,
            departures: Departures::default(),
            clock,
            queues,
            records,
            blocks,
            housekeeping_due: Instant::ZERO,
            troubles: Troubles::default(),
            room: RoomWatch::default(),
            drain_until: None,
        }
    }

    /// One turn of the ring, and everything that the shard wants done before it.
    pub(crate) fn step(&mut self, patience: Patience) -> Result<Step, ShardFailure> {
        let ordered_to_stop = self.take_messages();
        let now = self.clock.now();
        if ordered_to_stop && self.drain_until.is_none() {
            self.engine.stop_accepting();
            self.shard.handle_drain();
            self.drain_until = Some(now.instant + DRAIN_TIME_MAX);
        }
        if self.jobs.poll_timeout().is_some_and(|at| at <= now.instant) {
            self.jobs.handle_timeout(now.instant);
        }
        self.take_jobs(now);
        self.records.tell_safe(&mut self.shard);
        self.tell_room(now.instant);
        if now.instant >= self.shard.poll_timeout() {
            self.shard.handle_timeout(now);
        }
        self.carry_out(now)?;
        if now.instant >= self.housekeeping_due {
            self.housekeeping_due = now.instant + HOUSEKEEPING_INTERVAL;
            self.copy_stats();
            let (engine, feed) = (self.engine.stats(), self.jobs.stats());
            for trouble in self.troubles.look(now.instant, engine, feed, self.shard.stats()) {
                warn!("{trouble}");
            }
        }
        let mut next = self.shard.poll_timeout().min(self.housekeeping_due);
        next = self.jobs.poll_timeout().map_or(next, |at| next.min(at));
        if let Some(deadline) = self.drain_until {
            if self.engine.open_connections() == 0 || now.instant >= deadline {
                return self.end(now);
            }
            next = next.min(now.instant + DRAIN_LOOK_INTERVAL);
        }
        let wait = match patience {
            Patience::Wait => next.since(now.instant),
            Patience::None => Duration::ZERO,
        };
        let mut plug = Plug {
            shard: &mut self.shard,
            jobs: &mut self.jobs,
            tls: &mut self.tls,
            clock: &self.clock,
            departures: &mut self.departures,
            reports: 0,
        };
        self.engine.turn(wait, &mut plug)?;
        let busy = plug.reports > 0
            || self.engine.has_unsubmitted()
            || self.shard.poll_timeout() <= now.instant;
        Ok(if busy { Step::Busy } else { Step::Idle })
    }

    /// Publishes what is left to publish.
    fn end(&mut self, now: Now) -> Result<Step, ShardFailure> {
        self.shard.cut_batch(now);
        self.carry_out(now)?;
        self.records.hand_over_rest()?;
        self.copy_stats();
        Ok(Step::Ended)
    }

    /// Takes what others sent; `true` where the gateway ends.
    fn take_messages(&mut self) -> bool {
        self.departures.send_all(&self.queues.peers);
        while let Ok(visitor) = self.queues.visitors.try_recv() {
            self.departures.welcome(&mut self.engine, visitor);
        }
        loop {
            match self.queues.inbox.try_recv() {
                Ok(ShardMessage::Feed { jobmaster, event }) => self.hear(jobmaster, event),
                Ok(ShardMessage::Account { account, answer }) => {
                    self.shard.handle_account(self.clock.now(), &account, answer);
                }
                Ok(ShardMessage::Bans(bans)) => self.shard.handle_bans(&bans),
                Ok(ShardMessage::Say(text)) => {
                    self.announce(Announcement::Say(text.as_ref().to_owned()));
                }
                Ok(ShardMessage::Reconnect(reconnect)) => {
                    self.announce(Announcement::Reconnect((*reconnect).clone()));
                }
                Err(TryRecvError::Empty) => return false,
                Ok(ShardMessage::Stop) | Err(TryRecvError::Disconnected) => return true,
            }
        }
    }

    fn hear(&mut self, jobmaster: JobmasterIndex, event: FeedEvent) {
        let now = self.clock.now().instant;
        match event {
            FeedEvent::Linked { feed, key } => self.jobs.handle_linked(now, jobmaster, feed, &key),
            FeedEvent::Unlinked => self.jobs.handle_unlinked(now, jobmaster),
            FeedEvent::Message(message) => {
                self.jobs.handle_message(now, jobmaster, (*message).clone());
            }
        }
    }

    /// The jobs that are to be worked on go to the shard.
    fn take_jobs(&mut self, now: Now) {
        while let Some(action) = self.jobs.poll_action() {
            match action {
                FeedAction::Job(job) => self.shard.handle_job(now, *job),
                FeedAction::Alive => self.shard.handle_alive(now),
            }
        }
    }

    /// Miners that are let go are a trouble that nobody must have to guess at.
    fn tell_room(&mut self, now: Instant) {
        let shard = self.shard.number();
        match self.room.look(now, self.shard.lacks_room()) {
            Some(Room::Lacking) => error!(
                "FATAL: shard {shard} takes no shares: its journal is full and no batch becomes safe; its miners are \
                 let go until one does. See to the disk of data_folder; where this comes and goes with every burst of \
                 shares, raise journal_bytes_max"
            ),
            Some(Room::Found) => {
                info!(shard, "there is room for shares again, and miners are taken")
            }
            None => {}
        }
    }

    fn announce(&mut self, announcement: Announcement) {
        if !self.shard.handle_announcement(announcement) {
            warn!("the operator says too much at a time: an announcement was left out");
        }
    }

    /// Does what the shard wants done, in its order.
    fn carry_out(&mut self, now: Now) -> Result<(), ShardFailure> {
        while let Some((connection, bytes)) = self.tls.poll_restless() {
            let sent = self.engine.send(connection, bytes);
            self.count_slow(now, sent);
        }
        while let Some(action) = self.shard.poll_action() {
            // No reply leaves before what it tells of is written down.
            self.records.write_down(now.instant, &mut self.shard);
            match action {
                Action::Send { connection, .. } | Action::SendJob { connection, .. }
                    if self.records.is_failing() =>
                {
                    self.engine.abort(connection);
                }
                Action::Send { connection, bytes } => {
                    let mut bytes = self.shard.outbox(&bytes);
                    if self.tls.has(connection) {
                        bytes = self.tls.encipher(connection, bytes);
                    }
                    let sent = self.engine.send(connection, bytes);
                    self.count_slow(now, sent);
                }
                Action::SendJob { connection, bytes, clean } => {
                    let sent = if self.tls.has(connection) {
                        // Records are numbered: none can be left out for a later one.
                        self.engine.send(connection, self.tls.encipher(connection, &bytes))
                    } else {
                        // Of a higher rank: a refresh never stands in for a clean job.
                        self.engine.send_latest(connection, &bytes, clean.into())
                    };
                    self.count_slow(now, sent);
                }
                Action::Close { connection } => {
                    if self.tls.has(connection) {
                        let sent = self.engine.send(connection, self.tls.farewell(connection));
                        self.count_slow(now, sent);
                    }
                    self.engine.close(connection);
                }
                Action::Refuse { connection } => self.engine.abort(connection),
                Action::FoundBlock(block) => self.keep_block(block)?,
                Action::HandOver { connection, shard } => self.hand_over(now, connection, shard),
                Action::AskAccount(account) => self.ask_account(now, account),
                Action::Ban(ban) => {
                    warn!(subject = %ban.subject, reason = ban.reason, "banned");
                    // A full queue leaves it to this shard alone.
                    let _ = self.queues.outlets.bans.try_send(*ban);
                }
                Action::Publish(batch) => self.records.publish(batch),
            }
        }
        self.records.write_down(now.instant, &mut self.shard);
        self.records.hand_over()
    }

    /// On disk first, and only then to the jobmaster; the miner's reply follows both.
    fn keep_block(&self, block: Box<FoundBlock>) -> Result<(), ShardFailure> {
        if let Err(cause) = self.blocks.write(&block) {
            let hash = block.hash;
            error!(%hash, "FATAL: a found block could not be written to disk: {cause}; it is sent all the same, and is in memory alone: make room on the disk of the data folder, or mend it, and do not stop the gateway before a jobmaster has told of a verdict");
        }
        let (hash, height, finder) = (block.hash, block.height, &block.finder);
        info!(%hash, height, user = finder.user(), worker = finder.worker(), "a share is a block");
        self.queues.outlets.blocks.blocking_send(block).map_err(|_| ShardFailure::UplinkGone)
    }

    /// A connection goes to another shard, or stays where that cannot be.
    fn hand_over(&mut self, now: Now, connection: ConnectionId, shard: u16) {
        // What is agreed upon inside TLS does not go along.
        let can_go = !self.tls.has(connection)
            && self.departures.begin(connection, shard, &self.queues.peers);
        if can_go {
            if !self.engine.hand_out(connection) {
                // It is gone, or about to be.
                self.departures.ended(connection);
            }
            return;
        }
        let heard = self.shard.handle_stays(now, connection);
        assert_eq!(heard, Heard::Words, "its language is known");
    }

    fn ask_account(&mut self, now: Now, account: String) {
        let shard = usize::from(self.shard.number());
        let question = AccountQuestion { shard, account };
        if let Err(error) = self.queues.outlets.questions.try_send(question) {
            let account = error.into_inner().account;
            self.shard.handle_account(now, &account, AccountAnswer::Unknown);
        }
    }

    fn count_slow(&mut self, now: Now, sent: Sent) {
        if sent == Sent::Overflow {
            self.shard.handle_slow_reader(now);
        }
    }

    fn copy_stats(&self) {
        let mut counts = self.queues.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts = ShardCounts {
            shard: *self.shard.stats(),
            engine: *self.engine.stats(),
            feed: *self.jobs.stats(),
        };
    }
}
