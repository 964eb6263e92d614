//! `sluice shares stats`: shares added up, and what of them counts for paying by the last ones.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use sluice_gateway::share_log_reader::ShareLogReader;
use sluice_session::share_log::{LoggedShare, Outcome};
use sluice_units::{BestShare, RejectReason, Work};

use super::{Selection, tell_gaps};
use crate::arguments::ShareWindow;

/// Hashes of difficulty 1.
const HASHES_PER_UNIT: f64 = 4_294_967_296.0;

/// What one account has.
#[derive(Default)]
struct Sum {
    accepted: u64,
    work: Work,
    best: BestShare,
    refused: BTreeMap<&'static str, u64>,
}

/// What all have.
#[derive(Default)]
struct Stats {
    accounts: BTreeMap<String, Sum>,
    /// The work of everybody, selected or not.
    of_all: Work,
    first: Option<u64>,
    last: Option<u64>,
}

impl Stats {
    fn add(&mut self, share: &LoggedShare, is_selected: bool) {
        if let Outcome::Accepted { difficulty, .. } = share.outcome {
            self.of_all += difficulty.work();
        }
        if !is_selected {
            return;
        }
        let at = share.at.to_seconds();
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        let sum = self.accounts.entry(share.worker.user().to_owned()).or_default();
        match share.outcome {
            Outcome::Accepted { difficulty, best, .. } => {
                sum.accepted += 1;
                sum.work += difficulty.work();
                sum.best = sum.best.max(best);
            }
            Outcome::Refused(reason) => *sum.refused.entry(reason.name()).or_default() += 1,
        }
    }

    fn work(&self) -> Work {
        self.accounts.values().fold(Work::ZERO, |sum, account| sum + account.work)
    }
}

/// The second in which a window begins, and the work that counts of it: its newest shares.
#[derive(Clone, Copy)]
struct WindowStart {
    second: u64,
    work: Work,
}

pub(super) fn print(
    selection: &Selection<'_>,
    last: Option<ShareWindow>,
    json: bool,
) -> Result<()> {
    let start = match last {
        Some(window) => Some(find_start(selection, window)?),
        None => None,
    };
    let mut reader = selection.open()?;
    let stats = collect(reader.by_ref().map(|it| it.share), selection, start);
    if json {
        println!("{}", as_json(&stats, &reader));
    } else {
        print_table(&stats);
    }
    tell_gaps(&reader)
}

/// Looks through all accepted shares of the time, whoever's they are: how far back must one go?
fn find_start(selection: &Selection<'_>, window: ShareWindow) -> Result<WindowStart> {
    let (mut seconds, mut network) = (BTreeMap::<u64, Work>::new(), 0.0);
    let shares = selection.open()?.map(|it| it.share);
    for share in shares.filter(|share| selection.is_in_time(share)) {
        if let Outcome::Accepted { difficulty, nbits, .. } = share.outcome {
            *seconds.entry(share.at.to_seconds()).or_default() += difficulty.work();
            network = nbits.difficulty().unwrap_or(network);
        }
    }
    let difficulty = match window {
        ShareWindow::Difficulty(difficulty) => difficulty,
        ShareWindow::Networks(times) => times * network,
    };
    let wanted = Work::from_hashes((difficulty * HASHES_PER_UNIT) as u128);
    let mut sum = Work::ZERO;
    for (second, work) in seconds.iter().rev() {
        if sum + *work >= wanted {
            let left = wanted.to_hashes() - sum.to_hashes();
            return Ok(WindowStart { second: *second, work: Work::from_hashes(left) });
        }
        sum += *work;
    }
    if seconds.is_empty() {
        bail!("no accepted share is in that time");
    }
    let has = sum.to_hashes() as f64 / HASHES_PER_UNIT;
    bail!(
        "all accepted shares of that time have a difficulty of {has} together, less than {difficulty}: choose a \
         smaller --last or an earlier --from, give folders with older segments as well, and keep more from now on \
         (share_log_bytes_max, share_log_days_max)"
    )
}

fn collect(
    reader: impl Iterator<Item = LoggedShare>,
    selection: &Selection<'_>,
    start: Option<WindowStart>,
) -> Stats {
    let mut stats = Stats::default();
    // Of the second in which a window begins, whose newest shares count.
    let mut of_start = Vec::new();
    let second = start.map_or(0, |start| start.second);
    for share in reader.filter(|share| selection.is_in_time(share)) {
        let at = share.at.to_seconds();
        if start.is_some() && at == second && matches!(share.outcome, Outcome::Accepted { .. }) {
            of_start.push(share);
        } else if at >= second {
            stats.add(&share, selection.has(&share));
        }
    }
    let mut left = start.map_or(Work::ZERO, |start| start.work);
    for share in of_start.iter().rev() {
        let Outcome::Accepted { difficulty, .. } = share.outcome else { continue };
        if left == Work::ZERO {
            break;
        }
        // The share that reaches the wanted work counts whole.
        let rest = left.to_hashes().saturating_sub(difficulty.work().to_hashes());
        left = Work::from_hashes(rest);
        stats.add(share, selection.has(share));
    }
    stats
}

