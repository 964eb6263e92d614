//! Whether this machine can carry what a configuration asks for: looked at before a gateway starts,
//! and by `sluice doctor`. Every check ends well or names what mends it.

use std::fmt;
use std::fs;

use rustix::process::{Resource, getrlimit};
use thiserror::Error;

use crate::config::GatewayConfig;
use crate::host::ShardRuntime;
use crate::start::StartError;
use crate::topology::Topology;

/// The oldest kernel with all that the ring uses.
const KERNEL_MIN: (u32, u32) = (6, 1);
/// Older ones give closed direct descriptors back in the order in which their rings took them up, so one
/// idle miner keeps the sockets of all that came after it, and have left, in memory (liburing issue 1192).
const KERNEL_WITHOUT_LATE_CLOSES: (u32, u32) = (6, 13);
/// Descriptors of one shard: its ring, listener and wake-up, glommio's rings and theirs.
const DESCRIPTORS_PER_SHARD: u64 = 8;
/// Descriptors of the process besides its shards.
const DESCRIPTORS_OTHER: u64 = 64;
/// What glommio asks to be allowed to lock before it makes an executor.
const GLOMMIO_LOCKED_BYTES_MIN: u64 = 512 * 1024;
/// Kernel and user memory of one connection.
const BYTES_PER_CONNECTION: u64 = 6 * 1024;
/// Pages of socket memory that one connection has in use while a job goes to all.
const SOCKET_PAGES_PER_CONNECTION: u64 = 2;
/// Open files of everything else on the machine.
const FILES_OTHER: u64 = 10_000;
/// Connections that may wait at one listener: fewer than its miners, and the kernel's default.
const QUEUE_MAX: u64 = 4096;

/// What one check found; the remedy is what to set or to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// As it should be.
    Ok(String),
    /// The gateway runs, but not as well as it could.
    Better { cause: String, remedy: String },
    /// The gateway does not run.
    Broken { cause: String, remedy: String },
}

/// A check and what it found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// A word or two.
    pub name: &'static str,
    /// What was found.
    pub finding: Finding,
}

/// Everything that is missing, each with what to set.
#[derive(Debug, Error)]
pub struct CannotCarry(Vec<(String, String)>);

impl fmt::Display for CannotCarry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.0.iter().map(|(cause, remedy)| format!("{cause} (mend: {remedy})"));
        let parts: Vec<_> = parts.collect();
        write!(formatter, "this machine cannot carry the gateway: {}", parts.join("; "))
    }
}

/// Looks at this machine with the eyes of this configuration.
///
/// # Errors
///
/// [`StartError::Config`] where the configuration makes no sense.
pub fn look(config: &GatewayConfig) -> Result<Vec<Check>, StartError> {
    let topology = config.topology().map_err(StartError::Config)?;
    let mut checks = Machine::read().checks(&Wanted::new(config, &topology));
    checks.push(Check { name: "io_uring", finding: io_uring() });
    Ok(checks)
}

/// Warnings, each one line; or everything that the gateway cannot start without.
pub(crate) fn require(checks: Vec<Check>) -> Result<Vec<String>, CannotCarry> {
    let (mut warnings, mut missing) = (Vec::new(), Vec::new());
    for check in checks {
        match check.finding {
            Finding::Ok(_) => {}
            Finding::Better { cause, remedy } => warnings.push(format!("{cause}; mend: {remedy}")),
            Finding::Broken { cause, remedy } => missing.push((cause, remedy)),
        }
    }
    if missing.is_empty() { Ok(warnings) } else { Err(CannotCarry(missing)) }
}

/// What the configuration asks for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    shards: u64,
    connections_per_shard: u64,
    connections: u64,
    runtime: ShardRuntime,
}

