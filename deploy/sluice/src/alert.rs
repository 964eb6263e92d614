//! `sluice alert`: an alert by hand.

use std::time::Duration;

use anyhow::{Result, bail};
use sluice_service::ClusterKey;
use sluice_service::alerts::{self, AlertTarget, Collector};
use sluice_service::logging;
use sluice_units::limits::ALERT_TEXT_BYTES_MAX;
use sluice_wire::alert_feed::Severity;

use crate::arguments::AlertArguments;
use crate::role::{machine_name, runtime};

/// How long the alertcenter may take.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);

/// Why there is no receipt.
fn cause(alertcenter: &str, is_with_center: bool) -> String {
    let seconds = ANSWER_TIME_MAX.as_secs();
    if is_with_center {
        return format!(
            "the alertcenter at {alertcenter} has it, but nobody was told within {seconds} s: it holds it back for a minute, since there are many alerts, or cannot reach anybody yet; see its log"
        );
    }
    format!(
        "nobody was told through the alertcenter at {alertcenter} within {seconds} s; is `sluice alertcenter` running there, with the same key, and what does its log say?"
    )
}

pub(crate) fn run(AlertArguments { text, alertcenter, key }: &AlertArguments) -> Result<()> {
    // What keeps it from arriving is told as a warning.
    logging::start("warn");
    if text.is_empty() || text.len() > ALERT_TEXT_BYTES_MAX {
        bail!("an alert has 1 to {ALERT_TEXT_BYTES_MAX} bytes, this one has {}", text.len());
    }
    let target = AlertTarget {
        address: alertcenter.clone(),
        key: ClusterKey::from_file(key)?,
        host: machine_name(),
        role: "operator".into(),
    };
    let collector = Collector::default();
    collector.add(Severity::Notice, text);
    let has_arrived = runtime()?
        .block_on(async { alerts::send(target, &collector).finish(ANSWER_TIME_MAX).await });
    if !has_arrived {
        bail!(cause(alertcenter, collector.is_with_center()));
    }
    println!("taken by the alertcenter at {alertcenter}");
    Ok(())
}
