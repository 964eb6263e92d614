//! Reads share logs: the shares of all files together, in the order in which they came.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use sluice_session::share_log::{LoggedShare, Segment};
use sluice_units::limits::NAME_BYTES_MAX;
use sluice_units::{Name, SourceId};
use sluice_wire::journal::{Begin, FRAME_HEAD_BYTES, is_unwritten};
use thiserror::Error;
use tracing::warn;
use zstd::{Decoder, zstd_safe};

use crate::share_log_files::{COMPRESSED_ENDING, ENDING};

/// `ZSTD_FRAMEHEADERSIZE_MAX`: the length of what is compressed is among these.
const ZSTD_HEAD_BYTES_MAX: u64 = 18;
/// The first frame of a segment: tag, version, source, epoch, turn, coin, host, and number of the batch.
const BEGIN_BYTES_MAX: u64 =
    (FRAME_HEAD_BYTES + 1 + 2 + 4 + 8 + 8 + 2 * (4 + NAME_BYTES_MAX) + 8) as u64;

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
    /// The shares of several coins together say nothing.
    #[error("the share logs are of several coins, {}; choose one with --coin", Listed(.0))]
    Coins(
        /// Which there are.
        BTreeSet<Name>,
    ),
    /// The coin that was chosen is not among them.
    #[error("no segment is of the coin {wanted}; the share logs are of {}", Listed(.there))]
    NoSuchCoin {
        /// The one that was chosen.
        wanted: Name,
        /// Which there are.
        there: BTreeSet<Name>,
    },
    /// There is nothing.
    #[error(
        "no segment of a share log (*{ENDING}, *{COMPRESSED_ENDING}) is there; set share_log = true in gateway.toml"
    )]
    Empty,
}

/// Names in a line.
struct Listed<'a>(&'a BTreeSet<Name>);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(Name::as_str).collect();
        formatter.write_str(&names.join(", "))
    }
}

/// One share, and of which log.
#[derive(Clone, PartialEq, Debug)]
pub struct SourcedShare {
    /// The coin that it was mined for.
    pub coin: Name,
    /// The gateway and its shard.
    pub source: SourceId,
    /// The share.
    pub share: LoggedShare,
}

/// One run of one shard: all its segments tell this alike. Runs are in the order in which they began.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RunName {
    epoch: u64,
    source: SourceId,
    coin: Name,
    host: Name,
}

/// The files of one segment by their bytes, the longest first: a backup, the same file under another path, and what a
/// kill leaves while one is compressed.
type Copies = BinaryHeap<(u64, PathBuf)>;

/// The segments of one run, the next one first.
struct Run {
    name: RunName,
    segments: VecDeque<Copies>,
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
    /// Files that could not be read, and of which no copy could.
    pub files_unreadable: u64,
    /// Files whose end was torn, as a kill leaves it; in one that nothing was written to yet that is all of it.
    pub files_torn: u64,
}

impl ShareLogReader {
    /// Takes files and folders of files, and of what they hold one coin; which one must be said where there are several.
    pub fn open(paths: &[PathBuf], coin: Option<&Name>) -> Result<Self, ShareLogError> {
        let mut files = BTreeSet::new();
        for path in paths {
            files.extend(
                list(path).map_err(|source| ShareLogError::Path { path: path.clone(), source })?,
            );
        }
        if files.is_empty() {
            return Err(ShareLogError::Empty);
        }
        let (mut files_unreadable, mut files_torn) = (0, 0);
        let mut runs: BTreeMap<RunName, BTreeMap<u64, Copies>> = BTreeMap::new();
        for path in files {
            match Look::at(&path) {
                Look::Found { begin: Begin { source, epoch, turn, coin, host, .. }, bytes } => {
                    let run = RunName { epoch, source, coin, host };
                    let copies = runs.entry(run).or_default().entry(turn).or_default();
                    copies.push((bytes, path));
                }
                Look::Unwritten => files_torn += 1,
                Look::Unreadable => files_unreadable += 1,
            }
        }
        choose_coin(&mut runs, coin)?;
        // No share of a run is older than its start, so its files are opened no earlier.
        let began = runs.keys().enumerate().map(|(run, name)| Reverse((name.epoch, run)));
        let due = began.collect();
        let runs = runs.into_iter().map(|(name, segments)| Run {
            name,
            segments: segments.into_values().collect(),
            open: None,
            next: None,
        });
        Ok(Self { runs: runs.collect(), due, files_unreadable, files_torn })
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
            // One that cannot be read is told, and its copies are tried.
            let mut copies = run.segments.pop_front()?;
            while run.open.is_none()
                && let Some((_, path)) = copies.pop()
            {
                run.open = read(&path);
            }
            self.files_unreadable += u64::from(run.open.is_none());
        }
    }
}

