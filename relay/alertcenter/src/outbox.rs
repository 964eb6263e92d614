//! What waits for one way to people, and the task that tries until it is delivered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sluice_service::backoff::Backoff;
use sluice_units::limits::ALERT_MESSAGES_MAX;
use tokio::sync::Notify;

use crate::parcel::Parcel;
use crate::sinks::{Sink, SinkError};

/// Messages for one sink. Where there are too many the oldest gives way.
#[derive(Clone, Default)]
pub(crate) struct Outbox {
    waiting: Arc<Mutex<Waiting>>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Waiting {
    parcels: VecDeque<Arc<Parcel>>,
    /// Messages that gave way.
    dropped: u64,
}

impl Outbox {
    pub(crate) fn push(&self, parcel: Arc<Parcel>) {
        let mut waiting = self.waiting();
        if waiting.parcels.len() >= ALERT_MESSAGES_MAX {
            waiting.parcels.pop_front();
            waiting.dropped += 1;
        }
        waiting.parcels.push_back(parcel);
        drop(waiting);
        self.changed.notify_one();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting().parcels.is_empty()
    }

    pub(crate) fn first(&self) -> Option<Arc<Parcel>> {
        self.waiting().parcels.front().cloned()
    }

    #[cfg(test)]
    pub(crate) fn last(&self) -> Arc<Parcel> {
        self.waiting().parcels.back().cloned().unwrap()
    }

    /// Takes a message out, unless it has given way; tells how many have.
    fn done(&self, parcel: &Arc<Parcel>) -> u64 {
        let mut waiting = self.waiting();
        if waiting.parcels.front().is_some_and(|first| Arc::ptr_eq(first, parcel)) {
            waiting.parcels.pop_front();
        }
        core::mem::take(&mut waiting.dropped)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers what is there, and what comes, in order, until the task is ended.
    ///
    /// Its own trouble is a warning: an alert about alerts would feed itself.
    pub(crate) async fn deliver_to(self, mut sink: Sink) {
        let mut backoff = Backoff::for_links();
        let mut is_told = false;
        loop {
            let Some(parcel) = self.first() else {
                self.changed.notified().await;
                continue;
            };
            match sink.deliver(&parcel.message).await {
                Ok(()) => {
                    parcel.handle_delivered();
                    if is_told {
                        tracing::info!("{}: messages get there again", sink.name());
                    }
                    is_told = false;
                    backoff.reset();
                }
                Err(SinkError::Refused(cause)) => {
                    parcel.handle_refused();
                    tracing::warn!("{}: a message is refused and left out: {cause}", sink.name());
                }
                Err(SinkError::Away(cause)) => {
                    if !is_told {
                        tracing::warn!("{}: {cause}; trying again, messages wait", sink.name());
                        is_told = true;
                    }
                    tokio::time::sleep(backoff.next_wait()).await;
                    continue;
                }
            }
            let dropped = self.done(&parcel);
            if dropped > 0 {
                tracing::warn!("{}: {dropped} messages gave way to newer ones", sink.name());
            }
        }
    }
}
