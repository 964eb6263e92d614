//! The thread that looks after the segments of one gateway, shards aside.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use crossbeam::channel::{Receiver, RecvTimeoutError};
use sluice_units::SourceId;
use tracing::{info, warn};

use super::{COMPRESSED_ENDING, ENDING, Signs};

const UNFINISHED_ENDING: &str = ".unfinished";
const LEVEL: i32 = 3;
/// How often the folder is gone through, besides at each segment's end.
const ROUND_INTERVAL: Duration = Duration::from_secs(60);
/// How often is looked at what is free.
const ROOM_INTERVAL: Duration = Duration::from_secs(5);

/// How much may be kept, and how much must be left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) bytes_max: u64,
    pub(crate) age_max: Duration,
    /// With less free in its file system the log is not written.
    pub(crate) free_bytes_min: u64,
}

/// What a file is called after: GATEWAY-SHARD-EPOCH-SEGMENT and an ending.
struct SegmentName {
    source: SourceId,
    epoch: u64,
    segment: u64,
}

impl SegmentName {
    /// `None` where a file is no segment.
    fn read(name: &str) -> Option<Self> {
        let mut parts = name.splitn(4, '-');
        let source = SourceId {
            gateway_id: parts.next()?.parse().ok()?,
            shard: parts.next()?.parse().ok()?,
        };
        let (epoch, segment) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { source, epoch, segment })
    }
}

/// A segment that no shard writes any more. The order is that of time.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Closed {
    modified: SystemTime,
    path: PathBuf,
    bytes: u64,
}

impl Closed {
    fn is_compressed(&self) -> bool {
        has_ending(&self.path, COMPRESSED_ENDING)
    }
}

/// What the folder holds of this gateway.
#[derive(Default)]
struct Holding {
    /// The oldest first.
    closed: Vec<Closed>,
    /// Bytes of all segments, also of those that are written.
    bytes: u64,
}

pub(super) struct Keeper {
    folder: PathBuf,
    gateway_id: u16,
    /// Of the present run: its shards write the last segment of each.
    epoch: u64,
    bounds: Bounds,
    signs: Arc<Signs>,
    is_failing: bool,
}

impl Keeper {
    pub(super) fn new(
        folder: PathBuf,
        gateway_id: u16,
        epoch: u64,
        bounds: Bounds,
        signs: Arc<Signs>,
    ) -> Self {
        Self { folder, gateway_id, epoch, bounds, signs, is_failing: false }
    }

    pub(super) fn run(mut self, woken: &Receiver<()>) {
        self.remove_unfinished();
        let mut round_at = Instant::now();
        loop {
            self.look_for_room();
            if Instant::now() >= round_at {
                self.go_round();
                round_at = Instant::now() + ROUND_INTERVAL;
            }
            match woken.recv_timeout(ROOM_INTERVAL) {
                Ok(()) => round_at = Instant::now(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.is_ending() {
                return;
            }
        }
    }

    fn is_ending(&self) -> bool {
        self.signs.is_ending.load(Ordering::Relaxed)
    }

    /// Tells the shards whether enough is free. Where that cannot be known, writing will show it.
    pub(super) fn look_for_room(&self) {
        let has_room = rustix::fs::statvfs(&self.folder).map_or(true, |system| {
            system.f_bavail.saturating_mul(system.f_frsize) >= self.bounds.free_bytes_min
        });
        self.signs.has_room.store(has_room, Ordering::Relaxed);
    }

    /// Compresses what is complete, and removes what is too much; also where the disk has no room for the former.
    pub(super) fn go_round(&mut self) {
        let compressed = self.compress_closed();
        let tidied = self.tidy();
        let folder = self.folder.display();
        match compressed.and(tidied) {
            Ok(()) if self.is_failing => {
                info!("{folder}: share logs are compressed and tidied again");
                self.is_failing = false;
            }
            Err(cause) if !self.is_failing => {
                warn!(
                    "{folder}: {cause}; share logs stay as they are, and are tried again each minute: \
                     make room, or let this user write there"
                );
                self.is_failing = true;
            }
            _ => {}
        }
    }

    /// The first error counts; what comes after it is tried all the same, unless the disk is full.
    fn compress_closed(&self) -> io::Result<()> {
        let mut outcome = Ok(());
        for segment in self.holding()?.closed.iter().filter(|it| !it.is_compressed()) {
            if self.is_ending() {
                break;
            }
            let compressed = compress(segment);
            let is_full = compressed.as_ref().is_err_and(|it| it.kind() == ErrorKind::StorageFull);
            outcome = outcome.and(compressed);
            if is_full {
                break;
            }
        }
        outcome
    }

    /// Removes the oldest segments where they are too old or too many.
    pub(super) fn tidy(&self) -> io::Result<()> {
        let Holding { closed, mut bytes } = self.holding()?;
        for segment in closed {
            let age = SystemTime::now().duration_since(segment.modified).unwrap_or_default();
            if bytes > self.bounds.bytes_max || age > self.bounds.age_max {
                fs::remove_file(&segment.path)?;
                bytes -= segment.bytes;
            }
        }
        Ok(())
    }

    fn holding(&self) -> io::Result<Holding> {
        let mut segments = Vec::new();
        let mut newest = BTreeMap::<SourceId, u64>::new();
        for path in self.own_files([ENDING, COMPRESSED_ENDING])? {
            let (name, path) = path;
            if name.epoch == self.epoch {
                let newest = newest.entry(name.source).or_default();
                *newest = name.segment.max(*newest);
            }
            segments.push((name, path));
        }
        let mut holding = Holding::default();
        for (name, path) in segments {
            // One may be removed meanwhile, by a person.
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let (modified, bytes) = (metadata.modified()?, metadata.len());
            holding.bytes += bytes;
            if name.epoch != self.epoch || name.segment < newest[&name.source] {
                holding.closed.push(Closed { modified, path, bytes });
            }
        }
        holding.closed.sort();
        Ok(holding)
    }

    /// What a kill has left of a segment that was being compressed: that one is still there.
    fn remove_unfinished(&self) {
        for (_, path) in self.own_files([UNFINISHED_ENDING]).into_iter().flatten() {
            let _ = fs::remove_file(path);
        }
    }

    fn own_files<const ENDINGS: usize>(
        &self,
        endings: [&str; ENDINGS],
    ) -> io::Result<Vec<(SegmentName, PathBuf)>> {
        let mut own = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            let name = endings.iter().find_map(|ending| name.strip_suffix(ending));
            let name = name.and_then(SegmentName::read);
            let name = name.filter(|name| name.source.gateway_id == self.gateway_id);
            own.extend(name.map(|name| (name, entry.path())));
        }
        Ok(own)
    }
}

/// Puts a compressed file in the place of a segment, as old as that one. Cut off in between, the segment is still there.
fn compress(segment: &Closed) -> io::Result<()> {
    let compressed = zstd::bulk::compress(&fs::read(&segment.path)?, LEVEL)?;
    let unfinished = segment.path.with_extension(UNFINISHED_ENDING.trim_start_matches('.'));
    let target = segment.path.with_extension(COMPRESSED_ENDING.trim_start_matches('.'));
    let put = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(&compressed)?;
        file.set_modified(segment.modified)?;
        file.sync_all()?;
        fs::rename(&unfinished, &target)
    };
    if let Err(cause) = put() {
        let _ = fs::remove_file(&unfinished);
        return Err(cause);
    }
    fs::remove_file(&segment.path)
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.to_str().is_some_and(|path| path.ends_with(ending))
}

#[cfg(test)]
mod tests;
