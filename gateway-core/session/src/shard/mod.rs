//! All sessions of one core: its miners, its jobs, its tallies. The actions it wants are polled.

mod requests;
mod stats;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use sluice_accounting::Ledger;
use sluice_mining::book::JobBook;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_units::header::VERSION_MASK;
use sluice_units::limits::{
    CONNECTIONS_PER_SHARD_MAX, EVENTS_PER_BATCH_MAX, SHARD_BITS, SHARDS_MAX,
};
use sluice_units::{
    ConnectionId, Counter, Extranonce1, Hash256, Instant, Job, Name, Now, ShareDifficulty, SourceId,
};
use sluice_wire::share_feed::{Batch, Event};
use sluice_wire::stratum::{Request, notification, reply};

use crate::actions::Action;
use crate::miner::MinerSession;

pub use stats::ShardStats;

/// How often a shard looks at its deadlines, and cuts a batch.
const TICK: Duration = Duration::from_secs(1);

/// What a shard is told at its start.
#[derive(Clone, PartialEq, Debug)]
pub struct ShardConfig {
    /// Gateway and shard; the first part of every extranonce1, and the name of its batches.
    pub source: SourceId,
    /// Start of the process, seconds since 1970: the epoch of its batches.
    pub epoch: u64,
    /// Key prefix in the store.
    pub coin: Name,
    /// The host that per-host counters are kept under.
    pub host: Name,
    /// Difficulty of the port.
    pub vardiff: VardiffPolicy,
    /// How long a connection may take to subscribe and authorise.
    pub handshake_timeout: Duration,
    /// How long a working miner may say nothing.
    pub idle_timeout: Duration,
    /// How long the jobmaster may be silent before the miners are let go.
    pub feed_timeout: Duration,
}

/// The sessions of one core. See the crate's documentation for the order of calls.
#[derive(Debug)]
pub struct Shard {
    config: ShardConfig,
    sessions: Vec<Option<MinerSession>>,
    book: JobBook,
    /// The newest job as a joining miner gets it; `None` while there is no work to hand out.
    joining_notify: Option<Arc<[u8]>>,
    /// The network's difficulty: no miner works above it.
    difficulty_cap: ShareDifficulty,
    feed_heard: Instant,
    ledger: Ledger,
    events: Vec<Event>,
    batch_sequence: u64,
    next_tick: Instant,
    gauge_minute: u64,
    blocks_reported: VecDeque<Hash256>,
    actions: VecDeque<Action>,
    outbox: Vec<u8>,
    stats: ShardStats,
}

impl Shard {
    /// A shard without miners or jobs.
    pub fn new(now: Now, config: ShardConfig) -> Self {
        assert!(
            usize::from(config.source.shard) < SHARDS_MAX,
            "shards are bounded by the topology"
        );
        Self {
            difficulty_cap: config.vardiff.difficulty_max,
            config,
            sessions: Vec::new(),
            book: JobBook::default(),
            joining_notify: None,
            feed_heard: now.instant,
            ledger: Ledger::default(),
            events: Vec::new(),
            batch_sequence: 0,
            next_tick: now.instant + TICK,
            gauge_minute: now.unix.minute().to_seconds(),
            blocks_reported: VecDeque::new(),
            actions: VecDeque::new(),
            outbox: Vec::new(),
            stats: ShardStats::default(),
        }
    }

    /// A miner connected. Without work to hand out it is closed at once, so that it goes elsewhere.
    pub fn handle_connected(&mut self, now: Now, connection: ConnectionId, peer: IpAddr) {
        let slot = connection.slot as usize;
        assert!(slot < CONNECTIONS_PER_SHARD_MAX, "the ring's slots are bounded by the topology");
        if slot >= self.sessions.len() {
            self.sessions.resize_with(slot + 1, || None);
        }
        assert!(self.sessions[slot].is_none(), "a slot is closed before it is used again");
        let mut session = MinerSession::new(
            now.instant,
            connection,
            peer,
            self.extranonce1(connection),
            VERSION_MASK,
            self.config.vardiff.difficulty_start.min(self.difficulty_cap_in_policy()),
        );
        self.stats.connections += 1;
        self.count(now, Counter::ConnectionNew);
        if self.joining_notify.is_none() {
            self.close(&mut session);
        }
        self.sessions[slot] = Some(session);
    }

