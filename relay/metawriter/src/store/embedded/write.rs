//! A batch into the file: one transaction, on the disk before it is answered.

use std::path::Path;

use redb::{Database, ReadableTable, Table, WriteTransaction};
use sluice_relay_core::applied::{EPOCHS_MAX, is_too_old};
use sluice_relay_core::command::{WORK_UNIT_BITS, split_work};
use sluice_relay_core::{Applied as Numbers, Command, STORED_COUNT_END, schema};
use sluice_units::limits::EMBEDDED_LIST_ELEMENTS_MAX;
use sluice_units::{Minute, Work};

use super::{Applied, HASHES, LISTS, Place, SETS, StoreError};

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

/// Applies the commands, unless this batch was applied before, or is older than what is remembered.
pub(super) fn apply(
    database: &Database,
    path: &Path,
    place: &Place,
    commands: Vec<Command>,
) -> Result<Applied, StoreError> {
    let write = || -> Result<Applied, WriteError> {
        // Dropping the transaction without a commit undoes it.
        let transaction = database.begin_write()?;
        let taken = take_number(&transaction, place)?;
        if taken != Applied::New {
            return Ok(taken);
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

/// Takes the batch's number among those of its source.
fn take_number(transaction: &WriteTransaction, place: &Place) -> Result<Applied, WriteError> {
    let Place { key, epoch, sequence } = place;
    let mut hashes = transaction.open_table(HASHES)?;
    let epoch_text = epoch.to_string();
    let stored = match hashes.get((key.as_str(), epoch_text.as_str()))? {
        Some(text) => text.value().parse::<Numbers>().map(Some).map_err(|_| {
            WriteError::BadKey(format!("{key} holds in field {epoch} what is no list of batches"))
        })?,
        None => None,
    };
    if stored.is_none() {
        let known = epochs_of(&hashes, key)?;
        if is_too_old(*epoch, &known) {
            return Ok(Applied::TooOld);
        }
        if known.len() >= EPOCHS_MAX {
            let oldest = known.into_iter().min().expect("there are some");
            hashes.remove((key.as_str(), oldest.to_string().as_str()))?;
        }
    }
    let mut numbers = stored.unwrap_or_default();
    if !numbers.insert(*sequence) {
        let is_forgotten = numbers.is_forgotten(*sequence);
        return Ok(if is_forgotten { Applied::TooOld } else { Applied::Repeated });
    }
    let text = numbers.to_string();
    hashes.insert((key.as_str(), epoch_text.as_str()), text.as_str())?;
    Ok(Applied::New)
}

fn epochs_of(
    hashes: &Table<'_, (&'static str, &'static str), &'static str>,
    key: &str,
) -> Result<Vec<u64>, WriteError> {
    let mut epochs = Vec::new();
    // Digits end before the colon.
    for entry in hashes.range((key, "")..(key, ":"))? {
        epochs.push(entry?.0.value().1.parse().unwrap_or(0));
    }
    Ok(epochs)
}

struct Tables<'t> {
    hashes: Table<'t, (&'static str, &'static str), &'static str>,
    sets: Table<'t, (&'static str, &'static str), ()>,
    lists: Table<'t, (&'static str, u64), &'static str>,
}

impl Tables<'_> {
    fn apply(&mut self, command: Command) -> Result<(), WriteError> {
        match command {
            Command::Increment { key, field, by } => self.increment_field(&key, &field, by),
            Command::AddGoal { key, field, by } => {
                self.add_number(&key, &field_text(field), by.to_f64())
            }
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
            Command::PushOnce { set_key, member, key, value } => {
                if self.sets.insert((set_key.as_str(), member.as_str()), ())?.is_none() {
                    self.push(&key, &value)?;
                }
                Ok(())
            }
            Command::CountOnce { set_key, member, key, field } => {
                if self.sets.insert((set_key.as_str(), member.as_str()), ())?.is_none() {
                    self.increment(&key, field, 1)?;
                }
                Ok(())
            }
            Command::Detail { key, minute, goal, best } => {
                self.write_detail(&key, minute, goal.to_f64(), best.to_difficulty())
            }
        }
    }

    /// Adds to the goal, and puts the best in the place of a smaller one.
    fn write_detail(
        &mut self,
        key: &str,
        minute: Minute,
        goal: f64,
        best: f64,
    ) -> Result<(), WriteError> {
        if goal > 0.0 {
            self.add_number(key, &schema::detail_field(minute, schema::DETAIL_GOAL), goal)?;
        }
        let field = schema::detail_field(minute, schema::DETAIL_BEST);
        if best > self.field(key, &field, "number")?.unwrap_or(0.0) {
            self.set_field(key, &field, &best.to_string())?;
        }
        Ok(())
    }

    fn increment(&mut self, key: &str, minute: Minute, by: u64) -> Result<(), WriteError> {
        self.increment_field(key, &field_text(minute), by)
    }

    fn increment_field(&mut self, key: &str, field: &str, by: u64) -> Result<(), WriteError> {
        let sum = self.count(key, field)? + by;
        self.set_field(key, field, &sum.to_string())
    }

    fn add_number(&mut self, key: &str, field: &str, by: f64) -> Result<(), WriteError> {
        let sum: f64 = self.field(key, field, "number")?.unwrap_or(0.0);
        self.set_field(key, field, &(sum + by).to_string())
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
            let field_text = field_text(field);
            let left = self.count(remainder_key, &field_text)? + u64::from(left);
            units += left >> WORK_UNIT_BITS;
            let left = left & u64::from(u32::MAX);
            if left > 0 {
                self.set_field(remainder_key, &field_text, &left.to_string())?;
            } else {
                self.hashes.remove((remainder_key, field_text.as_str()))?;
            }
        }
        if units > 0 { self.increment(key, field, units) } else { Ok(()) }
    }

    /// Appends behind the last element, and lets the oldest go beyond as many as are kept: no reader takes any.
    fn push(&mut self, key: &str, value: &str) -> Result<(), WriteError> {
        let last = self.lists.range((key, 0)..=(key, u64::MAX))?.next_back().transpose()?;
        let place = last.map_or(0, |(place, _)| place.value().1 + 1);
        self.lists.insert((key, place), value)?;
        if let Some(oldest) = place.checked_sub(EMBEDDED_LIST_ELEMENTS_MAX) {
            self.lists.retain_in((key, 0)..=(key, oldest), |_, _| false)?;
        }
        Ok(())
    }

    /// A stored count; zero where there is none.
    fn count(&self, key: &str, field: &str) -> Result<u64, WriteError> {
        let count = self.field(key, field, "count")?.unwrap_or(0);
        if count >= STORED_COUNT_END {
            return Err(WriteError::BadKey(format!(
                "{key} holds in field {field} what is no count"
            )));
        }
        Ok(count)
    }

    fn field<T: std::str::FromStr>(
        &self,
        key: &str,
        field: &str,
        wanted: &str,
    ) -> Result<Option<T>, WriteError> {
        let Some(text) = self.hashes.get((key, field))? else { return Ok(None) };
        text.value().parse().map(Some).map_err(|_| {
            WriteError::BadKey(format!("{key} holds in field {field} what is no {wanted}"))
        })
    }

    fn set_field(&mut self, key: &str, field: &str, value: &str) -> Result<(), WriteError> {
        self.hashes.insert((key, field), value)?;
        Ok(())
    }
}

fn field_text(field: Minute) -> String {
    field.to_seconds().to_string()
}
