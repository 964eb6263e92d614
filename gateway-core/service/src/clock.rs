//! The one place that reads clocks for the cores.

use std::time::{SystemTime, UNIX_EPOCH};

use sluice_units::{Instant, Now, UnixTime};

/// Reads both clocks; monotonic time counts from the creation of the clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: std::time::Instant,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { start: std::time::Instant::now() }
    }

    /// One reading of both clocks.
    pub fn now(&self) -> Now {
        let nanos = u64::try_from(self.start.elapsed().as_nanos())
            .expect("a process runs for less than 584 years");
        Now { instant: Instant::from_nanos(nanos), unix: unix_time() }
    }
}

/// Seconds since 1970; zero for a clock that stands before it.
pub fn unix_time() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_seconds(since.as_secs())
}
