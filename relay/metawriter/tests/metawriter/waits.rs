//! How long tests wait: longer than anything takes, however busy the machine and slow its disk.

use std::time::Duration;

use tokio::time::Instant;

/// For one start, connection or answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// For what goes through several of these. A Sentinel that met a pause of the machine looks on for 30 s by itself.
const LONGEST: Duration = Duration::from_secs(180);
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// Waits until a condition holds.
pub(crate) async fn wait_until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = Instant::now() + LONGEST;
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}: not within {} s", LONGEST.as_secs());
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
}
