//! The task that asks the desk about each alert, and puts what people are told into every outbox.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use sluice_relay_core::alerts::{AlertDesk, AlertPolicy, Due, Message, Outcome, Sender};
use sluice_service::alerts::Collector;
use sluice_service::clock::Clock;
use sluice_wire::alert_feed::Alert;
use tokio::sync::mpsc;

use crate::intake::Received;
use crate::outbox::Outbox;
use crate::parcel::{Parcel, Receipt};

/// The alerts of this process, which has no other center than itself.
pub struct OwnAlerts {
    /// What its log gathers.
    pub collector: Collector,
    /// The machine, for people.
    pub host: String,
}

struct Unsettled {
    parcel: Weak<Parcel>,
    /// The sender's number of the alert; the same one again, before it has a receipt, is no second alert, but the first one
    /// over another link.
    number: Option<u64>,
}

pub(crate) struct Teller {
    clock: Clock,
    /// Its receipts are those of alerts that came over a link.
    desk: AlertDesk<Option<Receipt>>,
    own: Collector,
    own_name: Sender,
    outboxes: Vec<Outbox>,
    /// What people may not have yet, to owe repeats their receipts until then.
    unsettled: HashMap<(Sender, String), Unsettled>,
}

impl Teller {
    pub(crate) fn new(policy: AlertPolicy, own: OwnAlerts, outboxes: Vec<Outbox>) -> Self {
        let clock = Clock::start();
        let desk = AlertDesk::new(clock.now().instant, policy);
        let own_name = Sender { host: own.host, role: "alertcenter".into() };
        let own = own.collector;
        Self { clock, desk, own, own_name, outboxes, unsettled: HashMap::new() }
    }

    /// Runs until no link is left that could bring an alert; then tells what is still to be told.
    pub(crate) async fn run(mut self, mut alerts: mpsc::Receiver<Received>) {
        loop {
            let now = self.clock.now().instant;
            let wait = self.desk.poll_timeout().map(|at| at.since(now));
            let due = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                received = alerts.recv() => {
                    let Some(Received { sender, alert, receipt }) = received else { break };
                    self.handle_alert(&sender, alert, Some(receipt));
                }
                alert = self.own.take_next() => self.handle_own(alert),
                () = due => {
                    let messages = self.desk.handle_timeout(self.clock.now().instant);
                    self.tell_all(messages);
                }
            }
        }
        self.finish();
    }

    /// Tells what nobody was told yet: repeats, what was held back, and this process's last words.
    pub(crate) fn finish(mut self) {
        while let Some(alert) = self.own.take() {
            self.handle_own(alert);
        }
        let messages = self.desk.finish(self.clock.now().instant);
        self.tell_all(messages);
    }

    /// Sinks log no errors of their own, so nothing that is told here makes the next alert.
    fn handle_own(&mut self, alert: Alert) {
        let name = self.own_name.clone();
        self.handle_alert(&name, alert, None);
    }

    /// A receipt is owed as soon as people have the alert, or the message that counts it; of a repeat at once where they
    /// have the first one.
    fn handle_alert(&mut self, sender: &Sender, alert: Alert, receipt: Option<Receipt>) {
        let name = (sender.clone(), alert.text.clone());
        let number = receipt.as_ref().map(|receipt| receipt.number);
        let known = self.unsettled.get(&name).filter(|it| number.is_some() && it.number == number);
        let known = known.and_then(|it| it.parcel.upgrade()).filter(|parcel| !parcel.is_settled());
        if let (Some(parcel), Some(receipt)) = (known, &receipt) {
            return parcel.owe(receipt.clone());
        }
        match self.desk.handle_alert(self.clock.now().instant, sender, alert, receipt) {
            Outcome::Tell(message, receipt) => {
                let parcel = self.tell(message);
                receipt.into_iter().for_each(|receipt| parcel.owe(receipt));
                self.note_unsettled(name, number, &parcel);
            }
            Outcome::Repeat(Some(receipt)) => {
                match self.unsettled.get(&name).and_then(|it| it.parcel.upgrade()) {
                    Some(parcel) => parcel.owe(receipt),
                    None => receipt.give(),
                }
            }
            Outcome::Repeat(None) | Outcome::HeldBack => {}
        }
    }

    fn tell_all(&mut self, messages: Vec<Due<Option<Receipt>>>) {
        for Due { message, first_told, receipts } in messages {
            let name = first_told.map(|text| (message.sender.clone(), text));
            let parcel = self.tell(message);
            receipts.into_iter().flatten().for_each(|receipt| parcel.owe(receipt));
            if let Some(name) = name {
                self.note_unsettled(name, None, &parcel);
            }
        }
    }

    fn note_unsettled(
        &mut self,
        name: (Sender, String),
        number: Option<u64>,
        parcel: &Arc<Parcel>,
    ) {
        self.unsettled.retain(|_, it| is_unsettled(&it.parcel));
        self.unsettled.insert(name, Unsettled { parcel: Arc::downgrade(parcel), number });
    }

    fn tell(&self, message: Message) -> Arc<Parcel> {
        tracing::info!("{}", message.line());
        let parcel = Arc::new(Parcel::new(message, self.outboxes.len()));
        self.outboxes.iter().for_each(|outbox| outbox.push(Arc::clone(&parcel)));
        parcel
    }
}

