//! The task that owns the store: applies one batch after the other, and holds out while it is away.

use std::mem::Discriminant;

use sluice_relay_core::PlanError;
use sluice_service::backoff::Backoff;
use sluice_wire::share_feed::Batch;
use tokio::sync::{mpsc, oneshot, watch};

use crate::stats::SharedStats;
use crate::store::{Applied, Store, StoreError};

/// A batch, and where to say what became of it.
pub(crate) struct Request {
    pub(crate) batch: Batch,
    pub(crate) reply: oneshot::Sender<Result<Applied, PlanError>>,
}

/// Serves requests until their senders are gone, or the role stops.
pub(crate) async fn run(
    mut store: impl Store,
    mut requests: mpsc::Receiver<Request>,
    mut stop: watch::Receiver<bool>,
    stats: SharedStats,
) {
    let mut outage = Outage::new(stats.clone());
    while let Some(request) = requests.recv().await {
        let applying = apply_until_taken(&mut store, &request.batch, &mut outage, &mut stop);
        let Some(result) = applying.await else { return };
        record(&stats, &request.batch, &result);
        // A link that is gone meanwhile needs no answer: its gateway sends the batch again.
        let _ = request.reply.send(result);
    }
}

/// Tries until the store has taken the batch, or can never take it; `None` where the role stops.
async fn apply_until_taken(
    store: &mut impl Store,
    batch: &Batch,
    outage: &mut Outage,
    stop: &mut watch::Receiver<bool>,
) -> Option<Result<Applied, PlanError>> {
    loop {
        match store.apply(batch).await {
            Ok(applied) => {
                outage.end();
                return Some(Ok(applied));
            }
            Err(StoreError::BadBatch(error)) => return Some(Err(error)),
            Err(error) => outage.note(&error),
        }
        tokio::select! {
            () = tokio::time::sleep(outage.backoff.next_wait()) => {}
            // What is unacknowledged is sent again after the next start. A dropped sender is a stop.
            _ = stop.changed() => return None,
        }
    }
}

fn record(stats: &SharedStats, batch: &Batch, result: &Result<Applied, PlanError>) {
    stats.update(|stats| match result {
        Ok(Applied::New) => {
            stats.batches_applied += 1;
            let accepted = batch.tallies.iter().map(|(_, _, tally)| tally.accepted);
            // Each is bounded by the plan that was applied, and a batch holds 65,536 of them.
            stats.shares_applied = accepted.fold(stats.shares_applied, u64::saturating_add);
        }
        Ok(Applied::Repeated) => stats.batches_repeated += 1,
        Err(error) => {
            stats.batches_refused += 1;
            stats.last_error = Some(error.to_string());
        }
    });
}

/// A time in which the store does not take batches: each cause is logged once, and its end.
struct Outage {
    backoff: Backoff,
    failures: u64,
    causes_logged: Vec<Discriminant<StoreError>>,
    stats: SharedStats,
}

impl Outage {
    fn new(stats: SharedStats) -> Self {
        Self { backoff: Backoff::for_links(), failures: 0, causes_logged: Vec::new(), stats }
    }

    fn note(&mut self, error: &StoreError) {
        self.failures += 1;
        let cause = std::mem::discriminant(error);
        if !self.causes_logged.contains(&cause) {
            self.causes_logged.push(cause);
            tracing::error!("{error}; batches wait until the store takes them");
        }
        self.stats.update(|stats| {
            stats.store_reachable = false;
            stats.store_failures += 1;
            stats.last_error = Some(error.to_string());
        });
    }

    fn end(&mut self) {
        self.stats.update(|stats| stats.store_reachable = true);
        if self.failures > 0 {
            tracing::info!("the store takes batches again, after {} failures", self.failures);
            self.failures = 0;
            self.causes_logged.clear();
            self.backoff.reset();
        }
    }
}
