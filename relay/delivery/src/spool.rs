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
/// What a file takes at least on the file systems in use: small batches would else be many times what is allowed.
const FILE_BYTES_MIN: u64 = 4096;

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
        let mut spool = Self { folder: folder.to_owned(), bytes: 0, bytes_max };
        let place_of = |bytes: &[u8]| Some(spool.path(name_of(&Batch::decode(bytes).ok()?)));
        // By its number a batch counts at most once.
        folder::finish_writing(folder, place_of).map_err(failed())?;
        for path in folder::files(folder, ENDING).map_err(failed())? {
            spool.bytes += bytes_taken(&path);
        }
        Ok(spool)
    }

    /// Writes a batch; on return it survives a crash of the machine. One that is there already stays.
    pub fn write(&mut self, batch: &Batch) -> io::Result<()> {
        let bytes = batch.encode();
        if self.bytes + rounded(bytes.len() as u64) > self.bytes_max && !self.has(name_of(batch)) {
            let (taken, most) = (self.bytes, self.bytes_max);
            let cause = format!("{taken} of {most} bytes are taken by batches (spool_bytes_max)");
            return Err(io::Error::new(io::ErrorKind::StorageFull, cause));
        }
        self.write_bytes(name_of(batch), &bytes)
    }

    /// The same beyond the bound, for what a start finds in journals: those have a bound of their own.
    pub fn write_beyond_bound(&mut self, batch: &Batch) -> io::Result<()> {
        self.write_bytes(name_of(batch), &batch.encode())
    }

    fn write_bytes(&mut self, name: BatchName, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        if path.exists() {
            // Written before, but perhaps without the disk's word for it.
            return folder::sync(&self.folder);
        }
        let written = folder::write_whole(&path, bytes);
        // It is there as soon as it has its name, whatever the disk says then.
        self.bytes += bytes_taken(&path);
        written
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
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

    /// Reads a batch. `None` where there is none to be had: one that is damaged is set aside for a person to look at,
    /// loudly.
    ///
    /// # Errors
    ///
    /// Where it may be read another time.
    pub fn read(&mut self, name: BatchName) -> io::Result<Option<Batch>> {
        let path = self.path(name);
        let cause = match fs::read(&path) {
            Ok(bytes) => match Batch::decode(&bytes) {
                Ok(batch) => return Ok(Some(batch)),
                Err(cause) => cause.to_string(),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => error.to_string(),
            Err(error) => return Err(error),
        };
        self.bytes = self.bytes.saturating_sub(bytes_taken(&path));
        let aside = path.with_extension("unreadable");
        let kept = match fs::rename(&path, &aside) {
            Ok(()) => format!("the batch is set aside as {}", aside.display()),
            Err(error) => format!("the batch cannot be set aside: {error}"),
        };
        error!(
            "FATAL: {}: {cause}; {kept}; its shares are not credited: check the disk, and credit them by hand, from the share log where there is one",
            path.display()
        );
        Ok(None)
    }

    /// Forgets a batch that others have.
    pub fn remove(&mut self, name: BatchName) {
        let path = self.path(name);
        self.bytes = self.bytes.saturating_sub(bytes_taken(&path));
        folder::remove(&path);
    }

    fn path(&self, BatchName { source, epoch, sequence }: BatchName) -> PathBuf {
        let SourceId { gateway_id, shard } = source;
        self.folder.join(format!("{gateway_id}-{shard}-{epoch}-{sequence}.{ENDING}"))
    }
}

/// What a file takes of the disk; nothing where it is not there.
fn bytes_taken(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| rounded(file.len()))
}

const fn rounded(bytes: u64) -> u64 {
    bytes.next_multiple_of(FILE_BYTES_MIN)
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
        Batch::empty(
            SourceId { gateway_id: 1, shard },
            5,
            sequence,
            "btc".parse().unwrap(),
            "gw".parse().unwrap(),
        )
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
        assert_eq!(spool.read(names[1]).unwrap(), Some(batch(2, 9)));
        assert!(spool.has(names[0]));
        spool.remove(names[0]);
        assert!(!spool.has(names[0]));
        assert_eq!(spool.names().unwrap().len(), 2);
        fs::write(spool.path(names[1]), b"torn").unwrap();
        assert_eq!(spool.read(names[1]).unwrap(), None);
        assert_eq!(spool.names().unwrap(), [names[2]], "it is set aside, not lost");
    }

    #[test]
    fn what_cannot_be_read_now_stays_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = BatchSpool::open(folder.path(), u64::MAX).unwrap();
        let name = name_of(&batch(0, 1));
        fs::create_dir(spool.path(name)).unwrap();
        assert!(spool.read(name).is_err());
        assert_eq!(spool.names().unwrap(), [name]);
        fs::remove_dir(spool.path(name)).unwrap();
        assert_eq!(spool.read(name).unwrap(), None, "somebody has removed it");
    }

    #[test]
    fn no_more_is_written_than_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = BatchSpool::open(folder.path(), 2 * FILE_BYTES_MIN).unwrap();
        spool.write(&batch(0, 1)).unwrap();
        for _ in 0..3 {
            spool.write(&batch(0, 2)).unwrap();
        }
        let error = spool.write(&batch(0, 3)).unwrap_err();
        assert!(error.to_string().contains("spool_bytes_max"), "{error}");
        let mut spool = BatchSpool::open(folder.path(), 2 * FILE_BYTES_MIN).unwrap();
        assert!(spool.write(&batch(0, 3)).is_err(), "what was there before counts");
        spool.write_beyond_bound(&batch(0, 3)).unwrap();
        for name in &spool.names().unwrap()[..2] {
            spool.remove(*name);
        }
        spool.write(&batch(0, 4)).unwrap();
    }

    #[test]
    fn what_a_crash_left_half_done_is_finished_or_removed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.writing"), batch(0, 7).encode()).unwrap();
        fs::write(folder.path().join("b.writing"), b"torn").unwrap();
        fs::create_dir(folder.path().join("c.writing")).unwrap();
        let mut spool = BatchSpool::open(folder.path(), u64::MAX).unwrap();
        let name = name_of(&batch(0, 7));
        assert_eq!(spool.names().unwrap(), [name]);
        assert_eq!(spool.read(name).unwrap(), Some(batch(0, 7)));
        assert!(folder.path().join("c.writing").exists(), "what cannot be read stays");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
