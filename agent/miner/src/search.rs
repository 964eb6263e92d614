//! The hashing threads: each searches a part of its own of the present work.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};

use sluice_session::miner_client::{Solution, Work};
use sluice_sha256d::HeaderSearch;
use sluice_units::Header;

use crate::connection::Event;

/// Hashes between two looks at whether the work has changed.
const BURST: u32 = 1 << 12;
/// The lowest bit that BIP 320 lets a miner roll.
const LOWEST_ROLLED_BIT: u32 = 13;

/// The work in hand, shared by all hashing threads.
#[derive(Default)]
pub(crate) struct Search {
    work: Mutex<Option<Arc<Work>>>,
    changed: Condvar,
    /// Counts the changes of `work`; read without the lock while hashing.
    round: AtomicU64,
    stopped: AtomicBool,
    hashes: AtomicU64,
}

impl Search {
    /// Work on this from now on; on nothing while there is no pool.
    pub(crate) fn set(&self, work: Option<Work>) {
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = work.map(Arc::new);
        self.round.fetch_add(1, Ordering::Release);
        self.changed.notify_all();
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.set(None);
    }

    /// How often the work has changed.
    pub(crate) fn round(&self) -> u64 {
        self.round.load(Ordering::Acquire)
    }

    pub(crate) fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    /// Waits for work; `None` once stopped.
    fn next(&self) -> Option<(u64, Arc<Work>)> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.stopped.load(Ordering::Acquire) {
                return None;
            }
            if let Some(work) = &*work {
                return Some((self.round(), Arc::clone(work)));
            }
            work = self.changed.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn is_current(&self, round: u64) -> bool {
        self.round() == round
    }
}

/// Hashes until stopped. Threads differ in the first byte of extranonce2, and roll a version bit
/// pattern of their own where the pool lets them.
pub(crate) fn hash(index: usize, search: &Search, events: &mpsc::SyncSender<Event>) {
    while let Some((round, work)) = search.next() {
        let mut counter: u64 = 0;
        while search.is_current(round) {
            let extranonce2 = extranonce2(index, counter, work.extranonce2_bytes);
            let bits = (index as u32 + 1) << LOWEST_ROLLED_BIT & work.version_mask;
            let version_bits = (work.version_mask != 0).then_some(bits);
            let mut header = work.header(&extranonce2);
            header.version = header.version & !work.version_mask | bits;
            let found = |nonce| Solution {
                job: work.job.id.clone(),
                extranonce2: extranonce2.clone(),
                ntime: header.ntime,
                nonce,
                version_bits,
            };
            if !search_nonces(search, round, &work, &header, |nonce| {
                events.send(Event::Found(round, found(nonce))).is_ok()
            }) {
                break;
            }
            counter += 1;
        }
    }
}

/// Tries every nonce of a header; `false` where the work changed or nobody takes what is found.
fn search_nonces(
    search: &Search,
    round: u64,
    work: &Work,
    header: &Header,
    mut found: impl FnMut(u32) -> bool,
) -> bool {
    let mut header = HeaderSearch::new(&header.to_bytes());
    for start in (0..=u32::MAX).step_by(BURST as usize) {
        for nonce in start..=start + (BURST - 1) {
            if work.target.is_met_by(&header.hash(nonce)) && !found(nonce) {
                return false;
            }
        }
        search.hashes.fetch_add(u64::from(BURST), Ordering::Relaxed);
        if !search.is_current(round) {
            return false;
        }
    }
    true
}

/// The thread in the first byte, a counter in the last ones.
fn extranonce2(index: usize, counter: u64, bytes: usize) -> Vec<u8> {
    let mut extranonce2 = vec![0; bytes];
    let counter = counter.to_be_bytes();
    let shared = bytes.min(counter.len());
    extranonce2[bytes - shared..].copy_from_slice(&counter[counter.len() - shared..]);
    extranonce2[0] = index as u8;
    extranonce2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_search_different_places() {
        assert_eq!(extranonce2(3, 0x0102, 8), [3, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(extranonce2(1, 5, 2), [1, 5]);
        assert_eq!(extranonce2(2, 1, 12).len(), 12);
    }
}
