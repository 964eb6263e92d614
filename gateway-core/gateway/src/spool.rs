//! What must survive a restart, on disk: batches without acknowledgement, blocks without verdict, and
//! the epoch, which rises with every start.
//!
//! One file each, written beside its place and moved into it, so that a file is there whole or not
//! at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use sluice_session::BatchName;
use sluice_units::{FoundBlock, Hash256, SourceId, UnixTime};
use sluice_wire::job_feed;
use sluice_wire::share_feed::Batch;
use thiserror::Error;
use tracing::error;

/// Why the folder cannot be used.
#[derive(Debug, Error)]
pub enum SpoolError {
    /// Another gateway holds it.
    #[error(
        "{0} is in use by another gateway: give each its own data_folder, or stop the other one"
    )]
    InUse(PathBuf),
    /// It cannot be read or written.
    #[error(
        "{path}: {source}; make the folder writable for this user, or choose another data_folder"
    )]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// A gateway's folder, held by one process at a time.
#[derive(Debug)]
pub(crate) struct Spool {
    batches: PathBuf,
    blocks: PathBuf,
    /// Keeps the lock while the process lives.
    _lock: fs::File,
}

const BATCH_ENDING: &str = "batch";
const BLOCK_ENDING: &str = "block";

impl Spool {
    /// Opens, and makes where it is not there, a folder, and takes the next epoch.
    pub(crate) fn open(folder: &Path, now: UnixTime) -> Result<(Self, u64), SpoolError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| SpoolError::Folder { path, source }
        };
        let (batches, blocks) = (folder.join("batches"), folder.join("blocks"));
        for path in [&batches, &blocks] {
            fs::create_dir_all(path).map_err(failed(path))?;
        }
        let lock_path = folder.join("lock");
        let lock = fs::File::create(&lock_path).map_err(failed(&lock_path))?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| SpoolError::InUse(folder.to_owned()))?;
        let epoch_path = folder.join("epoch");
        let last: u64 = match fs::read_to_string(&epoch_path) {
            Ok(text) => text.trim().parse().unwrap_or(0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(failed(&epoch_path)(error)),
        };
        // A clock that was set back must not bring an epoch back: its batches would be dropped.
        let epoch = now.to_seconds().max(last + 1);
        let spool = Self { batches, blocks, _lock: lock };
        write_whole(&epoch_path, epoch.to_string().as_bytes()).map_err(failed(&epoch_path))?;
        Ok((spool, epoch))
    }

    /// Writes a batch; on return it survives the end of the process.
    pub(crate) fn write_batch(&self, batch: &Batch) -> io::Result<BatchName> {
        let Batch { source, epoch, sequence, .. } = *batch;
        let name = BatchName { source, epoch, sequence };
        write_whole(&self.batch_path(name), &batch.encode())?;
        Ok(name)
    }

    /// The batches that are there, oldest first for every source.
    pub(crate) fn batches(&self) -> io::Result<Vec<BatchName>> {
        let mut names: Vec<BatchName> = files(&self.batches, BATCH_ENDING)?
            .iter()
            .filter_map(|path| batch_name(path))
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Reads a batch; one that does not read is set aside for a person to look at, loudly.
    pub(crate) fn read_batch(&self, name: BatchName) -> Option<Batch> {
        let path = self.batch_path(name);
        let batch = fs::read(&path)
            .map_err(|error| error.to_string())
            .and_then(|bytes| Batch::decode(&bytes).map_err(|error| error.to_string()));
        match batch {
            Ok(batch) => Some(batch),
            Err(cause) => {
                error!("FATAL: {}: {cause}; the batch is set aside", path.display());
                let _ = fs::rename(&path, path.with_extension("unreadable"));
                None
            }
        }
    }

    /// Forgets a batch that the store has.
    pub(crate) fn remove_batch(&self, name: BatchName) {
        remove(&self.batch_path(name));
    }

    /// Where found blocks are written.
    pub(crate) fn block_folder(&self) -> BlockFolder {
        BlockFolder(self.blocks.clone())
    }

    fn batch_path(&self, BatchName { source, epoch, sequence }: BatchName) -> PathBuf {
        let SourceId { gateway_id, shard } = source;
        self.batches.join(format!("{gateway_id}-{shard}-{epoch}-{sequence}.{BATCH_ENDING}"))
    }
}

/// The found blocks of a gateway; every shard has one.
#[derive(Clone, Debug)]
pub(crate) struct BlockFolder(PathBuf);

