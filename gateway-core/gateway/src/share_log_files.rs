//! The files of the share log: segments as the shards write them, and what becomes of those that are complete.
//!
//! `shares/3-0-1700000000-000001.shares` is the first segment of shard 0 of gateway 3, of the run that began then. A thread
//! compresses what no shard writes any more into `....shares.zst`, and removes the oldest where there are too many.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use crossbeam::channel::{self, Receiver, RecvTimeoutError, Sender};
use sluice_session::{JournalWrite, Shard};
use sluice_units::limits::SHARE_SEGMENTS_CLOSED_MAX;
use sluice_units::{Instant, SourceId};
use tracing::{error, info, warn};

/// What segments end in, before and after they are compressed.
pub(crate) const ENDING: &str = ".shares";
pub(crate) const COMPRESSED_ENDING: &str = ".shares.zst";
const UNFINISHED_ENDING: &str = ".unfinished";
const LEVEL: i32 = 3;
/// How often the folder is looked through for what is too much.
const TIDY_INTERVAL: Duration = Duration::from_secs(60);
/// How long a log that cannot be written waits until the next line about it.
const TELL_INTERVAL: Duration = Duration::from_secs(60);

/// Where one shard appends.
#[derive(Debug)]
pub(crate) struct ShareLogFiles {
    folder: PathBuf,
    source: SourceId,
    epoch: u64,
    open: Option<(usize, File)>,
    closed: Sender<PathBuf>,
    tell_at: Instant,
    is_failing: bool,
}

impl ShareLogFiles {
    /// Writes down what the shard wants logged; where that is not possible the shard gives it up.
    pub(crate) fn write_down(&mut self, now: Instant, shard: &mut Shard) {
        if !shard.has_share_log_writes() {
            return;
        }
        let written = shard.share_log_writes().try_for_each(|write| self.write(&write));
        match written {
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

    fn write(&mut self, write: &JournalWrite<'_>) -> io::Result<()> {
        if self.open.as_ref().is_none_or(|(segment, _)| *segment != write.file) {
            self.close();
            let path = self.path(write.file);
            let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
            self.open = Some((write.file, file));
        }
        let (_, file) = self.open.as_ref().expect("it was just opened");
        file.write_all_at(write.bytes, write.offset)
    }

    fn close(&mut self) {
        if let Some((segment, _)) = self.open.take() {
            // Where there is no room the next start compresses it.
            let _ = self.closed.try_send(self.path(segment));
        }
    }

    fn path(&self, segment: usize) -> PathBuf {
        let Self { source, epoch, .. } = self;
        self.folder.join(format!("{source}-{epoch}-{segment:06}{ENDING}"))
    }
}

impl Drop for ShareLogFiles {
    fn drop(&mut self) {
        self.close();
    }
}

/// How much may be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) bytes_max: u64,
    pub(crate) age_max: Duration,
}

/// The log's folder, and the thread that looks after it.
#[derive(Debug)]
pub(crate) struct ShareLogFolder {
    folder: PathBuf,
    closed: Sender<PathBuf>,
}

impl ShareLogFolder {
    /// Makes the folder, and compresses in the background what former runs have left. The thread ends when the
    /// last shard has.
    pub(crate) fn open(folder: &Path, bounds: Bounds) -> io::Result<(Self, JoinHandle<()>)> {
        fs::create_dir_all(folder)?;
        let left = files(folder)?.into_iter().filter(|path| has_ending(path, ENDING));
        let left: Vec<PathBuf> = left.collect();
        let (closed, closed_out) = channel::bounded(SHARE_SEGMENTS_CLOSED_MAX);
        let place = folder.to_owned();
        let thread = thread::Builder::new()
            .name("share-log".into())
            .spawn(move || look_after(&place, &left, &closed_out, bounds))?;
        Ok((Self { folder: folder.to_owned(), closed }, thread))
    }

    /// The files of one shard.
    pub(crate) fn of_shard(&self, source: SourceId, epoch: u64) -> ShareLogFiles {
        ShareLogFiles {
            folder: self.folder.clone(),
            source,
            epoch,
            open: None,
            closed: self.closed.clone(),
            tell_at: Instant::ZERO,
            is_failing: false,
        }
    }
}

fn look_after(folder: &Path, left: &[PathBuf], closed: &Receiver<PathBuf>, bounds: Bounds) {
    left.iter().for_each(|path| compress_loudly(path));
    loop {
        if let Err(cause) = tidy(folder, bounds) {
            warn!("{}: {cause}; old share logs are not removed", folder.display());
        }
        match closed.recv_timeout(TIDY_INTERVAL) {
            Ok(path) => compress_loudly(&path),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn compress_loudly(path: &Path) {
    if let Err(cause) = compress(path) {
        warn!("{}: {cause}; it stays as it is until the next start", path.display());
    }
}

/// Puts a compressed file in the place of a segment. Cut off in between, the segment is still there.
fn compress(path: &Path) -> io::Result<()> {
    let target = path.with_extension("shares.zst");
    let unfinished = path.with_extension(UNFINISHED_ENDING.trim_start_matches('.'));
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let compressed = zstd::bulk::compress(&bytes, LEVEL)?;
    let mut file = File::create(&unfinished)?;
    file.write_all(&compressed)?;
    file.sync_all()?;
    fs::rename(&unfinished, target)?;
    fs::remove_file(path)
}

/// Removes the oldest compressed segments where they are too old or too many.
fn tidy(folder: &Path, bounds: Bounds) -> io::Result<()> {
    let mut kept = Vec::new();
    for path in files(folder)? {
        // One may be compressed or removed meanwhile.
        let Ok(metadata) = fs::metadata(&path) else { continue };
        kept.push((metadata.modified()?, metadata.len(), path));
    }
    kept.sort();
    let mut bytes: u64 = kept.iter().map(|(_, bytes, _)| bytes).sum();
    for (modified, length, path) in kept {
        let age = SystemTime::now().duration_since(modified).unwrap_or_default();
        let is_too_much = bytes > bounds.bytes_max || age > bounds.age_max;
        if is_too_much && has_ending(&path, COMPRESSED_ENDING) {
            fs::remove_file(&path)?;
            bytes -= length;
        }
    }
    Ok(())
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.to_str().is_some_and(|path| path.ends_with(ending))
}

#[cfg(test)]
mod tests;
