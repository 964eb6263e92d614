//! The clock that all processes of this machine share, and the processor time of a thread.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since the machine started (`CLOCK_MONOTONIC`, clock_gettime(2)).
pub(crate) fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Processor time of this thread (`CLOCK_THREAD_CPUTIME_ID`, clock_gettime(2)), in nanoseconds.
pub(crate) fn thread_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
