//! What a shard counted since its start: plain numbers, copied out by the shell.

use sluice_units::{Counter, RejectReason, Work};

/// Why a shard ended a connection by its own decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndCause {
    /// It did not subscribe and authorise in time.
    HandshakeExpired = 0,
    /// Its miner said nothing for too long.
    IdleExpired = 1,
    /// A line was too long.
    LineTooLong = 2,
    /// A line was no stratum request, or there were nothing but blank lines.
    NotStratum = 3,
    /// Its address has as many connections as it may have.
    AddressRefused = 4,
    /// There is no work: no job yet, a silent jobmaster, or the gateway ends.
    LetGo = 5,
    /// Its address or account is banned.
    Banned = 6,
    /// Another connection has resumed its session.
    Resumed = 7,
}

impl EndCause {
    /// How many causes there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Every cause, in the order of its number.
    pub const ALL: [Self; 8] = [
        Self::HandshakeExpired,
        Self::IdleExpired,
        Self::LineTooLong,
        Self::NotStratum,
        Self::AddressRefused,
        Self::LetGo,
        Self::Banned,
        Self::Resumed,
    ];

    /// The index in [`EndCause::ALL`], and in [`ShardStats::ended`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The pool's counter of it.
    pub const fn counter(self) -> Counter {
        match self {
            Self::HandshakeExpired => Counter::HandshakeExpired,
            Self::IdleExpired => Counter::IdleExpired,
            Self::LineTooLong => Counter::LineTooLong,
            Self::NotStratum => Counter::NotStratum,
            Self::AddressRefused => Counter::AddressRefused,
            Self::LetGo => Counter::LetGo,
            Self::Banned => Counter::Banned,
            Self::Resumed => Counter::Resumed,
        }
    }
}

/// Counters of one shard; those of several shards add up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ShardStats {
    /// Open connections.
    pub connections: u64,
    /// Jobs sent to the miners.
    pub jobs: u64,
    /// Height of the newest job; zero before the first.
    pub height: u32,
    /// Accepted shares.
    pub accepted: u64,
    /// Expected hashes of the accepted shares.
    pub work: Work,
    /// Refused shares, by [`RejectReason::index`].
    pub rejected: [u64; RejectReason::COUNT],
    /// Why the latest refused share was refused.
    pub last_reject: Option<RejectReason>,
    /// Shares that met the network's target.
    pub blocks_found: u64,
    /// Counters of the pool, of one minute each, that were dropped since no batch could be cut for hours.
    pub counts_dropped: u64,
    /// Connections that the shard ended, by [`EndCause::index`].
    pub ended: [u64; EndCause::COUNT],
}

impl ShardStats {
    /// Refused shares, whatever the reason.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.iter().sum()
    }

    /// Adds another shard's counters.
    pub fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        self.jobs = self.jobs.max(other.jobs);
        self.height = self.height.max(other.height);
        self.accepted += other.accepted;
        self.work += other.work;
        for (mine, theirs) in self.rejected.iter_mut().zip(other.rejected) {
            *mine += theirs;
        }
        self.last_reject = self.last_reject.or(other.last_reject);
        self.blocks_found += other.blocks_found;
        self.counts_dropped += other.counts_dropped;
        for (mine, theirs) in self.ended.iter_mut().zip(other.ended) {
            *mine += theirs;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_numbered_as_listed_and_counted_apart() {
        for (index, cause) in EndCause::ALL.into_iter().enumerate() {
            assert_eq!(cause.index(), index);
            let same = EndCause::ALL.iter().filter(|other| other.counter() == cause.counter());
            assert_eq!(same.count(), 1);
        }
    }
}
