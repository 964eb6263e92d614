//! What must survive a restart, on disk, beside batches and journals: blocks without verdict, and the epoch,
//! which rises with every start.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sluice_delivery::folder::{self, write_whole};
use sluice_delivery::{FolderError, FolderLock};
use sluice_units::limits::BATCH_NUMBER_MAX;
use sluice_units::{FoundBlock, Hash256, UnixTime};
use sluice_wire::job_feed;
use tracing::error;

use crate::start::StartError;

/// A gateway's folder, held by one process at a time.
#[derive(Debug)]
pub(crate) struct Spool {
    blocks: PathBuf,
    _lock: FolderLock,
}

const BLOCK_ENDING: &str = "block";
/// Characters that are shown of an epoch that is none.
const EPOCH_SHOWN_MAX: usize = 40;
/// Epochs of one second. Which of them a start takes is left to chance: gateways of two coins may have the same number,
/// share a store, and start together, and no batch of one may have the name of one of the other.
const EPOCHS_PER_SECOND: u64 = 1 << 20;

impl Spool {
    /// Opens, and makes where it is not there, a folder, and takes the next epoch, by a number of the `chance`.
    pub(crate) fn open(
        folder: &Path,
        now: UnixTime,
        chance: u32,
    ) -> Result<(Self, u64), StartError> {
        let lock = FolderLock::take(folder)?;
        let blocks = folder.join("blocks");
        fs::create_dir_all(&blocks).map_err(FolderError::at(&blocks))?;
        // Before any shard writes there.
        BlockFolder(blocks.clone()).finish_writing().map_err(FolderError::at(&blocks))?;
        let epoch_path = folder.join("epoch");
        let last = match fs::read(&epoch_path) {
            Ok(bytes) => read_epoch(&epoch_path, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(FolderError::at(&epoch_path)(error).into()),
        };
        // A clock that was set back must not bring an epoch back: its batches would be dropped.
        let epoch = epoch_of(now, chance).max(last + 1);
        let written = write_whole(&epoch_path, epoch.to_string().as_bytes());
        written.map_err(FolderError::at(&epoch_path))?;
        Ok((Self { blocks, _lock: lock }, epoch))
    }

    /// Where found blocks are written.
    pub(crate) fn block_folder(&self) -> BlockFolder {
        BlockFolder(self.blocks.clone())
    }
}

/// An epoch in the second of a start. No clock is so far ahead that no start could follow.
fn epoch_of(now: UnixTime, chance: u32) -> u64 {
    let seconds = now.to_seconds().min(BATCH_NUMBER_MAX / EPOCHS_PER_SECOND - 1);
    seconds * EPOCHS_PER_SECOND + u64::from(chance) % EPOCHS_PER_SECOND
}

/// The epoch in its file. What is no number is no reason to begin anew: the clock may be behind.
fn read_epoch(path: &Path, bytes: &[u8]) -> Result<u64, StartError> {
    let text = String::from_utf8_lossy(bytes);
    let epoch = text.trim().parse().ok().filter(|epoch| *epoch < BATCH_NUMBER_MAX);
    epoch.ok_or_else(|| StartError::Epoch {
        path: path.to_owned(),
        text: text.chars().take(EPOCH_SHOWN_MAX).collect(),
    })
}

/// The found blocks of a gateway; every shard has one.
#[derive(Clone, Debug)]
pub(crate) struct BlockFolder(PathBuf);

impl BlockFolder {
    /// Writes a block and waits until the disk has it: it outlives a crash of the machine.
    pub(crate) fn write(&self, block: &FoundBlock) -> io::Result<()> {
        write_whole(&self.path(&block.hash), &job_feed::encode_found_block(block))
    }

    /// A block whose writing was cut short goes to the jobmasters if it is whole. Its share was not answered, so nothing
    /// is owed for one that is not.
    fn finish_writing(&self) -> io::Result<()> {
        folder::finish_writing(&self.0, |bytes| {
            Some(self.path(&job_feed::decode_found_block(bytes).ok()?.hash))
        })
    }

    /// The blocks that no verdict has come for.
    pub(crate) fn read_all(&self) -> io::Result<Vec<FoundBlock>> {
        let read = |path: PathBuf| {
            let cause = match fs::read(&path) {
                Ok(bytes) => match job_feed::decode_found_block(&bytes) {
                    Ok(block) => return Some(block),
                    Err(cause) => cause.to_string(),
                },
                Err(error) => error.to_string(),
            };
            error!(
                "FATAL: {}: {cause}; the found block is left there, and goes to no node: ask a node for the hash in the file's name; where it has none, mend the disk or the file's owner, and start the gateway again",
                path.display()
            );
            None
        };
        Ok(folder::files(&self.0, BLOCK_ENDING)?.into_iter().filter_map(read).collect())
    }

