//! What a shard counted since its start: plain numbers, copied out by the shell.

use sluice_units::{RejectReason, Work};

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
    }
}
