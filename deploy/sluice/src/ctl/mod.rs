//! `sluice ctl`: one request to a running jobmaster, and its answer for a person or a program.

mod arguments;

use std::fmt::Write;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};
use sluice_service::ClusterKey;
use sluice_service::clock::unix_time;
use sluice_service::link::{self, LinkError};
use sluice_units::{Ban, Reconnect, UnixTime};
use sluice_wire::operator_feed::{FromOperator, OPERATOR_FEED_VERSION, ToOperator};

use crate::role::runtime;
use arguments::{BanCommand, CoinbaseCommand, CtlCommand, DURATION_UNITS};
pub(crate) use arguments::{CtlArguments, parse_duration};

/// How long the jobmaster may take: it answers once its disk has what it is told.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

pub(crate) fn run(arguments: &CtlArguments) -> Result<()> {
    let key = ClusterKey::from_file(&arguments.key)?;
    let request = request(&arguments.command, unix_time());
    let answer = runtime()?.block_on(async {
        let asking = ask(arguments, &key, &request);
        let answer = tokio::time::timeout(ANSWER_TIME_MAX, asking).await;
        answer.unwrap_or_else(|_| {
            Err(anyhow!(
                "the jobmaster at {} has not answered within {} s: its log says why; ask again, what is done twice is done once",
                arguments.jobmaster,
                ANSWER_TIME_MAX.as_secs()
            ))
        })
    })?;
    if let ToOperator::Refused(cause) = &answer {
        bail!("the jobmaster refuses: {cause}");
    }
    reached_somebody(&request, &answer)?;
    if arguments.json {
        println!("{}", as_json(&answer, unix_time()));
    } else {
        println!("{}", as_text(&arguments.command, &answer, unix_time()).trim_end());
    }
    Ok(())
}

fn request(command: &CtlCommand, now: UnixTime) -> FromOperator {
    match command {
        CtlCommand::Ban(BanCommand::List) => FromOperator::ListBans,
        CtlCommand::Ban(BanCommand::Add { subject, duration, reason }) => {
            let until = now.to_seconds().saturating_add(duration.as_secs());
            FromOperator::AddBan(Ban {
                subject: subject.clone(),
                until: UnixTime::from_seconds(until),
                reason: reason.clone(),
            })
        }
        CtlCommand::Ban(BanCommand::Remove { subject }) => FromOperator::RemoveBan(subject.clone()),
        CtlCommand::Say { text } => FromOperator::Say(text.clone()),
        CtlCommand::Reconnect { to, wait_s } => {
            FromOperator::Reconnect(Reconnect { host: to.clone(), wait_s: *wait_s })
        }
        CtlCommand::Coinbase(CoinbaseCommand::Show) => FromOperator::ShowCoinbase,
        CtlCommand::Coinbase(CoinbaseCommand::Message { text }) => {
            FromOperator::SetMessage(text.clone())
        }
        CtlCommand::Reload => FromOperator::Reload,
        CtlCommand::Notify { header } => FromOperator::Notify(*header),
    }
}

async fn ask(
    arguments: &CtlArguments,
    key: &ClusterKey,
    request: &FromOperator,
) -> Result<ToOperator> {
    let address = &arguments.jobmaster;
    let (mut sender, mut receiver) = match link::connect(address, key).await {
        Ok(halves) => halves,
        Err(LinkError::WrongKey) => bail!(
            "the other end at {address} does not hold the key in {}: give the pool's with --key FILE, and the jobmaster's address with --jobmaster",
            arguments.key.display()
        ),
        Err(error @ LinkError::Connect { .. }) => bail!("{error} with --jobmaster"),
        Err(error) => bail!("the jobmaster at {address}: {error}; ask again"),
    };
    // Whatever hung up at one of these has sent its reason before, or gives none.
    for message in [&FromOperator::Hello { version: OPERATOR_FEED_VERSION }, request] {
        let _ = sender.send(&message.encode()).await;
    }
    match receiver.receive().await {
        Ok(Some(answer)) => ToOperator::decode(&answer).map_err(|error| {
            anyhow!(
                "the answer from {address} does not read ({error}): run the same release of both"
            )
        }),
        Ok(None) | Err(_) => bail!(
            "no answer from {address}: it is no jobmaster, or one of an older release; correct --jobmaster, or update it"
        ),
    }
}

/// A word that nobody heard is a failure; a ban holds for the gateways to come.
fn reached_somebody(request: &FromOperator, answer: &ToOperator) -> Result<()> {
    let is_word = matches!(request, FromOperator::Say(_) | FromOperator::Reconnect(_));
    if is_word && matches!(answer, ToOperator::Done { gateways: 0, .. }) {
        bail!(
            "no gateway is connected to the jobmaster, so no miner was told: start one, and ask again"
        );
    }
    Ok(())
}

