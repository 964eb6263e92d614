//! What peers send: reported within each one's share of a turn, held back beyond it.

use rustix::io::Errno;
use sluice_units::ConnectionId;

use super::Reactor;
use crate::connections::{PeerSide, Phase};
use crate::engine::Handler;
use crate::operation::{Completion, Operation, Ring};

/// Bytes of a connection that has had its share of the turn; they wait in their receive buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    connection: ConnectionId,
    buffer: u16,
    length: usize,
}

impl<R: Ring> Reactor<R> {
    pub(super) fn received(
        &mut self,
        connection: ConnectionId,
        completion: &Completion,
        handler: &mut impl Handler,
    ) {
        let length = usize::try_from(completion.result).unwrap_or(0);
        if let Some(buffer) = completion.buffer {
            self.take_in(Held { connection, buffer, length }, handler);
        }
        let Some(found) = self.connections.get(connection) else { return };
        self.stats.received_bytes += length as u64;
        if completion.more {
            return;
        }
        let one_at_a_time = matches!(completion.operation, Operation::ReceiveOnce(_));
        if one_at_a_time && length > 0 && length < self.receive_buffer_bytes as usize {
            // There was no more than that.
            found.peer_side = PeerSide::Calm;
        }
        found.receiving = false;
        if completion.result == 0 {
            found.peer_side = PeerSide::Ended;
            self.list(connection);
        } else if completion.result == -Errno::NOBUFS.raw_os_error() {
            // By the next turn buffers are given back.
            self.stats.receive_buffers_exhausted += 1;
            self.list(connection);
        } else if completion.result == -Errno::CANCELED.raw_os_error() {
            // Taken back since bytes are held; by now they may be reported. At a connection's end
            // there is nothing to go on with.
            if found.phase != Phase::Ending {
                self.list(connection);
            }
        } else if completion.result < 0 {
            self.end(connection);
        }
        // A listed connection goes on in the next turn.
        if !self.live(connection).listed {
            self.advance(connection, handler);
        }
    }

    /// Reports a buffer's bytes, or holds them where the connection has had its share.
    fn take_in(&mut self, bytes: Held, handler: &mut impl Handler) {
        let Held { connection, buffer, length } = bytes;
        let (turn, buffers_max) = (self.stats.turns, self.receive_buffers_per_turn);
        let hears = |phase| matches!(phase, Phase::Open | Phase::Leaving);
        let open = self.connections.get(connection).filter(|found| hears(found.phase));
        // What a closing peer still says is read, so that it hears us out, and dropped.
        let Some(found) = open.filter(|_| length > 0) else { return self.ring.recycle(buffer) };
        if found.held == 0 && found.take_share(turn, buffers_max) {
            handler.received(connection, self.ring.received(buffer, length));
            return self.ring.recycle(buffer);
        }
        found.held += 1;
        let is_first = found.held == 1;
        self.held.push_back(bytes);
        if is_first {
            found.peer_side = PeerSide::Flooding;
            self.stats.held_back += 1;
            // The peer's further bytes stay in the kernel, which slows it down.
            self.ring.push(Operation::CancelReceive(connection));
        }
    }

    /// Gives every connection with held bytes its share of this turn, in the order of arrival.
    pub(super) fn report_held(&mut self, handler: &mut impl Handler) {
        let (turn, buffers_max) = (self.stats.turns, self.receive_buffers_per_turn);
        for _ in 0..self.held.len() {
            let Some(bytes) = self.held.pop_front() else { return };
            let Held { connection, buffer, length } = bytes;
            let Some(found) = self.connections.get(connection) else {
                self.ring.recycle(buffer);
                continue;
            };
            if !matches!(found.phase, Phase::Open | Phase::Leaving) {
                found.held -= 1;
                if found.held == 0 && found.phase == Phase::Flushing {
                    // What the peer still says is read, so that it hears us out.
                    self.list(connection);
                }
                self.ring.recycle(buffer);
                continue;
            }
            if !found.take_share(turn, buffers_max) {
                self.held.push_back(bytes);
                continue;
            }
            found.held -= 1;
            let is_last = found.held == 0;
            handler.received(connection, self.ring.received(buffer, length));
            self.ring.recycle(buffer);
            if is_last {
                // Reads again, or comes to its end.
                self.list(connection);
            }
        }
    }

    pub(super) fn datagram_received(
        &mut self,
        socket: u16,
        completion: &Completion,
        handler: &mut impl Handler,
    ) {
        let length = usize::try_from(completion.result).unwrap_or(0);
        if let Some(buffer) = completion.buffer {
            if let Some((sender, bytes)) = self.ring.datagram(buffer, length) {
                self.stats.datagrams += 1;
                handler.datagram(sender, bytes);
            } else {
                self.stats.datagrams_cut += 1;
            }
            self.ring.recycle(buffer);
        }
        if !completion.more {
            // Without buffers the next turn has some; any other error is one datagram's.
            self.stats.receive_buffers_exhausted +=
                u64::from(completion.result == -Errno::NOBUFS.raw_os_error());
            self.datagrams_unarmed.push(socket);
        }
    }

    pub(super) fn arm_datagrams(&mut self) {
        for socket in self.datagrams_unarmed.drain(..) {
            self.ring.push(Operation::Datagrams { socket });
        }
    }
}
