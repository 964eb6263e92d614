//! Which alerts people are told of, and when: each at once, repeats and floods as one message later.
//!
//! A minute has room for so many messages of one sender, and for so many of all. What finds none is held back: of each
//! sender the worst is told once the minute is over, with how many there were. So nobody's noise hides what another one
//! says, and every alert is told or counted in a message.

use std::collections::HashMap;
use std::time::Duration;

use sluice_units::limits::{
    ALERT_MESSAGES_PER_MINUTE_MAX, ALERT_SENDERS_MAX, ALERTS_REMEMBERED_MAX,
};
use sluice_units::{Instant, UnixTime};
use sluice_wire::alert_feed::{Alert, Severity};

/// How much people are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AlertPolicy {
    /// The same text from the same role within this time is a repeat.
    pub repeat_window: Duration,
    /// Messages of one sender in a minute at most, from 1 on; one more tells how many were held back.
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
        let breaks = |it: char| it.is_control() || matches!(it, '\u{2028}' | '\u{2029}');
        format!("{host}: {role}: {}", self.text).replace(breaks, " ")
    }
}

/// What becomes of an alert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// People are told of it now.
    Tell(Message),
    /// They were told the same lately, and will be told how often it came.
    Repeat,
    /// There were too many in this minute: it is counted, and told of once that is over.
    HeldBack,
}

/// What was told lately, and what came since.
struct Told {
    since: Instant,
    /// When the repeats are told of.
    due: Instant,
    repeats: u64,
    last: (Severity, UnixTime),
}

/// What a sender has said in this minute.
#[derive(Default)]
struct Minute {
    messages: u32,
    held_back: Option<HeldBack>,
}

/// What was too much.
struct HeldBack {
    since: Instant,
    count: u64,
    /// The worst, and of several the last.
    message: Message,
}

/// See the module.
pub struct AlertDesk {
    policy: AlertPolicy,
    told: HashMap<(Sender, String), Told>,
    minute_ends: Instant,
    /// Messages of this minute, of all senders.
    messages: u32,
    senders: HashMap<Sender, Minute>,
    /// Those for whom there is no room among the senders.
    others: Minute,
}

impl AlertDesk {
    /// Nobody was told anything yet.
    pub fn new(now: Instant, policy: AlertPolicy) -> Self {
        Self {
            policy,
            told: HashMap::new(),
            minute_ends: now + MINUTE,
            messages: 0,
            senders: HashMap::new(),
            others: Minute::default(),
        }
    }

    /// An alert that came.
    pub fn handle_alert(&mut self, now: Instant, sender: &Sender, alert: Alert) -> Outcome {
        let Alert { severity, at, text } = alert;
        if let Some(told) = self.told.get_mut(&(sender.clone(), text.clone())) {
            told.repeats += 1;
            told.last = (severity, at);
            return Outcome::Repeat;
        }
        if now >= self.minute_ends && !self.holds_back() {
            self.begin_minute(now);
        }
        let message = Message { sender: sender.clone(), severity, at, text };
        if self.has_room(sender) {
            self.remember(now, &message);
            return Outcome::Tell(message);
        }
        // It is not remembered: that it comes again must not hide it once there is room.
        self.minute_of(sender).hold_back(HeldBack { since: now, count: 1, message });
        Outcome::HeldBack
    }

