//! What waits for one way to people, and the task that tries until it is delivered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sluice_service::backoff::Backoff;
use sluice_service::clock::Clock;
use sluice_service::outage::{OUTAGE_ALERT_AFTER, Outage};
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
    pub(crate) async fn deliver_to(self, sink: Sink) {
        self.deliver(sink, OUTAGE_ALERT_AFTER).await;
    }

    /// Its own trouble is a warning. One that lasts is an alert, since there are other ways to people; one for each trouble,
    /// so that alerts about alerts come to an end.
    async fn deliver(self, mut sink: Sink, patience: Duration) {
        let mut backoff = Backoff::for_links();
        let (clock, mut outage) = (Clock::start(), Outage::new(patience));
        loop {
            let Some(parcel) = self.first() else {
                self.changed.notified().await;
                continue;
            };
            match sink.deliver(&parcel.message).await {
                Ok(()) => {
                    parcel.handle_delivered();
                    if outage.is_on() {
                        tracing::info!("{}: messages get there again", sink.name());
                    }
                    outage.end();
                    backoff.reset();
                }
                Err(SinkError::Refused(cause)) => {
                    parcel.handle_refused();
                    tracing::warn!("{}: a message is refused and left out: {cause}", sink.name());
                }
                Err(SinkError::Away(cause)) => {
                    let now = clock.now().instant;
                    if outage.begin(now) {
                        tracing::warn!("{}: {cause}; trying again, messages wait", sink.name());
                    }
                    if let Some(lasted) = outage.handle_timeout(now) {
                        let (name, lasted_s) = (sink.name(), lasted.as_secs());
                        tracing::error!(
                            "FATAL: nobody has been reached by {name} for {lasted_s} s: {cause}; put it right, messages wait in memory"
                        );
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

#[cfg(test)]
mod tests {
    use sluice_relay_core::alerts::{Message, Sender};
    use sluice_thread_log::ThreadLog;
    use sluice_units::UnixTime;
    use sluice_wire::alert_feed::Severity;

    use super::*;
    use crate::AlertcenterConfig;

    #[tokio::test]
    async fn a_way_that_reaches_nobody_for_long_is_told_by_the_others_once() {
        let log = ThreadLog::capture();
        // Nobody listens there.
        let webhooks = vec!["http://127.0.0.1:1/hook".to_owned()];
        let config = AlertcenterConfig { webhooks, ..AlertcenterConfig::default() };
        let sink = Sink::all(&config).unwrap().remove(0);
        let outbox = Outbox::default();
        let message = Message {
            sender: Sender { host: "a".into(), role: "gateway".into() },
            severity: Severity::Fatal,
            at: UnixTime::from_seconds(9),
            text: "FATAL: x".into(),
        };
        outbox.push(Arc::new(Parcel::new(message, 1)));
        let delivering = outbox.clone().deliver(sink, Duration::from_millis(50));
        let fatal = ["FATAL", "nobody has been reached by webhook at 127.0.0.1"];
        let told = async {
            while log.lines_with(&fatal).is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // Two attempts more.
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        tokio::select! {
            () = delivering => unreachable!("it goes on trying"),
            told = tokio::time::timeout(Duration::from_secs(60), told) => told.expect("it is told"),
        }
        assert_eq!(log.lines_with(&fatal).len(), 1);
        assert!(!outbox.is_empty(), "the message waits");
    }
}
