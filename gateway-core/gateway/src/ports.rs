//! The ports that miners connect to, each with a difficulty of its own.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use serde::Deserialize;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_ring::LISTENERS_MAX;
use sluice_session::PortPolicy;
use sluice_units::ShareDifficulty;

use crate::config::GatewayConfig;
use crate::start::StartError;

/// A further port. What it leaves out is as for the first one; see `gateway.toml`.
#[derive(Deserialize, Clone, PartialEq, Debug, Default)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "gateway.toml documents every key")]
pub struct PortConfig {
    pub listen: String,
    pub difficulty_start: Option<f64>,
    pub difficulty_min: Option<f64>,
    pub difficulty_max: Option<f64>,
    pub share_interval_target_s: Option<f64>,
    pub tls: Option<bool>,
}

/// Where to listen, and what holds there.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Port {
    pub(crate) listen: String,
    pub(crate) policy: PortPolicy,
}

impl Port {
    /// All ports of a gateway, the first one first, or which key is wrong.
    pub(crate) fn all(config: &GatewayConfig) -> Result<Vec<Self>, String> {
        if config.ports.len() >= LISTENERS_MAX {
            return Err(format!("ports: {} are possible beside the first", LISTENERS_MAX - 1));
        }
        let first = PortConfig { listen: config.listen.clone(), ..PortConfig::default() };
        let first = Self::new(config, &first);
        let further = config.ports.iter().map(|port| {
            Self::new(config, port).map_err(|cause| format!("port {}: {cause}", port.listen))
        });
        std::iter::once(first).chain(further).collect()
    }

    fn new(config: &GatewayConfig, port: &PortConfig) -> Result<Self, String> {
        let difficulty = |key: &str, value: f64| {
            ShareDifficulty::from_f64(value)
                .ok_or_else(|| format!("{key} = {value}: a difficulty is a number above zero"))
        };
        let [start, min, max] = [
            ("difficulty_start", port.difficulty_start, config.difficulty_start),
            ("difficulty_min", port.difficulty_min, config.difficulty_min),
            ("difficulty_max", port.difficulty_max, config.difficulty_max),
        ]
        .map(|(key, own, of_all)| difficulty(key, own.unwrap_or(of_all)));
        let interval_s = port.share_interval_target_s.unwrap_or(config.share_interval_target_s);
        let vardiff = VardiffPolicy {
            difficulty_start: start?,
            difficulty_min: min?,
            difficulty_max: max?,
            rental_difficulty_min: difficulty(
                "rental_difficulty_min",
                config.rental_difficulty_min,
            )?,
            share_interval_target: Duration::try_from_secs_f64(interval_s)
                .ok()
                .filter(|interval| !interval.is_zero())
                .ok_or("share_interval_target_s: an interval is a number of seconds above zero")?,
            retarget_interval: Duration::from_secs(config.retarget_interval_s),
        };
        let ordered = vardiff.difficulty_min <= vardiff.difficulty_start
            && vardiff.difficulty_start <= vardiff.difficulty_max;
        if !ordered {
            return Err("difficulty_min <= difficulty_start <= difficulty_max does not hold".into());
        }
        let has_certificate = config.certificate_files()?.is_some();
        let tls = port.tls.unwrap_or(has_certificate);
        if tls && !has_certificate {
            return Err("tls = true needs tls_certificate_file and tls_key_file".into());
        }
        Ok(Self { listen: port.listen.clone(), policy: PortPolicy { vardiff, tls } })
    }

    /// Where all of them are on this machine.
    pub(crate) fn resolve_all(config: &GatewayConfig) -> Result<Vec<SocketAddr>, StartError> {
        Self::all(config).map_err(StartError::Config)?.iter().map(Self::resolve).collect()
    }

    fn resolve(&self) -> Result<SocketAddr, StartError> {
        let bad = || StartError::BadAddress(self.listen.clone());
        self.listen.to_socket_addrs().map_err(|_| bad())?.next().ok_or_else(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> GatewayConfig {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_port_has_what_it_says_and_the_rest_of_the_first() {
        let config = config(
            "difficulty_start = 64\ndifficulty_min = 0.5\n\
             [[ports]]\nlisten = \"127.0.0.1:1\"\ndifficulty_start = 1e6\ndifficulty_min = 5e5\n\
             [[ports]]\nlisten = \"127.0.0.1:2\"\nshare_interval_target_s = 2.5\n",
        );
        let ports = Port::all(&config).unwrap();
        let difficulty = |value: f64| ShareDifficulty::from_f64(value).unwrap();
        let starts: Vec<_> =
            ports.iter().map(|port| port.policy.vardiff.difficulty_start).collect();
        assert_eq!(starts, [64.0, 1e6, 64.0].map(difficulty));
        assert_eq!(ports[1].policy.vardiff.difficulty_min, difficulty(5e5));
        assert_eq!(ports[2].policy.vardiff.difficulty_min, difficulty(0.5));
        assert_eq!(ports[2].policy.vardiff.share_interval_target, Duration::from_millis(2500));
        assert_eq!(ports[2].resolve().unwrap(), ([127, 0, 0, 1], 2).into());
    }

    #[test]
    fn a_wrong_port_is_named() {
        let wrong = config("[[ports]]\nlisten = \"127.0.0.1:1\"\ndifficulty_max = 2\n");
        let cause = Port::all(&wrong).unwrap_err();
        assert!(cause.contains("127.0.0.1:1") && cause.contains("difficulty_max"), "{cause}");
        let many = "[[ports]]\nlisten = \"127.0.0.1:1\"\n".repeat(LISTENERS_MAX);
        assert!(Port::all(&config(&many)).unwrap_err().contains("7 are possible"));
        let nowhere = config("[[ports]]\nlisten = \"nowhere\"\n");
        let ports = Port::all(&nowhere).unwrap();
        assert!(
            matches!(ports[1].resolve(), Err(StartError::BadAddress(listen)) if listen == "nowhere")
        );
    }
}