    /// Messages that are due: what was held back, and repeats whose time is over.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Message> {
        let mut due = Vec::new();
        if now >= self.minute_ends {
            self.begin_minute(now);
            due.extend(self.release_held_back(now));
        }
        due.extend(self.release_repeats(now, |told| now >= told.due));
        due
    }

    /// All that is still to be told, at the end.
    pub fn finish(&mut self, now: Instant) -> Vec<Message> {
        let mut all = Vec::new();
        while self.holds_back() || self.told.values().any(|told| told.repeats > 0) {
            self.begin_minute(now);
            all.extend(self.release_held_back(now));
            all.extend(self.release_repeats(now, |told| told.repeats > 0));
        }
        all
    }

    /// When [`AlertDesk::handle_timeout`] has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let repeats = self.told.values().map(|told| told.due).min();
        let held_back = self.holds_back().then_some(self.minute_ends);
        repeats.into_iter().chain(held_back).min()
    }

    fn holds_back(&self) -> bool {
        self.minutes().any(|minute| minute.held_back.is_some())
    }

    fn minutes(&self) -> impl Iterator<Item = &Minute> {
        self.senders.values().chain([&self.others])
    }

    /// What was held back stays, until there is room for it.
    fn begin_minute(&mut self, now: Instant) {
        (self.minute_ends, self.messages) = (now + MINUTE, 0);
        self.senders.retain(|_, minute| minute.held_back.is_some());
        self.senders.values_mut().chain([&mut self.others]).for_each(|minute| minute.messages = 0);
    }

    fn minute_of(&mut self, sender: &Sender) -> &mut Minute {
        if self.senders.len() >= ALERT_SENDERS_MAX && !self.senders.contains_key(sender) {
            return &mut self.others;
        }
        self.senders.entry(sender.clone()).or_default()
    }

    /// Whether one more message of a sender may go out in this minute; it is counted then.
    fn has_room(&mut self, sender: &Sender) -> bool {
        let (all, most) = (self.messages, self.policy.messages_per_minute_max);
        let minute = self.minute_of(sender);
        let has_room = all < ALERT_MESSAGES_PER_MINUTE_MAX && minute.messages < most;
        if has_room {
            minute.messages += 1;
            self.messages += 1;
        }
        has_room
    }

    /// The longest held back first; for whom there is no room, it is the next minute's.
    fn release_held_back(&mut self, now: Instant) -> Vec<Message> {
        let minutes = self.senders.values_mut().chain([&mut self.others]);
        let mut all: Vec<HeldBack> = minutes.filter_map(|minute| minute.held_back.take()).collect();
        all.sort_by(|one, other| {
            let key = |held: &HeldBack| (held.since, held.message.sender.host.clone());
            key(one).cmp(&key(other))
        });
        let mut due = Vec::new();
        for held_back in all {
            let sender = held_back.message.sender.clone();
            if self.has_room(&sender) {
                self.remember(now, &held_back.message);
                due.push(held_back.into_message());
            } else {
                self.minute_of(&sender).hold_back(held_back);
            }
        }
        due
    }

    /// The longest due first; for what there is no room, it is the next minute's.
    fn release_repeats(&mut self, now: Instant, is_due: impl Fn(&Told) -> bool) -> Vec<Message> {
        self.told.retain(|_, told| told.repeats > 0 || now < told.due);
        let due = self.told.iter().filter(|(_, told)| is_due(told));
        let mut due: Vec<_> =
            due.map(|(name, told)| (told.due, name.1.clone(), name.clone())).collect();
        due.sort_by(|(at, text, _), (other_at, other, _)| (at, text).cmp(&(other_at, other)));
        let mut messages = Vec::new();
        for (_, text, name) in due {
            let has_room = self.has_room(&name.0);
            let (window, minute_ends) = (self.policy.repeat_window, self.minute_ends);
            let told = self.told.get_mut(&name).expect("nothing is forgotten meanwhile");
            if !has_room {
                told.due = minute_ends;
                continue;
            }
            let seconds = now.since(told.since).as_secs();
            let text = format!("{} more within {seconds} s: {text}", told.repeats);
            let (severity, at) = told.last;
            messages.push(Message { sender: name.0, severity, at, text });
            // It goes on: what comes in the next while is a repeat as well.
            (told.since, told.due, told.repeats) = (now, now + window, 0);
        }
        messages
    }

    fn remember(&mut self, now: Instant, message: &Message) {
        if self.told.len() >= ALERTS_REMEMBERED_MAX {
            self.forget_oldest();
        }
        let due = now + self.policy.repeat_window;
        let told = Told { since: now, due, repeats: 0, last: (message.severity, message.at) };
        self.told.insert((message.sender.clone(), message.text.clone()), told);
    }

    fn forget_oldest(&mut self) {
        let oldest = self.told.iter().min_by_key(|(_, told)| told.since);
        if let Some(name) = oldest.map(|(name, _)| name.clone()) {
            self.told.remove(&name);
        }
    }
}

