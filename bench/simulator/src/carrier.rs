//! Whoever passes batches on: a spool on a disk, a line to the next one, and what the two do to each other.

use std::collections::{BTreeMap, VecDeque};

use sluice_session::{BatchName, SharePublisher};
use sluice_wire::share_feed::Batch;

/// The name of a batch.
pub(crate) fn name_of(batch: &Batch) -> BatchName {
    let Batch { source, epoch, sequence, .. } = *batch;
    BatchName { source, epoch, sequence }
}

/// Who is at the other end of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Upstream {
    Relay,
    Writer(usize),
}

/// What is on its way between two processes; a cut loses it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) to: Upstream,
    pub(crate) up: VecDeque<Batch>,
    pub(crate) down: VecDeque<BatchName>,
}

/// What a process remembers until it is killed.
#[derive(Debug, Default)]
struct Memory {
    publisher: SharePublisher,
    /// What the disk did not take.
    held: BTreeMap<BatchName, Batch>,
}

/// A spool and its line. The disk outlives the process.
#[derive(Debug, Default)]
pub(crate) struct Carrier {
    pub(crate) spool: BTreeMap<BatchName, Batch>,
    pub(crate) disk_fails: bool,
    memory: Memory,
    pub(crate) line: Option<Line>,
}

impl Carrier {
    /// The process is gone; what it had in memory and on the line is lost.
    pub(crate) fn kill(&mut self) {
        self.memory = Memory::default();
        self.line = None;
    }

    /// A new process takes up what is on the disk.
    pub(crate) fn start(&mut self) {
        self.spool.keys().for_each(|name| self.memory.publisher.handle_batch(*name));
    }

    /// Takes a batch in; whether it is on the disk.
    pub(crate) fn take(&mut self, batch: Batch) -> bool {
        let name = name_of(&batch);
        self.memory.publisher.handle_batch(name);
        if self.disk_fails {
            self.memory.held.insert(name, batch);
            return false;
        }
        self.spool.insert(name, batch);
        true
    }

    /// Writes down what the disk takes now; gives the names.
    pub(crate) fn retry_disk(&mut self) -> Vec<BatchName> {
        if self.disk_fails {
            return Vec::new();
        }
        let held = core::mem::take(&mut self.memory.held);
        let names = held.keys().copied().collect();
        self.spool.extend(held);
        names
    }

    /// The first batch of a source that is in memory alone.
    pub(crate) fn first_held(&self, like: BatchName) -> Option<u64> {
        let first = BatchName { sequence: 0, ..like };
        let last = BatchName { sequence: u64::MAX, ..like };
        self.memory.held.range(first..=last).next().map(|(name, _)| name.sequence)
    }

    pub(crate) fn open_line(&mut self, to: Upstream) {
        self.line = Some(Line { to, up: VecDeque::new(), down: VecDeque::new() });
        self.memory.publisher.handle_linked();
    }

    pub(crate) fn cut_line(&mut self) {
        if self.line.take().is_some() {
            self.memory.publisher.handle_unlinked();
        }
    }

    /// Puts what is due on the line.
    pub(crate) fn send_due(&mut self) {
        let Self { spool, memory, line, .. } = self;
        let Some(line) = line else { return };
        while let Some(name) = memory.publisher.poll_send() {
            let batch = memory.held.get(&name).or_else(|| spool.get(&name));
            line.up.push_back(batch.expect("a name stands for a batch").clone());
        }
    }

    /// Takes one receipt off the line: the batch that is safe further on, where it was in memory alone.
    pub(crate) fn take_receipt(&mut self) -> Option<BatchName> {
        let name = self.line.as_mut()?.down.pop_front()?;
        if !self.memory.publisher.handle_acknowledged(name) {
            return None;
        }
        self.spool.remove(&name);
        self.memory.held.remove(&name).map(|_| name)
    }

    pub(crate) fn backlog(&self) -> usize {
        self.memory.publisher.backlog()
    }
}
