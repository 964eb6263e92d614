//! One miner of a shard: who it is, what it may roll, and which difficulty it was told when.

use std::net::{IpAddr, Ipv6Addr};

use sluice_accounting::RowHint;
use sluice_mining::book::JobIndex;
use sluice_mining::vardiff::{Vardiff, VardiffPolicy};
use sluice_mining::wishes::DifficultyWishes;
use sluice_units::limits::{DIFFICULTIES_KEPT_MAX, WORKERS_PER_CONNECTION_MAX};
use sluice_units::{ConnectionId, Identity, Instant, ShareDifficulty};

use crate::lines::{BlankLines, LineBuffer};

/// A connected miner. There are a million of them: what few have is boxed.
#[derive(Debug)]
pub struct MinerSession {
    pub(crate) connection: ConnectionId,
    pub(crate) last_heard: Instant,
    pub(crate) lines: LineBuffer,
    worker: Option<Worker>,
    difficulty: ShareDifficulty,
    vardiff: Vardiff,
    rare: Option<Box<RareState>>,
    /// An IPv4 address in its mapped form.
    peer: Ipv6Addr,
    pub(crate) version_mask: u32,
    /// The first job that the difficulty held for.
    difficulty_since: JobIndex,
    /// The newest job that it was sent; nothing before it works.
    pub(crate) job_told: JobIndex,
    pub(crate) blank_lines: BlankLines,
    pub(crate) subscribed: bool,
    pub(crate) closing: bool,
}

const _: () = assert!(size_of::<Option<MinerSession>>() <= 112);

/// A worker that was authorised on a connection.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) identity: Identity,
    /// Where its shares are counted.
    pub(crate) row_hint: RowHint,
}

/// What most miners do not have at most times.
#[derive(Debug, Default)]
struct RareState {
    /// What the miner wishes from the next job on.
    suggested: Option<ShareDifficulty>,
    /// What it wished last: said again, as some do every half minute, it is no new wish.
    suggested_last: Option<ShareDifficulty>,
    /// What it wants to work at for ever, and at least.
    fixed: Option<ShareDifficulty>,
    floor: Option<ShareDifficulty>,
    /// Difficulties of earlier jobs that may still be credited, oldest first, with the first job that
    /// each held for.
    earlier: Vec<(JobIndex, ShareDifficulty)>,
    /// Workers beyond the first.
    further: Vec<Worker>,
    /// What came of the header that a balancer is to send first.
    proxy_bytes: Option<Vec<u8>>,
}

impl MinerSession {
    /// A miner that has just connected, and may roll the version bits of the mask.
    pub fn new(
        now: Instant,
        connection: ConnectionId,
        peer: IpAddr,
        version_mask: u32,
        difficulty: ShareDifficulty,
    ) -> Self {
        Self {
            connection,
            last_heard: now,
            lines: LineBuffer::default(),
            worker: None,
            difficulty,
            vardiff: Vardiff::new(now),
            rare: None,
            peer: mapped(peer),
            version_mask,
            difficulty_since: 0,
            job_told: 0,
            blank_lines: BlankLines::default(),
            subscribed: false,
            closing: false,
        }
    }

    /// Whether it is to be sent jobs.
    pub(crate) fn is_working(&self) -> bool {
        self.subscribed && self.worker.is_some() && !self.closing
    }

    /// The address that it comes from; IPv4 as such, however it came.
    pub(crate) fn peer(&self) -> IpAddr {
        self.peer.to_canonical()
    }

    pub(crate) const fn set_peer(&mut self, peer: IpAddr) {
        self.peer = mapped(peer);
    }

    /// A balancer's header is to come before all else.
    pub(crate) fn await_proxy_header(&mut self) {
        self.keep_proxy_bytes(Vec::new());
    }

