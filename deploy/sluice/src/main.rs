//! The `sluice` binary: parse, build, run, map an error to the exit code.
#![forbid(unsafe_code)]

mod alert;
mod arguments;
mod bench;
mod configuration;
mod ctl;
mod doctor;
mod key;
mod miner;
mod panics;
mod rates;
mod role;
mod shares;
mod signals;
mod store;
mod up;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Up(arguments) => up::run(&arguments),
        Command::Gateway(arguments) => role::run_gateway(&arguments),
        Command::Jobmaster(arguments) => role::run_jobmaster(&arguments),
        Command::Alertcenter(arguments) => role::run_alertcenter(&arguments),
        Command::Alert(arguments) => alert::run(&arguments),
        Command::Metarelay(arguments) => role::run_metarelay(&arguments),
        Command::Metawriter(arguments) => role::run_metawriter(&arguments),
        Command::Miner(arguments) => miner::run(&arguments),
        Command::Config(command) => configuration::run(&command),
        Command::Key(command) => key::run(&command),
        Command::Shares(command) => shares::run(&command),
        Command::Store(command) => store::run(&command),
        Command::Ctl(arguments) => ctl::run(&arguments),
        Command::Bench(command) => bench::run(command),
        Command::Doctor(arguments) => match doctor::run(&arguments) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: each error names its own cause and remedy.
            eprintln!("sluice: {error}");
            ExitCode::FAILURE
        }
    }
}
