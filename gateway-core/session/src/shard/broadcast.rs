//! Jobs for all miners, and letting all of them go: a slice of the sessions at a time, so that reads
//! are served in between.

use std::sync::Arc;

use sluice_mining::book::JobIndex;
use sluice_units::limits::{BROADCAST_FIRST_SLICE_MAX, BROADCAST_SLICE_MAX};
use sluice_units::{Counter, Identity, Job, JobId, JobKind, Now, ShareDifficulty};
use sluice_wire::stratum::notification;

use super::{EndCause, Shard};
use crate::actions::Action;
use crate::miner::{Mark, MinerSession};

/// The newest job as miners get it.
#[derive(Debug)]
pub(super) struct Newest {
    index: JobIndex,
    /// For a miner that was sent no job of this tip, and for one that joins.
    clean: Arc<[u8]>,
    /// For a miner that was.
    refresh: Arc<[u8]>,
}

/// A way once round the sessions. It begins where the last one stopped: whoever that had not reached
/// comes first.
#[derive(Debug)]
pub(super) struct Walk {
    purpose: Purpose,
    next_slot: usize,
    /// Slots of the round, and how many of them are left.
    slots: usize,
    left: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    Broadcast,
    LetGo,
}

/// Why miners are given no work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Withheld {
    /// There is none.
    NoWork,
    /// What they find could not be written down.
    NotRecorded,
}

impl Withheld {
    /// What miners are shown that are let go.
    const fn text(self) -> &'static str {
        match self {
            Self::NoWork => {
                "This pool has lost its node and has no work: mine elsewhere until it is back"
            }
            Self::NotRecorded => {
                "This pool cannot record shares now and takes none: mine elsewhere until it can"
            }
        }
    }
}

impl Shard {
    /// The jobmaster sent a job; one that is known already only shows that the jobmaster lives.
    ///
    /// The miners hear of it in [`Shard::handle_timeout`], unless a newer one overtakes it.
    pub fn handle_job(&mut self, now: Now, job: Job) {
        self.judge_pending(None);
        self.feed_heard = now.instant;
        if self.draining {
            return;
        }
        let id = job.id;
        if let Some(index) = self.book.insert(job).or_else(|| self.withheld_index(id)) {
            self.hand_out(now, index);
        }
    }

    /// Miners get work again that was withheld since their shares could not be recorded.
    pub(super) fn resume_work(&mut self, now: Now) {
        let newest = self.book.newest().map(|job| job.id);
        if self.draining || self.withheld != Withheld::NotRecorded || !self.records_shares() {
            return;
        }
        if let Some(index) = newest.and_then(|id| self.withheld_index(id)) {
            self.hand_out(now, index);
        }
    }

    /// Makes the newest job in the book the one that miners work on.
    fn hand_out(&mut self, now: Now, index: JobIndex) {
        let begins_tip = self.book.oldest_current_index() == index;
        let job = self.book.newest().expect("a job was just inserted");
        self.difficulty_cap = network_difficulty(job);
        self.stats.jobs += 1;
        self.stats.height = job.height;
        if begins_tip {
            self.tip_since = now.instant;
        }
        let encode = |clean| -> Arc<[u8]> {
            let mut line = Vec::new();
            notification::encode_notify(&mut line, job, clean);
            line.into()
        };
        let version_mask = job.version_mask;
        if job.kind == JobKind::Full {
            self.full_since = index;
        }
        let clean = encode(true);
        let refresh = if begins_tip { Arc::clone(&clean) } else { encode(false) };
        if self.version_mask != version_mask {
            (self.version_mask, self.version_mask_since) = (version_mask, index);
        }
        if !self.records_shares() {
            self.withheld = Withheld::NotRecorded;
            self.withhold_unrecorded();
            return;
        }
        self.lacks_room = false;
        self.newest = Some(Newest { index, clean, refresh });
        self.count(now, Counter::JobBroadcast);
        if begins_tip {
            self.count(now, Counter::JobClean);
        }
        self.start_walk(Purpose::Broadcast);
    }

    /// The gateway ends: every miner is let go, in the calls of [`Shard::handle_timeout`] that follow.
    pub fn handle_drain(&mut self) {
        self.judge_pending(None);
        self.draining = true;
        self.withhold_work(Withheld::NoWork);
    }

    /// No work without a living jobmaster: the miners fail over to another pool. What those find whom
    /// that has not reached yet is judged as before: a block is a block.
    pub(super) fn withhold_work(&mut self, cause: Withheld) {
        if self.newest.take().is_some() {
            self.withheld = cause;
            self.start_walk(Purpose::LetGo);
        }
    }

    /// Attends to the next slice of a broadcast, where one is under way.
    pub(super) fn continue_walk(&mut self, now: Now) {
        let Some(mut walk) = self.walk.take() else { return };
        let begins = walk.left == walk.slots;
        let most = if begins { BROADCAST_FIRST_SLICE_MAX } else { BROADCAST_SLICE_MAX };
        for _ in 0..walk.left.min(most) {
            self.visit(now, walk.next_slot, walk.purpose);
            walk.next_slot = (walk.next_slot + 1) % walk.slots;
            walk.left -= 1;
        }
        if walk.left > 0 {
            self.walk = Some(walk);
        }
    }

