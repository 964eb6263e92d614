//! What is told while nobody takes batches, and when an end that lives has been silent for too long.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{error, info};

use super::Courier;

impl Courier {
    /// Nobody takes batches, and has not for so long by now.
    pub(super) fn tell_trouble(&mut self, cause: &str, before: Duration) {
        let now = self.clock.now().instant;
        let (is_new, lasts) = (self.outage.begin(now - before), self.outage.handle_timeout(now));
        let (address, left) = (self.address(), self.publisher.backlog());
        if is_new {
            error!(
                address,
                "metawriter: {cause}; it goes on trying, batches are kept on disk meanwhile"
            );
        }
        if let Some(lasted) = lasts {
            let lasted_s = lasted.as_secs();
            error!(
                address,
                left,
                "FATAL: nobody has taken batches of shares for {lasted_s} s: {cause}. They wait on disk, up to \
                 spool_bytes_max; see to the writer, or name another one"
            );
        }
    }

    pub(super) fn end_trouble(&mut self) {
        let (is_on, is_told) = (self.outage.poll_timeout().is_some(), self.outage.end());
        if is_on || is_told {
            info!(address = self.address(), "batches are taken again");
        }
    }

    /// The other end owes nothing, or has just given what it owed.
    pub(super) fn note_answer(&mut self) {
        self.owed_since = Instant::now();
        self.silent_at = self.owed_since + self.silence_max;
    }

    /// The other end lives, and has long owed an answer. Why the link is not worth a further wait, where it is not: one that
    /// alone could take batches, and does not acknowledge them, is waited for, since its store may be away.
    pub(super) fn handle_silence(&mut self) -> Result<(), String> {
        let waited = self.owed_since.elapsed();
        let owed =
            if self.is_welcome { "has acknowledged nothing" } else { "has not said welcome" };
        let cause = format!("it {owed} for {} s", waited.as_secs());
        self.tell_trouble(&cause, waited);
        self.silent_at = Instant::now() + self.silence_max;
        let goes_on = self.is_welcome && self.config.upstreams.len() == 1;
        if goes_on { Ok(()) } else { Err(cause) }
    }
}
