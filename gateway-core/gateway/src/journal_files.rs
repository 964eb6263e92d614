//! The files of the shards' journals, and what a start makes of those that are there.
//!
//! `journal/3-0.journal` and `journal/3-1.journal` are those of shard 3, of their full length from the start: a disk
//! that fills up later does not touch them. They are written with `pwrite`, which costs a microsecond where the same
//! through io_uring costs fifty (DECISIONS.md).

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::iter;
use std::num::NonZero;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::FallocateFlags;
use sluice_delivery::spool::name_of;
use sluice_delivery::{BatchSpool, FolderError, FolderLock};
use sluice_session::journal::{self, Recovered};
use sluice_session::{JOURNAL_FILES, JournalWrite};
use tracing::{error, info};

use crate::config::GatewayConfig;

const ENDING: &str = "journal";

/// The two files of one shard.
#[derive(Debug)]
pub(crate) struct JournalFiles([File; JOURNAL_FILES]);

impl JournalFiles {
    /// Makes them anew, for a shard of this number.
    pub(crate) fn create(
        folder: &Path,
        shard: usize,
        file_bytes: u64,
    ) -> Result<Self, FolderError> {
        let create = |file: usize| {
            let path = folder.join(format!("{shard}-{file}.{ENDING}"));
            create_whole(&path, file_bytes).map_err(FolderError::at(&path))
        };
        Ok(Self([create(0)?, create(1)?]))
    }

    /// Files on a disk without room.
    #[cfg(test)]
    pub(crate) fn that_are_full() -> Self {
        let open = || OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        Self([open(), open()])
    }

    /// Writes bytes; on return they outlive this process.
    pub(crate) fn write(&self, write: &JournalWrite<'_>) -> io::Result<()> {
        self.0[write.file].write_all_at(write.bytes, write.offset)
    }
}

fn create_whole(path: &Path, bytes: u64) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, bytes) {
        // Some file systems cannot set room aside; the file then takes it as it is written.
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP) => Ok(file),
        Err(error) => Err(error.into()),
    }
}

/// Puts what earlier shards have written down, and what is in no batch that outlived them, among the batches. A file that
/// cannot be read is set aside, loudly.
pub(crate) fn recover(folder: &Path, spool: &mut BatchSpool) -> Result<(), FolderError> {
    fs::create_dir_all(folder).map_err(FolderError::at(folder))?;
    let paths = sluice_delivery::folder::files(folder, ENDING).map_err(FolderError::at(folder))?;
    let (mut batches, mut shares) = (0_usize, 0_u64);
    let mut unreadable = Vec::new();
    let shards: Vec<Vec<&PathBuf>> = by_shard(&paths).collect();
    // As many at a time as there are cores: miners wait, and all files together may be more than fits the memory.
    for some in shards.chunks(thread::available_parallelism().map_or(1, NonZero::get)) {
        for (paths, recovered) in some.iter().zip(read_shards(some)?) {
            unreadable.extend(recovered.unreadable.into_iter().map(|file| paths[file]));
            for batch in recovered.batches {
                if spool.has(name_of(&batch)) {
                    continue;
                }
                spool.write_beyond_bound(&batch).map_err(|source| FolderError::Unwritten {
                    what: "shares of the last run",
                    folder: spool.folder().to_owned(),
                    source,
                })?;
                batches += 1;
                shares += batch.tallies.iter().map(|(_, _, tally)| tally.accepted).sum::<u64>();
            }
        }
    }
    if batches > 0 {
        info!(
            batches,
            shares, "shares of the last run are brought to the store, unless it has them"
        );
    }
    for path in unreadable {
        let aside = free_path_beside(path);
        error!(
            "FATAL: {} is damaged, or of another release of sluice: what can be read of it is credited, the rest is \
             not. It is kept as {}; for another release's, start that one on it once",
            path.display(),
            aside.display()
        );
        fs::rename(path, &aside).map_err(FolderError::at(path))?;
    }
    // Only now: a start that is cut off reads them again.
    let read = paths.iter().filter(|path| path.exists());
    read.into_iter().try_for_each(|path| fs::remove_file(path).map_err(FolderError::at(path)))
}

