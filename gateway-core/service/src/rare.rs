//! Lines in the log that strangers can cause as often as they like.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sluice_units::Instant;

use crate::clock::Clock;

/// One line in so much time is enough.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Lets a line through now and then.
#[derive(Debug, Default)]
pub struct RareLine {
    next: Option<Instant>,
    left_out: u64,
}

impl RareLine {
    /// What stands behind the line if it is to be written now: how many were not before it.
    pub fn pass(&mut self, now: Instant) -> Option<String> {
        if self.next.is_some_and(|next| now < next) {
            self.left_out += 1;
            return None;
        }
        self.next = Some(now + LINE_INTERVAL);
        let left_out = core::mem::take(&mut self.left_out);
        Some(if left_out == 0 { String::new() } else { format!(" ({left_out} more before)") })
    }
}

/// The same for tasks that share a line; it reads the clock itself.
#[derive(Clone, Debug)]
pub struct SharedRareLine {
    clock: Clock,
    line: Arc<Mutex<RareLine>>,
}

impl Default for SharedRareLine {
    fn default() -> Self {
        Self { clock: Clock::start(), line: Arc::default() }
    }
}

impl SharedRareLine {
    /// As [`RareLine::pass`], now.
    pub fn pass(&self) -> Option<String> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.pass(self.clock.now().instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_a_while_tells_how_many_there_were() {
        let mut line = RareLine::default();
        let second = |number| Instant::ZERO + Duration::from_secs(number);
        let passed: Vec<_> = (5..36).filter_map(|at| line.pass(second(at))).collect();
        assert_eq!(passed, ["", " (9 more before)", " (9 more before)", " (9 more before)"]);
    }
}
