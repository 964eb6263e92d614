//! What `sluice up` shows: where to point a miner, a live line, and what came of it all.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use serde_json::json;
use sluice_units::RejectReason;

use crate::miner;
use crate::rates::{Rate, hashrate};
use crate::up::pool::{Pool, Status};

/// How often the pool is looked at.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);
/// How many looks go by between two lines where stderr is no terminal.
const LOOKS_PER_LOG_LINE: u32 = 5;
const CLEAR_LINE: &str = "\r\x1b[K";

/// Everything goes to stderr, so that stdout holds the summary alone.
pub(crate) struct Display {
    terminal: bool,
    looks: u32,
    work: Rate,
    store_name: String,
}

impl Display {
    pub(crate) fn new(pool: &Pool) -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            looks: 0,
            work: Rate::default(),
            store_name: pool.store_name.clone(),
        }
    }

    pub(crate) fn greet(&self, pool: &Pool) {
        let shards = pool.shard_count();
        let plural = if shards == 1 { "" } else { "s" };
        eprintln!("sluice mines on {}, {shards} shard{plural}", pool.network());
        eprintln!("  miners   stratum+tcp://{}   user NAME.WORKER, any password", pool.address());
        eprintln!("  counts   {}", pool.store_name);
        eprintln!("  state    {}", pool.data);
        eprintln!("  control  {}", pool.control());
        if !pool.has_miner() {
            eprintln!("  no miner of its own: point yours at it, or add --miner-threads 1");
        }
        eprintln!("  ^C stops");
    }

    pub(crate) fn update(&mut self, pool: &Pool) {
        let status = pool.status();
        let work = status.gateway.shards.work.to_hashes() as f64;
        let hashes_per_s = self.work.sample(Instant::now(), work);
        self.looks += 1;
        let line = live_line(&status, hashes_per_s);
        let mut stderr = std::io::stderr().lock();
        // Nobody reads it where this fails.
        let _ = if self.terminal {
            write!(stderr, "{CLEAR_LINE}{line}").and_then(|()| stderr.flush())
        } else if self.looks % LOOKS_PER_LOG_LINE == 1 {
            writeln!(stderr, "{line}")
        } else {
            Ok(())
        };
    }

    pub(crate) fn say_stopping(&self) {
        let start = if self.terminal { "\n" } else { "" };
        eprintln!("{start}stopping: the last shares go to the store");
    }

    pub(crate) fn conclude(&self, status: &Status, as_json: bool) {
        if as_json {
            println!("{}", summary(status));
            return;
        }
        let shards = &status.gateway.shards;
        eprintln!(
            "shares {} accepted, {} rejected; blocks {}; counted in {}",
            shards.accepted,
            shards.rejected_total(),
            status.jobmaster.blocks_accepted,
            self.store_name
        );
        let waiting = status.gateway.batches_waiting;
        if waiting > 0 {
            eprintln!("{waiting} batches of counts wait on disk for the next start; none is lost");
        }
    }
}

fn live_line(status: &Status, hashes_per_s: f64) -> String {
    let shards = &status.gateway.shards;
    let mut line = format!(
        "height {}  jobs {}  connections {}  shares {}  {}  blocks {}  last reject: {}",
        shards.height,
        shards.jobs,
        shards.connections,
        shards.accepted,
        hashrate(hashes_per_s),
        status.jobmaster.blocks_accepted,
        shards.last_reject.map_or("none", RejectReason::text),
    );
    if status.jobmaster.node_trouble.is_some() {
        line.push_str("  NODE AWAY");
    }
    if status.store_trouble.is_some() {
        line.push_str(&format!("  STORE AWAY ({} batches wait)", status.gateway.batches_waiting));
    }
    line
}

fn summary(status: &Status) -> serde_json::Value {
    let shards = &status.gateway.shards;
    let counts =
        RejectReason::ALL.into_iter().map(|reason| (reason, shards.rejected[reason.index()]));
    let rejected_by_reason: serde_json::Map<_, _> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(reason, count)| (reason.text().to_owned(), count.into()))
        .collect();
    json!({
        "jobs": shards.jobs,
        "height": shards.height,
        "accepted": shards.accepted,
        "rejected": shards.rejected_total(),
        "rejected_by_reason": rejected_by_reason,
        "work_hashes": shards.work.to_hashes().to_string(),
        "blocks_found": shards.blocks_found,
        "blocks_accepted": status.jobmaster.blocks_accepted,
        "blocks_rejected": status.jobmaster.blocks_rejected,
        "batches_waiting": status.gateway.batches_waiting,
        "miner": status.miner.as_ref().map(miner::summary),
    })
}
