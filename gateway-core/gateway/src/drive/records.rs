//! What a shard counts: into its journal, and the share log, before any reply leaves, and batch by batch to the courier.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use sluice_delivery::{Delivery, Notice};
use sluice_session::Shard;
use sluice_units::Instant;
use sluice_wire::share_feed::Batch;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tracing::{error, info, warn};

use super::ShardFailure;
use crate::journal_files::JournalFiles;
use crate::share_log_files::ShareLogFiles;

/// How long a journal that cannot be written waits for the next attempt.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// How long the end of a shard waits until its last batches are taken.
const LAST_HAND_OVER_MAX: Duration = Duration::from_secs(5);
const LAST_HAND_OVER_RETRY: Duration = Duration::from_millis(5);

/// The journal of a shard, and its batches on their way out.
pub(crate) struct Records {
    files: Option<JournalFiles>,
    share_log: Option<ShareLogFiles>,
    batches: mpsc::Sender<Delivery>,
    /// Cut, and not with the courier yet: few, since a shard cuts no further ones while none of them is safe.
    unpublished: VecDeque<Box<Batch>>,
    /// Up to where batches are safe, as the courier tells.
    safe: Arc<AtomicU64>,
    safe_told: u64,
    /// When the journal is tried again; `None` while it can be written.
    retry_at: Option<Instant>,
}

impl Records {
    pub(crate) fn new(
        files: Option<JournalFiles>,
        share_log: Option<ShareLogFiles>,
        batches: mpsc::Sender<Delivery>,
    ) -> Self {
        Self {
            files,
            share_log,
            batches,
            unpublished: VecDeque::new(),
            safe: Arc::default(),
            safe_told: 0,
            retry_at: None,
        }
    }

    /// Puts others in the place of the files.
    #[cfg(test)]
    pub(super) const fn replace_files(
        &mut self,
        files: Option<JournalFiles>,
    ) -> Option<JournalFiles> {
        core::mem::replace(&mut self.files, files)
    }

    /// Whether replies must not leave, since what they tell of is not written down.
    pub(super) const fn is_failing(&self) -> bool {
        self.retry_at.is_some()
    }

    /// Writes down what the shard wants written before its next action.
    pub(super) fn write_down(&mut self, now: Instant, shard: &mut Shard) {
        if let Some(log) = &mut self.share_log {
            log.write_down(now, shard);
        }
        if !shard.has_journal_writes() || self.retry_at.is_some_and(|at| now < at) {
            return;
        }
        match self.write_all(shard) {
            Ok(()) => {
                shard.handle_journal_written();
                if self.retry_at.take().is_some() {
                    info!(shard = shard.number(), "shares are written down again");
                }
            }
            Err(cause) => {
                if self.retry_at.is_none() {
                    let shard = shard.number();
                    error!(
                        "FATAL: the journal of shard {shard} cannot be written: {cause}; its miners are let go until it \
                         can. See to the disk of data_folder"
                    );
                }
                self.retry_at = Some(now + RETRY_INTERVAL);
                shard.handle_journal_failed();
            }
        }
    }

    fn write_all(&self, shard: &mut Shard) -> io::Result<()> {
        let files = self.files.as_ref().expect("a shard without a journal writes nothing");
        shard.journal_writes().try_for_each(|write| files.write(&write))
    }

    /// Tells the shard which batches are safe.
    pub(super) fn tell_safe(&mut self, shard: &mut Shard) {
        let safe = self.safe.load(Ordering::Acquire);
        if safe != self.safe_told {
            self.safe_told = safe;
            shard.handle_safe(safe);
        }
    }

    pub(super) fn publish(&mut self, batch: Box<Batch>) {
        self.unpublished.push_back(batch);
    }

    /// Hands batches over whose end is written down; what the courier has no room for waits.
    pub(super) fn hand_over(&mut self) -> Result<(), ShardFailure> {
        if self.is_failing() {
            return Ok(());
        }
        while let Some(batch) = self.unpublished.pop_front() {
            match self.batches.try_send(self.delivery(batch)) {
                Ok(()) => {}
                Err(TrySendError::Full(delivery)) => {
                    self.unpublished.push_front(delivery.batch);
                    return Ok(());
                }
                Err(TrySendError::Closed(_)) => return Err(ShardFailure::UplinkGone),
            }
        }
        Ok(())
    }

    /// The shard ends: hands over all that there is, if it is taken in time. What is not stays in the journal, and the next
    /// start finds it there.
    pub(super) fn hand_over_rest(&mut self) -> Result<(), ShardFailure> {
        let deadline = std::time::Instant::now() + LAST_HAND_OVER_MAX;
        while self.hand_over().is_ok() && !self.unpublished.is_empty() {
            if self.is_failing() || std::time::Instant::now() >= deadline {
                let left = self.unpublished.len();
                warn!(left, "batches that nobody takes stay in the journal until the next start");
                break;
            }
            thread::sleep(LAST_HAND_OVER_RETRY);
        }
        self.hand_over()
    }

    fn delivery(&self, batch: Box<Batch>) -> Delivery {
        Delivery { batch, notice: Notice::Mark(Arc::clone(&self.safe)) }
    }
}
