//! Every thread and queue of a running gateway, and how deep each queue is.
//!
//! ```text
//!   job_uplink (task) --shard_inbox--> shard 0..n (threads) --shard_batches--> share_uplink (task)
//!        ^                                  |                                        ^
//!        +------shard_blocks, shard_bans----+        kept_blocks (from job_uplink) --+
//! ```
//!
//! Tasks run on the caller's tokio runtime; each shard is a thread of its own with its own ring.

use std::sync::{Arc, Mutex};

use crossbeam::channel;
use sluice_ring::{EngineStats, Waker};
use sluice_session::{BatchName, ShardStats};
use sluice_units::limits::{LINK_QUEUE_MAX, SHARD_INBOX_MAX};
use sluice_units::{Ban, FoundBlock, Job, Reconnect};
use sluice_wire::share_feed::Batch;
use tokio::sync::mpsc;

/// What a shard is told by others.
#[derive(Clone, Debug)]
pub(crate) enum ShardMessage {
    /// A job came.
    Job(Arc<Job>),
    /// The jobmaster lives.
    Alive,
    /// Who is banned from now on, instead of those who were.
    Bans(Arc<[Ban]>),
    /// A text of the operator's for every miner.
    Say(Arc<str>),
    /// Every miner is asked to come back, here or elsewhere.
    Reconnect(Arc<Reconnect>),
    /// Let the miners go, publish the last batch, end.
    Stop,
}

/// What one shard has counted, as it was a moment ago.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ShardCounts {
    pub(crate) shard: ShardStats,
    pub(crate) engine: EngineStats,
}

/// The end of a shard that others hold.
#[derive(Clone)]
pub(crate) struct ShardHandle {
    pub(crate) inbox: channel::Sender<ShardMessage>,
    pub(crate) waker: Waker,
    pub(crate) counts: Arc<Mutex<ShardCounts>>,
}

/// The ends that a shard holds.
pub(crate) struct ShardQueues {
    pub(crate) inbox: channel::Receiver<ShardMessage>,
    pub(crate) batches: mpsc::Sender<Box<Batch>>,
    pub(crate) blocks: mpsc::Sender<Box<FoundBlock>>,
    pub(crate) bans: mpsc::Sender<Ban>,
    pub(crate) counts: Arc<Mutex<ShardCounts>>,
}

/// Jobs and orders on their way to one shard; at its bound the sender waits.
pub(crate) fn shard_inbox() -> (channel::Sender<ShardMessage>, channel::Receiver<ShardMessage>) {
    channel::bounded(SHARD_INBOX_MAX)
}

/// Batches on their way from all shards to the spool; at its bound the shard waits.
pub(crate) fn shard_batches() -> (mpsc::Sender<Box<Batch>>, mpsc::Receiver<Box<Batch>>) {
    mpsc::channel(LINK_QUEUE_MAX)
}

/// Found blocks, on disk already, on their way to the jobmaster; at its bound the shard waits.
pub(crate) fn shard_blocks() -> (mpsc::Sender<Box<FoundBlock>>, mpsc::Receiver<Box<FoundBlock>>) {
    mpsc::channel(LINK_QUEUE_MAX)
}

/// Bans that shards made by themselves, on their way to the jobmaster; at its bound a ban holds in its own shard
/// alone.
pub(crate) fn shard_bans() -> (mpsc::Sender<Ban>, mpsc::Receiver<Ban>) {
    mpsc::channel(LINK_QUEUE_MAX)
}

/// Blocks that a node keeps, on their way to the store; the answer comes once they are spooled.
pub(crate) fn kept_blocks() -> (mpsc::Sender<KeptBlock>, mpsc::Receiver<KeptBlock>) {
    mpsc::channel(LINK_QUEUE_MAX)
}

/// A block that a node keeps.
pub(crate) struct KeptBlock {
    pub(crate) block: FoundBlock,
    pub(crate) spooled: tokio::sync::oneshot::Sender<BatchName>,
}