    /// Forgets a block that a node keeps.
    pub(crate) fn remove(&self, hash: &Hash256) {
        folder::remove(&self.path(hash));
    }

    /// Keeps a block that no node keeps, out of the way, for a person to look at.
    pub(crate) fn set_aside(&self, hash: &Hash256) {
        let path = self.path(hash);
        let _ = fs::rename(&path, path.with_extension("refused"));
    }

    fn path(&self, hash: &Hash256) -> PathBuf {
        self.0.join(format!("{hash}.{BLOCK_ENDING}"))
    }
}

#[cfg(test)]
mod tests {
    use sluice_thread_log::ThreadLog;
    use sluice_units::JobId;

    use super::*;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn the_epoch_rises_even_where_the_clock_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let starts = [(100, 7), (100, 3), (50, 9), (300, 5), (u64::MAX, u32::MAX), (u64::MAX, 0)];
        let epochs = starts
            .map(|(seconds, chance)| Spool::open(folder.path(), at(seconds), chance).unwrap().1);
        let first = 100 * EPOCHS_PER_SECOND + 7;
        assert_eq!(epochs[..4], [first, first + 1, first + 2, 300 * EPOCHS_PER_SECOND + 5]);
        assert!(epochs.is_sorted() && epochs[5] < BATCH_NUMBER_MAX, "{epochs:?}");
    }

    #[test]
    fn gateways_that_start_in_one_second_have_other_epochs() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = [(&folders[0], 1), (&folders[1], u32::MAX)]
            .map(|(folder, chance)| Spool::open(folder.path(), at(100), chance).unwrap().1);
        assert_ne!(one, other);
    }

    #[test]
    fn an_epoch_that_is_no_number_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("epoch");
        let too_high = BATCH_NUMBER_MAX.to_string();
        // The last one is in nanoseconds.
        let numbers = [too_high.as_bytes(), b"1700000000000000000"];
        for damaged in [&b"17x"[..], b"", b"\xff\xfe\0", b"-5"].into_iter().chain(numbers) {
            fs::write(&path, damaged).unwrap();
            let error = Spool::open(folder.path(), at(100), 1).unwrap_err().to_string();
            assert!(error.contains(path.to_str().unwrap()), "{error}");
            assert!(error.contains("date +%s") && error.lines().count() == 1, "{error}");
            assert_eq!(fs::read(&path).unwrap(), damaged);
        }
        fs::write(&path, "1700000000\n").unwrap();
        assert_eq!(Spool::open(folder.path(), at(1), 1).unwrap().1, 1_700_000_001);
    }

    fn block(byte: u8) -> FoundBlock {
        FoundBlock {
            job: JobId::from_u64(1),
            height: 2,
            hash: Hash256::from_bytes([byte; 32]),
            header: [3; 80],
            coinbase: vec![4],
            finder: "alice".parse().unwrap(),
        }
    }

    #[test]
    fn a_block_whose_writing_was_cut_short_is_there_if_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let blocks = Spool::open(folder.path(), at(1), 1).unwrap().0.block_folder();
        for byte in [1, 2] {
            blocks.write(&block(byte)).unwrap();
            let path = blocks.path(&block(byte).hash);
            fs::rename(&path, path.with_extension("writing")).unwrap();
        }
        let torn = blocks.path(&block(2).hash).with_extension("writing");
        let length = fs::metadata(&torn).unwrap().len();
        fs::File::options().write(true).open(&torn).unwrap().set_len(length - 1).unwrap();
        let blocks = Spool::open(folder.path(), at(2), 1).unwrap().0.block_folder();
        assert_eq!(blocks.read_all().unwrap(), [block(1)]);
        assert!(!torn.exists());
        blocks.remove(&block(1).hash);
        assert_eq!(fs::read_dir(folder.path().join("blocks")).unwrap().count(), 0);
    }

    #[test]
    fn blocks_wait_for_their_verdict() {
        let folder = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(folder.path(), at(1), 1).unwrap();
        let blocks = spool.block_folder();
        for byte in [1, 2, 3] {
            blocks.write(&block(byte)).unwrap();
        }
        blocks.remove(&block(1).hash);
        blocks.set_aside(&block(2).hash);
        assert_eq!(blocks.read_all().unwrap(), [block(3)]);
        // One that is none, and one that cannot be read: both are told, and neither hides the others.
        let log = ThreadLog::capture();
        fs::write(folder.path().join("blocks/08.block"), "no block").unwrap();
        fs::create_dir(folder.path().join("blocks/09.block")).unwrap();
        assert_eq!(blocks.read_all().unwrap(), [block(3)]);
        for name in ["08.block: ", "09.block: "] {
            let told = log.lines_with(&["FATAL", name, "ask a node for the hash"]);
            assert_eq!(told.len(), 1, "{name}");
        }
    }
}
