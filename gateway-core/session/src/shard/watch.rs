//! Who connects, hands in and is refused too much within a window of time, by address and by account.
//!
//! What counts is a rate over a whole window, never a number of bad shares: thousands of machines behind one
//! address bring many of those in a moment.

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::IpNet;
use sluice_units::limits::WATCHED_MAX;
use sluice_units::{Ban, BanSubject, Instant, Now, RejectReason, UnixTime};

use super::Shard;
use super::addresses::AddressKey;
use crate::miner::MinerSession;

/// What is too much, and what follows. Zero means that there is no such bound.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WatchPolicy {
    /// The window of time.
    pub window: Duration,
    /// How long whoever did too much is kept out.
    pub ban: Duration,
    /// Who is not watched.
    pub exempt: Vec<IpNet>,
    /// What an address may do in a window.
    pub address: Allowance,
    /// What the connections of an account may do in a window.
    pub account: Allowance,
    /// Wrong shares of a window that are never too many, however few right ones there are.
    pub wrong_min: u32,
}

/// What one address or account may do in a window; zero means that there is no such bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Allowance {
    /// Connections of an address, workers that are authorised of an account.
    pub connections: u32,
    /// Connections that ended without having subscribed and authorised.
    pub handshakes_failed: u32,
    /// Shares handed in.
    pub submits: u32,
    /// Wrong ones among them, in percent of a whole window's.
    pub wrong_percent: u32,
}

impl Allowance {
    const fn is_unbounded(&self) -> bool {
        self.connections == 0
            && self.handshakes_failed == 0
            && self.submits == 0
            && self.wrong_percent == 0
    }
}

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Deeds {
    pub(super) connections: u32,
    pub(super) handshakes_failed: u32,
    pub(super) submits: u32,
    /// Of the submits.
    pub(super) wrong: u32,
}

/// Deeds since a time.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: Instant,
    deeds: Deeds,
}

/// The windows of addresses or accounts. At [`WATCHED_MAX`] a newcomer is not watched before others' windows
/// are over.
#[derive(Debug)]
struct Windows<K> {
    windows: BTreeMap<K, Window>,
    swept: Instant,
}

impl<K: Ord> Windows<K> {
    const fn new() -> Self {
        Self { windows: BTreeMap::new(), swept: Instant::ZERO }
    }

    /// Counts deeds; gives what was too much.
    fn count(
        &mut self,
        now: Instant,
        key: K,
        deeds: Deeds,
        allowed: &Allowance,
        policy: &WatchPolicy,
    ) -> Option<String> {
        if self.windows.len() >= WATCHED_MAX && !self.windows.contains_key(&key) {
            if now.since(self.swept) < SWEEP_INTERVAL {
                return None;
            }
            self.swept = now;
            self.windows.retain(|_, window| now.since(window.since) < policy.window);
            if self.windows.len() >= WATCHED_MAX {
                return None;
            }
        }
        let fresh = Window { since: now, deeds: Deeds::default() };
        let window = self.windows.entry(key).or_insert(fresh);
        let is_over = now.since(window.since) >= policy.window;
        let wrong = is_over.then(|| policy.too_wrong(&window.deeds, allowed)).flatten();
        if is_over {
            *window = fresh;
        }
        window.deeds.add(deeds);
        wrong.or_else(|| allowed.exceeded_by(&window.deeds, policy.window))
    }
}

/// How often a full table is looked through for windows that are over.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

impl Deeds {
    const fn add(&mut self, more: Self) {
        self.connections = self.connections.saturating_add(more.connections);
        self.handshakes_failed = self.handshakes_failed.saturating_add(more.handshakes_failed);
        self.submits = self.submits.saturating_add(more.submits);
        self.wrong = self.wrong.saturating_add(more.wrong);
    }
}

impl Allowance {
    fn exceeded_by(&self, deeds: &Deeds, window: Duration) -> Option<String> {
        let bounds = [
            ("connections", deeds.connections, self.connections),
            ("failed handshakes", deeds.handshakes_failed, self.handshakes_failed),
            ("submits", deeds.submits, self.submits),
        ];
        let (what, count, max) =
            bounds.into_iter().find(|(_, count, max)| *max > 0 && count > max)?;
        Some(format!("{count} {what} in {} s, {max} are allowed", window.as_secs()))
    }
}

