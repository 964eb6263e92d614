//! Handshakes and silences that last too long. Half-way through its silence a miner is asked whether it is there:
//! some find shares more rarely than they may be silent.
//!
//! A handshake's deadline stands from the connect on and is never moved. A working miner's stands
//! since it was last looked at: what it said meanwhile is found out when the deadline comes, so that
//! a share moves nothing.

use std::time::Duration;

use sluice_units::limits::BROADCAST_SLICE_MAX;
use sluice_units::{ConnectionId, Now};
use sluice_wire::stratum::notification;

use super::{EndCause, Shard};
use crate::miner::Mark;

/// A deadline is seen at most this much, and a tick of the shard, after it has passed.
pub(super) const TICK: Duration = Duration::from_secs(1);

impl Shard {
    pub(super) fn await_handshake(&mut self, now: Now, connection: ConnectionId) {
        self.deadlines.set(connection.slot, now.instant + self.config.handshake_timeout);
    }

    pub(super) fn await_words(&mut self, now: Now, connection: ConnectionId) {
        self.deadlines.set(connection.slot, now.instant + self.config.idle_timeout / 2);
    }

    /// Ends at most a slice of the sessions whose time is over.
    pub(super) fn expire_deadlines(&mut self, now: Now) {
        for _ in 0..BROADCAST_SLICE_MAX {
            let Some(slot) = self.deadlines.pop_due(now.instant) else {
                self.more_expired = false;
                return;
            };
            self.expire(now, slot);
        }
        self.more_expired = true;
    }

    fn expire(&mut self, now: Now, slot: u32) {
        let session = self.sessions[slot as usize].take();
        let mut session = session.expect("a deadline is cancelled with its session");
        let silence = now.instant.since(session.last_heard);
        let allowed = self.config.idle_timeout;
        if !session.is_working() {
            self.end(now, &mut session, EndCause::HandshakeExpired);
        } else if silence > allowed {
            self.end(now, &mut session, EndCause::IdleExpired);
        } else if silence <= allowed / 2 {
            self.deadlines.set(slot, session.last_heard + allowed / 2);
        } else {
            if !session.is(Mark::Pinged) {
                session.set(Mark::Pinged);
                notification::encode_ping(&mut self.outbox);
                self.send_outbox(session.connection);
            }
            self.deadlines.set(slot, session.last_heard + allowed);
        }
        self.sessions[slot as usize] = Some(session);
    }
}
