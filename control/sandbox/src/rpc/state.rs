//! What all requests share: the chain, the news of its tip, and the permits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bitcoin::BlockHash;
use tokio::sync::{Semaphore, watch};

use crate::chain::{Accepted, Chain, Rejection};
use crate::config::NodeConfig;
use crate::node::RequestCounts;

/// Requests in work at a time, long polls included. Further ones get HTTP 503, as when the work
/// queue of Bitcoin Core is full.
const REQUESTS_MAX: usize = 64;

/// Long polls that wait at a time. Further ones are answered at once.
const LONG_POLLS_MAX: usize = 32;

// Long polls alone must not keep a block from being submitted.
const _: () = assert!(LONG_POLLS_MAX < REQUESTS_MAX);

/// A node behind its RPC.
pub(crate) struct NodeState {
    chain: Mutex<Chain>,
    /// Hash of the tip; its receivers are the long polls.
    tip: watch::Sender<BlockHash>,
    stopping: watch::Receiver<bool>,
    /// The one value of the `Authorization` header that is let in.
    authorization: String,
    pub(super) request_permits: Semaphore,
    pub(super) long_poll_permits: Semaphore,
    pub(super) requests_refused: AtomicU64,
    pub(super) long_polls_cut: AtomicU64,
    started: Instant,
}

impl NodeState {
    pub(crate) fn new(chain: Chain, config: &NodeConfig, stopping: watch::Receiver<bool>) -> Self {
        let credentials = format!("{}:{}", config.rpc_user, config.rpc_password);
        let (tip, _) = watch::channel(chain.summary().best_block_hash);
        Self {
            chain: Mutex::new(chain),
            tip,
            stopping,
            authorization: format!("Basic {}", STANDARD.encode(credentials)),
            request_permits: Semaphore::new(REQUESTS_MAX),
            long_poll_permits: Semaphore::new(LONG_POLLS_MAX),
            requests_refused: AtomicU64::new(0),
            long_polls_cut: AtomicU64::new(0),
            started: Instant::now(),
        }
    }

    pub(crate) fn chain(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().expect("a panic under the lock is a broken invariant of the chain")
    }

    /// Submits a block, and wakes the long polls if the tip changed.
    pub(super) fn submit(&self, block_bytes: &[u8]) -> Result<Accepted, Rejection> {
        let mut chain = self.chain();
        let verdict = chain.submit(block_bytes, unix_time_seconds());
        // Under the lock, so that tips are announced in the order in which they came.
        let best = chain.summary().best_block_hash;
        self.tip.send_if_modified(|tip| std::mem::replace(tip, best) != best);
        verdict
    }

    pub(super) fn subscribe_tip(&self) -> watch::Receiver<BlockHash> {
        self.tip.subscribe()
    }

    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.clone()
    }

    /// Whether a header's value is the right one. The time that this takes does not tell how
    /// much of it is right.
    pub(super) fn is_authorized(&self, header: &[u8]) -> bool {
        let expected = self.authorization.as_bytes();
        let difference = header
            .iter()
            .zip(expected)
            .fold(0, |difference, (left, right)| difference | left ^ right);
        header.len() == expected.len() && difference == 0
    }

    pub(super) fn uptime_seconds(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    pub(crate) fn request_counts(&self) -> RequestCounts {
        RequestCounts {
            requests_refused: self.requests_refused.load(Ordering::Relaxed),
            long_polls_cut: self.long_polls_cut.load(Ordering::Relaxed),
            long_polls_waiting: (LONG_POLLS_MAX - self.long_poll_permits.available_permits())
                as u64,
        }
    }
}

/// The wall clock in unix seconds; 0 before 1970.
pub(crate) fn unix_time_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since_epoch| since_epoch.as_secs())
}
