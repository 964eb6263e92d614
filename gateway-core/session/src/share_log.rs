//! The share log: every share of a shard by itself, for audits and for paying by the last shares (PPLNS).
//!
//! It is written as the journal is, into segments, each of which can be read alone. The format is
//! [`sluice_wire::journal`], with the time of the shares.

use sluice_accounting::{AcceptedShare, Row};
use sluice_units::{
    BestShare, CompactTarget, Identity, Minute, Name, RejectReason, ShareDifficulty, SourceId,
    UnixTime,
};
use sluice_wire::journal::{Begin, Record, Records, read_frames, write_record, write_row};

use crate::journal::JournalWrite;
use crate::journal::frames::Frames;

/// A segment ends after this time at the latest.
const SEGMENT_S_MAX: u64 = 3600;

/// What one shard logs.
#[derive(Debug)]
pub(crate) struct ShareLog {
    /// Its turn is the number of the segment.
    begin: Begin,
    segment_bytes: u64,
    used: u64,
    bits: Option<CompactTarget>,
    /// When the segment began, and what time it was told last.
    since: UnixTime,
    told: Option<UnixTime>,
    frames: Frames,
    /// Shares that wait to be written.
    waiting: u64,
    /// A write has failed: nothing is logged until the next cut begins a new segment.
    fails: bool,
    /// Shares that were not logged.
    lost: u64,
}

impl ShareLog {
    pub(crate) fn new(
        now: UnixTime,
        source: SourceId,
        epoch: u64,
        [coin, host]: [&Name; 2],
        segment_bytes: u64,
    ) -> Self {
        let (coin, host) = (coin.clone(), host.clone());
        let begin = Begin { source, epoch, turn: 0, coin, host, next_sequence: 1 };
        let mut log = Self {
            begin,
            segment_bytes,
            used: 0,
            bits: None,
            since: now,
            told: None,
            frames: Frames::default(),
            waiting: 0,
            fails: false,
            lost: 0,
        };
        log.begin_segment(now, 1);
        log
    }

    pub(crate) fn accept(
        &mut self,
        now: UnixTime,
        row: Row,
        of: (Minute, &Identity),
        share: &AcceptedShare,
    ) {
        if !self.takes(now, row, of) {
            return;
        }
        if self.bits != Some(share.nbits) {
            self.bits = Some(share.nbits);
            self.write(&Record::Bits(share.nbits));
        }
        let AcceptedShare { difficulty, best, .. } = *share;
        self.write(&Record::Accepted { row: row.number, difficulty, best });
    }

    pub(crate) fn refuse(
        &mut self,
        now: UnixTime,
        row: Row,
        of: (Minute, &Identity),
        reason: RejectReason,
    ) {
        if self.takes(now, row, of) {
            self.write(&Record::Refused { row: row.number, reason });
        }
    }

    /// Whether a share is logged; its time and its worker are then.
    fn takes(&mut self, now: UnixTime, row: Row, (minute, worker): (Minute, &Identity)) -> bool {
        if self.fails {
            self.lost += 1;
            return false;
        }
        self.waiting += 1;
        if self.told != Some(now) {
            self.told = Some(now);
            self.write(&Record::Time(now));
        }
        if row.is_new {
            self.used += self.frames.fill(|frame| write_row(frame, minute, worker));
        }
        true
    }

    /// The batch of this number is cut: rows begin anew, and so does the segment if it is time to.
    pub(crate) fn cut(&mut self, now: UnixTime, sequence: u64) {
        let is_old = now.to_seconds().abs_diff(self.since.to_seconds()) >= SEGMENT_S_MAX;
        if !self.fails {
            self.write(&Record::Cut { sequence, safe: 0 });
        }
        if self.fails || is_old || self.used > self.segment_bytes {
            self.seal();
            self.begin_segment(now, sequence + 1);
        }
    }

