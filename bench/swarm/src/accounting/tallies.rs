//! What the shards of many workers count, minute by minute, and what it must add up to in Redis.

use sluice_service::clock::unix_time;
use sluice_units::limits::BATCH_ENTRIES_MAX;
use sluice_units::{
    BestShare, Goal, Hash256, Identity, Minute, RejectReason, ShareDifficulty, SourceId, Tally,
    Work,
};
use sluice_wire::share_feed::{Batch, ToWriter};

use super::AccountingOptions;
use super::redis_under_test::RedisUnderTest;
use crate::error::BenchError;

/// Shards that the workers are spread over.
const SHARDS: u16 = 8;
const COIN: &str = "bench";
/// Of a worker in a batch.
const SHARES: u64 = 4;
const DIFFICULTY: f64 = 65_536.0;
const NETWORK_DIFFICULTY: f64 = 1.2e14;
/// One worker of so many has a share refused.
const WORKERS_PER_REFUSAL: usize = 50;

/// Makes batches as shards cut them.
pub(crate) struct Tallies {
    identities: Vec<Identity>,
    accounts: u32,
    times: u32,
    minute: Minute,
    epoch: u64,
    sequences: [u64; SHARDS as usize],
    /// Shares in all batches that were made.
    accepted: u64,
}

impl Tallies {
    pub(crate) fn new(options: &AccountingOptions) -> Self {
        let name = |worker: u32| {
            let (account, rig) =
                (worker / options.workers_per_account, worker % options.workers_per_account);
            format!("farm{account:05}.rig{rig:04}").parse().expect("it is a name")
        };
        let started = unix_time();
        Self {
            identities: (0..options.workers).map(name).collect(),
            accounts: options.workers.div_ceil(options.workers_per_account),
            times: options.times,
            minute: started.minute(),
            epoch: started.to_seconds(),
            sequences: [0; SHARDS as usize],
            accepted: 0,
        }
    }

    pub(crate) const fn accounts(&self) -> u32 {
        self.accounts
    }

    /// Tallies: one for each worker and each batch that it is in.
    pub(crate) fn rows_per_minute(&self) -> u64 {
        self.identities.len() as u64 * u64::from(self.times)
    }

    pub(crate) fn batches_per_minute(&self) -> u64 {
        let per_shard = |shard: usize| self.of_shard(shard).count().div_ceil(BATCH_ENTRIES_MAX);
        let once: usize = (0..usize::from(SHARDS)).map(per_shard).sum();
        once as u64 * u64::from(self.times)
    }

    fn of_shard(&self, shard: usize) -> impl Iterator<Item = (usize, &Identity)> {
        self.identities.iter().enumerate().skip(shard).step_by(usize::from(SHARDS))
    }

    /// The messages that bring a minute's shares.
    pub(crate) fn next_minute(&mut self) -> Vec<Vec<u8>> {
        let following = self.minute.to_seconds() + 60;
        self.minute = Minute::from_seconds(following).expect("a minute after a minute");
        let mut messages = Vec::new();
        for _ in 0..self.times {
            for shard in 0..SHARDS {
                let rows: Vec<_> = self
                    .of_shard(usize::from(shard))
                    .map(|(number, identity)| (self.minute, identity.clone(), tally(number)))
                    .collect();
                for tallies in rows.chunks(BATCH_ENTRIES_MAX) {
                    messages.push(self.batch(shard, tallies.to_vec()).encode());
                }
            }
        }
        messages
    }

    fn batch(&mut self, shard: u16, tallies: Vec<(Minute, Identity, Tally)>) -> ToWriter {
        self.accepted += tallies.iter().map(|(_, _, tally)| tally.accepted).sum::<u64>();
        let sequence = &mut self.sequences[usize::from(shard)];
        *sequence += 1;
        ToWriter::Batch(Batch {
            tallies,
            ..Batch::empty(
                SourceId { gateway_id: 1, shard },
                self.epoch,
                *sequence,
                COIN.parse().expect("it is a name"),
                "bench".parse().expect("it is a name"),
            )
        })
    }

    /// Whether Redis holds what was sent, each once.
    pub(crate) fn check(&self, redis: &mut RedisUnderTest) -> Result<(), BenchError> {
        let wanted_keys = 2 * self.identities.len() as u64;
        let keys = redis.members("mining:keys")?;
        let whole = redis.sum(&format!("{COIN}:m:share"))?;
        let mut workers = 0;
        for identity in &self.identities {
            workers += redis.sum(&format!("{COIN}:s:{}:{}", identity.user(), identity.worker()))?;
        }
        if (whole, workers) == (self.accepted, self.accepted) && keys >= wanted_keys {
            return Ok(());
        }
        Err(BenchError::Check(format!(
            "{} shares were sent; Redis has {whole} of the pool, {workers} of all workers, and {keys} keys listed",
            self.accepted
        )))
    }
}

fn tally(worker: usize) -> Tally {
    let difficulty = ShareDifficulty::from_f64(DIFFICULTY).expect("it is one");
    let mut hash = Hash256::ZERO.to_bytes();
    hash[..24].iter_mut().for_each(|byte| *byte = fastrand::u8(..));
    let mut tally = Tally {
        accepted: SHARES,
        work: Work::from_hashes(u128::from(SHARES) * difficulty.work().to_hashes()),
        goal: Goal::from_f64(SHARES as f64 * DIFFICULTY / NETWORK_DIFFICULTY),
        best: BestShare::of_hash(&Hash256::from_bytes(hash)),
        ..Tally::default()
    };
    if worker.is_multiple_of(WORKERS_PER_REFUSAL) {
        tally.rejected[RejectReason::Stale.index()] = 1;
    }
    tally
}
