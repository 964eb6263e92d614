//! The task that has the store forget old minutes, where the configuration says so.

use std::sync::Arc;
use std::time::Duration;

use sluice_service::clock::unix_time;
use sluice_units::{Minute, UnixTime};
use tokio::sync::watch;

use crate::store::Store;

/// How often old minutes are looked for.
const INTERVAL: Duration = Duration::from_secs(6 * 3600);
const DAY_S: u64 = 86_400;

/// Forgets once a batch has come, and then every few hours, until the role stops. `newest` is the newest minute of
/// those batches.
pub(crate) async fn run(
    store: Arc<impl Store>,
    days: u64,
    mut newest: watch::Receiver<Option<Minute>>,
    mut stop: watch::Receiver<bool>,
) {
    tokio::select! {
        Ok(_) = newest.wait_for(Option::is_some) => {}
        _ = stop.wait_for(|stops| *stops) => {}
    }
    while !*stop.borrow() {
        let Some(newest) = *newest.borrow() else { break };
        let before = first_kept(unix_time(), newest, days);
        let forgetting = store.forget(before);
        tokio::select! {
            result = forgetting => match result {
                Ok(0) => {}
                Ok(fields) => tracing::info!("{fields} fields of minutes older than {days} days are removed"),
                Err(error) => tracing::warn!("{error}; old minutes stay until the next attempt"),
            },
            // What is not done yet the next start does.
            _ = stop.wait_for(|stops| *stops) => break,
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            _ = stop.wait_for(|stops| *stops) => break,
        }
    }
    store.settle().await;
}

/// The first minute that stays. A clock that is years ahead must not take away all there is: at the latest it is now
/// what the batches say.
fn first_kept(now: UnixTime, newest: Minute, days: u64) -> Minute {
    let now_s = now.to_seconds().min(newest.to_seconds());
    UnixTime::from_seconds(now_s.saturating_sub(days.saturating_mul(DAY_S))).minute()
}

#[cfg(test)]
mod tests {
    use sluice_wire::share_feed::Batch;
    use tokio::sync::mpsc;

    use super::*;
    use crate::store::{Applied, StoreError};

    const MINUTE_S: u64 = 1_700_000_040;

    /// Says what it is to forget.
    struct Listing(mpsc::UnboundedSender<Minute>);

    impl Store for Listing {
        async fn apply(&self, _: &Batch) -> Result<Applied, StoreError> {
            Ok(Applied::New)
        }

        async fn forget(&self, before: Minute) -> Result<u64, StoreError> {
            self.0.send(before).unwrap();
            Ok(0)
        }

        async fn check(&self) -> Result<(), StoreError> {
            Ok(())
        }
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
        let (forgotten_in, mut forgotten) = mpsc::unbounded_channel();
        let (newest_in, newest) = watch::channel(None);
        let (stop, stopped) = watch::channel(false);
        let forgetting = tokio::spawn(run(Arc::new(Listing(forgotten_in)), 30, newest, stopped));
        for _ in 0..100 {
            tokio::task::yield_now().await;
            assert!(forgotten.is_empty());
        }
        newest_in.send_replace(Minute::from_seconds(MINUTE_S));
        assert_eq!(forgotten.recv().await.unwrap().to_seconds(), MINUTE_S - 30 * DAY_S);
        stop.send_replace(true);
        forgetting.await.unwrap();
    }
}
