//! Redis as the store: one script call for a batch, so that it is applied whole and once.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Script, ScriptInvocation};
use serde::Serialize;
use sluice_relay_core::command::split_work;
use sluice_relay_core::{Command, plan, schema};
use sluice_units::Minute;
use sluice_wire::share_feed::Batch;
use tokio::sync::Mutex;

use super::{Applied, Store, StoreError};
use crate::config::StoreConfig;

const APPLY_SCRIPT: &str = include_str!("apply.lua");
/// What the script answers for a batch that it applied.
const ANSWER_APPLIED: u8 = 1;

/// A Redis, or what speaks its protocol and runs its scripts; no cluster.
pub struct RedisStore {
    client: Client,
    /// For messages: never the URL, which may hold a password.
    address: String,
    apply_script: Script,
    connect_timeout: Duration,
    reply_timeout: Duration,
    /// Shared by all calls: what they send follows one another on it, without waiting for answers.
    connection: Mutex<Kept>,
}

/// The open connection, and how many were opened before it.
#[derive(Default)]
struct Kept {
    number: u64,
    connection: Option<MultiplexedConnection>,
}

/// The commands of a batch as `apply.lua` takes them, in flat lists of texts.
#[derive(Default, Serialize)]
struct Packed {
    counts: Vec<String>,
    goals: Vec<String>,
    works: Vec<String>,
    raises: Vec<String>,
    sets: Vec<Vec<String>>,
    pushes: Vec<Vec<String>>,
    onces: Vec<Vec<String>>,
}

impl RedisStore {
    /// Takes the URL, and connects with the first batch or check.
    pub fn new(url: &str, config: &StoreConfig) -> Result<Self, StoreError> {
        let client = Client::open(url)
            .map_err(|error| StoreError::BadUrl { cause: bad_url_cause(&error) })?;
        Ok(Self {
            address: client.get_connection_info().addr().to_string(),
            client,
            apply_script: Script::new(APPLY_SCRIPT),
            connect_timeout: config.connect_timeout(),
            reply_timeout: config.reply_timeout(),
            connection: Mutex::default(),
        })
    }

    /// The open connection, or a new one, and its number.
    async fn connect(&self) -> Result<(MultiplexedConnection, u64), StoreError> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = &kept.connection {
            return Ok((connection.clone(), kept.number));
        }
        // The library's own waits are off: ours cover the whole of connecting and of a call.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let connection = within(self.connect_timeout, &self.address, connecting).await?;
        kept.connection = Some(connection.clone());
        kept.number += 1;
        Ok((connection, kept.number))
    }

    /// Has the next call open a new connection, unless one has already.
    async fn give_up(&self, number: u64) {
        let mut kept = self.connection.lock().await;
        if kept.number == number {
            kept.connection = None;
        }
    }

    /// Runs the script; where a connection kept from earlier turns out dead, once more on a new one.
    async fn run_script(&self, batch: &Batch, packed: &Packed) -> Result<Applied, StoreError> {
        let commands = serde_json::to_string(packed).expect("lists of texts are always JSON");
        let script = self.apply_script.clone();
        let mut invocation = script.key(schema::applied(batch.source));
        invocation.arg(batch.epoch).arg(batch.sequence).arg(commands);
        let was_connected = self.connection.lock().await.connection.is_some();
        match self.invoke(&invocation).await {
            // Whether the first call was run does not matter: the number tells the second.
            Err(StoreError::Dropped { .. }) if was_connected => self.invoke(&invocation).await,
            result => result,
        }
    }

    /// Any error ends the connection: the next attempt starts with a new one.
    async fn invoke(&self, invocation: &ScriptInvocation<'_>) -> Result<Applied, StoreError> {
        let (mut connection, number) = self.connect().await?;
        let running = invocation.invoke_async::<u8>(&mut connection);
        let answer = within(self.reply_timeout, &self.address, running).await;
        if answer.is_err() {
            self.give_up(number).await;
        }
        Ok(if answer? == ANSWER_APPLIED { Applied::New } else { Applied::Repeated })
    }

    /// Tells once, at the start, that acknowledged batches could be lost with Redis.
    async fn warn_unless_durable(&self, connection: &mut MultiplexedConnection) {
        let mut ask = redis::cmd("INFO");
        let asking = ask.arg("persistence").query_async::<String>(connection);
        // A user who may not ask goes without the warning.
        let answer = within(self.reply_timeout, &self.address, asking).await.unwrap_or_default();
        if answer.contains("aof_enabled:0") {
            tracing::warn!(
                "Redis at {} keeps the latest batches in memory only; set `appendonly yes` there",
                self.address
            );
        }
    }
}

