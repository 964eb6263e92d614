//! The task that asks the desk about each alert, and puts what people are told into every outbox.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use sluice_relay_core::alerts::{AlertDesk, AlertPolicy, Message, Outcome, Sender};
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

pub(crate) struct Teller {
    clock: Clock,
    desk: AlertDesk,
    own: Collector,
    own_name: Sender,
    outboxes: Vec<Outbox>,
    /// What people may not have yet, to owe repeats their receipts until then.
    unsettled: HashMap<(Sender, String), Weak<Parcel>>,
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

    /// A receipt is owed as soon as people have the alert; at once where a later message counts it.
    fn handle_alert(&mut self, sender: &Sender, alert: Alert, receipt: Option<Receipt>) {
        let name = (sender.clone(), alert.text.clone());
        let parcel = match self.desk.handle_alert(self.clock.now().instant, sender, alert) {
            Outcome::Tell(message) => {
                let parcel = self.tell(message);
                self.unsettled.retain(|_, parcel| is_unsettled(parcel));
                self.unsettled.insert(name, Arc::downgrade(&parcel));
                Some(parcel)
            }
            Outcome::Repeat => self.unsettled.get(&name).and_then(Weak::upgrade),
            Outcome::HeldBack => None,
        };
        match (receipt, parcel) {
            (Some(receipt), Some(parcel)) => parcel.owe(receipt),
            (Some(receipt), None) => receipt.give(),
            (None, _) => {}
        }
    }

    fn tell_all(&self, messages: Vec<Message>) {
        for message in messages {
            self.tell(message);
        }
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
