//! Waking an engine from another thread.

use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};

use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;

use crate::descriptors::limit_reached;
use crate::error::EngineError;

/// Makes the engine's present turn, or its next one, return early. Clones wake the same engine.
#[derive(Clone, Debug)]
pub struct Waker {
    event: Arc<OwnedFd>,
    /// What a host waits for instead of the ring.
    host_event: Arc<OnceLock<OwnedFd>>,
}

impl Waker {
    pub(crate) fn new() -> Result<Self, EngineError> {
        // Without NONBLOCK: the ring's read would otherwise fail at once instead of waiting.
        match eventfd(0, EventfdFlags::CLOEXEC) {
            Ok(event) => Ok(Self { event: Arc::new(event), host_event: Arc::default() }),
            Err(Errno::MFILE) => Err(limit_reached(1)),
            Err(errno) => Err(EngineError::Ring(errno.into())),
        }
    }

    /// Never waits; several calls before one turn wake it once. An engine that is gone is not
    /// woken.
    pub fn wake(&self) {
        // The write fails or waits only at a count of 2^64 - 1, which is out of reach.
        let _ = rustix::io::write(&*self.event, &1_u64.to_ne_bytes());
        if let Some(host_event) = self.host_event.get() {
            // The ring would tell the host by itself. But while one eventfd is being written the
            // kernel puts off signalling another, and was seen to forget it the second time (6.18).
            let _ = rustix::io::write(host_event, &1_u64.to_ne_bytes());
        }
    }

    /// Wakes a host too, from now on; the first one stays.
    pub(crate) fn wake_host_through(&self, host_event: OwnedFd) {
        let _ = self.host_event.set(host_event);
    }

    pub(crate) fn descriptor(&self) -> &OwnedFd {
        &self.event
    }
}