fn as_json(answer: &ToOperator, now: UnixTime) -> Value {
    match answer {
        ToOperator::Refused(cause) => json!({ "refused": cause }),
        ToOperator::Done { gateways, changed } => {
            json!({ "gateways": gateways, "changed": changed })
        }
        ToOperator::Told(text) => json!({ "told": text }),
        ToOperator::Bans(bans) => {
            let shown = |ban: &Ban| {
                json!({
                    "subject": ban.subject.to_string(),
                    "until": ban.until.to_seconds(),
                    "seconds_left": left(ban, now).as_secs(),
                    "reason": ban.reason,
                })
            };
            json!({ "bans": bans.iter().map(shown).collect::<Vec<_>>() })
        }
    }
}

fn as_text(command: &CtlCommand, answer: &ToOperator, now: UnixTime) -> String {
    let (gateways, changed) = match answer {
        ToOperator::Refused(text) | ToOperator::Told(text) => return text.clone(),
        ToOperator::Bans(bans) => return table(bans, now),
        ToOperator::Done { gateways, changed } => (*gateways, *changed),
    };
    let told = match gateways {
        0 => "no gateway is connected; those to come will be told".to_owned(),
        1 => "1 gateway is told".to_owned(),
        count => format!("{count} gateways are told"),
    };
    match command {
        CtlCommand::Ban(BanCommand::Add { subject, duration, .. }) if changed => {
            format!("{subject} is banned for {}; {told}", in_units(*duration))
        }
        CtlCommand::Ban(BanCommand::Add { subject, .. }) => format!(
            "{subject} is banned for as long or longer already, which holds; to shorten it remove it first"
        ),
        CtlCommand::Ban(BanCommand::Remove { subject }) if changed => {
            format!("{subject} is not banned any more; {told}")
        }
        CtlCommand::Ban(BanCommand::Remove { subject }) => {
            format!("{subject} was not banned; `sluice ctl ban list` shows who is")
        }
        CtlCommand::Coinbase(_) if changed => "set; it is in the next job".to_owned(),
        CtlCommand::Coinbase(_) => "it was set already".to_owned(),
        CtlCommand::Ban(BanCommand::List)
        | CtlCommand::Say { .. }
        | CtlCommand::Reconnect { .. }
        | CtlCommand::Reload
        | CtlCommand::Notify { .. } => told,
    }
}

/// A line for each ban, under a heading.
fn table(bans: &[Ban], now: UnixTime) -> String {
    if bans.is_empty() {
        return "nobody is banned".into();
    }
    let subjects: Vec<String> = bans.iter().map(|ban| ban.subject.to_string()).collect();
    let width = subjects.iter().map(String::len).max().unwrap_or(0).max("subject".len());
    let mut table = format!("{:<width$}  {:<8}  reason\n", "subject", "ends in");
    for (subject, ban) in subjects.iter().zip(bans) {
        // A gateway made the reason: whatever it holds does nothing to a terminal.
        let reason = ban.reason.replace(char::is_control, " ");
        let left = in_units(left(ban, now));
        writeln!(table, "{subject:<width$}  {left:<8}  {reason}").expect("a text takes all lines");
    }
    table
}

fn left(ban: &Ban, now: UnixTime) -> Duration {
    Duration::from_secs(ban.until.to_seconds().saturating_sub(now.to_seconds()))
}

/// A duration by its two greatest units, as in `6d 23h`.
fn in_units(duration: Duration) -> String {
    let mut rest = duration.as_secs();
    let first = DURATION_UNITS.iter().position(|(_, seconds)| rest >= *seconds);
    let mut parts = Vec::new();
    for (letter, seconds) in DURATION_UNITS.iter().skip(first.unwrap_or(3)).take(2) {
        let count = rest / seconds;
        rest %= seconds;
        if count > 0 || parts.is_empty() {
            parts.push(format!("{count}{letter}"));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_by_their_two_greatest_units() {
        for (seconds, wanted) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_599, "59m 59s"),
            (3_600, "1h"),
            (3_601, "1h"),
            (604_799, "6d 23h"),
            (604_800, "7d"),
        ] {
            assert_eq!(in_units(Duration::from_secs(seconds)), wanted);
        }
    }

    #[test]
    fn bans_are_shown_as_a_table() {
        let now = UnixTime::from_seconds(1000);
        let ban = |subject: &str, until, reason: &str| Ban {
            subject: subject.parse().unwrap(),
            until: UnixTime::from_seconds(until),
            reason: reason.into(),
        };
        let bans = [ban("10.1.2.3", 1090, "floods"), ban("account:alice", 999, "a\u{1b}b")];
        assert_eq!(
            table(&bans, now),
            "subject        ends in   reason\n\
             10.1.2.3       1m 30s    floods\n\
             account:alice  0s        a b\n"
        );
        assert_eq!(table(&[], now), "nobody is banned");
    }
}
