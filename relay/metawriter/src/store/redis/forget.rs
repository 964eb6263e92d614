//! Removes minutes that are too old, hash by hash.

use redis::Script;
use sluice_redis_access::Connection;
use sluice_relay_core::{retention, schema};
use sluice_units::Minute;
use sluice_units::limits::STORE_SLOTS_IN_FLIGHT_MAX;
use tokio::task::JoinSet;

use super::known::Known;
use super::{Apply, RedisStore, within};
use crate::store::StoreError;

const FORGET_SCRIPT: &str = include_str!("forget.lua");
const UNLIST_SCRIPT: &str = include_str!("unlist.lua");
/// Members of a set that are looked at together.
const MEMBERS_AT_ONCE: usize = 500;

impl RedisStore {
    /// See [`crate::store::Store::forget`].
    pub(super) async fn forget_minutes(&self, before: Minute) -> Result<u64, StoreError> {
        let (connection, number) = self.connect().await?;
        let forgetting = Forgetting { apply: self.apply.clone(), connection, before };
        let mut pass = Pass::default();
        let result = forgetting.run(&mut pass).await;
        // Members may have left their sets. Another writer finds out when it forgets what it knows, within the hour.
        self.kept.lock().await.known = Known::new();
        if result.is_err() {
            self.give_up(number).await;
        }
        result?;
        pass.tell_bad_keys();
        Ok(pass.removed)
    }
}

/// What a pass has done so far.
#[derive(Default)]
struct Pass {
    removed: u64,
    /// The first key that holds what we would never write, and how many there are: they are passed over.
    bad_key: Option<StoreError>,
    bad_keys: u64,
}

impl Pass {
    /// What was read, or nothing where the key is a bad one.
    fn unless_bad<T: Default>(&mut self, read: Result<T, StoreError>) -> Result<T, StoreError> {
        match read {
            Err(error @ StoreError::BadKey { .. }) => {
                self.bad_keys += 1;
                self.bad_key.get_or_insert(error);
                Ok(T::default())
            }
            read => read,
        }
    }

    fn tell_bad_keys(&self) {
        if let Some(error) = &self.bad_key {
            let others = self.bad_keys - 1;
            tracing::warn!(
                "{error}; old minutes that it would tell of stay ({others} more keys like it)"
            );
        }
    }
}

#[derive(Clone)]
struct Forgetting {
    apply: Apply,
    connection: Connection,
    before: Minute,
}

impl Forgetting {
    async fn run(&self, pass: &mut Pass) -> Result<(), StoreError> {
        for set in [schema::MINING_KEYS, schema::MONITOR_KEYS] {
            let mut cursor = 0_u64;
            loop {
                let mut ask = redis::cmd("SSCAN");
                ask.arg(set).arg(cursor).arg("COUNT").arg(MEMBERS_AT_ONCE);
                let (next, members) = pass.unless_bad(self.query_set(set, &ask).await)?;
                self.forget_members(set, &texts(members), pass).await?;
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The hashes that some members of a set tell of. A member whose own minutes are gone goes too, whoever removed them:
    /// a pass may have been cut off in between.
    async fn forget_members(
        &self,
        set: &str,
        members: &[String],
        pass: &mut Pass,
    ) -> Result<(), StoreError> {
        let mut gone = Vec::new();
        for member in members {
            let hashes = if set == schema::MINING_KEYS {
                retention::hashes_of_mining_key(member)
            } else {
                let Some(hosts) = retention::hosts_of_monitor_key(member) else { continue };
                let mut ask = redis::cmd("SMEMBERS");
                let found = self.query_set(&hosts, ask.arg(&hosts)).await;
                let hosts = texts(pass.unless_bad(found)?);
                retention::hashes_of_monitor_key(member, &hosts)
            };
            pass.removed += self.forget_hashes(hashes).await?;
            if !self.has_minutes(member).await? {
                gone.push(member);
            }
        }
        for member in gone {
            self.unlist(set, member).await?;
        }
        Ok(())
    }

    async fn forget_hashes(&self, hashes: Vec<String>) -> Result<u64, StoreError> {
        let (mut running, mut removed) = (JoinSet::new(), 0);
        for hash in hashes {
            let forgetting = self.clone();
            running.spawn(async move { forgetting.forget_hash(&hash).await });
            if running.len() == STORE_SLOTS_IN_FLIGHT_MAX {
                removed += join_next(&mut running).await?;
            }
        }
        while !running.is_empty() {
            removed += join_next(&mut running).await?;
        }
        Ok(removed)
    }

    /// One hash, piece by piece; gives how many fields are gone.
    async fn forget_hash(&self, hash: &str) -> Result<u64, StoreError> {
        let (script, mut cursor, mut removed) = (Script::new(FORGET_SCRIPT), 0_u64, 0);
        loop {
            let mut invocation = script.key(hash);
            invocation.arg(self.before.to_seconds()).arg(cursor);
            let mut connection = self.connection.clone();
            let running = invocation.invoke_async::<(u64, u64)>(&mut connection);
            let Apply { reply_timeout, address, .. } = &self.apply;
            let (next, of_piece) = within(*reply_timeout, address, running).await?;
            removed += of_piece;
            cursor = next;
            if cursor == 0 {
                return Ok(removed);
            }
        }
    }

    /// Takes a member out of its set if its minutes are still gone: a batch may have come in between.
    async fn unlist(&self, set: &str, member: &str) -> Result<(), StoreError> {
        if let Connection::Single(connection) = &self.connection {
            let script = Script::new(UNLIST_SCRIPT);
            let mut invocation = script.key(set);
            for key in retention::keys_of_listed(member) {
                invocation.key(key);
            }
            let mut connection = connection.clone();
            let running = invocation.invoke_async::<()>(&mut connection);
            return within(self.apply.reply_timeout, &self.apply.address, running).await;
        }
        // In a cluster the two are in different slots: what comes meanwhile is listed again.
        if self.has_minutes(member).await? {
            return Ok(());
        }
        let () = self.query(redis::cmd("SREM").arg(set).arg(member)).await?;
        if self.has_minutes(member).await? {
            let () = self.query(redis::cmd("SADD").arg(set).arg(member)).await?;
        }
        Ok(())
    }

    async fn has_minutes(&self, listed: &str) -> Result<bool, StoreError> {
        for key in retention::keys_of_listed(listed) {
            if self.query(redis::cmd("EXISTS").arg(key)).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Asks a set; another program may have put something else in its place.
    async fn query_set<T: redis::FromRedisValue>(
        &self,
        set: &str,
        command: &redis::Cmd,
    ) -> Result<T, StoreError> {
        match self.query(command).await {
            Err(StoreError::Answer { cause, .. }) if cause.contains("WRONGTYPE") => {
                Err(StoreError::BadKey { cause: format!("{set} holds something else than a set") })
            }
            answer => answer,
        }
    }

    async fn query<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        let asking = command.query_async::<T>(&mut connection);
        within(self.apply.reply_timeout, &self.apply.address, asking).await
    }
}

/// Members as text. One that is none is another program's.
fn texts(members: Vec<Vec<u8>>) -> Vec<String> {
    members.into_iter().filter_map(|member| String::from_utf8(member).ok()).collect()
}

async fn join_next(running: &mut JoinSet<Result<u64, StoreError>>) -> Result<u64, StoreError> {
    let ended = running.join_next().await.expect("there is one");
    ended.expect("a call of the script does not panic")
}
