//! The role's configuration.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use sluice_redis_access::Place;

/// The default configuration as a commented TOML file; it parses to [`MetawriterConfig::default`].
pub const DEFAULT_CONFIG: &str = include_str!("../metawriter.toml");

/// Configuration of a metawriter; `metawriter.toml` says what each key does.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetawriterConfig {
    /// Where gateways and relays connect: `host:port`.
    pub listen: String,
    /// The key that all roles of the pool hold.
    pub cluster_key_file: PathBuf,
    /// The alertcenter, `host:port`; empty: none.
    pub alertcenter: String,
    /// Whether the start fails when the store cannot be reached.
    pub check_store_at_start: bool,
    /// Where batches go.
    pub store: StoreConfig,
}

/// Which store, and how long to wait for it. At most one of Redis, cluster and file is set.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Redis: `redis://[USER:PASSWORD@]HOST:PORT/DATABASE`; `rediss` for TLS. With Sentinels the host is the name of
    /// the master.
    pub redis_url: Option<String>,
    /// Sentinels that say which Redis is the master.
    pub redis_sentinel_urls: Vec<String>,
    /// Nodes of a Redis Cluster, one or more.
    pub redis_cluster_urls: Vec<String>,
    /// Authorities whose certificates are taken, in PEM form; the system's unless given.
    pub redis_ca_file: Option<PathBuf>,
    /// Our own certificate for Redis.
    pub redis_certificate_file: Option<PathBuf>,
    /// The certificate's key.
    pub redis_key_file: Option<PathBuf>,
    /// The file of the embedded store.
    pub embedded_path: Option<PathBuf>,
    /// Days after which minutes are removed; zero: never.
    pub retention_days: u64,
    /// How long opening a connection to Redis may take, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long Redis may take for one batch, in milliseconds.
    pub reply_timeout_ms: u64,
}

impl Default for MetawriterConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7402".to_owned(),
            cluster_key_file: "cluster.key".into(),
            alertcenter: String::new(),
            check_store_at_start: true,
            store: StoreConfig::default(),
        }
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            redis_url: None,
            redis_sentinel_urls: Vec::new(),
            redis_cluster_urls: Vec::new(),
            redis_ca_file: None,
            redis_certificate_file: None,
            redis_key_file: None,
            embedded_path: None,
            retention_days: 0,
            connect_timeout_ms: 2_000,
            reply_timeout_ms: 10_000,
        }
    }
}

impl StoreConfig {
    /// Where Redis is.
    pub fn redis_place(&self) -> Place {
        Place {
            url: self.redis_url.clone(),
            sentinel_urls: self.redis_sentinel_urls.clone(),
            cluster_urls: self.redis_cluster_urls.clone(),
            ca_file: self.redis_ca_file.clone(),
            certificate_file: self.redis_certificate_file.clone(),
            key_file: self.redis_key_file.clone(),
            connect_timeout: self.connect_timeout(),
            reply_timeout: self.reply_timeout(),
        }
    }

    /// How long opening a connection to Redis may take.
    pub const fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    /// How long Redis may take for one batch.
    pub const fn reply_timeout(&self) -> Duration {
        Duration::from_millis(self.reply_timeout_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_the_defaults() {
        let parsed: MetawriterConfig = toml::from_str(DEFAULT_CONFIG).unwrap();
        assert_eq!(parsed, MetawriterConfig::default());
    }

    /// Keys without a default.
    const OPTIONAL: [&str; 5] = [
        "redis_url = ",
        "embedded_path = ",
        "redis_ca_file = ",
        "redis_certificate_file = ",
        "redis_key_file = ",
    ];

    #[test]
    fn every_key_stands_in_the_file() {
        let uncommented: String = DEFAULT_CONFIG
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if OPTIONAL.iter().any(|key| rest.starts_with(key)) => rest,
                _ => line,
            })
            .fold(String::new(), |text, line| text + line + "\n");
        let parsed: MetawriterConfig = toml::from_str(&uncommented).unwrap();
        assert_eq!(parsed.store.redis_url.as_deref(), Some(sluice_redis_access::DEFAULT_URL));
        let StoreConfig { embedded_path, redis_ca_file, .. } = &parsed.store;
        assert!(embedded_path.is_some() && redis_ca_file.is_some());
        let StoreConfig { redis_certificate_file, redis_key_file, .. } = &parsed.store;
        assert!(redis_certificate_file.is_some() && redis_key_file.is_some());
        for key in [
            "redis_sentinel_urls",
            "redis_cluster_urls",
            "retention_days",
            "listen",
            "cluster_key_file",
            "check_store_at_start",
            "connect_timeout_ms",
        ] {
            assert!(DEFAULT_CONFIG.contains(&format!("\n{key} = ")), "{key}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<MetawriterConfig>("litsen = ''").is_err());
        assert!(toml::from_str::<MetawriterConfig>("[store]\nredis = ''").is_err());
    }
}
