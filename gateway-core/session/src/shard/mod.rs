//! All sessions of one core: its miners, its jobs, its tallies. The actions it wants are polled.
//!
//! | module | holds |
//! |---|---|
//! | `accounts` | workers whose account is being asked about |
//! | `arrivals` | how connections come, speak and go |
//! | `addresses` | how many connections each address has |
//! | `proxies` | whom a balancer speaks for |
//! | `config` | what it is told at its start |
//! | `broadcast` | jobs for all miners, and letting all of them go, a slice at a time |
//! | `announcements` | what the operator says to all miners |
//! | `bans` | who is kept out |
//! | `watch` | who does too much within a window of time |
//! | `departures` | miners that go to another shard |
//! | `deadlines` | handshakes and silences that last too long |
//! | `requests` | one reply to every request |
//! | `verdicts` | shares that wait for the end of the turn, judged together |
//! | `batches` | what leaves for the store |
//! | `spaces` | which miner searches where |
//! | `stats` | what was counted since the start |

mod accounts;
mod addresses;
mod announcements;
mod arrivals;
mod bans;
mod batches;
mod broadcast;
mod config;
mod deadlines;
mod departures;
mod proxies;
mod requests;
mod spaces;
mod stats;
#[cfg(test)]
mod tests;
mod unproven;
mod verdicts;
mod watch;

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use sluice_accounting::Ledger;
use sluice_mining::book::{JobBook, JobIndex};
use sluice_units::header::VERSION_MASK;
use sluice_units::limits::{CONNECTIONS_PER_SHARD_MAX, SHARDS_MAX};
use sluice_units::{ConnectionId, Hash256, Instant, Now, ShareDifficulty, TimerWheel, UnixTime};
use sluice_wire::share_feed::Event;

use crate::actions::Action;
use crate::journal::Journal;
use crate::miner::MinerSession;
use crate::share_log::ShareLog;

use accounts::WaitingWorkers;
pub use accounts::{AccountAnswer, AccountPolicy};
use addresses::AddressCounts;
pub use announcements::Announcement;
use announcements::Round;
pub use arrivals::Heard;
use bans::BanTable;
use broadcast::{Newest, Walk, Withheld};
pub use config::{PortPolicy, ShardConfig, StalePolicy};
pub use departures::Departure;
use spaces::Spaces;
pub use stats::{EndCause, ShardStats};
use unproven::{UnprovenAnnouncements, UnprovenNames};
use verdicts::PendingShares;
use watch::Watch;
pub use watch::{Allowance, WatchPolicy};

/// How often a shard looks at its deadlines.
const TICK: Duration = Duration::from_secs(1);

fn share_log_of(now: UnixTime, config: &ShardConfig) -> Option<ShareLog> {
    let names = [&config.coin, &config.host];
    let of = |bytes| ShareLog::new(now, config.source, config.epoch, names, bytes);
    config.share_log_segment_bytes.map(of)
}

fn journal_of(config: &ShardConfig) -> Option<Journal> {
    let names = [&config.coin, &config.host];
    config.journal_file_bytes.map(|bytes| Journal::new(config.source, config.epoch, names, bytes))
}

/// The sessions of one core. See the crate's documentation for the order of calls.
#[derive(Debug)]
pub struct Shard {
    config: ShardConfig,
    /// By slot. All of its memory is asked for at the start, and first touched where a slot is used.
    sessions: Vec<Option<MinerSession>>,
    addresses: AddressCounts,
    deadlines: TimerWheel,
    /// More deadlines have passed than one slice takes.
    more_expired: bool,
    book: JobBook,
    /// When the present tip came.
    tip_since: Instant,
    /// The newest job as miners get it; `None` while there is no work to hand out.
    newest: Option<Newest>,
    /// Why there is none.
    withheld: Withheld,
    /// A way through all sessions that has not come to its end.
    walk: Option<Walk>,
    announcements: VecDeque<Round>,
    bans: BanTable,
    /// The next slot to look at, while sessions are held against bans that are new.
    ban_round: Option<usize>,
    watch: Watch,
    waiting_workers: WaitingWorkers,
    unproven: UnprovenNames,
    unproven_announced: UnprovenAnnouncements,
    spaces: Spaces,
    draining: bool,
    /// The version bits that jobs leave to miners, and the first job that left just these.
    version_mask: u32,
    version_mask_since: JobIndex,
    /// The latest job that filled an empty one: whoever has an earlier job leaves it at once.
    full_since: JobIndex,
    /// The network's difficulty: no miner works above it.
    difficulty_cap: ShareDifficulty,
    feed_heard: Instant,
    ledger: Ledger,
    events: Vec<Event>,
    batch_sequence: u64,
    journal: Option<Journal>,
    share_log: Option<ShareLog>,
    /// What was to be written last could not be.
    journal_fails: bool,
    /// Work is withheld since ledger or journal are full.
    lacks_room: bool,
    next_tick: Instant,
    next_cut: Instant,
    gauge_minute: u64,
    blocks_reported: VecDeque<Hash256>,
    actions: VecDeque<Action>,
    pending: PendingShares,
    outbox: Vec<u8>,
    /// How much of the outbox stands in an action.
    outbox_sent: usize,
    stats: ShardStats,
}

