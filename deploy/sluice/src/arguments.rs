//! What can be typed behind `sluice`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sluice_miner::Quirk;
use sluice_units::Name;

use crate::bench::BenchCommand;
use crate::ctl::{CtlArguments, parse_duration};

/// A Bitcoin mining pool server: every role in one binary.
///
/// Start with `sluice up`: it runs a whole pool on a sandbox chain inside the process and mines on it.
/// The same command runs on your own node: `sluice up --node http://USER:PASSWORD@HOST:PORT --payout ADDRESS`.
#[derive(Parser)]
#[command(version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a whole pool with one command: node, jobmaster, gateway, store and a miner
    Up(UpArguments),
    /// Role: stratum for the miners, a shard on each core
    Gateway(RoleArguments),
    /// Role: node templates to jobs, found blocks to the node
    Jobmaster(RoleArguments),
    /// Role: what the gateways count, into Redis or the embedded store
    Metawriter(RoleArguments),
    /// Role: takes what a site's gateways count, and passes it on to the metawriter
    Metarelay(RoleArguments),
    /// Role: the alerts of all roles, to Redis, webhooks and mail
    Alertcenter(RoleArguments),
    /// Send an alert by hand: to see that it reaches you, or from a script of yours
    Alert(AlertArguments),
    /// Mine on the processor, over stratum V1: to try a pool, not to earn
    Miner(MinerArguments),
    /// Print or check the configuration of a role
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Make the key that all roles of one pool share
    #[command(subcommand)]
    Key(KeyCommand),
    /// Look into the embedded store
    #[command(subcommand)]
    Store(StoreCommand),
    /// Read share logs: print the shares, or add them up
    #[command(subcommand)]
    Shares(SharesCommand),
    /// Tell a running pool: ban somebody, speak to the miners, send them elsewhere
    Ctl(CtlArguments),
    /// Measure this machine's gateway: miners held, shares checked, quiet miners beside loud ones
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Check this machine: kernel, limits, sysctls, clock, ports
    Doctor(DoctorArguments),
}

#[derive(Args)]
pub(crate) struct RoleArguments {
    /// The role's configuration; `sluice config print ROLE` shows every key. Keys can also come from
    /// the environment, as SLUICE_ROLE_KEY
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args)]
#[command(
    after_help = "Without --node the pool mines on a sandbox chain: regtest rules, checked in \
full, gone when the command ends. The state of the pool itself is in the data folder."
)]
pub(crate) struct UpArguments {
    /// A node's RPC, as in http://USER:PASSWORD@127.0.0.1:8332; without it a sandbox chain is used
    #[arg(long, value_name = "URL", requires = "payout")]
    pub(crate) node: Option<String>,
    /// Whom the coinbase pays: an address of the node's network, of any kind
    #[arg(long, value_name = "ADDRESS", requires = "node")]
    pub(crate) payout: Option<String>,
    /// A Redis for the counts, as in redis://127.0.0.1:6379/0; without it the embedded store is used
    #[arg(long, value_name = "URL")]
    pub(crate) redis: Option<String>,
    /// Where miners connect; 0.0.0.0:3333 lets other machines in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3333")]
    pub(crate) listen: String,
    /// Where the pool keeps its state
    #[arg(long, value_name = "FOLDER", default_value = "sluice-data")]
    pub(crate) data: PathBuf,
    /// Hashing threads of the built-in miner; 1 on the sandbox chain, 0 with --node, unless given
    #[arg(long, value_name = "COUNT")]
    pub(crate) miner_threads: Option<usize>,
    /// Account and worker of the built-in miner
    #[arg(long, value_name = "NAME", default_value = "sandbox.cpu")]
    pub(crate) miner_user: String,
    /// Difficulty of a new miner; fractions are allowed. On the sandbox chain it is chosen to suit this
    /// machine, with --node it is 16384, unless given
    #[arg(long, value_name = "NUMBER")]
    pub(crate) difficulty: Option<f64>,
    /// Difficulty of the sandbox chain; chosen so that this machine finds a block every few seconds,
    /// unless given
    #[arg(long, value_name = "NUMBER", conflicts_with = "node")]
    pub(crate) network_difficulty: Option<f64>,
    /// The pool's mark in the coinbase
    #[arg(long, value_name = "TEXT", default_value = "/sluice/")]
    pub(crate) tag: String,
    /// Shards: threads that serve miners; 0 means one for each core
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) shards: usize,
    /// Print the summary at the end as one JSON object, on the last line of stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct AlertArguments {
    /// What people are told
    pub(crate) text: String,
    /// The alertcenter
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7405")]
    pub(crate) alertcenter: String,
    /// The key that all roles of the pool share
    #[arg(long, value_name = "FILE", default_value = "/etc/sluice/cluster.key")]
    pub(crate) key: PathBuf,
}

