//! One miner of a shard: who it is, what it may roll, and which difficulty it was told when.

use std::collections::VecDeque;
use std::net::IpAddr;

use sluice_mining::book::JobIndex;
use sluice_mining::vardiff::{Vardiff, VardiffPolicy};
use sluice_units::limits::{DIFFICULTIES_KEPT_MAX, WORKERS_PER_CONNECTION_MAX};
use sluice_units::{ConnectionId, Extranonce1, Identity, Instant, ShareDifficulty};

use crate::lines::LineBuffer;

/// A connected miner.
#[derive(Debug)]
pub struct MinerSession {
    pub(crate) connection: ConnectionId,
    pub(crate) peer: IpAddr,
    pub(crate) extranonce1: Extranonce1,
    pub(crate) connected_at: Instant,
    pub(crate) last_heard: Instant,
    pub(crate) lines: LineBuffer,
    pub(crate) subscribed: bool,
    pub(crate) version_mask: u32,
    pub(crate) closing: bool,
    workers: Vec<(String, Identity)>,
    difficulties: VecDeque<(JobIndex, ShareDifficulty)>,
    suggested: Option<ShareDifficulty>,
    vardiff: Vardiff,
}

impl MinerSession {
    pub(crate) fn new(
        now: Instant,
        connection: ConnectionId,
        peer: IpAddr,
        extranonce1: Extranonce1,
        version_mask: u32,
        difficulty: ShareDifficulty,
    ) -> Self {
        Self {
            connection,
            peer,
            extranonce1,
            connected_at: now,
            last_heard: now,
            lines: LineBuffer::default(),
            subscribed: false,
            version_mask,
            closing: false,
            workers: Vec::new(),
            difficulties: VecDeque::from([(0, difficulty)]),
            suggested: None,
            vardiff: Vardiff::new(now),
        }
    }

    /// Whether it is to be sent jobs.
    pub(crate) fn is_working(&self) -> bool {
        self.subscribed && !self.workers.is_empty() && !self.closing
    }

    /// Takes a worker under the name that submits will carry; `false` where there are too many.
    pub(crate) fn authorize(&mut self, name: &str, identity: Identity) -> bool {
        if self.worker(name).is_none() {
            if self.workers.len() >= WORKERS_PER_CONNECTION_MAX {
                return false;
            }
            self.workers.push((name.to_owned(), identity));
        }
        true
    }

    /// The worker that was authorised under this name.
    pub(crate) fn worker(&self, name: &str) -> Option<&Identity> {
        self.workers.iter().find(|(known, _)| known == name).map(|(_, identity)| identity)
    }

    /// The workers that were authorised, first one first.
    pub(crate) fn workers(&self) -> impl Iterator<Item = &Identity> {
        self.workers.iter().map(|(_, identity)| identity)
    }

    /// What the miner wishes; it holds from the next job on, within the policy's bounds.
    pub(crate) fn suggest(&mut self, difficulty: ShareDifficulty) {
        self.suggested = Some(difficulty);
    }

    /// The difficulty that the miner works at now.
    pub(crate) fn difficulty(&self) -> ShareDifficulty {
        self.difficulties.back().expect("a session has a difficulty from its start").1
    }

    /// The difficulty that was in force when a job was sent.
    pub(crate) fn difficulty_at(&self, job: JobIndex) -> ShareDifficulty {
        let at = self.difficulties.iter().rev().find(|(since, _)| *since <= job);
        at.or_else(|| self.difficulties.front()).expect("there is always one").1
    }

    pub(crate) const fn count_share(&mut self) {
        self.vardiff.count_share();
    }

