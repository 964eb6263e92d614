//! The task that puts batches into the store, several at a time, and holds out while it is away.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sluice_delivery::Received;
use sluice_relay_core::PlanError;
use sluice_service::backoff::Backoff;
use sluice_units::SourceId;
use sluice_units::limits::STORE_CALLS_MAX;
use sluice_wire::share_feed::Batch;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::outage::{Notice, Outage};
use crate::stats::SharedStats;
use crate::store::{Applied, Store, StoreError};

/// What every call of the store is made with.
struct Calls<S> {
    store: S,
    outage: Mutex<Outage>,
    /// Source and start of the last batch that was too old: each is told once, not batch by batch.
    told_too_old: Mutex<Option<(SourceId, u64)>>,
    stats: SharedStats,
}

/// Serves batches until whoever sends them is gone, or the role stops.
///
/// Several are under way at one time, in any order: while one is on its way to the store and back the next ones
/// are made ready, and each is told apart by its number.
pub(crate) async fn run(
    store: impl Store,
    mut received: mpsc::Receiver<Received>,
    stop: watch::Receiver<bool>,
    stats: SharedStats,
) {
    let outage = Mutex::new(Outage::default());
    let calls = Arc::new(Calls { store, outage, told_too_old: Mutex::new(None), stats });
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            Some(ended) = running.join_next() => ended.expect("a call of the store does not panic"),
            batch = received.recv(), if running.len() < STORE_CALLS_MAX => {
                let Some(batch) = batch else { break };
                running.spawn(serve(Arc::clone(&calls), batch, stop.clone()));
            }
        }
    }
    while running.join_next().await.is_some() {}
}

async fn serve<S: Store>(calls: Arc<Calls<S>>, received: Received, stop: watch::Receiver<bool>) {
    let Received { batch, answer } = received;
    let Some(result) = calls.apply_until_taken(&batch, stop).await else { return };
    record(&calls.stats, &batch, &result);
    if let Ok(Applied::TooOld) = result {
        calls.tell_too_old(&batch);
    }
    match result {
        Ok(_) => answer.accept(),
        Err(error) => answer.refuse(error.to_string()),
    }
}

impl<S: Store> Calls<S> {
    /// Tries until the store has taken the batch, or can never take it; `None` where the role stops.
    async fn apply_until_taken(
        &self,
        batch: &Batch,
        mut stop: watch::Receiver<bool>,
    ) -> Option<Result<Applied, PlanError>> {
        let (mut backoff, mut is_failing) = (Backoff::for_links(), false);
        loop {
            let result = match self.store.apply(batch).await {
                Ok(applied) => Ok(applied),
                Err(StoreError::BadBatch(error)) => Err(error),
                Err(error) => {
                    self.note_failure(&error, !is_failing);
                    is_failing = true;
                    tokio::select! {
                        () = tokio::time::sleep(backoff.next_wait()) => continue,
                        // What is unacknowledged is sent again after the next start. A dropped sender is a stop.
                        _ = stop.wait_for(|stops| *stops) => return None,
                    }
                }
            };
            self.note_end(is_failing);
            return Some(result);
        }
    }

    fn note_failure(&self, error: &StoreError, is_first: bool) {
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        outage.note(Instant::now(), error, is_first).into_iter().for_each(log);
        self.stats.update(|stats| {
            stats.store_reachable = false;
            stats.store_failures += 1;
            stats.last_error = Some(error.to_string());
        });
    }

    fn note_end(&self, was_failing: bool) {
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        if was_failing {
            outage.end_call().into_iter().for_each(log);
        }
        self.stats.update(|stats| stats.store_reachable = !outage.is_on());
    }

    fn tell_too_old(&self, batch: &Batch) {
        let Batch { source, epoch, sequence, .. } = *batch;
        let told = self
            .told_too_old
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace((source, epoch));
        if told != Some((source, epoch)) {
            tracing::error!(
                "FATAL: batch {sequence} of start {epoch} of shard {source} is older than what the store remembers, and \
                 it and others of that start are left out, counted before or not; compare the accounts of its minutes \
                 with the share log, and see what kept it away so long"
            );
        }
    }
}

fn log(notice: Notice) {
    match notice {
        Notice::Error(text) => tracing::error!("{text}"),
        Notice::Info(text) => tracing::info!("{text}"),
    }
}

fn record(stats: &SharedStats, batch: &Batch, result: &Result<Applied, PlanError>) {
    stats.update(|stats| match result {
        Ok(Applied::New) => {
            stats.batches_applied += 1;
            let accepted = batch.tallies.iter().map(|(_, _, tally)| tally.accepted);
            // Each is bounded by the plan that was applied.
            stats.shares_applied = accepted.fold(stats.shares_applied, u64::saturating_add);
        }
        Ok(Applied::Repeated) => stats.batches_repeated += 1,
        Ok(Applied::TooOld) => stats.batches_too_old += 1,
        Err(error) => {
            stats.batches_refused += 1;
            stats.last_error = Some(error.to_string());
        }
    });
}
