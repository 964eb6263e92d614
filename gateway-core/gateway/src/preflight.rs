//! Whether the machine can carry what the configuration asks for: looked at before anything starts.

use std::fmt;
use std::fs;

use rustix::process::{Resource, getrlimit};
use thiserror::Error;

/// The oldest kernel with all that the ring uses.
const KERNEL_MIN: (u32, u32) = (6, 1);
/// Descriptors of one shard: its ring, listener and wake-up, glommio's rings and theirs.
const DESCRIPTORS_PER_SHARD: u64 = 8;
/// Descriptors of the process besides its shards.
const DESCRIPTORS_OTHER: u64 = 64;
/// Kernel and user memory of one connection.
const BYTES_PER_CONNECTION: u64 = 6 * 1024;
/// Pages of socket memory that one connection has in use while a job goes to all.
const SOCKET_PAGES_PER_CONNECTION: u64 = 2;
/// From so many connections on the kernel's defaults are too small.
const MANY_CONNECTIONS: u64 = 10_000;

/// What the configuration asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) shards: u64,
    pub(crate) connections_per_shard_max: u64,
    pub(crate) connections_max: u64,
}

/// What the machine and the process's limits allow; `None` where it cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    kernel: Option<(u32, u32)>,
    open_files: u64,
    file_max: Option<u64>,
    somaxconn: Option<u64>,
    tcp_mem_pages: Option<u64>,
    memory_available_bytes: Option<u64>,
}

/// What is missing, each with what to set, a line each.
#[derive(Debug, Error)]
pub struct CannotCarry(Vec<String>);

impl fmt::Display for CannotCarry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "this machine cannot carry the configured gateway: ")?;
        formatter.write_str(&self.0.join("; "))
    }
}

impl Limits {
    pub(crate) fn read() -> Self {
        let number = |path: &str| last_number(&fs::read_to_string(path).ok()?);
        let release = rustix::system::uname();
        Self {
            kernel: release.release().to_str().ok().and_then(parse_release),
            open_files: getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX),
            file_max: number("/proc/sys/fs/file-max"),
            somaxconn: number("/proc/sys/net/core/somaxconn"),
            tcp_mem_pages: number("/proc/sys/net/ipv4/tcp_mem"),
            memory_available_bytes: memory_available_bytes(),
        }
    }
}

/// Warnings, each with its remedy; or what the gateway cannot start without.
pub(crate) fn check(wanted: &Wanted, limits: &Limits) -> Result<Vec<String>, CannotCarry> {
    let missing = missing(wanted, limits);
    if missing.is_empty() { Ok(warnings(wanted, limits)) } else { Err(CannotCarry(missing)) }
}

fn missing(wanted: &Wanted, limits: &Limits) -> Vec<String> {
    let mut missing = Vec::new();
    if let Some((major, minor)) = limits.kernel.filter(|kernel| *kernel < KERNEL_MIN) {
        missing.push(format!("the kernel is {major}.{minor}: run Linux 6.1 or later"));
    }
    let descriptors = (wanted.shards * DESCRIPTORS_PER_SHARD + DESCRIPTORS_OTHER)
        .max(wanted.connections_per_shard_max);
    if limits.open_files < descriptors {
        missing.push(format!(
            "the limit of open files is {}, and {descriptors} are needed, since it bounds the \
             connections of each shard: set LimitNOFILE={descriptors} (ulimit -n), or have more \
             shards with fewer connections_per_shard_max",
            limits.open_files
        ));
    }
    missing
}

