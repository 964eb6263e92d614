//! Messages of the job feed as sealed datagrams, from one jobmaster to many shards: for speed. The same
//! messages come over the link for certainty, so that whatever is lost here is lost without harm.
//!
//! | bytes | field |
//! |---|---|
//! | 4 | `SLJ1` |
//! | 8 | name of the feed, little-endian: which key it is sealed with |
//! | 8 | counter, little-endian: no two datagrams of a feed have the same |
//! | 8 | sealed: number of the message, little-endian |
//! | 1 | sealed: number of this fragment, from 0 |
//! | 1 | sealed: number of fragments |
//! | .. | sealed: a part of the message |
//! | 16 | the seal |
//!
//! Sealed is with ChaCha20-Poly1305 (RFC 8439): the nonce is four bytes of zero and the counter, the
//! associated bytes are the clear ones. The jobmaster draws name and key at random at every start and tells
//! them over the link: a datagram of a former life is foreign to this one.

use std::collections::BTreeMap;
use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use sluice_units::limits::{DATAGRAM_BYTES_MAX, DATAGRAM_FRAGMENTS_MAX, DATAGRAM_MESSAGES_MAX};
use thiserror::Error;

#[cfg(test)]
mod tests;

const MARK: [u8; 4] = *b"SLJ1";
const CLEAR_BYTES: usize = 4 + 8 + 8;
const SEAL_BYTES: usize = 16;
const INNER_BYTES: usize = 8 + 1 + 1;
/// What of a message fits one datagram.
const PART_BYTES_MAX: usize = DATAGRAM_BYTES_MAX - CLEAR_BYTES - SEAL_BYTES - INNER_BYTES;
/// Counters that are told apart behind the highest one; older datagrams are refused.
const WINDOW: u64 = 1024;
const WINDOW_WORDS: usize = (WINDOW / 64) as usize;
/// Messages whose completion is remembered behind the highest one.
const COMPLETED_WINDOW: u64 = 64;

/// Which jobmaster's life a datagram is of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FeedName(pub u64);

/// What the datagrams of a feed are sealed with.
#[derive(Clone, PartialEq, Eq)]
pub struct DatagramKey(pub [u8; 32]);

impl fmt::Debug for DatagramKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DatagramKey(..)")
    }
}

/// Why a datagram is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum DatagramRefused {
    /// It is none of this feed.
    #[error("it is no datagram of this feed")]
    Foreign,
    /// Its seal does not hold.
    #[error("its seal does not hold")]
    Forged,
    /// It came before.
    #[error("it came before")]
    Replayed,
    /// It is too old to tell whether it came before, or its message did.
    #[error("it is too old")]
    Old,
    /// It is sealed as it should be, and makes no sense.
    #[error("what is sealed makes no sense")]
    Malformed,
}

/// The feed that a datagram says it is of.
pub fn feed_of(datagram: &[u8]) -> Option<FeedName> {
    let (mark, rest) = datagram.split_first_chunk::<4>()?;
    let (name, _) = rest.split_first_chunk::<8>()?;
    (*mark == MARK).then(|| FeedName(u64::from_le_bytes(*name)))
}

/// Seals the messages of one feed.
pub struct DatagramSealer {
    feed: FeedName,
    cipher: ChaCha20Poly1305,
    counter: u64,
}

impl DatagramSealer {
    /// One for each life of a jobmaster: the counter begins anew.
    pub fn new(feed: FeedName, key: &DatagramKey) -> Self {
        Self { feed, cipher: cipher(key), counter: 0 }
    }

    /// The datagrams of a message; `None` of one that is too long for them.
    pub fn seal(&mut self, number: u64, message: &[u8]) -> Option<Vec<Vec<u8>>> {
        let count = message.len().div_ceil(PART_BYTES_MAX).max(1);
        if count > DATAGRAM_FRAGMENTS_MAX {
            return None;
        }
        let parts = (0..count).map(|index| {
            let start = index * PART_BYTES_MAX;
            let part = &message[start..message.len().min(start + PART_BYTES_MAX)];
            let mut plain = Vec::with_capacity(INNER_BYTES + part.len());
            plain.extend(number.to_le_bytes());
            plain.extend([index as u8, count as u8]);
            plain.extend_from_slice(part);
            self.seal_one(&plain)
        });
        Some(parts.collect())
    }

    fn seal_one(&mut self, plain: &[u8]) -> Vec<u8> {
        self.counter += 1;
        let mut datagram = Vec::with_capacity(CLEAR_BYTES + plain.len() + SEAL_BYTES);
        datagram.extend(MARK);
        datagram.extend(self.feed.0.to_le_bytes());
        datagram.extend(self.counter.to_le_bytes());
        let payload = Payload { msg: plain, aad: &datagram };
        let sealed = self.cipher.encrypt(&nonce(self.counter), payload);
        datagram.extend(sealed.expect("a datagram is far shorter than a cipher can take"));
        assert!(datagram.len() <= DATAGRAM_BYTES_MAX, "a message is cut to fit");
        datagram
    }
}

/// Opens the datagrams of one feed, and puts its messages together.
pub struct DatagramOpener {
    feed: FeedName,
    cipher: ChaCha20Poly1305,
    seen: Window,
    unfinished: BTreeMap<u64, Unfinished>,
    completed: Completed,
}