impl Wanted {
    fn new(config: &GatewayConfig, topology: &Topology) -> Self {
        let of_shards = topology.shards.iter().map(|shard| u64::from(shard.connections_max));
        Self {
            shards: topology.shards.len() as u64,
            connections_per_shard: of_shards.max().unwrap_or(0),
            connections: topology.connections_max(),
            runtime: config.runtime,
        }
    }
}

/// What the machine and the process's limits allow; `None` where it cannot be read or has no limit.
#[derive(Clone, Debug)]
struct Machine {
    kernel: String,
    open_files: Option<u64>,
    locked_bytes: Option<u64>,
    file_max: Option<u64>,
    somaxconn: Option<u64>,
    syn_backlog: Option<u64>,
    syn_cookies: Option<u64>,
    tcp_mem_pages: Option<u64>,
    memory_available_bytes: Option<u64>,
}

impl Machine {
    fn read() -> Self {
        let number = |path: &str| last_number(&fs::read_to_string(path).ok()?);
        Self {
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            // The gateway raises its soft limit by itself.
            open_files: getrlimit(Resource::Nofile).maximum,
            locked_bytes: getrlimit(Resource::Memlock).current,
            file_max: number("/proc/sys/fs/file-max"),
            somaxconn: number("/proc/sys/net/core/somaxconn"),
            syn_backlog: number("/proc/sys/net/ipv4/tcp_max_syn_backlog"),
            syn_cookies: number("/proc/sys/net/ipv4/tcp_syncookies"),
            tcp_mem_pages: number("/proc/sys/net/ipv4/tcp_mem"),
            memory_available_bytes: memory_available_bytes(),
        }
    }

    fn checks(&self, wanted: &Wanted) -> Vec<Check> {
        let queue = wanted.connections_per_shard.clamp(128, QUEUE_MAX);
        let files = wanted.connections + FILES_OTHER;
        [
            ("kernel", self.kernel()),
            ("descriptors", self.descriptors(wanted)),
            ("locked memory", self.locked_memory(wanted.runtime)),
            ("open files", setting("fs.file-max", self.file_max, files)),
            ("accept queue", setting("net.core.somaxconn", self.somaxconn, queue)),
            ("half-open queue", self.half_open_queue(queue)),
            ("socket memory", self.socket_memory(wanted.connections)),
            ("memory", self.memory(wanted.connections)),
        ]
        .map(|(name, finding)| Check { name, finding })
        .into()
    }

    fn kernel(&self) -> Finding {
        match parse_release(&self.kernel) {
            Some(version) if version >= KERNEL_WITHOUT_LATE_CLOSES => {
                Finding::Ok(self.kernel.clone())
            }
            Some(version) if version >= KERNEL_MIN => Finding::Better {
                cause: format!(
                    "the kernel is {}, and before 6.13 it frees the sockets of miners that left only \
                     once all that were there before them have left too",
                    self.kernel
                ),
                remedy: "run Linux 6.13 or later where many miners come and go".into(),
            },
            _ => Finding::Broken {
                cause: format!("the kernel is {}, Linux 6.1 or later is needed", self.kernel),
                remedy: "install a newer kernel and reboot".into(),
            },
        }
    }

    /// One limit bounds the process's descriptors and, by itself, the slots of each shard's ring.
    fn descriptors(&self, wanted: &Wanted) -> Finding {
        let of_process = wanted.shards * DESCRIPTORS_PER_SHARD + DESCRIPTORS_OTHER;
        let needed = of_process.max(wanted.connections_per_shard);
        match self.open_files {
            Some(limit) if limit < needed => Finding::Broken {
                cause: format!(
                    "{limit} open files are allowed, {needed} are needed: for the connections of \
                     a shard, and for the process"
                ),
                remedy: format!(
                    "LimitNOFILE={needed} (ulimit -n), or more shards with fewer \
                     connections_per_shard_max"
                ),
            },
            Some(limit) => Finding::Ok(format!("{limit} allowed, {needed} needed")),
            None => Finding::Ok("no limit".into()),
        }
    }