    /// Bytes came from a miner, cut anywhere.
    pub fn handle_received(&mut self, now: Now, connection: ConnectionId, bytes: &[u8]) {
        // What comes in while a connection is being closed is not read any more.
        let open = |session: &MinerSession| session.connection == connection && !session.closing;
        let place = self.sessions.get_mut(connection.slot as usize);
        let Some(mut session) = place.and_then(|place| place.take_if(|one| open(one))) else {
            return;
        };
        session.last_heard = now.instant;
        let mut lines = core::mem::take(&mut session.lines);
        let start = self.outbox.len();
        let fed = lines.feed(bytes, |line| {
            self.handle_line(now, &mut session, line);
            !session.closing
        });
        if fed.is_err() {
            self.count(now, Counter::RequestInvalid);
            reply::encode_error(&mut self.outbox, "null", 20, "Line too long");
            session.closing = true;
        }
        self.send_outbox(&session, start);
        if session.closing {
            self.close(&mut session);
        }
        session.lines = lines;
        self.sessions[connection.slot as usize] = Some(session);
    }

    /// The connection is gone.
    pub fn handle_closed(&mut self, now: Now, connection: ConnectionId) {
        let Some(session) = self.take_session(connection) else { return };
        self.stats.connections -= 1;
        self.count(now, Counter::ConnectionClose);
        for worker in session.workers() {
            let event = Event {
                identity: worker.clone(),
                peer: session.peer.to_string(),
                connected: false,
            };
            self.record_event(now, event);
        }
    }

    /// The jobmaster sent a job; one that is known already only shows that the jobmaster lives.
    pub fn handle_job(&mut self, now: Now, job: Job) {
        self.feed_heard = now.instant;
        let Some(index) = self.book.insert(job) else { return };
        let clean = self.book.oldest_current_index() == index;
        let job = self.book.newest().expect("a job was just inserted");
        self.difficulty_cap = network_difficulty(job);
        let encode = |clean| -> Arc<[u8]> {
            let mut line = Vec::new();
            notification::encode_notify(&mut line, job, clean);
            line.into()
        };
        let notify = encode(clean);
        self.joining_notify = Some(encode(true));
        self.stats.jobs += 1;
        self.stats.height = job.height;
        self.count(now, Counter::JobBroadcast);
        if clean {
            self.count(now, Counter::JobClean);
        }
        for slot in 0..self.sessions.len() {
            let Some(mut session) = self.sessions[slot].take() else { continue };
            if session.is_working() {
                self.send_job(now, &mut session, index, &notify);
            }
            self.sessions[slot] = Some(session);
        }
    }

    /// The jobmaster lives, and its latest job is still the best.
    pub fn handle_alive(&mut self, now: Now) {
        self.feed_heard = now.instant;
    }

    /// A deadline of [`Shard::poll_timeout`] passed.
    pub fn handle_timeout(&mut self, now: Now) {
        if now.instant < self.next_tick {
            return;
        }
        self.next_tick = now.instant + TICK;
        if now.instant.since(self.feed_heard) > self.config.feed_timeout {
            // Promise 3 of the design: no work without a living jobmaster; miners fail over.
            self.joining_notify = None;
            self.book = JobBook::default();
            self.close_all();
        }
        for slot in 0..self.sessions.len() {
            let Some(mut session) = self.sessions[slot].take() else { continue };
            if self.is_overdue(now.instant, &session) {
                self.close(&mut session);
            }
            self.sessions[slot] = Some(session);
        }
        self.cut_batch(now);
    }

