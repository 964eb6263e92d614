//! What can be typed behind `sluice ctl`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use sluice_units::header::HEADER_BYTES;
use sluice_units::limits::{BAN_REASON_BYTES_MAX, OPERATOR_TEXT_BYTES_MAX, TAG_BYTES_MAX};
use sluice_units::{BanSubject, hex, operator};

#[derive(Args)]
#[command(
    after_help = "A jobmaster holds the bans of its pool, keeps them over restarts and tells every \
gateway. Give its address and the pool's key where they are not the usual ones:\n\n    \
sluice ctl --jobmaster 10.0.0.5:7401 --key cluster.key ban list"
)]
pub(crate) struct CtlArguments {
    /// The jobmaster's `listen` address
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7401", global = true)]
    pub(crate) jobmaster: String,
    /// The pool's key, as the roles have it in `cluster_key_file`
    #[arg(long, value_name = "FILE", default_value = "/etc/sluice/cluster.key", global = true)]
    pub(crate) key: PathBuf,
    /// Print the answer as one JSON object, on the last line of stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: CtlCommand,
}

#[derive(Subcommand)]
pub(crate) enum CtlCommand {
    /// Keep miners out of the whole pool, by address, network or account
    #[command(subcommand)]
    Ban(BanCommand),
    /// Show a text to every miner that shows texts (client.show_message)
    #[command(after_help = "Example: sluice ctl say \"Maintenance at 14:00 UTC, 5 minutes\"")]
    Say {
        /// The text
        #[arg(value_parser = parse_said)]
        text: String,
    },
    /// Ask every miner to connect again, here or elsewhere (client.reconnect)
    #[command(
        after_help = "Miners obey as they like: many firmwares go only to hosts of the same \
domain, some nowhere.\n\nExamples:\n    sluice ctl reconnect --wait-s 30\n    \
sluice ctl reconnect --to eu2.pool.example.org:3333"
    )]
    Reconnect {
        /// Where to; to where they are, unless given
        #[arg(long, value_name = "HOST:PORT", value_parser = parse_host)]
        to: Option<(String, u16)>,
        /// How long miners shall wait before, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 0)]
        wait_s: u16,
    },
    /// Show what goes into every coinbase, or set the message in it
    #[command(subcommand)]
    Coinbase(CoinbaseCommand),
    /// Have the jobmaster read its configuration file again, as SIGHUP does
    #[command(
        after_help = "Payouts, the tag, ban_exempt, version_mask and the intervals change at once, with a new \
job; what needs a restart is named. A file with a mistake changes nothing. Payouts are in the file alone: nobody \
with just the pool's key can redirect them."
    )]
    Reload,
    /// Tell the jobmaster that there may be a new block
    #[command(
        after_help = "For a node's blocknotify, where it has no ZMQ: blocknotify=sluice ctl notify\n\nWith the \
block's header miners turn to the new block before the node has a template. It is taken only where it follows \
the present block and holds the network's full work."
    )]
    Notify {
        /// The header of the new block: 80 bytes in hexadecimal
        #[arg(long, value_name = "HEX", value_parser = parse_header)]
        header: Option<[u8; HEADER_BYTES]>,
    },
}

