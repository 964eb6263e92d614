//! Names that nobody has worked under: anybody may say as many as he likes, as often as he likes, and each would take keys of
//! the store for good. So only some of them are named in batches. Refused shares of the rest are counted for the pool; that one
//! of them is here is told with its first accepted share.

use std::collections::BTreeSet;

use sluice_units::limits::{UNPROVEN_ANNOUNCED_PER_MINUTE_MAX, UNPROVEN_NAMES_PER_MINUTE_MAX};
use sluice_units::{Identity, Minute};

use crate::miner::Worker;

/// The names of one minute without an accepted share that are told of by themselves.
#[derive(Debug, Default)]
pub(super) struct UnprovenNames {
    minute: Option<Minute>,
    names: BTreeSet<Identity>,
}

impl UnprovenNames {
    /// Whether what this worker does is told under its name.
    pub(super) fn may_name(&mut self, minute: Minute, worker: &Worker) -> bool {
        if worker.is_proven {
            return true;
        }
        if self.minute != Some(minute) {
            self.minute = Some(minute);
            self.names.clear();
        }
        if self.names.len() < UNPROVEN_NAMES_PER_MINUTE_MAX {
            self.names.insert(worker.identity.clone());
            return true;
        }
        self.names.contains(&worker.identity)
    }
}

/// How many workers without an accepted share were told of in one minute. Not names: one that comes again and again is
/// told of again and again.
#[derive(Debug, Default)]
pub(super) struct UnprovenAnnouncements {
    minute: Option<Minute>,
    count: usize,
}

impl UnprovenAnnouncements {
    /// Takes one of the minute's places; `false` where none is left.
    pub(super) fn take_place(&mut self, minute: Minute) -> bool {
        if self.minute != Some(minute) {
            *self = Self { minute: Some(minute), count: 0 };
        }
        let has_place = self.count < UNPROVEN_ANNOUNCED_PER_MINUTE_MAX;
        self.count += usize::from(has_place);
        has_place
    }
}
