//! The jobmaster's configuration; `jobmaster.toml` beside this crate explains every key.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};
use sluice_control_core::NodeIndex;
use sluice_mining::coinbase::{CoinbasePlan, Tag};
use sluice_mining::payout::{Payouts, RewardPart, payout_script};
use sluice_units::ban::parse_network;
use sluice_units::header::VERSION_MASK;
use sluice_units::hex;
use sluice_units::limits::{AUX_CHAINS_MAX, JOBMASTERS_MAX, NODES_MAX};
use sluice_units::{Name, NameError};

use crate::node::Node;
use crate::node_aux::{AuxNode, AuxProtocol};
use crate::start::StartError;
use crate::zmq;

/// The commented default configuration.
pub const DEFAULT_CONFIG: &str = include_str!("../jobmaster.toml");

/// See `jobmaster.toml` for each key's meaning.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "jobmaster.toml documents every key, and a test holds it to that")]
pub struct JobmasterConfig {
    pub listen: String,
    pub job_multicast: String,
    pub cluster_key_file: PathBuf,
    /// The alertcenter, `host:port`; empty: none.
    pub alertcenter: String,
    pub data_folder: PathBuf,
    pub jobmaster_id: u8,
    pub peers: Vec<String>,
    pub node_url: String,
    pub node_zmq: Vec<String>,
    pub more_nodes: Vec<NodeConfig>,
    pub payout_address: String,
    pub payouts: Vec<PayoutConfig>,
    pub coinbase_tag: String,
    pub aux_chains: Vec<AuxChainConfig>,
    pub version_mask: String,
    pub poll_interval_ms: u64,
    pub long_poll: bool,
    pub refresh_interval_s: u64,
    pub empty_job_s: u64,
    pub alive_interval_s: u64,
    pub node_timeout_s: u64,
    pub node_start_wait_s: u64,
    pub ban_exempt: Vec<String>,
}

/// A node beside the preferred one.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// Its RPC.
    pub url: String,
    /// Where it announces blocks.
    #[serde(default)]
    pub zmq: Vec<String>,
}

/// Another chain that is mined along.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct AuxChainConfig {
    /// What it is called in the store and the log.
    pub name: String,
    /// Its node's RPC.
    pub url: String,
    /// How the node is spoken to.
    #[serde(default)]
    pub kind: AuxChainKind,
    /// Whom its blocks pay, where the node does not know that by itself.
    #[serde(default)]
    pub address: String,
    /// How often the node is asked, in milliseconds.
    #[serde(default = "aux_poll_interval_ms")]
    pub poll_interval_ms: u64,
}

/// How the node of another chain is spoken to.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub enum AuxChainKind {
    /// As Namecoin's.
    #[default]
    AuxPow,
    /// As RSK's.
    Rsk,
}

const fn aux_poll_interval_ms() -> u64 {
    2000
}

/// Somebody who gets a part of each block.
#[derive(Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct PayoutConfig {
    /// An address of the node's network.
    pub address: String,
    /// Which part, as it is written: a number in decimal.
    #[serde(deserialize_with = "number_as_written")]
    pub percent: String,
}

/// A number keeps its digits: the shortest decimal that reads as the same number is what was written.
fn number_as_written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a number such as 1.5, or one in quotes")]
    enum Written {
        Whole(i64),
        Decimal(f64),
        Text(String),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Whole(number) => number.to_string(),
        Written::Decimal(number) => number.to_string(),
        Written::Text(text) => text,
    })
}

