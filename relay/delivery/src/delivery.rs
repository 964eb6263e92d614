//! A batch on its way to the courier, and how whoever brings it hears that it is safe.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use sluice_session::BatchName;
use sluice_wire::share_feed::Batch;
use tokio::sync::oneshot;

use crate::intake::Answer;

/// A batch to take.
#[derive(Debug)]
pub struct Delivery {
    /// The batch.
    pub batch: Box<Batch>,
    /// Whom to tell once it is safe.
    pub notice: Notice,
}

/// How somebody hears that a batch is on this machine's disk, or further on its way for good.
#[derive(Debug)]
pub enum Notice {
    /// The mark is the number up to which all batches of its source are safe.
    Mark(Arc<AtomicU64>),
    /// It is said once.
    Once(oneshot::Sender<BatchName>),
    /// Whoever sent it by a link is told.
    Link(Answer),
}

impl Notice {
    /// Whether anybody is there to hear it.
    pub(crate) fn is_awaited(&self) -> bool {
        match self {
            Self::Mark(_) => true,
            Self::Once(sender) => !sender.is_closed(),
            Self::Link(answer) => answer.is_awaited(),
        }
    }
}
