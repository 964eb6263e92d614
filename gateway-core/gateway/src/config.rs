//! The gateway's configuration; `gateway.toml` beside this crate explains every key.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Instant;

use ipnet::IpNet;
use serde::Deserialize;
use sluice_session::{JOURNAL_FILE_BYTES_MIN, JOURNAL_FILES};
use sluice_sha256d::Kernel;
use sluice_units::Name;
use sluice_units::limits::{
    JOBMASTERS_MAX, JOURNAL_BYTES_MAX, METAWRITERS_MAX, SHARES_PER_JOB_MAX,
};

use crate::abuse::AbuseConfig;
use crate::accounts::{self, AccountSource, UnknownAccount};
use crate::host::ShardRuntime;
use crate::ports::{Port, PortConfig};
use crate::start::StartError;
use crate::tls::certificates::CertificateFiles;
use crate::topology::{NumaOrder, Topology, machine_cores};

/// The commented default configuration.
pub const DEFAULT_CONFIG: &str = include_str!("../gateway.toml");

/// Where the shards of a gateway take jobs by datagram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Datagrams {
    /// Each shard has a port of its own, counted from here; port 0: any that is free.
    pub(crate) own: Option<SocketAddr>,
    /// All of them are in this group.
    pub(crate) group: Option<SocketAddr>,
}

impl Datagrams {
    /// Of one shard: ports are counted from the first one's.
    pub(crate) fn of_shard(self, shard: usize) -> Result<Self, String> {
        let own = match self.own {
            Some(first) if first.port() != 0 => {
                let port = u16::try_from(usize::from(first.port()) + shard).map_err(|_| {
                    format!("job_datagrams = \"{first}\": there are not so many ports above it, choose a lower one")
                })?;
                Some(SocketAddr::new(first.ip(), port))
            }
            any => any,
        };
        Ok(Self { own, ..self })
    }
}

/// The value of `share_kernel` that leaves the choice to a trial.
const FASTEST: &str = "fastest";

/// See `gateway.toml` for each key's meaning.
#[derive(Deserialize, Clone, PartialEq, Debug)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "gateway.toml documents every key, and a test holds it to that")]
pub struct GatewayConfig {
    pub listen: String,
    pub ports: Vec<PortConfig>,
    pub tls_certificate_file: PathBuf,
    pub tls_key_file: PathBuf,
    pub cluster_key_file: PathBuf,
    /// The alertcenter, `host:port`; empty: none.
    pub alertcenter: String,
    pub gateway_id: u16,
    pub jobmaster: String,
    pub more_jobmasters: Vec<String>,
    pub job_datagrams: String,
    pub job_multicast: String,
    pub metawriter: String,
    pub more_metawriters: Vec<String>,
    pub data_folder: PathBuf,
    pub journal_folder: PathBuf,
    pub journal_bytes_max: u64,
    pub spool_bytes_max: u64,
    pub publish_interval_ms: u64,
    /// Whether every share is logged by itself.
    pub share_log: bool,
    /// The folder of the share log; empty: `shares` in the data folder.
    pub share_log_folder: PathBuf,
    /// Bytes of the share log at most.
    pub share_log_bytes_max: u64,
    /// Days after which shares leave the log.
    pub share_log_days_max: u64,
    /// Bytes that the share log leaves free in its file system.
    pub share_log_free_bytes_min: u64,
    /// Tallies that each shard publishes in a second at most; where there are more, less often.
    pub publish_rows_per_second_max: u32,
    pub coin: String,
    pub host: String,
    pub runtime: ShardRuntime,
    pub shards: usize,
    pub cores: Vec<usize>,
    pub numa_order: NumaOrder,
    pub pin_shards: bool,
    pub share_kernel: String,
    pub shares_per_job_max: usize,
    pub connections_per_shard_max: u32,
    pub connections_max: u64,
    pub connections_per_address_max: u32,
    pub proxy_protocol_from: Vec<String>,
    pub difficulty_start: f64,
    pub difficulty_min: f64,
    pub difficulty_max: f64,
    pub rental_difficulty_min: f64,
    pub share_interval_target_s: f64,
    pub retarget_interval_s: u64,
    pub accounts: AccountSource,
    pub accounts_file: PathBuf,
    pub accounts_url: String,
    pub accounts_timeout_ms: u64,
    pub accounts_cache_s: u64,
    pub accounts_unknown: UnknownAccount,
    pub stale_grace_ms: u64,
    pub stale_grace_credit: bool,
    pub handshake_timeout_s: u64,
    pub idle_timeout_s: u64,
    pub feed_timeout_s: u64,
    pub stop_wait_s: u64,
    pub abuse: AbuseConfig,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            listen: "0.0.0.0:3333".into(),
            ports: Vec::new(),
            tls_certificate_file: PathBuf::new(),
            tls_key_file: PathBuf::new(),
            cluster_key_file: "/etc/sluice/cluster.key".into(),
            alertcenter: String::new(),
            gateway_id: 1,
            jobmaster: "127.0.0.1:7401".into(),
            more_jobmasters: Vec::new(),
            job_datagrams: "0.0.0.0:0".into(),
            job_multicast: String::new(),
            metawriter: "127.0.0.1:7402".into(),
            more_metawriters: Vec::new(),
            data_folder: "/var/lib/sluice/gateway".into(),
            journal_folder: PathBuf::new(),
            journal_bytes_max: 32 * 1024 * 1024,
            spool_bytes_max: 10 * 1024 * 1024 * 1024,
            publish_interval_ms: 1000,
            publish_rows_per_second_max: 250,
            share_log: false,
            share_log_folder: PathBuf::new(),
            share_log_bytes_max: 100 * 1024 * 1024 * 1024,
            share_log_days_max: 90,
            share_log_free_bytes_min: 1024 * 1024 * 1024,
            coin: "btc".into(),
            host: String::new(),
            runtime: ShardRuntime::Bare,
            shards: 0,
            cores: Vec::new(),
            numa_order: NumaOrder::Fill,
            pin_shards: true,
            share_kernel: FASTEST.into(),
            shares_per_job_max: SHARES_PER_JOB_MAX,
            connections_per_shard_max: 16_384,
            connections_max: 0,
            connections_per_address_max: 4096,
            proxy_protocol_from: Vec::new(),
            difficulty_start: 16_384.0,
            difficulty_min: 1.0,
            difficulty_max: 4_294_967_296.0,
            rental_difficulty_min: 500_000.0,
            share_interval_target_s: 5.0,
            retarget_interval_s: 60,
            accounts: AccountSource::Any,
            accounts_file: PathBuf::new(),
            accounts_url: String::new(),
            accounts_timeout_ms: 2000,
            accounts_cache_s: 300,
            accounts_unknown: UnknownAccount::Allow,
            stale_grace_ms: 0,
            stale_grace_credit: true,
            handshake_timeout_s: 30,
            idle_timeout_s: 900,
            feed_timeout_s: 60,
            stop_wait_s: 5,
            abuse: AbuseConfig::default(),
        }
    }
}

