//! How connections come about: accepted, or dialed.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use sluice_units::Instant;

use super::Reactor;
use crate::accepting::listener_of;
use crate::engine::{ConnectError, Handler};
use crate::operation::{Operation, Ring};

impl<R: Ring> Reactor<R> {
    pub(super) fn arm_accepts(&mut self, now: Instant) {
        while let Some(place) = self.accepting.next_place(now) {
            self.ring.push(Operation::Accept { place });
        }
    }

    pub(super) fn accepted(&mut self, place: u16, result: i32, handler: &mut impl Handler) {
        let Ok(slot) = u32::try_from(result) else {
            let now = self.ring.now();
            self.accepting.failed(place, Errno::from_raw_os_error(-result), now);
            // The end of the listener fails all accepts in flight, as was wanted.
            self.stats.accept_failed += u64::from(!self.accepting.is_stopped());
            return;
        };
        self.stats.table_full += u64::from(self.accepting.succeeded(place));
        if self.accepting.is_stopped() {
            self.ring.push(Operation::Close { slot });
            return;
        }
        self.stats.accepted += 1;
        let connection = self.connections.occupy(slot);
        let listener = listener_of(place, self.listeners);
        handler.connected(connection, self.ring.peer(place), listener);
        self.advance(connection, handler);
    }

    /// Whether one more outbound connection has room.
    pub(crate) fn dial_room(&mut self) -> Result<(), ConnectError> {
        if self.dials.is_full() {
            return Err(ConnectError::TooManyInFlight);
        }
        if self.accepting.take_slot() { Ok(()) } else { Err(ConnectError::TableFull) }
    }

    /// Takes back the slot that [`Reactor::dial_room`] has set aside.
    pub(crate) fn dial_given_up(&mut self) {
        self.accepting.slot_freed();
    }

    /// Connects a socket for which there is room.
    pub(crate) fn dial(&mut self, token: u64, remote: SocketAddr, socket: OwnedFd) {
        let place = self.dials.begin(token, remote, false);
        let now = self.ring.now();
        self.connecting.set(u32::from(place), now + self.connect_timeout);
        self.ring.push_install(place, socket);
    }

    /// Takes a connected socket in, for which there is room.
    pub(crate) fn adopt(&mut self, token: u64, remote: SocketAddr, socket: OwnedFd) {
        let place = self.dials.begin(token, remote, true);
        self.ring.push_install(place, socket);
    }

    pub(super) fn installed(&mut self, place: u16, result: i32, handler: &mut impl Handler) {
        if result < 1 {
            self.accepting.slot_freed();
            // No socket was installed and no error given: the table is full.
            let cause = if result == 0 { Errno::NFILE } else { Errno::from_raw_os_error(-result) };
            self.dial_failed(place, cause, handler);
            return;
        }
        let slot = self.ring.installed_slot(place);
        let dial = self.dials.installed(place, slot);
        if dial.is_adopted {
            return self.opened(place, handler);
        }
        self.ring.push_connect(place, slot, dial.remote);
    }

    pub(super) fn connect_completed(
        &mut self,
        place: u16,
        result: i32,
        handler: &mut impl Handler,
    ) {
        if result < 0 {
            let cause = match Errno::from_raw_os_error(-result) {
                // Only the deadline takes a connect back.
                Errno::CANCELED => Errno::TIMEDOUT,
                cause => cause,
            };
            let slot = self.dial_failed(place, cause, handler);
            let slot = slot.expect("a socket is installed before it connects");
            self.ring.push(Operation::Close { slot });
            return;
        }
        self.opened(place, handler);
    }

    /// A socket is in its slot and connected.
    fn opened(&mut self, place: u16, handler: &mut impl Handler) {
        self.connecting.cancel(u32::from(place));
        let dial = self.dials.end(place);
        let slot = dial.slot.expect("a socket is installed before it connects");
        self.stats.dialed += u64::from(!dial.is_adopted);
        self.stats.adopted += u64::from(dial.is_adopted);
        let connection = self.connections.occupy(slot);
        handler.dialed(dial.token, Ok(connection));
        self.advance(connection, handler);
    }

    /// Takes back the connects whose time is over.
    pub(super) fn give_up_dials(&mut self, now: Instant) {
        while let Some(place) = self.connecting.pop_due(now) {
            let place = u16::try_from(place).expect("places are counted in 16 bits");
            if self.dials.is_connecting(place) {
                self.ring.push(Operation::CancelConnect { place });
            }
            // Again, should the kernel have missed it, or the socket not be installed yet.
            self.connecting.set(u32::from(place), now + self.connect_timeout);
        }
    }

    fn dial_failed(&mut self, place: u16, cause: Errno, handler: &mut impl Handler) -> Option<u32> {
        self.connecting.cancel(u32::from(place));
        let dial = self.dials.end(place);
        self.stats.dial_failed += 1;
        handler.dialed(dial.token, Err(io::Error::from(cause)));
        dial.slot
    }
}
