//! Which alerts people are told of, and when: each at once, repeats and floods as one message later.
//!
//! A minute has room for so many messages of one sender, and for so many of all. What finds none is held back: of each
//! sender the worst is told once the minute is over, with how many there were. So nobody's noise hides what another one
//! says, and every alert is told or counted in a message.
//!
//! Each alert comes with a receipt, which goes with what becomes of it; the desk does not know what it is.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use sluice_units::limits::{
    ALERT_MESSAGES_PER_MINUTE_MAX, ALERT_SENDERS_MAX, ALERTS_REMEMBERED_MAX, ALERTS_WAITING_MAX,
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
pub enum Outcome<R> {
    /// People are told of it now.
    Tell(Message, R),
    /// They were told the same lately, and will be told how often it came.
    Repeat(R),
    /// There were too many in this minute: it is counted, and told of once that is over. The receipt goes with what tells it.
    HeldBack,
}

/// A message that is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due<R> {
    /// What people are told.
    pub message: Message,
    /// The text of the alert that is told with it for the first time, as it came.
    pub first_told: Option<String>,
    /// Those of the alerts that were held back, and are told or counted now.
    pub receipts: VecDeque<R>,
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
struct Minute<R> {
    messages: u32,
    held_back: Option<HeldBack<R>>,
}

impl<R> Default for Minute<R> {
    fn default() -> Self {
        Self { messages: 0, held_back: None }
    }
}

/// What was too much.
struct HeldBack<R> {
    since: Instant,
    count: u64,
    /// The worst, and of several the last.
    message: Message,
    /// Of too many the oldest gives way: its alert is counted, and comes again over its sender's next link if that one
    /// still keeps it.
    receipts: VecDeque<R>,
}

/// See the module.
pub struct AlertDesk<R> {
    policy: AlertPolicy,
    told: HashMap<(Sender, String), Told>,
    minute_ends: Instant,
    /// Messages of this minute, of all senders.
    messages: u32,
    senders: HashMap<Sender, Minute<R>>,
    /// Those for whom there is no room among the senders.
    others: Minute<R>,
}

impl<R> AlertDesk<R> {
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
    pub fn handle_alert(
        &mut self,
        now: Instant,
        sender: &Sender,
        alert: Alert,
        receipt: R,
    ) -> Outcome<R> {
        let Alert { severity, at, text } = alert;
        if let Some(told) = self.told.get_mut(&(sender.clone(), text.clone())) {
            told.repeats += 1;
            told.last = (severity, at);
            return Outcome::Repeat(receipt);
        }
        if now >= self.minute_ends && !self.holds_back() {
            self.begin_minute(now);
        }
        let message = Message { sender: sender.clone(), severity, at, text };
        if self.has_room(sender) {
            self.remember(now, &message);
            return Outcome::Tell(message, receipt);
        }
        // It is not remembered: that it comes again must not hide it once there is room.
        let receipts = VecDeque::from([receipt]);
        self.minute_of(sender).hold_back(HeldBack { since: now, count: 1, message, receipts });
        Outcome::HeldBack
    }

    /// Messages that are due: what was held back, and repeats whose time is over.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Due<R>> {
        let mut due = Vec::new();
        if now >= self.minute_ends {
            self.begin_minute(now);
            due.extend(self.release_held_back(now));
        }
        due.extend(self.release_repeats(now, |told| now >= told.due));
        due
    }

    /// All that is still to be told, at the end.
    pub fn finish(&mut self, now: Instant) -> Vec<Due<R>> {
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

    fn minutes(&self) -> impl Iterator<Item = &Minute<R>> {
        self.senders.values().chain([&self.others])
    }

    /// What was held back stays, until there is room for it.
    fn begin_minute(&mut self, now: Instant) {
        (self.minute_ends, self.messages) = (now + MINUTE, 0);
        self.senders.retain(|_, minute| minute.held_back.is_some());
        self.senders.values_mut().chain([&mut self.others]).for_each(|minute| minute.messages = 0);
    }

    fn minute_of(&mut self, sender: &Sender) -> &mut Minute<R> {
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
    fn release_held_back(&mut self, now: Instant) -> Vec<Due<R>> {
        let minutes = self.senders.values_mut().chain([&mut self.others]);
        let mut all: Vec<HeldBack<R>> =
            minutes.filter_map(|minute| minute.held_back.take()).collect();
        all.sort_by(|one, other| {
            let key = |held: &HeldBack<R>| (held.since, held.message.sender.host.clone());
            key(one).cmp(&key(other))
        });
        let mut due = Vec::new();
        for held_back in all {
            let sender = held_back.message.sender.clone();
            if self.has_room(&sender) {
                self.remember(now, &held_back.message);
                due.push(held_back.into_due());
            } else {
                self.minute_of(&sender).hold_back(held_back);
            }
        }
        due
    }

    /// The longest due first; for what there is no room, it is the next minute's.
    fn release_repeats(&mut self, now: Instant, is_due: impl Fn(&Told) -> bool) -> Vec<Due<R>> {
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
            let message = Message { sender: name.0, severity, at, text };
            messages.push(Due { message, first_told: None, receipts: VecDeque::new() });
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
        let Some((sender, text)) = oldest.map(|(name, _)| name.clone()) else { return };
        let told = self.told.remove(&(sender.clone(), text.clone())).expect("it was found above");
        if told.repeats == 0 {
            return;
        }
        // Nobody knows of its repeats yet.
        let (severity, at) = told.last;
        let message = Message { sender: sender.clone(), severity, at, text };
        let (since, count, receipts) = (told.since, told.repeats, VecDeque::new());
        self.minute_of(&sender).hold_back(HeldBack { since, count, message, receipts });
    }
}

impl<R> Minute<R> {
    fn hold_back(&mut self, more: HeldBack<R>) {
        let Some(held_back) = &mut self.held_back else {
            self.held_back = Some(more);
            return;
        };
        held_back.count += more.count;
        held_back.receipts.extend(more.receipts);
        let too_many = held_back.receipts.len().saturating_sub(ALERTS_WAITING_MAX);
        held_back.receipts.drain(..too_many);
        if more.message.severity as u8 <= held_back.message.severity as u8 {
            held_back.message = more.message;
        }
    }
}

impl<R> HeldBack<R> {
    fn into_due(self) -> Due<R> {
        let Self { count, mut message, receipts, .. } = self;
        let first_told = Some(message.text.clone());
        if count > 1 {
            message.text = format!(
                "{} (and {} more messages were held back; the role's log has all of them)",
                message.text,
                count - 1
            );
        }
        Due { message, first_told, receipts }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
