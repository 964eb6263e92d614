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

fn told(outcome: Outcome<u64>) -> Message {
    let Outcome::Tell(message, _) = outcome else { panic!("{outcome:?}") };
    message
}

/// A desk for whom receipts do not matter.
struct Desk(AlertDesk<u64>);

impl Desk {
    fn new(now: Instant, policy: AlertPolicy) -> Self {
        Self(AlertDesk::new(now, policy))
    }

    fn handle_alert(&mut self, now: Instant, sender: &Sender, alert: Alert) -> Outcome<u64> {
        self.0.handle_alert(now, sender, alert, 0)
    }

    fn handle_timeout(&mut self, now: Instant) -> Vec<Message> {
        self.0.handle_timeout(now).into_iter().map(|due| due.message).collect()
    }

    fn finish(&mut self, now: Instant) -> Vec<Message> {
        self.0.finish(now).into_iter().map(|due| due.message).collect()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.0.poll_timeout()
    }
}

#[test]
fn a_receipt_goes_with_the_message_that_tells_or_counts_its_alert() {
    let mut desk = AlertDesk::new(second(0), POLICY);
    for number in 0..7 {
        let text = number.to_string();
        let outcome = desk.handle_alert(second(1), &sender("a"), alert(&text), number);
        match outcome {
            Outcome::Tell(_, receipt) => assert!(receipt == number && number < 5),
            outcome => assert!(outcome == Outcome::HeldBack && number >= 5),
        }
    }
    assert_eq!(desk.handle_alert(second(1), &sender("a"), alert("0"), 7), Outcome::Repeat(7));
    for number in 0..2 * ALERTS_WAITING_MAX as u64 {
        desk.handle_alert(second(1), &sender("b"), alert(&number.to_string()), number);
    }
    let due = desk.handle_timeout(second(60));
    let [of_a, of_b] = &*due else { panic!("{due:?}") };
    assert!(of_a.message.text.starts_with("6 (and 1 more") && of_a.receipts == [5, 6], "{due:?}");
    assert_eq!(of_a.first_told.as_deref(), Some("6"));
    assert_eq!((&*of_b.message.sender.host, of_b.receipts.len()), ("b", ALERTS_WAITING_MAX));
    assert_eq!(of_b.receipts[0], ALERTS_WAITING_MAX as u64, "the oldest gave way");
}

#[test]
fn an_alert_is_told_once_and_its_repeats_later() {
    let mut desk = Desk::new(second(0), POLICY);
    let message = told(desk.handle_alert(second(0), &sender("a"), alert("FATAL: x")));
    assert_eq!(message.line(), "a: gateway: FATAL: x");
    for at in 1..50 {
        let outcome = desk.handle_alert(second(at), &sender("a"), alert("FATAL: x"));
        assert_eq!(outcome, Outcome::Repeat(0));
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
    let mut desk = Desk::new(second(0), POLICY);
    let outcomes: Vec<_> = (0..100)
        .map(|number| desk.handle_alert(second(1), &sender("a"), alert(&format!("{number}"))))
        .collect();
    assert_eq!(outcomes.iter().filter(|it| matches!(it, Outcome::Tell(..))).count(), 5);
    assert_eq!(desk.poll_timeout(), Some(second(60)));
    let later = desk.handle_timeout(second(60));
    assert_eq!(later.len(), 1);
    assert!(later[0].text.starts_with("99 (and 94 more messages"), "{later:?}");
    told(desk.handle_alert(second(61), &sender("a"), alert("new")));
}

#[test]
fn nobodys_noise_hides_what_another_sender_says() {
    let mut desk = Desk::new(second(0), POLICY);
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
    let mut desk = Desk::new(second(0), POLICY);
    for text in ["1", "2", "3", "4", "5", "FATAL: x", "FATAL: y"] {
        desk.handle_alert(second(1), &sender("a"), alert(text));
    }
    assert_eq!(desk.handle_timeout(second(60)).len(), 1, "y, and that x was held back");
    told(desk.handle_alert(second(61), &sender("a"), alert("FATAL: x")));
    let outcome = desk.handle_alert(second(61), &sender("a"), alert("FATAL: y"));
    assert_eq!(outcome, Outcome::Repeat(0), "it was told when the minute ended");
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
        let mut desk = Desk::new(second(0), POLICY);
        let (mut now, mut counted, mut minutes) = (0, 0, BTreeMap::<u64, u32>::new());
        for (wait, host, text) in &alerts {
            now += wait / 10;
            let mut messages = Vec::new();
            if desk.poll_timeout().is_some_and(|at| at <= second(now)) {
                messages = desk.handle_timeout(second(now));
            }
            let sender = sender(&host.to_string());
            let outcome = desk.handle_alert(second(now), &sender, alert(&text.to_string()));
            if let Outcome::Tell(message, _) = outcome {
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
    let mut desk = Desk::new(second(0), POLICY);
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
    let mut desk = Desk::new(second(0), policy);
    for number in 0..ALERTS_REMEMBERED_MAX as u64 + 10 {
        let text = format!("{number}");
        told(desk.handle_alert(second(number), &sender("a"), alert(&text)));
    }
    assert_eq!(desk.0.told.len(), ALERTS_REMEMBERED_MAX);
    let last = format!("{}", ALERTS_REMEMBERED_MAX);
    let outcome = desk.handle_alert(second(2000), &sender("a"), alert(&last));
    assert_eq!(outcome, Outcome::Repeat(0));
    for number in 0..2 * ALERT_SENDERS_MAX {
        desk.handle_alert(second(2001), &sender(&number.to_string()), alert("x"));
    }
    assert_eq!(desk.0.senders.len(), ALERT_SENDERS_MAX);
    let told = desk.finish(second(2002));
    assert!(told.iter().any(|message| message.text.contains("(and 1023 more")), "the others'");
}

#[test]
fn repeats_of_what_is_forgotten_are_counted() {
    let (repeat_window, messages_per_minute_max) = (Duration::from_secs(3600), u32::MAX);
    let policy = AlertPolicy { repeat_window, messages_per_minute_max };
    let mut desk = Desk::new(second(0), policy);
    for _ in 0..3 {
        desk.handle_alert(second(0), &sender("a"), alert("0"));
    }
    for number in 1..=ALERTS_REMEMBERED_MAX as u64 {
        told(desk.handle_alert(second(number), &sender("a"), alert(&number.to_string())));
    }
    let counted = desk.finish(second(1100)).iter().map(alerts_of).sum::<u64>();
    assert_eq!(counted, 2);
}
