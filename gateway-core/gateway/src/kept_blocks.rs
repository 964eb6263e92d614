//! Blocks that a node keeps, as batches of their own among those of the shards.

use sluice_delivery::{Delivery, Notice};
use sluice_service::clock::unix_time;
use sluice_units::{Name, SourceId};
use sluice_wire::share_feed::{Batch, BlockRecord};
use tokio::sync::mpsc;

use crate::queues::KeptBlock;

/// The source of a gateway's blocks; shards are numbered far below it.
const BLOCK_SHARD: u16 = u16::MAX;

/// What makes batches of blocks.
pub(crate) struct KeptBlocks {
    pub(crate) gateway_id: u16,
    pub(crate) epoch: u64,
    pub(crate) coin: Name,
    pub(crate) host: Name,
    pub(crate) kept: mpsc::Receiver<KeptBlock>,
    pub(crate) batches: mpsc::Sender<Delivery>,
}

impl KeptBlocks {
    /// Runs until no block will come any more.
    pub(crate) async fn run(mut self) {
        let mut sequence = 0;
        while let Some(KeptBlock { block, chain, spooled }) = self.kept.recv().await {
            sequence += 1;
            let record = BlockRecord {
                finder: block.finder,
                hash: block.hash,
                minute: unix_time().minute(),
            };
            let batch = Box::new(Batch {
                source: SourceId { gateway_id: self.gateway_id, shard: BLOCK_SHARD },
                epoch: self.epoch,
                sequence,
                coin: chain.unwrap_or_else(|| self.coin.clone()),
                host: self.host.clone(),
                tallies: Vec::new(),
                counters: Vec::new(),
                events: Vec::new(),
                blocks: vec![record],
            });
            let delivery = Delivery { batch, notice: Notice::Once(spooled) };
            if self.batches.send(delivery).await.is_err() {
                // The block's file stays, and is answered again at the next start.
                return;
            }
        }
    }
}
