//! A shard's journal: every share's effect, on its way into a batch, as the next start finds it. The share log is of
//! the same form, but its files are of any length, written once, and say when shares came.
//!
//! A journal is two files of a fixed length, each of which is written from its beginning, in turns. What
//! is written at one time is a frame:
//!
//! | bytes | field |
//! |---|---|
//! | 4 | length of the records |
//! | 4 | CRC-32 (IEEE 802.3) over epoch, turn and the frame's offset (8 bytes each), and the records |
//! | | the records, one behind the other |
//!
//! A file holds behind its last frame what an earlier turn has left there. No frame of an earlier turn,
//! nor one that stands elsewhere, has the right CRC; nor has one that was torn. A frame of the same turn behind one
//! that cannot be read shows that the file was damaged: what is torn by a kill is the last.
//!
//! | record | first byte | fields |
//! |---|---|---|
//! | begin | 1 | version 2, source 4, epoch 8, turn 8, coin and host as texts, next sequence 8 |
//! | row | 2 | minute 8, user and worker as texts |
//! | bits | 3 | compact target 4 |
//! | accepted | 4 | row 4, expected hashes 8, best share 8 |
//! | refused | 5 | row 4, reason 1 |
//! | cut | 6 | sequence 8, safe 8 |
//! | time | 7 | seconds since 1970, 8; of the shares that follow. Share log alone |
//!
//! The first frame of a file begins with `begin`. Rows count from 0 after each cut, and are named before
//! shares are of them. The bits are those of all accepted shares that follow, up to the next ones. A cut
//! ends the batch of its number, and those before it if there are more rows than a batch takes
//! ([`Batch::split`](crate::share_feed::Batch::split)); the next one's number is higher by one. Batches up to the safe one
//! are on disk elsewhere, or further on: a start has no use for them. The share log knows of none.

use sluice_units::limits::NAME_BYTES_MAX;
use sluice_units::{
    BestShare, CompactTarget, Identity, Minute, Name, RejectReason, ShareDifficulty, SourceId,
    UnixTime,
};

use crate::codec::{DecodeError, Reader, Writer};

/// Version of this format; a journal of another one is left to the release that wrote it.
pub const JOURNAL_VERSION: u16 = 2;
/// Bytes of a frame before its records.
pub const FRAME_HEAD_BYTES: usize = 8;
/// Bytes that one share's records take at most: a row, the bits, and the share.
pub const SHARE_RECORDS_BYTES_MAX: usize = 1 + 8 + 2 * (4 + NAME_BYTES_MAX) + 5 + 21;

/// How often the search for a frame behind a damaged one reads the rest of a file at most.
const SEARCH_READS_MAX: usize = 16;

const BEGIN: u8 = 1;
const ROW: u8 = 2;
const BITS: u8 = 3;
const ACCEPTED: u8 = 4;
const REFUSED: u8 = 5;
const CUT: u8 = 6;
const TIME: u8 = 7;

/// What a file says first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begin {
    /// Whose shares follow.
    pub source: SourceId,
    /// Start of the source.
    pub epoch: u64,
    /// Which turn of writing a file anew this is, counted over both files.
    pub turn: u64,
    /// Key prefix in the store.
    pub coin: Name,
    /// The host that per-host counters are kept under.
    pub host: Name,
    /// The batch that the first shares belong to.
    pub next_sequence: u64,
}

/// One thing that a journal says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// A file begins.
    Begin(Begin),
    /// The next row, of this worker's shares in this minute.
    Row(Minute, Identity),
    /// The network's target for the shares that follow.
    Bits(CompactTarget),
    /// An accepted share.
    Accepted {
        /// Whose.
        row: u32,
        /// What it is credited as.
        difficulty: ShareDifficulty,
        /// How good its hash is.
        best: BestShare,
    },
    /// A refused share.
    Refused {
        /// Whose.
        row: u32,
        /// Why.
        reason: RejectReason,
    },
    /// All shares since the cut before are a batch, or several.
    Cut {
        /// Number of the batch, or of the last of several.
        sequence: u64,
        /// Batches up to this one are safe elsewhere.
        safe: u64,
    },
    /// When the shares that follow came.
    Time(UnixTime),
}

