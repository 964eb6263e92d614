//! Reads share logs: the shares of all files together, in the order in which they came.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use sluice_session::share_log::{LoggedShare, Segment};
use thiserror::Error;
use tracing::warn;

use crate::share_log_files::{COMPRESSED_ENDING, ENDING};

/// Why a log cannot be read.
#[derive(Debug, Error)]
pub enum ShareLogError {
    /// A file or folder.
    #[error("{path}: {source}; give the folder of a share log, or files of it")]
    Path {
        /// Which.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// There is nothing.
    #[error(
        "no segment of a share log (*{ENDING}, *{COMPRESSED_ENDING}) is there; set share_log = true in gateway.toml"
    )]
    Empty,
}

/// The segments of one run of one shard, the next one first.
struct Run {
    segments: VecDeque<PathBuf>,
    open: Option<Segment<Vec<u8>>>,
    next: Option<LoggedShare>,
}

/// All shares of some logs, the oldest first; of one second, run by run.
///
/// Files that cannot be read are told in the log and counted, and what is torn at a file's end is left out.
pub struct ShareLogReader {
    runs: Vec<Run>,
    /// Each run by the time of its next share, or before it.
    due: BinaryHeap<Reverse<(u64, usize)>>,
    /// Files that could not be read.
    pub files_unreadable: u64,
    /// Files whose end was torn, as a kill leaves it.
    pub files_torn: u64,
}

impl ShareLogReader {
    /// Takes files and folders of files.
    pub fn open(paths: &[PathBuf]) -> Result<Self, ShareLogError> {
        let mut files = BTreeSet::new();
        for path in paths {
            files.extend(
                list(path).map_err(|source| ShareLogError::Path { path: path.clone(), source })?,
            );
        }
        // A kill between the two leaves a segment both as it was and compressed.
        let is_twice = |path: &PathBuf| files.contains(&path.with_extension("shares.zst"));
        let mut runs: BTreeMap<(u64, String), VecDeque<PathBuf>> = BTreeMap::new();
        for path in files.iter().filter(|path| !has(path, ENDING) || !is_twice(path)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // GATEWAY-SHARD-EPOCH-SEGMENT.shares; what is called otherwise is a run by itself.
            let run = name.rsplit_once('-').map_or(&*name, |(run, _)| run);
            let began = run.rsplit_once('-').and_then(|(_, epoch)| epoch.parse().ok());
            let run = path.with_file_name(run).to_string_lossy().into_owned();
            runs.entry((began.unwrap_or(0), run)).or_default().push_back(path.clone());
        }
        if runs.is_empty() {
            return Err(ShareLogError::Empty);
        }
        // No share of a run is older than its start, so its files are opened no earlier.
        let began = runs.keys().enumerate().map(|(run, (began, _))| Reverse((*began, run)));
        let due = began.collect();
        let runs = runs.into_values().map(|segments| Run { segments, open: None, next: None });
        Ok(Self { runs: runs.collect(), due, files_unreadable: 0, files_torn: 0 })
    }

    /// The next share of a run, from its next segment where one is over.
    fn advance(&mut self, run: usize) -> Option<LoggedShare> {
        loop {
            let run = &mut self.runs[run];
            if let Some(segment) = &mut run.open {
                if let Some(share) = segment.next() {
                    return Some(share);
                }
                self.files_torn += u64::from(segment.bytes_torn() > 0);
            }
            run.open = None;
            let path = run.segments.pop_front()?;
            run.open = read(path);
            self.files_unreadable += u64::from(run.open.is_none());
        }
    }
}

impl Iterator for ShareLogReader {
    type Item = LoggedShare;

    fn next(&mut self) -> Option<LoggedShare> {
        loop {
            let Reverse((_, run)) = self.due.pop()?;
            let share = self.runs[run].next.take();
            let following = self.advance(run);
            if let Some(following) = following {
                self.due.push(Reverse((following.at.to_seconds(), run)));
                self.runs[run].next = Some(following);
            }
            if share.is_some() {
                return share;
            }
        }
    }
}

/// A file, or the segments in a folder.
fn list(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let is_segment = |path: &PathBuf| has(path, ENDING) || has(path, COMPRESSED_ENDING);
    entries.filter(|path| path.as_ref().map_or(true, is_segment)).collect()
}

fn has(path: &Path, ending: &str) -> bool {
    path.to_str().is_some_and(|path| path.ends_with(ending))
}

fn read(mut path: PathBuf) -> Option<Segment<Vec<u8>>> {
    let mut bytes = fs::read(&path);
    if has(&path, ENDING) && bytes.as_ref().is_err_and(|it| it.kind() == ErrorKind::NotFound) {
        // The gateway has compressed it since it was listed.
        path = path.with_extension("shares.zst");
        bytes = fs::read(&path);
    }
    let bytes = bytes.and_then(|bytes| {
        if has(&path, COMPRESSED_ENDING) { zstd::decode_all(&bytes[..]) } else { Ok(bytes) }
    });
    match bytes.map(Segment::read) {
        Ok(Some(segment)) => Some(segment),
        Ok(None) => {
            warn!("{}: it is no segment of a share log, or torn at its beginning", path.display());
            None
        }
        Err(cause) => {
            warn!("{}: {cause}; its shares are left out", path.display());
            None
        }
    }
}

#[cfg(test)]
mod tests;