impl WatchPolicy {
    /// Whether anybody is watched at all.
    pub(super) const fn is_off(&self) -> bool {
        self.address.is_unbounded() && self.account.is_unbounded()
    }

    fn too_wrong(&self, deeds: &Deeds, allowed: &Allowance) -> Option<String> {
        let Deeds { submits, wrong, .. } = *deeds;
        let bound = u64::from(submits) * u64::from(allowed.wrong_percent);
        let is_bounded = allowed.wrong_percent > 0;
        let too_much = is_bounded && wrong > self.wrong_min && u64::from(wrong) * 100 > bound;
        too_much
            .then(|| format!("{wrong} of {submits} shares wrong in {} s", self.window.as_secs()))
    }
}

/// Whether a refused share says something of who handed it in: not where it was late, or the pool's own bound
/// was reached.
pub(super) const fn is_wrong(reason: RejectReason) -> bool {
    !matches!(
        reason,
        RejectReason::Stale
            | RejectReason::UnknownJob
            | RejectReason::JobFull
            | RejectReason::NotRecorded
    )
}

/// Everybody who is watched.
#[derive(Debug)]
pub(super) struct Watch {
    addresses: Windows<AddressKey>,
    accounts: Windows<String>,
}

impl Watch {
    pub(super) const fn new() -> Self {
        Self { addresses: Windows::new(), accounts: Windows::new() }
    }
}

/// Submits of a session after which they are counted for its address and account.
const SUBMITS_FOLDED: u8 = 64;
/// And wrong ones.
const WRONG_FOLDED: u8 = 8;

impl Shard {
    /// Counts a share that was handed in; its address and account hear of some at a time.
    pub(super) fn watch_submit(&mut self, now: Now, session: &mut MinerSession, wrong: bool) {
        if self.config.watch.is_off() {
            return;
        }
        session.submits += 1;
        session.wrong += u8::from(wrong);
        if session.submits >= SUBMITS_FOLDED || session.wrong >= WRONG_FOLDED {
            self.fold_submits(now, session);
        }
    }

    /// Counts what the session has handed in since the last time.
    pub(super) fn fold_submits(&mut self, now: Now, session: &mut MinerSession) {
        let deeds = Deeds {
            submits: u32::from(core::mem::take(&mut session.submits)),
            wrong: u32::from(core::mem::take(&mut session.wrong)),
            ..Deeds::default()
        };
        if deeds != Deeds::default() {
            self.watch(now, session, deeds);
            self.watch_account(now, session, deeds);
        }
    }

    /// Counts deeds for the session's address, and bans it where they are too many.
    pub(super) fn watch(&mut self, now: Now, session: &MinerSession, deeds: Deeds) {
        let policy = &self.config.watch;
        if policy.address.is_unbounded() || self.is_unwatched(session) {
            return;
        }
        let key = AddressKey::of(session.peer());
        let allowed = &policy.address;
        let addresses = &mut self.watch.addresses;
        if let Some(offence) = addresses.count(now.instant, key, deeds, allowed, policy) {
            self.ban_for(now, BanSubject::network(key.network()), offence);
        }
    }

    /// Counts deeds for the session's first account, and bans it where they are too many.
    pub(super) fn watch_account(&mut self, now: Now, session: &MinerSession, deeds: Deeds) {
        let policy = &self.config.watch;
        if policy.account.is_unbounded() || self.is_unwatched(session) {
            return;
        }
        let Some(worker) = session.workers().next() else { return };
        let account = worker.identity.user().to_owned();
        let accounts = &mut self.watch.accounts;
        let offence = accounts.count(now.instant, account.clone(), deeds, &policy.account, policy);
        if let Some(offence) = offence {
            let subject = BanSubject::account(&account).expect("an identity's user is an account");
            self.ban_for(now, subject, offence);
        }
    }

    fn is_unwatched(&self, session: &MinerSession) -> bool {
        let peer = session.peer();
        session.awaits_proxy_header()
            || self.is_proxy(peer)
            || self.config.watch.exempt.iter().any(|network| network.contains(&peer))
    }

    fn ban_for(&mut self, now: Now, subject: BanSubject, reason: String) {
        let until = now.unix.to_seconds() + self.config.watch.ban.as_secs();
        self.ban(now, Ban { subject, until: UnixTime::from_seconds(until), reason });
    }
}
