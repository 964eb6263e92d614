//! Redis as the store: one script call for a batch, so that it is applied whole and once; in a cluster one for each
//! slot.

mod cluster;
mod forget;
mod known;
mod packed;

use std::sync::Arc;
use std::time::Duration;

use redis::{RedisResult, Script};
use sluice_redis_access::{Access, Connection};
use sluice_relay_core::applied::{EPOCHS_MAX, RANGES_MAX};
use sluice_relay_core::{Command, plan, schema};
use sluice_units::Minute;
use sluice_wire::share_feed::Batch;
use tokio::sync::Mutex;

use self::known::Known;
use super::{Applied, Store, StoreError};
use crate::config::StoreConfig;

const APPLY_SCRIPT: &str = include_str!("apply.lua");
/// What the script answers for a batch that was applied before.
const ANSWER_REPEATED: u8 = 0;
/// What the script answers for a batch that it applied.
const ANSWER_APPLIED: u8 = 1;

/// A Redis, or what speaks its protocol and runs its scripts.
pub struct RedisStore {
    access: Access,
    apply: Apply,
    connect_timeout: Duration,
    /// Shared by all calls: what they send follows one another on it, without waiting for answers.
    kept: Mutex<Kept>,
}

/// The open connection, how many were opened before it, and what Redis has by way of it.
struct Kept {
    number: u64,
    connection: Option<Connection>,
    known: Known,
    /// The number of the connection by which Redis has last said how it keeps what it acknowledges.
    asked: u64,
    /// What it was warned of then.
    dangers: Vec<&'static str>,
}

/// Runs the script.
#[derive(Clone)]
struct Apply {
    script: Script,
    /// For messages: never the URL, which may hold a password.
    address: String,
    reply_timeout: Duration,
    /// Replicas that must have a batch; zero: none is asked.
    replicas_min: u32,
}

/// Which batch it is, and how many others are remembered.
#[derive(Clone)]
struct Number {
    epoch: u64,
    sequence: u64,
    /// Batches of the epoch that are in all slots of a cluster.
    in_all_slots: Arc<str>,
    ranges_max: usize,
    epochs_max: usize,
}

impl Number {
    /// For the key that remembers all batches of a source.
    fn of(batch: &Batch) -> Self {
        Self {
            epoch: batch.epoch,
            sequence: batch.sequence,
            in_all_slots: Arc::from(""),
            ranges_max: RANGES_MAX,
            epochs_max: EPOCHS_MAX,
        }
    }
}

impl RedisStore {
    /// Takes the configuration, and connects with the first batch or check.
    pub fn new(config: &StoreConfig) -> Result<Self, StoreError> {
        let access = Access::new(&config.redis_place())?;
        let address = access.address().to_owned();
        let apply = Apply {
            script: Script::new(APPLY_SCRIPT),
            address,
            reply_timeout: config.reply_timeout(),
            replicas_min: config.redis_replicas_min,
        };
        Ok(Self {
            access,
            apply,
            connect_timeout: config.connect_timeout(),
            kept: Mutex::new(Kept {
                number: 0,
                connection: None,
                known: Known::new(),
                asked: 0,
                dangers: Vec::new(),
            }),
        })
    }

    /// The open connection, or a new one, and its number.
    async fn connect(&self) -> Result<(Connection, u64), StoreError> {
        let mut kept = self.kept.lock().await;
        if let Some(connection) = &kept.connection {
            return Ok((connection.clone(), kept.number));
        }
        let connecting = self.access.connect();
        let connection = within(self.connect_timeout, &self.apply.address, connecting).await?;
        let number = kept.number + 1;
        // What Redis had by way of the last one may be gone with it.
        (kept.number, kept.connection, kept.known) =
            (number, Some(connection.clone()), Known::new());
        Ok((connection, number))
    }

    /// Has the next call open a new connection, unless one has already.
    async fn give_up(&self, number: u64) {
        let mut kept = self.kept.lock().await;
        if kept.number == number {
            kept.connection = None;
        }
    }

    /// Any error ends the connection: the next attempt starts with a new one.
    async fn put(&self, batch: &Batch) -> Result<Applied, StoreError> {
        let mut commands = plan(batch)?;
        let (connection, number) = self.connect().await?;
        let fresh = self.kept.lock().await.known.take_out(&mut commands);
        let result = match &connection {
            Connection::Single(_) => {
                let keys = vec![schema::applied(batch.source)];
                self.apply.run_and_wait(&connection, keys, &Number::of(batch), commands).await
            }
            Connection::Cluster(_) => self.apply.run_by_slot(&connection, batch, commands).await,
        };
        match &result {
            // Members that a repeated batch added may be gone since.
            Ok(Applied::Repeated | Applied::TooOld) => {}
            Ok(Applied::New) => {
                let mut kept = self.kept.lock().await;
                if kept.number == number {
                    kept.known.remember(fresh);
                }
            }
            Err(_) => self.give_up(number).await,
        }
        if result.is_ok() {
            self.warn_unless_durable(connection, number).await;
        }
        result
    }

    /// Tells, as soon as Redis is reached, that acknowledged batches could be lost with it, or count twice. A new connection
    /// may lead to another Redis: it is asked again, and what is new is told.
    async fn warn_unless_durable(&self, mut connection: Connection, number: u64) {
        if self.kept.lock().await.asked >= number {
            return;
        }
        // Without an answer it is asked again with the next batch.
        let Some(dangers) = self.dangers(&mut connection).await else { return };
        let mut kept = self.kept.lock().await;
        if kept.asked >= number {
            return;
        }
        let address = &self.apply.address;
        for danger in dangers.iter().filter(|danger| !kept.dangers.contains(danger)) {
            tracing::warn!("Redis at {address} {danger}");
        }
        (kept.asked, kept.dangers) = (number, dangers);
    }

