//! A running `sluice up`, a running `sluice miner`, and what each counted.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::ChildProcess;
use crate::sluice::{PATIENCE, command};

/// What every live line begins with.
const LIVE_LINE: &str = "height ";
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// A running pool; dropping it kills it.
pub struct Pool {
    process: ChildProcess,
    /// Where miners connect: HOST:PORT.
    pub address: String,
}

impl Pool {
    /// Starts `sluice up` on a free port and waits until it serves miners.
    pub fn start(data: &Path, arguments: &[&str]) -> Self {
        let mut command = command(&["up", "--json", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(data).args(arguments);
        let process = ChildProcess::start("sluice up", &mut command).expect("it can be started");
        let line = process.wait_for_line(|line| line.contains("stratum+tcp://"), PATIENCE);
        let after = line.split("stratum+tcp://").nth(1).expect("the line holds the address");
        let address = after.split_whitespace().next().expect("an address").to_owned();
        Self { process, address }
    }

    /// The arguments by which `sluice ctl` reaches it, as it tells them.
    pub fn control(&self) -> Vec<String> {
        let line = self.process.wait_for_line(|line| line.contains("sluice ctl"), PATIENCE);
        let arguments = line.split("sluice ctl ").nth(1).expect("they follow");
        arguments.split_whitespace().map(str::to_owned).collect()
    }

    /// Waits for a live line in which the number behind `name` is at least `least`.
    pub fn wait_for(&self, name: &str, least: u64) {
        let reached = |line: &str| number_behind(line, name).is_some_and(|number| number >= least);
        self.process.wait_for_line(reached, PATIENCE);
    }

    /// The number behind `name` in the latest live line.
    pub fn latest(&self, name: &str) -> u64 {
        let lines = self.process.lines();
        lines.iter().rev().find_map(|line| number_behind(line, name)).unwrap_or(0)
    }

    /// Waits for a live line that holds a text.
    pub fn wait_for_text(&self, text: &str) {
        self.process.wait_for_line(|line| line.contains(text), PATIENCE);
    }

    /// Waits for a live line, other than those that there are, without a text.
    pub fn wait_until_gone(&self, text: &str) {
        let live = || -> Vec<String> {
            self.process.lines().into_iter().filter(|line| line.starts_with(LIVE_LINE)).collect()
        };
        let (before, deadline) = (live().len(), Instant::now() + PATIENCE);
        while live().iter().skip(before).all(|line| line.contains(text)) {
            assert!(Instant::now() < deadline, "{text} stays: {}", self.process.log_tail());
            thread::sleep(LOOK_INTERVAL);
        }
    }

    /// Stops it as ^C does, and gives its summary.
    pub fn stop(self) -> Value {
        stop_for_summary(self.process)
    }
}

/// Starts `sluice miner` with one hashing thread.
pub fn start_miner(pool_address: &str, user: &str) -> ChildProcess {
    start_miner_with_quirk(pool_address, user, "none")
}

/// The same, with a way of speaking that some real miner has.
pub fn start_miner_with_quirk(pool_address: &str, user: &str, quirk: &str) -> ChildProcess {
    let pool = format!("stratum+tcp://{pool_address}");
    let mut command = command(&["miner", "--json", "--threads", "1", "--quirk", quirk]);
    command.args(["--user", user, "--pool", &pool]);
    ChildProcess::start("sluice miner", &mut command).expect("it can be started")
}

/// Stops a process of the binary as ^C does, and parses the last line of its output, its summary.
pub fn stop_for_summary(mut process: ChildProcess) -> Value {
    process.interrupt();
    let status = process.wait_for_exit(PATIENCE);
    assert!(status.success(), "{status}: {}", process.log_tail());
    let lines = process.lines();
    let summary = lines.iter().rev().find(|line| line.starts_with('{')).expect("a summary");
    serde_json::from_str(summary).expect("the summary is JSON")
}

/// In `shares 12  blocks 3` the number behind `blocks` is 3.
fn number_behind(line: &str, name: &str) -> Option<u64> {
    if !line.starts_with(LIVE_LINE) {
        return None;
    }
    let mut words = line.split_whitespace().skip_while(|word| *word != name);
    words.nth(1)?.parse().ok()
}
