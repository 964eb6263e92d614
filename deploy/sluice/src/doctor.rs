//! `sluice doctor`: a line for each check, which is ok or ends with the command that mends it.

use std::fmt;
use std::io::IsTerminal;
use std::net::{TcpListener, ToSocketAddrs};
use std::process::ExitCode;

use anyhow::Result;
use sluice_gateway::GatewayConfig;
use sluice_gateway::preflight::{self, Check, Finding};
use sluice_ring::probe;
use sluice_service::config;

use crate::arguments::DoctorArguments;

pub(crate) fn run(arguments: &DoctorArguments) -> Result<ExitCode> {
    let config = configuration(arguments)?;
    let mut checks = preflight::look(&config)?;
    checks.push(Check { name: "clock", finding: clock() });
    let further = config.ports.iter().map(|port| &port.listen);
    for listen in std::iter::once(&config.listen).chain(further) {
        checks.push(Check { name: "port", finding: port(listen) });
    }
    let colours = std::io::stdout().is_terminal();
    for Check { name, finding } in &checks {
        println!("{name:<16} {}", Shown { finding, colours });
    }
    let broken = checks.iter().any(|check| matches!(check.finding, Finding::Broken { .. }));
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The configuration that the machine is looked at for.
fn configuration(arguments: &DoctorArguments) -> Result<GatewayConfig> {
    if let Some(file) = &arguments.config {
        return Ok(config::load("gateway", Some(file), std::env::vars())?);
    }
    let defaults = GatewayConfig::default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let of_shard = u64::from(defaults.connections_per_shard_max);
    let shards = usize::try_from(arguments.connections.div_ceil(of_shard))?.max(cores);
    let connections_max = arguments.connections.max(shards as u64);
    Ok(GatewayConfig { listen: arguments.listen.clone(), connections_max, shards, ..defaults })
}

fn clock() -> Finding {
    match probe::clock_synchronised() {
        Ok(true) => Finding::Ok("kept by a time service".into()),
        Ok(false) => Finding::Better {
            cause: "no time service keeps it: a wrong clock makes blocks that the network refuses"
                .into(),
            remedy: "apt-get install chrony".into(),
        },
        Err(error) => Finding::Better {
            cause: format!("cannot be asked: {error}"),
            remedy: "timedatectl on the host".into(),
        },
    }
}

fn port(listen: &str) -> Finding {
    let addresses = listen.to_socket_addrs().map(Vec::from_iter).unwrap_or_default();
    let Some(address) = addresses.first().copied() else {
        return Finding::Broken {
            cause: format!("{listen} is no address"),
            remedy: "listen on HOST:PORT, as in 0.0.0.0:3333".into(),
        };
    };
    match TcpListener::bind(address) {
        Ok(_) => Finding::Ok(format!("{address} is free")),
        Err(error) => Finding::Broken {
            cause: format!("{address}: {error}"),
            remedy: format!(
                "ss -ltnp 'sport = :{}' shows who has it; or listen elsewhere",
                address.port()
            ),
        },
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
            Finding::Better { cause, remedy } => {
                write!(formatter, "{}  {cause}; mend: {remedy}", coloured(33, "better"))
            }
            Finding::Broken { cause, remedy } => {
                write!(formatter, "{}  {cause}; mend: {remedy}", coloured(31, "BROKEN"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_comes_with_the_command_that_finds_its_owner() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let found = port(&address.to_string());
        let Finding::Broken { remedy, .. } = found else { panic!("the port is taken") };
        assert!(remedy.contains(&address.port().to_string()));
        drop(listener);
        // Whoever may have taken a port that was just given back has not taken ten of them.
        let mut given_back =
            (0..10).map(|_| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
        assert!(given_back.any(|address| matches!(port(&address.to_string()), Finding::Ok(_))));
        assert!(matches!(port("nowhere"), Finding::Broken { .. }));
    }

    #[test]
    fn a_million_miners_are_looked_at_in_as_many_shards_as_they_need() {
        let arguments =
            DoctorArguments { config: None, listen: "127.0.0.1:0".into(), connections: 1_000_000 };
        let config = configuration(&arguments).unwrap();
        assert_eq!((config.shards, config.connections_max), (62, 1_000_000));
    }
}