#[derive(Subcommand)]
pub(crate) enum CoinbaseCommand {
    /// Show tag, message and payouts
    Show,
    /// Set the message behind the tag; it outlives a restart
    #[command(after_help = "Example: sluice ctl coinbase message \" hello, world \"")]
    Message {
        /// The message; without it there is none from now on
        #[arg(value_parser = parse_message, default_value = "", hide_default_value = true)]
        text: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum BanCommand {
    /// Show who is banned, for how much longer and why
    List,
    /// Ban somebody on every gateway; of two bans the one that ends later holds
    #[command(
        after_help = "A ban of an address or network ends connections from it and refuses new \
ones; a ban of an account refuses its miners wherever they come from. What the jobmaster's ban_exempt names is \
never banned. To shorten a ban, remove it and add it again.\n\nExamples:\n    \
sluice ctl ban add 203.0.113.7\n    sluice ctl ban add 203.0.113.0/24 --for 12h --reason \"port scans\"\n    \
sluice ctl ban add account:alice --for 7d"
    )]
    Add {
        /// Whom: an address, a network such as 203.0.113.0/24, or account:NAME
        subject: BanSubject,
        /// For how long: a number and s, m, h or d, as in 30s, 10m, 12h, 7d
        #[arg(long = "for", value_name = "TIME", default_value = "1h", value_parser = parse_duration)]
        duration: Duration,
        /// Why, for whoever looks at the list
        #[arg(long, value_name = "TEXT", default_value = "by an operator", value_parser = parse_reason)]
        reason: String,
    },
    /// End a ban before its time
    Remove {
        /// Whom, as the list shows it
        subject: BanSubject,
    },
}

/// Units of a duration, with their seconds, greatest first.
pub(super) const DURATION_UNITS: [(char, u64); 4] =
    [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let seconds = || {
        let unit = text.chars().next_back()?;
        let (_, seconds) = DURATION_UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
        let count: u64 = text[..text.len() - unit.len_utf8()].parse().ok()?;
        count.checked_mul(seconds).filter(|seconds| *seconds > 0)
    };
    let remedy = "write a number above zero and s, m, h or d, as in 30s, 10m, 12h, 7d";
    seconds().map(Duration::from_secs).ok_or_else(|| remedy.into())
}

fn parse_said(text: &str) -> Result<String, String> {
    parse_text(text, OPERATOR_TEXT_BYTES_MAX)
}

fn parse_message(text: &str) -> Result<String, String> {
    if text.is_empty() { Ok(String::new()) } else { parse_text(text, TAG_BYTES_MAX) }
}

fn parse_header(text: &str) -> Result<[u8; HEADER_BYTES], String> {
    let bytes = hex::decode(text).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| format!("write a block's header: {} hexadecimal digits", 2 * HEADER_BYTES))
}

fn parse_reason(text: &str) -> Result<String, String> {
    parse_text(text, BAN_REASON_BYTES_MAX)
}

/// One line of text; it ends up in logs, tables and on miners' displays.
fn parse_text(text: &str, bytes_max: usize) -> Result<String, String> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err("write one line of text".into());
    }
    if text.len() > bytes_max {
        return Err(format!("it has {} bytes: write at most {bytes_max}", text.len()));
    }
    Ok(text.to_owned())
}

fn parse_host(text: &str) -> Result<(String, u16), String> {
    operator::parse_host(text)
        .ok_or_else(|| "write HOST:PORT, as in pool.example.org:3333 or [2001:db8::1]:3333".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        let seconds = |text| parse_duration(text).map(|duration| duration.as_secs());
        for (text, wanted) in [("30s", 30), ("10m", 600), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(seconds(text), Ok(wanted));
        }
        for text in ["", "s", "10", "0s", "-1h", "1.5h", "1w", "99999999999999999999s", "1\u{e9}"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert!(seconds("999999999999999999d").is_err());
    }

    #[test]
    fn texts_are_one_line() {
        assert!(parse_said("back in five minutes").is_ok());
        assert!(parse_said(&"x".repeat(OPERATOR_TEXT_BYTES_MAX + 1)).is_err());
        assert_eq!(parse_message(""), Ok(String::new()), "no message");
        assert!(parse_message(&"x".repeat(TAG_BYTES_MAX + 1)).is_err());
        assert!(parse_header(&"0".repeat(160)).is_ok() && parse_header("00").is_err());
        assert!(parse_reason(&"x".repeat(BAN_REASON_BYTES_MAX + 1)).is_err());
        for text in ["", " ", "two\nlines", "\u{1b}[31mred"] {
            assert!(parse_said(text).is_err(), "{text:?}");
        }
    }
}
