//! A gateway as the metawriter sees one, and a metawriter for it.

use std::path::Path;

use sluice_metawriter::{Metawriter, MetawriterConfig, StoreConfig};
use sluice_service::ClusterKey;
use sluice_service::link::{self, LinkReceiver, LinkSender};
use sluice_wire::share_feed::{Batch, FromWriter, SHARE_FEED_VERSION, ToWriter};

use crate::redis_server::store_config;

pub(crate) struct Gateway {
    sender: LinkSender,
    receiver: LinkReceiver,
}

impl Gateway {
    /// A link that has said nothing yet.
    pub(crate) async fn connect(writer: &Metawriter, key: &ClusterKey) -> Self {
        let address = writer.local_address().to_string();
        let (sender, receiver) = link::connect(&address, key).await.unwrap();
        Self { sender, receiver }
    }

    /// A link that was welcomed.
    pub(crate) async fn join(writer: &Metawriter, key: &ClusterKey) -> Self {
        let mut gateway = Self::connect(writer, key).await;
        let name = "gateway 1".into();
        gateway.send(&ToWriter::Hello { version: SHARE_FEED_VERSION, instance: 1, name }).await;
        assert_eq!(gateway.receive().await, Some(FromWriter::Welcome));
        gateway
    }

    pub(crate) async fn send(&mut self, message: &ToWriter) {
        self.sender.send(&message.encode()).await.unwrap();
    }

    /// The next message; `None` where the metawriter ended the link.
    pub(crate) async fn receive(&mut self) -> Option<FromWriter> {
        let bytes = self.receiver.receive().await.ok().flatten()?;
        Some(FromWriter::decode(&bytes).unwrap())
    }

    /// Sends a batch and waits until it is acknowledged.
    pub(crate) async fn deliver(&mut self, batch: &Batch) {
        self.send(&ToWriter::Batch(batch.clone())).await;
        self.expect_all_acknowledged(std::slice::from_ref(batch)).await;
    }

    /// In any order: each batch that the store could not take waits by itself.
    pub(crate) async fn expect_all_acknowledged(&mut self, batches: &[Batch]) {
        let mut expected: Vec<_> = batches.iter().map(acknowledgement).collect();
        while !expected.is_empty() {
            let received = self.receive().await.expect("the metawriter ended the link");
            let place = expected.iter().position(|message| *message == received);
            expected.swap_remove(place.unwrap_or_else(|| panic!("{received:?}: {expected:?}")));
        }
    }
}

fn acknowledgement(&Batch { source, epoch, sequence, .. }: &Batch) -> FromWriter {
    FromWriter::Acknowledged { source, epoch, sequence }
}

pub(crate) fn embedded_config(path: &Path) -> MetawriterConfig {
    MetawriterConfig {
        listen: "127.0.0.1:0".into(),
        store: StoreConfig { embedded_path: Some(path.to_owned()), ..StoreConfig::default() },
        ..MetawriterConfig::default()
    }
}

pub(crate) fn redis_config(url: &str) -> MetawriterConfig {
    MetawriterConfig {
        listen: "127.0.0.1:0".into(),
        store: store_config(url),
        ..MetawriterConfig::default()
    }
}
