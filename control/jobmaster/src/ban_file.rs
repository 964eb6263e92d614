//! The bans on disk: one file that is replaced as a whole, written beside the jobmaster's task.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sluice_units::{Ban, BanSubject, UnixTime};
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{error, info};

const FILE: &str = "bans.json";

/// The file cannot be used.
#[derive(Debug, Error)]
#[error(
    "{path}: {cause}; mend the file, or move it away: then nobody is banned until somebody is again"
)]
pub struct BanFileError {
    path: PathBuf,
    cause: String,
}

/// The bans as they stand in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBans {
    bans: Vec<WrittenBan>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBan {
    subject: String,
    until: u64,
    reason: String,
}

/// Where the bans are kept.
#[derive(Clone, Debug)]
pub(crate) struct BanFile(PathBuf);

impl BanFile {
    pub(crate) fn of(data_folder: &Path) -> Self {
        Self(data_folder.join(FILE))
    }

    /// Reads the bans; a file that is not there holds none.
    pub(crate) fn read(&self) -> Result<Vec<Ban>, BanFileError> {
        let broken = |cause: String| BanFileError { path: self.0.clone(), cause };
        let bytes = match fs::read(&self.0) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(broken(error.to_string())),
        };
        let written: WrittenBans =
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        let ban = |WrittenBan { subject, until, reason }| match subject.parse::<BanSubject>() {
            Ok(subject) => Ok(Ban { subject, until: UnixTime::from_seconds(until), reason }),
            Err(cause) => Err(broken(format!("\"{subject}\": {cause}"))),
        };
        written.bans.into_iter().map(ban).collect()
    }

    /// Replaces the file; a power cut leaves the former one or the new one, and never half of one.
    fn write(&self, bans: &[Ban]) -> io::Result<()> {
        let written = |ban: &Ban| WrittenBan {
            subject: ban.subject.to_string(),
            until: ban.until.to_seconds(),
            reason: ban.reason.clone(),
        };
        let written = WrittenBans { bans: bans.iter().map(written).collect() };
        let beside = self.0.with_extension("writing");
        let mut file = File::create(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(&written)?)?;
        file.sync_all()?;
        fs::rename(&beside, &self.0)?;
        let folder = self.0.parent().expect("the file lies in the data folder");
        File::open(folder)?.sync_all()
    }
}

/// What was tried last.
#[derive(Clone, Debug, Default)]
struct Tried {
    number: u64,
    trouble: Option<String>,
}

/// Writes the bans in a task of its own. Of several lists that wait only the last one is written.
#[derive(Debug)]
pub(crate) struct BanWriter {
    lists: watch::Sender<(u64, Vec<Ban>)>,
    tried: watch::Receiver<Tried>,
    writing: JoinHandle<()>,
}

/// Waits until a list, or a later one, is on disk.
#[derive(Debug)]
pub(crate) struct Kept {
    number: u64,
    tried: watch::Receiver<Tried>,
}

impl BanWriter {
    pub(crate) fn start(file: BanFile) -> Self {
        let (lists, lists_out) = watch::channel((0, Vec::new()));
        let (tried_in, tried) = watch::channel(Tried::default());
        Self { lists, tried, writing: tokio::spawn(write_all(file, lists_out, tried_in)) }
    }

    /// Has a list written. It is not waited for here: no job waits for a disk.
    pub(crate) fn keep(&self, bans: Vec<Ban>) {
        self.lists.send_modify(|(number, list)| {
            *number += 1;
            *list = bans;
        });
    }

    /// Waits for the list that was kept last.
    pub(crate) fn kept(&self) -> Kept {
        Kept { number: self.lists.borrow().0, tried: self.tried.clone() }
    }

    /// Returns once the last list has been written.
    pub(crate) async fn stop(self) {
        let Self { lists, writing, .. } = self;
        drop(lists);
        let _ = writing.await;
    }
}

impl Kept {
    /// Returns once it is on disk; the error says why it is not.
    pub(crate) async fn wait(mut self) -> Result<(), String> {
        let tried = self.tried.wait_for(|tried| tried.number >= self.number).await;
        match tried {
            Ok(tried) => tried.trouble.clone().map_or(Ok(()), Err),
            Err(_) => Err("the jobmaster ends".into()),
        }
    }
}

/// Writes for as long as there is somebody who has lists written.
async fn write_all(
    file: BanFile,
    mut lists: watch::Receiver<(u64, Vec<Ban>)>,
    tried: watch::Sender<Tried>,
) {
    let mut was_trouble = false;
    while lists.changed().await.is_ok() {
        let (number, list) = lists.borrow_and_update().clone();
        let file_of_list = file.clone();
        let written = tokio::task::spawn_blocking(move || file_of_list.write(&list)).await;
        let trouble = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => return,
        };
        match &trouble {
            Some(cause) if !was_trouble => {
                let path = file.0.display();
                error!(
                    "{path}: {cause}; bans hold, but a restart would forget the latest: make room, or make the folder writable"
                );
            }
            None if was_trouble => info!("bans are written to disk again"),
            _ => {}
        }
        was_trouble = trouble.is_some();
        let _ = tried.send(Tried { number, trouble });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ban(subject: &str) -> Ban {
        let until = UnixTime::from_seconds(1_800_000_000);
        Ban { subject: subject.parse().unwrap(), until, reason: "\"floods\"".into() }
    }

    #[tokio::test]
    async fn the_last_list_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = BanFile::of(folder.path());
        assert!(file.read().unwrap().is_empty(), "there is no file");
        let writer = BanWriter::start(file.clone());
        writer.keep(vec![ban("10.1.2.3")]);
        assert_eq!(writer.kept().wait().await, Ok(()));
        assert_eq!(file.read().unwrap(), [ban("10.1.2.3")]);
        let last = vec![ban("10.0.0.0/8"), ban("account:alice")];
        writer.keep(Vec::new());
        writer.keep(last.clone());
        writer.stop().await;
        assert_eq!(file.read().unwrap(), last);
    }

    #[tokio::test]
    async fn a_disk_that_takes_nothing_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let writer = BanWriter::start(BanFile::of(&folder.path().join("missing")));
        writer.keep(vec![ban("10.1.2.3")]);
        assert!(writer.kept().wait().await.is_err());
        fs::create_dir(folder.path().join("missing")).unwrap();
        writer.keep(vec![ban("10.1.2.3")]);
        assert_eq!(writer.kept().wait().await, Ok(()));
    }

    #[test]
    fn a_broken_file_is_told_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let file = BanFile::of(folder.path());
        for text in [
            "",
            "{\"bans\":[{\"subject\":\"10.1.2\",\"until\":1,\"reason\":\"\"}]}",
            "{\"bans\":[],\"more\":1}",
        ] {
            fs::write(folder.path().join(FILE), text).unwrap();
            let error = file.read().unwrap_err().to_string();
            assert!(error.contains("bans.json") && error.contains("move it away"), "{error}");
            assert_eq!(error.lines().count(), 1);
        }
    }
}
