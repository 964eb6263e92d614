//! Gateway, relays and metawriter: numbered batches of tallies up, acknowledgements down.
//!
//! A batch is named by its source, epoch and sequence; relays pass it on unchanged, and a store that
//! has applied it acknowledges it. A store remembers which numbers of a source it has, as ranges: what
//! is among them is acknowledged and dropped, so a batch may come as often as links fail, in any order.
//!
//! A relay must not send to itself: it would find each batch on its disk, acknowledge it, and forget it. So a hello names
//! the instance that sends, and a relay refuses its own.

use sluice_units::limits::{BATCH_ENTRIES_MAX, LINK_MESSAGE_BYTES_MAX, LINK_TEXT_BYTES_MAX};
use sluice_units::{
    BestShare, Counter, Goal, Hash256, Identity, Minute, Name, SourceId, Tally, Work,
};

use crate::codec::{DecodeError, Reader, Writer, cut};

/// Version of this format; both ends must have the same.
pub const SHARE_FEED_VERSION: u16 = 3;

/// What one shard counted since its last batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// Where it comes from.
    pub source: SourceId,
    /// Start of the source; rises with every restart.
    pub epoch: u64,
    /// Counts the batches of one epoch, from 1.
    pub sequence: u64,
    /// Key prefix in the store, such as `btc`.
    pub coin: Name,
    /// The host that per-host counters are kept under.
    pub host: Name,
    /// Shares per minute and worker.
    pub tallies: Vec<(Minute, Identity, Tally)>,
    /// Pool counters per minute.
    pub counters: Vec<(Minute, Counter, u64)>,
    /// Miners that came or went.
    pub events: Vec<Event>,
    /// Blocks that a node keeps.
    pub blocks: Vec<BlockRecord>,
}

/// A worker came or went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Who.
    pub identity: Identity,
    /// The address it mines from, without the port.
    pub peer: String,
    /// Came, or went.
    pub connected: bool,
}

/// A block that a node keeps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlockRecord {
    /// Who found it.
    pub finder: Identity,
    /// Its hash.
    pub hash: Hash256,
    /// The minute in which the node's verdict came.
    pub minute: Minute,
}

/// What a gateway or a relay sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToWriter {
    /// Who it is; the first message.
    Hello {
        /// [`SHARE_FEED_VERSION`] of the sender.
        version: u16,
        /// The start of the role that sends, drawn at random; zero: it has none. A relay that gets its own has reached
        /// itself.
        instance: u64,
        /// What the sender is called in the other end's log.
        name: String,
    },
    /// Sent again until acknowledged.
    Batch(Batch),
}

/// What a metawriter or a relay answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromWriter {
    /// The sender may stay.
    Welcome,
    /// The sender may not stay, and why; the link ends.
    Refused(String),
    /// The batch is in the store for good, or on the disk of a relay that will bring it there. Answers come in any
    /// order.
    Acknowledged {
        /// The batch's source.
        source: SourceId,
        /// The batch's epoch.
        epoch: u64,
        /// The batch's sequence.
        sequence: u64,
    },
}

impl Batch {
    /// One that says nothing.
    pub const fn empty(
        source: SourceId,
        epoch: u64,
        sequence: u64,
        coin: Name,
        host: Name,
    ) -> Self {
        Self {
            source,
            epoch,
            sequence,
            coin,
            host,
            tallies: Vec::new(),
            counters: Vec::new(),
            events: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// Whether it says anything.
    pub fn is_empty(&self) -> bool {
        self.tallies.is_empty()
            && self.counters.is_empty()
            && self.events.is_empty()
            && self.blocks.is_empty()
    }

    /// The same as one or more batches that hold no more than a batch may, numbered from this one's number on.
    ///
    /// A batch that is split anew is split in the same way.
    pub fn split(mut self) -> Vec<Self> {
        let mut batches = Vec::new();
        let mut rest = self.tallies.split_off(self.tallies.len().min(BATCH_ENTRIES_MAX));
        let (coin, host) = (self.coin.clone(), self.host.clone());
        let mut next = Self::empty(self.source, self.epoch, self.sequence, coin, host);
        batches.push(self);
        while !rest.is_empty() {
            next.sequence += 1;
            let left = rest.split_off(rest.len().min(BATCH_ENTRIES_MAX));
            batches.push(Self { tallies: rest, ..next.clone() });
            rest = left;
        }
        batches
    }

    fn write(&self, writer: &mut Writer) {
        writer.source(self.source).u64(self.epoch).u64(self.sequence);
        writer.text(self.coin.as_str()).text(self.host.as_str());
        write_list(writer, "tallies", &self.tallies, |writer, (minute, identity, tally)| {
            writer.minute(*minute).identity(identity);
            write_tally(writer, tally);
        });
        write_list(writer, "counters", &self.counters, |writer, (minute, counter, count)| {
            writer.minute(*minute).u8(*counter as u8).u64(*count);
        });
        write_list(writer, "events", &self.events, |writer, event| {
            let peer = cut(&event.peer, LINK_TEXT_BYTES_MAX);
            writer.identity(&event.identity).text(peer).u8(event.connected.into());
        });
        write_list(writer, "blocks", &self.blocks, |writer, block| {
            writer.identity(&block.finder).hash(&block.hash).minute(block.minute);
        });
        let bytes = writer.written();
        assert!(bytes <= LINK_MESSAGE_BYTES_MAX, "a batch of {bytes} bytes fits no link");
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            source: reader.source()?,
            epoch: reader.u64()?,
            sequence: reader.u64()?,
            coin: reader.name("coin")?,
            host: reader.name("host")?,
            tallies: list(reader, "tallies", |reader| {
                Ok((reader.minute()?, reader.identity()?, read_tally(reader)?))
            })?,
            counters: list(reader, "counters", |reader| {
                let minute = reader.minute()?;
                let counter = Counter::ALL.get(usize::from(reader.u8()?)).copied();
                Ok((minute, counter.ok_or(DecodeError::Invalid("counter"))?, reader.u64()?))
            })?,
            events: list(reader, "events", |reader| {
                Ok(Event {
                    identity: reader.identity()?,
                    peer: reader.text("peer", LINK_TEXT_BYTES_MAX)?.to_owned(),
                    connected: match reader.u8()? {
                        0 => false,
                        1 => true,
                        _ => return Err(DecodeError::Invalid("connected")),
                    },
                })
            })?,
            blocks: list(reader, "blocks", |reader| {
                Ok(BlockRecord {
                    finder: reader.identity()?,
                    hash: reader.hash()?,
                    minute: reader.minute()?,
                })
            })?,
        })
    }

