//! The stores as the tests open and read them: Redis, a cluster, a file.

use sluice_metawriter::store::embedded::{self, DumpLine};
use sluice_metawriter::store::{EmbeddedStore, RedisStore, Store};
use tempfile::TempDir;

use crate::redis_nodes::Cluster;
use crate::redis_server::RedisServer;

/// A place that stores are opened on, and that can be read beside them.
pub(crate) trait Place {
    type Store: Store;
    fn open(&self) -> Self::Store;
    /// Another store on the same place, where there may be one.
    fn open_another(&self) -> Option<Self::Store> {
        Some(self.open())
    }
    async fn dump(&self) -> Vec<DumpLine>;
}

impl Place for RedisServer {
    type Store = RedisStore;

    fn open(&self) -> Self::Store {
        self.store()
    }

    async fn dump(&self) -> Vec<DumpLine> {
        Self::dump(self).await
    }
}

impl Place for Cluster {
    type Store = RedisStore;

    fn open(&self) -> Self::Store {
        self.store()
    }

    /// What it remembers slot by slot is its own affair.
    async fn dump(&self) -> Vec<DumpLine> {
        let mut lines = Self::dump(self).await;
        lines.retain(|line| !line.key.starts_with("sluice:applied:{"));
        lines
    }
}

pub(crate) struct Folder(pub(crate) TempDir);

impl Place for Folder {
    type Store = EmbeddedStore;

    fn open(&self) -> EmbeddedStore {
        EmbeddedStore::new(self.0.path().join("store.redb"))
    }

    /// One process has the file open.
    fn open_another(&self) -> Option<EmbeddedStore> {
        None
    }

    async fn dump(&self) -> Vec<DumpLine> {
        let mut lines = embedded::dump(&self.0.path().join("store.redb")).unwrap();
        lines.sort();
        lines
    }
}
