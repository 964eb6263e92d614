//! The task that has the store forget old minutes, where the configuration says so.

use std::mem::Discriminant;
use std::sync::Arc;
use std::time::Duration;

use sluice_service::clock::unix_time;
use sluice_units::{Minute, UnixTime};
use tokio::sync::watch;

use crate::store::{Store, StoreError};

const DAY_S: u64 = 86_400;

/// How long it is until old minutes are looked for again.
#[derive(Clone, Copy)]
pub(crate) struct Waits {
    /// After a pass.
    after_success: Duration,
    /// After one that failed: batches may wait for a full store.
    after_failure: Duration,
}

impl Waits {
    /// Those of the role.
    pub(crate) const ROLE: Self = Self {
        after_success: Duration::from_secs(6 * 3600),
        after_failure: Duration::from_secs(60),
    };
}

/// Forgets once a batch has come, and then every few hours, until the role stops. `newest` is the newest minute of
/// those batches.
pub(crate) async fn run(
    store: Arc<impl Store>,
    days: u64,
    waits: Waits,
    mut newest: watch::Receiver<Option<Minute>>,
    mut stop: watch::Receiver<bool>,
) {
    tokio::select! {
        Ok(_) = newest.wait_for(Option::is_some) => {}
        _ = stop.wait_for(|stops| *stops) => {}
    }
    let mut told = None;
    while !*stop.borrow() {
        let Some(newest) = *newest.borrow() else { break };
        let before = first_kept(unix_time(), newest, days);
        let result = tokio::select! {
            result = store.forget(before) => result,
            // What is not done yet the next start does.
            _ = stop.wait_for(|stops| *stops) => break,
        };
        let wait = if result.is_ok() { waits.after_success } else { waits.after_failure };
        tell(result, days, &mut told);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stops| *stops) => break,
        }
    }
    store.settle().await;
}

/// Logs how a pass ended. A cause that lasts is told once.
fn tell(result: Result<u64, StoreError>, days: u64, told: &mut Option<Discriminant<StoreError>>) {
    match result {
        Ok(fields) => {
            if fields > 0 || told.is_some() {
                tracing::info!("{fields} fields of minutes older than {days} days are removed");
            }
            *told = None;
        }
        Err(error) => {
            let cause = std::mem::discriminant(&error);
            if told.replace(cause) != Some(cause) {
                tracing::warn!("{error}; old minutes stay until an attempt succeeds");
            }
        }
    }
}

/// The first minute that stays. A clock that is years ahead must not take away all there is: at the latest it is now
/// what the batches say.
fn first_kept(now: UnixTime, newest: Minute, days: u64) -> Minute {
    let now_s = now.to_seconds().min(newest.to_seconds());
    UnixTime::from_seconds(now_s.saturating_sub(days.saturating_mul(DAY_S))).minute()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use sluice_thread_log::ThreadLog;
    use sluice_wire::share_feed::Batch;
    use tokio::sync::mpsc;

    use super::*;
    use crate::store::Applied;

    const MINUTE_S: u64 = 1_700_000_040;
    /// No test waits for another pass after one that succeeded.
    const WAITS: Waits = Waits { after_failure: Duration::from_millis(1), ..Waits::ROLE };

    /// Says what it is to forget, and fails so often.
    struct Listing {
        forgotten: mpsc::UnboundedSender<Minute>,
        failures: AtomicUsize,
    }

    impl Store for Listing {
        async fn apply(&self, _: &Batch) -> Result<Applied, StoreError> {
            Ok(Applied::New)
        }

        async fn forget(&self, before: Minute) -> Result<u64, StoreError> {
            self.forgotten.send(before).unwrap();
            let fails = |failures: usize| failures.checked_sub(1);
            match self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails) {
                Ok(2..) => Err(StoreError::Full { address: "a".into() }),
                Ok(_) => Err(StoreError::Loading { address: "a".into() }),
                Err(_) => Ok(7),
            }
        }

        async fn check(&self) -> Result<(), StoreError> {
            Ok(())
        }
    }

    fn listing(failures: usize) -> (Arc<Listing>, mpsc::UnboundedReceiver<Minute>) {
        let (forgotten_in, forgotten) = mpsc::unbounded_channel();
        let failures = AtomicUsize::new(failures);
        (Arc::new(Listing { forgotten: forgotten_in, failures }), forgotten)
    }

    #[test]
    fn a_clock_far_ahead_takes_no_recent_minute_away() {
        let newest = Minute::from_seconds(MINUTE_S).unwrap();
        for ahead_s in [0, 90, 400 * DAY_S] {
            let kept = first_kept(UnixTime::from_seconds(MINUTE_S + ahead_s), newest, 30);
            assert_eq!(kept.to_seconds(), MINUTE_S - 30 * DAY_S);
        }
        // Another machine's clock is ahead.
        let kept = first_kept(UnixTime::from_seconds(MINUTE_S - DAY_S), newest, 30);
        assert_eq!(kept.to_seconds(), MINUTE_S - 31 * DAY_S);
        assert_eq!(first_kept(UnixTime::from_seconds(9), newest, u64::MAX).to_seconds(), 0);
    }

    #[tokio::test]
    async fn nothing_is_forgotten_before_a_batch_tells_what_is_new() {
        let (store, mut forgotten) = listing(0);
        let (newest_in, newest) = watch::channel(None);
        let (stop, stopped) = watch::channel(false);
        let forgetting = tokio::spawn(run(store, 30, WAITS, newest, stopped));
        for _ in 0..100 {
            tokio::task::yield_now().await;
            assert!(forgotten.is_empty());
        }
        newest_in.send_replace(Minute::from_seconds(MINUTE_S));
        assert_eq!(forgotten.recv().await.unwrap().to_seconds(), MINUTE_S - 30 * DAY_S);
        stop.send_replace(true);
        forgetting.await.unwrap();
    }

    /// A store that is full takes no batch before old minutes have left it.
    #[tokio::test]
    async fn a_pass_that_failed_is_made_again_soon() {
        let (log, (store, mut forgotten)) = (ThreadLog::capture(), listing(4));
        let (_newest_in, newest) = watch::channel(Minute::from_seconds(MINUTE_S));
        let (stop, stopped) = watch::channel(false);
        let forgetting = tokio::spawn(run(store, 30, WAITS, newest, stopped));
        for attempt in 1..=5 {
            let next = tokio::time::timeout(Duration::from_secs(60), forgotten.recv());
            assert!(next.await.is_ok(), "attempt {attempt} is made");
        }
        stop.send_replace(true);
        forgetting.await.unwrap();
        assert!(forgotten.try_recv().is_err(), "the one that succeeds is the last for hours");
        assert_eq!((log.count("out of memory"), log.count("still loading")), (1, 1));
        assert_eq!(log.count("7 fields of minutes older than 30 days are removed"), 1);
    }
}
