//! `sluice doctor`: a line for each check, which is ok or ends with the command that mends it.

use std::fmt;
use std::io::IsTerminal;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use rustix::process::{Resource, getrlimit};
use sluice_ring::probe;

use crate::arguments::DoctorArguments;

/// The first kernel with everything that the ring uses.
const KERNEL_MIN: (u32, u32) = (6, 1);
/// Locked memory that rings of many shards need.
const LOCKED_MEMORY_BYTES_MIN: u64 = 8 * 1024 * 1024;
/// Descriptors that a process needs besides its connections.
const OTHER_DESCRIPTORS: u64 = 256;

/// What a check found.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Finding {
    /// As it should be.
    Ok(String),
    /// The pool runs, but not as well as it could.
    Better(String, String),
    /// The pool does not run.
    Broken(String, String),
}

pub(crate) fn run(arguments: &DoctorArguments) -> ExitCode {
    let checks: [(&str, Finding); 8] = [
        ("kernel", kernel(&rustix::system::uname().release().to_string_lossy())),
        ("io_uring", io_uring()),
        ("descriptors", descriptors(arguments.connections)),
        ("locked memory", locked_memory()),
        ("accept queue", sysctl("net.core.somaxconn", arguments.connections.clamp(128, 65_535))),
        (
            "half-open queue",
            sysctl("net.ipv4.tcp_max_syn_backlog", arguments.connections.clamp(128, 262_144)),
        ),
        ("clock", clock()),
        ("port", port(arguments.listen)),
    ];
    let colours = std::io::stdout().is_terminal();
    for (name, finding) in &checks {
        println!("{name:<16} {}", Shown { finding, colours });
    }
    let broken = checks.iter().any(|(_, finding)| matches!(finding, Finding::Broken(..)));
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn kernel(release: &str) -> Finding {
    let mut parts = release.split(|letter: char| !letter.is_ascii_digit());
    let mut number = || parts.next()?.parse::<u32>().ok();
    match (number(), number()) {
        (Some(major), Some(minor)) if (major, minor) >= KERNEL_MIN => Finding::Ok(release.into()),
        _ => Finding::Broken(
            format!("{release} is too old: Linux 6.1 or later is needed"),
            "apt-get install linux-image-amd64, then reboot".into(),
        ),
    }
}

fn io_uring() -> Finding {
    match probe::io_uring() {
        Ok(()) => Finding::Ok("works with everything that is used".into()),
        Err(error) => Finding::Broken(
            error.to_string(),
            "sysctl -w kernel.io_uring_disabled=0; in a container allow io_uring_setup, \
             io_uring_enter and io_uring_register"
                .into(),
        ),
    }
}

fn descriptors(connections: u64) -> Finding {
    let needed = connections + OTHER_DESCRIPTORS;
    let limit = getrlimit(Resource::Nofile);
    match (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX)) {
        (soft, _) if soft >= needed => Finding::Ok(format!("{soft} allowed")),
        // The gateway raises the soft limit by itself.
        (_, hard) if hard >= needed => Finding::Ok(format!("{hard} allowed")),
        (_, hard) => Finding::Better(
            format!("{hard} allowed, {connections} miners on one shard need {needed}"),
            format!("ulimit -n {needed}, or LimitNOFILE={needed} in the service"),
        ),
    }
}

fn locked_memory() -> Finding {
    match getrlimit(Resource::Memlock).current {
        Some(bytes) if bytes < LOCKED_MEMORY_BYTES_MIN => Finding::Better(
            format!("{} KiB allowed", bytes / 1024),
            "ulimit -l 65536, or LimitMEMLOCK=64M in the service".into(),
        ),
        Some(bytes) => Finding::Ok(format!("{} KiB allowed", bytes / 1024)),
        None => Finding::Ok("no limit".into()),
    }
}

fn sysctl(name: &str, wanted: u64) -> Finding {
    let path = format!("/proc/sys/{}", name.replace('.', "/"));
    match std::fs::read_to_string(&path).ok().and_then(|text| text.trim().parse::<u64>().ok()) {
        Some(value) if value >= wanted => Finding::Ok(format!("{name} = {value}")),
        Some(value) => Finding::Better(
            format!("{name} = {value}, {wanted} suits so many miners"),
            format!("sysctl -w {name}={wanted}"),
        ),
        None => Finding::Better(
            format!("{name} cannot be read here"),
            format!("sysctl {name} on the host"),
        ),
    }
}

fn clock() -> Finding {
    match probe::clock_synchronised() {
        Ok(true) => Finding::Ok("kept by a time service".into()),
        Ok(false) => Finding::Better(
            "no time service keeps it: a wrong clock makes blocks that the network refuses".into(),
            "apt-get install chrony".into(),
        ),
        Err(error) => {
            Finding::Better(format!("cannot be asked: {error}"), "timedatectl on the host".into())
        }
    }
}

fn port(listen: SocketAddr) -> Finding {
    match TcpListener::bind(listen) {
        Ok(_) => Finding::Ok(format!("{listen} is free")),
        Err(error) => Finding::Broken(
            format!("{listen}: {error}"),
            format!("ss -ltnp 'sport = :{}' shows who has it; or listen elsewhere", listen.port()),
        ),
    }
}

/// A finding as a person reads it.
struct Shown<'a> {
    finding: &'a Finding,
    colours: bool,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let coloured = |code: u32, word: &str| {
            if self.colours { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() }
        };
        match self.finding {
            Finding::Ok(what) => write!(formatter, "{}      {what}", coloured(32, "ok")),
            Finding::Better(what, remedy) => {
                write!(formatter, "{}  {what}; mend: {remedy}", coloured(33, "better"))
            }
            Finding::Broken(what, remedy) => {
                write!(formatter, "{}  {what}; mend: {remedy}", coloured(31, "BROKEN"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_told_apart() {
        for good in ["6.1.0-18-amd64", "6.18.44", "7.0"] {
            assert!(matches!(kernel(good), Finding::Ok(_)), "{good}");
        }
        for bad in ["5.15.0-91-generic", "6.0.19", "odd"] {
            assert!(matches!(kernel(bad), Finding::Broken(..)), "{bad}");
        }
    }

    #[test]
    fn a_taken_port_comes_with_the_command_that_finds_its_owner() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let Finding::Broken(_, remedy) = port(address) else { panic!("the port is taken") };
        assert!(remedy.contains(&address.port().to_string()));
        drop(listener);
        assert!(matches!(port(address), Finding::Ok(_)));
    }

    #[test]
    fn a_low_sysctl_comes_with_its_command() {
        let Finding::Better(_, remedy) = sysctl("net.core.somaxconn", u64::MAX) else {
            panic!("no machine has so long a queue");
        };
        assert_eq!(remedy, format!("sysctl -w net.core.somaxconn={}", u64::MAX));
    }
}
