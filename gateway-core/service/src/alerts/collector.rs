//! Gathers alerts out of the log.

use std::collections::VecDeque;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sluice_units::UnixTime;
use sluice_units::limits::{ALERT_TEXT_BYTES_MAX, ALERTS_WAITING_MAX, ERRORS_PER_MINUTE_MAX};
use sluice_wire::alert_feed::{Alert, Severity};
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::clock::unix_time;

/// What lines begin with that somebody has to look at.
const FATAL_MARK: &str = "FATAL";

/// What waits to be sent, numbered; and this minute's errors.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    waiting: VecDeque<(u64, Alert)>,
    number: u64,
    /// Up to which number the center has been sent them; `None` without a link.
    sent: Option<u64>,
    /// Alerts that gave way to newer ones before they were sent.
    dropped: u64,
    minute: u64,
    errors: u64,
    first_error: String,
}

impl Gathered {
    /// A line of level ERROR.
    pub(crate) fn note_error(&mut self, at: UnixTime, text: &str) {
        if text.starts_with(FATAL_MARK) {
            return self.add(Severity::Fatal, at, text.to_owned());
        }
        let minute = at.to_seconds() / 60;
        if minute != self.minute {
            (self.minute, self.errors) = (minute, 0);
        }
        self.errors += 1;
        if self.errors == 1 {
            text.clone_into(&mut self.first_error);
        }
        if self.errors == ERRORS_PER_MINUTE_MAX + 1 {
            let text = format!(
                "more than {ERRORS_PER_MINUTE_MAX} errors within a minute; the first: {}",
                self.first_error
            );
            self.add(Severity::Errors, at, text);
        }
    }

    pub(crate) fn add(&mut self, severity: Severity, at: UnixTime, mut text: String) {
        if self.waiting.len() >= ALERTS_WAITING_MAX {
            let oldest = self.waiting.pop_front();
            // What the center has been sent it tells people of, or counts.
            let is_sent = oldest.is_some_and(|(number, _)| self.sent >= Some(number));
            self.dropped += u64::from(!is_sent);
        }
        if self.dropped > 0 {
            let note = format!(" ({} alerts before this one were dropped)", self.dropped);
            text.truncate(text.floor_char_boundary(ALERT_TEXT_BYTES_MAX - note.len()));
            text.push_str(&note);
            self.dropped = 0;
        }
        text.truncate(text.floor_char_boundary(ALERT_TEXT_BYTES_MAX));
        self.number += 1;
        self.waiting.push_back((self.number, Alert { severity, at, text }));
    }

    /// The first alert behind a number.
    pub(crate) fn next_after(&self, number: u64) -> Option<(u64, Alert)> {
        self.waiting.iter().find(|(own, _)| *own > number).cloned()
    }

    /// The center has been sent everything up to this number; 0 once it has said welcome.
    pub(crate) const fn handle_sent(&mut self, number: u64) {
        self.sent = Some(number);
    }

    /// What it was sent is sent again over the next link.
    pub(crate) const fn handle_unlinked(&mut self) {
        self.sent = None;
    }

    /// The alert of this number has arrived.
    pub(crate) fn handle_taken(&mut self, number: u64) {
        self.waiting.retain(|(own, _)| *own != number);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// Shared by the log and whoever sends.
#[derive(Clone, Debug, Default)]
pub struct Collector {
    gathered: Arc<Mutex<Gathered>>,
    pub(crate) changed: Arc<Notify>,
}

impl Collector {
    /// Takes an alert that is not in the log.
    pub fn add(&self, severity: Severity, text: &str) {
        self.gathered().add(severity, unix_time(), text.to_owned());
        self.changed.notify_one();
    }

    /// Whether a center that is linked has been sent everything, with or without a receipt.
    pub fn is_with_center(&self) -> bool {
        let gathered = self.gathered();
        gathered.sent.is_some_and(|sent| gathered.next_after(sent).is_none())
    }

    /// Takes out the first alert, for who tells people without a center.
    pub fn take(&self) -> Option<Alert> {
        self.gathered().waiting.pop_front().map(|(_, alert)| alert)
    }

    /// Waits for one. Nothing is lost where the wait is given up.
    pub async fn take_next(&self) -> Alert {
        loop {
            if let Some(alert) = self.take() {
                return alert;
            }
            self.changed.notified().await;
        }
    }

    pub(crate) fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The process's own.
pub fn collector() -> &'static Collector {
    static COLLECTOR: OnceLock<Collector> = OnceLock::new();
    COLLECTOR.get_or_init(Collector::default)
}

/// Hands every line of level ERROR to a collector.
pub(crate) struct CollectorLayer(pub(crate) &'static Collector);

impl<S: Subscriber> Layer<S> for CollectorLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        self.0.gathered().note_error(unix_time(), &line.text());
        self.0.changed.notify_one();
    }
}

/// A line's message, and its fields behind it.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn text(&self) -> String {
        format!("{}{}", self.message, self.fields)
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let written = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
        written.expect("a text takes every line");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn texts(gathered: &Gathered) -> Vec<&str> {
        gathered.waiting.iter().map(|(_, alert)| &*alert.text).collect()
    }

