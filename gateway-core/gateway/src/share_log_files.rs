//! The files of the share log: segments as the shards write them, and what becomes of those that are complete.
//!
//! `shares/3-0-1700000000-000001.shares` is the first segment of shard 0 of gateway 3, of the run that began then. A thread
//! compresses what no shard writes any more into `....shares.zst`, and removes the oldest where there are too many. It
//! looks after the files of its own gateway alone: several gateways may share a folder.

mod keeper;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam::channel::{self, Sender};
use sluice_session::{JournalWrite, Shard};
use sluice_units::{Instant, SourceId};
use tracing::{error, info};

pub(crate) use keeper::Bounds;
use keeper::Keeper;

/// What segments end in, before and after they are compressed.
pub(crate) const ENDING: &str = ".shares";
pub(crate) const COMPRESSED_ENDING: &str = ".shares.zst";
/// How long a log that cannot be written waits until the next line about it.
const TELL_INTERVAL: Duration = Duration::from_secs(60);

/// What the shards and the thread that looks after the folder tell each other.
#[derive(Debug)]
struct Signs {
    /// More is free in the file system than must be left to others.
    has_room: AtomicBool,
    /// A shard has ended: the gateway stops.
    is_ending: AtomicBool,
}

/// Where one shard appends.
#[derive(Debug)]
pub(crate) struct ShareLogFiles {
    folder: PathBuf,
    source: SourceId,
    epoch: u64,
    open: Option<(usize, File)>,
    signs: Arc<Signs>,
    wake: Sender<()>,
    tell_at: Instant,
    is_failing: bool,
}

impl ShareLogFiles {
    /// Writes down what the shard wants logged; where that is not possible the shard gives it up.
    pub(crate) fn write_down(&mut self, now: Instant, shard: &mut Shard) {
        if !shard.has_share_log_writes() {
            return;
        }
        match self.write_all(shard) {
            Ok(()) => {
                shard.handle_share_log_written();
                if self.is_failing {
                    let lost = shard.shares_not_logged();
                    info!(lost, "the share log is written again; so many shares are not in it");
                }
                self.is_failing = false;
            }
            Err(cause) => {
                shard.handle_share_log_failed();
                self.is_failing = true;
                if now >= self.tell_at {
                    self.tell_at = now + TELL_INTERVAL;
                    let folder = self.folder.display();
                    error!(
                        "FATAL: the share log cannot be written to {folder}: {cause}; make room. Shares are credited \
                         all the same, and are missing there"
                    );
                }
            }
        }
    }

    fn write_all(&mut self, shard: &mut Shard) -> io::Result<()> {
        if !self.signs.has_room.load(Ordering::Relaxed) {
            return Err(io::Error::other("less is free there than share_log_free_bytes_min"));
        }
        shard.share_log_writes().try_for_each(|write| self.write(&write))
    }

    fn write(&mut self, write: &JournalWrite<'_>) -> io::Result<()> {
        let is_new = self.open.as_ref().is_none_or(|(segment, _)| *segment != write.file);
        if is_new {
            let path = self.path(write.file);
            let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
            self.open = Some((write.file, file));
            // The one before is complete. Where the thread is awake already it looks once more.
            let _ = self.wake.try_send(());
        }
        let (_, file) = self.open.as_ref().expect("it was just opened");
        let written = file.write_all_at(write.bytes, write.offset);
        if written.is_err() && is_new {
            // A disk that stays full would fill with empty files.
            let _ = fs::remove_file(self.path(write.file));
            self.open = None;
        }
        written
    }

    fn path(&self, segment: usize) -> PathBuf {
        let Self { source, epoch, .. } = self;
        self.folder.join(format!("{source}-{epoch}-{segment:06}{ENDING}"))
    }
}

impl Drop for ShareLogFiles {
    fn drop(&mut self) {
        self.signs.is_ending.store(true, Ordering::Relaxed);
        let _ = self.wake.try_send(());
    }
}

/// The log's folder, and the thread that looks after it.
#[derive(Debug)]
pub(crate) struct ShareLogFolder {
    folder: PathBuf,
    epoch: u64,
    signs: Arc<Signs>,
    wake: Sender<()>,
}

impl ShareLogFolder {
    /// Makes the folder, and compresses in the background what former runs of this gateway have left. The thread ends
    /// when a shard has: what it has not compressed then the next start does.
    pub(crate) fn open(
        folder: &Path,
        gateway_id: u16,
        epoch: u64,
        bounds: Bounds,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        fs::create_dir_all(folder)?;
        let signs = Signs { has_room: AtomicBool::new(true), is_ending: AtomicBool::new(false) };
        let signs = Arc::new(signs);
        let keeper = Keeper::new(folder.to_owned(), gateway_id, epoch, bounds, Arc::clone(&signs));
        keeper.look_for_room();
        let (wake, woken) = channel::bounded(1);
        let thread =
            thread::Builder::new().name("share-log".into()).spawn(move || keeper.run(&woken))?;
        Ok((Self { folder: folder.to_owned(), epoch, signs, wake }, thread))
    }

    /// The files of one shard.
    pub(crate) fn of_shard(&self, source: SourceId) -> ShareLogFiles {
        ShareLogFiles {
            folder: self.folder.clone(),
            source,
            epoch: self.epoch,
            open: None,
            signs: Arc::clone(&self.signs),
            wake: self.wake.clone(),
            tell_at: Instant::ZERO,
            is_failing: false,
        }
    }
}

#[cfg(test)]
mod tests;
