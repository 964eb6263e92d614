//! What a run makes for itself: a folder, a thread for its links, free ports.

use std::net::{SocketAddr, TcpListener};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::error::BenchError;

/// A folder that goes with the run.
pub(crate) fn folder() -> Result<TempDir, BenchError> {
    let made = tempfile::Builder::new().prefix("sluice-bench-").tempdir();
    made.map_err(|source| BenchError::Scratch { what: "a temporary folder", source })
}

/// A thread beside the run's own, for links.
pub(crate) fn links_thread() -> Result<Runtime, BenchError> {
    let built = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    built.map_err(|source| BenchError::Start { name: "the links' thread".into(), source })
}

/// An address of this machine that nobody has at present.
pub(crate) fn free_address() -> Result<SocketAddr, BenchError> {
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    bound.map_err(|source| BenchError::Scratch { what: "a free port of 127.0.0.1", source })
}