fn is_unsettled(parcel: &Weak<Parcel>) -> bool {
    parcel.upgrade().is_some_and(|parcel| !parcel.is_settled())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sluice_units::UnixTime;
    use sluice_wire::alert_feed::Severity;

    use super::*;

    fn teller(outbox: &Outbox) -> Teller {
        let window = Duration::from_secs(600);
        let policy = AlertPolicy { repeat_window: window, messages_per_minute_max: 1 };
        let own = OwnAlerts { collector: Collector::default(), host: "center".into() };
        Teller::new(policy, own, vec![outbox.clone()])
    }

    /// Two alerts of one sender in a minute that has room for one.
    fn flood(teller: &mut Teller) -> mpsc::Receiver<u64> {
        let (to_link, receipts) = mpsc::channel(8);
        let sender = Sender { host: "a".into(), role: "gateway".into() };
        for (number, text) in [(1, "FATAL: x"), (2, "FATAL: y")] {
            let (severity, at) = (Severity::Fatal, UnixTime::from_seconds(9));
            let alert = Alert { severity, at, text: text.into() };
            let receipt = Receipt { number, to_link: to_link.clone() };
            teller.handle_alert(&sender, alert, Some(receipt));
        }
        receipts
    }

    #[test]
    fn an_alert_that_comes_again_over_another_link_is_no_second_one() {
        let outbox = Outbox::default();
        let mut teller = teller(&outbox);
        let sender = Sender { host: "a".into(), role: "gateway".into() };
        let mut receipts = Vec::new();
        // The link is cut twice before people have it; then it happens once more.
        for number in [7, 7, 7, 8] {
            let (to_link, receipt) = mpsc::channel(8);
            receipts.push(receipt);
            let (severity, at) = (Severity::Fatal, UnixTime::from_seconds(9));
            let alert = Alert { severity, at, text: "FATAL: x".into() };
            teller.handle_alert(&sender, alert, Some(Receipt { number, to_link }));
        }
        outbox.first().unwrap().handle_delivered();
        let given: Vec<_> = receipts.iter_mut().map(|receipt| receipt.try_recv().ok()).collect();
        assert_eq!(given, [Some(7), Some(7), Some(7), Some(8)]);
        teller.finish();
        let told = outbox.last().message.line();
        assert!(told.contains("1 more"), "{told}");
    }

    #[test]
    fn what_is_held_back_has_its_receipt_once_people_have_what_tells_it() {
        let outbox = Outbox::default();
        let mut teller = teller(&outbox);
        let mut receipts = flood(&mut teller);
        outbox.first().unwrap().handle_delivered();
        assert_eq!(receipts.try_recv(), Ok(1));
        assert!(receipts.try_recv().is_err(), "nobody has heard of the second one");
        teller.finish();
        let told = outbox.last();
        assert_eq!(told.message.text, "FATAL: y");
        assert!(receipts.try_recv().is_err());
        told.handle_delivered();
        assert_eq!(receipts.try_recv(), Ok(2));
    }

    #[test]
    fn what_is_held_back_when_the_center_is_killed_has_no_receipt() {
        let outbox = Outbox::default();
        let mut teller = teller(&outbox);
        let mut receipts = flood(&mut teller);
        outbox.first().unwrap().handle_delivered();
        drop(teller);
        assert_eq!(receipts.try_recv(), Ok(1));
        assert!(receipts.try_recv().is_err(), "its sender sends it again");
    }
}
