//! Who mines: clients of the stratum core, what they were told, and what they were not.

use std::collections::BTreeMap;

use sluice_session::miner_client::{ClientAction, MinerClient, Solution, Work};
use sluice_session::quirk::Quirk;
use sluice_units::ConnectionId;

/// Accounts; each connection is a worker of one of them.
pub(crate) const ACCOUNTS: [&str; 3] = ["alice", "bob", "carol"];

/// Shares by account and minute.
pub(crate) type Counts = BTreeMap<(&'static str, u64), u64>;

/// What all miners know, over all of their connections.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Answered `true`.
    pub(crate) accepted: Counts,
    /// Sent, with the connection gone before an answer.
    pub(crate) unanswered: Counts,
}

/// One connection.
struct Seat {
    account: &'static str,
    client: MinerClient,
    work: Option<Work>,
    nonce: u32,
    /// Minutes of the shares without an answer.
    waiting: Vec<u64>,
    accepted_told: u64,
}

/// Everybody who is connected.
#[derive(Default)]
pub(crate) struct Miners {
    seats: BTreeMap<ConnectionId, Seat>,
}

impl Miners {
    pub(crate) fn len(&self) -> usize {
        self.seats.len()
    }

    /// The connections, in order.
    pub(crate) fn connections(&self) -> Vec<ConnectionId> {
        self.seats.keys().copied().collect()
    }

    pub(crate) fn join(&mut self, connection: ConnectionId) {
        let number = connection.slot as usize;
        let account = ACCOUNTS[number % ACCOUNTS.len()];
        let user = format!("{account}.rig{number}");
        let client = MinerClient::new("simulator/1", &user, "x", Quirk::None, None);
        let seat =
            Seat { account, client, work: None, nonce: 0, waiting: Vec::new(), accepted_told: 0 };
        self.seats.insert(connection, seat);
    }

    /// The connection is gone.
    pub(crate) fn leave(&mut self, connection: ConnectionId, known: &mut Known) {
        let Some(seat) = self.seats.remove(&connection) else { return };
        for minute in seat.waiting {
            *known.unanswered.entry((seat.account, minute)).or_default() += 1;
        }
    }

    /// All connections are gone.
    pub(crate) fn leave_all(&mut self, known: &mut Known) {
        self.connections().into_iter().for_each(|connection| self.leave(connection, known));
    }

    /// Has a miner submit one more share, if it has work. Nearly every hash is a share at the lowest difficulty.
    pub(crate) fn submit(&mut self, connection: ConnectionId, minute: u64) {
        let Some(seat) = self.seats.get_mut(&connection) else { return };
        let Some(work) = &seat.work else { return };
        let extranonce2 = vec![0; work.extranonce2_bytes];
        let header = work.header(&extranonce2);
        seat.nonce += 1;
        seat.client.submit(&Solution {
            job: work.job.id.clone(),
            extranonce2,
            ntime: header.ntime,
            nonce: seat.nonce,
            version_bits: None,
        });
        seat.waiting.push(minute);
    }

    /// Bytes from the gateway.
    pub(crate) fn receive(&mut self, connection: ConnectionId, bytes: &[u8], known: &mut Known) {
        let Some(seat) = self.seats.get_mut(&connection) else { return };
        let answered = seat.client.stats().outstanding();
        seat.client.handle_received(bytes);
        let answered = answered - seat.client.stats().outstanding();
        let accepted = seat.client.stats().accepted - seat.accepted_told;
        seat.accepted_told += accepted;
        // All shares on their way were sent in the same moment, so it does not matter which of them these are.
        let answered = usize::try_from(answered).expect("shares are few");
        for (index, minute) in seat.waiting.drain(..answered).enumerate() {
            if (index as u64) < accepted {
                *known.accepted.entry((seat.account, minute)).or_default() += 1;
            }
        }
    }

    /// What miners want to say.
    pub(crate) fn poll(&mut self) -> Vec<(ConnectionId, Vec<u8>)> {
        let mut said = Vec::new();
        for (connection, seat) in &mut self.seats {
            while let Some(action) = seat.client.poll_action() {
                match action {
                    ClientAction::Send(bytes) => said.push((*connection, bytes)),
                    ClientAction::Work(work) => seat.work = Some(*work),
                    ClientAction::Reconnect | ClientAction::Show(_) => {}
                    ClientAction::GiveUp(why) => panic!("{connection} gave up: {why}"),
                }
            }
        }
        said
    }
}
