//! A small honest CPU miner: it searches the work that a pool sends over stratum V1, hands in what
//! it finds, and counts the pool's answers. What it says is decided in `sluice_session::miner_client`.
//!
//! Threads: one holds the connection, one reads from it, the others hash.
#![forbid(unsafe_code)]

mod connection;
mod search;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use sluice_session::miner_client::ClientStats;
pub use sluice_session::quirk::Quirk;
use sluice_units::limits::MINER_EVENTS_MAX;
use thiserror::Error;

use crate::connection::{Connection, Event};
use crate::search::Search;

/// What a miner is told at its start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MinerConfig {
    /// The pool: `stratum+tcp://HOST:PORT`, or `HOST:PORT`.
    pub pool: String,
    /// Account and worker, as in `alice.rig1`.
    pub user: String,
    /// Most pools take anything.
    pub password: String,
    /// Hashing threads.
    pub threads: usize,
    /// How it speaks.
    pub quirk: Quirk,
}

/// Why a miner does not work. Each message is one line with cause and remedy.
#[derive(Debug, Error)]
pub enum MinerError {
    /// Nobody answers.
    #[error("no pool answers at {pool}: {source}; start it, or correct the address")]
    Connect {
        /// The address as given.
        pool: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The pool will not have this miner, or is none.
    #[error("{pool}: {cause}")]
    GaveUp {
        /// The address as given.
        pool: String,
        /// What the pool said.
        cause: String,
    },
    /// The system gives no thread.
    #[error("a thread cannot be started: {0}; raise the limit on processes (ulimit -u)")]
    Thread(std::io::Error),
}

/// What a miner has done so far, over all its connections.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MinerStatus {
    /// Hashes tried.
    pub hashes: u64,
    /// Shares and the pool's answers.
    pub shares: ClientStats,
    /// Jobs that the pool sent.
    pub jobs: u64,
    /// Whether a pool is connected.
    pub connected: bool,
}

/// A running miner.
pub struct Miner {
    events: mpsc::SyncSender<Event>,
    search: Arc<Search>,
    status: Arc<Mutex<MinerStatus>>,
    connection: thread::JoinHandle<Result<(), MinerError>>,
    hashers: Vec<thread::JoinHandle<()>>,
    ended: Arc<AtomicBool>,
}

impl Miner {
    /// Connects, and starts hashing as soon as the pool sends work.
    pub fn start(config: MinerConfig) -> Result<Self, MinerError> {
        let search = Arc::new(Search::default());
        let status = Arc::new(Mutex::new(MinerStatus::default()));
        let ended = Arc::new(AtomicBool::new(false));
        let (events, inbox) = mpsc::sync_channel(MINER_EVENTS_MAX);
        let threads = config.threads;
        let mut connection = Connection::new(
            config,
            (events.clone(), inbox),
            Arc::clone(&search),
            Arc::clone(&status),
        );
        connection.connect()?;
        let end = Arc::clone(&ended);
        let connection = named("connection".into(), move || {
            let result = connection.run();
            end.store(true, Ordering::Release);
            result
        })?;
        let hashers = (0..threads).map(|index| {
            let (search, events) = (Arc::clone(&search), events.clone());
            named(format!("hasher-{index}"), move || search::hash(index, &search, &events))
        });
        let hashers = hashers.collect::<Result<_, _>>()?;
        Ok(Self { events, search, status, connection, hashers, ended })
    }

    /// What was done so far.
    pub fn status(&self) -> MinerStatus {
        status(&self.status, &self.search)
    }

    /// Whether the miner has given up; [`Miner::stop`] then says why.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Stops hashing, waits a moment for the last answers, and hangs up.
    pub fn stop(self) -> (MinerStatus, Result<(), MinerError>) {
        self.search.stop();
        for hasher in self.hashers {
            hasher.join().expect("a hashing thread does not panic");
        }
        // The connection's thread may have given up before.
        let _ = self.events.send(Event::Stop);
        let result = self.connection.join().expect("the connection's thread does not panic");
        (status(&self.status, &self.search), result)
    }
}

fn status(status: &Mutex<MinerStatus>, search: &Search) -> MinerStatus {
    let status = status.lock().unwrap_or_else(PoisonError::into_inner).clone();
    MinerStatus { hashes: search.hashes(), ..status }
}

fn named<T: Send + 'static>(
    name: String,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<thread::JoinHandle<T>, MinerError> {
    thread::Builder::new().name(name).spawn(body).map_err(MinerError::Thread)
}
