//! A message on its way to people, and the receipts that are owed for it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sluice_relay_core::alerts::Message;
use sluice_units::limits::ALERTS_WAITING_MAX;
use tokio::sync::mpsc;

/// Tells a sender that people have its alert.
#[derive(Clone)]
pub(crate) struct Receipt {
    pub(crate) number: u64,
    pub(crate) to_link: mpsc::Sender<u64>,
}

impl Receipt {
    pub(crate) fn give(self) {
        // A link that has ended, or is full of them, gets none: its sender sends the alert again.
        let _ = self.to_link.try_send(self.number);
    }
}

pub(crate) struct Parcel {
    pub(crate) message: Message,
    state: Mutex<State>,
}

struct State {
    /// Ways to people that may still take it.
    ways: usize,
    /// No receipt has to wait any more.
    is_settled: bool,
    receipts: VecDeque<Receipt>,
}

impl Parcel {
    pub(crate) const fn new(message: Message, ways: usize) -> Self {
        let state = State { ways, is_settled: false, receipts: VecDeque::new() };
        Self { message, state: Mutex::new(state) }
    }

    /// Has a receipt given as soon as people have the message. Of too many the oldest gives way.
    pub(crate) fn owe(&self, receipt: Receipt) {
        let mut state = self.state();
        if state.is_settled {
            return receipt.give();
        }
        if state.receipts.len() >= ALERTS_WAITING_MAX {
            state.receipts.pop_front();
        }
        state.receipts.push_back(receipt);
    }

    /// Somebody has it.
    pub(crate) fn handle_delivered(&self) {
        self.state().settle();
    }

    /// One way will never take it. Once none will, its receipts are forgotten: nobody was told.
    pub(crate) fn handle_refused(&self) {
        let mut state = self.state();
        state.ways -= 1;
        if state.ways == 0 && !state.is_settled {
            state.receipts.clear();
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.state().is_settled
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn settle(&mut self) {
        self.is_settled = true;
        self.receipts.drain(..).for_each(Receipt::give);
    }
}

#[cfg(test)]
mod tests {
    use sluice_relay_core::alerts::Sender;
    use sluice_units::UnixTime;
    use sluice_wire::alert_feed::Severity;

    use super::*;

    fn parcel() -> Parcel {
        let sender = Sender { host: "a".into(), role: "gateway".into() };
        let (severity, at) = (Severity::Fatal, UnixTime::from_seconds(9));
        Parcel::new(Message { sender, severity, at, text: "FATAL: x".into() }, 2)
    }

    #[test]
    fn a_receipt_waits_until_somebody_has_the_message() {
        let (to_link, mut receipts) = mpsc::channel(8);
        let owe =
            |parcel: &Parcel, number| parcel.owe(Receipt { number, to_link: to_link.clone() });
        let told = parcel();
        owe(&told, 1);
        told.handle_refused();
        assert!(receipts.try_recv().is_err(), "the other way may still take it");
        told.handle_delivered();
        owe(&told, 2);
        assert_eq!((receipts.try_recv(), receipts.try_recv()), (Ok(1), Ok(2)));

        let refused = parcel();
        owe(&refused, 3);
        refused.handle_refused();
        refused.handle_refused();
        assert!(receipts.try_recv().is_err(), "nobody was told, and nobody ever will");
    }

    #[test]
    fn receipts_that_wait_are_bounded() {
        let (to_link, _receipts) = mpsc::channel(8);
        let told = parcel();
        for number in 0..2 * ALERTS_WAITING_MAX as u64 {
            told.owe(Receipt { number, to_link: to_link.clone() });
        }
        let state = told.state();
        assert_eq!(state.receipts.len(), ALERTS_WAITING_MAX);
        assert_eq!(state.receipts[0].number, ALERTS_WAITING_MAX as u64);
    }
}
