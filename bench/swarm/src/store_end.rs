//! The metawriter's end of the gateway's link: batches taken, acknowledged and added up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sluice_service::ClusterKey;
use sluice_service::link::{Inbound, LinkListener, LinkReceiver, LinkSender};
use sluice_units::SourceId;
use sluice_wire::share_feed::{Batch, FromWriter, ToWriter};

use crate::error::BenchError;

/// What all batches add up to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct StoreSum {
    /// Shares credited.
    pub(crate) accepted: u64,
    /// Shares refused, for known workers.
    pub(crate) rejected: u64,
    /// Batches applied.
    pub(crate) batches: u64,
}

/// A store that only adds up.
#[derive(Default)]
struct Ledger {
    sum: StoreSum,
    /// Epoch and sequence of the last batch of each source.
    last: HashMap<SourceId, (u64, u64)>,
}

impl Ledger {
    /// What is not newer than the last batch of its source was counted before.
    fn apply(&mut self, batch: &Batch) {
        let name = (batch.epoch, batch.sequence);
        let last = self.last.entry(batch.source).or_default();
        if name <= *last {
            return;
        }
        *last = name;
        self.sum.batches += 1;
        for (_, _, tally) in &batch.tallies {
            self.sum.accepted += tally.accepted;
            self.sum.rejected += tally.rejected.iter().sum::<u64>();
        }
    }
}

/// Where the sums are asked for.
pub(crate) struct StoreEnd {
    /// Where the gateway finds it.
    pub(crate) address: String,
    ledger: Arc<Mutex<Ledger>>,
}

impl StoreEnd {
    /// Listens on a free port of this machine, for as long as the runtime lives.
    pub(crate) async fn start(key: &ClusterKey) -> Result<Self, BenchError> {
        let listener = LinkListener::bind("127.0.0.1:0", key.clone()).await?;
        let address = listener.local_address().to_string();
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        tokio::spawn(serve(listener, Arc::clone(&ledger)));
        Ok(Self { address, ledger })
    }

    /// The sums so far; all of them once the gateway has ended.
    pub(crate) fn sum(&self) -> StoreSum {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).sum
    }
}

async fn serve(listener: LinkListener, ledger: Arc<Mutex<Ledger>>) {
    while let Ok((pending, _)) = listener.accept().await {
        let Ok((sender, receiver)) = pending.open().await else { continue };
        converse(sender, receiver, &ledger).await;
    }
}

async fn converse(mut sender: LinkSender, receiver: LinkReceiver, ledger: &Mutex<Ledger>) {
    let mut inbound = Inbound::start(receiver, ToWriter::decode);
    while let Ok(message) = inbound.receive().await {
        let answer = match message {
            ToWriter::Hello { .. } => FromWriter::Welcome,
            ToWriter::Batch(batch) => {
                ledger.lock().unwrap_or_else(PoisonError::into_inner).apply(&batch);
                let Batch { source, epoch, sequence, .. } = batch;
                FromWriter::Acknowledged { source, epoch, sequence }
            }
        };
        if sender.send(&answer.encode()).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_units::{Minute, RejectReason, Tally};

    use super::*;

    #[test]
    fn a_batch_sent_twice_counts_once() {
        let mut tally = Tally { accepted: 3, ..Tally::default() };
        tally.rejected[RejectReason::Stale.index()] = 2;
        let mut batch = Batch {
            tallies: vec![(
                Minute::from_seconds(1_700_000_040).unwrap(),
                "bench.w1".parse().unwrap(),
                tally,
            )],
            ..Batch::empty(
                SourceId { gateway_id: 1, shard: 0 },
                1_700_000_000,
                1,
                "btc".parse().unwrap(),
                "bench".parse().unwrap(),
            )
        };
        let mut ledger = Ledger::default();
        ledger.apply(&batch);
        ledger.apply(&batch);
        assert_eq!(ledger.sum, StoreSum { accepted: 3, rejected: 2, batches: 1 });
        batch.source.shard = 1;
        ledger.apply(&batch);
        batch.sequence = 2;
        ledger.apply(&batch);
        assert_eq!(ledger.sum, StoreSum { accepted: 9, rejected: 6, batches: 3 });
    }
}