    #[test]
    fn fatal_lines_and_floods_of_errors_are_alerts_and_single_errors_are_not() {
        let mut gathered = Gathered::default();
        for second in 0..ERRORS_PER_MINUTE_MAX {
            gathered.note_error(at(second), &format!("error {second}"));
        }
        assert!(gathered.is_empty());
        gathered.note_error(at(61), "another minute's");
        assert!(gathered.is_empty());
        for _ in 0..3 * ERRORS_PER_MINUTE_MAX {
            gathered.note_error(at(62), "again");
        }
        gathered.note_error(at(63), "FATAL: a disk is full");
        let told = texts(&gathered);
        assert_eq!(told.len(), 2, "one a minute: {told:?}");
        assert!(told[0].contains("the first: another minute's"), "{told:?}");
        assert_eq!(told[1], "FATAL: a disk is full");
    }

    #[test]
    fn what_waits_is_bounded_and_says_what_gave_way() {
        let mut gathered = Gathered::default();
        for number in 0..ALERTS_WAITING_MAX + 3 {
            gathered.add(Severity::Fatal, at(1), format!("{number} {}", "ß".repeat(2000)));
        }
        assert_eq!(gathered.waiting.len(), ALERTS_WAITING_MAX);
        let told = texts(&gathered);
        assert!(
            told[0].starts_with("3 ") && told.iter().all(|it| it.len() <= ALERT_TEXT_BYTES_MAX)
        );
        let noted = told.iter().filter(|text| text.ends_with("were dropped)"));
        assert_eq!(noted.count(), 3);
    }

    #[test]
    fn what_the_center_has_been_sent_is_not_dropped_when_it_gives_way() {
        let mut gathered = Gathered::default();
        for number in 0..ALERTS_WAITING_MAX {
            gathered.add(Severity::Fatal, at(1), number.to_string());
        }
        gathered.handle_sent(2);
        for _ in 0..3 {
            gathered.add(Severity::Fatal, at(1), "more".into());
        }
        let told = texts(&gathered);
        let [.., first, second, third] = &*told else { panic!("{told:?}") };
        assert_eq!([*first, *second], ["more"; 2]);
        assert_eq!(*third, "more (1 alerts before this one were dropped)");
        gathered.handle_sent(u64::MAX);
        gathered.handle_unlinked();
        gathered.add(Severity::Fatal, at(1), "more".into());
        assert!(texts(&gathered).last().unwrap().contains("(1 alerts"), "it may be lost");
    }

    #[test]
    fn alerts_are_sent_in_order_until_they_have_arrived() {
        let mut gathered = Gathered::default();
        for text in ["a", "b", "c"] {
            gathered.add(Severity::Notice, at(1), text.into());
        }
        assert_eq!(gathered.next_after(0).unwrap().1.text, "a");
        assert_eq!(gathered.next_after(2).unwrap().1.text, "c");
        // A receipt is for one alert: those before it may still wait for people.
        gathered.handle_taken(2);
        assert_eq!(gathered.next_after(0).unwrap().1.text, "a");
        gathered.handle_taken(1);
        assert_eq!(gathered.next_after(0).unwrap(), gathered.next_after(2).unwrap());
        gathered.handle_taken(3);
        assert!(gathered.is_empty() && gathered.next_after(0).is_none());
    }
}
