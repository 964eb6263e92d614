//! What the kernel must allow for so many connections, and what it does allow.

use std::fs;
use std::path::PathBuf;

use crate::error::BenchError;
use crate::process_usage::memory_available_bytes;

/// Files of the machine besides the connections of a run.
const OTHER_FILES: u64 = 20_000;
/// Kernel memory of one connection, both ends, with what the miners' side keeps of it.
const BYTES_PER_CONNECTION: u64 = 13_000;
/// Pages of socket memory for one connection while a job is on its way to all.
const PAGES_PER_CONNECTION: u64 = 3;

/// What stands in one sysctl, and what would suit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    /// The sysctl.
    pub(crate) name: &'static str,
    /// What it says now.
    pub(crate) present: String,
    /// What suits so many connections, as `sysctl -w` takes it.
    pub(crate) wanted: String,
    /// Whether the run cannot do without.
    pub(crate) is_needed: bool,
}

/// A sysctl with the value that suits, at least `wanted` in its last number.
struct Rule {
    name: &'static str,
    wanted: u64,
    /// What to set where it is too low.
    set: String,
    is_needed: bool,
}

/// `at_once` connections of `connections` are on their way at one time.
fn rules(connections: u64, at_once: u64) -> [Rule; 6] {
    let rule = |name, wanted: u64, set: u64, is_needed| {
        let set = set.max(wanted).to_string();
        Rule { name, wanted, set, is_needed }
    };
    let pages = connections * PAGES_PER_CONNECTION;
    let tcp_mem_max = pages.max(4_194_304);
    [
        // Both ends of every connection are files of this machine.
        rule("fs.file-max", 2 * connections + OTHER_FILES, 8_388_608, true),
        rule("net.core.somaxconn", at_once.min(65_535), 65_535, false),
        rule("net.ipv4.tcp_max_syn_backlog", at_once.min(262_144), 262_144, false),
        Rule {
            name: "net.ipv4.tcp_mem",
            wanted: pages,
            set: format!("{} {} {tcp_mem_max}", tcp_mem_max / 4, tcp_mem_max / 4 * 3),
            is_needed: false,
        },
        rule("net.ipv4.tcp_max_tw_buckets", connections, 2_000_000, false),
        rule("net.ipv4.tcp_max_orphans", connections, 1_048_576, false),
    ]
}

/// The sysctls that are too low for a run.
pub(crate) fn look(connections: u64, at_once: u64) -> Vec<Finding> {
    let too_low = |rule: Rule| {
        let present = fs::read_to_string(path(rule.name)).ok()?;
        (last_number(&present)? < rule.wanted).then(|| Finding {
            name: rule.name,
            present: present.split_whitespace().collect::<Vec<_>>().join(" "),
            wanted: rule.set,
            is_needed: rule.is_needed,
        })
    };
    rules(connections, at_once).into_iter().filter_map(too_low).collect()
}

/// Sets one sysctl to what suits. Only root may.
pub(crate) fn set(finding: &Finding) -> Result<(), BenchError> {
    fs::write(path(finding.name), &finding.wanted)
        .map_err(|cause| BenchError::Setting { name: finding.name, cause })
}

/// The memory that so many connections take, where there is less, with what there is.
pub(crate) fn memory_short_bytes(connections: u64) -> Option<(u64, u64)> {
    let wanted = connections * BYTES_PER_CONNECTION;
    memory_available_bytes().filter(|available| *available < wanted).map(|has| (wanted, has))
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/sys/{}", name.replace('.', "/")))
}

/// The last number of a sysctl: its only one, or the highest of three bounds.
fn last_number(text: &str) -> Option<u64> {
    text.split_whitespace().next_back()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel shows in its first network namespace alone, together with `net.ipv4.udp_mem`.
    const FIRST_NETWORK_ONLY: [&str; 2] = ["net.ipv4.tcp_mem", "net.ipv4.tcp_max_orphans"];

    #[test]
    fn a_few_connections_need_nothing_and_too_many_need_files() {
        assert!(look(10, 10).iter().all(|finding| !finding.is_needed));
        let findings = look(u64::MAX / 1000, 10);
        let files = findings.iter().find(|finding| finding.name == "fs.file-max").unwrap();
        assert!(files.is_needed);
        assert!(files.wanted.parse::<u64>().unwrap() >= u64::MAX / 1000 * 2);
        assert!(memory_short_bytes(u64::MAX / 100_000).is_some());
    }

    #[test]
    fn every_rule_sets_what_it_wants() {
        let is_first_network = path("net.ipv4.udp_mem").exists();
        for connections in [1, 50_000, 1_000_000, 3_000_000] {
            for rule in rules(connections, connections) {
                assert!(last_number(&rule.set).unwrap() >= rule.wanted, "{}", rule.name);
                let is_hidden = !is_first_network && FIRST_NETWORK_ONLY.contains(&rule.name);
                assert!(path(rule.name).exists() || is_hidden, "{}", rule.name);
            }
        }
    }

    #[test]
    fn three_bounds_are_judged_by_the_highest() {
        assert_eq!(last_number("287901\t383868\t575802\n"), Some(575_802));
        assert_eq!(last_number("4096\n"), Some(4096));
        assert_eq!(last_number(""), None);
    }
}
