//! What blocks on the latest jobs need, on disk, so that a restart of the jobmaster loses no block; and
//! when it was last started, so that no two jobs ever share a name.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluice_mining::builder::BlockRest;
use sluice_units::limits::{TEMPLATE_WRITE_WAIT_MAX, TEMPLATES_KEPT_MAX};
use sluice_units::{JobId, UnixTime};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, warn};

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
        // Names rise with time, within one jobmaster's id, with which they begin.
        paths.sort_unstable();
        let jobmaster = |path: &PathBuf| path.file_name().map(|name| name.as_bytes()[..2].to_vec());
        for of_one in paths.chunk_by(|one, next| jobmaster(one) == jobmaster(next)) {
            let surplus = of_one.len().saturating_sub(TEMPLATES_KEPT_MAX);
            of_one.iter().take(surplus).try_for_each(fs::remove_file)?;
        }
        Ok(())
    }

    fn path(&self, job: JobId) -> PathBuf {
        self.0.join(format!("{:016x}.{ENDING}", job.to_u64()))
    }
}

/// A rest to write, and who hears that it was tried.
type Order = (JobId, Arc<BlockRest>, oneshot::Sender<()>);

/// Writes the rests one after another, on a thread of its own.
#[derive(Debug)]
pub(crate) struct RestWriter {
    orders: mpsc::Sender<Order>,
    /// The write that was not waited for to its end.
    late: Option<oneshot::Receiver<()>>,
}

impl RestWriter {
    /// Starts the thread; it ends with this.
    pub(crate) fn start(folder: RestFolder) -> Self {
        let (orders, mut queue) = mpsc::channel::<Order>(TEMPLATES_KEPT_MAX);
        tokio::task::spawn_blocking(move || {
            while let Some((job, rest, done)) = queue.blocking_recv() {
                if let Err(cause) = folder.write(job, &rest) {
                    error!(%job, "a job cannot be written to disk: {cause}; {LOST}");
                }
                // Nobody hears it who waits no longer.
                let _ = done.send(());
            }
        });
        Self { orders, late: None }
    }

    /// Writes what another jobmaster told, when there is time for it: that one has it as well.
    pub(crate) fn keep_for_peer(&self, job: JobId, rest: Arc<BlockRest>) {
        let (done, _) = oneshot::channel();
        if self.orders.try_send((job, rest, done)).is_err() {
            warn!(%job, "the disk does not answer and another jobmaster's job is not written");
        }
    }

    /// Returns once the rest is on disk, so that whoever has the job from then on can find a block on it
    /// and lose this process. A disk that does not answer holds one job back for as long as the bound says,
    /// and none after it until it answers again.
    pub(crate) async fn keep(&mut self, job: JobId, rest: Arc<BlockRest>) {
        let (done, mut written) = oneshot::channel();
        if self.orders.try_send((job, rest, done)).is_err() {
            return error!(%job, "the disk does not answer and the job is not written; {LOST}");
        }
        if self.late.as_mut().is_some_and(|late| late.try_recv().is_err_and(is_under_way)) {
            return;
        }
        self.late = None;
        if tokio::time::timeout(TEMPLATE_WRITE_WAIT_MAX, &mut written).await.is_err() {
            warn!(%job, "the disk is slow: the job goes out before it is written; {LOST}");
            self.late = Some(written);
        }
    }
}

/// What an unwritten job may cost.
const LOST: &str = "a block found on it would be lost with this process";

fn is_under_way(error: oneshot::error::TryRecvError) -> bool {
    error == oneshot::error::TryRecvError::Empty
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
pub(crate) mod tests {
    use std::os::fd::IntoRawFd;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn the_latest_jobs_are_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let rest = BlockRest::decode(&[1, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 9, 9]).unwrap();
        let last = TEMPLATES_KEPT_MAX as u32 + 3;
        let rests = RestFolder::open(folder.path()).unwrap();
        for sequence in 1..=last {
            rests.write(JobId::new(1, 7, sequence), &rest).unwrap();
        }
        let rests = RestFolder::open(folder.path()).unwrap();
        assert_eq!(rests.read(JobId::new(1, 7, last)), Some(rest.clone()));
        assert_eq!(rests.read(JobId::new(1, 7, 4)), Some(rest.clone()));
        assert_eq!(rests.read(JobId::new(1, 7, 3)), None, "the oldest are forgotten");
        // Another jobmaster's jobs take nobody's place.
        rests.write(JobId::new(2, 7, 1), &rest).unwrap();
        assert_eq!(rests.read(JobId::new(1, 7, 4)), Some(rest.clone()));
        assert_eq!(rests.read(JobId::new(2, 7, 1)), Some(rest));
    }

    /// A job whose writing hangs until somebody reads the pipe in its place.
    pub(crate) struct HangingWrite {
        pub(crate) pipe: PathBuf,
    }

    impl HangingWrite {
        pub(crate) fn of(data_folder: &Path, job: JobId) -> Self {
            let pipe = data_folder.join("jobs").join(format!("{:016x}.writing", job.to_u64()));
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            Self { pipe }
        }
    }

    impl Drop for HangingWrite {
        /// The end of a test that has failed would wait for the writer: it goes on, now or when it comes.
        fn drop(&mut self) {
            if std::thread::panicking()
                && let Ok(both_ends) = fs::File::options().read(true).write(true).open(&self.pipe)
            {
                // Never closed.
                let _ = both_ends.into_raw_fd();
            }
        }
    }

    #[tokio::test]
    async fn a_disk_that_hangs_holds_back_one_job_only() {
        let folder = tempfile::tempdir().unwrap();
        let rests = RestFolder::open(folder.path()).unwrap();
        let rest = Arc::new(BlockRest::decode(&[1, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 9, 9]).unwrap());
        let [first, second] = [1, 2].map(|sequence| JobId::new(1, 7, sequence));
        let hanging = HangingWrite::of(folder.path(), first);
        let mut writer = RestWriter::start(rests.clone());
        let start = std::time::Instant::now();
        writer.keep(first, Arc::clone(&rest)).await;
        assert!(start.elapsed() >= TEMPLATE_WRITE_WAIT_MAX);
        // Nothing is awaited while the first one is under way: this is done in one poll.
        let second_kept = pin!(writer.keep(second, Arc::clone(&rest)))
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(second_kept.is_ready());

        assert_eq!(fs::read(&hanging.pipe).unwrap(), rest.encode());
        writer.late.take().unwrap().await.unwrap();
        while rests.read(second).is_none() {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn no_two_starts_are_the_same_even_within_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let start = |now| take_start(folder.path(), UnixTime::from_seconds(now)).unwrap();
        let starts = [100, 100, 50, 300].map(|now| start(now).to_seconds());
        assert_eq!(starts, [100, 101, 102, 300]);
    }
}
