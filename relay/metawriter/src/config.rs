//! The role's configuration.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use sluice_redis_access::{Access, AccessError, Place};
use thiserror::Error;

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
    /// Replicas that must have a batch before it is acknowledged; not for a cluster.
    pub redis_replicas_min: u32,
    /// The file of the embedded store.
    pub embedded_path: Option<PathBuf>,
    /// Days after which minutes are removed; zero: never.
    pub retention_days: u64,
    /// How long opening a connection to Redis may take, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long Redis may take for one batch, in milliseconds.
    pub reply_timeout_ms: u64,
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Two stores are configured.
    #[error(
        "more than one of store.redis_url, store.redis_cluster_urls and store.embedded_path is set; leave one of them"
    )]
    TwoStores,
    /// Replicas are asked for where nobody could wait for them.
    #[error(
        "store.redis_replicas_min is for one Redis or a master behind Sentinels; remove it, and set min-replicas-to-write on the nodes of a cluster"
    )]
    ReplicasElsewhere,
    /// The keys name no way to Redis.
    #[error("store: {0}")]
    Access(#[from] AccessError),
    /// Nothing answers in no time.
    #[error("store.{key} = 0: from 1 on are possible")]
    NoTime {
        /// The key.
        key: &'static str,
    },
}

impl Default for MetawriterConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7402".to_owned(),
            cluster_key_file: "/etc/sluice/cluster.key".into(),
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
            redis_replicas_min: 0,
            embedded_path: None,
            retention_days: 0,
            connect_timeout_ms: 2_000,
            reply_timeout_ms: 10_000,
        }
    }
}

impl MetawriterConfig {
    /// Whether the role can be started like this, as far as the configuration alone tells.
    pub fn check(&self) -> Result<(), ConfigError> {
        let store = &self.store;
        let is_single = store.redis_url.is_some() || !store.redis_sentinel_urls.is_empty();
        let has_cluster = !store.redis_cluster_urls.is_empty();
        let stores = [is_single, has_cluster, store.embedded_path.is_some()];
        if stores.into_iter().filter(|is_set| *is_set).count() > 1 {
            return Err(ConfigError::TwoStores);
        }
        if store.redis_replicas_min > 0 && (has_cluster || store.embedded_path.is_some()) {
            return Err(ConfigError::ReplicasElsewhere);
        }
        for (key, value_ms) in [
            ("connect_timeout_ms", store.connect_timeout_ms),
            ("reply_timeout_ms", store.reply_timeout_ms),
        ] {
            if value_ms == 0 {
                return Err(ConfigError::NoTime { key });
            }
        }
        if store.embedded_path.is_none() {
            Access::new(&store.redis_place())?;
        }
        Ok(())
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
            "redis_replicas_min",
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
    fn what_cannot_work_is_refused() {
        MetawriterConfig::default().check().unwrap();
        let cluster = r#"redis_cluster_urls = ["redis://a"]"#;
        for (lines, told) in [
            ("redis_url = 'redis://a'\nembedded_path = 'a'", "more than one of store.redis_url"),
            (&*format!("{cluster}\nembedded_path = 'a'"), "leave one of them"),
            (&*format!("{cluster}\nredis_replicas_min = 1"), "set min-replicas-to-write"),
            ("embedded_path = 'a'\nredis_replicas_min = 1", "store.redis_replicas_min"),
            ("reply_timeout_ms = 0", "store.reply_timeout_ms = 0"),
            ("connect_timeout_ms = 0", "store.connect_timeout_ms = 0"),
            ("redis_url = 'http://x'", "is no Redis address"),
            ("redis_sentinel_urls = ['redis://a']", "it names the master"),
            ("redis_url = 'redis://a'\nredis_ca_file = '/no/ca.pem'", "write rediss:// there"),
            ("redis_cluster_urls = ['redis://a', 'rediss://b']", "with TLS and without it"),
            ("redis_url = 'rediss://a'\nredis_ca_file = '/no/ca.pem'", "/no/ca.pem: "),
        ] {
            let config: MetawriterConfig = toml::from_str(&format!("[store]\n{lines}")).unwrap();
            let error = config.check().unwrap_err().to_string();
            assert!(error.contains(told), "{lines}: {error}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<MetawriterConfig>("litsen = ''").is_err());
        assert!(toml::from_str::<MetawriterConfig>("[store]\nredis = ''").is_err());
    }
}
