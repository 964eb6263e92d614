//! Who is kept out: the jobmaster's list, and what this shard adds to it by itself until the list holds it too.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use sluice_units::limits::{BANS_MAX, BROADCAST_SLICE_MAX};
use sluice_units::{Ban, BanSubject, Identity, Now, UnixTime};

use super::{EndCause, Shard};
use crate::actions::Action;
use crate::miner::{Mark, MinerSession};

/// Bans, found by an address or an account; at most [`BANS_MAX`] of the list and as many of the shard's own.
#[derive(Debug, Default)]
pub(super) struct BanTable {
    networks: BTreeMap<IpNet, UnixTime>,
    /// The kinds of networks that there are, since each is looked for by itself: family and length.
    prefixes: BTreeSet<(bool, u8)>,
    accounts: BTreeMap<String, UnixTime>,
}

impl BanTable {
    /// Replaces all.
    fn replace(&mut self, bans: &[Ban]) {
        *self = Self::default();
        for ban in bans.iter().take(BANS_MAX) {
            self.add(ban);
        }
    }

    /// Adds one; at the bound it is left out, and `false` says so.
    fn add(&mut self, ban: &Ban) -> bool {
        if self.networks.len() + self.accounts.len() >= 2 * BANS_MAX {
            return false;
        }
        match &ban.subject {
            BanSubject::Network(network) => {
                self.prefixes.insert((network.addr().is_ipv4(), network.prefix_len()));
                self.networks.insert(*network, ban.until);
            }
            BanSubject::Account(account) => {
                self.accounts.insert(account.to_string(), ban.until);
            }
        }
        true
    }

    fn forget_ended(&mut self, now: UnixTime) {
        self.networks.retain(|_, until| now < *until);
        self.accounts.retain(|_, until| now < *until);
    }

    fn is_empty(&self) -> bool {
        self.networks.is_empty() && self.accounts.is_empty()
    }

    /// Whether an address is kept out.
    pub(super) fn holds_address(&self, now: UnixTime, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        let kinds = self.prefixes.iter().filter(|(is_ipv4, _)| *is_ipv4 == peer.is_ipv4());
        kinds.map(|(_, length)| *length).any(|length| {
            let network = IpNet::new(peer, length).expect("the length is of that family");
            self.networks.get(&network.trunc()).is_some_and(|until| now < *until)
        })
    }

    /// Whether an account is kept out.
    pub(super) fn holds_account(&self, now: UnixTime, worker: &Identity) -> bool {
        !self.accounts.is_empty()
            && self.accounts.get(worker.user()).is_some_and(|until| now < *until)
    }
}

impl Shard {
    /// The jobmaster's whole list. Who is on it and here is let go, in the calls of
    /// [`Shard::handle_timeout`] that follow.
    pub fn handle_bans(&mut self, bans: &[Ban]) {
        self.bans.replace(bans);
        self.enforce_bans();
    }

    /// Bans by the shard's own decision: here at once, and everywhere once the jobmaster knows.
    pub(super) fn ban(&mut self, now: Now, ban: Ban) {
        self.bans.forget_ended(now.unix);
        if self.bans.add(&ban) {
            self.enforce_bans();
            self.actions.push_back(Action::Ban(Box::new(ban)));
        }
    }

    fn enforce_bans(&mut self) {
        if !self.bans.is_empty() {
            self.ban_round = Some(0);
        }
    }

    /// Whether the miner's address is kept out; a balancer's own never is.
    pub(super) fn is_banned_address(&self, now: Now, peer: IpAddr) -> bool {
        !self.bans.is_empty() && self.bans.holds_address(now.unix, peer) && !self.is_proxy(peer)
    }

    /// Looks at the next slice of the sessions, where bans have changed.
    pub(super) fn continue_bans(&mut self, now: Now) {
        let Some(start) = self.ban_round.take() else { return };
        let end = self.sessions.len().min(start + BROADCAST_SLICE_MAX);
        for slot in start..end {
            let banned = self.sessions[slot].as_ref().is_some_and(|one| self.is_banned(now, one));
            if banned && let Some(mut session) = self.sessions[slot].take() {
                self.end(now, &mut session, EndCause::Banned);
                self.sessions[slot] = Some(session);
            }
        }
        self.ban_round = (end < self.sessions.len()).then_some(end);
    }

    fn is_banned(&self, now: Now, session: &MinerSession) -> bool {
        let named =
            || session.workers().any(|one| self.bans.holds_account(now.unix, &one.identity));
        !session.is(Mark::Closing)
            && !session.awaits_proxy_header()
            && (self.is_banned_address(now, session.peer()) || named())
    }
}
