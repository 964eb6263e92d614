//! A thread that waits in the ring.

use crate::drive::{Drive, Patience, ShardFailure, Step};

/// Serves until a stop is ordered.
pub(crate) fn run(mut drive: Drive) -> Result<(), ShardFailure> {
    while drive.step(Patience::Wait)? != Step::Ended {}
    Ok(())
}
