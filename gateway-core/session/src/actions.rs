//! What a shard asks its shell to do, in order.

use std::ops::Range;
use std::sync::Arc;

use sluice_units::{Ban, ConnectionId, FoundBlock};
use sluice_wire::share_feed::Batch;

/// One thing to do. The order matters: a block comes before the reply to its share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Send bytes that stand in the shard's outbox until the last action was polled.
    Send {
        /// To whom.
        connection: ConnectionId,
        /// Where they stand in [`crate::Shard::outbox`].
        bytes: Range<usize>,
    },
    /// Send the newest job, in bytes that many connections share.
    ///
    /// An earlier job that still waits to be sent to this connection is worthless now and may be left
    /// out, with one exception: one that is not clean never stands in for a clean one.
    SendJob {
        /// To whom.
        connection: ConnectionId,
        /// The whole line.
        bytes: Arc<[u8]>,
        /// Whether the miner is to drop all earlier work.
        clean: bool,
    },
    /// Close a connection once its bytes are sent.
    Close {
        /// Which.
        connection: ConnectionId,
    },
    /// Cut a connection off at once: nothing was said to it, so there is nothing to wait for.
    Refuse {
        /// Which.
        connection: ConnectionId,
    },
    /// Hand a connection to another shard of the gateway: [`crate::Shard::handle_departed`] follows, or
    /// [`crate::Shard::handle_stays`] where that cannot be.
    HandOver {
        /// Which.
        connection: ConnectionId,
        /// To whom.
        shard: u16,
    },
    /// Write a found block to disk, then hand it to the jobmaster.
    FoundBlock(Box<FoundBlock>),
    /// Ask whether an account may mine; [`crate::Shard::handle_account`] takes the answer.
    AskAccount(String),
    /// Tell the jobmaster whom the shard keeps out, so that all others do.
    Ban(Box<Ban>),
    /// Keep a batch until the store has acknowledged it.
    Publish(Box<Batch>),
}
