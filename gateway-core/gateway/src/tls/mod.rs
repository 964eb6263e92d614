//! TLS in front of stratum: what a miner says inside it reaches the shard as if it were said in the clear.
//!
//! Which connections speak it the shard tells, from their first byte. Here are the sessions of one shard;
//! `certificates` holds what they show to miners.

pub(crate) mod certificates;

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};
use sluice_units::ConnectionId;
use thiserror::Error;

/// The TLS sessions of one shard.
pub(crate) struct TlsFront {
    /// `None` where no certificate is configured.
    config: Option<Arc<ServerConfig>>,
    /// By slot; empty until somebody speaks TLS.
    sessions: Vec<Option<Box<ServerConnection>>>,
    /// Those with something to send that was not asked for: handshakes and alerts.
    restless: Vec<ConnectionId>,
    /// What was deciphered last, or is to be sent; its memory is kept.
    buffer: Vec<u8>,
}

/// What came cannot be deciphered; an alert that says so waits to be sent.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct Undecipherable(rustls::Error);

impl TlsFront {
    pub(crate) const fn new(config: Option<Arc<ServerConfig>>) -> Self {
        Self { config, sessions: Vec::new(), restless: Vec::new(), buffer: Vec::new() }
    }

    /// Whether a connection speaks TLS.
    pub(crate) fn has(&self, connection: ConnectionId) -> bool {
        self.sessions.get(connection.slot as usize).is_some_and(Option::is_some)
    }

    /// Begins the session of a connection that speaks TLS from now on.
    ///
    /// # Panics
    ///
    /// Where no certificate is configured: the shard is told so.
    pub(crate) fn begin(&mut self, connection: ConnectionId) {
        let config = self.config.as_ref().expect("ports speak TLS only with a certificate");
        let session = ServerConnection::new(Arc::clone(config));
        let mut session = session.expect("the configuration was checked at the start");
        // What is said leaves the session at once; the ring's queue has its bounds.
        session.set_buffer_limit(None);
        let slot = connection.slot as usize;
        if slot >= self.sessions.len() {
            self.sessions.resize_with(slot + 1, || None);
        }
        self.sessions[slot] = Some(Box::new(session));
    }

    /// Hands bytes of the peer in, and what they say to `words`.
    pub(crate) fn receive(
        &mut self,
        connection: ConnectionId,
        mut bytes: &[u8],
        mut words: impl FnMut(&[u8]),
    ) -> Result<(), Undecipherable> {
        let session = self.sessions.get_mut(connection.slot as usize).and_then(Option::as_mut);
        let Some(session) = session else { return Ok(()) };
        while !bytes.is_empty() {
            let taken = session
                .read_tls(&mut bytes)
                .map_err(|error| Undecipherable(rustls::Error::General(error.to_string())))?;
            let state = session.process_new_packets().map_err(|error| {
                self.restless.push(connection);
                Undecipherable(error)
            })?;
            let length = state.plaintext_bytes_to_read();
            if length > 0 {
                self.buffer.resize(length, 0);
                let read = session.reader().read_exact(&mut self.buffer);
                read.expect("so many bytes were said to be there");
                words(&self.buffer);
            }
            if state.peer_has_closed() || taken == 0 {
                // Nothing that follows belongs to the conversation.
                break;
            }
        }
        if session.wants_write() {
            self.restless.push(connection);
        }
        Ok(())
    }

    /// The ciphertext of what is to be said, with all that waits before it.
    pub(crate) fn encipher(&mut self, connection: ConnectionId, plain: &[u8]) -> &[u8] {
        self.buffer.clear();
        if let Some(session) = self.sessions[connection.slot as usize].as_mut() {
            session.writer().write_all(plain).expect("the session has no bound of its own");
            drain(session, &mut self.buffer);
        }
        &self.buffer
    }

    /// The last words of a session.
    pub(crate) fn farewell(&mut self, connection: ConnectionId) -> &[u8] {
        self.buffer.clear();
        if let Some(session) = self.sessions[connection.slot as usize].as_mut() {
            session.send_close_notify();
            drain(session, &mut self.buffer);
        }
        &self.buffer
    }

    /// The next connection that has something to say by itself, and what that is.
    pub(crate) fn poll_restless(&mut self) -> Option<(ConnectionId, &[u8])> {
        let connection = self.restless.pop()?;
        self.buffer.clear();
        if let Some(session) = self.sessions[connection.slot as usize].as_mut() {
            drain(session, &mut self.buffer);
        }
        Some((connection, &self.buffer))
    }

    /// The connection is gone.
    pub(crate) fn end(&mut self, connection: ConnectionId) {
        if let Some(place) = self.sessions.get_mut(connection.slot as usize)
            && place.take().is_some()
        {
            self.restless.retain(|other| *other != connection);
        }
    }
}

fn drain(session: &mut ServerConnection, out: &mut Vec<u8>) {
    while session.wants_write() {
        match session.write_tls(out) {
            Ok(_) => {}
            Err(error) => {
                unreachable!("a vector takes every byte: {:?}", error.kind())
            }
        }
    }
}