fn warnings(wanted: &Wanted, limits: &Limits) -> Vec<String> {
    let connections = wanted.connections_max;
    let mut warnings = Vec::new();
    let mut lacks = |present: Option<u64>, needed: u64, text: &dyn Fn(u64) -> String| {
        if let Some(present) = present.filter(|present| *present < needed) {
            warnings.push(text(present));
        }
    };
    if connections > MANY_CONNECTIONS {
        lacks(limits.somaxconn, 4096, &|present| {
            format!(
                "net.core.somaxconn is {present}: after an outage miners wait longer to be taken up; sysctl -w net.core.somaxconn=65535"
            )
        });
    }
    let files = connections + MANY_CONNECTIONS;
    lacks(limits.file_max, files, &|present| {
        format!(
            "fs.file-max is {present}, too low for {connections} connections: sysctl -w fs.file-max={files}"
        )
    });
    let pages = connections * SOCKET_PAGES_PER_CONNECTION;
    lacks(limits.tcp_mem_pages, pages, &|present| {
        let (low, pressure) = (pages / 4, pages / 4 * 3);
        format!(
            "net.ipv4.tcp_mem ends with {present} pages, too few for {connections} connections: sysctl -w net.ipv4.tcp_mem=\"{low} {pressure} {pages}\""
        )
    });
    lacks(limits.memory_available_bytes, connections * BYTES_PER_CONNECTION, &|present| {
        let carried = present / BYTES_PER_CONNECTION;
        format!(
            "free memory carries some {carried} connections of the {connections} that are configured: add memory, or lower connections_max"
        )
    });
    warnings
}

/// `6.18.44-generic` is 6.18.
fn parse_release(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|letter: char| !letter.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn last_number(text: &str) -> Option<u64> {
    text.split_whitespace().next_back()?.parse().ok()
}

fn memory_available_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted =
        Wanted { shards: 4, connections_per_shard_max: 16_384, connections_max: 65_536 };

    fn ample() -> Limits {
        Limits {
            kernel: Some((6, 18)),
            open_files: 20_000,
            file_max: Some(8_388_608),
            somaxconn: Some(4096),
            tcp_mem_pages: Some(4_194_304),
            memory_available_bytes: Some(16 << 30),
        }
    }

    #[test]
    fn an_ample_machine_has_nothing_to_complain_about() {
        assert_eq!(check(&WANTED, &ample()).unwrap(), Vec::<String>::new());
        let unread = Limits {
            kernel: None,
            file_max: None,
            somaxconn: None,
            tcp_mem_pages: None,
            memory_available_bytes: None,
            ..ample()
        };
        assert!(check(&WANTED, &unread).unwrap().is_empty(), "what cannot be read is passed over");
    }

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let poor = Limits { kernel: Some((5, 15)), open_files: 1024, ..ample() };
        let text = check(&WANTED, &poor).unwrap_err().to_string();
        for part in ["5.15", "Linux 6.1", "is 1024", "LimitNOFILE=16384"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let many_shards =
            Wanted { shards: 500, connections_per_shard_max: 100, connections_max: 50_000 };
        let text = check(&many_shards, &poor).unwrap_err().to_string();
        assert!(text.contains("LimitNOFILE=4064"), "{text}");
    }

    #[test]
    fn each_warning_names_what_to_set() {
        for (limits, part) in [
            (Limits { somaxconn: Some(128), ..ample() }, "net.core.somaxconn=65535"),
            (Limits { file_max: Some(50_000), ..ample() }, "fs.file-max=75536"),
            (Limits { tcp_mem_pages: Some(1000), ..ample() }, "tcp_mem=\"32768 98304 131072\""),
            (Limits { memory_available_bytes: Some(6 << 20), ..ample() }, "some 1024 connections"),
        ] {
            let warnings = check(&WANTED, &limits).unwrap();
            assert!(warnings.len() == 1 && warnings[0].contains(part), "{part}: {warnings:?}");
        }
    }

    #[test]
    fn this_machine_can_be_read() {
        let limits = Limits::read();
        assert!(limits.kernel >= Some(KERNEL_MIN) && limits.open_files > 0);
        assert!(limits.memory_available_bytes.is_some() && limits.tcp_mem_pages.is_some());
        assert_eq!(parse_release("6.1.0-13-amd64"), Some((6, 1)));
    }
}