    /// What is to be written; the file is the number of the segment.
    pub(crate) fn writes(&mut self) -> impl Iterator<Item = JournalWrite<'_>> {
        self.seal();
        self.frames.writes()
    }

    pub(crate) const fn has_writes(&self) -> bool {
        self.frames.has_writes()
    }

    pub(crate) fn handle_written(&mut self) {
        self.frames.clear();
        self.waiting = 0;
    }

    /// It could not be written: it is given up, and what comes is not logged before the next cut.
    pub(crate) fn handle_failed(&mut self) {
        self.lost += core::mem::take(&mut self.waiting);
        self.frames.clear();
        self.fails = true;
    }

    /// Shares that were not logged since the start.
    pub(crate) const fn lost(&self) -> u64 {
        self.lost
    }

    fn begin_segment(&mut self, now: UnixTime, next_sequence: u64) {
        (self.used, self.bits, self.told, self.fails) = (0, None, None, false);
        self.since = now;
        self.begin.turn += 1;
        self.begin.next_sequence = next_sequence;
        self.write(&Record::Begin(self.begin.clone()));
        // What follows it is checked with what it says.
        self.seal();
    }

    fn write(&mut self, record: &Record) {
        self.used += self.frames.fill(|frame| write_record(frame, record));
    }

    fn seal(&mut self) {
        let segment = usize::try_from(self.begin.turn).expect("segments are few");
        self.frames.seal(segment, &self.begin, self.used);
    }
}

/// One share of a log.
#[derive(Clone, PartialEq, Debug)]
pub struct LoggedShare {
    /// When it came.
    pub at: UnixTime,
    /// Whose it is.
    pub worker: Identity,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a share.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Outcome {
    /// It was credited.
    Accepted {
        /// What it was credited as.
        difficulty: ShareDifficulty,
        /// How good its hash is.
        best: BestShare,
        /// The network's target on its job.
        nbits: CompactTarget,
    },
    /// It was refused.
    Refused(RejectReason),
}

/// The shares of one segment, in their order.
#[derive(Debug)]
pub struct Segment<B> {
    begin: Begin,
    records: Records<B>,
    rows: Vec<Identity>,
    bits: Option<CompactTarget>,
    at: Option<UnixTime>,
}

impl<B: AsRef<[u8]>> Segment<B> {
    /// Reads a segment's file; `None` where it is none. What is torn at its end is left out.
    pub fn read(file: B) -> Option<Self> {
        let (begin, records) = read_frames(file)?;
        Some(Self { begin, records, rows: Vec::new(), bits: None, at: None })
    }

    /// Whose shares these are.
    pub const fn begin(&self) -> &Begin {
        &self.begin
    }

    /// Bytes that could not be read, once all shares are: what was torn at the file's end.
    pub fn bytes_torn(&self) -> usize {
        self.records.bytes() - self.records.bytes_read()
    }

    fn share(&self, row: u32, outcome: Outcome) -> Option<LoggedShare> {
        let worker = self.rows.get(row as usize)?.clone();
        Some(LoggedShare { at: self.at?, worker, outcome })
    }
}

impl<B: AsRef<[u8]>> Iterator for Segment<B> {
    type Item = LoggedShare;

    fn next(&mut self) -> Option<LoggedShare> {
        loop {
            match self.records.next()? {
                Record::Begin(_) => {}
                Record::Time(at) => self.at = Some(at),
                Record::Row(_, worker) => self.rows.push(worker),
                Record::Bits(bits) => self.bits = Some(bits),
                Record::Cut { .. } => self.rows.clear(),
                // Of what no shard has written nothing can be known: the segment ends there.
                Record::Accepted { row, difficulty, best } => {
                    let outcome = Outcome::Accepted { difficulty, best, nbits: self.bits? };
                    return self.share(row, outcome);
                }
                Record::Refused { row, reason } => {
                    return self.share(row, Outcome::Refused(reason));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
