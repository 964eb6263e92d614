//! Stores: where batches end up, each exactly once.

pub mod embedded;
pub mod error;
pub mod redis;

use std::sync::Arc;

use sluice_units::Minute;
use sluice_wire::share_feed::Batch;

pub use embedded::{DumpLine, EmbeddedStore};
pub use error::StoreError;
pub use redis::RedisStore;

/// What became of a batch that a store took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    /// It is in the store now, for good.
    New,
    /// The store holds this batch already: nothing was changed.
    Repeated,
    /// The store no longer remembers whether it holds this batch: it was left out, so that nothing is counted twice.
    TooOld,
}

/// Somewhere to put batches.
pub trait Store: Send + Sync + 'static {
    /// Applies the whole batch together with its number, or nothing of it; in a cluster the part of each slot. Several
    /// calls may be under way at once.
    ///
    /// After an error the batch may still have been applied (the answer can be what was lost): apply
    /// it again until the store answers. Slots of a cluster that have their part skip it then.
    fn apply(&self, batch: &Batch) -> impl Future<Output = Result<Applied, StoreError>> + Send;

    /// Removes all minutes before this one; gives how many fields are gone. Numbers of batches, and names that were
    /// announced, stay.
    fn forget(&self, before: Minute) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Whether the store can be reached and lets us in; changes nothing.
    fn check(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Waits for calls that go on although their callers have given them up, and lets go of what the store has open.
    fn settle(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

impl<S: Store> Store for Arc<S> {
    async fn apply(&self, batch: &Batch) -> Result<Applied, StoreError> {
        S::apply(self, batch).await
    }

    async fn forget(&self, before: Minute) -> Result<u64, StoreError> {
        S::forget(self, before).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        S::check(self).await
    }

    async fn settle(&self) {
        S::settle(self).await;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use sluice_units::SourceId;

    use super::*;

    /// A batch of nothing.
    pub(crate) fn batch(sequence: u64) -> Batch {
        Batch::empty(
            SourceId { gateway_id: 1, shard: 0 },
            5,
            sequence,
            "btc".parse().unwrap(),
            "gw".parse().unwrap(),
        )
    }
}
