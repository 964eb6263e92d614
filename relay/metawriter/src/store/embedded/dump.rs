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
    let gather = |line| -> Result<(), StoreError> {
        lines.push(line);
        Ok(())
    };
    dump_each(path, gather)?;
    Ok(lines)
}

/// Why a visit ended before it had seen all.
enum VisitError<E> {
    File(redb::Error),
    Visitor(E),
}

impl<X: Into<redb::Error>, E> From<X> for VisitError<E> {
    fn from(error: X) -> Self {
        Self::File(error.into())
    }
}

/// Hands over everything that a store's file holds, one key at a time, as of one moment, until the visitor gives an error.
///
/// The role may be writing the file meanwhile. It cannot reuse the room of what is visited: a slow visitor lets the file grow.
pub fn dump_each<E: From<StoreError>>(
    path: &Path,
    mut visit: impl FnMut(DumpLine) -> Result<(), E>,
) -> Result<(), E> {
    let mut read = || -> Result<(), VisitError<E>> {
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
    read().map_err(|error| match error {
        VisitError::File(error) => StoreError::from_file(&error, path).into(),
        VisitError::Visitor(error) => error,
    })
}

fn dump_hashes<E>(
    transaction: &ReadTransaction,
    visit: &mut impl FnMut(DumpLine) -> Result<(), E>,
) -> Result<(), VisitError<E>> {
    let mut keys = Keys::new(DumpValue::Hash, visit);
    for entry in transaction.open_table(HASHES)?.iter()? {
        let (place, value) = entry?;
        let (key, field) = place.value();
        keys.under(key)?.insert(field.to_owned(), value.value().to_owned());
    }
    keys.finish()
}

fn dump_lists<E>(
    transaction: &ReadTransaction,
    visit: &mut impl FnMut(DumpLine) -> Result<(), E>,
) -> Result<(), VisitError<E>> {
    let mut keys = Keys::new(DumpValue::List, visit);
    for entry in transaction.open_table(LISTS)?.iter()? {
        let (place, element) = entry?;
        keys.under(place.value().0)?.push(element.value().to_owned());
    }
    keys.finish()
}

fn dump_sets<E>(
    transaction: &ReadTransaction,
    visit: &mut impl FnMut(DumpLine) -> Result<(), E>,
) -> Result<(), VisitError<E>> {
    let mut keys = Keys::new(DumpValue::Set, visit);
    for entry in transaction.open_table(SETS)?.iter()? {
        let (place, _) = entry?;
        let (key, member) = place.value();
        keys.under(key)?.insert(member.to_owned());
    }
    keys.finish()
}

/// Gathers the entries of one key, which stand side by side, and hands it over at the next key.
struct Keys<'v, C, V> {
    key: Option<String>,
    content: C,
    wrap: fn(C) -> DumpValue,
    visit: &'v mut V,
}

impl<'v, C: Default, V> Keys<'v, C, V> {
    fn new(wrap: fn(C) -> DumpValue, visit: &'v mut V) -> Self {
        Self { key: None, content: C::default(), wrap, visit }
    }

    /// What has been gathered under this key so far.
    fn under<E>(&mut self, key: &str) -> Result<&mut C, VisitError<E>>
    where
        V: FnMut(DumpLine) -> Result<(), E>,
    {
        if self.key.as_deref() != Some(key) {
            self.finish()?;
            self.key = Some(key.to_owned());
        }
        Ok(&mut self.content)
    }

    fn finish<E>(&mut self) -> Result<(), VisitError<E>>
    where
        V: FnMut(DumpLine) -> Result<(), E>,
    {
        let Some(key) = self.key.take() else { return Ok(()) };
        let value = (self.wrap)(std::mem::take(&mut self.content));
        (self.visit)(DumpLine { key, value }).map_err(VisitError::Visitor)
    }
}
