//! One miner of a shard: who it is, what it may roll, and which difficulty it was told when.

use std::net::{IpAddr, Ipv6Addr};

use sluice_accounting::RowHint;
use sluice_mining::book::JobIndex;
use sluice_mining::vardiff::{Vardiff, VardiffPolicy};
use sluice_mining::wishes::DifficultyWishes;
use sluice_units::header::VERSION_MASK;
use sluice_units::limits::{DIFFICULTIES_KEPT_MAX, WORKERS_PER_CONNECTION_MAX};
use sluice_units::{ConnectionId, Identity, Instant, ShareDifficulty};

use crate::lines::{BlankLines, LineBuffer};

#[cfg(test)]
mod tests;

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
    /// The version bits that it may roll, without those that nobody may.
    version_bits: u16,
    /// The first job that the difficulty held for.
    difficulty_since: JobIndex,
    /// The newest job that it was sent; nothing before it works.
    pub(crate) job_told: JobIndex,
    pub(crate) blank_lines: BlankLines,
    /// Where it connected, counted in the shard's configuration.
    pub(crate) port: u8,
    /// Shares handed in, and wrong ones among them, that its address and account were not told of.
    pub(crate) submits: u8,
    pub(crate) wrong: u8,
    /// Of [`Mark`]s.
    marks: u8,
}

const _: () = assert!(size_of::<Option<MinerSession>>() <= 112);

/// What is or is not so of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Mark {
    /// It was told its part of the search space.
    Subscribed = 1,
    /// It is being let go: nothing that it says counts any more.
    Closing = 1 << 1,
    /// It asked for version rolling, so that it is told when the bits change.
    RollsVersion = 1 << 2,
    /// It was asked whether it is there, and said nothing since.
    Pinged = 1 << 3,
    /// It did not say what it is, so it is asked.
    Nameless = 1 << 4,
    /// Its first byte has come, which tells the language.
    Spoken = 1 << 5,
    /// It can be given another part of the search space (`mining.set_extranonce`).
    TakesExtranonce = 1 << 6,
    /// It is on its way to another shard.
    Leaving = 1 << 7,
}

/// Of the version's bits, those that anybody may roll are kept.
const VERSION_SHIFT: u32 = VERSION_MASK.trailing_zeros();
const _: () = assert!(VERSION_MASK >> VERSION_SHIFT == u16::MAX as u32);

/// A worker that was authorised on a connection.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) identity: Identity,
    /// Where its shares are counted.
    pub(crate) row_hint: RowHint,
    /// It had a share accepted on this connection.
    pub(crate) is_proven: bool,
    /// An event has told that it is here.
    pub(crate) is_announced: bool,
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
    /// What it works at instead of the fixed one, with which its shares would be a flood.
    raised: Option<ShareDifficulty>,
    /// Difficulties of earlier jobs that may still be credited, oldest first, with the first job that
    /// each held for.
    earlier: Vec<(JobIndex, ShareDifficulty)>,
    /// Workers beyond the first.
    further: Vec<Worker>,
    /// Where it searches, where that is not the part of its own connection.
    space: Option<ConnectionId>,
    /// It cannot go to another shard.
    stays: bool,
    /// What it said on its way to another shard.
    unanswered: Vec<u8>,
    /// What came of the header that a balancer is to send first.
    proxy_bytes: Option<Vec<u8>>,
}

