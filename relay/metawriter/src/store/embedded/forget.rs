//! Removes minutes that are too old, in one transaction.

use std::path::Path;

use redb::{Database, ReadableTable, Table};
use sluice_relay_core::{retention, schema};
use sluice_units::Minute;

use super::{HASHES, SETS, StoreError};

/// What the keys of the hashes begin with whose fields are no minutes.
const NO_MINUTES: &str = "sluice:applied:";

pub(super) fn forget(database: &Database, path: &Path, before: Minute) -> Result<u64, StoreError> {
    let forget = || -> Result<u64, redb::Error> {
        let transaction = database.begin_write()?;
        let mut removed = 0;
        {
            let mut hashes = transaction.open_table(HASHES)?;
            hashes.retain(|(key, field), _| {
                let stays = key.starts_with(NO_MINUTES) || !is_old(field, before);
                removed += u64::from(!stays);
                stays
            })?;
            let mut sets = transaction.open_table(SETS)?;
            for set in [schema::MINING_KEYS, schema::MONITOR_KEYS] {
                let mut empty = Vec::new();
                for entry in sets.range((set, "")..)? {
                    let (place, _) = entry?;
                    let (of_set, member) = place.value();
                    if of_set != set {
                        break;
                    }
                    if !has_minutes(&hashes, member)? {
                        empty.push(member.to_owned());
                    }
                }
                for member in empty {
                    sets.remove((set, member.as_str()))?;
                }
            }
        }
        transaction.commit()?;
        Ok(removed)
    };
    forget().map_err(|error| StoreError::from_file(&error, path))
}

fn has_minutes(
    hashes: &Table<'_, (&'static str, &'static str), &'static str>,
    listed: &str,
) -> Result<bool, redb::Error> {
    for key in retention::keys_of_listed(listed) {
        let first = hashes.range((key.as_str(), "")..)?.next().transpose()?;
        if first.is_some_and(|(place, _)| place.value().0 == key) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A field is a minute, or begins with one and a colon.
fn is_old(field: &str, before: Minute) -> bool {
    let minute = field.split_once(':').map_or(field, |(minute, _)| minute);
    minute.parse::<u64>().is_ok_and(|minute| minute < before.to_seconds())
}
