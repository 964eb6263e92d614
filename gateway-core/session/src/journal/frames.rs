//! Frames on their way into files; the format is [`sluice_wire::journal`].

use core::ops::Range;

use sluice_wire::journal::{Begin, open_frame, seal_frame};

use super::JournalWrite;

/// What waits to be written.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    waiting: Vec<u8>,
    sealed: Vec<Frame>,
    /// Where the frame begins that is being filled.
    open: Option<usize>,
}

/// Where a frame goes.
#[derive(Debug)]
struct Frame {
    file: usize,
    offset: u64,
    bytes: Range<usize>,
}

impl Frames {
    /// Appends to the open frame, or to a new one; gives the bytes that this takes.
    pub(crate) fn fill(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let before = self.waiting.len();
        if self.open.is_none() {
            self.open = Some(before);
            open_frame(&mut self.waiting);
        }
        append(&mut self.waiting);
        (self.waiting.len() - before) as u64
    }

    /// Ends the open frame, if there is one: it ends at this offset of the file.
    pub(crate) fn seal(&mut self, file: usize, begin: &Begin, end: u64) {
        let Some(start) = self.open.take() else { return };
        let bytes = start..self.waiting.len();
        let offset = end - bytes.len() as u64;
        seal_frame(&mut self.waiting[bytes.clone()], begin.epoch, begin.turn, offset);
        self.sealed.push(Frame { file, offset, bytes });
    }

    pub(crate) const fn has_writes(&self) -> bool {
        self.open.is_some() || !self.sealed.is_empty()
    }

    /// The sealed frames, in the order in which they are to be written.
    pub(crate) fn writes(&self) -> impl Iterator<Item = JournalWrite<'_>> {
        self.sealed.iter().map(|Frame { file, offset, bytes }| JournalWrite {
            file: *file,
            offset: *offset,
            bytes: &self.waiting[bytes.clone()],
        })
    }

    /// All of them are written, or given up.
    pub(crate) fn clear(&mut self) {
        self.sealed.clear();
        self.waiting.clear();
        self.open = None;
    }
}
