//! Time as cores see it: handed in, never read.

use core::ops::{Add, Sub};
use core::time::Duration;

/// A point on a monotonic clock, in nanoseconds since that clock's own start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(u64);

impl Instant {
    /// The start of the clock.
    pub const ZERO: Self = Self(0);

    /// From nanoseconds since the clock's start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// From milliseconds since the clock's start.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// Nanoseconds since the clock's start.
    pub const fn to_nanos(self) -> u64 {
        self.0
    }

    /// The time since `earlier`; zero where `earlier` is the later one.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(nanos))
    }
}

/// Seconds since 1970-01-01, wall clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct UnixTime(u64);

impl UnixTime {
    /// From seconds since 1970.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    pub const fn to_seconds(self) -> u64 {
        self.0
    }

    /// The minute that this second is in.
    pub const fn minute(self) -> Minute {
        Minute(self.0 - self.0 % 60)
    }
}

/// The start of a minute: seconds since 1970, a multiple of 60.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Minute(u64);

impl Minute {
    /// From the seconds at which the minute starts; `None` unless they are a multiple of 60.
    pub const fn from_seconds(seconds: u64) -> Option<Self> {
        if seconds.is_multiple_of(60) { Some(Self(seconds)) } else { None }
    }

    /// Seconds since 1970 at which the minute starts.
    pub const fn to_seconds(self) -> u64 {
        self.0
    }
}

/// What every `handle_*` is given: one reading of both clocks, taken by the shell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    /// For intervals and deadlines.
    pub instant: Instant,
    /// For what leaves the process: minutes, timestamps.
    pub unix: UnixTime,
}