impl Store for RedisStore {
    async fn apply(&self, batch: &Batch) -> Result<Applied, StoreError> {
        let packed = Packed::new(plan(batch)?);
        self.run_script(batch, &packed).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let (mut connection, number) = self.connect().await?;
        let ping = redis::cmd("PING");
        let pinging = ping.query_async::<String>(&mut connection);
        if let Err(error) = within(self.reply_timeout, &self.address, pinging).await {
            self.give_up(number).await;
            return Err(error);
        }
        self.warn_unless_durable(&mut connection).await;
        Ok(())
    }
}

impl Packed {
    fn new(commands: Vec<Command>) -> Self {
        let mut packed = Self::default();
        for command in commands {
            match command {
                Command::Increment { key, field, by } => {
                    packed.counts.extend([key, field_text(field), by.to_string()]);
                }
                Command::AddGoal { key, field, by } => {
                    packed.goals.extend([key, field_text(field), by.to_f64().to_string()]);
                }
                Command::AddWork { key, remainder_key, field, work } => {
                    let (units, left) = split_work(work);
                    packed.works.extend([key, remainder_key, field_text(field)]);
                    packed.works.extend([units.to_string(), left.to_string()]);
                }
                Command::AddToSet { key, members } => {
                    packed.sets.push([vec![key], members].concat());
                }
                Command::Push { key, value } => packed.pushes.push(vec![key, value]),
                Command::PushOnce { set_key, member, key, value } => {
                    packed.pushes.push(vec![key, value, set_key, member]);
                }
                Command::CountOnce { set_key, member, key, field } => {
                    packed.onces.push(vec![key, field_text(field), set_key, member]);
                }
                Command::Raise { key, field, to } => {
                    packed.raises.extend([key, field_text(field), to.to_string()]);
                }
            }
        }
        packed
    }
}

fn field_text(minute: Minute) -> String {
    minute.to_seconds().to_string()
}

/// Waits for Redis, but not for ever.
async fn within<T>(
    longest: Duration,
    address: &str,
    call: impl Future<Output = redis::RedisResult<T>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(longest, call).await {
        Ok(result) => result.map_err(|error| StoreError::from_redis(&error, address)),
        Err(_) => {
            let waited_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
            Err(StoreError::Timeout { address: address.to_owned(), waited_ms })
        }
    }
}

/// The library's words about a bad URL, without the URL: it may hold a password.
fn bad_url_cause(error: &redis::RedisError) -> String {
    error.detail().map_or_else(|| "it cannot be read".to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_url_says_how_to_write_one_and_hides_the_password() {
        for url in ["", "127.0.0.1:6379", "http://:geheim@127.0.0.1", "rediss://:geheim@127.0.0.1"]
        {
            let error = RedisStore::new(url, &StoreConfig::default()).err().unwrap().to_string();
            assert!(error.contains("redis://HOST:PORT"), "{error}");
            assert!(!error.contains("geheim") && error.lines().count() == 1, "{error}");
        }
    }

    #[test]
    fn goals_are_written_without_an_exponent() {
        let goal = sluice_units::Goal::from_steps(1).to_f64().to_string();
        assert!(goal.starts_with("0.0000") && !goal.contains('e'), "{goal}");
    }
}