    fn locked_memory(&self, runtime: ShardRuntime) -> Finding {
        match (self.locked_bytes, runtime) {
            (Some(bytes), ShardRuntime::Glommio) if bytes < GLOMMIO_LOCKED_BYTES_MIN => {
                Finding::Broken {
                    cause: format!("{bytes} bytes may be locked, too few for glommio"),
                    remedy: format!(
                        "LimitMEMLOCK={GLOMMIO_LOCKED_BYTES_MIN} (ulimit -l {}), or runtime = \
                         \"bare\"",
                        GLOMMIO_LOCKED_BYTES_MIN / 1024
                    ),
                }
            }
            (Some(bytes), _) => Finding::Ok(format!("{} KiB allowed", bytes / 1024)),
            (None, _) => Finding::Ok("no limit".into()),
        }
    }

    fn half_open_queue(&self, queue: u64) -> Finding {
        if self.syn_cookies.is_some_and(|cookies| cookies > 0) {
            return Finding::Ok("SYN cookies stand in where it is full".into());
        }
        setting("net.ipv4.tcp_max_syn_backlog", self.syn_backlog, queue)
    }

    fn socket_memory(&self, connections: u64) -> Finding {
        let pages = connections * SOCKET_PAGES_PER_CONNECTION;
        match self.tcp_mem_pages {
            Some(allowed) if allowed < pages => Finding::Better {
                cause: format!(
                    "net.ipv4.tcp_mem ends with {allowed} pages, too few for {connections} miners"
                ),
                remedy: format!(
                    "sysctl -w net.ipv4.tcp_mem=\"{} {} {pages}\"",
                    pages / 4,
                    pages / 4 * 3
                ),
            },
            Some(allowed) => Finding::Ok(format!("{allowed} pages allowed, {pages} needed")),
            None => unread("net.ipv4.tcp_mem"),
        }
    }

    fn memory(&self, connections: u64) -> Finding {
        let Some(available) = self.memory_available_bytes else { return unread("/proc/meminfo") };
        let (carried, mebibytes) = (available / BYTES_PER_CONNECTION, available >> 20);
        if carried >= connections {
            return Finding::Ok(format!("{mebibytes} MiB are free, for some {carried} miners"));
        }
        Finding::Better {
            cause: format!(
                "{mebibytes} MiB are free, for some {carried} miners of {connections} that may come"
            ),
            remedy: "add memory, or lower connections_max".into(),
        }
    }
}

fn io_uring() -> Finding {
    match sluice_ring::probe::io_uring() {
        Ok(()) => Finding::Ok("works with everything that is used".into()),
        Err(error) => Finding::Broken {
            cause: error.to_string(),
            remedy: "sysctl -w kernel.io_uring_disabled=0; in a container allow io_uring_setup, \
                     io_uring_enter and io_uring_register"
                .into(),
        },
    }
}

/// A kernel setting that should be at least so much.
fn setting(name: &str, value: Option<u64>, wanted: u64) -> Finding {
    match value {
        Some(value) if value >= wanted => Finding::Ok(format!("{name} = {value}")),
        Some(value) => Finding::Better {
            cause: format!("{name} = {value}, {wanted} suits so many miners"),
            remedy: format!("sysctl -w {name}={wanted}"),
        },
        None => unread(name),
    }
}

/// Containers hide some settings: then nothing is known against them.
fn unread(name: &str) -> Finding {
    Finding::Ok(format!("{name} cannot be read here"))
}

