//! One shard and one ring on one thread: the whole coupling.

use std::net::SocketAddr;
use std::sync::PoisonError;
use std::time::Duration;

use crossbeam::channel::TryRecvError;
use sluice_ring::{Engine, EngineError, Handler, Sent};
use sluice_service::clock::Clock;
use sluice_session::{Action, Shard};
use sluice_units::{ConnectionId, FoundBlock, Instant, Now};
use thiserror::Error;
use tracing::error;

use crate::spool::BlockFolder;
use crate::topology::{ShardMessage, ShardQueues};

/// How often the shard's counters are copied out.
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_millis(200);
/// How long a draining shard waits for its miners' connections to close.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(2);

/// Why a shard ended before it was told to.
#[derive(Debug, Error)]
pub(crate) enum ShardFailure {
    /// The ring failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The task that takes counts or blocks is gone: the process is ending.
    #[error("nobody takes the shard's counts and blocks any more")]
    UplinkGone,
}

/// A shard with everything that it is plugged into.
pub(crate) struct Drive {
    pub(crate) engine: Engine,
    pub(crate) shard: Shard,
    pub(crate) clock: Clock,
    pub(crate) queues: ShardQueues,
    pub(crate) blocks: BlockFolder,
}

/// Hands the ring's events to the shard; what the shard wants is done between two turns.
struct Plug<'a> {
    shard: &'a mut Shard,
    clock: &'a Clock,
}

impl Handler for Plug<'_> {
    fn connected(&mut self, connection: ConnectionId, peer: SocketAddr) {
        self.shard.handle_connected(self.clock.now(), connection, peer.ip());
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.shard.handle_received(self.clock.now(), connection, bytes);
    }

    fn closed(&mut self, connection: ConnectionId) {
        self.shard.handle_closed(self.clock.now(), connection);
    }
}

impl Drive {
    /// Serves until a stop is ordered.
    pub(crate) fn run(mut self) -> Result<(), ShardFailure> {
        let mut housekeeping_due = Instant::ZERO;
        loop {
            let stop = self.take_messages();
            let now = self.clock.now();
            if now.instant >= self.shard.poll_timeout() {
                self.shard.handle_timeout(now);
            }
            self.carry_out(now)?;
            if now.instant >= housekeeping_due {
                housekeeping_due = now.instant + HOUSEKEEPING_INTERVAL;
                self.copy_stats();
            }
            if stop {
                return self.drain();
            }
            let next = self.shard.poll_timeout().min(housekeeping_due);
            self.turn(next.since(now.instant))?;
        }
    }

    fn turn(&mut self, wait: Duration) -> Result<(), EngineError> {
        self.engine.turn(wait, &mut Plug { shard: &mut self.shard, clock: &self.clock })
    }

    /// Takes what others sent; `true` where the gateway ends.
    fn take_messages(&mut self) -> bool {
        loop {
            match self.queues.inbox.try_recv() {
                Ok(ShardMessage::Job(job)) => {
                    self.shard.handle_job(self.clock.now(), (*job).clone());
                }
                Ok(ShardMessage::Alive) => self.shard.handle_alive(self.clock.now()),
                Err(TryRecvError::Empty) => return false,
                Ok(ShardMessage::Stop) | Err(TryRecvError::Disconnected) => return true,
            }
        }
    }

    /// Does what the shard wants done, in its order.
    fn carry_out(&mut self, now: Now) -> Result<(), ShardFailure> {
        while let Some(action) = self.shard.poll_action() {
            match action {
                Action::Send { connection, bytes } => {
                    let sent = self.engine.send(connection, self.shard.outbox(&bytes));
                    self.count_slow(now, sent);
                }
                Action::SendJob { connection, bytes, clean } => {
                    // Of a higher rank: a refresh never stands in for a clean job.
                    let sent = self.engine.send_latest(connection, &bytes, clean.into());
                    self.count_slow(now, sent);
                }
                Action::Close { connection } => self.engine.close(connection),
                Action::FoundBlock(block) => self.keep_block(block)?,
                Action::Publish(batch) => {
                    let published = self.queues.batches.blocking_send(batch);
                    published.map_err(|_| ShardFailure::UplinkGone)?;
                }
            }
        }
        Ok(())
    }

    /// On disk first, and only then to the jobmaster; the miner's reply follows both.
    fn keep_block(&self, block: Box<FoundBlock>) -> Result<(), ShardFailure> {
        if let Err(cause) = self.blocks.write(&block) {
            let hash = block.hash;
            error!(%hash, "FATAL: a found block could not be written to disk: {cause}; it is sent all the same");
        }
        self.queues.blocks.blocking_send(block).map_err(|_| ShardFailure::UplinkGone)
    }

    fn count_slow(&mut self, now: Now, sent: Sent) {
        if sent == Sent::Overflow {
            self.shard.handle_slow_reader(now);
        }
    }

    /// Lets the miners go, then publishes what is left to publish.
    fn drain(&mut self) -> Result<(), ShardFailure> {
        self.engine.stop_accepting();
        self.shard.handle_drain();
        let deadline = self.clock.now().instant + DRAIN_TIME_MAX;
        loop {
            let now = self.clock.now();
            if now.instant >= self.shard.poll_timeout() {
                self.shard.handle_timeout(now);
            }
            self.carry_out(now)?;
            if self.engine.open_connections() == 0 || now.instant >= deadline {
                self.shard.cut_batch(now);
                self.carry_out(now)?;
                self.copy_stats();
                return Ok(());
            }
            let wait = self.shard.poll_timeout().since(now.instant);
            self.turn(wait.min(Duration::from_millis(10)))?;
        }
    }

    fn copy_stats(&self) {
        let mut stats = self.queues.stats.lock().unwrap_or_else(PoisonError::into_inner);
        *stats = *self.shard.stats();
    }
}
