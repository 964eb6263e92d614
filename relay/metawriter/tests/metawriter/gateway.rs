//! A gateway as the metawriter sees one, and a metawriter for it.

use std::path::Path;

use sluice_metawriter::{Metawriter, MetawriterConfig, StoreConfig};
use sluice_service::ClusterKey;
use sluice_service::link::{self, LinkReceiver, LinkSender};
use sluice_wire::share_feed::{Batch, FromWriter, SHARE_FEED_VERSION, ToWriter};

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
        gateway.send(&ToWriter::Hello { version: SHARE_FEED_VERSION, name }).await;
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
        self.expect_acknowledged(batch).await;
    }

    pub(crate) async fn expect_acknowledged(&mut self, batch: &Batch) {
        let Batch { source, epoch, sequence, .. } = *batch;
        let acknowledged = FromWriter::Acknowledged { source, epoch, sequence };
        assert_eq!(self.receive().await, Some(acknowledged));
    }
}

pub(crate) fn embedded_config(path: &Path) -> MetawriterConfig {
    MetawriterConfig {
        listen: "127.0.0.1:0".into(),
        store: StoreConfig { embedded_path: Some(path.to_owned()), ..StoreConfig::default() },
        ..MetawriterConfig::default()
    }
}

pub(crate) fn redis_config(url: String) -> MetawriterConfig {
    MetawriterConfig {
        listen: "127.0.0.1:0".into(),
        store: StoreConfig { redis_url: Some(url), ..StoreConfig::default() },
        ..MetawriterConfig::default()
    }
}
