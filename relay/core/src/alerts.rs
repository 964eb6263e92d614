//! Which alerts people are told of, and when: each at once, repeats and floods as one message later.

use std::collections::HashMap;
use std::time::Duration;

use sluice_units::limits::ALERTS_REMEMBERED_MAX;
use sluice_units::{Instant, UnixTime};
use sluice_wire::alert_feed::{Alert, Severity};

/// How much people are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AlertPolicy {
    /// The same text from the same role within this time is a repeat.
    pub repeat_window: Duration,
    /// Messages in a minute at most; one more tells how many were held back.
    pub messages_per_minute_max: u32,
}

/// Who sends an alert.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Sender {
    /// The machine.
    pub host: String,
    /// The role.
    pub role: String,
}

/// What people are told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Whose alert it is.
    pub sender: Sender,
    /// How bad it is.
    pub severity: Severity,
    /// When it happened.
    pub at: UnixTime,
    /// What happened.
    pub text: String,
}

impl Message {
    /// On one line, as the list `alert:message` has it: the host, and what happened there.
    pub fn line(&self) -> String {
        let Sender { host, role } = &self.sender;
        format!("{host}: {role}: {}", self.text)
    }
}

/// What was told lately, and what came since.
struct Told {
    since: Instant,
    repeats: u64,
    last: (Severity, UnixTime),
}

/// See the module.
pub struct AlertDesk {
    policy: AlertPolicy,
    told: HashMap<(Sender, String), Told>,
    minute_ends: Instant,
    messages: u32,
    /// Messages that were too many in this minute, and the last of them.
    held_back: u64,
    held_back_last: Option<Message>,
}

impl AlertDesk {
    /// Nobody was told anything yet.
    pub fn new(now: Instant, policy: AlertPolicy) -> Self {
        Self {
            policy,
            told: HashMap::new(),
            minute_ends: now + MINUTE,
            messages: 0,
            held_back: 0,
            held_back_last: None,
        }
    }

    /// An alert that came; what people are told of it now, if anything.
    pub fn handle_alert(&mut self, now: Instant, sender: &Sender, alert: Alert) -> Option<Message> {
        let Alert { severity, at, text } = alert;
        let name = (sender.clone(), text);
        if let Some(told) = self.told.get_mut(&name) {
            told.repeats += 1;
            told.last = (severity, at);
            return None;
        }
        if self.told.len() >= ALERTS_REMEMBERED_MAX {
            self.forget_oldest();
        }
        let text = name.1.clone();
        self.told.insert(name, Told { since: now, repeats: 0, last: (severity, at) });
        self.pass(now, Message { sender: sender.clone(), severity, at, text })
    }

