//! The shard's journal: what is written where, before any reply leaves; and what the next start makes of
//! it. The format is [`sluice_wire::journal`].
//!
//! Two files are written in turns. A cut ends a batch. Once a file holds a good deal, and all batches in the other one are
//! safe elsewhere, the cut begins a new turn there, from its beginning: so the journal takes no more disk than two
//! files of a fixed length, which are there from the start. Where the other file is not free, the present one goes on;
//! where that is full, no share can be taken.

pub(crate) mod frames;

use std::collections::BTreeMap;

use sluice_accounting::{AcceptedShare, Ledger, Row, RowHint};
use sluice_units::limits::SHARES_PENDING_MAX;
use sluice_units::{CompactTarget, Identity, Minute, Name, RejectReason, SourceId};
use sluice_wire::journal::{
    Begin, FRAME_HEAD_BYTES, Record, SHARE_RECORDS_BYTES_MAX, is_unwritten, write_record, write_row,
};
use sluice_wire::share_feed::Batch;

use self::frames::Frames;

/// Files of a journal.
pub const JOURNAL_FILES: usize = 2;
/// Bytes of one file at least: some turns of shares, with their frames.
pub const JOURNAL_FILE_BYTES_MIN: u64 = 64 * 1024;
/// A turn ends where this part of its file is full, if the other file is free.
const TURN_PART: u64 = 4;
/// Room that is kept for the shares that wait, a frame for each, and a cut.
const ROOM_BYTES_MIN: u64 =
    (SHARES_PENDING_MAX * (SHARE_RECORDS_BYTES_MAX + FRAME_HEAD_BYTES) + 2 * 64) as u64;
const _: () = assert!(JOURNAL_FILE_BYTES_MIN >= 2 * ROOM_BYTES_MIN);

/// Bytes for one of the files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JournalWrite<'a> {
    /// Which file, 0 or 1.
    pub file: usize,
    /// Where they begin.
    pub offset: u64,
    /// What is to stand there.
    pub bytes: &'a [u8],
}

/// What one shard has written, and is about to.
#[derive(Debug)]
pub(crate) struct Journal {
    begin: Begin,
    file_bytes: u64,
    file: usize,
    /// Bytes of the present file that are taken, of frames that wait as well.
    used: u64,
    bits: Option<CompactTarget>,
    /// The last batch that was cut in each file.
    cut_last: [u64; JOURNAL_FILES],
    /// Batches up to this one are safe elsewhere.
    safe: u64,
    frames: Frames,
}

impl Journal {
    pub(crate) fn new(source: SourceId, epoch: u64, names: [&Name; 2], file_bytes: u64) -> Self {
        assert!(file_bytes >= JOURNAL_FILE_BYTES_MIN, "the configuration bounds the journal");
        let [coin, host] = names.map(Name::clone);
        let begin = Begin { source, epoch, turn: 0, coin, host, next_sequence: 1 };
        let mut journal = Self {
            begin,
            file_bytes,
            file: 0,
            used: 0,
            bits: None,
            cut_last: [0; JOURNAL_FILES],
            safe: 0,
            frames: Frames::default(),
        };
        journal.begin_turn(0, 1);
        journal
    }

    /// Whether the shares of one more turn of the ring fit.
    pub(crate) const fn has_room(&self) -> bool {
        self.used + ROOM_BYTES_MIN <= self.file_bytes
    }

    /// Whether a cut would make room: there is little, and the other file is free.
    pub(crate) const fn wants_cut(&self) -> bool {
        self.is_other_free() && self.used + 2 * ROOM_BYTES_MIN > self.file_bytes
    }

    /// Batches that were cut, and are nowhere else yet.
    pub(crate) fn unsafe_batches(&self) -> u64 {
        self.cut_last.into_iter().max().unwrap_or(0).saturating_sub(self.safe)
    }

    pub(crate) fn accept(&mut self, row: Row, of: (Minute, &Identity), share: &AcceptedShare) {
        self.name_row(row, of);
        if self.bits != Some(share.nbits) {
            self.bits = Some(share.nbits);
            self.write(&Record::Bits(share.nbits));
        }
        let AcceptedShare { difficulty, best, .. } = *share;
        self.write(&Record::Accepted { row: row.number, difficulty, best });
    }

    pub(crate) fn refuse(&mut self, row: Row, of: (Minute, &Identity), reason: RejectReason) {
        self.name_row(row, of);
        self.write(&Record::Refused { row: row.number, reason });
    }

    /// Ends one or more batches, of which this is the last.
    pub(crate) fn cut(&mut self, sequence: u64) {
        self.write(&Record::Cut { sequence, safe: self.safe });
        self.cut_last[self.file] = sequence;
        self.turn_over(sequence);
    }

    /// All batches up to this one are on disk elsewhere, or in the store.
    pub(crate) fn handle_safe(&mut self, sequence: u64) {
        self.safe = self.safe.max(sequence);
    }