    /// The batch alone, as a spool keeps it.
    ///
    /// # Panics
    ///
    /// Where it holds more than a batch may: nobody could read it, and its shares would be lost once it is on disk.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// Reads what [`Batch::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let batch = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(batch)
    }
}

impl ToWriter {
    /// The message's bytes.
    ///
    /// # Panics
    ///
    /// As [`Batch::encode`] does.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer;
        match self {
            Self::Hello { version, instance, name } => {
                writer = Writer::tagged(1);
                writer.u16(*version).u64(*instance).text(cut(name, LINK_TEXT_BYTES_MAX));
            }
            Self::Batch(batch) => {
                writer = Writer::tagged(2);
                batch.write(&mut writer);
            }
        }
        writer.into_bytes()
    }

    /// Reads a whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            1 => {
                let version = reader.u16()?;
                if version != SHARE_FEED_VERSION {
                    // What else another version says is not known here.
                    return Ok(Self::Hello { version, instance: 0, name: String::new() });
                }
                let instance = reader.u64()?;
                let name = reader.text("name", LINK_TEXT_BYTES_MAX)?.to_owned();
                Self::Hello { version, instance, name }
            }
            2 => Self::Batch(Batch::read(&mut reader)?),
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

impl FromWriter {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer;
        match self {
            Self::Welcome => writer = Writer::tagged(1),
            Self::Refused(cause) => {
                writer = Writer::tagged(2);
                writer.text(cut(cause, LINK_TEXT_BYTES_MAX));
            }
            Self::Acknowledged { source, epoch, sequence } => {
                writer = Writer::tagged(3);
                writer.source(*source).u64(*epoch).u64(*sequence);
            }
        }
        writer.into_bytes()
    }

    /// Reads a whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = match reader.u8()? {
            1 => Self::Welcome,
            2 => Self::Refused(reader.text("cause", LINK_TEXT_BYTES_MAX)?.to_owned()),
            3 => Self::Acknowledged {
                source: reader.source()?,
                epoch: reader.u64()?,
                sequence: reader.u64()?,
            },
            _ => return Err(DecodeError::Invalid("tag")),
        };
        reader.finish()?;
        Ok(message)
    }
}

fn write_tally(writer: &mut Writer, tally: &Tally) {
    writer.u64(tally.accepted).u128(tally.work.to_hashes()).u128(tally.goal.to_steps());
    writer.u64(tally.best.to_bits());
    // Most tallies hold no refusal: only the reasons that occurred are written.
    let occurred = || tally.rejected.iter().enumerate().filter(|(_, count)| **count > 0);
    writer.u8(occurred().count() as u8);
    for (reason, count) in occurred() {
        writer.u8(reason as u8).u64(*count);
    }
}

fn read_tally(reader: &mut Reader<'_>) -> Result<Tally, DecodeError> {
    let mut tally = Tally {
        accepted: reader.u64()?,
        work: Work::from_hashes(reader.u128()?),
        goal: Goal::from_steps(reader.u128()?),
        best: BestShare::from_bits(reader.u64()?).ok_or(DecodeError::Invalid("best"))?,
        ..Tally::default()
    };
    for _ in 0..reader.u8()? {
        let reason = usize::from(reader.u8()?);
        let count = tally.rejected.get_mut(reason).ok_or(DecodeError::Invalid("reason"))?;
        *count = reader.u64()?;
    }
    Ok(tally)
}

