//! The embedded store: one file with the keys and values that Redis would hold.

mod dump;
mod forget;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Builder, ConcurrencyMode, Database, TableDefinition};
use sluice_relay_core::{plan, schema};
use sluice_units::Minute;
use sluice_wire::share_feed::Batch;
use tokio::sync::Mutex;

pub use dump::{DumpLine, DumpValue, dump, dump_each};

use self::forget::Left;
use super::{Applied, Store, StoreError};

/// Memory that the library may use to keep pages of the file.
const CACHE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Hashes: key and field to value.
const HASHES: TableDefinition<'_, (&str, &str), &str> = TableDefinition::new("hash");
/// Sets: key and member.
const SETS: TableDefinition<'_, (&str, &str), ()> = TableDefinition::new("set");
/// Lists: key and place to element. Places rise by one from the head, which is 0 until the oldest elements go.
const LISTS: TableDefinition<'_, (&str, u64), &str> = TableDefinition::new("list");

/// One file, written by one process; others may read it meanwhile with [`dump`].
pub struct EmbeddedStore {
    path: PathBuf,
    /// Closed after an error: opening it anew repairs what can be repaired.
    database: Arc<Mutex<Option<Database>>>,
}

impl EmbeddedStore {
    /// Takes the path, and opens or creates the file with the first batch or check.
    pub fn new(path: PathBuf) -> Self {
        Self { path, database: Arc::default() }
    }

    /// Runs a task on the open database, away from the async threads: it waits for the disk.
    async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Database, &Path) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let path = self.path.clone();
        // The task has the lock: if nobody waits for its end any more, the next one does.
        let mut kept = Arc::clone(&self.database).lock_owned().await;
        let running = tokio::task::spawn_blocking(move || {
            let database = match kept.take() {
                Some(database) => database,
                None => open_file(&path)?,
            };
            let result = task(&database, &path)?;
            *kept = Some(database);
            Ok(result)
        });
        running.await.expect("a task of the store does not panic")
    }
}

/// Where a batch's number is kept, and the number.
struct Place {
    key: String,
    epoch: u64,
    sequence: u64,
}

impl Store for EmbeddedStore {
    async fn apply(&self, batch: &Batch) -> Result<Applied, StoreError> {
        let commands = plan(batch)?;
        let place = Place {
            key: schema::applied(batch.source),
            epoch: batch.epoch,
            sequence: batch.sequence,
        };
        self.run(move |database, path| write::apply(database, path, &place, commands)).await
    }

    async fn forget(&self, before: Minute) -> Result<u64, StoreError> {
        let (mut removed, mut left) = (0, Some(Left::all()));
        while let Some(piece) = left {
            let forget = move |database: &Database, path: &Path| {
                forget::forget_piece(database, path, before, piece)
            };
            let (of_piece, rest) = self.run(forget).await?;
            removed += of_piece;
            left = rest;
        }
        Ok(removed)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.run(|_, _| Ok(())).await
    }

    async fn settle(&self) {
        // Whoever waited closes the file: the call that had it may still hold the lock's other end for a moment.
        drop(self.database.lock().await.take());
    }
}

/// Opens the file as its one writer, and makes sure that its tables are there.
fn open_file(path: &Path) -> Result<Database, StoreError> {
    let open = || -> Result<Database, redb::Error> {
        let database = Builder::new()
            .set_cache_size(CACHE_BYTES_MAX)
            .set_concurrency_mode(ConcurrencyMode::SingleWriter)
            .create(path)?;
        let transaction = database.begin_write()?;
        transaction.open_table(HASHES)?;
        transaction.open_table(SETS)?;
        transaction.open_table(LISTS)?;
        transaction.commit()?;
        Ok(database)
    };
    open().map_err(|error| StoreError::from_file(&error, path))
}
