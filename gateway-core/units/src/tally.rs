//! What is counted per minute: shares of a worker, and counters of the pool.

use core::ops::AddAssign;

use crate::difficulty::{BestShare, Goal, Work};
use crate::reject::RejectReason;

/// The shares of one worker in one minute. Tallies add up in any order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Accepted shares.
    pub accepted: u64,
    /// Expected hashes of the accepted shares.
    pub work: Work,
    /// Part of a block that the accepted shares are worth.
    pub goal: Goal,
    /// The best of the accepted shares.
    pub best: BestShare,
    /// Refused shares, by [`RejectReason::index`].
    pub rejected: [u64; RejectReason::COUNT],
}

impl Tally {
    /// Refused shares, whatever the reason.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.iter().sum()
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.work += other.work;
        self.goal += other.goal;
        self.best = self.best.max(other.best);
        for (mine, theirs) in self.rejected.iter_mut().zip(other.rejected) {
            *mine += theirs;
        }
    }
}

/// A counter of the whole pool, summed per minute and per host.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Counter {
    /// Open connections, reported once a minute.
    Connections = 0,
    /// Connections opened.
    ConnectionNew = 1,
    /// Connections closed.
    ConnectionClose = 2,
    /// Workers authorised.
    NewAuthorized = 3,
    /// Requests answered with a result.
    RequestSuccess = 4,
    /// Requests answered with an error, or not to be read at all.
    RequestInvalid = 5,
    /// Jobs sent to the miners.
    JobBroadcast = 6,
    /// Those among them that began a new tip.
    JobClean = 7,
    /// Readers dropped because they did not read.
    SlowReader = 8,
    /// Events dropped because too many came between two batches, and workers that no event told of: they went without an
    /// accepted share, and too many like them had come that minute.
    EventDropped = 9,
    /// Connections ended since they did not subscribe and authorise in time.
    HandshakeExpired = 10,
    /// Connections ended since their miner said nothing for too long.
    IdleExpired = 11,
    /// Connections ended for a line that is too long.
    LineTooLong = 12,
    /// Connections ended for a line that is no stratum request, or for nothing but blank lines.
    NotStratum = 13,
    /// Connections ended at once, since their address has as many as it may have.
    AddressRefused = 14,
    /// Connections ended since there is no work for them: no job yet, a silent jobmaster, the end.
    LetGo = 15,
    /// Connections ended or refused since their address or account is banned.
    Banned = 16,
    /// Connections ended since another one has resumed their session.
    Resumed = 17,
    /// Connections that came from another shard, which did not know their session.
    SessionMoved = 18,
    /// Refused shares that are counted for no worker: of those that never had one accepted, beyond as many names a
    /// minute as are kept, and of all while a shard has no room for rows.
    RefusedUnnamed = 19,
}

impl Counter {
    /// How many counters there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Every counter, in the order of its number.
    pub const ALL: [Self; 20] = [
        Self::Connections,
        Self::ConnectionNew,
        Self::ConnectionClose,
        Self::NewAuthorized,
        Self::RequestSuccess,
        Self::RequestInvalid,
        Self::JobBroadcast,
        Self::JobClean,
        Self::SlowReader,
        Self::EventDropped,
        Self::HandshakeExpired,
        Self::IdleExpired,
        Self::LineTooLong,
        Self::NotStratum,
        Self::AddressRefused,
        Self::LetGo,
        Self::Banned,
        Self::Resumed,
        Self::SessionMoved,
        Self::RefusedUnnamed,
    ];

    /// The name in store keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionNew => "connection_new",
            Self::ConnectionClose => "connection_close",
            Self::NewAuthorized => "new_authorized",
            Self::RequestSuccess => "request_success",
            Self::RequestInvalid => "request_invalid",
            Self::JobBroadcast => "job_broadcast",
            Self::JobClean => "job_clean",
            Self::SlowReader => "slow_reader",
            Self::EventDropped => "event_dropped",
            Self::HandshakeExpired => "handshake_expired",
            Self::IdleExpired => "idle_expired",
            Self::LineTooLong => "line_too_long",
            Self::NotStratum => "not_stratum",
            Self::AddressRefused => "address_refused",
            Self::LetGo => "let_go",
            Self::Banned => "ip_banned",
            Self::Resumed => "resumed",
            Self::SessionMoved => "session_moved",
            Self::RefusedUnnamed => "refused_unnamed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_list_agree() {
        for (index, counter) in Counter::ALL.into_iter().enumerate() {
            assert_eq!(counter as usize, index);
        }
    }
}
