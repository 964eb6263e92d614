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

/// Forgets at once, and then every few hours, until the role stops.
pub(crate) async fn run(store: Arc<impl Store>, days: u64, mut stop: watch::Receiver<bool>) {
    loop {
        let before = first_kept(unix_time(), days);
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

/// The first minute that stays.
fn first_kept(now: UnixTime, days: u64) -> Minute {
    let ago = days.saturating_mul(DAY_S);
    UnixTime::from_seconds(now.to_seconds().saturating_sub(ago)).minute()
}
