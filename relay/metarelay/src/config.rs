//! The role's configuration; `metarelay.toml` beside this crate explains every key.

use std::path::PathBuf;

use serde::Deserialize;
use sluice_units::limits::METAWRITERS_MAX;

/// The commented default configuration.
pub const DEFAULT_CONFIG: &str = include_str!("../metarelay.toml");

/// See `metarelay.toml` for each key's meaning.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "metarelay.toml documents every key, and a test holds it to that")]
pub struct MetarelayConfig {
    pub listen: String,
    pub cluster_key_file: PathBuf,
    /// The alertcenter, `host:port`; empty: none.
    pub alertcenter: String,
    pub upstream: String,
    pub more_upstreams: Vec<String>,
    pub data_folder: PathBuf,
    pub spool_bytes_max: u64,
    pub stop_wait_s: u64,
}

impl Default for MetarelayConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7404".into(),
            cluster_key_file: "/etc/sluice/cluster.key".into(),
            alertcenter: String::new(),
            upstream: "127.0.0.1:7402".into(),
            more_upstreams: Vec::new(),
            data_folder: "/var/lib/sluice/metarelay".into(),
            spool_bytes_max: 10 * 1024 * 1024 * 1024,
            stop_wait_s: 5,
        }
    }
}

impl MetarelayConfig {
    /// Where batches go, the preferred one first; or what is wrong.
    pub fn upstreams(&self) -> Result<Vec<String>, String> {
        let all: Vec<String> =
            [&self.upstream].into_iter().chain(&self.more_upstreams).cloned().collect();
        if all.len() > METAWRITERS_MAX {
            let count = all.len();
            return Err(format!(
                "{count} upstreams are given, at most {METAWRITERS_MAX} are possible: take some out of more_upstreams"
            ));
        }
        if all.contains(&self.listen) {
            return Err(format!(
                "the relay would send to itself: {} is where it listens",
                self.listen
            ));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_configuration_is_the_default() {
        let printed: MetarelayConfig = toml::from_str(DEFAULT_CONFIG).unwrap();
        assert_eq!(printed, MetarelayConfig::default());
        let table: toml::Table = toml::from_str(DEFAULT_CONFIG).unwrap();
        assert_eq!(table.len(), 8, "every key is printed");
        assert!(toml::from_str::<MetarelayConfig>("litsen = ''").is_err());
    }

    #[test]
    fn upstreams_that_make_no_sense_are_named() {
        let config = MetarelayConfig::default();
        assert_eq!(config.upstreams().unwrap(), ["127.0.0.1:7402"]);
        let more_upstreams = vec![String::new(); METAWRITERS_MAX];
        let wrong = MetarelayConfig { more_upstreams, ..config.clone() };
        assert!(wrong.upstreams().unwrap_err().contains("more_upstreams"));
        let wrong = MetarelayConfig { upstream: config.listen.clone(), ..config };
        assert!(wrong.upstreams().unwrap_err().contains("itself"));
    }
}