impl GatewayConfig {
    /// Whether every value makes sense, as far as the file alone can tell.
    pub fn check(&self) -> Result<(), StartError> {
        Port::all(self).map_err(StartError::Config)?;
        self.topology().map_err(StartError::Config)?;
        self.proxies_trusted().map_err(StartError::Config)?;
        accounts::check(self).map_err(StartError::Config)?;
        self.abuse.policy().map_err(StartError::Config)?;
        self.names().map_err(StartError::Config)?;
        self.kernel().map_err(StartError::Config)?;
        self.jobmasters().map_err(StartError::Config)?;
        self.metawriters().map_err(StartError::Config)?;
        self.check_records().map_err(StartError::Config)?;
        self.datagrams().map_err(StartError::Config)?;
        self.check_shares_per_job().map_err(StartError::Config)
    }

    /// The jobmasters, the preferred one first.
    pub(crate) fn jobmasters(&self) -> Result<Vec<String>, String> {
        let all: Vec<String> =
            [&self.jobmaster].into_iter().chain(&self.more_jobmasters).cloned().collect();
        if all.len() > JOBMASTERS_MAX {
            let count = all.len();
            return Err(format!(
                "{count} jobmasters are given, at most {JOBMASTERS_MAX} are possible: take some out of more_jobmasters"
            ));
        }
        Ok(all)
    }

    /// Writers or relays, the preferred one first.
    pub(crate) fn metawriters(&self) -> Result<Vec<String>, String> {
        let all: Vec<String> =
            [&self.metawriter].into_iter().chain(&self.more_metawriters).cloned().collect();
        if all.len() > METAWRITERS_MAX {
            let count = all.len();
            return Err(format!(
                "{count} metawriters are given, at most {METAWRITERS_MAX} are possible: take some out of more_metawriters"
            ));
        }
        Ok(all)
    }

