//! How connections go to another engine.

use rustix::io::Errno;
use sluice_units::ConnectionId;

use super::Reactor;
use crate::connections::{PeerSide, Phase, WriteSide};
use crate::engine::Handler;
use crate::operation::{Completion, Operation, Ring};

impl<R: Ring> Reactor<R> {
    /// See [`crate::Engine::hand_out`].
    pub(crate) fn hand_out(&mut self, connection: ConnectionId) -> bool {
        let Some(found) = self.connections.get(connection) else { return false };
        if found.phase != Phase::Open {
            return false;
        }
        found.phase = Phase::Leaving;
        if found.receiving {
            self.ring.push(match found.peer_side {
                PeerSide::Flooding => Operation::StopReceivingOnce(connection),
                PeerSide::Calm | PeerSide::Ended => Operation::StopReceiving(connection),
            });
        }
        self.list(connection);
        true
    }

    /// All is sent; once nothing is received any more the socket can leave.
    pub(super) fn extract(&mut self, connection: ConnectionId) {
        let found = self.live(connection);
        if !found.receiving && found.held == 0 && found.write_side == WriteSide::Open {
            found.write_side = WriteSide::Extracting;
            self.ring.push(Operation::Extract(connection));
        }
    }

    /// Where that missed, the receive was of the other kind, or the kernel was about to go on with it.
    pub(super) fn receiving_stopped(&mut self, connection: ConnectionId, other: Operation) {
        let Some(found) = self.connections.get(connection) else { return };
        if found.phase == Phase::Leaving && found.receiving {
            self.ring.push(other);
        }
    }

    pub(super) fn extracted(
        &mut self,
        connection: ConnectionId,
        completion: Completion,
        handler: &mut impl Handler,
    ) {
        let found = self.live(connection);
        found.write_side = WriteSide::Open;
        if found.phase == Phase::Ending {
            // It ended meanwhile: the copy of its socket goes with it.
            return self.settle(connection, handler);
        }
        let Some(socket) = completion.socket else {
            found.phase = Phase::Open;
            let cause = Errno::from_raw_os_error(-completion.result);
            handler.handed_out(connection, Err(cause.into()));
            return self.advance(connection, handler);
        };
        if found.listed {
            self.attention.retain(|listed| *listed != connection);
            self.live(connection).listed = false;
        }
        self.connections.vacate(connection);
        self.ring.push(Operation::Close { slot: connection.slot });
        self.stats.handed_out += 1;
        handler.handed_out(connection, Ok(socket));
    }
}