impl DatagramOpener {
    /// For the feed of this name.
    pub fn new(feed: FeedName, key: &DatagramKey) -> Self {
        Self {
            feed,
            cipher: cipher(key),
            seen: Window::default(),
            unfinished: BTreeMap::new(),
            completed: Completed::default(),
        }
    }

    /// The feed's name.
    pub const fn feed(&self) -> FeedName {
        self.feed
    }

    /// Takes a datagram. Gives a message and its number once all its parts are there, and never again.
    pub fn open(&mut self, datagram: &[u8]) -> Result<Option<(u64, Vec<u8>)>, DatagramRefused> {
        if feed_of(datagram) != Some(self.feed) || datagram.len() < CLEAR_BYTES + SEAL_BYTES {
            return Err(DatagramRefused::Foreign);
        }
        let (clear, sealed) = datagram.split_at(CLEAR_BYTES);
        let counter = u64::from_le_bytes(clear[12..].try_into().expect("8 of 20 bytes"));
        self.seen.look(counter)?;
        let payload = Payload { msg: sealed, aad: clear };
        let plain = self.cipher.decrypt(&nonce(counter), payload);
        let plain = plain.map_err(|_| DatagramRefused::Forged)?;
        // Only what was sealed here moves the window.
        self.seen.mark(counter);
        self.take(&plain)
    }

    fn take(&mut self, plain: &[u8]) -> Result<Option<(u64, Vec<u8>)>, DatagramRefused> {
        let (number, rest) = plain.split_first_chunk::<8>().ok_or(DatagramRefused::Malformed)?;
        let number = u64::from_le_bytes(*number);
        let &[index, count, ref part @ ..] = rest else { return Err(DatagramRefused::Malformed) };
        let (index, count) = (usize::from(index), usize::from(count));
        if index >= count || count > DATAGRAM_FRAGMENTS_MAX {
            return Err(DatagramRefused::Malformed);
        }
        if self.completed.has(number) {
            return Err(DatagramRefused::Old);
        }
        let message = self.unfinished.entry(number).or_insert_with(|| Unfinished::new(count));
        if message.parts.len() != count {
            return Err(DatagramRefused::Malformed);
        }
        message.parts[index].get_or_insert_with(|| part.to_vec());
        let Some(bytes) = message.whole() else {
            if self.unfinished.len() > DATAGRAM_MESSAGES_MAX {
                self.unfinished.pop_first();
            }
            return Ok(None);
        };
        self.unfinished.remove(&number);
        self.completed.add(number);
        Ok(Some((number, bytes)))
    }
}

/// A message of which parts are missing.
struct Unfinished {
    parts: Vec<Option<Vec<u8>>>,
}

impl Unfinished {
    fn new(count: usize) -> Self {
        Self { parts: vec![None; count] }
    }

    fn whole(&self) -> Option<Vec<u8>> {
        let parts: Option<Vec<&[u8]>> = self.parts.iter().map(Option::as_deref).collect();
        parts.map(|parts| parts.concat())
    }
}

/// Which counters were seen: a bit for each of the latest (RFC 6479).
#[derive(Default)]
struct Window {
    highest: u64,
    bits: [u64; WINDOW_WORDS],
}

impl Window {
    fn look(&self, counter: u64) -> Result<(), DatagramRefused> {
        if counter > self.highest {
            return Ok(());
        }
        if self.highest - counter >= WINDOW {
            return Err(DatagramRefused::Old);
        }
        let (word, bit) = place(counter);
        if self.bits[word] & bit == 0 { Ok(()) } else { Err(DatagramRefused::Replayed) }
    }

    fn mark(&mut self, counter: u64) {
        if counter > self.highest {
            // What comes into the window was seen by nobody, and the places are another's from before.
            let new = (counter - self.highest).min(WINDOW);
            for skipped in counter - new + 1..=counter {
                let (word, bit) = place(skipped);
                self.bits[word] &= !bit;
            }
            self.highest = counter;
        }
        let (word, bit) = place(counter);
        self.bits[word] |= bit;
    }
}

const fn place(counter: u64) -> (usize, u64) {
    let index = counter % WINDOW;
    ((index / 64) as usize, 1 << (index % 64))
}

/// Which messages are complete: the highest, and a bit for each of those right below it.
#[derive(Default)]
struct Completed {
    highest: Option<u64>,
    /// Bit k: `highest - 1 - k`.
    below: u64,
}

impl Completed {
    fn has(&self, number: u64) -> bool {
        let Some(highest) = self.highest else { return false };
        match highest.checked_sub(number) {
            None => false,
            Some(0) => true,
            Some(behind) if behind <= COMPLETED_WINDOW => self.below & (1 << (behind - 1)) != 0,
            // Too old to matter: the link has brought it long ago.
            Some(_) => true,
        }
    }

    fn add(&mut self, number: u64) {
        match self.highest {
            Some(highest) if number < highest => self.below |= 1 << (highest - number - 1),
            Some(highest) => {
                let ahead = number - highest;
                let moved = if ahead < COMPLETED_WINDOW { self.below << ahead } else { 0 };
                self.below = if ahead <= COMPLETED_WINDOW { moved | 1 << (ahead - 1) } else { 0 };
                self.highest = Some(number);
            }
            None => self.highest = Some(number),
        }
    }
}

fn cipher(key: &DatagramKey) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(Key::from_slice(&key.0))
}

fn nonce(counter: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&counter.to_le_bytes());
    bytes.into()
}
