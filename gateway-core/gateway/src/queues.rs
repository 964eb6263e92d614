//! Every thread and queue of a running gateway, and how deep each queue is.
//!
//! ```text
//!   jobmaster links (tasks) --shard_inbox--> shard 0..n (threads) --batches--> courier (task)
//!        |   ^                                  |                                 ^
//!       job_uplink (task) <--- blocks, bans ----+  kept_blocks (from job_uplink) -+
//!                                           +--questions--> accounts (task) --> shard_inbox
//!                                           +--visitors--> another shard
//! ```
//!
//! Tasks run on the caller's tokio runtime; each shard is a thread of its own with its own ring.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use crossbeam::channel::{self, TrySendError};
use sluice_delivery::Delivery;
use sluice_ring::{EngineStats, Waker};
use sluice_session::{AccountAnswer, BatchName, Departure, FeedStats, JobmasterIndex, ShardStats};
use sluice_units::limits::{
    ACCOUNT_QUESTIONS_MAX, DEPARTURES_MAX, LINK_QUEUE_MAX, SHARD_INBOX_MAX,
};
use sluice_units::{Ban, FoundBlock, Name, Reconnect};
use sluice_wire::job_datagram::{DatagramKey, FeedName};
use sluice_wire::job_feed::FromJobmaster;
use tokio::sync::mpsc;

use crate::accounts::AccountQuestion;

/// What a shard is told by others.
#[derive(Clone, Debug)]
pub(crate) enum ShardMessage {
    /// A jobmaster was reached, or lost, or says something of jobs.
    Feed { jobmaster: JobmasterIndex, event: FeedEvent },
    /// What is known of an account that was asked about.
    Account { account: Arc<str>, answer: AccountAnswer },
    /// Who is banned from now on, instead of those who were.
    Bans(Arc<[Ban]>),
    /// A text of the operator's for every miner.
    Say(Arc<str>),
    /// Every miner is asked to come back, here or elsewhere.
    Reconnect(Arc<Reconnect>),
    /// Let the miners go, publish the last batch, end.
    Stop,
}

/// What a link to a jobmaster tells the shards.
#[derive(Clone, Debug)]
pub(crate) enum FeedEvent {
    /// It welcomed this gateway, and told what its datagrams are sealed with.
    Linked { feed: FeedName, key: DatagramKey },
    /// The link is lost.
    Unlinked,
    /// A job, or a sign of life.
    Message(Arc<FromJobmaster>),
}

/// What one shard has counted, as it was a moment ago.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ShardCounts {
    pub(crate) shard: ShardStats,
    pub(crate) engine: EngineStats,
    pub(crate) feed: FeedStats,
}

/// The end of a shard that others hold.
#[derive(Clone)]
pub(crate) struct ShardHandle {
    pub(crate) inbox: channel::Sender<ShardMessage>,
    pub(crate) waker: Waker,
    pub(crate) counts: Arc<Mutex<ShardCounts>>,
}

/// A connection on its way from one shard to another.
pub(crate) struct Visitor {
    pub(crate) socket: OwnedFd,
    pub(crate) peer: SocketAddr,
    pub(crate) departure: Box<Departure>,
}

/// Where one shard finds the others.
#[derive(Clone)]
pub(crate) struct Peer {
    visitors: channel::Sender<Visitor>,
    waker: Waker,
}

impl Peer {
    pub(crate) const fn new(visitors: channel::Sender<Visitor>, waker: Waker) -> Self {
        Self { visitors, waker }
    }

    /// Whether one more connection may be sent there.
    pub(crate) fn has_room(&self) -> bool {
        !self.visitors.is_full()
    }

    /// Sends a connection there; it is closed where there is no room any more, or nobody.
    pub(crate) fn send(&self, visitor: Visitor) {
        let _ = self.visitors.try_send(visitor);
        self.waker.wake();
    }
}

/// All shards of a gateway, known once they are started.
pub(crate) type Peers = Arc<OnceLock<Vec<Peer>>>;

