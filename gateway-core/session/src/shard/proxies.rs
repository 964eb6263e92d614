//! Whom a balancer speaks for: the PROXY header in front of a miner's words, from trusted addresses alone.

use std::net::IpAddr;

use sluice_units::Now;
use sluice_wire::proxy_header::{self, ProxyHeader};

use super::watch::Deeds;
use super::{EndCause, Shard};
use crate::miner::{Mark, MinerSession};

impl Shard {
    /// Whether an address's word is taken on whom it speaks for.
    pub(super) fn is_proxy(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.config.proxies_trusted.iter().any(|network| network.contains(&peer))
    }

    /// Counts a connection for its address, once that is known, and refuses it where the address may not have it;
    /// whether it may stay. A balancer that speaks for itself may have as many as it likes.
    pub(super) fn admit(&mut self, now: Now, session: &mut MinerSession) -> bool {
        if session.awaits_proxy_header() {
            return true;
        }
        let peer = session.peer();
        let count = self.addresses.add(peer);
        if count > self.config.connections_per_address_max && !self.is_proxy(peer) {
            self.refuse_connection(now, session, EndCause::AddressRefused);
        } else if self.is_banned_address(now, peer) {
            self.refuse_connection(now, session, EndCause::Banned);
        } else {
            self.watch(now, session, Deeds { connections: 1, ..Deeds::default() });
        }
        !session.is(Mark::Closing)
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
            self.admit(now, session);
            return seen;
        }
    }
}
