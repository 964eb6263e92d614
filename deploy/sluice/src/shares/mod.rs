//! `sluice shares`: what the share logs of gateways hold.

mod stats;

use std::io::{BufWriter, ErrorKind, Write};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use sluice_gateway::share_log_reader::{ShareLogReader, SourcedShare};
use sluice_service::clock::unix_time;
use sluice_service::logging;
use sluice_session::share_log::{LoggedShare, Outcome};
use sluice_units::Name;

use crate::arguments::{ShareSelection, ShareTime, SharesCommand};

pub(crate) fn run(command: &SharesCommand) -> Result<()> {
    // Files that cannot be read are told as warnings.
    logging::start("warn");
    match command {
        SharesCommand::Cat { selection, json } => cat(&Selection::new(selection), *json),
        SharesCommand::Stats { selection, last, json } => {
            let mut selection = Selection::new(selection);
            if last.is_some() {
                // The log is gone through twice, and may grow meanwhile.
                selection.to = selection.to.min(unix_time().to_seconds());
            }
            stats::print(&selection, *last, *json)
        }
    }
}

/// Which shares, with the times made whole.
struct Selection<'a> {
    given: &'a ShareSelection,
    from: u64,
    to: u64,
}

impl<'a> Selection<'a> {
    fn new(given: &'a ShareSelection) -> Self {
        let now = unix_time().to_seconds();
        let time = |time: ShareTime| match time {
            ShareTime::Unix(seconds) => seconds,
            ShareTime::Ago(ago) => now.saturating_sub(ago.as_secs()),
        };
        let (from, to) = (given.from.map_or(0, time), given.to.map_or(u64::MAX, time));
        Self { given, from, to }
    }

    fn open(&self) -> Result<ShareLogReader> {
        Ok(ShareLogReader::open(&self.given.paths, self.given.coin.as_ref())?)
    }

    /// Whether the share came in the time, whoever's it is.
    fn is_in_time(&self, share: &LoggedShare) -> bool {
        (self.from..self.to).contains(&share.at.to_seconds())
    }

    fn has(&self, share: &LoggedShare) -> bool {
        let ShareSelection { account, worker, accepted, refused, .. } = self.given;
        let is = |wanted: &Option<Name>, name: &str| {
            wanted.as_ref().is_none_or(|it| it.as_str() == name)
        };
        let is_accepted = matches!(share.outcome, Outcome::Accepted { .. });
        self.is_in_time(share)
            && is(account, share.worker.user())
            && is(worker, share.worker.worker())
            && (is_accepted || !accepted)
            && (!is_accepted || !refused)
    }
}

fn cat(selection: &Selection<'_>, json: bool) -> Result<()> {
    let mut reader = selection.open()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for share in reader.by_ref().filter(|it| selection.has(&it.share)) {
        let written = if json {
            writeln!(out, "{}", as_json(&share))
        } else {
            writeln!(out, "{}", as_text(&share.share))
        };
        match written {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            other => other?,
        }
    }
    match out.flush() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        other => other?,
    }
    tell_gaps(&reader)
}

/// What is missing, on stderr: of torn ends, which a kill leaves, nothing that a miner saw accepted. Shares that cannot be
/// read are an error, once all others are printed: nobody should be paid by them unseen.
fn tell_gaps(reader: &ShareLogReader) -> Result<()> {
    if reader.files_torn > 0 {
        eprintln!(
            "{} files were torn at their end, by a kill; the rest of them is here",
            reader.files_torn
        );
    }
    if reader.files_unreadable > 0 {
        bail!(
            "{} files could not be read, as told above, and their shares are missing here; give a folder with copies of \
             them as well, or move them away to do without",
            reader.files_unreadable
        );
    }
    Ok(())
}

fn as_text(LoggedShare { at, worker, outcome }: &LoggedShare) -> String {
    let at = at.to_seconds();
    let worker = format!("{}.{}", worker.user(), worker.worker());
    match outcome {
        Outcome::Accepted { difficulty, best, nbits } => format!(
            "{at} {worker} accepted difficulty={} reached={} network={}{}",
            difficulty.to_f64(),
            best.to_difficulty(),
            nbits.difficulty().unwrap_or_default(),
            if best.meets(*nbits) { " block" } else { "" }
        ),
        Outcome::Refused(reason) => format!("{at} {worker} refused {}", reason.name()),
    }
}

fn as_json(SourcedShare { coin, source, share }: &SourcedShare) -> Value {
    let LoggedShare { at, worker, outcome } = share;
    let mut object = json!({
        "coin": coin.as_str(),
        "gateway": source.gateway_id,
        "shard": source.shard,
        "time": at.to_seconds(),
        "account": worker.user(),
        "worker": worker.worker(),
    });
    match outcome {
        Outcome::Accepted { difficulty, best, nbits } => {
            object["accepted"] = true.into();
            object["difficulty"] = difficulty.to_f64().into();
            object["work_hashes"] = difficulty.work().to_hashes().to_string().into();
            object["reached"] = best.to_difficulty().into();
            object["network_difficulty"] = nbits.difficulty().unwrap_or_default().into();
            object["block"] = best.meets(*nbits).into();
        }
        Outcome::Refused(reason) => {
            object["accepted"] = false.into();
            object["reason"] = reason.name().into();
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use sluice_units::{BestShare, CompactTarget, ShareDifficulty, SourceId, UnixTime};

    use super::*;
    use crate::arguments::{Arguments, Command};

    fn selection_of(words: &[&str]) -> ShareSelection {
        let words = [&["sluice", "shares", "cat"], words].concat();
        let Command::Shares(SharesCommand::Cat { selection, .. }) =
            Arguments::parse_from(words).command
        else {
            panic!("the words say so");
        };
        selection
    }

    fn share(reached_hashes: f64) -> LoggedShare {
        let outcome = Outcome::Accepted {
            difficulty: ShareDifficulty::MIN,
            best: BestShare::from_bits(reached_hashes.to_bits()).unwrap(),
            nbits: CompactTarget::from_bits(0x1d00_ffff),
        };
        let worker = "Alice.Rig".parse().unwrap();
        LoggedShare { at: UnixTime::from_seconds(7), worker, outcome }
    }

    #[test]
    fn names_are_compared_as_they_are_stored() {
        for (words, is_selected) in [
            (["folder", "--account", "Alice"], true),
            (["folder", "--worker", "RIG"], true),
            (["folder", "--account", "bob"], false),
        ] {
            let given = selection_of(&words);
            assert_eq!(Selection::new(&given).has(&share(1e3)), is_selected, "{words:?}");
        }
    }

    #[test]
    fn a_share_that_is_a_block_is_marked() {
        for (reached_hashes, is_block) in [(4.2e9, false), (4.3e9, true)] {
            let share = share(reached_hashes);
            assert_eq!(as_text(&share).ends_with(" block"), is_block);
            let source = SourceId { gateway_id: 3, shard: 1 };
            let share = SourcedShare { coin: "btc".parse().unwrap(), source, share };
            let json = as_json(&share);
            assert_eq!(json["block"], json!(is_block));
            assert_eq!([&json["coin"], &json["gateway"]], [&json!("btc"), &json!(3)]);
        }
    }
}
