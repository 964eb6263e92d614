//! Whether this machine can carry the engine, and whether its clock is right: for `sluice doctor`.

use std::fs;
use std::io;

use crate::error::RingUnavailable;
use crate::sys;

/// Where the kernel says who may use io_uring (since Linux 6.6).
const SYSCTL: &str = "/proc/sys/kernel/io_uring_disabled";
/// Enough to be told whether the flags are known.
const PROBE_ENTRIES: u32 = 2;

/// Sets up a tiny ring with the flags and the kind of descriptors that the engine uses.
pub fn io_uring() -> Result<(), RingUnavailable> {
    let ring = sys::build_ring(PROBE_ENTRIES, 2 * PROBE_ENTRIES).map_err(unavailable)?;
    ring.submitter().register_files_sparse(1).map_err(unavailable)
}

/// Whether the kernel's clock is disciplined (NTP, PTP): shares carry its time.
pub fn clock_synchronised() -> io::Result<bool> {
    sys::clock_synchronised()
}

/// Names the cause of a failed set-up.
pub(crate) fn unavailable(error: io::Error) -> RingUnavailable {
    let sysctl = fs::read_to_string(SYSCTL).ok().and_then(|text| text.trim().parse().ok());
    RingUnavailable::from_setup(error, sysctl)
}
