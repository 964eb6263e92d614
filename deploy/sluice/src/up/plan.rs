//! What follows from the arguments: each role's configuration.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use rustix::process::{Resource, getrlimit};
use sluice_gateway::GatewayConfig;
use sluice_jobmaster::JobmasterConfig;
use sluice_metawriter::{MetawriterConfig, StoreConfig};
use sluice_miner::{MinerConfig, Quirk};
use sluice_sandbox::{NodeConfig, SandboxConfig, network_bits_for_difficulty};
use sluice_service::clock::unix_time;
use sluice_sha256d::HeaderSearch;
use sluice_units::hex;

use crate::arguments::UpArguments;

/// Where the sandbox's coins go: the example of BIP 173, in regtest's form. Nobody spends them.
const SANDBOX_PAYOUT: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/// How long one hashing thread of this machine should take for a block of the sandbox chain.
const SANDBOX_BLOCK_INTERVAL: Duration = Duration::from_secs(2);
/// How many shares a miner hands in for each block of the sandbox chain, at first.
const SANDBOX_SHARES_PER_BLOCK: f64 = 32.0;
/// Any free port of the loopback: internal links are found by the address that was bound.
const FREE_PORT: &str = "127.0.0.1:0";
/// Descriptors for everything but miners.
const OTHER_DESCRIPTORS: u64 = 256;
/// With fewer miners a pool is not worth starting; the gateway then says which limit is too low.
const MINERS_MIN: u64 = 16;
const HASHES_PER_DIFFICULTY: f64 = 4_294_967_296.0;

/// Where the parts of one pool keep their state.
pub(crate) struct Folders {
    /// All of it.
    pub(crate) root: PathBuf,
    pub(crate) gateway: PathBuf,
    pub(crate) jobmaster: PathBuf,
    pub(crate) store: PathBuf,
    /// The key of its links: whoever has it is the pool's operator.
    pub(crate) key: PathBuf,
}

impl Folders {
    /// The sandbox and real nodes are kept apart: their shares are not worth the same.
    pub(crate) fn new(arguments: &UpArguments) -> Self {
        let root = arguments.data.join(if arguments.node.is_some() { "node" } else { "sandbox" });
        let folder = |name: &str| root.join(name);
        let (gateway, jobmaster) = (folder("gateway"), folder("jobmaster"));
        let (store, key) = (folder("store.redb"), folder("cluster.key"));
        Self { gateway, jobmaster, store, key, root }
    }
}

/// The sandbox chain's difficulty: as given, or such that this machine finds a block every few
/// seconds, whether it has SHA instructions or not.
pub(crate) fn sandbox_difficulty(arguments: &UpArguments) -> f64 {
    arguments.network_difficulty.unwrap_or_else(|| {
        let threads = miner_threads(arguments).clamp(1, 2) as f64;
        let hashes = hashes_per_s() * threads * SANDBOX_BLOCK_INTERVAL.as_secs_f64();
        // A power of two, downwards: the interval is at most the wanted one.
        hashes.log2().floor().exp2() / HASHES_PER_DIFFICULTY
    })
}

/// The password is the process's own secret: no other user of the machine can speak to the chain.
pub(crate) fn sandbox(difficulty: f64) -> Result<NodeConfig> {
    let mut password = [0; 16];
    getrandom::fill(&mut password).map_err(|error| anyhow!("no random bytes: {error}"))?;
    let now = u32::try_from(unix_time().to_seconds()).unwrap_or(u32::MAX);
    Ok(NodeConfig {
        chain: SandboxConfig {
            network_bits: network_bits_for_difficulty(difficulty),
            seed: u64::from(now),
            // An hour back, so that blocks found faster than one a second find room.
            genesis_time: now - 3600,
            ..SandboxConfig::default()
        },
        rpc_port: 0,
        rpc_user: "sluice".into(),
        rpc_password: hex::encode(&password),
    })
}

pub(crate) fn metawriter(arguments: &UpArguments, folders: &Folders) -> MetawriterConfig {
    let embedded_path = arguments.redis.is_none().then(|| folders.store.clone());
    let store =
        StoreConfig { redis_url: arguments.redis.clone(), embedded_path, ..StoreConfig::default() };
    MetawriterConfig { listen: FREE_PORT.into(), store, ..MetawriterConfig::default() }
}

pub(crate) fn jobmaster(
    arguments: &UpArguments,
    folders: &Folders,
    sandbox_url: Option<String>,
) -> JobmasterConfig {
    let default = JobmasterConfig::default();
    JobmasterConfig {
        listen: FREE_PORT.into(),
        data_folder: folders.jobmaster.clone(),
        payout_address: arguments.payout.clone().unwrap_or_else(|| SANDBOX_PAYOUT.into()),
        coinbase_tag: arguments.tag.clone(),
        // Asking our own process costs next to nothing.
        poll_interval_ms: if sandbox_url.is_some() { 100 } else { default.poll_interval_ms },
        // A person waits in front of it: what is wrong is told at once.
        node_start_wait_s: 0,
        node_url: sandbox_url.or_else(|| arguments.node.clone()).unwrap_or_default(),
        ..default
    }
}

