//! The files of the shards' journals, and what a start makes of those that are there.
//!
//! `journal/3-0.journal` and `journal/3-1.journal` are those of shard 3, of their full length from the start: a disk
//! that fills up later does not touch them. They are written with `pwrite`, which costs a microsecond where the same
//! through io_uring costs fifty (DECISIONS.md).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::FallocateFlags;
use sluice_delivery::spool::name_of;
use sluice_delivery::{BatchSpool, FolderError};
use sluice_session::{JOURNAL_FILES, JournalWrite, journal};
use tracing::info;

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

/// Puts what earlier shards have written down, and into no batch that outlived them, among the batches.
pub(crate) fn recover(folder: &Path, spool: &mut BatchSpool) -> Result<(), FolderError> {
    fs::create_dir_all(folder).map_err(FolderError::at(folder))?;
    let paths = sluice_delivery::folder::files(folder, ENDING).map_err(FolderError::at(folder))?;
    let (mut batches, mut shares) = (0_usize, 0_u64);
    for path in &paths {
        let file = fs::read(path).map_err(FolderError::at(path))?;
        for batch in journal::recover(&file) {
            if spool.has(name_of(&batch)) {
                continue;
            }
            spool.write(&batch).map_err(FolderError::at(path))?;
            batches += 1;
            shares += batch.tallies.iter().map(|(_, _, tally)| tally.accepted).sum::<u64>();
        }
    }
    if batches > 0 {
        info!(
            batches,
            shares, "shares of the last run are brought to the store, unless it has them"
        );
    }
    // Only now: a start that is cut off reads them again.
    paths.iter().try_for_each(|path| fs::remove_file(path).map_err(FolderError::at(path)))
}

/// Where the journals are.
pub(crate) fn folder_of(config: &crate::config::GatewayConfig) -> PathBuf {
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
    use sluice_units::{Instant, Now, ShareDifficulty, SourceId, UnixTime};

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
}