    /// Whether shares can be written down and published in this way.
    pub(crate) fn check_records(&self) -> Result<(), String> {
        let least = JOURNAL_FILES as u64 * JOURNAL_FILE_BYTES_MIN;
        let (bytes, interval) = (self.journal_bytes_max, self.publish_interval_ms);
        if !(least..=JOURNAL_BYTES_MAX).contains(&bytes) {
            return Err(format!(
                "journal_bytes_max = {bytes}: from {least} to {JOURNAL_BYTES_MAX} are possible"
            ));
        }
        if !(10..=60_000).contains(&interval) {
            return Err(format!("publish_interval_ms = {interval}: from 10 to 60000 are possible"));
        }
        if self.publish_rows_per_second_max == 0 {
            return Err("publish_rows_per_second_max = 0: from 1 on are possible".into());
        }
        Ok(())
    }

    /// Where the shards take jobs by datagram: at addresses of their own, in a group, or not at all.
    pub(crate) fn datagrams(&self) -> Result<Datagrams, String> {
        let read = |key: &str, text: &str| -> Result<Option<SocketAddr>, String> {
            if text.is_empty() {
                return Ok(None);
            }
            let address = text.parse().map(Some);
            address.map_err(|_| format!("{key} = \"{text}\": write ADDRESS:PORT with an address in numbers, or \"\" for none"))
        };
        let group = read("job_multicast", &self.job_multicast)?;
        if group.is_some_and(|group| !group.ip().is_multicast() || group.port() == 0) {
            let group = &self.job_multicast;
            return Err(format!(
                "job_multicast = \"{group}\": write the address and port of a group, as in 239.1.2.3:7403"
            ));
        }
        Ok(Datagrams { own: read("job_datagrams", &self.job_datagrams)?, group })
    }

    /// What is shown to miners that speak TLS, where any may.
    pub(crate) fn certificate_files(&self) -> Result<Option<CertificateFiles>, String> {
        let (certificate, key) = (self.tls_certificate_file.clone(), self.tls_key_file.clone());
        match [&certificate, &key].map(|path| path.as_os_str().is_empty()) {
            [true, true] => Ok(None),
            [false, false] => Ok(Some(CertificateFiles { certificate, key })),
            _ => Err("tls_certificate_file and tls_key_file go together: give both or none".into()),
        }
    }

