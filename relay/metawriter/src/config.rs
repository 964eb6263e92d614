//! The role's configuration.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// The default configuration as a commented TOML file; it parses to [`MetawriterConfig::default`].
pub const DEFAULT_CONFIG: &str = include_str!("../metawriter.toml");

/// The Redis that is used where no store is configured.
pub const DEFAULT_REDIS_URL: &str = "redis://127.0.0.1:6379/0";

/// Configuration of a metawriter; `metawriter.toml` says what each key does.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetawriterConfig {
    /// Where gateways and relays connect: `host:port`.
    pub listen: String,
    /// The key that all roles of the pool hold.
    pub cluster_key_file: PathBuf,
    /// Whether the start fails when the store cannot be reached.
    pub check_store_at_start: bool,
    /// Where batches go.
    pub store: StoreConfig,
}

/// Which store, and how long to wait for it. At most one of the two is set.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// Redis: `redis://[USER:PASSWORD@]HOST:PORT/DATABASE`.
    pub redis_url: Option<String>,
    /// The file of the embedded store.
    pub embedded_path: Option<PathBuf>,
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
            check_store_at_start: true,
            store: StoreConfig::default(),
        }
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            redis_url: None,
            embedded_path: None,
            connect_timeout_ms: 2_000,
            reply_timeout_ms: 10_000,
        }
    }
}

impl StoreConfig {
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

    #[test]
    fn every_key_stands_in_the_file() {
        let uncommented: String = DEFAULT_CONFIG
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest)
                    if rest.starts_with("redis_url") || rest.starts_with("embedded_path") =>
                {
                    rest
                }
                _ => line,
            })
            .fold(String::new(), |text, line| text + line + "\n");
        let parsed: MetawriterConfig = toml::from_str(&uncommented).unwrap();
        assert_eq!(parsed.store.redis_url.as_deref(), Some(DEFAULT_REDIS_URL));
        assert!(parsed.store.embedded_path.is_some());
        for key in ["listen", "cluster_key_file", "check_store_at_start", "connect_timeout_ms"] {
            assert!(DEFAULT_CONFIG.contains(&format!("\n{key} = ")), "{key}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<MetawriterConfig>("litsen = ''").is_err());
        assert!(toml::from_str::<MetawriterConfig>("[store]\nredis = ''").is_err());
    }
}
