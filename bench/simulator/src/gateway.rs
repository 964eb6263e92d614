//! A gateway of one shard: killed, it leaves its journal and its spool.

use std::net::IpAddr;
use std::time::Duration;

use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::{
    Action, BatchName, JOURNAL_FILE_BYTES_MIN, JOURNAL_FILES, JournalWrite, Shard, ShardConfig,
    journal,
};
use sluice_units::{
    CompactTarget, ConnectionId, Hash256, Instant, Job, JobId, JobKind, Now, ShareDifficulty,
    SourceId,
};
use sluice_wire::share_feed::Batch;

use crate::carrier::{Carrier, name_of};
use crate::miners::{Known, Miners};

/// No share is a block.
const NBITS: u32 = 0x1703_4219;

/// What a process has in memory.
struct Running {
    shard: Shard,
    /// Cut, with the end not written down yet.
    unpublished: Vec<Batch>,
    journal_fails: bool,
    generations: Vec<u32>,
    newest: Option<BatchName>,
    jobs: u64,
}

/// A gateway, running or dead, with its disk.
pub(crate) struct Gateway {
    running: Option<Running>,
    pub(crate) carrier: Carrier,
    journal: [Vec<u8>; JOURNAL_FILES],
    epoch: u64,
    pub(crate) miners: Miners,
    pub(crate) known: Known,
    /// How many more things the process does before it is killed.
    pub(crate) crash_in: Option<u32>,
    /// Shares that only the journals had.
    pub(crate) recovered: u64,
}

impl Gateway {
    pub(crate) fn new() -> Self {
        Self {
            running: None,
            carrier: Carrier::default(),
            journal: Default::default(),
            epoch: 0,
            miners: Miners::default(),
            known: Known::default(),
            crash_in: None,
            recovered: 0,
        }
    }

    pub(crate) const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Starts on what the disk holds; not while it takes nothing.
    pub(crate) fn start(&mut self, now: Now) {
        if self.carrier.disk_fails {
            return;
        }
        self.epoch += 1;
        let recovered = journal::recover(&core::mem::take(&mut self.journal));
        assert!(recovered.unreadable.is_empty(), "what a shard has written can be read");
        for batch in recovered.batches {
            let name = name_of(&batch);
            if !self.carrier.spool.contains_key(&name) {
                let tallies = batch.tallies.iter();
                self.recovered += tallies.map(|(_, _, tally)| tally.accepted).sum::<u64>();
                self.carrier.spool.insert(name, batch);
            }
        }
        let hours = Duration::from_secs(36_000);
        let source = SourceId { gateway_id: 7, shard: 0 };
        let config = ShardConfig {
            epoch: self.epoch,
            journal_file_bytes: Some(JOURNAL_FILE_BYTES_MIN),
            feed_timeout: hours,
            idle_timeout: hours,
            handshake_timeout: hours,
            ..ShardConfig::new(source, VardiffPolicy::fixed(ShareDifficulty::MIN))
        };
        self.running = Some(Running {
            shard: Shard::new(now, config),
            unpublished: Vec::new(),
            journal_fails: false,
            generations: Vec::new(),
            newest: None,
            jobs: 0,
        });
        self.carrier.start();
        self.next_job(now);
    }

    /// Everything that was in memory is gone.
    pub(crate) fn kill(&mut self) {
        self.running = None;
        self.crash_in = None;
        self.carrier.kill();
        self.miners.leave_all(&mut self.known);
    }

    pub(crate) fn next_job(&mut self, now: Now) {
        let epoch = self.epoch;
        if let Some(running) = &mut self.running {
            running.jobs += 1;
            running.shard.handle_job(now, job(epoch << 32 | running.jobs, now));
        }
        self.settle(now);
    }

    /// A miner comes to the first free slot.
    pub(crate) fn join(&mut self, now: Now) {
        let taken = self.miners.connections();
        let Some(running) = &mut self.running else { return };
        let slot =
            (0..).find(|slot| taken.iter().all(|it| it.slot != *slot)).expect("there are more");
        running.generations.resize((slot as usize + 1).max(running.generations.len()), 0);
        let generation = running.generations[slot as usize];
        running.generations[slot as usize] += 1;
        let connection = ConnectionId { slot, generation };
        self.miners.join(connection);
        running.shard.handle_connected(now, connection, IpAddr::from([127, 0, 0, 1]), 0);
        self.settle(now);
    }

    /// Time has passed.
    pub(crate) fn pass(&mut self, now: Now) {
        if let Some(running) = &mut self.running {
            running.shard.handle_alive(now);
            if now.instant >= running.shard.poll_timeout() {
                running.shard.handle_timeout(now);
            }
        }
        self.settle(now);
    }

    /// Publishes what was counted, as a stop does.
    pub(crate) fn cut(&mut self, now: Now) {
        if let Some(running) = &mut self.running {
            running.shard.cut_batch(now);
        }
        self.settle(now);
    }