    /// What is to be written, in this order, before anything else is done.
    pub(crate) fn writes(&mut self) -> impl Iterator<Item = JournalWrite<'_>> {
        self.seal();
        self.frames.writes()
    }

    pub(crate) const fn has_writes(&self) -> bool {
        self.frames.has_writes()
    }

    /// Everything of [`Journal::writes`] stands in the files.
    pub(crate) fn handle_written(&mut self) {
        self.frames.clear();
    }

    const fn is_other_free(&self) -> bool {
        self.cut_last[1 - self.file] <= self.safe
    }

    fn turn_over(&mut self, sequence: u64) {
        if self.used > self.file_bytes / TURN_PART && self.is_other_free() {
            self.seal();
            self.begin_turn(1 - self.file, sequence + 1);
        }
    }

    fn begin_turn(&mut self, file: usize, next_sequence: u64) {
        (self.file, self.used, self.bits) = (file, 0, None);
        self.begin.turn += 1;
        self.begin.next_sequence = next_sequence;
        self.write(&Record::Begin(self.begin.clone()));
        // What follows it is checked with what it says.
        self.seal();
    }

    fn name_row(&mut self, row: Row, (minute, worker): (Minute, &Identity)) {
        if row.is_new {
            self.fill(|frame| write_row(frame, minute, worker));
        }
    }

    fn write(&mut self, record: &Record) {
        self.fill(|frame| write_record(frame, record));
    }

    fn fill(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        self.used += self.frames.fill(append);
    }

    fn seal(&mut self) {
        assert!(self.used <= self.file_bytes, "what does not fit is not taken");
        self.frames.seal(self.file, &self.begin, self.used);
    }
}

/// What a start makes of the files of journals.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Recovered {
    /// Batches that were safe nowhere else.
    pub batches: Vec<Batch>,
    /// Which of the files hold what cannot be read, from some place on or at all: damaged, or of another version.
    pub unreadable: Vec<usize>,
}

/// The batches that the files of a shard's journal hold, and what was counted since the last of them as one more;
/// without those that were safe elsewhere already.
///
/// They have the numbers that they had, or would have had, so a store that knows them takes none twice.
/// Of counters and events a journal knows nothing.
pub fn recover(files: &[impl AsRef<[u8]>]) -> Recovered {
    let mut recovered = Recovered::default();
    // Of each source and start: the batch up to which all are safe, as either file knows.
    let mut safe = BTreeMap::<(SourceId, u64), u64>::new();
    for (index, file) in files.iter().enumerate() {
        let file = file.as_ref();
        let Some((begin, mut records)) = sluice_wire::journal::read_frames(file) else {
            if !is_unwritten(file) {
                recovered.unreadable.push(index);
            }
            continue;
        };
        let mut recovery = Recovery::new(begin);
        // What follows an oddity cannot be counted.
        let is_odd = records.by_ref().any(|record| recovery.follow(record).is_none());
        if is_odd || records.is_odd() || records.has_frame_beyond() {
            recovered.unreadable.push(index);
        }
        recovery.cut();
        let known = safe.entry((recovery.begin.source, recovery.begin.epoch)).or_default();
        *known = recovery.safe.max(*known);
        recovered.batches.append(&mut recovery.batches);
    }
    recovered.batches.retain(|it| it.sequence > safe[&(it.source, it.epoch)]);
    recovered
}

struct Recovery {
    begin: Begin,
    sequence: u64,
    safe: u64,
    ledger: Ledger,
    rows: Vec<(Minute, Identity, RowHint)>,
    bits: Option<CompactTarget>,
    batches: Vec<Batch>,
}

impl Recovery {
    fn new(begin: Begin) -> Self {
        Self {
            sequence: begin.next_sequence,
            begin,
            safe: 0,
            ledger: Ledger::default(),
            rows: Vec::new(),
            bits: None,
            batches: Vec::new(),
        }
    }

    fn follow(&mut self, record: Record) -> Option<()> {
        match record {
            Record::Begin(_) | Record::Time(_) => {}
            Record::Row(minute, worker) => self.rows.push((minute, worker, RowHint::default())),
            Record::Bits(bits) => self.bits = Some(bits),
            Record::Accepted { row, difficulty, best } => {
                let (minute, worker, hint) = self.rows.get_mut(row as usize)?;
                let share = AcceptedShare { difficulty, nbits: self.bits?, best };
                self.ledger.credit(*minute, worker, hint, share);
            }
            Record::Refused { row, reason } => {
                let (minute, worker, hint) = self.rows.get_mut(row as usize)?;
                self.ledger.refuse(*minute, worker, hint, reason);
            }
            Record::Cut { sequence, safe } => {
                self.cut();
                self.safe = safe;
                if sequence.checked_add(1) != Some(self.sequence) {
                    return None;
                }
            }
        }
        Some(())
    }

    fn cut(&mut self) {
        self.rows.clear();
        let batch = Batch {
            tallies: self.ledger.take().tallies,
            ..Batch::empty(
                self.begin.source,
                self.begin.epoch,
                self.sequence,
                self.begin.coin.clone(),
                self.begin.host.clone(),
            )
        };
        for batch in batch.split() {
            self.sequence = batch.sequence.saturating_add(1);
            if !batch.is_empty() {
                self.batches.push(batch);
            }
        }
    }
}

#[cfg(test)]
mod tests;