/// `6.18.44-generic` is 6.18.
pub(crate) fn parse_release(release: &str) -> Option<(u32, u32)> {
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

    const WANTED: Wanted = Wanted {
        shards: 4,
        connections_per_shard: 16_384,
        connections: 65_536,
        runtime: ShardRuntime::Bare,
    };

    fn ample() -> Machine {
        Machine {
            kernel: "6.18.44-generic".into(),
            open_files: Some(20_000),
            locked_bytes: Some(8 << 20),
            file_max: Some(8_388_608),
            somaxconn: Some(4096),
            syn_backlog: Some(4096),
            syn_cookies: Some(0),
            tcp_mem_pages: Some(4_194_304),
            memory_available_bytes: Some(16 << 30),
        }
    }

    fn warnings(machine: &Machine) -> Vec<String> {
        require(machine.checks(&WANTED)).unwrap()
    }

    #[test]
    fn an_ample_machine_has_nothing_to_complain_about() {
        assert_eq!(warnings(&ample()), Vec::<String>::new());
        let unread = Machine {
            open_files: None,
            locked_bytes: None,
            file_max: None,
            somaxconn: None,
            syn_backlog: None,
            syn_cookies: None,
            tcp_mem_pages: None,
            memory_available_bytes: None,
            ..ample()
        };
        assert!(warnings(&unread).is_empty(), "what cannot be read is passed over");
    }

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let poor = Machine {
            kernel: "5.15.0-91-generic".into(),
            open_files: Some(1024),
            locked_bytes: Some(64 << 10),
            ..ample()
        };
        let refusal = |wanted: &Wanted| require(poor.checks(wanted)).unwrap_err().to_string();
        let text = refusal(&Wanted { runtime: ShardRuntime::Glommio, ..WANTED });
        for part in ["5.15", "Linux 6.1", "1024 open", "LimitNOFILE=16384", "LimitMEMLOCK=524288"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let many_shards = Wanted { shards: 500, connections_per_shard: 100, ..WANTED };
        let text = refusal(&many_shards);
        assert!(text.contains("LimitNOFILE=4064") && !text.contains("MEMLOCK"), "{text}");
    }

    #[test]
    fn kernels_are_told_apart() {
        for (release, expected) in [
            ("6.13.0", "ok"),
            ("6.18.44", "ok"),
            ("7.0", "ok"),
            ("6.1.0-18-amd64", "better"),
            ("6.12.9", "better"),
            ("5.15.0-91-generic", "broken"),
            ("6.0.19", "broken"),
            ("odd", "broken"),
        ] {
            let found = match (Machine { kernel: release.into(), ..ample() }).kernel() {
                Finding::Ok(_) => "ok",
                Finding::Better { .. } => "better",
                Finding::Broken { .. } => "broken",
            };
            assert_eq!(found, expected, "{release}");
        }
    }

    #[test]
    fn each_warning_names_what_to_set() {
        for (machine, part) in [
            (Machine { somaxconn: Some(128), ..ample() }, "net.core.somaxconn=4096"),
            (Machine { syn_backlog: Some(128), ..ample() }, "tcp_max_syn_backlog=4096"),
            (Machine { file_max: Some(50_000), ..ample() }, "fs.file-max=75536"),
            (Machine { tcp_mem_pages: Some(1000), ..ample() }, "tcp_mem=\"32768 98304 131072\""),
            (Machine { memory_available_bytes: Some(6 << 20), ..ample() }, "some 1024 miners"),
        ] {
            let warnings = warnings(&machine);
            assert!(warnings.len() == 1 && warnings[0].contains(part), "{part}: {warnings:?}");
        }
        let guarded = Machine { syn_backlog: Some(128), syn_cookies: Some(1), ..ample() };
        assert!(warnings(&guarded).is_empty());
    }

    #[test]
    fn this_machine_can_be_read() {
        let machine = Machine::read();
        assert!(parse_release(&machine.kernel) >= Some(KERNEL_MIN));
        assert!(machine.memory_available_bytes.is_some());
        // A network namespace of a container's own does not have it.
        let has_tcp_mem = fs::exists("/proc/sys/net/ipv4/tcp_mem").unwrap();
        assert_eq!(machine.tcp_mem_pages.is_some(), has_tcp_mem);
        assert!(look(&GatewayConfig { shards: 0, ..GatewayConfig::default() }).is_ok());
    }
}
