//! What the role has done so far.

use std::sync::{Arc, Mutex, PoisonError};

/// Counts since the start of the role.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Batches that were new to the store.
    pub batches_applied: u64,
    /// Batches that the store held already.
    pub batches_repeated: u64,
    /// Batches older than what the store remembers: left out, counted before or not.
    pub batches_too_old: u64,
    /// Batches that can never be stored; their links were ended.
    pub batches_refused: u64,
    /// Accepted shares in the batches applied.
    pub shares_applied: u64,
    /// Links that are open.
    pub links_open: u64,
    /// Links refused: another version, or too many links.
    pub links_refused: u64,
    /// Links that broke, or carried what is no message.
    pub links_broken: u64,
    /// Attempts of the store that failed.
    pub store_failures: u64,
    /// Whether no batch waits because the store did not take it.
    pub store_reachable: bool,
    /// The last thing that went wrong, with its remedy.
    pub last_error: Option<String>,
}

/// The counts, shared by the role's tasks.
#[derive(Clone, Default)]
pub(crate) struct SharedStats(Arc<Mutex<Stats>>);

impl SharedStats {
    pub(crate) fn update(&self, change: impl FnOnce(&mut Stats)) {
        // Counts stay meaningful whatever a panicking task left undone.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn read(&self) -> Stats {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
