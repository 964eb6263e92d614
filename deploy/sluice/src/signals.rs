//! Waiting for the word to stop.

use anyhow::{Result, anyhow};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// ^C and a service manager's stop.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
    /// The terminal was closed; only where that is no word to read the configuration again.
    hangup: Option<Signal>,
}

impl StopSignals {
    /// From here on the signals no longer end the process by themselves.
    pub(crate) fn catch() -> Result<Self> {
        Ok(Self {
            interrupt: catch(SignalKind::interrupt())?,
            terminate: catch(SignalKind::terminate())?,
            hangup: None,
        })
    }

    /// The same, and a terminal that is closed is a stop as well, unless whoever started the process wants that ignored, as
    /// nohup does.
    pub(crate) fn catch_with_hangup() -> Result<Self> {
        let kind = SignalKind::hangup();
        let hangup = if is_ignored(kind) { None } else { Some(catch(kind)?) };
        Ok(Self { hangup, ..Self::catch()? })
    }

    /// Returns once one came. May be cancelled and called again.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            Some(()) = received(&mut self.hangup) => {}
        }
    }
}

/// A service manager's word to read the configuration again (SIGHUP).
pub(crate) struct Reload(Signal);

impl Reload {
    /// From here on the signal no longer ends the process.
    pub(crate) fn catch() -> Result<Self> {
        catch(SignalKind::hangup()).map(Self)
    }

    /// Returns once it came. May be cancelled and called again.
    pub(crate) async fn wait(&mut self) {
        self.0.recv().await;
    }
}

fn catch(kind: SignalKind) -> Result<Signal> {
    signal(kind).map_err(|error| anyhow!("signals cannot be caught: {error}"))
}

fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| (mask >> (kind.as_raw_value() - 1)) & 1 == 1)
}

async fn received(caught: &mut Option<Signal>) -> Option<()> {
    caught.as_mut()?.recv().await
}