    /// Settles the difficulty that holds from job `next` on; `true` where it changed.
    ///
    /// `cap` is the network's difficulty: above it a miner would throw blocks away. `oldest` is the
    /// oldest job that may still be credited: what held before it is forgotten. Where as many changes
    /// as can be remembered are still in use, the difficulty waits.
    pub(crate) fn settle_difficulty(
        &mut self,
        now: Instant,
        [next, oldest]: [JobIndex; 2],
        cap: ShareDifficulty,
        policy: &VardiffPolicy,
    ) -> bool {
        while self.difficulties.get(1).is_some_and(|(since, _)| *since <= oldest) {
            self.difficulties.pop_front();
        }
        if self.difficulties.len() >= DIFFICULTIES_KEPT_MAX {
            return false;
        }
        let present = self.difficulty();
        let wanted = match self.suggested.take() {
            Some(suggested) => suggested.clamp(policy.difficulty_min, policy.difficulty_max),
            None => self.vardiff.retarget(now, present, policy).unwrap_or(present),
        };
        let wanted = wanted.min(cap.max(policy.difficulty_min));
        if wanted == present {
            return false;
        }
        self.difficulties.push_back((next, wanted));
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn difficulty(hashes: u64) -> ShareDifficulty {
        ShareDifficulty::from_hashes(hashes)
    }

    fn policy() -> VardiffPolicy {
        VardiffPolicy {
            difficulty_start: difficulty(1 << 20),
            difficulty_min: difficulty(1 << 10),
            difficulty_max: difficulty(1 << 40),
            share_interval_target: Duration::from_secs(1),
            retarget_interval: Duration::from_secs(60),
        }
    }

    fn session() -> MinerSession {
        let connection = ConnectionId { slot: 0, generation: 0 };
        let peer = IpAddr::from([127, 0, 0, 1]);
        let extranonce1 = Extranonce1::new(0, 0, 0);
        MinerSession::new(Instant::ZERO, connection, peer, extranonce1, 0, difficulty(1 << 20))
    }

    #[test]
    fn a_share_is_judged_by_what_held_when_its_job_was_sent() {
        let mut session = session();
        let cap = difficulty(1 << 50);
        for (job, hashes) in [(5, 1 << 21), (9, 1 << 22)] {
            session.suggest(difficulty(hashes));
            assert!(session.settle_difficulty(Instant::ZERO, [job, 0], cap, &policy()));
        }
        for (job, hashes) in [(0, 1 << 20), (4, 1 << 20), (5, 1 << 21), (8, 1 << 21), (9, 1 << 22)]
        {
            assert_eq!(session.difficulty_at(job), difficulty(hashes), "job {job}");
        }
        assert_eq!(session.difficulties.len(), 3);
        // Once job 5 is the oldest, the first difficulty can never be asked for again.
        assert!(!session.settle_difficulty(Instant::ZERO, [10, 5], cap, &policy()));
        assert_eq!(session.difficulties.len(), 2);
    }

    #[test]
    fn changes_wait_where_too_many_are_in_use() {
        let mut session = session();
        let cap = difficulty(1 << 50);
        for job in 1..20 {
            session.suggest(difficulty(1 << (10 + job)));
            session.settle_difficulty(Instant::ZERO, [job, 0], cap, &policy());
        }
        assert_eq!(session.difficulties.len(), DIFFICULTIES_KEPT_MAX);
        assert_eq!(session.difficulty_at(0), difficulty(1 << 20), "the oldest is never lost");
        // The last wish was not dropped: it holds as soon as the earlier jobs are forgotten.
        assert!(session.settle_difficulty(Instant::ZERO, [20, 20], cap, &policy()));
        assert_eq!(session.difficulty(), difficulty(1 << 29));
    }

    #[test]
    fn never_above_the_network_unless_the_policy_says_so() {
        let mut session = session();
        assert!(session.settle_difficulty(Instant::ZERO, [1, 0], difficulty(1 << 15), &policy()));
        assert_eq!(session.difficulty(), difficulty(1 << 15));
        assert!(session.settle_difficulty(Instant::ZERO, [2, 0], difficulty(2), &policy()));
        assert_eq!(session.difficulty(), policy().difficulty_min);
    }

    #[test]
    fn a_connection_carries_a_bounded_number_of_workers() {
        let mut session = session();
        for index in 0..WORKERS_PER_CONNECTION_MAX {
            let name = format!("alice.rig{index}");
            assert!(session.authorize(&name, name.parse().unwrap()));
        }
        assert!(session.authorize("alice.rig0", "alice.rig0".parse().unwrap()), "once more");
        assert!(!session.authorize("alice.other", "alice.other".parse().unwrap()));
        assert_eq!(session.worker("alice.rig3").unwrap().worker(), "rig3");
    }
}
