//! A trouble that lasts: one that passes is worth a line in the log, one that stays is worth waking somebody.

use std::time::Duration;

use sluice_units::Instant;

/// After so long a trouble that stops the pool is told to people.
pub const OUTAGE_ALERT_AFTER: Duration = Duration::from_secs(60);

/// Says when people are to be told, once for each trouble.
#[derive(Debug)]
pub struct Outage {
    patience: Duration,
    since: Option<Instant>,
    is_told: bool,
}

impl Outage {
    /// There is no trouble yet.
    pub const fn new(patience: Duration) -> Self {
        Self { patience, since: None, is_told: false }
    }

    /// There is trouble, or still is. Whether it is a new one.
    pub fn begin(&mut self, now: Instant) -> bool {
        let is_new = self.since.is_none();
        self.since.get_or_insert(now);
        is_new
    }

    /// Whether there is trouble.
    pub const fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// There is none any more. Whether people were told of it.
    pub const fn end(&mut self) -> bool {
        self.since = None;
        core::mem::replace(&mut self.is_told, false)
    }

    /// How long it has lasted, where people are to be told now; once.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Duration> {
        self.poll_timeout().filter(|at| now >= *at)?;
        self.is_told = true;
        self.since.map(|since| now.since(since))
    }

    /// When [`Outage::handle_timeout`] has something to say.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.since.filter(|_| !self.is_told).map(|since| since + self.patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_that_stays_is_told_once_and_one_that_passes_is_not() {
        let second = |number| Instant::ZERO + Duration::from_secs(number);
        let mut outage = Outage::new(OUTAGE_ALERT_AFTER);
        assert_eq!(outage.poll_timeout(), None);
        assert!(outage.begin(second(5)));
        assert!(!outage.begin(second(9)));
        assert_eq!(outage.poll_timeout(), Some(second(65)));
        assert_eq!(outage.handle_timeout(second(64)), None);
        assert!(!outage.end());
        assert!(outage.begin(second(70)));
        assert_eq!(outage.handle_timeout(second(131)), Some(Duration::from_secs(61)));
        assert_eq!((outage.handle_timeout(second(999)), outage.poll_timeout()), (None, None));
        assert!(outage.end() && !outage.end());
        assert_eq!(outage.handle_timeout(second(999)), None);
    }
}