fn part(work: Work, of: Work) -> f64 {
    if of == Work::ZERO { 0.0 } else { work.to_hashes() as f64 / of.to_hashes() as f64 }
}

fn difficulty(work: Work) -> f64 {
    work.to_hashes() as f64 / HASHES_PER_UNIT
}

/// Accounts with the most work first.
fn sorted(stats: &Stats) -> Vec<(&String, &Sum)> {
    let mut accounts: Vec<_> = stats.accounts.iter().collect();
    accounts.sort_by(|(one, of_one), (other, of_other)| {
        (of_other.work, one).cmp(&(of_one.work, other))
    });
    accounts
}

fn as_json(stats: &Stats, reader: &ShareLogReader) -> Value {
    let all = stats.work();
    let accounts = sorted(stats).into_iter().map(|(account, sum)| {
        json!({
            "account": account,
            "accepted": sum.accepted,
            "work_hashes": sum.work.to_hashes().to_string(),
            "difficulty": difficulty(sum.work),
            "part": part(sum.work, stats.of_all),
            "best": sum.best.to_difficulty(),
            "refused": sum.refused.values().sum::<u64>(),
            "refused_for": sum.refused,
        })
    });
    json!({
        "from": stats.first,
        "to": stats.last,
        "accepted": stats.accounts.values().map(|sum| sum.accepted).sum::<u64>(),
        "refused": stats.accounts.values().flat_map(|sum| sum.refused.values()).sum::<u64>(),
        "work_hashes": all.to_hashes().to_string(),
        "difficulty": difficulty(all),
        "accounts": accounts.collect::<Vec<_>>(),
        "files_torn": reader.files_torn,
        "files_unreadable": reader.files_unreadable,
    })
}

fn print_table(stats: &Stats) {
    let (Some(first), Some(last)) = (stats.first, stats.last) else {
        println!("no share is in that time");
        return;
    };
    let all = stats.work();
    println!("from {first} to {last} (seconds since 1970), difficulty {} in all", difficulty(all));
    let widths = stats.accounts.keys().map(|account| account.len());
    let width = widths.max().unwrap_or(0).max("account".len());
    println!(
        "{:width$}  {:>10}  {:>9}  {:>16}  {:>16}  refused",
        "account", "accepted", "part %", "difficulty", "best"
    );
    for (account, sum) in sorted(stats) {
        let refused: Vec<String> =
            RejectReason::ALL.iter().filter_map(|reason| refused_for(sum, reason.name())).collect();
        let line = format!(
            "{account:width$}  {:>10}  {:>9.5}  {:>16}  {:>16.1}  {}",
            sum.accepted,
            100.0 * part(sum.work, stats.of_all),
            difficulty(sum.work),
            sum.best.to_difficulty(),
            refused.join(" ")
        );
        println!("{}", line.trim_end());
    }
}

fn refused_for(sum: &Sum, reason: &'static str) -> Option<String> {
    sum.refused.get(reason).map(|count| format!("{reason}={count}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use sluice_units::{CompactTarget, ShareDifficulty, UnixTime};

    use super::*;
    use crate::arguments::{Arguments, Command, SharesCommand};

    fn share(at: u64, worker: &str) -> LoggedShare {
        let outcome = Outcome::Accepted {
            difficulty: ShareDifficulty::MIN,
            best: BestShare::default(),
            nbits: CompactTarget::from_bits(0x1d00_ffff),
        };
        LoggedShare { at: UnixTime::from_seconds(at), worker: worker.parse().unwrap(), outcome }
    }

    #[test]
    fn a_part_is_of_all_work_whichever_account_is_selected() {
        let words = ["sluice", "shares", "stats", "folder", "--account", "alice"];
        let Command::Shares(SharesCommand::Stats { selection, .. }) =
            Arguments::parse_from(words).command
        else {
            panic!("the words say so");
        };
        let selection = Selection::new(&selection);
        let shares = [share(1, "bob"), share(2, "alice"), share(3, "bob"), share(3, "bob.x")];
        let parts = |start: Option<WindowStart>| -> Vec<f64> {
            let stats = collect(shares.iter().cloned(), &selection, start);
            stats.accounts.values().map(|sum| part(sum.work, stats.of_all)).collect()
        };
        assert_eq!(parts(None), [0.25]);
        // Of the last three shares.
        let work = ShareDifficulty::MIN.work();
        assert_eq!(parts(Some(WindowStart { second: 2, work })), [1.0 / 3.0]);
        assert!(parts(Some(WindowStart { second: 3, work })).is_empty());
    }
}
