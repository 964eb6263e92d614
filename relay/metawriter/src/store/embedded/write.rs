//! A batch into the file: one transaction, on the disk before it is answered.

use std::path::Path;

use redb::{Database, ReadableTable, Table, WriteTransaction};
use sluice_relay_core::command::{WORK_UNIT_BITS, split_work};
use sluice_relay_core::{Command, Position, STORED_COUNT_END};
use sluice_units::{Minute, Work};

use super::{Applied, HASHES, LISTS, SETS, STRINGS, StoreError};

/// Why a transaction was given up; nothing of it is kept then.
enum WriteError {
    File(redb::Error),
    BadKey(String),
}

impl<E: Into<redb::Error>> From<E> for WriteError {
    fn from(error: E) -> Self {
        Self::File(error.into())
    }
}

/// Applies the commands and the position, unless the source has come that far before.
pub(super) fn apply(
    database: &Database,
    path: &Path,
    position_key: &str,
    position: Position,
    commands: Vec<Command>,
) -> Result<Applied, StoreError> {
    let write = || -> Result<Applied, WriteError> {
        // Dropping the transaction without a commit undoes it.
        let transaction = database.begin_write()?;
        if !advance(&transaction, position_key, position)? {
            return Ok(Applied::Repeated);
        }
        let mut tables = Tables {
            hashes: transaction.open_table(HASHES)?,
            sets: transaction.open_table(SETS)?,
            lists: transaction.open_table(LISTS)?,
        };
        for command in commands {
            tables.apply(command)?;
        }
        drop(tables);
        transaction.commit()?;
        Ok(Applied::New)
    };
    write().map_err(|error| match error {
        WriteError::File(error) => StoreError::from_file(&error, path),
        WriteError::BadKey(cause) => StoreError::BadKey { cause },
    })
}

/// Moves the source's position forward; `false` where it stands there or further already.
fn advance(
    transaction: &WriteTransaction,
    key: &str,
    position: Position,
) -> Result<bool, WriteError> {
    let mut strings = transaction.open_table(STRINGS)?;
    let stored = match strings.get(key)? {
        Some(text) => Some(
            text.value()
                .parse::<Position>()
                .map_err(|_| WriteError::BadKey(format!("{key} holds no position")))?,
        ),
        None => None,
    };
    if stored.is_some_and(|stored| position <= stored) {
        return Ok(false);
    }
    strings.insert(key, position.to_string().as_str())?;
    Ok(true)
}

struct Tables<'t> {
    hashes: Table<'t, (&'static str, &'static str), &'static str>,
    sets: Table<'t, (&'static str, &'static str), ()>,
    lists: Table<'t, (&'static str, u64), &'static str>,
}

impl Tables<'_> {
    fn apply(&mut self, command: Command) -> Result<(), WriteError> {
        match command {
            Command::Increment { key, field, by } => self.increment(&key, field, by),
            Command::AddGoal { key, field, by } => self.add_goal(&key, field, by.to_f64()),
            Command::AddWork { key, remainder_key, field, work } => {
                self.add_work(&key, &remainder_key, field, work)
            }
            Command::AddToSet { key, members } => {
                for member in members {
                    self.sets.insert((key.as_str(), member.as_str()), ())?;
                }
                Ok(())
            }
            Command::Push { key, value } => self.push(&key, &value),
            Command::PushOnce { set_key, member, key, value, counts } => {
                if self.sets.insert((set_key.as_str(), member.as_str()), ())?.is_none() {
                    self.push(&key, &value)?;
                    for (key, field) in counts {
                        self.increment(&key, field, 1)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn increment(&mut self, key: &str, field: Minute, by: u64) -> Result<(), WriteError> {
        let sum = self.count(key, field)? + by;
        self.set_field(key, field, &sum.to_string())
    }

    fn add_goal(&mut self, key: &str, field: Minute, by: f64) -> Result<(), WriteError> {
        let goal: f64 = self.field(key, field, "number")?.unwrap_or(0.0);
        self.set_field(key, field, &(goal + by).to_string())
    }

    fn add_work(
        &mut self,
        key: &str,
        remainder_key: &str,
        field: Minute,
        work: Work,
    ) -> Result<(), WriteError> {
        let (units, left) = split_work(work);
        let mut units = u64::try_from(units).expect("a plan bounds its units");
        if left > 0 {
            let left = self.count(remainder_key, field)? + u64::from(left);
            units += left >> WORK_UNIT_BITS;
            let left = left & u64::from(u32::MAX);
            if left > 0 {
                self.set_field(remainder_key, field, &left.to_string())?;
            } else {
                self.hashes.remove((remainder_key, field_text(field).as_str()))?;
            }
        }
        if units > 0 { self.increment(key, field, units) } else { Ok(()) }
    }

    /// Appends behind the last element.
    fn push(&mut self, key: &str, value: &str) -> Result<(), WriteError> {
        let last = self.lists.range((key, 0)..=(key, u64::MAX))?.next_back().transpose()?;
        let place = last.map_or(0, |(place, _)| place.value().1 + 1);
        self.lists.insert((key, place), value)?;
        Ok(())
    }

    /// A stored count; zero where there is none.
    fn count(&self, key: &str, field: Minute) -> Result<u64, WriteError> {
        let count = self.field(key, field, "count")?.unwrap_or(0);
        if count >= STORED_COUNT_END {
            return Err(WriteError::BadKey(format!(
                "{key} holds in field {} what is no count",
                field_text(field)
            )));
        }
        Ok(count)
    }

    fn field<T: std::str::FromStr>(
        &self,
        key: &str,
        field: Minute,
        wanted: &str,
    ) -> Result<Option<T>, WriteError> {
        let field = field_text(field);
        let Some(text) = self.hashes.get((key, field.as_str()))? else { return Ok(None) };
        text.value().parse().map(Some).map_err(|_| {
            WriteError::BadKey(format!("{key} holds in field {field} what is no {wanted}"))
        })
    }

    fn set_field(&mut self, key: &str, field: Minute, value: &str) -> Result<(), WriteError> {
        self.hashes.insert((key, field_text(field).as_str()), value)?;
        Ok(())
    }
}

fn field_text(field: Minute) -> String {
    field.to_seconds().to_string()
}