    pub(crate) fn awaits_proxy_header(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.proxy_bytes.is_some())
    }

    /// What came of it so far. It is awaited no more, unless bytes are kept again.
    pub(crate) fn take_proxy_bytes(&mut self) -> Vec<u8> {
        self.rare.as_mut().and_then(|rare| rare.proxy_bytes.take()).unwrap_or_default()
    }

    pub(crate) fn keep_proxy_bytes(&mut self, bytes: Vec<u8>) {
        self.rare.get_or_insert_default().proxy_bytes = Some(bytes);
    }

    /// Takes a worker; `false` where there are too many.
    pub(crate) fn authorize(&mut self, identity: Identity) -> bool {
        if self.workers().any(|known| known.identity == identity) {
            return true;
        }
        let worker = Worker { identity, row_hint: RowHint::default() };
        if self.worker.is_none() {
            self.worker = Some(worker);
            return true;
        }
        let rare = self.rare.get_or_insert_default();
        let has_room = 1 + rare.further.len() < WORKERS_PER_CONNECTION_MAX;
        if has_room {
            rare.further.push(worker);
        }
        has_room
    }

    /// The place of the worker that this text names; see [`MinerSession::worker_at`].
    pub(crate) fn find_worker(&self, written: &str) -> Option<usize> {
        self.workers().position(|worker| worker.identity.is_written_as(written))
    }

    /// The worker at a place, counted in the order in which they were authorised.
    pub(crate) fn worker_at(&mut self, place: usize) -> Option<&mut Worker> {
        match place.checked_sub(1) {
            None => self.worker.as_mut(),
            Some(further) => self.rare.as_mut()?.further.get_mut(further),
        }
    }

    /// The workers that were authorised, first one first.
    pub(crate) fn workers(&self) -> impl Iterator<Item = &Worker> {
        let further = self.rare.iter().flat_map(|rare| &rare.further);
        self.worker.iter().chain(further)
    }

    /// What the miner wishes; it holds from the next job on, within the policy's bounds.
    pub(crate) fn suggest(&mut self, difficulty: ShareDifficulty) {
        let rare = self.rare.get_or_insert_default();
        if rare.suggested_last != Some(difficulty) {
            rare.suggested_last = Some(difficulty);
            rare.suggested = Some(difficulty);
        }
    }

    /// What the miner wants at least, from the next job on. It never takes back what was asked for before.
    pub(crate) fn raise_floor(&mut self, difficulty: ShareDifficulty) {
        let rare = self.rare.get_or_insert_default();
        rare.floor = rare.floor.max(Some(difficulty));
    }

    /// What the miner's owner wants, from the next job on.
    pub(crate) fn take_wishes(&mut self, wishes: &DifficultyWishes) {
        if let Some(start) = wishes.start {
            self.suggest(start);
        }
        if let Some(floor) = wishes.floor {
            self.raise_floor(floor);
        }
        if wishes.fixed.is_some() {
            self.rare.get_or_insert_default().fixed = wishes.fixed;
        }
    }

    /// The difficulty that the miner works at now.
    pub const fn difficulty(&self) -> ShareDifficulty {
        self.difficulty
    }

    /// The difficulty that was in force when a job was sent.
    pub fn difficulty_at(&self, job: JobIndex) -> ShareDifficulty {
        let earlier = self.rare.as_ref().map_or(&[][..], |rare| &rare.earlier);
        if self.difficulty_since <= job || earlier.is_empty() {
            return self.difficulty;
        }
        let at = earlier.iter().rev().find(|(since, _)| *since <= job);
        at.unwrap_or(&earlier[0]).1
    }

    /// Counts a share that was accepted.
    pub const fn count_share(&mut self, now: Instant) {
        self.vardiff.count_share(now);
    }

    /// Settles the difficulty that holds from job `next` on; `true` where it changed.
    ///
    /// `cap` is the network's difficulty: above it a miner would throw blocks away. `oldest` is the
    /// oldest job that may still be credited: what held before it is forgotten. Where as many changes
    /// as can be remembered are still in use, the difficulty waits.
    pub fn settle_difficulty(
        &mut self,
        now: Instant,
        [next, oldest]: [JobIndex; 2],
        cap: ShareDifficulty,
        policy: &VardiffPolicy,
    ) -> bool {
        self.forget_difficulties_before(oldest);
        let changed = self.change_difficulty(now, [next, oldest], cap, policy);
        if self.rare.as_ref().is_some_and(|rare| rare.is_empty()) {
            self.rare = None;
        }
        changed
    }

    fn change_difficulty(
        &mut self,
        now: Instant,
        [next, oldest]: [JobIndex; 2],
        cap: ShareDifficulty,
        policy: &VardiffPolicy,
    ) -> bool {
        let earlier = self.rare.as_ref().map_or(0, |rare| rare.earlier.len());
        if earlier + 1 >= DIFFICULTIES_KEPT_MAX {
            return false;
        }
        let present = self.difficulty;
        let rare = self.rare.as_mut();
        let floor = rare.as_ref().and_then(|rare| rare.floor).unwrap_or(policy.difficulty_min);
        let wanted = match rare.and_then(|rare| rare.fixed.or_else(|| rare.suggested.take())) {
            Some(wish) => wish,
            None => self.vardiff.retarget(now, present, policy).unwrap_or(present),
        };
        let wanted = wanted.max(floor).clamp(policy.difficulty_min, policy.difficulty_max);
        let wanted = wanted.min(cap.max(policy.difficulty_min));
        if wanted == present {
            return false;
        }
        self.vardiff.restart(now);
        if oldest < next {
            let earlier = &mut self.rare.get_or_insert_default().earlier;
            earlier.push((self.difficulty_since, present));
        }
        self.difficulty = wanted;
        self.difficulty_since = next;
        true
    }

    /// Forgets each difficulty whose successor held for all jobs that may still be credited.
    fn forget_difficulties_before(&mut self, oldest: JobIndex) {
        let Some(rare) = &mut self.rare else { return };
        let successors = rare.earlier.iter().skip(1).map(|(since, _)| *since);
        let successors = successors.chain([self.difficulty_since]);
        let forgotten = successors.take_while(|since| *since <= oldest).count();
        rare.earlier.drain(..forgotten.min(rare.earlier.len()));
    }
}

