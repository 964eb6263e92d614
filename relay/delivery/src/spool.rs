//! Batches without acknowledgement, a file each.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sluice_session::BatchName;
use sluice_units::SourceId;
use sluice_wire::share_feed::Batch;
use tracing::error;

use crate::folder::{self, FolderError};

const ENDING: &str = "batch";

/// The batches of one folder.
#[derive(Debug)]
pub struct BatchSpool {
    folder: PathBuf,
    bytes: u64,
    bytes_max: u64,
}

impl BatchSpool {
    /// Makes the folder where it is not there. More than so many bytes are not written to it.
    pub fn open(folder: &Path, bytes_max: u64) -> Result<Self, FolderError> {
        let failed = || FolderError::at(folder);
        fs::create_dir_all(folder).map_err(failed())?;
        let mut bytes = 0;
        for path in folder::files(folder, ENDING).map_err(failed())? {
            bytes += fs::metadata(&path).map_or(0, |file| file.len());
        }
        Ok(Self { folder: folder.to_owned(), bytes, bytes_max })
    }

    /// Writes a batch; on return it survives a crash of the machine.
    pub fn write(&mut self, batch: &Batch) -> io::Result<()> {
        let bytes = batch.encode();
        let after = self.bytes + bytes.len() as u64;
        if after > self.bytes_max {
            let (taken, most) = (self.bytes, self.bytes_max);
            let cause = format!("{taken} of {most} bytes are taken by batches (spool_bytes_max)");
            return Err(io::Error::new(io::ErrorKind::StorageFull, cause));
        }
        folder::write_whole(&self.path(name_of(batch)), &bytes)?;
        self.bytes = after;
        Ok(())
    }

    /// Whether a batch is there.
    pub fn has(&self, name: BatchName) -> bool {
        self.path(name).exists()
    }

    /// The batches that are there, oldest first for every source.
    pub fn names(&self) -> io::Result<Vec<BatchName>> {
        let paths = folder::files(&self.folder, ENDING)?;
        let mut names: Vec<BatchName> = paths.iter().filter_map(|path| name_in(path)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Reads a batch; one that does not read is set aside for a person to look at, loudly.
    pub fn read(&mut self, name: BatchName) -> Option<Batch> {
        let path = self.path(name);
        let batch = fs::read(&path)
            .map_err(|error| error.to_string())
            .and_then(|bytes| Batch::decode(&bytes).map_err(|error| error.to_string()));
        match batch {
            Ok(batch) => Some(batch),
            Err(cause) => {
                error!("FATAL: {}: {cause}; the batch is set aside", path.display());
                self.forget_bytes(&path);
                let _ = fs::rename(&path, path.with_extension("unreadable"));
                None
            }
        }
    }

    /// Forgets a batch that others have.
    pub fn remove(&mut self, name: BatchName) {
        let path = self.path(name);
        self.forget_bytes(&path);
        folder::remove(&path);
    }

    fn forget_bytes(&mut self, path: &Path) {
        let length = fs::metadata(path).map_or(0, |file| file.len());
        self.bytes = self.bytes.saturating_sub(length);
    }

    fn path(&self, BatchName { source, epoch, sequence }: BatchName) -> PathBuf {
        let SourceId { gateway_id, shard } = source;
        self.folder.join(format!("{gateway_id}-{shard}-{epoch}-{sequence}.{ENDING}"))
    }
}

/// What a batch is called.
pub fn name_of(batch: &Batch) -> BatchName {
    BatchName { source: batch.source, epoch: batch.epoch, sequence: batch.sequence }
}

fn name_in(path: &Path) -> Option<BatchName> {
    let mut parts = path.file_stem()?.to_str()?.split('-');
    let mut part = || parts.next()?.parse::<u64>().ok();
    let gateway_id = u16::try_from(part()?).ok()?;
    let shard = u16::try_from(part()?).ok()?;
    Some(BatchName { source: SourceId { gateway_id, shard }, epoch: part()?, sequence: part()? })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn batch(shard: u16, sequence: u64) -> Batch {
        Batch {
            source: SourceId { gateway_id: 1, shard },
            epoch: 5,
            sequence,
            coin: "btc".parse().unwrap(),
            host: "gw".parse().unwrap(),
            tallies: Vec::new(),
            counters: Vec::new(),
            events: Vec::new(),
            blocks: Vec::new(),
        }
    }

    #[test]
    fn batches_are_found_again_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = BatchSpool::open(folder.path(), u64::MAX).unwrap();
        for sequence in [10, 9, 2] {
            spool.write(&batch(2, sequence)).unwrap();
        }
        let mut spool = BatchSpool::open(folder.path(), u64::MAX).unwrap();
        let names = spool.names().unwrap();
        let sequences: Vec<u64> = names.iter().map(|name| name.sequence).collect();
        assert_eq!(sequences, [2, 9, 10]);
        assert_eq!(spool.read(names[1]), Some(batch(2, 9)));
        assert!(spool.has(names[0]));
        spool.remove(names[0]);
        assert!(!spool.has(names[0]));
        assert_eq!(spool.names().unwrap().len(), 2);
        fs::write(spool.path(names[1]), b"torn").unwrap();
        assert_eq!(spool.read(names[1]), None);
        assert_eq!(spool.names().unwrap(), [names[2]], "it is set aside, not lost");
    }

    #[test]
    fn no_more_is_written_than_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let one = batch(0, 1).encode().len() as u64;
        let mut spool = BatchSpool::open(folder.path(), 2 * one).unwrap();
        spool.write(&batch(0, 1)).unwrap();
        spool.write(&batch(0, 2)).unwrap();
        let error = spool.write(&batch(0, 3)).unwrap_err();
        assert!(error.to_string().contains("spool_bytes_max"), "{error}");
        let mut spool = BatchSpool::open(folder.path(), 2 * one).unwrap();
        assert!(spool.write(&batch(0, 3)).is_err(), "what was there before counts");
        spool.remove(spool.names().unwrap()[0]);
        spool.write(&batch(0, 3)).unwrap();
    }
}
