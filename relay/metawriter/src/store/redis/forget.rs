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
/// Members of a set that are looked at together.
const MEMBERS_AT_ONCE: usize = 500;

impl RedisStore {
    /// See [`crate::store::Store::forget`].
    pub(super) async fn forget_minutes(&self, before: Minute) -> Result<u64, StoreError> {
        let (connection, number) = self.connect().await?;
        let forgetting = Forgetting { apply: self.apply.clone(), connection, before };
        let result = forgetting.run().await;
        // Members may have left their sets. Another writer finds out when it forgets what it knows, within the hour.
        self.kept.lock().await.known = Known::new();
        if result.is_err() {
            self.give_up(number).await;
        }
        result
    }
}

#[derive(Clone)]
struct Forgetting {
    apply: Apply,
    connection: Connection,
    before: Minute,
}

impl Forgetting {
    async fn run(&self) -> Result<u64, StoreError> {
        let mut removed = 0;
        for set in [schema::MINING_KEYS, schema::MONITOR_KEYS] {
            let mut cursor = 0_u64;
            loop {
                let mut ask = redis::cmd("SSCAN");
                ask.arg(set).arg(cursor).arg("COUNT").arg(MEMBERS_AT_ONCE);
                let (next, members): (u64, Vec<String>) = self.query(&ask).await?;
                for member in members {
                    removed += self.forget_member(set, &member).await?;
                }
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
        }
        Ok(removed)
    }

    /// The hashes that one member of a set tells of; the member goes once its own hash is empty.
    async fn forget_member(&self, set: &str, member: &str) -> Result<u64, StoreError> {
        let hashes = if set == schema::MINING_KEYS {
            retention::hashes_of_mining_key(member)
        } else {
            let Some(hosts) = retention::hosts_of_monitor_key(member) else { return Ok(0) };
            let hosts: Vec<String> = self.query(redis::cmd("SMEMBERS").arg(hosts)).await?;
            retention::hashes_of_monitor_key(member, &hosts)
        };
        let mut running = JoinSet::new();
        let (mut removed, mut is_empty) = (0, false);
        for hash in hashes {
            let forgetting = self.clone();
            let is_member = hash == member;
            running.spawn(async move { forgetting.forget_hash(&hash, is_member).await });
            if running.len() == STORE_SLOTS_IN_FLIGHT_MAX {
                join(&mut running, &mut removed, &mut is_empty).await?;
            }
        }
        while !running.is_empty() {
            join(&mut running, &mut removed, &mut is_empty).await?;
        }
        if is_empty && removed > 0 {
            self.unlist(set, member).await?;
        }
        Ok(removed)
    }

    /// How many fields are gone, and whether this is the member's own hash and empty now.
    async fn forget_hash(&self, hash: &str, is_member: bool) -> Result<(u64, bool), StoreError> {
        let script = Script::new(FORGET_SCRIPT);
        let mut invocation = script.key(hash);
        invocation.arg(self.before.to_seconds());
        let mut connection = self.connection.clone();
        let running = invocation.invoke_async::<(u64, u8)>(&mut connection);
        let Apply { reply_timeout, address, .. } = &self.apply;
        let (removed, left) = within(*reply_timeout, address, running).await?;
        Ok((removed, is_member && left == 0))
    }

    /// Takes a member out of its set. A batch may have come in between: then it is put back.
    async fn unlist(&self, set: &str, member: &str) -> Result<(), StoreError> {
        let () = self.query(redis::cmd("SREM").arg(set).arg(member)).await?;
        if self.query::<bool>(redis::cmd("EXISTS").arg(member)).await? {
            let () = self.query(redis::cmd("SADD").arg(set).arg(member)).await?;
        }
        Ok(())
    }

    async fn query<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        let asking = command.query_async::<T>(&mut connection);
        within(self.apply.reply_timeout, &self.apply.address, asking).await
    }
}

async fn join(
    running: &mut JoinSet<Result<(u64, bool), StoreError>>,
    removed: &mut u64,
    is_empty: &mut bool,
) -> Result<(), StoreError> {
    let ended = running.join_next().await.expect("there is one");
    let (fields, member_is_empty) = ended.expect("a call of the script does not panic")?;
    *removed += fields;
    *is_empty |= member_is_empty;
    Ok(())
}
