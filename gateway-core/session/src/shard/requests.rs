//! What a shard answers: one reply to every request, then what the reply entails.

use std::net::IpAddr;

use sluice_accounting::AcceptedShare;
use sluice_mining::share::{Share, Verdict};
use sluice_mining::wishes::{DifficultyWishes, is_rental};
use sluice_units::limits::BLOCKS_REMEMBERED_MAX;
use sluice_units::{Counter, FoundBlock, Identity, JobId, Now, RejectReason, ShareDifficulty};
use sluice_wire::share_feed::Event;
use sluice_wire::stratum::{Call, Configure, Request, Submit, reply};

use super::watch::Deeds;
use super::{EndCause, Shard};
use crate::actions::Action;
use crate::miner::{Mark, MinerSession, Worker};

impl Shard {
    pub(super) fn handle_request(
        &mut self,
        now: Now,
        session: &mut MinerSession,
        request: &Request<'_>,
    ) {
        let id = request.id;
        if let Call::Submit(submit) = &request.call
            && let Some(share) = self.assemble(now, session, submit)
        {
            return self.await_verdict(share, id, session);
        }
        // Whatever else is answered comes behind the verdicts on what was submitted before.
        self.judge_pending(Some(session));
        match &request.call {
            Call::Submit(submit) => return self.refuse_submit(now, session, id, submit),
            Call::MalformedSubmit { user } => {
                self.watch_submit(now, session, true);
                // One that names nobody is the first worker's, if there is one.
                let place = session.find_worker(user).unwrap_or(0);
                return self.refuse(now, id, session.worker_at(place), RejectReason::Malformed);
            }
            Call::Configure(configure) => self.handle_configure(session, id, configure),
            Call::Subscribe { user_agent, session_id } => {
                if is_rental(user_agent) {
                    self.raise_rental_floor(session);
                }
                if user_agent.is_empty() {
                    session.set(Mark::Nameless);
                }
                self.handle_subscribe(now, session, id, session_id);
            }
            Call::Authorize { user, password } => {
                session.take_wishes(&DifficultyWishes::from_password(password));
                return self.handle_authorize(now, session, id, user);
            }
            Call::SuggestDifficulty(difficulty) => {
                if let Some(difficulty) = ShareDifficulty::from_f64(*difficulty) {
                    session.suggest(difficulty);
                }
                reply::encode_true(&mut self.outbox, id);
            }
            Call::ExtranonceSubscribe => {
                session.set(Mark::TakesExtranonce);
                reply::encode_true(&mut self.outbox, id);
            }
            Call::GetTransactions => reply::encode_empty_list(&mut self.outbox, id),
            Call::Announcement => reply::encode_true(&mut self.outbox, id),
            Call::Ping => reply::encode_pong(&mut self.outbox, id),
            Call::MalformedParameters => {
                self.count(now, Counter::RequestInvalid);
                return reply::encode_error(&mut self.outbox, id, 20, "Malformed parameters");
            }
            Call::Answer { text } => {
                let user_agent = text.as_deref().filter(|_| session.is(Mark::Nameless));
                if user_agent.is_some_and(is_rental) {
                    self.raise_rental_floor(session);
                }
                return;
            }
            Call::Unknown(_) => {
                self.count(now, Counter::RequestInvalid);
                return reply::encode_error(&mut self.outbox, id, 20, "Unknown method");
            }
        }
        self.count(now, Counter::RequestSuccess);
    }

    fn raise_rental_floor(&self, session: &mut MinerSession) {
        let policy = &self.config.ports[usize::from(session.port)].vardiff;
        session.raise_floor(policy.rental_difficulty_min);
    }

    fn handle_configure(&mut self, session: &mut MinerSession, id: &str, configure: &Configure) {
        let mut granted = None;
        if configure.extensions.iter().any(|extension| extension == "subscribe-extranonce") {
            session.set(Mark::TakesExtranonce);
        }
        if configure.extensions.iter().any(|extension| extension == "version-rolling") {
            session.set_version_mask(configure.version_mask.unwrap_or(u32::MAX));
            session.set(Mark::RollsVersion);
            let mask = session.version_mask() & self.version_mask;
            granted = (mask != 0).then_some(mask);
        }
        if let Some(minimum) = configure.minimum_difficulty {
            session.raise_floor(minimum);
        }
        reply::encode_configured(&mut self.outbox, id, configure, granted);
    }

