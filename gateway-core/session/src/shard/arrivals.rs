//! How connections come, speak and go.

use std::net::IpAddr;

use sluice_units::{ConnectionId, Counter, Now};
use sluice_wire::http_refusal;
use sluice_wire::share_feed::Event;
use sluice_wire::stratum::{Request, reply};

use super::watch::Deeds;
use super::{EndCause, Shard};
use crate::actions::Action;
use crate::lines::LineError;
use crate::miner::{Mark, MinerSession};

/// The first byte of everybody who speaks TLS: the content type of a handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// In which language bytes were.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// In the clear, or nobody's.
    Words,
    /// Behind so many bytes TLS begins: from there on the connection speaks it, and what it says is
    /// handed in deciphered.
    Tls {
        /// Bytes of these that were taken.
        after: usize,
    },
}

impl Shard {
    /// A miner connected, at a port counted as in [`super::ShardConfig::ports`]. It is closed at once where there is no work to hand out, so that it goes
    /// elsewhere, and where its address has as many connections as it may have.
    ///
    /// # Panics
    ///
    /// Where the slot is not below the configured `connections_max`, or is in use, or where there is no
    /// such port.
    pub fn handle_connected(
        &mut self,
        now: Now,
        connection: ConnectionId,
        peer: IpAddr,
        port: usize,
    ) {
        let slot = connection.slot as usize;
        assert!(
            connection.slot < self.config.connections_max,
            "the ring's slots are bounded by the topology"
        );
        if slot >= self.sessions.len() {
            self.sessions.resize_with(slot + 1, || None);
        }
        assert!(self.sessions[slot].is_none(), "a slot is closed before it is used again");
        let policy = &self.config.ports[port].vardiff;
        let difficulty_max = self.difficulty_cap.max(policy.difficulty_min);
        let difficulty = policy.difficulty_start.min(difficulty_max);
        let mut session = MinerSession::new(now.instant, connection, peer, difficulty);
        session.port = u8::try_from(port).expect("ports are few");
        self.stats.connections += 1;
        self.count(now, Counter::ConnectionNew);
        if self.is_proxy(peer) {
            session.await_proxy_header();
        }
        if self.admit(now, &mut session) {
            if self.newest.is_none() {
                self.refuse_connection(now, &mut session, EndCause::LetGo);
            } else {
                self.await_handshake(now, connection);
            }
        }
        self.sessions[slot] = Some(session);
    }

    /// Bytes came from a miner, cut anywhere. They bound the lines that one call handles.
    pub fn handle_received(&mut self, now: Now, connection: ConnectionId, bytes: &[u8]) -> Heard {
        // What comes in while a connection is being closed is not read any more.
        let open =
            |session: &MinerSession| session.connection == connection && !session.is(Mark::Closing);
        let place = self.sessions.get_mut(connection.slot as usize);
        let Some(mut session) = place.and_then(|place| place.take_if(|one| open(one))) else {
            return Heard::Words;
        };
        session.last_heard = now.instant;
        session.clear(Mark::Pinged);
        if session.is(Mark::Leaving) {
            self.keep_for_departure(now, &mut session, bytes);
            self.sessions[connection.slot as usize] = Some(session);
            return Heard::Words;
        }
        let heard = if session.awaits_proxy_header() {
            let words = self.take_proxy_header(now, &mut session, bytes);
            match self.handle_words(now, &mut session, &words) {
                // What the header left of these bytes, which are their end.
                Heard::Tls { .. } => Heard::Tls { after: bytes.len() - words.len() },
                Heard::Words => Heard::Words,
            }
        } else {
            self.handle_words(now, &mut session, bytes)
        };
        self.sessions[connection.slot as usize] = Some(session);
        heard
    }

    /// What a miner said inside TLS cannot be read.
    pub fn handle_undecipherable(&mut self, now: Now, connection: ConnectionId) {
        let open =
            |session: &MinerSession| session.connection == connection && !session.is(Mark::Closing);
        let place = self.sessions.get_mut(connection.slot as usize);
        let Some(mut session) = place.and_then(|place| place.take_if(|one| open(one))) else {
            return;
        };
        self.judge_pending(Some(&mut session));
        self.count(now, Counter::RequestInvalid);
        self.end(now, &mut session, EndCause::NotStratum);
        self.sessions[connection.slot as usize] = Some(session);
    }

    /// What the miner itself says.
    fn handle_words(&mut self, now: Now, session: &mut MinerSession, bytes: &[u8]) -> Heard {
        let Some(first) = bytes.first().filter(|_| !session.is(Mark::Closing)) else {
            return Heard::Words;
        };
        if !session.is(Mark::Spoken) {
            session.set(Mark::Spoken);
            if *first == TLS_HANDSHAKE && self.config.ports[usize::from(session.port)].tls {
                return Heard::Tls { after: 0 };
            }
        }
        self.handle_lines(now, session, bytes);
        Heard::Words
    }