    /// The first difficulty and the newest job, behind the reply that made the miner complete.
    pub(super) fn start_work(&mut self, now: Now, session: &mut MinerSession) {
        let Some(newest) = &self.newest else {
            // It became complete while all are being let go.
            self.send_outbox(session.connection);
            return self.end(now, session, EndCause::LetGo);
        };
        let (index, bytes) = (newest.index, Arc::clone(&newest.clean));
        // It was sent no earlier job whose difficulty would have to be remembered.
        session.settle_difficulty(
            now.instant,
            [index, index],
            self.difficulty_cap,
            &self.config.ports[usize::from(session.port)].vardiff,
        );
        notification::encode_set_difficulty(&mut self.outbox, session.difficulty());
        self.tell_version_mask(session);
        self.send_job(session, index, bytes, true);
        if session.is(Mark::Nameless) {
            notification::encode_get_version(&mut self.outbox);
            self.send_outbox(session.connection);
        }
        self.await_words(now, session.connection);
    }

    /// The newest job once more, as clean: its part of the search space has changed.
    pub(super) fn tell_again(&mut self, session: &mut MinerSession) {
        if let Some(newest) = &self.newest {
            let (index, bytes) = (newest.index, Arc::clone(&newest.clean));
            self.send_job(session, index, bytes, true);
        }
    }

    /// The newest job of the book, where it is that one and nobody is given it at present.
    fn withheld_index(&mut self, id: JobId) -> Option<JobIndex> {
        let is_newest = self.book.newest().is_some_and(|newest| newest.id == id);
        if self.newest.is_some() || !is_newest {
            return None;
        }
        self.book.find(id).map(|known| known.index)
    }

    fn start_walk(&mut self, purpose: Purpose) {
        let slots = self.sessions.len();
        if slots == 0 {
            return;
        }
        let next_slot = self.walk.as_ref().map_or(0, |walk| walk.next_slot);
        self.walk = Some(Walk { purpose, next_slot, slots, left: slots });
    }

    fn visit(&mut self, now: Now, slot: usize, purpose: Purpose) {
        let Some(mut session) = self.sessions[slot].take() else { return };
        match purpose {
            Purpose::LetGo if !session.is(Mark::Closing) => {
                if session.is_working() {
                    if self.draining {
                        // Whoever comes back at once finds another gateway behind the same name.
                        notification::encode_reconnect(&mut self.outbox, None, 0);
                    } else {
                        notification::encode_show_message(&mut self.outbox, self.withheld.text());
                    }
                    self.send_outbox(session.connection);
                }
                self.end(now, &mut session, EndCause::LetGo);
            }
            Purpose::Broadcast if session.is_working() => self.tell_newest(now, &mut session),
            Purpose::LetGo | Purpose::Broadcast => {}
        }
        self.sessions[slot] = Some(session);
    }

    /// Sends the newest job, unless the miner has it, and its difficulty where it changes with it.
    fn tell_newest(&mut self, now: Now, session: &mut MinerSession) {
        let newest = self.newest.as_ref().expect("only a job is broadcast");
        let (index, oldest) = (newest.index, self.book.oldest_current_index());
        if session.job_told == index {
            return;
        }
        // The job that began the tip, or filled an empty one, may have been overtaken before it came to this
        // miner.
        let clean = session.job_told < oldest.max(self.full_since);
        let bytes = Arc::clone(if clean { &newest.clean } else { &newest.refresh });
        let creditable =
            if self.is_in_grace(now.instant) { self.book.oldest_former_index() } else { oldest };
        let (jobs, cap) = ([index, creditable], self.difficulty_cap);
        let policy = &self.config.ports[usize::from(session.port)].vardiff;
        if session.settle_difficulty(now.instant, jobs, cap, policy) {
            notification::encode_set_difficulty(&mut self.outbox, session.difficulty());
            self.remember_difficulty(now, session);
        }
        self.tell_version_mask(session);
        self.send_job(session, index, bytes, clean);
    }

    /// Keeps what the first worker works at, for when it comes back.
    pub(super) fn remember_difficulty(&self, now: Now, session: &MinerSession) {
        if let (Some(memory), Some(worker)) = (&self.config.memory, session.workers().next()) {
            memory.remember(&worker.identity, now.unix.minute(), session.difficulty());
        }
    }

    pub(super) fn recall_difficulty(&self, now: Now, worker: &Identity) -> Option<ShareDifficulty> {
        self.config.memory.as_ref()?.recall(worker, now.unix.minute())
    }

    /// What the miner may roll from the next job on, where that has changed since it was granted.
    fn tell_version_mask(&mut self, session: &MinerSession) {
        if session.is(Mark::RollsVersion) && session.job_told < self.version_mask_since {
            let mask = session.version_mask() & self.version_mask;
            notification::encode_set_version_mask(&mut self.outbox, mask);
        }
    }

    fn send_job(
        &mut self,
        session: &mut MinerSession,
        index: JobIndex,
        bytes: Arc<[u8]>,
        clean: bool,
    ) {
        let connection = session.connection;
        self.send_outbox(connection);
        session.job_told = index;
        self.actions.push_back(Action::SendJob { connection, bytes, clean });
    }
}

/// The network's difficulty as a share difficulty: at most what that type holds.
fn network_difficulty(job: &Job) -> ShareDifficulty {
    let difficulty = job.nbits.difficulty().expect("the book takes no job without a target");
    ShareDifficulty::from_f64(difficulty).expect("a target's difficulty is positive and finite")
}