/// What the journals of some shards hold, read side by side.
fn read_shards(shards: &[Vec<&PathBuf>]) -> Result<Vec<Recovered>, FolderError> {
    let read = |paths: &Vec<&PathBuf>| {
        let files: Result<Vec<Vec<u8>>, FolderError> =
            paths.iter().map(|path| fs::read(path).map_err(FolderError::at(path))).collect();
        Ok(journal::recover(&files?))
    };
    thread::scope(|scope| {
        let threads: Vec<_> = shards.iter().map(|paths| scope.spawn(move || read(paths))).collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("reading never panics"));
        joined.collect()
    })
}

/// Where a file that cannot be read is kept: what an earlier start has kept is not written over.
fn free_path_beside(path: &Path) -> PathBuf {
    let numbered = (2_u32..).map(|number| path.with_extension(format!("{number}.unreadable")));
    let mut paths = iter::once(path.with_extension("unreadable")).chain(numbered);
    paths.find(|path| !path.exists()).expect("so many starts there never are")
}

/// Files whose names tell of the same shard.
fn by_shard(paths: &[PathBuf]) -> impl Iterator<Item = Vec<&PathBuf>> {
    let mut shards = BTreeMap::<&str, Vec<&PathBuf>>::new();
    for path in paths {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let shard = name.split_once('-').map_or(name, |(shard, _)| shard);
        shards.entry(shard).or_default().push(path);
    }
    shards.into_values()
}

/// Keeps other gateways out of a journal's folder that is not the data folder's own, which is held already.
pub(crate) fn lock(config: &GatewayConfig) -> Result<Option<FolderLock>, FolderError> {
    let folder = &config.journal_folder;
    let real = |folder: &Path| fs::canonicalize(folder).ok();
    // One that is not there yet is no other one's.
    let is_data_folder = real(folder).is_some_and(|it| Some(it) == real(&config.data_folder));
    let is_apart = !folder.as_os_str().is_empty() && !is_data_folder;
    is_apart.then(|| FolderLock::take(folder)).transpose()
}

