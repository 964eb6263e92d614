//! Why a run gives no result.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sluice_ring::EngineError;
use sluice_service::cluster_key::ClusterKeyError;
use sluice_service::link::LinkError;
use thiserror::Error;

/// Why a run gives no result. Each message is one line with the cause and the remedy, but for the
/// last lines of a process that ended.
#[derive(Debug, Error)]
pub enum BenchError {
    /// ^C, or a service manager's stop.
    #[error("the run was interrupted")]
    Interrupted,
    /// A file of the system cannot be read.
    #[error("{path}: {source}; the run needs /proc and /sys of Linux, as its own user sees them")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The kernel does not say how long threads ran.
    #[error(
        "/proc/PID/task/TID/schedstat holds no times: a kernel with CONFIG_SCHED_INFO is needed"
    )]
    NoScheduleStatistics,
    /// Threads cannot be kept on these cores.
    #[error("cores {list}: {cause}; choose among the cores that `taskset -p $$` shows")]
    Cores {
        /// The cores.
        list: String,
        /// The system's error.
        cause: io::Error,
    },
    /// A kernel setting cannot be changed.
    #[error("{name} cannot be set: {cause}; run as root, or set it on the host")]
    Setting {
        /// The sysctl.
        name: &'static str,
        /// The system's error.
        cause: io::Error,
    },
    /// The kernel would not let so many connections be.
    #[error("{connections} connections need {name} of at least {wanted}: {remedy}")]
    TooFew {
        /// What was asked for.
        connections: u64,
        /// What is too low.
        name: &'static str,
        /// What it must be.
        wanted: u64,
        /// What to do.
        remedy: String,
    },
    /// A file or folder of the run cannot be made.
    #[error("{what}: {source}; make room, or choose another folder with TMPDIR")]
    Scratch {
        /// What was to be made.
        what: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// A process of the run cannot be started.
    #[error("{name} cannot be started: {source}; raise the limit on processes (ulimit -u)")]
    Start {
        /// Which.
        name: String,
        /// The system's error.
        source: io::Error,
    },
    /// Another program cannot be started.
    #[error("{program} cannot be started: {source}; install it, or name it with its path")]
    Program {
        /// Its name.
        program: String,
        /// The system's error.
        source: io::Error,
    },
    /// A process of the run ended before it was told to.
    #[error("{name} ended early ({status}); its last lines:\n{log}")]
    Ended {
        /// Which.
        name: String,
        /// Its exit status.
        status: String,
        /// The end of what it wrote to stderr.
        log: String,
    },
    /// Nothing has happened for a long time.
    #[error("{name}: nothing has come for {} s while waiting for {what}; its last lines:\n{log}", wait.as_secs())]
    Silent {
        /// Who is silent.
        name: String,
        /// What was waited for.
        what: &'static str,
        /// For how long.
        wait: Duration,
        /// The end of what it wrote to stderr.
        log: String,
    },
    /// A process of the run said something else than agreed.
    #[error("{name} sent a line that is no report: {line}; both must be the same build of sluice")]
    Babble {
        /// Which.
        name: String,
        /// The line.
        line: String,
    },
    /// A miners' process cannot go on.
    #[error("a miners' process failed: {0}")]
    Miners(String),
    /// A promise of the gateway does not hold.
    #[error("the run failed its check: {0}")]
    Check(String),
    /// The cluster key cannot be made.
    #[error(transparent)]
    Key(#[from] ClusterKeyError),
    /// The links to the gateway cannot be listened for.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A ring cannot be set up, or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The other end of a pipe is gone: the run is over.
    #[error("the pipe to the run broke: {0}; start this by way of `sluice bench` alone")]
    Pipe(io::Error),
}

impl BenchError {
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }
}
