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
        bail!(
            "nobody was told through the alertcenter at {alertcenter} within {} s; is `sluice alertcenter` running there, with the same key, and what does its log say of Redis, webhooks and mail?",
            ANSWER_TIME_MAX.as_secs()
        );
    }
    println!("taken by the alertcenter at {alertcenter}");
    Ok(())
}