impl Iterator for ShareLogReader {
    type Item = SourcedShare;

    fn next(&mut self) -> Option<SourcedShare> {
        loop {
            let Reverse((_, run)) = self.due.pop()?;
            let share = self.runs[run].next.take();
            let following = self.advance(run);
            if let Some(following) = following {
                self.due.push(Reverse((following.at.to_seconds(), run)));
                self.runs[run].next = Some(following);
            }
            if let Some(share) = share {
                let RunName { source, coin, .. } = &self.runs[run].name;
                return Some(SourcedShare { coin: coin.clone(), source: *source, share });
            }
        }
    }
}

/// A file, or the segments in a folder, by the same path whatever way leads there.
fn list(path: &Path) -> io::Result<Vec<PathBuf>> {
    let path = path.canonicalize()?;
    if !path.is_dir() {
        return Ok(vec![path]);
    }
    let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let is_segment = |path: &PathBuf| has(path, ENDING) || has(path, COMPRESSED_ENDING);
    entries.filter(|path| path.as_ref().map_or(true, is_segment)).collect()
}

fn has(path: &Path, ending: &str) -> bool {
    path.to_str().is_some_and(|path| path.ends_with(ending))
}

/// Leaves the runs of one coin: of the chosen one, or of the only one there is.
fn choose_coin<T>(
    runs: &mut BTreeMap<RunName, T>,
    wanted: Option<&Name>,
) -> Result<(), ShareLogError> {
    let there: BTreeSet<Name> = runs.keys().map(|run| run.coin.clone()).collect();
    match wanted {
        Some(wanted) if there.is_empty() || there.contains(wanted) => {
            runs.retain(|run, _| run.coin == *wanted);
            Ok(())
        }
        Some(wanted) => Err(ShareLogError::NoSuchCoin { wanted: wanted.clone(), there }),
        None if there.len() > 1 => Err(ShareLogError::Coins(there)),
        None => Ok(()),
    }
}

/// What a segment's file says first.
enum Look {
    Found {
        begin: Begin,
        /// Of what is in it, uncompressed.
        bytes: u64,
    },
    /// A gateway has made it a moment ago, or was killed then.
    Unwritten,
    Unreadable,
}

impl Look {
    /// Not more of the file is read than it takes.
    fn at(path: &Path) -> Self {
        let found = open(path).and_then(|(file, bytes)| {
            let mut head = Vec::new();
            file.take(BEGIN_BYTES_MAX).read_to_end(&mut head)?;
            if is_unwritten(&head) {
                return Ok(Some(Self::Unwritten));
            }
            let segment = Segment::read(head);
            Ok(segment.map(|segment| Self::Found { begin: segment.begin().clone(), bytes }))
        });
        told(path, found).unwrap_or(Self::Unreadable)
    }
}

fn read(path: &Path) -> Option<Segment<Vec<u8>>> {
    let segment = open(path).and_then(|(mut file, _)| {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Segment::read(bytes))
    });
    told(path, segment)
}

/// What a segment's file holds, whether it is compressed or not, and how many bytes that is.
fn open(path: &Path) -> io::Result<(Box<dyn Read>, u64)> {
    let mut path = path.to_owned();
    let mut file = File::open(&path);
    if has(&path, ENDING) && file.as_ref().is_err_and(|it| it.kind() == ErrorKind::NotFound) {
        // The gateway has compressed it since it was listed.
        path = path.with_extension("shares.zst");
        file = File::open(&path);
    }
    let mut file = file?;
    if !has(&path, COMPRESSED_ENDING) {
        let bytes = file.metadata()?.len();
        return Ok((Box::new(file), bytes));
    }
    let mut head = Vec::new();
    file.by_ref().take(ZSTD_HEAD_BYTES_MAX).read_to_end(&mut head)?;
    file.rewind()?;
    // What does not say how long it is was not compressed by a gateway, and taken as whole.
    let bytes = zstd_safe::get_frame_content_size(&head).ok().flatten().unwrap_or(u64::MAX);
    Ok((Box::new(Decoder::new(file)?), bytes))
}

fn told<T>(path: &Path, read: io::Result<Option<T>>) -> Option<T> {
    match read {
        Ok(Some(read)) => Some(read),
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