impl Shard {
    /// A shard without miners or jobs.
    ///
    /// # Panics
    ///
    /// Where the shard's number or its connections are beyond what a search space can name.
    pub fn new(now: Now, config: ShardConfig) -> Self {
        assert!(
            usize::from(config.source.shard) < SHARDS_MAX,
            "shards are bounded by the topology"
        );
        assert!(!config.ports.is_empty(), "miners come from somewhere");
        let connections_max = config.connections_max as usize;
        assert!(
            connections_max <= CONNECTIONS_PER_SHARD_MAX,
            "connections are bounded by the topology"
        );
        Self {
            difficulty_cap: ShareDifficulty::from_hashes(u64::MAX),
            sessions: Vec::with_capacity(connections_max),
            addresses: AddressCounts::default(),
            deadlines: TimerWheel::new(deadlines::TICK, config.connections_max),
            more_expired: false,
            book: JobBook::new(config.checks, !config.stale.grace.is_zero()),
            tip_since: now.instant,
            newest: None,
            withheld: Withheld::NoWork,
            walk: None,
            announcements: VecDeque::new(),
            bans: BanTable::default(),
            ban_round: None,
            watch: Watch::new(),
            waiting_workers: WaitingWorkers::default(),
            unproven: UnprovenNames::default(),
            unproven_announced: UnprovenAnnouncements::default(),
            spaces: Spaces::default(),
            draining: false,
            version_mask: VERSION_MASK,
            version_mask_since: 0,
            full_since: 0,
            feed_heard: now.instant,
            ledger: Ledger::default(),
            events: Vec::new(),
            batch_sequence: 0,
            journal: journal_of(&config),
            share_log: share_log_of(now.unix, &config),
            journal_fails: false,
            lacks_room: false,
            next_tick: now.instant + TICK,
            next_cut: now.instant + config.publish_interval,
            gauge_minute: now.unix.minute().to_seconds(),
            blocks_reported: VecDeque::new(),
            actions: VecDeque::new(),
            pending: PendingShares::default(),
            outbox: Vec::new(),
            outbox_sent: 0,
            stats: ShardStats::default(),
            config,
        }
    }

    /// The jobmaster lives, and its latest job is still the best.
    pub fn handle_alive(&mut self, now: Now) {
        self.feed_heard = now.instant;
    }

    /// A time of [`Shard::poll_timeout`] has come.
    ///
    /// One call attends to at most `BROADCAST_SLICE_MAX` sessions of a broadcast, and to as many whose
    /// deadline has passed. Call it again after one turn of the ring that does not wait, for as long
    /// as the time of `poll_timeout` has come already.
    pub fn handle_timeout(&mut self, now: Now) {
        self.judge_pending(None);
        self.continue_walk(now);
        self.continue_announcement();
        self.continue_bans(now);
        let ticked = now.instant >= self.next_tick;
        if ticked {
            self.next_tick = now.instant + TICK;
            if now.instant.since(self.feed_heard) > self.config.feed_timeout {
                self.withhold_work(Withheld::NoWork);
            } else if !self.records_shares() {
                self.withhold_unrecorded();
            } else {
                self.resume_work(now);
            }
        }
        if ticked || self.more_expired {
            self.expire_deadlines(now);
        }
        if ticked {
            self.expire_waiting(now);
            if !self.is_in_grace(now.instant) {
                self.book.forget_former_shares();
            }
        }
        if now.instant >= self.next_cut {
            self.cut_on_time(now);
        }
    }

    /// Whether shares on the tip before are taken still.
    fn is_in_grace(&self, now: Instant) -> bool {
        now.since(self.tip_since) < self.config.stale.grace
    }

    /// When [`Shard::handle_timeout`] wants to be called next: a time that has passed already while a
    /// broadcast is under way.
    pub fn poll_timeout(&self) -> Instant {
        let is_busy = self.walk.is_some()
            || self.more_expired
            || self.ban_round.is_some()
            || !self.announcements.is_empty();
        if is_busy { Instant::ZERO } else { self.next_tick.min(self.next_cut) }
    }

    /// The next thing to do; `None` where nothing is left.
    ///
    /// Ranges into the outbox hold until this has returned `None`: carry out each action before the
    /// next is polled.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.judge_pending(None);
        let action = self.actions.pop_front();
        if action.is_none() {
            self.outbox.clear();
            self.outbox_sent = 0;
        }
        action
    }

    /// Which of its gateway's shards it is.
    pub const fn number(&self) -> u16 {
        self.config.source.shard
    }

    /// The bytes that [`Action::Send`] refers to.
    pub fn outbox(&self, bytes: &Range<usize>) -> &[u8] {
        &self.outbox[bytes.clone()]
    }

    /// What was counted since the start.
    pub const fn stats(&self) -> &ShardStats {
        &self.stats
    }

    /// Sends what was appended to the outbox and is in no action yet.
    fn send_outbox(&mut self, connection: ConnectionId) {
        let bytes = self.outbox_sent..self.outbox.len();
        if !bytes.is_empty() {
            self.outbox_sent = bytes.end;
            self.actions.push_back(Action::Send { connection, bytes });
        }
    }
}