    /// Messages that are due: repeats whose time is over, and what was held back.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Message> {
        let mut due = Vec::new();
        if now >= self.minute_ends {
            due.extend(self.end_minute(now));
        }
        let window = self.policy.repeat_window;
        let mut over: Vec<(Message, Instant)> = Vec::new();
        self.told.retain(|(sender, text), told| {
            if now.since(told.since) < window {
                return true;
            }
            if told.repeats == 0 {
                return false;
            }
            let text = format!("{} more within {} s: {text}", told.repeats, window.as_secs());
            let (severity, at) = told.last;
            over.push((Message { sender: sender.clone(), severity, at, text }, told.since));
            // It goes on: what comes in the next while is a repeat as well.
            (told.since, told.repeats) = (now, 0);
            true
        });
        over.sort_by(|(one, at), (other, other_at)| (at, &one.text).cmp(&(other_at, &other.text)));
        due.extend(over.into_iter().filter_map(|(message, _)| self.pass(now, message)));
        due
    }

    /// When [`AlertDesk::handle_timeout`] has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let window = self.policy.repeat_window;
        let repeats = self.told.values().map(|told| told.since + window).min();
        let held_back = (self.held_back > 0).then_some(self.minute_ends);
        repeats.into_iter().chain(held_back).min()
    }

    /// A message goes out unless there were too many in this minute.
    fn pass(&mut self, now: Instant, message: Message) -> Option<Message> {
        if now >= self.minute_ends && self.held_back == 0 {
            (self.minute_ends, self.messages) = (now + MINUTE, 0);
        }
        if self.messages < self.policy.messages_per_minute_max {
            self.messages += 1;
            return Some(message);
        }
        self.held_back += 1;
        self.held_back_last = Some(message);
        None
    }

    fn end_minute(&mut self, now: Instant) -> Option<Message> {
        (self.minute_ends, self.messages) = (now + MINUTE, 0);
        let held_back = core::mem::take(&mut self.held_back);
        let mut last = self.held_back_last.take()?;
        if held_back > 1 {
            last.text = format!(
                "{} (and {} more messages were held back; the roles' logs have all of them)",
                last.text,
                held_back - 1
            );
        }
        Some(last)
    }

    fn forget_oldest(&mut self) {
        let oldest = self.told.iter().min_by_key(|(_, told)| told.since);
        if let Some(name) = oldest.map(|(name, _)| name.clone()) {
            self.told.remove(&name);
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: AlertPolicy =
        AlertPolicy { repeat_window: Duration::from_secs(600), messages_per_minute_max: 5 };

    fn second(number: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(number)
    }

    fn sender(host: &str) -> Sender {
        Sender { host: host.into(), role: "gateway".into() }
    }

    fn alert(text: &str) -> Alert {
        Alert { severity: Severity::Fatal, at: UnixTime::from_seconds(9), text: text.into() }
    }

    #[test]
    fn an_alert_is_told_once_and_its_repeats_later() {
        let mut desk = AlertDesk::new(second(0), POLICY);
        let told = desk.handle_alert(second(0), &sender("a"), alert("FATAL: x")).unwrap();
        assert_eq!(told.line(), "a: gateway: FATAL: x");
        for at in 1..50 {
            assert_eq!(desk.handle_alert(second(at), &sender("a"), alert("FATAL: x")), None);
        }
        // The same on another machine is another one.
        assert!(desk.handle_alert(second(50), &sender("b"), alert("FATAL: x")).is_some());
        assert_eq!(desk.poll_timeout(), Some(second(600)));
        assert_eq!(desk.handle_timeout(second(599)), []);
        let later = desk.handle_timeout(second(600));
        assert_eq!(later.len(), 1);
        assert_eq!(later[0].line(), "a: gateway: 49 more within 600 s: FATAL: x");
        // Nothing more came: it is forgotten, and told at once when it comes again.
        assert_eq!(desk.handle_timeout(second(1200)), []);
        assert!(desk.handle_alert(second(1201), &sender("a"), alert("FATAL: x")).is_some());
    }

    #[test]
    fn a_flood_is_held_back_and_told_of() {
        let mut desk = AlertDesk::new(second(0), POLICY);
        let told = (0..100).filter_map(|number| {
            desk.handle_alert(second(1), &sender("a"), alert(&format!("{number}")))
        });
        assert_eq!(told.count(), 5);
        assert_eq!(desk.poll_timeout(), Some(second(60)));
        let later = desk.handle_timeout(second(60));
        assert_eq!(later.len(), 1);
        assert!(later[0].text.starts_with("99 (and 94 more messages"), "{later:?}");
        assert!(desk.handle_alert(second(61), &sender("a"), alert("new")).is_some());
    }

    #[test]
    fn a_quiet_minute_ends_by_itself() {
        let mut desk = AlertDesk::new(second(0), POLICY);
        for minute in 0..10 {
            for number in 0..5 {
                let text = format!("{minute} {number}");
                let told = desk.handle_alert(second(60 * minute + 3), &sender("a"), alert(&text));
                assert!(told.is_some(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let policy = AlertPolicy { messages_per_minute_max: u32::MAX, ..POLICY };
        let mut desk = AlertDesk::new(second(0), policy);
        for number in 0..ALERTS_REMEMBERED_MAX as u64 + 10 {
            let text = format!("{number}");
            assert!(desk.handle_alert(second(number / 100), &sender("a"), alert(&text)).is_some());
        }
        assert_eq!(desk.told.len(), ALERTS_REMEMBERED_MAX);
        let last = format!("{}", ALERTS_REMEMBERED_MAX);
        assert_eq!(desk.handle_alert(second(20), &sender("a"), alert(&last)), None);
    }
}
