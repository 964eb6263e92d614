//! What blocks on the latest jobs need, on disk, so that a restart of the jobmaster loses no block; and
//! when it was last started, so that no two jobs ever share a name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sluice_mining::builder::BlockRest;
use sluice_units::limits::TEMPLATES_KEPT_MAX;
use sluice_units::{JobId, UnixTime};

const ENDING: &str = "rest";
const START_FILE: &str = "started";

/// One file a job, named after it; the oldest go first.
#[derive(Clone, Debug)]
pub(crate) struct RestFolder(PathBuf);

impl RestFolder {
    /// Opens the folder, and makes it where it is not there.
    pub(crate) fn open(data_folder: &Path) -> io::Result<Self> {
        let folder = data_folder.join("jobs");
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Writes what blocks on a job need, and forgets what is too old to bring one.
    pub(crate) fn write(&self, job: JobId, rest: &BlockRest) -> io::Result<()> {
        let path = self.path(job);
        let beside = path.with_extension("writing");
        fs::write(&beside, rest.encode())?;
        fs::rename(&beside, &path)?;
        self.prune()
    }

    /// Reads it back; `None` where it is not there any more.
    pub(crate) fn read(&self, job: JobId) -> Option<BlockRest> {
        BlockRest::decode(&fs::read(self.path(job)).ok()?)
    }

    fn prune(&self) -> io::Result<()> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                paths.push(path);
            }
        }
        // Names rise with time, within one jobmaster's id.
        paths.sort_unstable();
        let surplus = paths.len().saturating_sub(TEMPLATES_KEPT_MAX);
        paths.iter().take(surplus).try_for_each(fs::remove_file)
    }

    fn path(&self, job: JobId) -> PathBuf {
        self.0.join(format!("{:016x}.{ENDING}", job.to_u64()))
    }
}

/// When this start counts as made: now, or a second after the last one where that is later. Jobs are
/// named after it, and gateways take no job under a name that they know.
pub(crate) fn take_start(data_folder: &Path, now: UnixTime) -> io::Result<UnixTime> {
    let path = data_folder.join(START_FILE);
    let last: u64 = match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().unwrap_or(0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    let started = now.to_seconds().max(last + 1);
    let beside = path.with_extension("writing");
    fs::write(&beside, started.to_string())?;
    fs::rename(&beside, &path)?;
    Ok(UnixTime::from_seconds(started))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_jobs_are_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let rest = BlockRest::decode(&[1, 2, 0, 0, 0, 9, 9]).unwrap();
        let last = TEMPLATES_KEPT_MAX as u32 + 3;
        let rests = RestFolder::open(folder.path()).unwrap();
        for sequence in 1..=last {
            rests.write(JobId::new(1, 7, sequence), &rest).unwrap();
        }
        let rests = RestFolder::open(folder.path()).unwrap();
        assert_eq!(rests.read(JobId::new(1, 7, last)), Some(rest.clone()));
        assert_eq!(rests.read(JobId::new(1, 7, 4)), Some(rest));
        assert_eq!(rests.read(JobId::new(1, 7, 3)), None, "the oldest are forgotten");
    }

    #[test]
    fn no_two_starts_are_the_same_even_within_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let start = |now| take_start(folder.path(), UnixTime::from_seconds(now)).unwrap();
        let starts = [100, 100, 50, 300].map(|now| start(now).to_seconds());
        assert_eq!(starts, [100, 101, 102, 300]);
    }
}
