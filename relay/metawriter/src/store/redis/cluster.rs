//! A batch into a cluster, slot by slot: a script may change keys of one slot only.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use sluice_redis_access::Connection;
use sluice_relay_core::applied::{EPOCHS_IN_SLOT_MAX, RANGES_IN_SLOT_MAX, is_too_old};
use sluice_relay_core::{Applied as Numbers, Command, schema, slot};
use sluice_units::limits::STORE_SLOTS_IN_FLIGHT_MAX;
use sluice_wire::share_feed::Batch;
use tokio::task::JoinSet;

use super::{Apply, Number, within};
use crate::store::{Applied, StoreError};

impl Apply {
    /// Each slot remembers what it has taken; at last the key that a single server has remembers that all of them did.
    ///
    /// That key is asked first. Its ranges go to every slot: a slot sees few of a source's batches, and would have a
    /// range for each one while some batch is away.
    pub(super) async fn run_by_slot(
        &self,
        connection: &Connection,
        batch: &Batch,
        commands: Vec<Command>,
    ) -> Result<Applied, StoreError> {
        static TAGS: OnceLock<Vec<String>> = OnceLock::new();
        let tags = TAGS.get_or_init(slot::tags);
        let Batch { epoch, sequence, source, .. } = *batch;
        let whole_key = schema::applied(source);
        let Some(numbers) = self.numbers(connection, &whole_key, epoch).await? else {
            return Ok(Applied::TooOld);
        };
        if numbers.contains(sequence) {
            let is_forgotten = numbers.is_forgotten(sequence);
            return Ok(if is_forgotten { Applied::TooOld } else { Applied::Repeated });
        }
        let whole = Number::of(batch);
        let in_slot = Number {
            in_all_slots: Arc::from(numbers.to_string()),
            ranges_max: RANGES_IN_SLOT_MAX,
            epochs_max: EPOCHS_IN_SLOT_MAX,
            ..whole.clone()
        };
        let (mut running, mut some_too_old) = (JoinSet::new(), false);
        for (slot, commands) in slot::by_slot(commands) {
            if running.len() == STORE_SLOTS_IN_FLIGHT_MAX {
                some_too_old |= join_next(&mut running).await? == Applied::TooOld;
            }
            let keys =
                keys_of(schema::applied_in_slot(source, &tags[usize::from(slot)]), &commands);
            let (apply, connection, number) = (self.clone(), connection.clone(), in_slot.clone());
            running.spawn(async move { apply.run(&connection, keys, &number, commands).await });
        }
        while !running.is_empty() {
            some_too_old |= join_next(&mut running).await? == Applied::TooOld;
        }
        let applied = self.run(connection, vec![whole_key], &whole, Vec::new()).await?;
        Ok(if some_too_old { Applied::TooOld } else { applied })
    }

    /// The batches of an epoch that are applied; `None` where the epoch is older than all that are remembered.
    async fn numbers(
        &self,
        connection: &Connection,
        key: &str,
        epoch: u64,
    ) -> Result<Option<Numbers>, StoreError> {
        let mut connection = connection.clone();
        let mut ask = redis::cmd("HGET");
        let asking = ask.arg(key).arg(epoch).query_async::<Option<String>>(&mut connection);
        if let Some(text) = within(self.reply_timeout, &self.address, asking).await? {
            let bad = || StoreError::BadKey {
                cause: format!("{key} holds in field {epoch} what is no list of batches"),
            };
            return text.parse().map(Some).map_err(|_| bad());
        }
        let mut ask = redis::cmd("HKEYS");
        let asking = ask.arg(key).query_async::<Vec<String>>(&mut connection);
        let known = within(self.reply_timeout, &self.address, asking).await?;
        let known: Vec<u64> = known.iter().map(|known| known.parse().unwrap_or(0)).collect();
        Ok((!is_too_old(epoch, &known)).then(Numbers::default))
    }
}

/// Every key that a call of the script touches, once: Redis lets none of them stay behind while their slot moves.
fn keys_of(applied_key: String, commands: &[Command]) -> Vec<String> {
    let keys = commands.iter().flat_map(|command| [Some(command.key()), command.other_key()]);
    let keys: BTreeSet<&str> = keys.flatten().collect();
    std::iter::once(applied_key).chain(keys.into_iter().map(str::to_owned)).collect()
}

async fn join_next(
    running: &mut JoinSet<Result<Applied, StoreError>>,
) -> Result<Applied, StoreError> {
    let ended = running.join_next().await.expect("there is one");
    ended.expect("a call of the script does not panic")
}
