//! What a run makes for itself: a folder, a thread for its links, free ports.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::error::BenchError;

/// A folder that goes with the run. Those of runs that were killed go first.
pub(crate) fn folder() -> Result<TempDir, BenchError> {
    let made = prefix().and_then(|prefix| {
        remove_left(&std::env::temp_dir(), &prefix);
        let own = format!("{prefix}{}-", std::process::id());
        tempfile::Builder::new().prefix(&own).tempdir()
    });
    made.map_err(|source| BenchError::Scratch { what: "a temporary folder", source })
}

/// What the names of folders begin with, before the process id: ids are of one namespace, and containers may share a
/// folder for temporary files.
fn prefix() -> io::Result<String> {
    let namespace = fs::read_link("/proc/self/ns/pid")?;
    let digits =
        namespace.to_string_lossy().chars().filter(char::is_ascii_digit).collect::<String>();
    Ok(format!("sluice-bench-{digits}-"))
}

/// Removes the folders whose run is gone; what cannot be removed is another user's, and is left.
fn remove_left(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| owner(name, prefix));
        if owner.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The process that made a folder, as its name tells.
fn owner(name: &str, prefix: &str) -> Option<Pid> {
    let (pid, _) = name.strip_prefix(prefix)?.split_once('-')?;
    Pid::from_raw(pid.parse().ok()?)
}

/// A thread beside the run's own, for links.
pub(crate) fn links_thread() -> Result<Runtime, BenchError> {
    let built = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    built.map_err(|source| BenchError::Start { name: "the links' thread".into(), source })
}

/// An address of this machine that nobody has at present.
pub(crate) fn free_address() -> Result<SocketAddr, BenchError> {
    free_addresses().map(|[address]| address)
}

/// Several of them, each another one.
pub(crate) fn free_addresses<const COUNT: usize>() -> Result<[SocketAddr; COUNT], BenchError> {
    let failed = |source| BenchError::Scratch { what: "a free port of 127.0.0.1", source };
    // All are held until the last one is found.
    let mut held = Vec::with_capacity(COUNT);
    let mut addresses = [SocketAddr::from(([127, 0, 0, 1], 0)); COUNT];
    for address in &mut addresses {
        let listener = TcpListener::bind(*address).map_err(failed)?;
        *address = listener.local_addr().map_err(failed)?;
        held.push(listener);
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn only_folders_of_runs_that_are_gone_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let mut ended = Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let (gone, own) = (ended.id(), std::process::id());
        let stays = [
            format!("sluice-bench-7-{own}-abc"),
            format!("sluice-bench-8-{gone}-abc"),
            format!("sluice-{gone}-abc"),
            format!("sluice-bench-7-{gone}"),
            "sluice-bench-7-x-abc".to_owned(),
        ];
        let goes = format!("sluice-bench-7-{gone}-abc");
        for name in stays.iter().chain([&goes]) {
            fs::create_dir(parent.path().join(name)).unwrap();
            fs::write(parent.path().join(name).join("file"), "").unwrap();
        }
        remove_left(parent.path(), "sluice-bench-7-");
        assert!(stays.iter().all(|name| parent.path().join(name).exists()));
        assert!(!parent.path().join(goes).exists());
    }
}
