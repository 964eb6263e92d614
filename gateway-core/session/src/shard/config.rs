//! What a shard is told at its start.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use sluice_mining::difficulty_memory::DifficultyMemory;
use sluice_mining::share::CheckPolicy;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_units::{Name, SourceId};

use super::accounts::AccountPolicy;
use super::watch::WatchPolicy;

/// Names, bounds, times and policies of one shard.
#[derive(Clone, Debug)]
pub struct ShardConfig {
    /// Gateway and shard; the first part of every extranonce1, and the name of its batches.
    pub source: SourceId,
    /// Start of the process, seconds since 1970: the epoch of its batches.
    pub epoch: u64,
    /// Key prefix in the store.
    pub coin: Name,
    /// The host that per-host counters are kept under.
    pub host: Name,
    /// Connections that the shard holds at most; the ring's slots are below it.
    pub connections_max: u32,
    /// Connections that one address may have, of IPv6 one network of 64 bits; a further one is closed
    /// at once.
    pub connections_per_address_max: u32,
    /// Balancers, whose word is taken on whom they speak for. They are not counted as addresses.
    pub proxies_trusted: Vec<IpNet>,
    /// How shares are checked.
    pub checks: CheckPolicy,
    /// What holds at each port, in the order of the ring's listeners.
    pub ports: Vec<PortPolicy>,
    /// What becomes of shares on the tip before, right after a new one.
    pub stale: StalePolicy,
    /// Which accounts may mine.
    pub accounts: AccountPolicy,
    /// Who is kept out for doing too much.
    pub watch: WatchPolicy,
    /// What session ids are made with: of this process and nobody else, the same in all its shards.
    pub session_secret: [u8; 16],
    /// What workers worked at when they were last here, shared by the shards of a gateway.
    pub memory: Option<Arc<DifficultyMemory>>,
    /// How often a batch is cut, at most.
    pub publish_interval: Duration,
    /// Tallies that are published in a second, above zero: where there are more, batches are cut more seldom, down to
    /// once a minute.
    pub publish_rows_per_second_max: u32,
    /// Bytes of each of the two files of the shard's journal, at least
    /// [`crate::JOURNAL_FILE_BYTES_MIN`]; `None`: it keeps none, and a crash loses what is in no batch yet.
    pub journal_file_bytes: Option<u64>,
    /// Bytes after which a segment of the share log ends; `None`: there is no share log.
    pub share_log_segment_bytes: Option<u64>,
    /// How long a connection may take to subscribe and authorise.
    pub handshake_timeout: Duration,
    /// How long a working miner may say nothing.
    pub idle_timeout: Duration,
    /// How long the jobmaster may be silent before the miners are let go.
    pub feed_timeout: Duration,
}

/// What holds for the miners of one port.
#[derive(Clone, PartialEq, Debug)]
pub struct PortPolicy {
    /// Their difficulty.
    pub vardiff: VardiffPolicy,
    /// Whether they may speak TLS, as well as in the clear.
    pub tls: bool,
}

/// What becomes of shares that were found on the tip before: they were on their way when the new one came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StalePolicy {
    /// For how long they are taken. By default not at all.
    pub grace: Duration,
    /// Whether they count as others do. Else the miner is told that they were taken, and they are counted
    /// as stale.
    pub credited: bool,
}

impl ShardConfig {
    /// A shard of one port that trusts nobody, bounds nothing but its connections to 1,024, and waits a
    /// minute for everything: where to start from in tests and measurements.
    pub fn new(source: SourceId, vardiff: VardiffPolicy) -> Self {
        let minute = Duration::from_secs(60);
        let name = |text: &str| text.parse().expect("letters are a name");
        Self {
            source,
            epoch: 1,
            coin: name("btc"),
            host: name("host"),
            connections_max: 1024,
            connections_per_address_max: u32::MAX,
            proxies_trusted: Vec::new(),
            checks: CheckPolicy::default(),
            ports: vec![PortPolicy { vardiff, tls: false }],
            stale: StalePolicy::default(),
            accounts: AccountPolicy::default(),
            watch: WatchPolicy::default(),
            session_secret: [0; 16],
            memory: None,
            publish_interval: Duration::from_secs(1),
            publish_rows_per_second_max: 250,
            journal_file_bytes: None,
            share_log_segment_bytes: None,
            handshake_timeout: minute,
            idle_timeout: minute,
            feed_timeout: minute,
        }
    }
}
