//! Removes minutes that are too old, piece by piece: batches have their turn in between.

use std::ops::Bound;
use std::path::Path;

use redb::{Database, ReadableTable, Table, WriteTransaction};
use sluice_relay_core::{retention, schema};
use sluice_units::Minute;
use sluice_units::limits::STORE_ENTRIES_AT_ONCE_MAX;

use super::{HASHES, SETS, StoreError};

/// What the keys of the hashes begin with whose fields are no minutes.
const NO_MINUTES: &str = "sluice:applied:";

/// The sets that list keys.
const SETS_OF_KEYS: [&str; 2] = [schema::MINING_KEYS, schema::MONITOR_KEYS];

/// What is left of a pass.
pub(super) enum Left {
    /// The hashes behind this key and field, and then the sets.
    Hashes(String, String),
    /// Those of these sets: of the first one the members behind this one.
    Sets(&'static [&'static str], String),
}

impl Left {
    /// A whole pass.
    pub(super) const fn all() -> Self {
        Self::Hashes(String::new(), String::new())
    }
}

/// One transaction of a pass; gives how many fields are gone, and what is left.
pub(super) fn forget_piece(
    database: &Database,
    path: &Path,
    before: Minute,
    left: Left,
) -> Result<(u64, Option<Left>), StoreError> {
    let forget = || -> Result<(u64, Option<Left>), redb::Error> {
        let transaction = database.begin_write()?;
        let (fields, members, rest) = match left {
            Left::Hashes(key, field) => {
                let (removed, last) = forget_fields(&transaction, before, (&key, &field))?;
                let sets = Left::Sets(&SETS_OF_KEYS, String::new());
                (removed, 0, Some(last.map_or(sets, |(key, field)| Left::Hashes(key, field))))
            }
            Left::Sets(sets, member) => {
                let (removed, last) = unlist_members(&transaction, sets[0], &member)?;
                let rest = match last {
                    Some(member) => Some(Left::Sets(sets, member)),
                    None if sets.len() > 1 => Some(Left::Sets(&sets[1..], String::new())),
                    None => None,
                };
                (0, removed, rest)
            }
        };
        // A commit waits for the disk.
        if fields + members > 0 {
            transaction.commit()?;
        }
        Ok((fields, rest))
    };
    forget().map_err(|error| StoreError::from_file(&error, path))
}

/// Removes the old fields of a piece of the hashes; gives how many, and where it ends unless it is the last.
fn forget_fields(
    transaction: &WriteTransaction,
    before: Minute,
    behind: (&str, &str),
) -> Result<(u64, Option<(String, String)>), redb::Error> {
    let mut hashes = transaction.open_table(HASHES)?;
    let (mut old, mut last) = (Vec::new(), None);
    let entries = hashes.range::<(&str, &str)>((Bound::Excluded(behind), Bound::Unbounded))?;
    for (number, entry) in (1..=STORE_ENTRIES_AT_ONCE_MAX).zip(entries) {
        let (place, _) = entry?;
        let (key, field) = place.value();
        if !key.starts_with(NO_MINUTES) && is_old(field, before) {
            old.push((key.to_owned(), field.to_owned()));
        }
        if number == STORE_ENTRIES_AT_ONCE_MAX {
            last = Some((key.to_owned(), field.to_owned()));
        }
    }
    for (key, field) in &old {
        hashes.remove((key.as_str(), field.as_str()))?;
    }
    Ok((old.len() as u64, last))
}

/// Takes out of a piece of a set what has no minutes any more; gives how much, and where it ends unless it is the last.
fn unlist_members(
    transaction: &WriteTransaction,
    set: &str,
    behind: &str,
) -> Result<(u64, Option<String>), redb::Error> {
    let hashes = transaction.open_table(HASHES)?;
    let mut sets = transaction.open_table(SETS)?;
    let (mut empty, mut last) = (Vec::new(), None);
    let entries = sets.range::<(&str, &str)>((Bound::Excluded((set, behind)), Bound::Unbounded))?;
    for (number, entry) in (1..=STORE_ENTRIES_AT_ONCE_MAX).zip(entries) {
        let (place, _) = entry?;
        let (of_set, member) = place.value();
        if of_set != set {
            break;
        }
        if !has_minutes(&hashes, member)? {
            empty.push(member.to_owned());
        }
        if number == STORE_ENTRIES_AT_ONCE_MAX {
            last = Some(member.to_owned());
        }
    }
    for member in &empty {
        sets.remove((set, member.as_str()))?;
    }
    Ok((empty.len() as u64, last))
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
