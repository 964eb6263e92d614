//! Whom a balancer speaks for: the PROXY header in front of a miner's words, from trusted addresses alone.

use std::net::IpAddr;

use sluice_units::Now;
use sluice_wire::proxy_header::{self, ProxyHeader};

use super::{EndCause, Shard};
use crate::miner::MinerSession;

impl Shard {
    /// Whether an address's word is taken on whom it speaks for.
    pub(super) fn is_proxy(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.config.proxies_trusted.iter().any(|network| network.contains(&peer))
    }

    /// Counts a connection for its address, once that is known; whether that may have it. A balancer that speaks
    /// for itself may have as many as it likes.
    pub(super) fn has_room_for(&mut self, session: &MinerSession) -> bool {
        if session.awaits_proxy_header() {
            return true;
        }
        let count = self.addresses.add(session.peer());
        count <= self.config.connections_per_address_max || self.is_proxy(session.peer())
    }

    /// Takes the header off what a balancer sent, or one after another where several stand in line; gives what
    /// follows them. A balancer that sends none speaks for itself.
    pub(super) fn take_proxy_header(
        &mut self,
        now: Now,
        session: &mut MinerSession,
        bytes: &[u8],
    ) -> Vec<u8> {
        let mut seen = session.take_proxy_bytes();
        seen.extend_from_slice(bytes);
        loop {
            match proxy_header::decode(&seen) {
                Ok(ProxyHeader::Partial) => {
                    session.keep_proxy_bytes(seen);
                    return Vec::new();
                }
                Ok(ProxyHeader::Whole { bytes, peer }) => {
                    seen.drain(..bytes);
                    if let Some(peer) = peer {
                        session.set_peer(peer);
                        // It may be a balancer in front of this one.
                        if self.is_proxy(peer) {
                            continue;
                        }
                    }
                }
                Ok(ProxyHeader::Absent) => {}
                Err(_) => {
                    session.keep_proxy_bytes(Vec::new());
                    self.refuse_connection(now, session, EndCause::NotStratum);
                    return Vec::new();
                }
            }
            if !self.has_room_for(session) {
                self.refuse_connection(now, session, EndCause::AddressRefused);
            }
            return seen;
        }
    }
}
