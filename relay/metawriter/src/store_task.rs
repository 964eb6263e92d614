//! The task that puts batches into the store, several at a time, and holds out while it is away.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sluice_delivery::Received;
use sluice_relay_core::PlanError;
use sluice_service::backoff::Backoff;
use sluice_units::limits::STORE_CALLS_MAX;
use sluice_units::{Minute, SourceId};
use sluice_wire::share_feed::Batch;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::outage::{Notice, Outage};
use crate::stats::SharedStats;
use crate::store::{Applied, Store, StoreError};

/// How long batches may wait for the store, and a call of it last, until a person has to look.
const FATAL_AFTER: Duration = Duration::from_secs(60);

/// What every call of the store is made with.
struct Calls<S> {
    store: S,
    outage: Mutex<Outage>,
    /// Source and start of the last batch that was too old: each is told once, not batch by batch.
    told_too_old: Mutex<Option<(SourceId, u64)>>,
    stats: SharedStats,
    /// The newest minute of the batches that have come.
    newest: watch::Sender<Option<Minute>>,
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
    newest: watch::Sender<Option<Minute>>,
) {
    let calls = Arc::new(Calls::new(store, FATAL_AFTER, stats, newest));
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
    // A store that is full takes no batch before minutes are forgotten.
    calls.note_minutes(&batch);
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
    const fn new(
        store: S,
        fatal_after: Duration,
        stats: SharedStats,
        newest: watch::Sender<Option<Minute>>,
    ) -> Self {
        let outage = Mutex::new(Outage::new(fatal_after));
        Self { store, outage, told_too_old: Mutex::new(None), stats, newest }
    }

    /// Tries until the store has taken the batch, or can never take it; `None` where the role stops.
    async fn apply_until_taken(
        &self,
        batch: &Batch,
        mut stop: watch::Receiver<bool>,
    ) -> Option<Result<Applied, PlanError>> {
        let (mut backoff, mut is_failing) = (Backoff::for_links(), false);
        loop {
            let result = match self.attempt(batch, &mut is_failing).await {
                Ok(applied) => Ok(applied),
                Err(StoreError::BadBatch(error)) => Err(error),
                Err(error) => {
                    self.note_failure(Instant::now(), &error, &mut is_failing);
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

    /// One call. It is never given up, since what it does on a disk goes on anyway; where it hangs that is told.
    async fn attempt(&self, batch: &Batch, is_failing: &mut bool) -> Result<Applied, StoreError> {
        let (began, patience) = (Instant::now(), self.outage().fatal_after);
        let mut applying = pin!(self.store.apply(batch));
        if let Ok(result) = tokio::time::timeout(patience, applying.as_mut()).await {
            return result;
        }
        let silent = StoreError::Silent { waited_s: patience.as_secs() };
        self.note_failure(began, &silent, is_failing);
        applying.await
    }

    fn outage(&self) -> MutexGuard<'_, Outage> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call that failed, or has failed to answer since it began.
    fn note_failure(&self, began: Instant, error: &StoreError, is_failing: &mut bool) {
        let is_first = !core::mem::replace(is_failing, true);
        let mut outage = self.outage();
        outage.begin(began);
        outage.note(Instant::now(), error, is_first).into_iter().for_each(log);
        self.stats.update(|stats| {
            stats.store_reachable = false;
            stats.store_failures += 1;
            stats.last_error = Some(error.to_string());
        });
    }

    fn note_end(&self, was_failing: bool) {
        let mut outage = self.outage();
        if was_failing {
            outage.end_call().into_iter().for_each(log);
        }
        self.stats.update(|stats| stats.store_reachable = !outage.is_on());
    }

    fn note_minutes(&self, batch: &Batch) {
        let tallies = batch.tallies.iter().map(|(minute, ..)| *minute);
        let newest = tallies.chain(batch.counters.iter().map(|(minute, ..)| *minute)).max();
        self.newest.send_if_modified(|known| {
            let is_newer = newest > *known;
            *known = newest.max(*known);
            is_newer
        });
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

#[cfg(test)]
mod tests;