    fn handle_subscribe(&mut self, now: Now, session: &mut MinerSession, id: &str, former: &str) {
        let resumed = match self.read_session_id(former) {
            Some((shard, space)) if shard == self.config.source.shard => {
                !session.is_working() && self.resume(now, session, space)
            }
            _ => false,
        };
        if !resumed && !self.has_own_space(session) {
            return self.end(now, session, EndCause::Resumed);
        }
        let extranonce1 = self.extranonce1(session.space());
        let session_id = self.session_id(session.space());
        reply::encode_subscribed(&mut self.outbox, id, &session_id, extranonce1);
        let was_working = session.is_working();
        session.set(Mark::Subscribed);
        if !was_working && session.is_working() {
            self.start_work(now, session);
        }
    }

    fn handle_authorize(&mut self, now: Now, session: &mut MinerSession, id: &str, user: &str) {
        if session.find_worker(user).is_some() {
            reply::encode_true(&mut self.outbox, id);
            return self.count(now, Counter::RequestSuccess);
        }
        let identity = user.parse::<Identity>().ok();
        if identity.as_ref().is_some_and(|one| self.bans.holds_account(now.unix, one)) {
            return self.refuse_banned(now, session, id);
        }
        let may_mine = identity.as_ref().map(|one| self.is_known_account(now, session, one, id));
        if may_mine != Some(None) {
            let identity = identity.filter(|_| may_mine == Some(Some(true)));
            self.settle_authorize(now, session, id, identity);
        }
    }

    /// Authorises a worker that may mine, and answers its request; `None` is one that may not.
    pub(super) fn settle_authorize(
        &mut self,
        now: Now,
        session: &mut MinerSession,
        id: &str,
        identity: Option<Identity>,
    ) {
        let knows = |one: &Identity| session.workers().any(|worker| worker.identity == *one);
        if identity.as_ref().is_some_and(knows) {
            // Asked for twice, while the first time was not answered.
            reply::encode_true(&mut self.outbox, id);
            return self.count(now, Counter::RequestSuccess);
        }
        let (was_working, is_first) = (session.is_working(), session.workers().next().is_none());
        let Some(identity) = identity.filter(|one| session.authorize(one.clone())) else {
            // No share was refused: only the request counts.
            self.count(now, Counter::RequestInvalid);
            return reply::encode_rejected(&mut self.outbox, id, RejectReason::Unauthorized);
        };
        self.count(now, Counter::NewAuthorized);
        if is_first {
            if let Some(last) = self.recall_difficulty(now, &identity) {
                session.start_at(last);
            }
            self.watch_account(now, session, Deeds { connections: 1, ..Deeds::default() });
        }
        self.announce_unproven(now, session, session.workers().count() - 1);
        reply::encode_true(&mut self.outbox, id);
        self.count(now, Counter::RequestSuccess);
        if !was_working && session.is_working() {
            self.start_work(now, session);
        }
    }

    /// An account that is kept out: its connection ends, unless it has other workers.
    fn refuse_banned(&mut self, now: Now, session: &mut MinerSession, id: &str) {
        self.count(now, Counter::RequestInvalid);
        reply::encode_error(
            &mut self.outbox,
            id,
            RejectReason::Unauthorized.code(),
            "This account is banned",
        );
        if session.workers().next().is_none() {
            self.send_outbox(session.connection);
            self.end(now, session, EndCause::Banned);
        }
    }

    /// Refuses a submit that is no share on a known job by a worker of this connection.
    fn refuse_submit(
        &mut self,
        now: Now,
        session: &mut MinerSession,
        id: &str,
        submit: &Submit<'_>,
    ) {
        if !session.is(Mark::Subscribed) {
            self.watch_submit(now, session, true);
            return self.refuse(now, id, None, RejectReason::NotSubscribed);
        }
        let place = session.find_worker(&submit.user);
        self.watch_submit(now, session, place.is_none());
        match place {
            None => self.refuse(now, id, None, RejectReason::Unauthorized),
            Some(place) => {
                self.refuse(now, id, session.worker_at(place), RejectReason::UnknownJob);
            }
        }
    }

