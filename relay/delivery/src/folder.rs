//! A folder that one process holds, and files that are there whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use thiserror::Error;
use tracing::error;

/// Why a folder cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// Another process holds it.
    #[error(
        "{0} is in use by another process: give each a folder of its own, or stop the other one"
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
    /// There is no room for what must be kept.
    #[error(
        "{what} cannot be written to {folder}: {source}; make room there, and start again: nothing is lost meanwhile"
    )]
    Unwritten {
        /// What was to be written.
        what: &'static str,
        /// Where.
        folder: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl FolderError {
    /// The system's error about this path.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Folder { path, source }
    }
}

/// Keeps others out of a folder for as long as the process lives, or this.
#[derive(Debug)]
pub struct FolderLock(#[expect(dead_code, reason = "the lock ends with the file")] fs::File);

impl FolderLock {
    /// Makes the folder where it is not there, and takes it.
    pub fn take(folder: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(folder).map_err(FolderError::at(folder))?;
        let path = folder.join("lock");
        let file = fs::File::create(&path).map_err(FolderError::at(&path))?;
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| FolderError::InUse(folder.to_owned()))?;
        Ok(Self(file))
    }
}

/// The files of a folder with this ending.
pub fn files(folder: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let paths: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
    let wanted = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
    Ok(paths?.into_iter().filter(wanted).collect())
}

/// What a file ends in while it is written.
const WRITING_ENDING: &str = "writing";

/// Writes a file beside its place and moves it there: it is there whole or not at all, and the disk has it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension(WRITING_ENDING);
    let mut file = fs::File::create(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    if let Err(error) = written.and_then(|()| fs::rename(&beside, path)) {
        // A part of it would only take up what room there is.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    sync(path.parent().expect("a file is in a folder"))
}

/// A crash has left what was being written in a folder: what is whole, and so has a place, is moved there; what is not
/// is removed, and what cannot be read stays.
pub fn finish_writing(
    folder: &Path,
    place_of: impl Fn(&[u8]) -> Option<PathBuf>,
) -> io::Result<()> {
    for path in files(folder, WRITING_ENDING)? {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                error!(
                    "{}: {error}; it is left there: mend the disk or the file's owner, and start again",
                    path.display()
                );
                continue;
            }
        };
        let Some(place) = place_of(&bytes) else {
            fs::remove_file(&path)?;
            continue;
        };
        // Whole as it is read, it may be in memory alone; in its place the disk has it.
        fs::File::open(&path)?.sync_data()?;
        fs::rename(&path, place)?;
    }
    sync(folder)
}

/// Waits until the disk has the names of a folder's files: without that a power cut undoes a move.
pub fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Removes a file that is not needed any more; what cannot be removed is told.
pub fn remove(path: &Path) {
    // Where it cannot be removed it is sent again, and found to be known.
    if let Err(error) = fs::remove_file(path) {
        error!("{}: {error}; it will be sent again at the next start", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_serves_one_process() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path()).unwrap();
        let second = FolderLock::take(folder.path()).unwrap_err();
        assert!(second.to_string().contains("another process"), "{second}");
        drop(first);
        assert!(FolderLock::take(folder.path()).is_ok());
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.batch");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(write_whole(&folder.path().join("no/such.batch"), b"x").is_err());
        assert_eq!(files(folder.path(), "batch").unwrap(), [path]);
        assert!(files(folder.path(), "writing").unwrap().is_empty());
    }
}