#[derive(Args)]
pub(crate) struct MinerArguments {
    /// The pool, as in stratum+tcp://127.0.0.1:3333
    #[arg(long, value_name = "URL", default_value = "stratum+tcp://127.0.0.1:3333")]
    pub(crate) pool: String,
    /// Account and worker
    #[arg(long, value_name = "NAME", default_value = "sandbox.cpu")]
    pub(crate) user: String,
    /// Most pools take anything
    #[arg(long, value_name = "TEXT", default_value = "x")]
    pub(crate) password: String,
    /// Hashing threads; one for each core, unless given
    #[arg(long, value_name = "COUNT")]
    pub(crate) threads: Option<usize>,
    /// A way of speaking that real miners have, to try a pool with: spaced, numbers, escaped-name, authorize-first,
    /// unasked-version-bits, carriage-returns, takes-extranonce
    #[arg(long, value_name = "NAME", default_value_t = Quirk::None)]
    pub(crate) quirk: Quirk,
    /// Print the summary at the end as one JSON object, on the last line of stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a role's default configuration, every key explained
    Print {
        /// The role
        role: Role,
    },
    /// Check a file: unknown keys and wrong values are told with their line
    Check {
        /// The file
        file: PathBuf,
        /// The role it is for; taken from the file's name, as in gateway.toml, unless given
        #[arg(long)]
        role: Option<Role>,
    },
}

/// The roles that have a configuration.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Alertcenter,
    Gateway,
    Jobmaster,
    Metarelay,
    Metawriter,
}

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a new key in a file that only its owner can read
    New {
        /// The file; it must not exist yet
        file: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum StoreCommand {
    /// Print everything in an embedded store, a line each, with the keys that Redis would have
    Print {
        /// The store's file, as in sluice-data/sandbox/store.redb
        file: PathBuf,
        /// Print each line as a JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum SharesCommand {
    /// Print every share, a line each, the oldest first
    Cat {
        #[command(flatten)]
        selection: ShareSelection,
        /// Print each line as a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Add shares up, account by account, and say which part of all work each has
    #[command(after_help = "\
To pay by the last shares (PPLNS), give --last: the accepted shares are then the newest ones whose difficulties add up to
at least that much. `--last 2n` is twice the network's difficulty of the newest share. The window ends with the second
before --to, and without it with the second before this one. To end it at a block give the second after the one in which
the block's share came, or that share is left out: `sluice shares cat` marks it. `part` is what an account has of all work of that
time or window, whichever accounts are selected; with --json `work_hashes` is exact, 2^32 hashes being difficulty 1.")]
    Stats {
        #[command(flatten)]
        selection: ShareSelection,
        /// Only the newest accepted shares, up to this difficulty in all; 2n is twice the network's
        #[arg(long, value_name = "DIFFICULTY", value_parser = parse_window)]
        last: Option<ShareWindow>,
        /// Print the result as one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Which shares.
#[derive(Args)]
pub(crate) struct ShareSelection {
    /// Folders of share logs, as in /var/lib/sluice/gateway/shares, or files of them
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Shares of this coin alone, which must be given where the logs are of several
    #[arg(long, value_name = "COIN")]
    pub(crate) coin: Option<Name>,
    /// Shares of this account alone
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<Name>,
    /// Shares of this worker alone
    #[arg(long, value_name = "NAME")]
    pub(crate) worker: Option<Name>,
    /// Shares from this time on: seconds since 1970, or how long ago, as in 2h
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<ShareTime>,
    /// Shares before this time; those of its own second are left out
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<ShareTime>,
    /// Accepted shares alone
    #[arg(long, conflicts_with = "refused")]
    pub(crate) accepted: bool,
    /// Refused shares alone
    #[arg(long)]
    pub(crate) refused: bool,
}

/// A time, as people give it.
#[derive(Clone, Copy)]
pub(crate) enum ShareTime {
    Unix(u64),
    Ago(Duration),
}

impl FromStr for ShareTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unix = text.parse().map(Self::Unix);
        unix.or_else(|_| parse_duration(text).map(Self::Ago)).map_err(|_| {
            format!(
                "\"{text}\": write seconds since 1970, or how long ago, as in 90s, 15m, 2h or 7d"
            )
        })
    }
}

/// How far back accepted shares count.
#[derive(Clone, Copy)]
pub(crate) enum ShareWindow {
    Difficulty(f64),
    /// So many times the network's difficulty.
    Networks(f64),
}

fn parse_window(text: &str) -> Result<ShareWindow, String> {
    let (number, kind): (_, fn(f64) -> ShareWindow) = match text.strip_suffix('n') {
        Some(number) => (number, ShareWindow::Networks),
        None => (text, ShareWindow::Difficulty),
    };
    let number = number.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.map(kind).ok_or_else(|| format!("\"{text}\": a difficulty above 0, or as in 2n"))
}

#[derive(Args)]
pub(crate) struct DoctorArguments {
    /// A gateway's configuration: then the machine is looked at for that gateway
    #[arg(long, value_name = "FILE", conflicts_with_all = ["listen", "connections"])]
    pub(crate) config: Option<PathBuf>,
    /// The address that miners will connect to
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:3333")]
    pub(crate) listen: String,
    /// How many miners the machine shall serve
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    pub(crate) connections: u64,
}