    /// What can happen to acknowledged batches there, each with its remedy; `None` where no answer comes.
    async fn dangers(&self, connection: &mut Connection) -> Option<Vec<&'static str>> {
        let mut dangers = Vec::new();
        if self.ask(connection, &["INFO", "persistence"]).await?.contains("aof_enabled:0") {
            dangers.push(
                "keeps the latest batches in memory only; set `appendonly yes` and `appendfsync always` there",
            );
        } else {
            let policy = self.ask(connection, &["CONFIG", "GET", "appendfsync"]).await?;
            if ["\"everysec\"", "\"no\""].iter().any(|it| policy.contains(it)) {
                dangers.push(
                    "may answer before its log has a batch, and lose the last seconds when it is killed; set `appendfsync \
                     always` there",
                );
            }
        }
        // Policies of the name volatile-* remove keys that expire, and none of ours does.
        let policy = self.ask(connection, &["CONFIG", "GET", "maxmemory-policy"]).await?;
        if policy.contains("\"allkeys-") {
            dangers.push(
                "removes keys once it is full, even those that say which batches are counted: batches could count twice; \
                 set `maxmemory-policy noeviction` there",
            );
        }
        Some(dangers)
    }

    /// An answer as text, of a cluster one for each node; empty where Redis says that this
    /// may not be asked, `None` where none comes.
    async fn ask(&self, connection: &mut Connection, words: &[&str]) -> Option<String> {
        let Apply { address, reply_timeout, .. } = &self.apply;
        let mut command = redis::cmd(words[0]);
        let asking = command.arg(&words[1..]).query_async::<redis::Value>(connection);
        match within(*reply_timeout, address, asking).await {
            Ok(answer) => Some(format!("{answer:?}")),
            Err(
                StoreError::Timeout { .. }
                | StoreError::Dropped { .. }
                | StoreError::Unreachable { .. }
                | StoreError::Loading { .. }
                | StoreError::Busy { .. }
                | StoreError::MasterDown { .. }
                | StoreError::ClusterDown { .. },
            ) => None,
            Err(_) => Some(String::new()),
        }
    }
}

impl Store for RedisStore {
    async fn apply(&self, batch: &Batch) -> Result<Applied, StoreError> {
        let was_connected = self.kept.lock().await.connection.is_some();
        match self.put(batch).await {
            // The connection was dead. Whether the first call was run does not matter: the number tells the second.
            Err(StoreError::Dropped { .. }) if was_connected => self.put(batch).await,
            result => result,
        }
    }

    async fn forget(&self, before: Minute) -> Result<u64, StoreError> {
        self.forget_minutes(before).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let (mut connection, number) = self.connect().await?;
        let ping = redis::cmd("PING");
        let pinging = ping.query_async::<redis::Value>(&mut connection);
        let Apply { address, reply_timeout, .. } = &self.apply;
        if let Err(error) = within(*reply_timeout, address, pinging).await {
            self.give_up(number).await;
            return Err(error);
        }
        self.warn_unless_durable(connection, number).await;
        Ok(())
    }
}

impl Apply {
    /// A call of the script; then waits for the replicas that must have the batch.
    async fn run_and_wait(
        &self,
        connection: &Connection,
        keys: Vec<String>,
        number: &Number,
        commands: Vec<Command>,
    ) -> Result<Applied, StoreError> {
        let applied = self.run(connection, keys, number, commands).await?;
        if self.replicas_min == 0 || applied == Applied::TooOld {
            return Ok(applied);
        }
        // Zero would be without an end.
        let longest_ms = (self.reply_timeout / 2).as_millis().max(1).to_string();
        let mut connection = connection.clone();
        let mut ask = redis::cmd("WAIT");
        let asking = ask.arg(self.replicas_min).arg(longest_ms).query_async::<u32>(&mut connection);
        let found = match within(self.reply_timeout, &self.address, asking).await {
            // Other calls on this connection wait in the same way, one behind the other.
            Err(StoreError::Timeout { .. }) => 0,
            found => found?,
        };
        if found < self.replicas_min {
            let (address, wanted) = (self.address.clone(), self.replicas_min);
            return Err(StoreError::FewReplicas { address, wanted, found });
        }
        Ok(applied)
    }

    /// One call of the script: all of the commands with the batch's number, or nothing where it is there already.
    ///
    /// The first key is the one that remembers batches. A cluster wants to know of all others.
    async fn run(
        &self,
        connection: &Connection,
        keys: Vec<String>,
        number: &Number,
        commands: Vec<Command>,
    ) -> Result<Applied, StoreError> {
        let mut invocation = self.script.prepare_invoke();
        for key in keys {
            invocation.key(key);
        }
        invocation.arg(number.epoch).arg(number.sequence).arg(&*number.in_all_slots);
        invocation.arg(packed::pack(commands)).arg(number.ranges_max).arg(number.epochs_max);
        invocation.arg(u8::from(self.replicas_min > 0));
        let mut connection = connection.clone();
        let running = invocation.invoke_async::<u8>(&mut connection);
        let answer = within(self.reply_timeout, &self.address, running).await?;
        Ok(match answer {
            ANSWER_APPLIED => Applied::New,
            ANSWER_REPEATED => Applied::Repeated,
            _ => Applied::TooOld,
        })
    }
}

/// Waits for Redis, but not for ever.
async fn within<T>(
    longest: Duration,
    address: &str,
    call: impl Future<Output = RedisResult<T>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(longest, call).await {
        Ok(result) => result.map_err(|error| StoreError::from_redis(&error, address)),
        Err(_) => {
            let waited_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
            Err(StoreError::Timeout { address: address.to_owned(), waited_ms })
        }
    }
}

#[cfg(test)]
mod tests;
