//! A job as every role passes it on, and a block that was found on it.

use crate::extranonce::{EXTRANONCE_SLOT_BYTES, Extranonce1, Extranonce2};
use crate::hash::Hash256;
use crate::header::HEADER_BYTES;
use crate::identity::{Identity, JobId};
use crate::target::{CompactTarget, Target};

/// What a job replaces, and how urgently.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum JobKind {
    /// A new tip: earlier jobs are worthless, miners drop them at once.
    Clean = 0,
    /// The same tip with other transactions or a later time: earlier jobs stay valid.
    Refresh = 1,
    /// A new tip whose template is not there yet: a block without transactions. It ends soon.
    Empty = 2,
    /// The same tip, with the transactions that an empty job lacked: earlier jobs stay valid, but miners turn
    /// to this one at once.
    Full = 3,
}

impl JobKind {
    /// Whether jobs before it are of a former tip.
    pub const fn begins_tip(self) -> bool {
        matches!(self, Self::Clean | Self::Empty)
    }
}

/// Everything that a miner needs, and that a share is checked against.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// Its name, unique across jobmasters and restarts.
    pub id: JobId,
    /// What it replaces.
    pub kind: JobKind,
    /// Height of the block that it would make.
    pub height: u32,
    /// Hash of the tip it builds on.
    pub parent: Hash256,
    /// Version before rolling.
    pub version: u32,
    /// The version bits that miners may roll.
    pub version_mask: u32,
    /// The network's target.
    pub nbits: CompactTarget,
    /// Time of the template, seconds since 1970.
    pub ntime: u32,
    /// The earliest time that the network accepts.
    pub ntime_min: u32,
    /// The coinbase without witness, up to the extranonce slot.
    pub coinbase_prefix: Vec<u8>,
    /// The coinbase without witness, after the extranonce slot.
    pub coinbase_suffix: Vec<u8>,
    /// Right-hand siblings on the way from the coinbase to the merkle root.
    pub merkle_branch: Vec<Hash256>,
    /// The easiest target of the other chains that the coinbase commits to: a share that meets it is reported
    /// like a block.
    pub aux_target: Option<Target>,
}

impl Job {
    /// The whole coinbase, without witness, for one place in the search space.
    pub fn coinbase(&self, extranonce1: Extranonce1, extranonce2: Extranonce2) -> Vec<u8> {
        let bytes = self.coinbase_prefix.len() + EXTRANONCE_SLOT_BYTES + self.coinbase_suffix.len();
        let mut coinbase = Vec::with_capacity(bytes);
        coinbase.extend_from_slice(&self.coinbase_prefix);
        coinbase.extend_from_slice(&extranonce1.to_bytes());
        coinbase.extend_from_slice(&extranonce2.0);
        coinbase.extend_from_slice(&self.coinbase_suffix);
        coinbase
    }
}

/// A share that meets the network's target, with all that a jobmaster needs to make it a block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundBlock {
    /// The job it was found on.
    pub job: JobId,
    /// Its height.
    pub height: u32,
    /// Its hash.
    pub hash: Hash256,
    /// Its header.
    pub header: [u8; HEADER_BYTES],
    /// Its coinbase, without witness.
    pub coinbase: Vec<u8>,
    /// Who found it.
    pub finder: Identity,
}

/// What became of a found block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BlockVerdict {
    /// A node took it as its tip, or knew it already.
    Accepted,
    /// A node keeps it, but another block of that height was first.
    SideBranch,
    /// Every node that answered refuses it; the text is the node's.
    Rejected(String),
    /// It is no block of this chain, only of others that are mined along.
    OtherChains,
    /// The jobmaster knows neither the job nor its transactions.
    UnknownJob,
}

impl BlockVerdict {
    /// Whether the block is in a node's chain, or may yet be.
    pub const fn is_kept_by_node(&self) -> bool {
        matches!(self, Self::Accepted | Self::SideBranch)
    }
}
