//! Which miner searches where: the part of the search space that a connection is given, and how one that comes back
//! has its former part again.
//!
//! A part is named by the connection that it was first given to. Whoever shows that connection's session id holds it
//! from then on; nobody else can, since the id carries a code that only this process can make.

use std::collections::BTreeMap;

use sluice_sha256d::sha256d;
use sluice_units::limits::SHARD_BITS;
use sluice_units::{ConnectionId, Extranonce1, Now, SourceId, hex};
use sluice_wire::stratum::{Call, notification};

use super::{EndCause, Shard};
use crate::miner::{Mark, MinerSession};

/// Digits of a session id: shard (4), slot (8), generation (8), code (16).
const SESSION_ID_DIGITS: usize = 36;

/// Parts that others hold than the connections that they were first given to, and parts of nobody.
#[derive(Debug, Default)]
pub(super) struct Spaces {
    /// By the part, the slot of its holder.
    borrowed: BTreeMap<ConnectionId, u32>,
    /// How many parts of slots that no connection has were handed out.
    spares_taken: u64,
}

impl Shard {
    /// No two live miners share one: gateway and shard are leased, the slot is one connection's alone, and the
    /// generation tells it from the slot's former occupants. The epoch is added so that a restarted gateway does
    /// not begin with the parts that it had handed out before.
    pub(super) fn extranonce1(&self, space: ConnectionId) -> Extranonce1 {
        let SourceId { gateway_id, shard } = self.config.source;
        let shard_and_slot = u32::from(shard) << (32 - SHARD_BITS) | space.slot;
        let generation = space.generation.wrapping_add(self.config.epoch as u32);
        Extranonce1::new(gateway_id, shard_and_slot, generation as u16)
    }

    /// What a miner shows to have its part again.
    pub(super) fn session_id(&self, space: ConnectionId) -> String {
        let generation = space.generation.wrapping_add(self.config.epoch as u32);
        let bytes = session_bytes(self.config.source.shard, ConnectionId { generation, ..space });
        hex::encode(&bytes) + &hex::encode(&self.session_code(&bytes))
    }

    /// Whose part a session id names, where this process has given it out: shard and part.
    pub(super) fn read_session_id(&self, text: &str) -> Option<(u16, ConnectionId)> {
        let bytes = hex::decode(text).filter(|_| text.len() == SESSION_ID_DIGITS)?;
        let (bytes, code) = bytes.split_at(10);
        let number = |range: core::ops::Range<usize>| {
            let bytes = bytes[range].try_into().expect("the range is of four bytes");
            u32::from_be_bytes(bytes)
        };
        let shard = u16::from_be_bytes([bytes[0], bytes[1]]);
        let generation = number(6..10).wrapping_sub(self.config.epoch as u32);
        let space = ConnectionId { slot: number(2..6), generation };
        (code == self.session_code(bytes)).then_some((shard, space))
    }

    fn session_code(&self, bytes: &[u8]) -> [u8; 8] {
        let hash = sha256d(&[&self.config.session_secret, bytes].concat());
        hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes")
    }

    /// The other shard that knows the session which a miner without work asks for; `None` where there is none, or the
    /// miner cannot go there.
    pub(super) fn knows_session(&self, session: &MinerSession, call: &Call<'_>) -> Option<u16> {
        let Call::Subscribe { session_id, .. } = call else { return None };
        let (shard, _) = self.read_session_id(session_id)?;
        let can_go = !session.is(Mark::Subscribed)
            && !session.stays()
            && !self.waiting_workers.has(session.connection);
        (can_go && shard != self.config.source.shard).then_some(shard)
    }

    /// Gives a session its former part of this shard's space; `false` where that is another's by now.
    pub(super) fn resume(
        &mut self,
        now: Now,
        session: &mut MinerSession,
        space: ConnectionId,
    ) -> bool {
        if session.space() == space {
            return true;
        }
        if let Some(holder) = self.holder(space) {
            let place = &mut self.sessions[holder as usize];
            let mut former = place.take().expect("who holds a part is here");
            self.part_with(now, &mut former);
            self.sessions[holder as usize] = Some(former);
        } else if self.is_taken_by_chance(space) {
            return false;
        }
        self.leave_space(session);
        self.take_space(session, space);
        true
    }

