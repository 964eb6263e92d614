//! Waking an engine from another thread.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;

use crate::descriptors::limit_reached;
use crate::error::EngineError;

/// Makes the engine's present turn, or its next one, return early. Clones wake the same engine.
#[derive(Clone, Debug)]
pub struct Waker {
    event: Arc<OwnedFd>,
}

impl Waker {
    pub(crate) fn new() -> Result<Self, EngineError> {
        // Without NONBLOCK: the ring's read would otherwise fail at once instead of waiting.
        match eventfd(0, EventfdFlags::CLOEXEC) {
            Ok(event) => Ok(Self { event: Arc::new(event) }),
            Err(Errno::MFILE) => Err(limit_reached(1)),
            Err(errno) => Err(EngineError::Ring(errno.into())),
        }
    }

    /// Never waits; several calls before one turn wake it once. An engine that is gone is not
    /// woken.
    pub fn wake(&self) {
        // The write fails or waits only at a count of 2^64 - 1, which is out of reach.
        let _ = rustix::io::write(&*self.event, &1_u64.to_ne_bytes());
    }

    pub(crate) fn descriptor(&self) -> &OwnedFd {
        &self.event
    }
}