impl Default for JobmasterConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7401".into(),
            job_multicast: String::new(),
            cluster_key_file: "/etc/sluice/cluster.key".into(),
            alertcenter: String::new(),
            data_folder: "/var/lib/sluice/jobmaster".into(),
            jobmaster_id: 1,
            peers: Vec::new(),
            node_url: "http://user:password@127.0.0.1:8332".into(),
            node_zmq: Vec::new(),
            more_nodes: Vec::new(),
            payout_address: String::new(),
            payouts: Vec::new(),
            coinbase_tag: "/sluice/".into(),
            aux_chains: Vec::new(),
            version_mask: "1fffe000".into(),
            poll_interval_ms: 500,
            long_poll: true,
            refresh_interval_s: 30,
            empty_job_s: 20,
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
        self.tag("")?;
        self.parts()?;
        self.version_mask()?;
        self.ban_exempt()?;
        self.multicast()?;
        self.zmq()?;
        self.aux_nodes()?;
        self.nodes().map(drop)
    }

    /// The nodes, the preferred one first.
    pub(crate) fn nodes(&self) -> Result<Vec<Node>, StartError> {
        if self.peers.len() >= JOBMASTERS_MAX {
            return Err(StartError::TooManyPeers(self.peers.len()));
        }
        let count = 1 + self.more_nodes.len();
        if count > NODES_MAX {
            return Err(StartError::TooManyNodes(count));
        }
        let timeout = Duration::from_secs(self.node_timeout_s);
        let more = self.more_nodes.iter().map(|node| &node.url);
        [&self.node_url].into_iter().chain(more).map(|url| Ok(Node::new(url, timeout)?)).collect()
    }

    /// The group that jobs are sent to.
    pub(crate) fn multicast(&self) -> Result<Option<SocketAddr>, StartError> {
        if self.job_multicast.is_empty() {
            return Ok(None);
        }
        let group = self.job_multicast.parse().ok();
        let group =
            group.filter(|group: &SocketAddr| group.ip().is_multicast() && group.port() > 0);
        group.map(Some).ok_or_else(|| StartError::Multicast(self.job_multicast.clone()))
    }

    /// The nodes of other chains, and how often each is asked.
    pub(crate) fn aux_nodes(&self) -> Result<Vec<(AuxNode, Duration)>, StartError> {
        let bad = |chain: &AuxChainConfig, cause: &str| StartError::AuxChain {
            chain: chain.name.clone(),
            cause: cause.to_owned(),
        };
        if self.aux_chains.len() > AUX_CHAINS_MAX {
            let (last, cause) = (&self.aux_chains[AUX_CHAINS_MAX], "too many chains are given");
            return Err(bad(last, cause));
        }
        let mut nodes: Vec<(AuxNode, Duration)> = Vec::new();
        for config in &self.aux_chains {
            let chain: Name =
                config.name.parse().map_err(|error: NameError| bad(config, &error.to_string()))?;
            if nodes.iter().any(|(known, _)| known.chain == chain) {
                return Err(bad(config, "the name is given twice: give each chain its own"));
            }
            let node = Node::new(&config.url, Duration::from_secs(self.node_timeout_s))?;
            let (node, protocol) = match config.kind {
                AuxChainKind::Rsk => (node.in_version_2(), AuxProtocol::Rsk),
                AuxChainKind::AuxPow if config.address.is_empty() => {
                    return Err(bad(
                        config,
                        "no address is given: name one of that chain's, which its blocks pay",
                    ));
                }
                AuxChainKind::AuxPow => {
                    (node, AuxProtocol::AuxPow { address: config.address.clone() })
                }
            };
            let interval = Duration::from_millis(config.poll_interval_ms.max(100));
            nodes.push((AuxNode { chain, protocol, node }, interval));
        }
        Ok(nodes)
    }

    /// Where nodes announce blocks: which node, and HOST:PORT.
    pub(crate) fn zmq(&self) -> Result<Vec<(NodeIndex, String)>, StartError> {
        let more = self.more_nodes.iter().map(|node| &node.zmq);
        let all = [&self.node_zmq].into_iter().chain(more).enumerate();
        let each = all.flat_map(|(node, addresses)| addresses.iter().map(move |text| (node, text)));
        each.map(|(node, text)| {
            let address = zmq::address_of(text).ok_or_else(|| StartError::Zmq(text.clone()))?;
            Ok((node, address.to_owned()))
        })
        .collect()
    }

    /// What goes into every coinbase on a network, with a message of the operator's.
    pub(crate) fn coinbase(&self, chain: &str, message: &str) -> Result<CoinbasePlan, StartError> {
        let tag = self.tag(message)?;
        if self.payout_address.is_empty() {
            return Err(StartError::NoPayout);
        }
        let rest = payout_script(&self.payout_address, chain)?;
        let parts = self.parts()?.into_iter().zip(&self.payouts);
        let parts: Result<Vec<_>, StartError> = parts
            .map(|(part, payout)| Ok((payout_script(&payout.address, chain)?, part)))
            .collect();
        Ok(CoinbasePlan { tag, payouts: Payouts::new(parts?, rest)? })
    }

    fn tag(&self, message: &str) -> Result<Tag, StartError> {
        let in_script_sig = |chain: &AuxChainConfig| chain.kind == AuxChainKind::AuxPow;
        let beside_aux = self.aux_chains.iter().any(in_script_sig);
        Ok(Tag::new(&[&self.coinbase_tag, message].concat(), beside_aux)?)
    }

    fn parts(&self) -> Result<Vec<RewardPart>, StartError> {
        self.payouts.iter().map(|payout| Ok(payout.percent.parse()?)).collect()
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

    /// Keeps what a running jobmaster cannot change.
    pub(crate) fn keep_fixed_keys_of(&mut self, former: Self) {
        self.listen = former.listen;
        self.job_multicast = former.job_multicast;
        self.cluster_key_file = former.cluster_key_file;
        self.data_folder = former.data_folder;
        self.jobmaster_id = former.jobmaster_id;
        self.peers = former.peers;
        self.node_url = former.node_url;
        self.more_nodes = former.more_nodes;
        self.node_zmq = former.node_zmq;
        self.aux_chains = former.aux_chains;
        self.long_poll = former.long_poll;
        self.alive_interval_s = former.alive_interval_s;
        self.node_timeout_s = former.node_timeout_s;
    }

    /// The keys in which another configuration differs, and that a running jobmaster cannot change.
    pub(crate) fn fixed_keys_changed(&self, other: &Self) -> Vec<&'static str> {
        let nodes = |config: &Self| (config.node_url.clone(), config.more_nodes.clone());
        [
            ("listen", self.listen != other.listen),
            ("job_multicast", self.job_multicast != other.job_multicast),
            ("cluster_key_file", self.cluster_key_file != other.cluster_key_file),
            ("data_folder", self.data_folder != other.data_folder),
            ("peers", self.peers != other.peers),
            ("jobmaster_id", self.jobmaster_id != other.jobmaster_id),
            ("node_url or more_nodes", nodes(self) != nodes(other)),
            ("node_zmq", self.node_zmq != other.node_zmq),
            ("aux_chains", self.aux_chains != other.aux_chains),
            ("long_poll", self.long_poll != other.long_poll),
            ("alive_interval_s", self.alive_interval_s != other.alive_interval_s),
            ("node_timeout_s", self.node_timeout_s != other.node_timeout_s),
        ]
        .into_iter()
        .filter_map(|(key, changed)| changed.then_some(key))
        .collect()
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

    const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    const OTHER: &str = "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn";

    fn with_payouts(payouts: &str) -> JobmasterConfig {
        toml::from_str(&format!("payout_address = {ADDRESS:?}\npayouts = {payouts}")).unwrap()
    }

    #[test]
    fn percentages_mean_exactly_what_is_written() {
        let text = format!(
            "[{{ address = {OTHER:?}, percent = 0.1 }}, {{ address = {ADDRESS:?}, percent = 3 }}, \
             {{ address = {OTHER:?}, percent = \"0.000001\" }}]"
        );
        let plan = with_payouts(&text).coinbase("regtest", "").unwrap();
        let paid: Vec<u64> =
            plan.payouts.outputs(100_000_000).iter().map(|one| one.value.to_sat()).collect();
        assert_eq!(paid, [100_000, 3_000_000, 1, 96_899_999]);
    }

    #[test]
    fn payouts_that_cannot_be_paid_name_what_is_wrong() {
        for (payouts, chain, named) in [
            (format!("[{{ address = {OTHER:?}, percent = 100.5 }}]"), "regtest", "100.5"),
            (format!("[{{ address = {OTHER:?}, percent = -1 }}]"), "regtest", "-1"),
            (format!("[{{ address = {OTHER:?}, percent = 1 }}]"), "main", "main"),
            ("[{ address = \"nonsense\", percent = 1 }]".into(), "regtest", "nonsense"),
        ] {
            let error = with_payouts(&payouts).coinbase(chain, "").unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn tag_and_message_share_their_room() {
        let config = with_payouts("[]");
        assert!(config.coinbase("regtest", &"x".repeat(68)).is_ok());
        let error = config.coinbase("regtest", &"x".repeat(69)).unwrap_err().to_string();
        assert!(error.contains("77") && error.contains("76"), "{error}");
    }

    #[test]
    fn the_printed_length_of_the_tag_is_true() {
        let said = format!("at most {} bytes", sluice_units::limits::TAG_BYTES_MAX);
        assert!(DEFAULT_CONFIG.contains(&said), "{said}");
    }
}
