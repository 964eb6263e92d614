//! What the file holds, key by key, in Redis's terms.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use redb::{Builder, ConcurrencyMode, ReadTransaction, ReadableDatabase, ReadableTable};
use serde::{Deserialize, Serialize};

use super::{CACHE_BYTES_MAX, HASHES, LISTS, SETS, StoreError};

/// One key and everything under it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct DumpLine {
    /// The key.
    pub key: String,
    /// Its type and value: as JSON `"type"` is `hash`, `list` or `set`, beside `"value"`.
    #[serde(flatten)]
    pub value: DumpValue,
}

/// The value of a key; every number is text, as in Redis.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
pub enum DumpValue {
    /// Field to value.
    Hash(BTreeMap<String, String>),
    /// Elements from the head.
    List(Vec<String>),
    /// Members.
    Set(BTreeSet<String>),
}

/// Everything that a store's file holds: hashes, lists and sets, each sorted by key.
///
/// Holds all of it in memory; [`dump_each`] does not.
pub fn dump(path: &Path) -> Result<Vec<DumpLine>, StoreError> {
    let mut lines = Vec::new();
    dump_each(path, |line| lines.push(line))?;
    Ok(lines)
}

/// Hands over everything that a store's file holds, one key at a time, as of one moment.
///
/// The role may be writing the file meanwhile.
pub fn dump_each(path: &Path, mut visit: impl FnMut(DumpLine)) -> Result<(), StoreError> {
    let mut read = || -> Result<(), redb::Error> {
        let database = Builder::new()
            .set_cache_size(CACHE_BYTES_MAX)
            .set_concurrency_mode(ConcurrencyMode::SingleWriter)
            .open_read_only(path)?;
        let transaction = database.begin_read()?;
        dump_hashes(&transaction, &mut visit)?;
        dump_lists(&transaction, &mut visit)?;
        dump_sets(&transaction, &mut visit)?;
        Ok(())
    };
    read().map_err(|error| StoreError::from_file(&error, path))
}

fn dump_hashes(
    transaction: &ReadTransaction,
    visit: &mut impl FnMut(DumpLine),
) -> Result<(), redb::Error> {
    let mut keys = Keys::new(DumpValue::Hash, visit);
    for entry in transaction.open_table(HASHES)?.iter()? {
        let (place, value) = entry?;
        let (key, field) = place.value();
        keys.under(key).insert(field.to_owned(), value.value().to_owned());
    }
    keys.finish();
    Ok(())
}

fn dump_lists(
    transaction: &ReadTransaction,
    visit: &mut impl FnMut(DumpLine),
) -> Result<(), redb::Error> {
    let mut keys = Keys::new(DumpValue::List, visit);
    for entry in transaction.open_table(LISTS)?.iter()? {
        let (place, element) = entry?;
        keys.under(place.value().0).push(element.value().to_owned());
    }
    keys.finish();
    Ok(())
}

fn dump_sets(
    transaction: &ReadTransaction,
    visit: &mut impl FnMut(DumpLine),
) -> Result<(), redb::Error> {
    let mut keys = Keys::new(DumpValue::Set, visit);
    for entry in transaction.open_table(SETS)?.iter()? {
        let (place, _) = entry?;
        let (key, member) = place.value();
        keys.under(key).insert(member.to_owned());
    }
    keys.finish();
    Ok(())
}

/// Gathers the entries of one key, which stand side by side, and hands it over at the next key.
struct Keys<'v, C, V> {
    key: Option<String>,
    content: C,
    wrap: fn(C) -> DumpValue,
    visit: &'v mut V,
}

impl<'v, C: Default, V: FnMut(DumpLine)> Keys<'v, C, V> {
    fn new(wrap: fn(C) -> DumpValue, visit: &'v mut V) -> Self {
        Self { key: None, content: C::default(), wrap, visit }
    }

    /// What has been gathered under this key so far.
    fn under(&mut self, key: &str) -> &mut C {
        if self.key.as_deref() != Some(key) {
            self.finish();
            self.key = Some(key.to_owned());
        }
        &mut self.content
    }

    fn finish(&mut self) {
        if let Some(key) = self.key.take() {
            let value = (self.wrap)(std::mem::take(&mut self.content));
            (self.visit)(DumpLine { key, value });
        }
    }
}
