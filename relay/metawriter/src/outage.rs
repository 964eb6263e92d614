//! Times in which the store does not take batches, and what the log says of them.

use std::mem::Discriminant;
use std::time::{Duration, Instant};

use sluice_units::limits::STORE_CAUSES_LOGGED_MAX;

use crate::store::StoreError;

/// A line for the log.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Notice {
    /// Something goes wrong.
    Error(String),
    /// It is over.
    Info(String),
}

/// One outage after the other: it begins with the first call that fails, and is over once none does. Each cause is
/// told once, that it lasts once, and its end.
pub(crate) struct Outage {
    /// After this a person has to look.
    pub(crate) fatal_after: Duration,
    /// When it began.
    since: Option<Instant>,
    /// Calls that failed and are tried again.
    calls_failing: usize,
    failures: u64,
    is_told_fatal: bool,
    causes_told: Vec<Cause>,
}

/// What is told once.
#[derive(PartialEq, Eq)]
enum Cause {
    Kind(Discriminant<StoreError>),
    /// Every key is a cause of its own: each has to be put right.
    Key(String),
}

impl Outage {
    /// There is none yet.
    pub(crate) const fn new(fatal_after: Duration) -> Self {
        Self {
            fatal_after,
            since: None,
            calls_failing: 0,
            failures: 0,
            is_told_fatal: false,
            causes_told: Vec::new(),
        }
    }

    /// A call that began then has had no answer yet: it may have been in vain all the while.
    pub(crate) fn begin(&mut self, began: Instant) {
        self.since = Some(self.since.map_or(began, |since| since.min(began)));
    }

    /// A call failed, for the first time or again.
    pub(crate) fn note(&mut self, now: Instant, error: &StoreError, is_first: bool) -> Vec<Notice> {
        let since = *self.since.get_or_insert(now);
        self.calls_failing += usize::from(is_first);
        self.failures += 1;
        let mut notices = Vec::new();
        let cause = match error {
            StoreError::BadKey { cause } => Cause::Key(cause.clone()),
            other => Cause::Kind(std::mem::discriminant(other)),
        };
        if self.causes_told.len() < STORE_CAUSES_LOGGED_MAX && !self.causes_told.contains(&cause) {
            self.causes_told.push(cause);
            let text = format!("{error}; batches wait until the store takes them");
            notices.push(Notice::Error(text));
        }
        if !self.is_told_fatal && now.duration_since(since) >= self.fatal_after {
            self.is_told_fatal = true;
            let waited_s = self.fatal_after.as_secs();
            let text =
                format!("FATAL: for {waited_s} s batches have waited for the store: {error}");
            notices.push(Notice::Error(text));
        }
        notices
    }

    /// A call that had failed was taken at last, or never can be.
    pub(crate) fn end_call(&mut self) -> Option<Notice> {
        self.calls_failing -= 1;
        if self.calls_failing > 0 {
            return None;
        }
        let failures = self.failures;
        *self = Self::new(self.fatal_after);
        Some(Notice::Info(format!("the store takes batches again, after {failures} failures")))
    }

    /// Whether some call fails.
    pub(crate) const fn is_on(&self) -> bool {
        self.calls_failing > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FATAL_AFTER: Duration = Duration::from_secs(60);

    fn full() -> StoreError {
        StoreError::Full { address: "a".into() }
    }

    fn bad_key(key: &str) -> StoreError {
        StoreError::BadKey { cause: key.into() }
    }

    #[test]
    fn each_cause_is_told_once_and_the_end_when_no_call_fails() {
        let (mut outage, now) = (Outage::new(FATAL_AFTER), Instant::now());
        assert_eq!(outage.note(now, &full(), true).len(), 1);
        assert_eq!(outage.note(now, &full(), true).len(), 0, "another call, the same cause");
        assert_eq!(outage.note(now, &bad_key("x"), false).len(), 1);
        assert_eq!(outage.note(now, &bad_key("x"), false).len(), 0);
        assert_eq!(outage.note(now, &bad_key("y"), true).len(), 1, "another key");
        assert_eq!((outage.end_call(), outage.end_call()), (None, None));
        assert!(outage.is_on());
        let Some(Notice::Info(text)) = outage.end_call() else { panic!("it is over") };
        assert!(text.contains("after 5 failures") && !outage.is_on());
        assert_eq!(outage.note(now, &full(), true).len(), 1, "a new outage");
    }

    #[test]
    fn what_lasts_is_told_as_fatal_once_an_outage() {
        let (mut outage, mut now) = (Outage::new(FATAL_AFTER), Instant::now());
        for _ in 0..2 {
            outage.note(now, &full(), true);
            now += FATAL_AFTER - Duration::from_secs(1);
            assert_eq!(outage.note(now, &full(), false), []);
            now += Duration::from_secs(1);
            let notices = outage.note(now, &full(), true);
            let [Notice::Error(text)] = &*notices else { panic!("{notices:?}") };
            assert!(text.starts_with("FATAL: for 60 s") && text.contains("raise its"), "{text}");
            assert_eq!(outage.note(now + FATAL_AFTER, &full(), false), []);
            assert_eq!(outage.end_call(), None);
            outage.end_call().unwrap();
        }
    }

    #[test]
    fn a_call_without_an_answer_counts_from_its_begin() {
        let (mut outage, now) = (Outage::new(FATAL_AFTER), Instant::now());
        assert_eq!(outage.note(now, &full(), true).len(), 1);
        let later = now + FATAL_AFTER;
        outage.begin(later);
        outage.begin(now + Duration::from_secs(9));
        let silent = StoreError::Silent { waited_s: 60 };
        assert_eq!(outage.note(later, &silent, true).len(), 2, "the cause, and that it lasts");
        assert_eq!(outage.note(later, &silent, true), []);
    }

    #[test]
    fn causes_without_end_are_not_told_without_end() {
        let (mut outage, now) = (Outage::new(FATAL_AFTER), Instant::now());
        let keys = 0..2 * STORE_CAUSES_LOGGED_MAX;
        let told = keys.flat_map(|key| outage.note(now, &bad_key(&key.to_string()), key == 0));
        assert_eq!(told.count(), STORE_CAUSES_LOGGED_MAX);
    }
}