    /// Tells that a worker without an accepted share is here, unless too many others came this minute.
    pub(super) fn announce_unproven(&mut self, now: Now, session: &mut MinerSession, place: usize) {
        let peer = session.peer();
        let worker = session.worker_at(place).expect("it was authorised");
        worker.is_announced = false;
        if self.unproven_announced.take_place(now.unix.minute()) {
            self.announce(now, worker, peer);
        }
    }

    /// Tells that a worker is here.
    fn announce(&mut self, now: Now, worker: &mut Worker, peer: IpAddr) {
        worker.is_announced = true;
        let (identity, peer) = (worker.identity.clone(), peer.to_string());
        self.record_event(now, Event { identity, peer, connected: true });
    }

    pub(super) fn credit(
        &mut self,
        now: Now,
        worker: &mut Worker,
        peer: IpAddr,
        share: &AcceptedShare,
    ) {
        self.stats.accepted += 1;
        self.stats.work += share.difficulty.work();
        worker.is_proven = true;
        let Worker { identity, row_hint, .. } = worker;
        let minute = now.unix.minute();
        let row = self.ledger.credit(minute, identity, row_hint, *share);
        if let Some(journal) = &mut self.journal {
            journal.accept(row, (minute, identity), share);
        }
        if let Some(log) = &mut self.share_log {
            log.accept(now.unix, row, (minute, identity), share);
        }
        if !worker.is_announced {
            self.announce(now, worker, peer);
        }
        self.count(now, Counter::RequestSuccess);
    }

    /// Answers a refusal, and counts it: for the worker where one is known, for the pool always.
    pub(super) fn refuse(
        &mut self,
        now: Now,
        id: &str,
        worker: Option<&mut Worker>,
        reason: RejectReason,
    ) {
        self.count_refused(now, worker, reason);
        reply::encode_rejected(&mut self.outbox, id, reason);
    }

    /// Counts a share that is not credited.
    pub(super) fn count_refused(
        &mut self,
        now: Now,
        worker: Option<&mut Worker>,
        reason: RejectReason,
    ) {
        self.stats.rejected[reason.index()] += 1;
        self.stats.last_reject = Some(reason);
        self.count(now, Counter::RequestInvalid);
        let Some(worker) = worker else { return };
        let minute = now.unix.minute();
        // Where there is no room any more, no share is taken either, and this one counts for nobody's money. Ledger and
        // journal hold the same rows: a start makes the same batches of them.
        if !self.records_shares() || !self.unproven.may_name(minute, worker) {
            return self.count(now, Counter::RefusedUnnamed);
        }
        let Worker { identity, row_hint, .. } = worker;
        let row = self.ledger.refuse(minute, identity, row_hint, reason);
        if let Some(journal) = &mut self.journal {
            journal.refuse(row, (minute, identity), reason);
        }
        if let Some(log) = &mut self.share_log {
            log.refuse(now.unix, row, (minute, identity), reason);
        }
    }

    /// Hands a block to the shell, once: submitted again it costs the pool nothing.
    pub(super) fn report_block(
        &mut self,
        job: JobId,
        share: &Share,
        verdict: &Verdict,
        finder: &Identity,
    ) {
        if self.blocks_reported.contains(&verdict.hash) {
            return;
        }
        self.blocks_reported.truncate(BLOCKS_REMEMBERED_MAX - 1);
        self.blocks_reported.push_front(verdict.hash);
        self.stats.blocks_found += u64::from(verdict.is_block);
        let known = self.book.find(job).expect("the job was found a moment ago");
        let job = known.prepared.job();
        let block = FoundBlock {
            job: job.id,
            height: job.height,
            hash: verdict.hash,
            header: known.prepared.header(share, verdict),
            coinbase: job.coinbase(share.extranonce1, share.extranonce2),
            finder: finder.clone(),
        };
        self.actions.push_back(Action::FoundBlock(Box::new(block)));
    }
}
