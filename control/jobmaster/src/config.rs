//! The jobmaster's configuration; `jobmaster.toml` beside this crate explains every key.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use sluice_mining::coinbase::Tag;
use sluice_units::ban::parse_network;
use sluice_units::header::VERSION_MASK;
use sluice_units::hex;

use crate::node::Node;
use crate::start::StartError;

/// The commented default configuration.
pub const DEFAULT_CONFIG: &str = include_str!("../jobmaster.toml");

/// See `jobmaster.toml` for each key's meaning.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "jobmaster.toml documents every key, and a test holds it to that")]
pub struct JobmasterConfig {
    pub listen: String,
    pub cluster_key_file: PathBuf,
    pub data_folder: PathBuf,
    pub jobmaster_id: u8,
    pub node_url: String,
    pub payout_address: String,
    pub coinbase_tag: String,
    pub version_mask: String,
    pub poll_interval_ms: u64,
    pub refresh_interval_s: u64,
    pub alive_interval_s: u64,
    pub node_timeout_s: u64,
    pub node_start_wait_s: u64,
    pub ban_exempt: Vec<String>,
}

impl Default for JobmasterConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7401".into(),
            cluster_key_file: "/etc/sluice/cluster.key".into(),
            data_folder: "/var/lib/sluice/jobmaster".into(),
            jobmaster_id: 1,
            node_url: "http://user:password@127.0.0.1:8332".into(),
            payout_address: String::new(),
            coinbase_tag: "/sluice/".into(),
            version_mask: "1fffe000".into(),
            poll_interval_ms: 500,
            refresh_interval_s: 30,
            alive_interval_s: 5,
            node_timeout_s: 10,
            node_start_wait_s: 10,
            ban_exempt: Vec::new(),
        }
    }
}

impl JobmasterConfig {
    /// Whether every value makes sense, as far as the file alone can tell.
    pub fn check(&self) -> Result<(), StartError> {
        if self.payout_address.is_empty() {
            return Err(StartError::NoPayout);
        }
        Tag::new(&self.coinbase_tag)?;
        self.version_mask()?;
        self.ban_exempt()?;
        Node::new(&self.node_url, Duration::from_secs(self.node_timeout_s))?;
        Ok(())
    }

    /// The version bits that miners may roll.
    pub(crate) fn version_mask(&self) -> Result<u32, StartError> {
        let digits = self.version_mask.as_bytes().try_into().ok();
        let mask = digits.and_then(hex::decode_eight);
        mask.filter(|mask| mask & !VERSION_MASK == 0)
            .ok_or_else(|| StartError::VersionMask(self.version_mask.clone()))
    }

    /// The networks that are never banned, or which entry is none.
    pub(crate) fn ban_exempt(&self) -> Result<Vec<IpNet>, StartError> {
        let network =
            |text: &String| parse_network(text).ok_or_else(|| StartError::BanExempt(text.clone()));
        self.ban_exempt.iter().map(network).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_configuration_is_the_default() {
        let printed: JobmasterConfig = toml::from_str(DEFAULT_CONFIG).unwrap();
        assert_eq!(printed, JobmasterConfig::default());
        let table: toml::Table = toml::from_str(DEFAULT_CONFIG).unwrap();
        let fields = format!("{:?}", JobmasterConfig::default()).matches(": ").count();
        assert_eq!(table.len(), fields, "every key is printed");
    }

    #[test]
    fn a_version_mask_is_within_what_anybody_may_roll() {
        for (text, expected) in [
            ("1fffe000", Some(0x1fff_e000)),
            ("00000000", Some(0)),
            ("1FFF0000", Some(0x1fff_0000)),
            ("20000000", None),
            ("1fffe001", None),
            ("1fffe", None),
            ("+1ffe000", None),
        ] {
            let config =
                JobmasterConfig { version_mask: text.into(), ..JobmasterConfig::default() };
            assert_eq!(config.version_mask().ok(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_exempt_is_told_where_it_is_no_network() {
        let exempt = |text: &str| JobmasterConfig {
            payout_address: "any".into(),
            ban_exempt: vec!["10.0.0.0/8".into(), text.into()],
            ..JobmasterConfig::default()
        };
        assert!(exempt("10.1.2.3").check().is_ok());
        let error = exempt("10.1.2.300").check().unwrap_err().to_string();
        assert!(error.contains("ban_exempt") && error.contains("10.1.2.300"), "{error}");
    }

    #[test]
    fn the_printed_length_of_the_tag_is_true() {
        let said = format!("at most {} bytes", sluice_units::limits::TAG_BYTES_MAX);
        assert!(DEFAULT_CONFIG.contains(&said), "{said}");
    }
}
