//! Miners whose session another shard of the gateway knows: the connection goes there. Only that shard can tell the
//! shares that it has credited from copies of them.

use sluice_units::limits::{DEPARTURE_BYTES_MAX, LINE_BYTES_MAX};
use sluice_units::{ConnectionId, Counter, Now};

use super::{EndCause, Heard, Shard};
use crate::actions::Action;
use crate::miner::{Mark, MinerSession};

const _: () = assert!(DEPARTURE_BYTES_MAX >= 2 * LINE_BYTES_MAX);

/// A connection on its way to another shard: what is known of the miner, and what it said that was not answered.
#[derive(Debug)]
pub struct Departure {
    session: MinerSession,
    bytes: Vec<u8>,
}

impl Shard {
    /// Begins a departure with the line that asks for it, where the miner has no work yet and the shell can.
    pub(super) fn depart(&mut self, session: &mut MinerSession, shard: u16, line: &[u8]) {
        session.set(Mark::Leaving);
        session.keep_unanswered(line);
        session.keep_unanswered(b"\n");
        self.send_outbox(session.connection);
        self.actions.push_back(Action::HandOver { connection: session.connection, shard });
    }

    /// What a miner says meanwhile is answered where it goes.
    pub(super) fn keep_for_departure(
        &mut self,
        now: Now,
        session: &mut MinerSession,
        bytes: &[u8],
    ) {
        if session.keep_unanswered(bytes) > DEPARTURE_BYTES_MAX {
            self.end(now, session, EndCause::LineTooLong);
        }
    }

    /// The connection has left the ring; what is to go with it, unless the session has ended meanwhile.
    pub fn handle_departed(
        &mut self,
        now: Now,
        connection: ConnectionId,
    ) -> Option<Box<Departure>> {
        let place = self.sessions.get_mut(connection.slot as usize);
        let is_its = |session: &mut MinerSession| session.connection == connection;
        let mut session = place.and_then(|place| place.take_if(is_its))?;
        self.say_goodbye(now, &mut session);
        let bytes = session.take_unanswered();
        (!session.is(Mark::Closing)).then(|| Box::new(Departure { session, bytes }))
    }

    /// The connection cannot leave: what the miner said is answered here, and its session is a new one.
    pub fn handle_stays(&mut self, now: Now, connection: ConnectionId) -> Heard {
        let place = self.sessions.get_mut(connection.slot as usize);
        let leaving =
            |session: &MinerSession| session.connection == connection && session.is(Mark::Leaving);
        let Some(session) = place.and_then(|place| place.as_mut()).filter(|one| leaving(one))
        else {
            return Heard::Words;
        };
        session.clear(Mark::Leaving);
        session.stay();
        let bytes = session.take_unanswered();
        self.handle_received(now, connection, &bytes)
    }

    /// A connection came from another shard.
    ///
    /// # Panics
    ///
    /// As [`Shard::handle_connected`].
    pub fn handle_arrived(&mut self, now: Now, connection: ConnectionId, departure: Departure) {
        let Departure { session, bytes } = departure;
        let port = usize::from(session.port);
        self.handle_connected(now, connection, session.peer(), port);
        let place = &mut self.sessions[connection.slot as usize];
        let fresh = place.take().expect("it has just connected");
        if fresh.is(Mark::Closing) {
            *place = Some(fresh);
            return;
        }
        let was_counted = !fresh.awaits_proxy_header();
        let mut session = session.arrived(fresh);
        // A balancer that speaks for itself has said so already.
        if !was_counted && !self.admit(now, &mut session) {
            self.sessions[connection.slot as usize] = Some(session);
            return;
        }
        for place in 0..session.workers().count() {
            self.announce_unproven(now, &mut session, place);
        }
        self.sessions[connection.slot as usize] = Some(session);
        self.count(now, Counter::SessionMoved);
        let heard = self.handle_received(now, connection, &bytes);
        assert_eq!(heard, Heard::Words, "its language was told before it left");
    }
}
