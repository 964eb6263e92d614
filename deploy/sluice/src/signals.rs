//! Waiting for the word to stop.

use anyhow::{Result, anyhow};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// ^C and a service manager's stop.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// From here on the signals no longer end the process by themselves.
    pub(crate) fn catch() -> Result<Self> {
        let catch =
            |kind| signal(kind).map_err(|error| anyhow!("signals cannot be caught: {error}"));
        Ok(Self {
            interrupt: catch(SignalKind::interrupt())?,
            terminate: catch(SignalKind::terminate())?,
        })
    }

    /// Returns once one came. May be cancelled and called again.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// A service manager's word to read the configuration again (SIGHUP).
pub(crate) struct Reload(Signal);

impl Reload {
    /// From here on the signal no longer ends the process.
    pub(crate) fn catch() -> Result<Self> {
        let caught = signal(SignalKind::hangup());
        caught.map(Self).map_err(|error| anyhow!("signals cannot be caught: {error}"))
    }

    /// Returns once it came. May be cancelled and called again.
    pub(crate) async fn wait(&mut self) {
        self.0.recv().await;
    }
}