/// `sandbox` is the difficulty of the sandbox chain, where one is mined on.
pub(crate) fn gateway(
    arguments: &UpArguments,
    folders: &Folders,
    sandbox: Option<f64>,
    [jobmaster, metawriter]: [String; 2],
) -> GatewayConfig {
    let default = GatewayConfig::default();
    let mut config = GatewayConfig {
        listen: arguments.listen.clone(),
        jobmaster,
        metawriter,
        data_folder: folders.gateway.clone(),
        shards: arguments.shards,
        connections_per_shard_max: connections_within(descriptor_limit()),
        ..default
    };
    if let Some(network) = sandbox {
        config.difficulty_start = network / SANDBOX_SHARES_PER_BLOCK;
        config.difficulty_min = config.difficulty_start / 16.0;
        // Most shares are no blocks, however fast the miner.
        config.difficulty_max = network / (SANDBOX_SHARES_PER_BLOCK / 2.0);
        config.share_interval_target_s = 1.0;
    }
    if let Some(difficulty) = arguments.difficulty {
        config.difficulty_start = difficulty;
        config.difficulty_min = config.difficulty_min.min(difficulty);
        config.difficulty_max = config.difficulty_max.max(difficulty);
    }
    config
}

pub(crate) fn miner(arguments: &UpArguments, pool: String) -> Option<MinerConfig> {
    let threads = miner_threads(arguments);
    let user = arguments.miner_user.clone();
    (threads > 0).then(|| MinerConfig {
        pool,
        user,
        password: "x".into(),
        threads,
        quirk: Quirk::None,
    })
}

/// What people are told about where the counts are.
pub(crate) fn store_name(arguments: &UpArguments, store: &Path) -> String {
    match &arguments.redis {
        // The address may hold a password.
        Some(url) => {
            let place = url.split_once("://").map_or(url.as_str(), |(_, place)| place);
            format!("Redis at {}", place.rsplit('@').next().unwrap_or(place))
        }
        None => store.display().to_string(),
    }
}

fn miner_threads(arguments: &UpArguments) -> usize {
    arguments.miner_threads.unwrap_or(usize::from(arguments.node.is_none()))
}

/// As many miners a shard as the gateway's default, or as the process may have descriptors: a first
/// try should not end at a limit.
fn connections_within(descriptors: u64) -> u32 {
    let most = GatewayConfig::default().connections_per_shard_max;
    let room = descriptors.saturating_sub(OTHER_DESCRIPTORS).max(MINERS_MIN);
    u32::try_from(room).map_or(most, |room| room.min(most))
}

/// The gateway raises the soft limit to the hard one by itself.
fn descriptor_limit() -> u64 {
    getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX)
}

/// How fast one thread of this machine hashes, from a short trial.
fn hashes_per_s() -> f64 {
    const BURST: u32 = 4096;
    const TRIAL: Duration = Duration::from_millis(50);
    let mut search = HeaderSearch::new(&[0; 80]);
    let start = Instant::now();
    let mut hashes: u32 = 0;
    while start.elapsed() < TRIAL {
        for nonce in hashes..hashes + BURST {
            std::hint::black_box(search.hash(nonce));
        }
        hashes += BURST;
    }
    f64::from(hashes) / start.elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    fn arguments_of(words: &[&str]) -> UpArguments {
        let words = ["sluice", "up"].iter().chain(words);
        match Arguments::parse_from(words).command {
            Command::Up(arguments) => arguments,
            _ => unreachable!("the words begin with up"),
        }
    }

    #[test]
    fn the_sandbox_stands_well_above_the_shares() {
        let arguments = arguments_of(&[]);
        let network = sandbox_difficulty(&arguments);
        let folders = Folders::new(&arguments);
        let gateway = gateway(&arguments, &folders, Some(network), ["a".into(), "b".into()]);
        assert!(gateway.difficulty_min <= gateway.difficulty_start);
        assert!(gateway.difficulty_max * 16.0 <= network);
        assert!(miner(&arguments, "pool".into()).is_some());
    }

    #[test]
    fn a_real_node_brings_real_difficulties_and_no_miner() {
        let arguments = arguments_of(&["--node", "http://u:p@h:1", "--payout", "x"]);
        let folders = Folders::new(&arguments);
        let gateway = gateway(&arguments, &folders, None, ["a".into(), "b".into()]);
        assert_eq!(gateway.difficulty_start, GatewayConfig::default().difficulty_start);
        assert_eq!(miner(&arguments, "pool".into()), None);
        assert_eq!(jobmaster(&arguments, &folders, None).node_url, "http://u:p@h:1");
    }

    #[test]
    fn a_low_limit_of_descriptors_lowers_the_number_of_miners() {
        let most = GatewayConfig::default().connections_per_shard_max;
        assert_eq!(connections_within(u64::MAX), most);
        assert_eq!(connections_within(20_000), most);
        assert_eq!(connections_within(1024), 768);
        assert_eq!(connections_within(10), 16);
    }

    #[test]
    fn passwords_are_not_shown() {
        let arguments = arguments_of(&["--redis", "redis://user:secret@10.0.0.1:6379/0"]);
        let name = store_name(&arguments, Path::new("store"));
        assert_eq!(name, "Redis at 10.0.0.1:6379/0");
        let arguments = arguments_of(&["--redis", "redis://localhost:6379"]);
        assert_eq!(store_name(&arguments, Path::new("store")), "Redis at localhost:6379");
    }
}
