//! Shares that wait for their verdict: those of one turn are hashed together, which costs less each.
//!
//! They are judged in the order of their arrival before anything else is answered, before jobs or
//! sessions change, and at the latest when the shell polls for what to do.

use core::ops::Range;

use sluice_accounting::AcceptedShare;
use sluice_mining::share::{Share, Verdict};
use sluice_units::limits::{SHARES_PENDING_MAX, SHARES_PER_CHECK_MAX};
use sluice_units::{BestShare, CompactTarget, ConnectionId, Hash256, JobId, Now, RejectReason};
use sluice_wire::stratum::{Submit, reply};

use super::Shard;
use super::watch::is_wrong;
use crate::miner::{Mark, MinerSession};

/// A submit that was understood.
#[derive(Debug)]
pub(super) struct PendingShare {
    arrived: Now,
    connection: ConnectionId,
    /// The worker's place in the session.
    worker: usize,
    job: JobId,
    nbits: CompactTarget,
    lateness: Lateness,
    share: Share,
    /// The request's id, in [`PendingShares::ids`].
    id: Range<usize>,
}

/// Whether a share is on the present tip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lateness {
    InTime,
    /// On the one before, while such shares are still taken.
    InGrace,
    TooLate,
}

/// The shares of a turn; its memory is kept.
#[derive(Debug, Default)]
pub(super) struct PendingShares {
    shares: Vec<PendingShare>,
    ids: String,
}

impl Shard {
    /// The share of a submit; `None` where it is none that could be credited to a known worker.
    pub(super) fn assemble(
        &mut self,
        now: Now,
        session: &MinerSession,
        submit: &Submit<'_>,
    ) -> Option<PendingShare> {
        if !session.is(Mark::Subscribed) {
            return None;
        }
        let worker = session.find_worker(&submit.user)?;
        let extranonce1 = self.extranonce1(session.space());
        let in_grace = self.is_in_grace(now.instant);
        let known = self.book.find(submit.job?)?;
        let lateness = match known.tips_ago {
            0 => Lateness::InTime,
            1 if in_grace => Lateness::InGrace,
            _ => Lateness::TooLate,
        };
        let job = known.prepared.job();
        let share = Share {
            extranonce1,
            extranonce2: submit.extranonce2,
            ntime: submit.ntime,
            nonce: submit.nonce,
            version_bits: submit.version_bits,
            version_mask: session.version_mask() & job.version_mask,
            difficulty: session.difficulty_at(known.index),
        };
        Some(PendingShare {
            arrived: now,
            connection: session.connection,
            worker,
            job: job.id,
            nbits: job.nbits,
            lateness,
            share,
            id: 0..0,
        })
    }

    /// Keeps a share for the end of the turn. At the bound the shares are judged at once.
    pub(super) fn await_verdict(
        &mut self,
        mut share: PendingShare,
        id: &str,
        session: &mut MinerSession,
    ) {
        let start = self.pending.ids.len();
        self.pending.ids.push_str(id);
        share.id = start..self.pending.ids.len();
        self.pending.shares.push(share);
        if self.pending.shares.len() >= SHARES_PENDING_MAX {
            self.judge_pending(Some(session));
        }
    }

    /// Judges and answers every share that waits. `in_hand` is the session that is being served, which
    /// stands in no slot meanwhile.
    pub(super) fn judge_pending(&mut self, mut in_hand: Option<&mut MinerSession>) {
        if self.pending.shares.is_empty() {
            return;
        }
        if let Some(session) = &in_hand {
            self.send_outbox(session.connection);
        }
        let now = self.pending.shares[0].arrived;
        let mut pending = core::mem::take(&mut self.pending);
        for of_one_job in pending.shares.chunk_by(|one, next| one.job == next.job) {
            for group in of_one_job.chunks(SHARES_PER_CHECK_MAX) {
                let verdicts = self.judge_group(group);
                for (index, (share, verdict)) in group.iter().zip(verdicts).enumerate() {
                    let verdict = verdict.expect("every share of the group was judged");
                    self.answer(share, &verdict, &pending.ids[share.id.clone()], &mut in_hand);
                    // One message for all replies to one connection.
                    let next = group.get(index + 1);
                    if next.is_none_or(|next| next.connection != share.connection) {
                        self.send_outbox(share.connection);
                    }
                }
            }
        }
        pending.shares.clear();
        pending.ids.clear();
        self.pending = pending;
        self.make_room(now);
    }

    fn judge_group(&mut self, group: &[PendingShare]) -> [Option<Verdict>; SHARES_PER_CHECK_MAX] {
        let mut shares = [group[0].share; SHARES_PER_CHECK_MAX];
        for (place, one) in shares.iter_mut().zip(group) {
            *place = one.share;
        }
        let count = group.len();
        let mut hashes = [Hash256::ZERO; SHARES_PER_CHECK_MAX];
        let known = self.book.find(group[0].job);
        let known = known.expect("shares are judged before jobs change");
        known.prepared.hash(&shares[..count], &mut hashes[..count]);
        core::array::from_fn(|index| {
            let stale = group.get(index)?.lateness == Lateness::TooLate;
            Some(known.prepared.judge(&shares[index], hashes[index], stale))
        })
    }

    fn answer(
        &mut self,
        pending: &PendingShare,
        verdict: &Verdict,
        id: &str,
        in_hand: &mut Option<&mut MinerSession>,
    ) {
        let connection = pending.connection;
        if let Some(session) = in_hand
            && session.connection == connection
        {
            return self.answer_session(pending, verdict, id, session);
        }
        let place = self.sessions[connection.slot as usize].take();
        let mut session = place.expect("shares are judged before sessions end");
        assert_eq!(session.connection, connection, "and before their slot is used again");
        self.answer_session(pending, verdict, id, &mut session);
        self.sessions[connection.slot as usize] = Some(session);
    }

    fn answer_session(
        &mut self,
        pending: &PendingShare,
        verdict: &Verdict,
        id: &str,
        session: &mut MinerSession,
    ) {
        let PendingShare { arrived, job, nbits, lateness, share, .. } = pending;
        if verdict.outcome.is_ok() {
            session.count_share(arrived.instant);
        }
        let peer = session.peer();
        let worker = session.worker_at(pending.worker);
        let worker = worker.expect("a worker stays as long as its session");
        if verdict.is_block || verdict.is_aux_block {
            self.report_block(*job, share, verdict, &worker.identity);
        }
        match verdict.outcome {
            Ok(()) if !self.records_shares() => {
                self.refuse(*arrived, id, Some(worker), RejectReason::NotRecorded);
            }
            Ok(()) if *lateness == Lateness::InGrace && !self.config.stale.credited => {
                self.count_refused(*arrived, Some(worker), RejectReason::Stale);
                reply::encode_true(&mut self.outbox, id);
            }
            Ok(()) => {
                let share = AcceptedShare {
                    difficulty: share.difficulty,
                    nbits: *nbits,
                    best: BestShare::of_hash(&verdict.hash),
                };
                self.credit(*arrived, worker, peer, &share);
                reply::encode_true(&mut self.outbox, id);
            }
            Err(reason) => self.refuse(*arrived, id, Some(worker), reason),
        }
        self.watch_submit(*arrived, session, verdict.outcome.is_err_and(is_wrong));
    }
}