const fn mapped(peer: IpAddr) -> Ipv6Addr {
    match peer {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

impl RareState {
    fn is_empty(&self) -> bool {
        let wishes = [self.suggested, self.suggested_last, self.fixed, self.floor];
        wishes.iter().all(Option::is_none)
            && self.earlier.is_empty()
            && self.further.is_empty()
            && self.proxy_bytes.is_none()
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
            rental_difficulty_min: difficulty(1 << 10),
            difficulty_max: difficulty(1 << 40),
            share_interval_target: Duration::from_secs(1),
            retarget_interval: Duration::from_secs(60),
        }
    }

    fn session() -> MinerSession {
        let connection = ConnectionId { slot: 0, generation: 0 };
        let peer = IpAddr::from([127, 0, 0, 1]);
        MinerSession::new(Instant::ZERO, connection, peer, 0, difficulty(1 << 20))
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
        assert_eq!(session.rare.as_ref().unwrap().earlier.len(), 2);
        // Once job 5 is the oldest, the first difficulty can never be asked for again.
        assert!(!session.settle_difficulty(Instant::ZERO, [10, 5], cap, &policy()));
        assert_eq!(session.rare.as_ref().unwrap().earlier.len(), 1);
        assert!(!session.settle_difficulty(Instant::ZERO, [11, 9], cap, &policy()));
        assert!(session.rare.as_ref().unwrap().earlier.is_empty());
        assert_eq!(session.difficulty_at(9), difficulty(1 << 22));
    }

    #[test]
    fn changes_wait_where_too_many_are_in_use() {
        let mut session = session();
        let cap = difficulty(1 << 50);
        for job in 1..20 {
            session.suggest(difficulty(1 << (10 + job)));
            session.settle_difficulty(Instant::ZERO, [job, 0], cap, &policy());
        }
        assert_eq!(session.rare.as_ref().unwrap().earlier.len(), DIFFICULTIES_KEPT_MAX - 1);
        assert_eq!(session.difficulty_at(0), difficulty(1 << 20), "the oldest is never lost");
        // The last wish was not dropped: it holds as soon as the earlier jobs are forgotten.
        assert!(session.settle_difficulty(Instant::ZERO, [20, 20], cap, &policy()));
        assert_eq!(session.difficulty(), difficulty(1 << 29));
    }

    #[test]
    fn a_wish_said_again_is_no_new_wish() {
        let mut session = session();
        let cap = difficulty(1 << 50);
        session.suggest(difficulty(1 << 12));
        assert!(session.settle_difficulty(Instant::ZERO, [1, 1], cap, &policy()));
        // It finds far more than was wanted, and goes on wishing what it wished.
        (0..100).for_each(|_| session.count_share(Instant::ZERO));
        session.suggest(difficulty(1 << 12));
        let later = Instant::from_millis(1000);
        assert!(session.settle_difficulty(later, [2, 2], cap, &policy()));
        assert!(session.difficulty() > difficulty(1 << 12), "it is adapted all the same");
        session.suggest(difficulty(1 << 13));
        assert!(session.settle_difficulty(later, [3, 3], cap, &policy()));
        assert_eq!(session.difficulty(), difficulty(1 << 13), "another wish is heard");
    }

    #[test]
    fn floors_and_fixed_difficulties_hold_within_the_port() {
        let mut session = session();
        let cap = difficulty(1 << 50);
        session.raise_floor(difficulty(1 << 22));
        session.raise_floor(difficulty(1 << 21));
        session.suggest(difficulty(1 << 12));
        assert!(session.settle_difficulty(Instant::ZERO, [1, 1], cap, &policy()));
        assert_eq!(session.difficulty(), difficulty(1 << 22), "a floor is never taken back");
        // Silence lowers nobody below the floor.
        assert!(!session.settle_difficulty(Instant::from_millis(600_000), [2, 2], cap, &policy()));
        let wishes = DifficultyWishes::from_password("fd=16384");
        session.take_wishes(&wishes);
        assert!(session.settle_difficulty(Instant::ZERO, [3, 3], cap, &policy()));
        assert_eq!(session.difficulty(), policy().difficulty_max, "2^46 hashes are too many");
        (0..100).for_each(|_| session.count_share(Instant::ZERO));
        assert!(!session.settle_difficulty(Instant::from_millis(1), [4, 4], cap, &policy()));
        assert!(session.settle_difficulty(Instant::ZERO, [5, 5], difficulty(1 << 30), &policy()));
        assert_eq!(session.difficulty(), difficulty(1 << 30), "nor is it above the network");
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
            assert!(session.authorize(format!("alice.rig{index}").parse().unwrap()));
        }
        assert!(session.authorize("alice.rig0".parse().unwrap()), "once more");
        assert!(!session.authorize("alice.other".parse().unwrap()));
        assert_eq!(session.find_worker("alice.other"), None);
        for (written, worker) in [("alice.rig0", "rig0"), ("Alice_RIG3", "rig3")] {
            let place = session.find_worker(written).unwrap();
            assert_eq!(session.worker_at(place).unwrap().identity.worker(), worker);
        }
        assert_eq!(session.workers().count(), WORKERS_PER_CONNECTION_MAX);
    }

    #[test]
    fn an_address_is_kept_as_it_is() {
        for text in ["127.1.2.3", "2001:db8::1", "::1"] {
            let mut one = session();
            one = MinerSession::new(
                Instant::ZERO,
                one.connection,
                text.parse().unwrap(),
                0,
                one.difficulty(),
            );
            assert_eq!(one.peer().to_string(), text);
        }
    }
}