impl BlockFolder {
    /// Writes a block and waits until the disk has it: it outlives a crash of the machine.
    pub(crate) fn write(&self, block: &FoundBlock) -> io::Result<()> {
        write_whole(&self.path(&block.hash), &job_feed::encode_found_block(block))?;
        fs::File::open(&self.0)?.sync_all()
    }

    /// The blocks that no verdict has come for.
    pub(crate) fn read_all(&self) -> io::Result<Vec<FoundBlock>> {
        let read = |path: PathBuf| {
            let bytes = fs::read(&path).ok()?;
            let block = job_feed::decode_found_block(&bytes);
            if let Err(cause) = &block {
                error!("FATAL: {}: {cause}; the found block is left there", path.display());
            }
            block.ok()
        };
        Ok(files(&self.0, BLOCK_ENDING)?.into_iter().filter_map(read).collect())
    }

    /// Forgets a block that a node keeps.
    pub(crate) fn remove(&self, hash: &Hash256) {
        remove(&self.path(hash));
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

fn batch_name(path: &Path) -> Option<BatchName> {
    let mut parts = path.file_stem()?.to_str()?.split('-');
    let mut part = || parts.next()?.parse::<u64>().ok();
    let gateway_id = u16::try_from(part()?).ok()?;
    let shard = u16::try_from(part()?).ok()?;
    Some(BatchName { source: SourceId { gateway_id, shard }, epoch: part()?, sequence: part()? })
}

fn files(folder: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let paths: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
    let wanted = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
    Ok(paths?.into_iter().filter(wanted).collect())
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("writing");
    let mut file = fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&beside, path)
}

fn remove(path: &Path) {
    // Where it cannot be removed it is sent again, and found to be known.
    if let Err(error) = fs::remove_file(path) {
        error!("{}: {error}; it will be sent again at the next start", path.display());
    }
}

#[cfg(test)]
mod tests {
    use sluice_units::JobId;

    use super::*;

    fn batch(sequence: u64, epoch: u64) -> Batch {
        Batch {
            source: SourceId { gateway_id: 1, shard: 2 },
            epoch,
            sequence,
            coin: "btc".parse().unwrap(),
            host: "gw".parse().unwrap(),
            tallies: Vec::new(),
            counters: Vec::new(),
            events: Vec::new(),
            blocks: Vec::new(),
        }
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn batches_are_found_again_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let (spool, epoch) = Spool::open(folder.path(), at(100)).unwrap();
        for sequence in [10, 9, 2] {
            spool.write_batch(&batch(sequence, epoch)).unwrap();
        }
        drop(spool);
        let (spool, _) = Spool::open(folder.path(), at(200)).unwrap();
        let names = spool.batches().unwrap();
        let sequences: Vec<u64> = names.iter().map(|name| name.sequence).collect();
        assert_eq!(sequences, [2, 9, 10]);
        assert_eq!(spool.read_batch(names[1]), Some(batch(9, epoch)));
        spool.remove_batch(names[0]);
        assert_eq!(spool.batches().unwrap().len(), 2);
        fs::write(spool.batch_path(names[1]), b"torn").unwrap();
        assert_eq!(spool.read_batch(names[1]), None);
        assert_eq!(spool.batches().unwrap(), [names[2]], "it is set aside, not lost");
    }

    #[test]
    fn the_epoch_rises_even_where_the_clock_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let epochs: Vec<u64> = [100, 100, 50, 300]
            .into_iter()
            .map(|seconds| Spool::open(folder.path(), at(seconds)).unwrap().1)
            .collect();
        assert_eq!(epochs, [100, 101, 102, 300]);
    }

    #[test]
    fn one_folder_serves_one_gateway() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Spool::open(folder.path(), at(1)).unwrap();
        let second = Spool::open(folder.path(), at(1)).unwrap_err();
        assert!(second.to_string().contains("another gateway"), "{second}");
    }

    #[test]
    fn blocks_wait_for_their_verdict() {
        let folder = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(folder.path(), at(1)).unwrap();
        let blocks = spool.block_folder();
        let block = |byte: u8| FoundBlock {
            job: JobId::from_u64(1),
            height: 2,
            hash: Hash256::from_bytes([byte; 32]),
            header: [3; 80],
            coinbase: vec![4],
            finder: "alice".parse().unwrap(),
        };
        for byte in [1, 2, 3] {
            blocks.write(&block(byte)).unwrap();
        }
        blocks.remove(&block(1).hash);
        blocks.set_aside(&block(2).hash);
        assert_eq!(blocks.read_all().unwrap(), [block(3)]);
    }
}