    /// Balancers whose word is taken on whom they speak for, or which entry is wrong.
    pub(crate) fn proxies_trusted(&self) -> Result<Vec<IpNet>, String> {
        let network = |text: &String| {
            let address = text.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| text.parse()).map_err(|_| {
                format!("proxy_protocol_from: \"{text}\" is no address, nor a network such as 10.0.0.0/8")
            })
        };
        self.proxy_protocol_from.iter().map(network).collect()
    }

    /// Where the shards run on this machine, or which key is wrong.
    pub(crate) fn topology(&self) -> Result<Topology, String> {
        Topology::plan(self, &machine_cores())
    }

    /// Whether the number of shares kept per job is one that can be kept.
    pub(crate) fn check_shares_per_job(&self) -> Result<(), String> {
        let shares = self.shares_per_job_max;
        if (1..=SHARES_PER_JOB_MAX).contains(&shares) {
            return Ok(());
        }
        Err(format!("shares_per_job_max = {shares}: from 1 to {SHARES_PER_JOB_MAX} are possible"))
    }

    /// What hashes the shares, or why it cannot be that. A trial takes about a millisecond.
    pub(crate) fn kernel(&self) -> Result<Kernel, String> {
        if self.share_kernel != FASTEST {
            return Kernel::named(&self.share_kernel)
                .map_err(|error| format!("share_kernel: {error}, or \"{FASTEST}\""));
        }
        let start = Instant::now();
        Ok(Kernel::fastest(|| u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)))
    }

    /// Key prefix and host name as store keys hold them, or which of the two is wrong.
    pub(crate) fn names(&self) -> Result<(Name, Name), String> {
        let name = |key: &str, text: &str| {
            text.parse::<Name>().map_err(|error| format!("{key} = \"{text}\": {error}"))
        };
        let machine = rustix::system::uname();
        let host = if self.host.is_empty() {
            machine.nodename().to_str().unwrap_or("gateway")
        } else {
            &self.host
        };
        Ok((name("coin", &self.coin)?, name("host", host)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a structure, without those of structures within.
    fn fields_of(config: &impl std::fmt::Debug) -> usize {
        let shown = format!("{config:#?}");
        let is_field = |line: &&str| {
            line.strip_prefix("    ").is_some_and(|rest| rest.starts_with(char::is_alphabetic))
        };
        shown.lines().filter(is_field).count()
    }

    #[test]
    fn the_printed_configuration_is_the_default() {
        let printed: GatewayConfig = toml::from_str(DEFAULT_CONFIG).unwrap();
        assert_eq!(printed, GatewayConfig::default());
        let table: toml::Table = toml::from_str(DEFAULT_CONFIG).unwrap();
        assert_eq!(table.len(), fields_of(&GatewayConfig::default()), "every key is printed");
        let abuse = table["abuse"].as_table().unwrap();
        assert_eq!(abuse.len(), fields_of(&AbuseConfig::default()), "every key is printed");
        assert!(Port::all(&GatewayConfig::default()).is_ok());
        assert!(!GatewayConfig::default().topology().unwrap().shards.is_empty());
    }

    #[test]
    fn values_that_make_no_sense_name_their_key() {
        let config = GatewayConfig::default();
        let wrong = GatewayConfig { difficulty_start: 0.0, ..config.clone() };
        assert!(Port::all(&wrong).unwrap_err().contains("difficulty_start"));
        let wrong = GatewayConfig { difficulty_max: 2.0, ..config.clone() };
        assert!(Port::all(&wrong).unwrap_err().contains("difficulty_max"));
        let wrong = GatewayConfig { share_interval_target_s: 0.0, ..config.clone() };
        assert!(Port::all(&wrong).unwrap_err().contains("share_interval_target_s"));
        for shares_per_job_max in [0, SHARES_PER_JOB_MAX + 1] {
            let wrong = GatewayConfig { shares_per_job_max, ..config.clone() };
            assert!(wrong.check_shares_per_job().unwrap_err().contains("shares_per_job_max"));
        }
        let wrong = GatewayConfig { share_kernel: "abacus".into(), ..config.clone() };
        let cause = wrong.kernel().unwrap_err();
        assert!(cause.contains("share_kernel") && cause.contains("sha2"), "{cause}");
        for kernel in Kernel::available() {
            let forced = GatewayConfig { share_kernel: kernel.name().into(), ..config.clone() };
            assert_eq!(forced.kernel(), Ok(kernel));
        }
        assert!(config.kernel().is_ok());
        let wrong =
            GatewayConfig { proxy_protocol_from: vec!["10.0.0.0/33".into()], ..config.clone() };
        assert!(wrong.proxies_trusted().unwrap_err().contains("10.0.0.0/33"));
        let proxies = ["10.1.0.0/16", "::1", "127.0.0.1"].map(str::to_owned).to_vec();
        let right = GatewayConfig { proxy_protocol_from: proxies, ..config.clone() };
        assert_eq!(right.proxies_trusted().unwrap().len(), 3);
        let wrong = GatewayConfig { accounts: AccountSource::List, ..config.clone() };
        assert!(accounts::check(&wrong).unwrap_err().contains("accounts_file"));
        let wrong = GatewayConfig { accounts: AccountSource::Http, ..config.clone() };
        assert!(accounts::check(&wrong).unwrap_err().contains("accounts_url"));
        let wrong = GatewayConfig { tls_key_file: "key.pem".into(), ..config.clone() };
        assert!(Port::all(&wrong).unwrap_err().contains("tls_certificate_file"));
        for (job_datagrams, job_multicast) in
            [("host:1", ""), ("", "10.0.0.1:7403"), ("", "239.1.2.3")]
        {
            let wrong = GatewayConfig {
                job_datagrams: job_datagrams.into(),
                job_multicast: job_multicast.into(),
                ..config.clone()
            };
            assert!(wrong.datagrams().unwrap_err().contains("job_"));
        }
        let wrong = GatewayConfig { more_jobmasters: vec![String::new(); 9], ..config.clone() };
        assert!(wrong.jobmasters().unwrap_err().contains("more_jobmasters"));
        let wrong = GatewayConfig { more_metawriters: vec![String::new(); 8], ..config.clone() };
        assert!(wrong.metawriters().unwrap_err().contains("more_metawriters"));
        let wrong = GatewayConfig { journal_bytes_max: 1000, ..config.clone() };
        assert!(wrong.check_records().unwrap_err().contains("journal_bytes_max"));
        let wrong = GatewayConfig { publish_interval_ms: 0, ..config.clone() };
        assert!(wrong.check_records().unwrap_err().contains("publish_interval_ms"));
        let wrong = GatewayConfig { publish_rows_per_second_max: 0, ..config.clone() };
        assert!(wrong.check_records().unwrap_err().contains("publish_rows_per_second_max"));
        let wrong = GatewayConfig { coin: "b c".into(), ..config };
        assert!(wrong.names().unwrap_err().contains("coin"));
    }
}