/// The ends that a shard holds.
pub(crate) struct ShardQueues {
    pub(crate) visitors: channel::Receiver<Visitor>,
    pub(crate) peers: Peers,
    pub(crate) inbox: channel::Receiver<ShardMessage>,
    pub(crate) outlets: Outlets,
    pub(crate) counts: Arc<Mutex<ShardCounts>>,
}

/// Jobs and orders on their way to one shard; at its bound the sender waits.
pub(crate) fn shard_inbox() -> (channel::Sender<ShardMessage>, channel::Receiver<ShardMessage>) {
    channel::bounded(SHARD_INBOX_MAX)
}

/// Connections on their way to one shard; at its bound a connection stays where it is.
pub(crate) fn visitors() -> (channel::Sender<Visitor>, channel::Receiver<Visitor>) {
    channel::bounded(DEPARTURES_MAX)
}

/// Where the shards put what they have for others.
#[derive(Clone)]
pub(crate) struct Outlets {
    /// Batches on their way from all shards to the courier; at its bound they wait at the shard.
    pub(crate) batches: mpsc::Sender<Delivery>,
    /// Found blocks, on disk already, on their way to the jobmaster; at its bound the shard waits.
    pub(crate) blocks: mpsc::Sender<Box<FoundBlock>>,
    /// Bans that shards made by themselves, on their way to the jobmaster; at its bound a ban holds in its own
    /// shard alone.
    pub(crate) bans: mpsc::Sender<Ban>,
    /// Questions about accounts on their way to whoever knows; at its bound nobody can tell.
    pub(crate) questions: mpsc::Sender<AccountQuestion>,
}

/// The other ends of the outlets. Each is at its end once the shards are gone.
pub(crate) struct Inlets {
    pub(crate) batches: mpsc::Receiver<Delivery>,
    pub(crate) blocks: mpsc::Receiver<Box<FoundBlock>>,
    pub(crate) bans: mpsc::Receiver<Ban>,
    pub(crate) questions: mpsc::Receiver<AccountQuestion>,
}

/// Both ends of what leaves the shards.
pub(crate) fn outlets() -> (Outlets, Inlets) {
    let (batches_in, batches) = mpsc::channel(LINK_QUEUE_MAX);
    let (blocks_in, blocks) = mpsc::channel(LINK_QUEUE_MAX);
    let (bans_in, bans) = mpsc::channel(LINK_QUEUE_MAX);
    let (questions_in, questions) = mpsc::channel(ACCOUNT_QUESTIONS_MAX);
    (
        Outlets { batches: batches_in, blocks: blocks_in, bans: bans_in, questions: questions_in },
        Inlets { batches, blocks, bans, questions },
    )
}

/// Blocks that a node keeps, on their way to the store; the answer comes once they are spooled.
pub(crate) fn kept_blocks() -> (mpsc::Sender<KeptBlock>, mpsc::Receiver<KeptBlock>) {
    mpsc::channel(LINK_QUEUE_MAX)
}

/// A block that a node keeps.
pub(crate) struct KeptBlock {
    pub(crate) block: FoundBlock,
    /// The chain whose block it is, where that is another one.
    pub(crate) chain: Option<Name>,
    pub(crate) spooled: tokio::sync::oneshot::Sender<BatchName>,
}

/// How long a shard whose inbox is full is given before it is asked again.
const INBOX_FULL_WAIT: Duration = Duration::from_millis(1);

/// Tells every shard; waits for those whose inbox is full.
pub(crate) async fn tell_shards(shards: &[ShardHandle], message: &ShardMessage) {
    for shard in shards {
        // A shard that has ended takes nothing any more.
        while let Err(TrySendError::Full(_)) = shard.inbox.try_send(message.clone()) {
            shard.waker.wake();
            tokio::time::sleep(INBOX_FULL_WAIT).await;
        }
        shard.waker.wake();
    }
}