/// Writes what [`list`] reads.
fn write_list<T>(
    writer: &mut Writer,
    field: &'static str,
    entries: &[T],
    entry: impl Fn(&mut Writer, &T),
) {
    let count = entries.len();
    assert!(count <= BATCH_ENTRIES_MAX, "{count} {field} are more than a batch may hold");
    writer.length(count);
    entries.iter().for_each(|it| entry(writer, it));
}

fn list<'a, T>(
    reader: &mut Reader<'a>,
    field: &'static str,
    mut entry: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let count = reader.length(field, BATCH_ENTRIES_MAX)?;
    // Grown entry by entry: a length alone must not make us reserve memory.
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(entry(reader)?);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sluice_units::RejectReason;
    use sluice_units::limits::NAME_BYTES_MAX;

    use super::*;

    fn batch() -> Batch {
        let identity: Identity = "alice.rig1".parse().unwrap();
        let minute = Minute::from_seconds(1_700_000_040).unwrap();
        let mut tally = Tally {
            accepted: 3,
            work: Work::from_hashes(1 << 70),
            goal: Goal::from_f64(0.25),
            best: BestShare::of_hash(&Hash256::from_bytes([1; 32])),
            ..Tally::default()
        };
        tally.rejected[RejectReason::Duplicate.index()] = 2;
        Batch {
            source: SourceId { gateway_id: 7, shard: 1 },
            epoch: 1_700_000_000,
            sequence: 9,
            coin: "btc".parse().unwrap(),
            host: "gw-1".parse().unwrap(),
            tallies: vec![(minute, identity.clone(), tally)],
            counters: vec![(minute, Counter::JobClean, 1)],
            events: vec![Event {
                identity: identity.clone(),
                peer: "127.0.0.1".into(),
                connected: true,
            }],
            blocks: vec![BlockRecord {
                finder: identity,
                hash: Hash256::from_bytes([3; 32]),
                minute,
            }],
        }
    }

    #[test]
    fn every_message_goes_both_ways() {
        for message in [
            ToWriter::Hello {
                version: SHARE_FEED_VERSION,
                instance: u64::MAX - 1,
                name: "gateway 2".into(),
            },
            ToWriter::Batch(batch()),
        ] {
            assert_eq!(ToWriter::decode(&message.encode()), Ok(message));
        }
        for message in [
            FromWriter::Welcome,
            FromWriter::Refused("no".into()),
            FromWriter::Acknowledged { source: batch().source, epoch: 1, sequence: 2 },
        ] {
            assert_eq!(FromWriter::decode(&message.encode()), Ok(message));
        }
        assert_eq!(Batch::decode(&batch().encode()), Ok(batch()));
    }

    /// Each list at its bound, and the longest of everything.
    fn largest() -> Batch {
        let name = "x".repeat(NAME_BYTES_MAX);
        let identity: Identity = format!("{name}.{name}").parse().unwrap();
        let Batch { tallies, counters, events, blocks, .. } = batch();
        let tally = Tally { rejected: [u64::MAX; RejectReason::COUNT], ..tallies[0].2 };
        let event = Event {
            identity: identity.clone(),
            peer: "y".repeat(LINK_TEXT_BYTES_MAX),
            ..events[0]
        };
        let block = BlockRecord { finder: identity.clone(), ..blocks[0] };
        Batch {
            tallies: vec![(tallies[0].0, identity, tally); BATCH_ENTRIES_MAX],
            counters: vec![counters[0]; BATCH_ENTRIES_MAX],
            events: vec![event; BATCH_ENTRIES_MAX],
            blocks: vec![block; BATCH_ENTRIES_MAX],
            ..batch()
        }
    }

    #[test]
    fn the_largest_batch_can_be_read_and_sent() {
        let largest = largest();
        assert_eq!(Batch::decode(&largest.encode()).as_ref(), Ok(&largest));
        assert!(ToWriter::Batch(largest).encode().len() <= LINK_MESSAGE_BYTES_MAX);
    }

    #[test]
    fn a_batch_that_nobody_could_read_is_never_written() {
        let beyond = |grow: fn(&mut Batch)| {
            let mut batch = largest();
            grow(&mut batch);
            std::panic::catch_unwind(|| batch.encode()).is_err()
        };
        assert!(beyond(|batch| batch.tallies.push(batch.tallies[0].clone())));
        assert!(beyond(|batch| batch.counters.push(batch.counters[0])));
        assert!(beyond(|batch| batch.events.push(batch.events[0].clone())));
        assert!(beyond(|batch| batch.blocks.push(batch.blocks[0].clone())));
        assert!(!beyond(|batch| batch.events[0].peer.push('y')), "a text is cut");
    }

    #[test]
    fn tells_another_version_whatever_it_says_besides() {
        let hello = ToWriter::Hello { version: 1, instance: 0, name: String::new() };
        assert_eq!(ToWriter::decode(&[1, 1, 0, 7, 0]), Ok(hello));
    }

    #[test]
    fn refuses_every_truncation() {
        let whole = batch().encode();
        for end in 0..whole.len() {
            assert!(Batch::decode(&whole[..end]).is_err(), "{end} bytes");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = ToWriter::decode(&bytes);
            let _ = FromWriter::decode(&bytes);
            let _ = Batch::decode(&bytes);
        }
    }
}
