//! One deadline for each slot.

use std::collections::BTreeMap;
use std::time::Duration;

use sluice_units::Instant;

/// Deadlines by slot.
#[derive(Debug)]
pub(crate) struct TimerWheel {
    due: BTreeMap<(Instant, u32), ()>,
    by_slot: BTreeMap<u32, Instant>,
}

impl TimerWheel {
    pub(crate) fn new(_tick: Duration, _slots_max: u32) -> Self {
        Self { due: BTreeMap::new(), by_slot: BTreeMap::new() }
    }

    pub(crate) fn set(&mut self, slot: u32, at: Instant) {
        self.cancel(slot);
        self.by_slot.insert(slot, at);
        self.due.insert((at, slot), ());
    }

    pub(crate) fn cancel(&mut self, slot: u32) {
        if let Some(at) = self.by_slot.remove(&slot) {
            self.due.remove(&(at, slot));
        }
    }

    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<u32> {
        let (&(at, slot), ()) = self.due.first_key_value()?;
        if at > now {
            return None;
        }
        self.cancel(slot);
        Some(slot)
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due.first_key_value().map(|(&(at, _), ())| at)
    }
}