/// Appends one record to a frame.
pub fn write_record(frame: &mut Vec<u8>, record: &Record) {
    match record {
        Record::Begin(begin) => {
            let mut writer = Writer::tagged(BEGIN);
            writer.u16(JOURNAL_VERSION).source(begin.source).u64(begin.epoch).u64(begin.turn);
            writer.name(&begin.coin).name(&begin.host).u64(begin.next_sequence);
            frame.extend_from_slice(&writer.into_bytes());
        }
        Record::Row(minute, worker) => write_row(frame, *minute, worker),
        Record::Bits(bits) => {
            frame.push(BITS);
            frame.extend_from_slice(&bits.to_bits().to_le_bytes());
        }
        Record::Accepted { row, difficulty, best } => {
            frame.push(ACCEPTED);
            frame.extend_from_slice(&row.to_le_bytes());
            frame.extend_from_slice(&hashes_of(*difficulty).to_le_bytes());
            frame.extend_from_slice(&best.to_bits().to_le_bytes());
        }
        Record::Refused { row, reason } => {
            frame.push(REFUSED);
            frame.extend_from_slice(&row.to_le_bytes());
            frame.push(*reason as u8);
        }
        Record::Cut { sequence, safe } => {
            frame.push(CUT);
            frame.extend_from_slice(&sequence.to_le_bytes());
            frame.extend_from_slice(&safe.to_le_bytes());
        }
        Record::Time(at) => {
            frame.push(TIME);
            frame.extend_from_slice(&at.to_seconds().to_le_bytes());
        }
    }
}

/// Appends [`Record::Row`] without a name of its own.
pub fn write_row(frame: &mut Vec<u8>, minute: Minute, worker: &Identity) {
    frame.push(ROW);
    frame.extend_from_slice(&minute.to_seconds().to_le_bytes());
    for name in [worker.user(), worker.worker()] {
        let length = u32::try_from(name.len()).expect("names are bounded");
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(name.as_bytes());
    }
}

/// Opens a frame at the end of the bytes.
pub fn open_frame(bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&[0; FRAME_HEAD_BYTES]);
}

/// Fills in the head of a frame, of which these are all bytes, at its offset in the file.
pub fn seal_frame(frame: &mut [u8], epoch: u64, turn: u64, offset: u64) {
    let (head, records) = frame.split_at_mut(FRAME_HEAD_BYTES);
    let length = u32::try_from(records.len()).expect("a file is smaller than 4 GiB");
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..].copy_from_slice(&checksum(epoch, turn, offset, records).to_le_bytes());
}

/// The frames that a file begins with, up to the first that is none: what its last turn has written.
///
/// `None` where not even the first one is whole; [`is_unwritten`] tells whether there ever was one.
pub fn read_frames<B: AsRef<[u8]>>(file: B) -> Option<(Begin, Records<B>)> {
    let (first, _) = cut_frame(file.as_ref(), 0)?;
    let Ok(Some(Record::Begin(begin))) = read_record(&mut Reader::new(first)) else { return None };
    let Begin { epoch, turn, .. } = begin;
    let mut records = Records { file, position: 0, end: 0, epoch, turn, is_odd: false };
    records.next_frame()?;
    Some((begin, records))
}

/// Whether nothing was ever written to a file of a journal.
pub fn is_unwritten(file: &[u8]) -> bool {
    zeros(file) == file.len()
}

/// How many bytes at the beginning are zero.
fn zeros(bytes: &[u8]) -> usize {
    const NOTHING: [u8; 4096] = [0; 4096];
    let (pieces, _) = bytes.as_chunks::<{ NOTHING.len() }>();
    let whole = pieces.iter().take_while(|piece| **piece == NOTHING).count() * NOTHING.len();
    whole + bytes[whole..].iter().take_while(|byte| **byte == 0).count()
}

/// The records of a file, read one by one.
#[derive(Debug)]
pub struct Records<B> {
    file: B,
    /// Of the next record.
    position: usize,
    /// Of the frame that is read.
    end: usize,
    epoch: u64,
    turn: u64,
    /// A frame whose checksum is right holds what this release cannot read. Nothing behind it can be told: of rows, for
    /// one, the number would be another.
    is_odd: bool,
}

impl<B: AsRef<[u8]>> Records<B> {
    /// Whether the reading ended before its end, at something that this release does not write.
    pub const fn is_odd(&self) -> bool {
        self.is_odd
    }

    /// Goes on to the next frame; `None` where there is none, or one that is not of this turn.
    fn next_frame(&mut self) -> Option<()> {
        let (frame, found) = cut_frame(self.file.as_ref(), self.end)?;
        if found != checksum(self.epoch, self.turn, self.end as u64, frame) {
            return None;
        }
        self.position = self.end + FRAME_HEAD_BYTES;
        self.end = self.position + frame.len();
        Some(())
    }

