//! What is tried again while the disk does not take batches, or does not give them back.

use tokio::time::Instant;
use tracing::info;

use super::{Courier, DISK_RETRY_INTERVAL};

impl Courier {
    /// The disk may take again what it did not take, and give back what it did not.
    pub(super) fn retry_disk(&mut self) {
        self.disk_retry_at = Instant::now() + DISK_RETRY_INTERVAL;
        self.retry_unread();
        if self.held.is_empty() {
            return;
        }
        while let Some(first) = self.held.first_entry() {
            if self.spool.write(&first.get().batch).is_err() {
                return;
            }
            let (name, held) = first.remove_entry();
            self.notify_all(name, held);
        }
        info!("batches of shares are written to disk again");
    }

    fn retry_unread(&mut self) {
        let unread = core::mem::take(&mut self.unread);
        let had_some = !unread.is_empty();
        for name in unread {
            match self.spool.read(name) {
                Ok(_) => self.publisher.handle_unsent(name),
                Err(_) => self.unread.push(name),
            }
        }
        if had_some && self.unread.is_empty() {
            info!("batches of shares are read from disk again");
        }
    }
}
