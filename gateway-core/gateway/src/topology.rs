//! Which shard runs where, and how many miners each holds: a plan from configuration and machine.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use sluice_units::limits::{CONNECTIONS_PER_SHARD_MAX, SHARDS_MAX};

use crate::config::GatewayConfig;

/// In which order shards are given to the cores of several NUMA nodes.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum NumaOrder {
    /// All cores of a node before the next one's.
    Fill,
    /// A core of each node in turn.
    Spread,
}

/// A core that this process may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Core {
    pub(crate) number: usize,
    pub(crate) numa_node: usize,
}

/// Where one shard runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ShardPlace {
    /// The core that it is pinned to; `None` leaves it to the system.
    pub(crate) core: Option<usize>,
    pub(crate) connections_max: u32,
}

/// The places of all shards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Topology {
    pub(crate) shards: Vec<ShardPlace>,
}

impl Topology {
    /// The plan for a machine with these cores, or which key of the configuration is wrong.
    pub(crate) fn plan(config: &GatewayConfig, machine: &[Core]) -> Result<Self, String> {
        let cores = ordered(chosen(config, machine)?, config.numa_order);
        let count = if config.shards == 0 { cores.len().max(1) } else { config.shards };
        if count > SHARDS_MAX {
            return Err(format!("shards = {count}: at most {SHARDS_MAX} are possible"));
        }
        let shards = (0..count).map(|index| ShardPlace {
            // More shards than cores go round; a system that names none pins none.
            core: cores.get(index % cores.len().max(1)).filter(|_| config.pin_shards).copied(),
            connections_max: config.connections_per_shard_max,
        });
        let mut topology = Self { shards: shards.collect() };
        topology.share_connections(config)?;
        Ok(topology)
    }

    /// Splits the bound of the whole gateway evenly; what is left over goes to the first shards.
    fn share_connections(&mut self, config: &GatewayConfig) -> Result<(), String> {
        let per_shard = u64::from(config.connections_per_shard_max);
        if !(1..=CONNECTIONS_PER_SHARD_MAX as u64).contains(&per_shard) {
            return Err(format!(
                "connections_per_shard_max = {per_shard}: from 1 to {CONNECTIONS_PER_SHARD_MAX} are possible"
            ));
        }
        let count = self.shards.len() as u64;
        let all = match config.connections_max {
            0 => per_shard * count,
            all => all.min(per_shard * count),
        };
        if all < count {
            return Err(format!(
                "connections_max = {all}: {count} shards need one each at least; raise it, or lower shards"
            ));
        }
        for (index, shard) in self.shards.iter_mut().enumerate() {
            let share = all / count + u64::from((index as u64) < all % count);
            shard.connections_max =
                u32::try_from(share).expect("a share is below the shard's bound");
        }
        Ok(())
    }

    /// Connections of all shards together.
    pub(crate) fn connections_max(&self) -> u64 {
        self.shards.iter().map(|shard| u64::from(shard.connections_max)).sum()
    }
}

/// The cores that the configuration names, in its order; all of the machine's where it names none.
fn chosen(config: &GatewayConfig, machine: &[Core]) -> Result<Vec<Core>, String> {
    if config.cores.is_empty() {
        return Ok(machine.to_vec());
    }
    let find = |number: &usize| {
        let found = machine.iter().find(|core| core.number == *number).copied();
        found.ok_or_else(|| {
            let known: Vec<_> = machine.iter().map(|core| core.number.to_string()).collect();
            format!(
                "cores: this process may not use core {number}; it may use {}",
                known.join(", ")
            )
        })
    };
    config.cores.iter().map(find).collect()
}

fn ordered(cores: Vec<Core>, order: NumaOrder) -> Vec<usize> {
    let mut nodes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for core in cores {
        nodes.entry(core.numa_node).or_default().push(core.number);
    }
    match order {
        NumaOrder::Fill => nodes.into_values().flatten().collect(),
        NumaOrder::Spread => {
            let longest = nodes.values().map(Vec::len).max().unwrap_or(0);
            let round =
                |turn: usize| nodes.values().filter_map(move |node| node.get(turn).copied());
            (0..longest).flat_map(round).collect()
        }
    }
}

