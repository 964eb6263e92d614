//! Connections that go from this shard to another, and those that come.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use rustix::net::getpeername;
use sluice_ring::Engine;
use sluice_session::Departure;
use sluice_units::ConnectionId;

use crate::queues::{Peers, Visitor};

/// Both directions of one shard.
#[derive(Default)]
pub(super) struct Departures {
    /// Where those go whose socket is still in the ring.
    leaving: BTreeMap<ConnectionId, u16>,
    /// Those that have left the ring.
    departed: Vec<(u16, Visitor)>,
    /// Those whose socket is being put into the ring, by token.
    arriving: BTreeMap<u64, Box<Departure>>,
    next_token: u64,
}

impl Departures {
    /// Notes where a connection is to go; `false` where nobody can take it there.
    pub(super) fn begin(&mut self, connection: ConnectionId, shard: u16, peers: &Peers) -> bool {
        let peer = peers.get().and_then(|peers| peers.get(usize::from(shard)));
        let has_room = peer.is_some_and(|peer| peer.has_room());
        if has_room {
            self.leaving.insert(connection, shard);
        }
        has_room
    }

    /// It does not leave after all.
    pub(super) fn stays(&mut self, connection: ConnectionId) {
        self.leaving.remove(&connection);
    }

    /// It ended before it left.
    pub(super) fn ended(&mut self, connection: ConnectionId) {
        if !self.leaving.is_empty() {
            self.leaving.remove(&connection);
        }
    }

    /// It has left the ring; without a departure its session is over, and the socket closes here.
    pub(super) fn left(
        &mut self,
        connection: ConnectionId,
        socket: OwnedFd,
        departure: Option<Box<Departure>>,
    ) {
        let shard = self.leaving.remove(&connection).expect("it was noted where it goes");
        let peer = getpeername(&socket).ok().flatten();
        // Whose peer has hung up meanwhile has nobody to serve.
        let peer = peer.and_then(|address| SocketAddr::try_from(address).ok());
        if let (Some(departure), Some(peer)) = (departure, peer) {
            self.departed.push((shard, Visitor { socket, peer, departure }));
        }
    }

    /// Sends those that have left to where they go.
    pub(super) fn send_all(&mut self, peers: &Peers) {
        for (shard, visitor) in self.departed.drain(..) {
            let peers = peers.get().expect("somebody was found to take it");
            peers[usize::from(shard)].send(visitor);
        }
    }

    /// Takes one in that came. Without room for it its socket closes, and its miner connects anew.
    pub(super) fn welcome(&mut self, engine: &mut Engine, visitor: Visitor) {
        let Visitor { socket, peer, departure } = visitor;
        self.next_token += 1;
        if engine.adopt(self.next_token, peer, socket).is_ok() {
            self.arriving.insert(self.next_token, departure);
        }
    }

    /// Its socket is in the ring, or could not be put there.
    pub(super) fn arrived(&mut self, token: u64) -> Option<Box<Departure>> {
        self.arriving.remove(&token)
    }
}