    /// A receipt came: the shard may forget what is safe.
    pub(crate) fn take_receipt(&mut self) {
        self.carrier.take_receipt();
        self.tell_safe();
    }

    /// The disk may take again what it did not.
    pub(crate) fn retry_disk(&mut self, now: Now) {
        self.carrier.retry_disk();
        self.tell_safe();
        self.settle(now);
    }

    /// All batches before the first that is in memory alone are safe.
    fn tell_safe(&mut self) {
        let Some(Running { shard, newest: Some(newest), .. }) = &mut self.running else { return };
        let held = self.carrier.first_held(*newest);
        shard.handle_safe(held.map_or(newest.sequence, |first| first - 1));
    }

    /// Whether the process is killed before the next thing it does.
    fn crashes(&mut self) -> bool {
        match &mut self.crash_in {
            Some(0) => {
                self.kill();
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    /// Carries everything over until nobody has anything to say.
    pub(crate) fn settle(&mut self, now: Now) {
        loop {
            while let Some(action) = self.running.as_mut().and_then(|it| it.shard.poll_action()) {
                if self.crashes() {
                    return;
                }
                self.write_journal();
                if self.crashes() {
                    return;
                }
                self.carry_out(now, action);
            }
            self.write_journal();
            if self.publish() {
                return;
            }
            let said = self.miners.poll();
            let Some(running) = &mut self.running else { return };
            let is_unfinished = running.shard.poll_timeout() == Instant::ZERO;
            if said.is_empty() && !is_unfinished && !running.shard.has_journal_writes() {
                return;
            }
            if said.is_empty() && running.journal_fails {
                return;
            }
            if is_unfinished {
                running.shard.handle_timeout(now);
            }
            for (connection, bytes) in said {
                running.shard.handle_received(now, connection, &bytes);
            }
        }
    }

    fn carry_out(&mut self, now: Now, action: Action) {
        let Some(running) = &mut self.running else { return };
        match action {
            Action::Send { connection, .. } | Action::SendJob { connection, .. }
                if running.journal_fails =>
            {
                self.close(now, connection);
            }
            Action::Send { connection, bytes } => {
                let bytes = running.shard.outbox(&bytes).to_vec();
                self.miners.receive(connection, &bytes, &mut self.known);
            }
            Action::SendJob { connection, bytes, .. } => {
                self.miners.receive(connection, &bytes, &mut self.known);
            }
            Action::Close { connection } | Action::Refuse { connection } => {
                self.close(now, connection);
            }
            Action::Publish(batch) => running.unpublished.push(*batch),
            Action::FoundBlock(_)
            | Action::HandOver { .. }
            | Action::Ban(_)
            | Action::AskAccount(_) => {}
        }
    }

    fn close(&mut self, now: Now, connection: ConnectionId) {
        self.miners.leave(connection, &mut self.known);
        if let Some(running) = &mut self.running {
            running.shard.handle_closed(now, connection);
        }
    }

    fn write_journal(&mut self) {
        let Some(running) = &mut self.running else { return };
        if !running.shard.has_journal_writes() {
            return;
        }
        running.journal_fails = self.carrier.disk_fails;
        if running.journal_fails {
            return running.shard.handle_journal_failed();
        }
        for JournalWrite { file, offset, bytes } in running.shard.journal_writes() {
            let (file, offset) = (&mut self.journal[file], usize::try_from(offset).expect("small"));
            let end = file.len().max(offset + bytes.len());
            file.resize(end, 0);
            file[offset..offset + bytes.len()].copy_from_slice(bytes);
        }
        running.shard.handle_journal_written();
    }

    /// Hands batches over whose end is written down; whether the process was killed meanwhile.
    fn publish(&mut self) -> bool {
        loop {
            let Some(running) = &mut self.running else { return true };
            if running.journal_fails || running.unpublished.is_empty() {
                return false;
            }
            let batch = running.unpublished.remove(0);
            running.newest = Some(name_of(&batch));
            if self.crashes() {
                return true;
            }
            self.carrier.take(batch);
            if self.crashes() {
                return true;
            }
            self.tell_safe();
        }
    }
}

fn job(number: u64, now: Now) -> Job {
    let ntime = u32::try_from(now.unix.to_seconds()).expect("the run is in our days");
    Job {
        id: JobId::from_u64(number),
        kind: JobKind::Refresh,
        height: 840_000,
        parent: Hash256::from_bytes([1; 32]),
        version: 0x2000_0000,
        version_mask: 0x1fff_e000,
        nbits: CompactTarget::from_bits(NBITS),
        ntime,
        ntime_min: ntime - 3600,
        coinbase_prefix: vec![1; 60],
        coinbase_suffix: vec![2; 60],
        merkle_branch: vec![Hash256::from_bytes([3; 32])],
        aux_target: None,
    }
}