    /// Whether a frame of this turn stands somewhere behind those that can be read: some before it are damaged.
    ///
    /// Looked for at every byte, since a damaged length hides where the next frame is. Only what reads as records to its
    /// end is worth a checksum. What a turn before has left may read so from many places: the search is given up once it
    /// has read [`SEARCH_READS_MAX`] times what there is.
    pub fn has_frame_beyond(&self) -> bool {
        let file = self.file.as_ref();
        let (mut offset, mut bytes_left) = (self.end + 1, SEARCH_READS_MAX * file.len());
        while let Some(rest) = file.get(offset..).filter(|_| bytes_left > 0) {
            let Some((head, [record, ..])) = rest.split_first_chunk::<FRAME_HEAD_BYTES>() else {
                return false;
            };
            let [length @ .., _, _, _, _] = *head;
            if length == [0; 4] {
                // A length is not zero: where zeros are, a frame begins with the last three of them at the earliest.
                offset += zeros(rest) - 3;
                continue;
            }
            if (BEGIN..=TIME).contains(record)
                && let Some((records, found)) = cut_frame(file, offset)
            {
                let (is_whole, bytes_read) = read_through(records);
                bytes_left = bytes_left.saturating_sub(bytes_read);
                if is_whole && found == checksum(self.epoch, self.turn, offset as u64, records) {
                    return true;
                }
            }
            offset += 1;
        }
        false
    }

    /// Bytes of the file up to here that hold whole frames, and nothing odd.
    pub const fn bytes_read(&self) -> usize {
        if self.is_odd { self.position } else { self.end }
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> usize {
        self.file.as_ref().len()
    }
}

impl<B: AsRef<[u8]>> Iterator for Records<B> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while !self.is_odd {
            let mut reader = Reader::new(&self.file.as_ref()[self.position..self.end]);
            match read_record(&mut reader) {
                Ok(Some(record)) => {
                    self.position = self.end - reader.left();
                    return Some(record);
                }
                Ok(None) => self.next_frame()?,
                Err(_) => self.is_odd = true,
            }
        }
        None
    }
}

/// Whether these are records to the end, and how many bytes told.
fn read_through(records: &[u8]) -> (bool, usize) {
    let mut reader = Reader::new(records);
    loop {
        match read_record(&mut reader) {
            Ok(Some(_)) => {}
            ended => return (ended.is_ok(), records.len() - reader.left()),
        }
    }
}

/// The records of the frame at an offset, and the checksum that stands there.
fn cut_frame(file: &[u8], offset: usize) -> Option<(&[u8], u32)> {
    let mut reader = Reader::new(file.get(offset..)?);
    let length = reader.u32().ok()? as usize;
    let checksum = reader.u32().ok()?;
    let records = reader.bytes(length).ok()?;
    (length > 0).then_some((records, checksum))
}

/// The next record; `None` at the end of the frame.
fn read_record(reader: &mut Reader<'_>) -> Result<Option<Record>, DecodeError> {
    if reader.is_at_end() {
        return Ok(None);
    }
    let record = match reader.u8()? {
        BEGIN => {
            if reader.u16()? != JOURNAL_VERSION {
                return Err(DecodeError::Invalid("version"));
            }
            Record::Begin(Begin {
                source: reader.source()?,
                epoch: reader.u64()?,
                turn: reader.u64()?,
                coin: reader.name("coin")?,
                host: reader.name("host")?,
                next_sequence: reader.u64()?,
            })
        }
        ROW => Record::Row(reader.minute()?, reader.identity()?),
        BITS => Record::Bits(CompactTarget::from_bits(reader.u32()?)),
        ACCEPTED => Record::Accepted {
            row: reader.u32()?,
            difficulty: ShareDifficulty::from_hashes(reader.u64()?),
            best: BestShare::from_bits(reader.u64()?).ok_or(DecodeError::Invalid("best"))?,
        },
        REFUSED => {
            let row = reader.u32()?;
            let reason = RejectReason::ALL.get(usize::from(reader.u8()?)).copied();
            Record::Refused { row, reason: reason.ok_or(DecodeError::Invalid("reason"))? }
        }
        CUT => Record::Cut { sequence: reader.u64()?, safe: reader.u64()? },
        TIME => Record::Time(UnixTime::from_seconds(reader.u64()?)),
        _ => return Err(DecodeError::Invalid("record")),
    };
    Ok(Some(record))
}

fn checksum(epoch: u64, turn: u64, offset: u64, records: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for number in [epoch, turn, offset] {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(records);
    hasher.finalize()
}

fn hashes_of(difficulty: ShareDifficulty) -> u64 {
    u64::try_from(difficulty.work().to_hashes()).expect("a difficulty is of 64 bits")
}

#[cfg(test)]
mod tests;