    /// When [`Shard::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Instant {
        self.next_tick
    }

    /// The next thing to do; `None` where nothing is left.
    ///
    /// Ranges into the outbox hold until this has returned `None`: carry out each action before the
    /// next is polled.
    pub fn poll_action(&mut self) -> Option<Action> {
        let action = self.actions.pop_front();
        if action.is_none() {
            self.outbox.clear();
        }
        action
    }

    /// The bytes that [`Action::Send`] refers to.
    pub fn outbox(&self, bytes: &Range<usize>) -> &[u8] {
        &self.outbox[bytes.clone()]
    }

    /// What was counted since the start.
    pub const fn stats(&self) -> &ShardStats {
        &self.stats
    }

    /// The ring dropped a miner that did not read.
    pub fn handle_slow_reader(&mut self, now: Now) {
        self.count(now, Counter::SlowReader);
    }

    /// The gateway ends: every miner is let go.
    pub fn handle_drain(&mut self) {
        self.joining_notify = None;
        self.close_all();
    }

    /// Publishes what was counted since the last batch; the last thing before a shard ends.
    pub fn cut_batch(&mut self, now: Now) {
        let minute = now.unix.minute();
        if minute.to_seconds() != self.gauge_minute {
            self.gauge_minute = minute.to_seconds();
            self.ledger.count(minute, Counter::Connections, self.stats.connections);
        }
        let taken = self.ledger.take();
        if self.stats.jobs == 0 {
            // Until a jobmaster has given it work, a gateway may be a second one with an id that is
            // taken. Batches under the name of the first one's would hide those from the store. Nobody
            // has mined here yet: only connections were counted.
            return;
        }
        let batch = Batch {
            source: self.config.source,
            epoch: self.config.epoch,
            sequence: self.batch_sequence + 1,
            coin: self.config.coin.clone(),
            host: self.config.host.clone(),
            tallies: taken.tallies,
            counters: taken.counters,
            events: core::mem::take(&mut self.events),
            blocks: Vec::new(),
        };
        if !batch.is_empty() {
            self.batch_sequence += 1;
            self.actions.push_back(Action::Publish(Box::new(batch)));
        }
    }

    fn handle_line(&mut self, now: Now, session: &mut MinerSession, line: &[u8]) {
        match Request::decode(line) {
            Ok(request) => self.handle_request(now, session, &request),
            Err(_) => {
                // Whoever does not speak stratum gets one answer and no second chance.
                self.count(now, Counter::RequestInvalid);
                reply::encode_error(&mut self.outbox, "null", 20, "Not a stratum request");
                session.closing = true;
            }
        }
        if self.ledger.is_full() {
            self.cut_batch(now);
        }
    }

    /// Tells a miner its difficulty, where it changes with this job, and the job.
    fn send_job(&mut self, now: Now, session: &mut MinerSession, index: u64, notify: &Arc<[u8]>) {
        let jobs = [index, self.book.oldest_current_index()];
        let cap = self.difficulty_cap;
        if session.settle_difficulty(now.instant, jobs, cap, &self.config.vardiff) {
            let start = self.outbox.len();
            notification::encode_set_difficulty(&mut self.outbox, session.difficulty());
            self.send_outbox(session, start);
        }
        let bytes = Arc::clone(notify);
        self.actions.push_back(Action::SendShared { connection: session.connection, bytes });
    }

    /// Sends what was appended to the outbox since `start`.
    fn send_outbox(&mut self, session: &MinerSession, start: usize) {
        let end = self.outbox.len();
        if end > start {
            let connection = session.connection;
            self.actions.push_back(Action::Send { connection, bytes: start..end });
        }
    }

    fn close(&mut self, session: &mut MinerSession) {
        session.closing = true;
        self.actions.push_back(Action::Close { connection: session.connection });
    }

    fn close_all(&mut self) {
        for slot in 0..self.sessions.len() {
            let Some(mut session) = self.sessions[slot].take() else { continue };
            if !session.closing {
                self.close(&mut session);
            }
            self.sessions[slot] = Some(session);
        }
    }

    fn is_overdue(&self, now: Instant, session: &MinerSession) -> bool {
        if session.closing {
            return false;
        }
        if session.is_working() {
            now.since(session.last_heard) > self.config.idle_timeout
        } else {
            now.since(session.connected_at) > self.config.handshake_timeout
        }
    }

    fn take_session(&mut self, connection: ConnectionId) -> Option<MinerSession> {
        let place = self.sessions.get_mut(connection.slot as usize)?;
        place.take_if(|session| session.connection == connection)
    }

    fn record_event(&mut self, now: Now, event: Event) {
        if self.events.len() < EVENTS_PER_BATCH_MAX {
            self.events.push(event);
        } else {
            self.count(now, Counter::EventDropped);
        }
    }

    fn count(&mut self, now: Now, counter: Counter) {
        self.ledger.count(now.unix.minute(), counter, 1);
    }

    fn difficulty_cap_in_policy(&self) -> ShareDifficulty {
        self.difficulty_cap.max(self.config.vardiff.difficulty_min)
    }

    /// No two live miners share one: gateway and shard are leased, the slot is this connection's
    /// alone, and the generation tells it from the slot's former occupants. The epoch is added so
    /// that a restarted gateway does not begin with the spaces that it had handed out before.
    fn extranonce1(&self, connection: ConnectionId) -> Extranonce1 {
        let SourceId { gateway_id, shard } = self.config.source;
        let shard_and_slot = u32::from(shard) << (32 - SHARD_BITS) | connection.slot;
        let generation = connection.generation.wrapping_add(self.config.epoch as u32);
        Extranonce1::new(gateway_id, shard_and_slot, generation as u16)
    }
}

/// The network's difficulty as a share difficulty: at most what that type holds.
fn network_difficulty(job: &Job) -> ShareDifficulty {
    let difficulty = job.nbits.difficulty().expect("the book takes no job without a target");
    ShareDifficulty::from_f64(difficulty).expect("a target's difficulty is positive and finite")
}