    fn handle_lines(&mut self, now: Now, session: &mut MinerSession, bytes: &[u8]) {
        let mut lines = core::mem::take(&mut session.lines);
        let mut blank_lines = session.blank_lines;
        let (mut ended, mut is_http) = (None, false);
        let fed = lines.feed(bytes, &mut blank_lines, |line| {
            ended = self.handle_line(now, session, line).err();
            is_http = ended.is_some() && http_refusal::is_request(line);
            // It may be let go in the midst of its lines, or go elsewhere.
            ended.is_none() && !session.is(Mark::Closing) && !session.is(Mark::Leaving)
        });
        (session.lines, session.blank_lines) = (lines, blank_lines);
        match fed {
            Ok(rest) if session.is(Mark::Leaving) => {
                self.keep_for_departure(now, session, rest);
            }
            Ok(_) => {}
            Err(LineError::TooLong) => ended = Some(EndCause::LineTooLong),
            Err(LineError::OnlyBlankLines) => ended = Some(EndCause::NotStratum),
        }
        if let Some(cause) = ended {
            self.judge_pending(Some(session));
            // Whoever does not speak stratum gets one answer and no second chance.
            self.count(now, Counter::RequestInvalid);
            match cause {
                _ if is_http => self.outbox.extend_from_slice(http_refusal::ANSWER),
                EndCause::LineTooLong => {
                    reply::encode_error(&mut self.outbox, "null", 20, "Line too long");
                }
                _ => reply::encode_error(&mut self.outbox, "null", 20, "Not a stratum request"),
            }
        }
        self.send_outbox(session.connection);
        if let Some(cause) = ended {
            self.end(now, session, cause);
        }
    }

    /// The connection is gone.
    pub fn handle_closed(&mut self, now: Now, connection: ConnectionId) {
        self.judge_pending(None);
        let place = self.sessions.get_mut(connection.slot as usize);
        let is_its = |session: &mut MinerSession| session.connection == connection;
        let Some(mut session) = place.and_then(|place| place.take_if(is_its)) else { return };
        self.say_goodbye(now, &mut session);
    }

    /// What follows from a session's end here.
    pub(super) fn say_goodbye(&mut self, now: Now, session: &mut MinerSession) {
        self.fold_submits(now, session);
        self.leave_space(session);
        self.deadlines.cancel(session.connection.slot);
        if !session.awaits_proxy_header() {
            self.addresses.remove(session.peer());
        }
        if session.is_proven() {
            self.remember_difficulty(now, session);
        }
        self.stats.connections -= 1;
        self.count(now, Counter::ConnectionClose);
        for worker in session.workers() {
            if !worker.is_announced {
                self.count(now, Counter::EventDropped);
                continue;
            }
            let event = Event {
                identity: worker.identity.clone(),
                peer: session.peer().to_string(),
                connected: false,
            };
            self.record_event(now, event);
        }
    }

    /// The ring dropped a miner that did not read.
    pub fn handle_slow_reader(&mut self, now: Now) {
        self.count(now, Counter::SlowReader);
    }

    /// Ends a connection by our own decision, and counts why.
    pub(super) fn end(&mut self, now: Now, session: &mut MinerSession, cause: EndCause) {
        self.count_end(now, session, cause);
        self.actions.push_back(Action::Close { connection: session.connection });
    }

    /// Ends a connection that was told nothing yet. It keeps its slot no longer than it must, so that
    /// those who are refused cannot take the slots of those who are not.
    pub(super) fn refuse_connection(
        &mut self,
        now: Now,
        session: &mut MinerSession,
        cause: EndCause,
    ) {
        self.count_end(now, session, cause);
        self.actions.push_back(Action::Refuse { connection: session.connection });
    }

    fn count_end(&mut self, now: Now, session: &mut MinerSession, cause: EndCause) {
        session.set(Mark::Closing);
        self.deadlines.cancel(session.connection.slot);
        self.stats.ended[cause.index()] += 1;
        self.count(now, cause.counter());
        let was_handshake = session.workers().next().is_none()
            && matches!(
                cause,
                EndCause::HandshakeExpired | EndCause::NotStratum | EndCause::LineTooLong
            );
        if was_handshake {
            self.watch(now, session, Deeds { handshakes_failed: 1, ..Deeds::default() });
        }
    }

    fn handle_line(
        &mut self,
        now: Now,
        session: &mut MinerSession,
        line: &[u8],
    ) -> Result<(), EndCause> {
        let request = Request::decode(line).map_err(|_| EndCause::NotStratum)?;
        if let Some(shard) = self.knows_session(session, &request.call) {
            self.judge_pending(Some(session));
            self.depart(session, shard, line);
            return Ok(());
        }
        self.handle_request(now, session, &request);
        if self.wants_cut() {
            self.judge_pending(Some(session));
            self.make_room(now);
        }
        Ok(())
    }
}