/// The cores that this process may use, with their NUMA nodes.
pub(crate) fn machine_cores() -> Vec<Core> {
    let nodes = numa_nodes();
    let node_of = |number| {
        let node = nodes.iter().find(|(_, cores)| cores.contains(&number));
        node.map_or(0, |(node, _)| *node)
    };
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    cores.into_iter().map(|core| Core { number: core.id, numa_node: node_of(core.id) }).collect()
}

/// The cores of each NUMA node, as far as the kernel tells.
fn numa_nodes() -> Vec<(usize, Vec<usize>)> {
    let Ok(entries) = fs::read_dir("/sys/devices/system/node") else { return Vec::new() };
    let node = |entry: fs::DirEntry| {
        let number = entry.file_name().to_str()?.strip_prefix("node")?.parse().ok()?;
        let list = fs::read_to_string(entry.path().join("cpulist")).ok()?;
        Some((number, parse_core_list(&list)))
    };
    entries.flatten().filter_map(node).collect()
}

/// Reads a list as the kernel writes it, such as `0-3,8`; what is no number is passed over.
fn parse_core_list(text: &str) -> Vec<usize> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<usize>().ok()?..=last.parse().ok()?)
    };
    text.trim().split(',').filter_map(range).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Vec<Core> {
        // Two nodes whose cores alternate, as some machines number them.
        (0..6).map(|number| Core { number, numa_node: number % 2 }).collect()
    }

    fn plan(config: &GatewayConfig) -> Vec<Option<usize>> {
        let topology = Topology::plan(config, &machine()).unwrap();
        topology.shards.iter().map(|shard| shard.core).collect()
    }

    #[test]
    fn shards_take_the_cores_in_the_order_of_their_nodes() {
        let config = GatewayConfig::default();
        let fill = GatewayConfig { numa_order: NumaOrder::Fill, ..config.clone() };
        assert_eq!(plan(&fill), [0, 2, 4, 1, 3, 5].map(Some));
        let spread = GatewayConfig { numa_order: NumaOrder::Spread, ..config.clone() };
        assert_eq!(plan(&spread), [0, 1, 2, 3, 4, 5].map(Some));
        let chosen = GatewayConfig { cores: vec![5, 4, 2], shards: 5, ..spread };
        assert_eq!(plan(&chosen), [4, 5, 2, 4, 5].map(Some), "more shards than cores go round");
        let unpinned = GatewayConfig { pin_shards: false, shards: 2, ..config };
        assert_eq!(plan(&unpinned), [None, None]);
        let unknown = Topology::plan(&unpinned, &[]).unwrap();
        assert_eq!(unknown.shards.len(), 2, "a system that names no cores");
    }

    #[test]
    fn connections_are_shared_out() {
        let config = GatewayConfig { shards: 3, connections_max: 10, ..GatewayConfig::default() };
        let topology = Topology::plan(&config, &machine()).unwrap();
        let each: Vec<_> = topology.shards.iter().map(|shard| shard.connections_max).collect();
        assert_eq!((each, topology.connections_max()), (vec![4, 3, 3], 10));
        let unbound = GatewayConfig { connections_max: 0, ..config };
        let topology = Topology::plan(&unbound, &machine()).unwrap();
        assert_eq!(topology.connections_max(), 3 * u64::from(unbound.connections_per_shard_max));
    }

    #[test]
    fn what_cannot_be_names_its_key() {
        let config = GatewayConfig::default();
        for (wrong, key) in [
            (GatewayConfig { shards: 5000, ..config.clone() }, "shards"),
            (GatewayConfig { cores: vec![0, 77], ..config.clone() }, "core 77"),
            (GatewayConfig { connections_per_shard_max: 0, ..config.clone() }, "per_shard_max"),
            (GatewayConfig { shards: 4, connections_max: 3, ..config }, "connections_max = 3"),
        ] {
            let cause = Topology::plan(&wrong, &machine()).unwrap_err();
            assert!(cause.contains(key), "{cause}");
        }
    }

    #[test]
    fn reads_the_kernels_lists() {
        assert_eq!(parse_core_list("0-2,5,7-8\n"), [0, 1, 2, 5, 7, 8]);
        assert!(parse_core_list("").is_empty());
        assert!(!machine_cores().is_empty());
    }
}