impl MinerSession {
    /// A miner that has just connected. It may roll all version bits that anybody may.
    pub fn new(
        now: Instant,
        connection: ConnectionId,
        peer: IpAddr,
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
            version_bits: u16::MAX,
            difficulty_since: 0,
            job_told: 0,
            blank_lines: BlankLines::default(),
            port: 0,
            submits: 0,
            wrong: 0,
            marks: 0,
        }
    }

    /// Whether it is to be sent jobs.
    pub(crate) fn is_working(&self) -> bool {
        self.is(Mark::Subscribed) && self.worker.is_some() && !self.is(Mark::Closing)
    }

    pub(crate) const fn is(&self, mark: Mark) -> bool {
        self.marks & mark as u8 != 0
    }

    pub(crate) const fn set(&mut self, mark: Mark) {
        self.marks |= mark as u8;
    }

    pub(crate) const fn clear(&mut self, mark: Mark) {
        self.marks &= !(mark as u8);
    }

    /// The version bits that it may roll (BIP 310).
    pub(crate) const fn version_mask(&self) -> u32 {
        (self.version_bits as u32) << VERSION_SHIFT
    }

    /// Restricts what it may roll to these bits, and to what anybody may.
    pub(crate) const fn set_version_mask(&mut self, mask: u32) {
        self.version_bits = ((mask & VERSION_MASK) >> VERSION_SHIFT) as u16;
    }

    /// The part of the search space that it has, by the connection that had it first.
    pub(crate) fn space(&self) -> ConnectionId {
        self.rare.as_ref().and_then(|rare| rare.space).unwrap_or(self.connection)
    }

    /// Has it search in another part than its own connection's; `None` for that one.
    pub(crate) fn set_space(&mut self, space: Option<ConnectionId>) {
        if space.is_some() || self.rare.is_some() {
            self.rare.get_or_insert_default().space = space;
        }
    }

    /// Keeps what is to be answered elsewhere; gives how many bytes that are.
    pub(crate) fn keep_unanswered(&mut self, bytes: &[u8]) -> usize {
        let unanswered = &mut self.rare.get_or_insert_default().unanswered;
        unanswered.extend_from_slice(bytes);
        unanswered.len()
    }

    pub(crate) fn take_unanswered(&mut self) -> Vec<u8> {
        self.rare.as_mut().map(|rare| core::mem::take(&mut rare.unanswered)).unwrap_or_default()
    }

    /// It is not asked to leave again.
    pub(crate) fn stay(&mut self) {
        self.rare.get_or_insert_default().stays = true;
    }

    pub(crate) fn stays(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.stays)
    }

    /// What was known of it elsewhere, before it had any work, in place of a connection that has just come about.
    pub(crate) fn arrived(mut self, fresh: Self) -> Self {
        self.clear(Mark::Leaving);
        if let Some(worker) = &mut self.worker {
            worker.row_hint = RowHint::default();
        }
        if let Some(rare) = &mut self.rare {
            rare.further.iter_mut().for_each(|worker| worker.row_hint = RowHint::default());
            rare.space = None;
        }
        Self {
            connection: fresh.connection,
            last_heard: fresh.last_heard,
            vardiff: fresh.vardiff,
            ..self
        }
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
        let worker = Worker {
            identity,
            row_hint: RowHint::default(),
            is_proven: false,
            is_announced: false,
        };
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

    /// Starts at what it worked at when it was last here, unless it wants something else. Before its first job.
    pub(crate) fn start_at(&mut self, difficulty: ShareDifficulty) {
        let wishes = self.rare.as_ref();
        let has_wish = wishes.is_some_and(|rare| rare.suggested.or(rare.fixed).is_some());
        if !has_wish {
            self.difficulty = difficulty;
        }
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

    /// Whether its shares have shown that it is a miner of about its difficulty.
    pub(crate) const fn is_proven(&self) -> bool {
        self.vardiff.is_proven()
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
        let measured = self.vardiff.retarget(now, present, policy);
        let rare = self.rare.as_mut();
        let floor = rare.as_ref().and_then(|rare| rare.floor).unwrap_or(policy.difficulty_min);
        let wish = rare.and_then(|rare| rare.wish(measured));
        let wanted = wish.or(measured).unwrap_or(present);
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

/// How many times as many shares as wanted a miner may ask for.
const WISHED_SHARES_MAX: u128 = 16;

impl RareState {
    /// What the miner wishes, as far as its shares do not come too fast with it. `measured` is the difficulty that
    /// would bring the wanted number, where that is known to be another than the present one.
    fn wish(&mut self, measured: Option<ShareDifficulty>) -> Option<ShareDifficulty> {
        let least = measured.map(|measured| {
            let hashes = measured.work().to_hashes() / WISHED_SHARES_MAX;
            ShareDifficulty::from_hashes(u64::try_from(hashes).expect("a difficulty has 64 bits"))
        });
        if let Some(fixed) = self.fixed {
            if let Some(least) = least {
                self.raised = (least > fixed).then_some(least);
            }
            return self.raised.or(Some(fixed));
        }
        let suggested = self.suggested.take()?;
        Some(least.map_or(suggested, |least| suggested.max(least)))
    }

    fn is_empty(&self) -> bool {
        let wishes = [self.suggested, self.suggested_last, self.fixed, self.floor];
        wishes.iter().all(Option::is_none)
            && self.earlier.is_empty()
            && self.further.is_empty()
            && self.proxy_bytes.is_none()
            && self.space.is_none()
            && self.unanswered.is_empty()
            && !self.stays
    }
}
