//! `sluice miner`.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use sluice_miner::{Miner, MinerConfig, MinerStatus};
use sluice_service::logging;

use crate::arguments::MinerArguments;
use crate::rates::{Rate, hashrate};
use crate::role::runtime;
use crate::signals::StopSignals;

/// How often the live line changes on a terminal.
const TERMINAL_INTERVAL: Duration = Duration::from_secs(1);
/// How often it is printed anew where stdout is no terminal.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

pub(crate) fn run(arguments: &MinerArguments) -> Result<()> {
    logging::start("warn");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let config = MinerConfig {
        pool: arguments.pool.clone(),
        user: arguments.user.clone(),
        password: arguments.password.clone(),
        threads: arguments.threads.unwrap_or(cores),
        quirk: arguments.quirk,
    };
    let (status, result) = runtime()?.block_on(async {
        let mut stop = StopSignals::catch()?;
        let miner = Miner::start(config)?;
        eprintln!("mining on {} as {}; ^C stops", arguments.pool, arguments.user);
        watch(&miner, &mut stop).await;
        anyhow::Ok(tokio::task::spawn_blocking(|| miner.stop()).await?)
    })?;
    if arguments.json {
        println!("{}", summary(&status));
    } else {
        eprintln!("{}", line(&status, 0.0));
    }
    Ok(result?)
}

/// Shows a live line until stopped, or until the miner gives up.
async fn watch(miner: &Miner, stop: &mut StopSignals) {
    let terminal = std::io::stderr().is_terminal();
    let interval = if terminal { TERMINAL_INTERVAL } else { LOG_INTERVAL };
    let mut rate = Rate::default();
    let mut next = tokio::time::Instant::now() + interval;
    while !miner.has_ended() {
        tokio::select! {
            () = stop.wait() => break,
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
        if tokio::time::Instant::now() >= next {
            next += interval;
            let status = miner.status();
            let hashes_per_s = rate.sample(Instant::now(), status.hashes as f64);
            let (start, end) = if terminal { ("\r\x1b[K", "") } else { ("", "\n") };
            eprint!("{start}{}{end}", line(&status, hashes_per_s));
        }
    }
    if terminal {
        eprintln!();
    }
}

fn line(status: &MinerStatus, hashes_per_s: f64) -> String {
    let shares = &status.shares;
    format!(
        "{}  jobs {}  shares {} accepted, {} rejected, {} unanswered",
        hashrate(hashes_per_s),
        status.jobs,
        shares.accepted,
        shares.rejected_total(),
        shares.outstanding()
    )
}

/// What the miner counted, for machines.
pub(crate) fn summary(status: &MinerStatus) -> serde_json::Value {
    let reasons = status.shares.rejected.iter();
    let rejected_by_reason: Vec<_> = reasons
        .map(|((code, text), count)| json!({ "code": code, "reason": text, "count": count }))
        .collect();
    json!({
        "hashes": status.hashes,
        "jobs": status.jobs,
        "submitted": status.shares.submitted,
        "accepted": status.shares.accepted,
        "rejected": status.shares.rejected_total(),
        "rejected_by_reason": rejected_by_reason,
    })
}