impl Minute {
    fn hold_back(&mut self, more: HeldBack) {
        let Some(held_back) = &mut self.held_back else {
            self.held_back = Some(more);
            return;
        };
        held_back.count += more.count;
        if more.message.severity as u8 <= held_back.message.severity as u8 {
            held_back.message = more.message;
        }
    }
}

impl HeldBack {
    fn into_message(self) -> Message {
        let Self { count, mut message, .. } = self;
        if count > 1 {
            message.text = format!(
                "{} (and {} more messages were held back; the role's log has all of them)",
                message.text,
                count - 1
            );
        }
        message
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::{prop_assert, prop_assert_eq, proptest};

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

    fn told(outcome: Outcome) -> Message {
        let Outcome::Tell(message) = outcome else { panic!("{outcome:?}") };
        message
    }

    #[test]
    fn an_alert_is_told_once_and_its_repeats_later() {
        let mut desk = AlertDesk::new(second(0), POLICY);
        let message = told(desk.handle_alert(second(0), &sender("a"), alert("FATAL: x")));
        assert_eq!(message.line(), "a: gateway: FATAL: x");
        for at in 1..50 {
            let outcome = desk.handle_alert(second(at), &sender("a"), alert("FATAL: x"));
            assert_eq!(outcome, Outcome::Repeat);
        }
        // The same on another machine is another one.
        told(desk.handle_alert(second(50), &sender("b"), alert("FATAL: x")));
        assert_eq!(desk.poll_timeout(), Some(second(600)));
        assert_eq!(desk.handle_timeout(second(599)), []);
        let later = desk.handle_timeout(second(600));
        assert_eq!(later.len(), 1);
        assert_eq!(later[0].line(), "a: gateway: 49 more within 600 s: FATAL: x");
        // Nothing more came: it is forgotten, and told at once when it comes again.
        assert_eq!(desk.handle_timeout(second(1200)), []);
        told(desk.handle_alert(second(1201), &sender("a"), alert("FATAL: x")));
    }

    #[test]
    fn a_message_is_one_line_whatever_is_in_it() {
        let sender = Sender { host: "a\r".into(), role: "gate\u{2028}way".into() };
        let (severity, at) = (Severity::Fatal, UnixTime::from_seconds(9));
        let text = "FATAL: a panic:\nat x.rs\u{85}\t1".into();
        let line = Message { sender, severity, at, text }.line();
        assert_eq!(line, "a : gate way: FATAL: a panic: at x.rs  1");
    }

    #[test]
    fn a_flood_is_held_back_and_told_of() {
        let mut desk = AlertDesk::new(second(0), POLICY);
        let outcomes: Vec<_> = (0..100)
            .map(|number| desk.handle_alert(second(1), &sender("a"), alert(&format!("{number}"))))
            .collect();
        assert_eq!(outcomes.iter().filter(|it| matches!(it, Outcome::Tell(_))).count(), 5);
        assert_eq!(desk.poll_timeout(), Some(second(60)));
        let later = desk.handle_timeout(second(60));
        assert_eq!(later.len(), 1);
        assert!(later[0].text.starts_with("99 (and 94 more messages"), "{later:?}");
        told(desk.handle_alert(second(61), &sender("a"), alert("new")));
    }

    #[test]
    fn nobodys_noise_hides_what_another_sender_says() {
        let mut desk = AlertDesk::new(second(0), POLICY);
        for number in 0..1000 {
            desk.handle_alert(second(1), &sender("noisy"), alert(&format!("{number}")));
        }
        told(desk.handle_alert(second(2), &sender("a"), alert("FATAL: x")));
        // So many that there is no room for anybody; then each has its turn, the worst of it first.
        for number in 0..ALERT_MESSAGES_PER_MINUTE_MAX {
            desk.handle_alert(second(3), &sender(&format!("noisy-{number}")), alert("x"));
        }
        let notice = Alert { severity: Severity::Notice, ..alert("just so") };
        for at in 4..6 {
            let outcome = desk.handle_alert(second(at), &sender("b"), alert("FATAL: y"));
            assert_eq!(outcome, Outcome::HeldBack);
            desk.handle_alert(second(at), &sender("b"), notice.clone());
        }
        let later: Vec<_> = desk.handle_timeout(second(60)).iter().map(Message::line).collect();
        assert!(later.iter().any(|line| line.starts_with("noisy: gateway: 999 (and 994 more")));
        assert!(later.iter().any(|line| line.starts_with("b: gateway: FATAL: y (and 3 more")));
    }

    #[test]
    fn what_was_never_told_does_not_hide_that_it_comes_again() {
        let mut desk = AlertDesk::new(second(0), POLICY);
        for text in ["1", "2", "3", "4", "5", "FATAL: x", "FATAL: y"] {
            desk.handle_alert(second(1), &sender("a"), alert(text));
        }
        assert_eq!(desk.handle_timeout(second(60)).len(), 1, "y, and that x was held back");
        told(desk.handle_alert(second(61), &sender("a"), alert("FATAL: x")));
        let outcome = desk.handle_alert(second(61), &sender("a"), alert("FATAL: y"));
        assert_eq!(outcome, Outcome::Repeat, "it was told when the minute ended");
    }

    /// How many alerts a message speaks of.
    fn alerts_of(message: &Message) -> u64 {
        let text = &message.text;
        if let Some((count, _)) = text.split_once(" more within ") {
            return count.parse().unwrap();
        }
        let more = text.split_once(" (and ").and_then(|(_, rest)| rest.split_once(" more"));
        1 + more.map_or(0, |(count, _)| count.parse::<u64>().unwrap())
    }

    proptest! {
        #[test]
        fn every_alert_is_told_or_counted_and_no_minute_has_too_many(
            alerts in vec((0_u64..30, 0_u8..9, 0_u8..40), 0..600),
        ) {
            let mut desk = AlertDesk::new(second(0), POLICY);
            let (mut now, mut counted, mut minutes) = (0, 0, BTreeMap::<u64, u32>::new());
            for (wait, host, text) in &alerts {
                now += wait / 10;
                let mut messages = Vec::new();
                if desk.poll_timeout().is_some_and(|at| at <= second(now)) {
                    messages = desk.handle_timeout(second(now));
                }
                let sender = sender(&host.to_string());
                let outcome = desk.handle_alert(second(now), &sender, alert(&text.to_string()));
                if let Outcome::Tell(message) = outcome {
                    messages.push(message);
                }
                prop_assert!(desk.poll_timeout().is_none_or(|at| at > second(now)));
                *minutes.entry(now / 60).or_default() += messages.len() as u32;
                counted += messages.iter().map(alerts_of).sum::<u64>();
            }
            // A minute of the clock has parts of two of the desk's.
            prop_assert!(minutes.values().all(|count| *count <= 2 * 9 * 5));
            counted += desk.finish(second(now)).iter().map(alerts_of).sum::<u64>();
            prop_assert_eq!(counted, alerts.len() as u64);
            prop_assert!(desk.finish(second(now)).is_empty());
        }
    }

    #[test]
    fn a_quiet_minute_ends_by_itself() {
        let mut desk = AlertDesk::new(second(0), POLICY);
        for minute in 0..10 {
            for number in 0..5 {
                let text = format!("{minute} {number}");
                told(desk.handle_alert(second(60 * minute + 3), &sender("a"), alert(&text)));
            }
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let policy = AlertPolicy { messages_per_minute_max: u32::MAX, ..POLICY };
        let mut desk = AlertDesk::new(second(0), policy);
        for number in 0..ALERTS_REMEMBERED_MAX as u64 + 10 {
            let text = format!("{number}");
            told(desk.handle_alert(second(number), &sender("a"), alert(&text)));
        }
        assert_eq!(desk.told.len(), ALERTS_REMEMBERED_MAX);
        let last = format!("{}", ALERTS_REMEMBERED_MAX);
        let outcome = desk.handle_alert(second(2000), &sender("a"), alert(&last));
        assert_eq!(outcome, Outcome::Repeat);
        for number in 0..2 * ALERT_SENDERS_MAX {
            desk.handle_alert(second(2001), &sender(&number.to_string()), alert("x"));
        }
        assert_eq!(desk.senders.len(), ALERT_SENDERS_MAX);
        let told = desk.finish(second(2002));
        assert!(told.iter().any(|message| message.text.contains("(and 1023 more")), "the others'");
    }
}
