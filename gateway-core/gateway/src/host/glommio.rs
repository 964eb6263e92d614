//! A glommio executor: the engine is turned by one of its tasks, and waited for through an eventfd.

use std::os::fd::OwnedFd;

use glommio::io::BufferedFile;
use glommio::{LocalExecutor, LocalExecutorBuilder, Placement};
use rustix::event::{EventfdFlags, eventfd};

use crate::drive::{Drive, HOUSEKEEPING_INTERVAL, Patience, ShardFailure, Step};
use crate::start::StartError;

/// Memory for glommio's own input and output, of which there is next to none: its default is 10 MiB
/// for each executor.
const IO_MEMORY_BYTES: usize = 64 * 1024;
/// Entries of each of glommio's three rings.
const RING_ENTRIES: usize = 32;
/// Bytes of an eventfd's count.
const COUNT_BYTES: usize = 8;

/// An executor on the present thread.
pub(crate) struct Executor(LocalExecutor);

impl Executor {
    /// Made where it will run. The thread is pinned already, or is not to be.
    pub(crate) fn new() -> Result<Self, StartError> {
        LocalExecutorBuilder::new(Placement::Unbound)
            .io_memory(IO_MEMORY_BYTES)
            .ring_depth(RING_ENTRIES)
            .make()
            .map(Self)
            .map_err(|error| StartError::Executor(error.to_string()))
    }

    /// Serves until a stop is ordered.
    pub(crate) fn run(self, drive: Drive) -> Result<(), ShardFailure> {
        self.0.run(serve(drive))
    }
}

async fn serve(mut drive: Drive) -> Result<(), ShardFailure> {
    let event = eventfd(0, EventfdFlags::CLOEXEC).map_err(std::io::Error::from)?;
    drive.engine.notify_through(&event)?;
    // The engine's deadlines are looked at whenever it is woken: the ticker sees to that.
    let waker = drive.engine.waker();
    let ticker = glommio::spawn_local(async move {
        loop {
            glommio::timer::sleep(HOUSEKEEPING_INTERVAL).await;
            waker.wake();
        }
    });
    let event: BufferedFile = adopt(event);
    let ended = loop {
        match drive.step(Patience::None)? {
            Step::Ended => break Ok(()),
            Step::Busy => glommio::yield_if_needed().await,
            // What came in between has been counted by the eventfd: nothing is slept through.
            Step::Idle => {
                event.read_at(0, COUNT_BYTES).await.map_err(std::io::Error::from)?;
            }
        }
    };
    ticker.cancel().await;
    let _ = event.close().await;
    ended
}

/// Gives the eventfd to glommio, which reads it like a file.
fn adopt(event: OwnedFd) -> BufferedFile {
    sluice_ring::hand_over(event)
}