/// Where the journals are.
pub(crate) fn folder_of(config: &GatewayConfig) -> PathBuf {
    if config.journal_folder.as_os_str().is_empty() {
        config.data_folder.join("journal")
    } else {
        config.journal_folder.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sluice_mining::vardiff::VardiffPolicy;
    use sluice_session::{JOURNAL_FILE_BYTES_MIN, Shard, ShardConfig};
    use sluice_units::{Instant, Now, RejectReason, ShareDifficulty, SourceId, UnixTime};
    use sluice_wire::journal::{Begin, Record, open_frame, seal_frame, write_record};

    use super::*;

    #[test]
    fn a_journal_takes_its_room_at_once_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let files = JournalFiles::create(folder.path(), 3, JOURNAL_FILE_BYTES_MIN).unwrap();
        files.write(&JournalWrite { file: 1, offset: 100, bytes: b"x" }).unwrap();
        for file in 0..JOURNAL_FILES {
            let path = folder.path().join(format!("3-{file}.journal"));
            assert_eq!(fs::metadata(path).unwrap().len(), JOURNAL_FILE_BYTES_MIN);
        }
        let error = JournalFiles::create(&folder.path().join("none"), 0, 1 << 16).unwrap_err();
        assert!(error.to_string().contains("data_folder"), "{error}");
    }

    #[test]
    fn a_start_without_shares_recovers_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let now = Now { instant: Instant::ZERO, unix: UnixTime::from_seconds(60) };
        let source = SourceId { gateway_id: 1, shard: 0 };
        let mut shard = Shard::new(
            now,
            ShardConfig {
                journal_file_bytes: Some(JOURNAL_FILE_BYTES_MIN),
                publish_interval: Duration::from_secs(1),
                ..ShardConfig::new(source, VardiffPolicy::fixed(ShareDifficulty::MIN))
            },
        );
        let journal = folder.path().join("journal");
        fs::create_dir(&journal).unwrap();
        let files = JournalFiles::create(&journal, 0, JOURNAL_FILE_BYTES_MIN).unwrap();
        shard.journal_writes().for_each(|write| files.write(&write).unwrap());
        let mut spool = BatchSpool::open(&folder.path().join("batches"), u64::MAX).unwrap();
        recover(&journal, &mut spool).unwrap();
        assert_eq!(spool.names().unwrap(), []);
        assert_eq!(fs::read_dir(&journal).unwrap().count(), 0);
    }

    /// The file of a shard that had a share accepted, and no batch cut.
    fn journal_of(shard: u16) -> Vec<u8> {
        let begin = Begin {
            source: SourceId { gateway_id: 1, shard },
            epoch: 5,
            turn: 1,
            coin: "btc".parse().unwrap(),
            host: "gw".parse().unwrap(),
            next_sequence: 9,
        };
        let row = Record::Row(UnixTime::from_seconds(60).minute(), "alice.rig".parse().unwrap());
        let refused = Record::Refused { row: 0, reason: RejectReason::ALL[0] };
        let mut file = Vec::new();
        open_frame(&mut file);
        [Record::Begin(begin), row, refused].iter().for_each(|it| write_record(&mut file, it));
        seal_frame(&mut file, 5, 1, 0);
        file
    }

    #[test]
    fn every_shard_that_there_was_is_recovered_whatever_room_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal");
        fs::create_dir(&journal).unwrap();
        for shard in [0, 7, 11] {
            fs::write(journal.join(format!("{shard}-1.journal")), journal_of(shard)).unwrap();
            fs::write(journal.join(format!("{shard}-0.journal")), [0; 4096]).unwrap();
        }
        // Nothing more may be written there, and a start must be possible all the same.
        let mut spool = BatchSpool::open(&folder.path().join("batches"), 0).unwrap();
        recover(&journal, &mut spool).unwrap();
        let names = spool.names().unwrap();
        let found: Vec<_> = names.iter().map(|it| (it.source.shard, it.sequence)).collect();
        assert_eq!(found, [(0, 9), (7, 9), (11, 9)]);
        assert_eq!(fs::read_dir(&journal).unwrap().count(), 0);
    }

    #[test]
    fn a_journal_that_cannot_be_read_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let damaged = folder.path().join("0-0.journal");
        fs::write(&damaged, [7; 64]).unwrap();
        fs::write(folder.path().join("0-1.journal"), journal_of(0)).unwrap();
        let mut spool = BatchSpool::open(&folder.path().join("batches"), u64::MAX).unwrap();
        recover(folder.path(), &mut spool).unwrap();
        assert_eq!(spool.names().unwrap().len(), 1);
        assert!(!damaged.exists());
        assert_eq!(fs::read(damaged.with_extension("unreadable")).unwrap(), [7; 64]);
    }

    #[test]
    fn what_is_kept_of_one_start_outlives_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = BatchSpool::open(&folder.path().join("batches"), u64::MAX).unwrap();
        for start in 1..=3 {
            fs::write(folder.path().join("0-0.journal"), [start; 64]).unwrap();
            recover(folder.path(), &mut spool).unwrap();
        }
        let kept = ["0-0.unreadable", "0-0.2.unreadable", "0-0.3.unreadable"];
        for (name, start) in kept.into_iter().zip(1..) {
            assert_eq!(fs::read(folder.path().join(name)).unwrap(), [start; 64], "{name}");
        }
    }

    #[test]
    fn a_journals_folder_serves_one_gateway() {
        let folder = tempfile::tempdir().unwrap();
        let apart =
            GatewayConfig { journal_folder: folder.path().to_owned(), ..GatewayConfig::default() };
        let first = lock(&apart).unwrap();
        let second = lock(&apart).unwrap_err();
        assert!(second.to_string().contains("another process"), "{second}");
        drop(first);
        assert!(lock(&GatewayConfig::default()).unwrap().is_none(), "the data folder is held");
        let held = FolderLock::take(folder.path()).unwrap();
        let same = GatewayConfig { data_folder: folder.path().join("."), ..apart };
        assert!(lock(&same).unwrap().is_none(), "by this very gateway");
        drop(held);
    }
}
