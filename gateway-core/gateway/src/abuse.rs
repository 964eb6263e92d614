//! Whom the gateway keeps out for doing too much: the keys of the section `[abuse]`.

use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use sluice_session::{Allowance, WatchPolicy};
use sluice_units::ban::parse_network;

/// See `gateway.toml` for each key's meaning.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "gateway.toml documents every key, and a test holds it to that")]
pub struct AbuseConfig {
    pub window_s: u64,
    pub ban_s: u64,
    pub exempt: Vec<String>,
    pub address_connections_max: u32,
    pub address_handshakes_failed_max: u32,
    pub address_submits_max: u32,
    pub address_wrong_percent_max: u32,
    pub account_connections_max: u32,
    pub account_submits_max: u32,
    pub account_wrong_percent_max: u32,
    pub wrong_min: u32,
}

impl Default for AbuseConfig {
    fn default() -> Self {
        Self {
            window_s: 60,
            ban_s: 600,
            exempt: vec!["127.0.0.0/8".into(), "::1".into()],
            address_connections_max: 0,
            address_handshakes_failed_max: 1000,
            address_submits_max: 0,
            address_wrong_percent_max: 90,
            account_connections_max: 0,
            account_submits_max: 0,
            account_wrong_percent_max: 0,
            wrong_min: 1000,
        }
    }
}

impl AbuseConfig {
    /// The policy of the shards, or which key is wrong.
    pub(crate) fn policy(&self) -> Result<WatchPolicy, String> {
        if self.window_s == 0 || self.ban_s == 0 {
            return Err("abuse: window_s and ban_s are numbers of seconds above zero".into());
        }
        for (key, percent) in [
            ("address_wrong_percent_max", self.address_wrong_percent_max),
            ("account_wrong_percent_max", self.account_wrong_percent_max),
        ] {
            if percent > 100 {
                return Err(format!("abuse: {key} = {percent}: there are 100 percent at most"));
            }
        }
        let exempt = |text: &String| -> Result<IpNet, String> {
            parse_network(text).ok_or_else(|| {
                format!("abuse: exempt: \"{text}\" is no address, nor a network such as 10.0.0.0/8")
            })
        };
        Ok(WatchPolicy {
            window: Duration::from_secs(self.window_s),
            ban: Duration::from_secs(self.ban_s),
            exempt: self.exempt.iter().map(exempt).collect::<Result<_, _>>()?,
            address: Allowance {
                connections: self.address_connections_max,
                handshakes_failed: self.address_handshakes_failed_max,
                submits: self.address_submits_max,
                wrong_percent: self.address_wrong_percent_max,
            },
            account: Allowance {
                connections: self.account_connections_max,
                handshakes_failed: 0,
                submits: self.account_submits_max,
                wrong_percent: self.account_wrong_percent_max,
            },
            wrong_min: self.wrong_min,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_keys_are_named() {
        assert!(AbuseConfig::default().policy().is_ok());
        let wrong = [
            ("window_s", AbuseConfig { window_s: 0, ..AbuseConfig::default() }),
            ("ban_s", AbuseConfig { ban_s: 0, ..AbuseConfig::default() }),
            ("exempt", AbuseConfig { exempt: vec!["home".into()], ..AbuseConfig::default() }),
            (
                "address_wrong_percent_max",
                AbuseConfig { address_wrong_percent_max: 101, ..AbuseConfig::default() },
            ),
        ];
        for (key, config) in wrong {
            let cause = config.policy().unwrap_err();
            assert!(cause.contains(key), "{cause}");
        }
    }
}