    /// The slot of whoever searches a part.
    fn holder(&self, space: ConnectionId) -> Option<u32> {
        let borrower = self.spaces.borrowed.get(&space).copied();
        borrower.or_else(|| {
            let occupant = self.searcher_in(space.slot)?;
            (occupant.space() == space).then_some(space.slot)
        })
    }

    /// Whether somebody else is here whose part has the same name in the coinbase: one of the slot's 65,536
    /// latest occupants.
    fn is_taken_by_chance(&self, space: ConnectionId) -> bool {
        let extranonce1 = self.extranonce1(space);
        let occupant = self.searcher_in(space.slot);
        occupant.is_some_and(|occupant| self.extranonce1(occupant.space()) == extranonce1)
            || self.is_borrowed(space)
    }

    /// Who is in a slot, and not on its way out.
    fn searcher_in(&self, slot: u32) -> Option<&MinerSession> {
        let occupant = self.sessions.get(slot as usize)?.as_ref();
        occupant.filter(|occupant| !occupant.is(Mark::Closing))
    }

    /// A new connection gets its own part, unless that is lent under the same name: then one of nobody, or none.
    pub(super) fn has_own_space(&mut self, session: &mut MinerSession) -> bool {
        if session.is(Mark::Subscribed) || !self.is_borrowed(session.connection) {
            return true;
        }
        let spare = self.spare_space();
        if let Some(spare) = spare {
            self.take_space(session, spare);
        }
        spare.is_some()
    }

    /// Whether a part of the same name in the coinbase is lent.
    pub(super) fn is_borrowed(&self, space: ConnectionId) -> bool {
        let first = ConnectionId { generation: 0, ..space };
        let last = ConnectionId { generation: u32::MAX, ..space };
        let extranonce1 = self.extranonce1(space);
        let mut of_slot = self.spaces.borrowed.range(first..=last);
        of_slot.any(|(other, _)| self.extranonce1(*other) == extranonce1)
    }

    /// Takes a live session's part from it: it goes on with another one where it can be told so, and ends else.
    fn part_with(&mut self, now: Now, session: &mut MinerSession) {
        self.leave_space(session);
        let can_be_told = session.is(Mark::TakesExtranonce) && session.is_working();
        let spare = if can_be_told { self.spare_space() } else { None };
        let Some(spare) = spare else {
            session.set_space(None);
            if !session.is(Mark::Closing) {
                self.end(now, session, EndCause::Resumed);
            }
            return;
        };
        self.take_space(session, spare);
        let extranonce1 = self.extranonce1(spare);
        notification::encode_set_extranonce(&mut self.outbox, extranonce1);
        self.send_outbox(session.connection);
        self.tell_again(session);
    }

    /// A part of a slot that no connection can have.
    fn spare_space(&mut self) -> Option<ConnectionId> {
        let first = u64::from(self.config.connections_max);
        let spares = (1 << (32 - SHARD_BITS)) - first;
        let taken = self.spaces.spares_taken;
        let slot = first + taken.checked_rem(spares)?;
        self.spaces.spares_taken += 1;
        let generation = u32::try_from(taken / spares).ok()?;
        let slot = u32::try_from(slot).expect("slots are below 2^22");
        let space = ConnectionId { slot, generation };
        (!self.is_borrowed(space)).then_some(space)
    }

    fn take_space(&mut self, session: &mut MinerSession, space: ConnectionId) {
        let lent = space != session.connection;
        session.set_space(lent.then_some(space));
        if lent {
            self.spaces.borrowed.insert(space, session.connection.slot);
        }
    }

    /// The session does not search there any more.
    pub(super) fn leave_space(&mut self, session: &MinerSession) {
        if session.space() != session.connection {
            self.spaces.borrowed.remove(&session.space());
        }
    }
}

fn session_bytes(shard: u16, space: ConnectionId) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&shard.to_be_bytes());
    bytes[2..6].copy_from_slice(&space.slot.to_be_bytes());
    bytes[6..].copy_from_slice(&space.generation.to_be_bytes());
    bytes
}
