//! `sluice ctl` against a jobmaster in a process of its own: bans outlive it, strangers are refused.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::roles::{Roles, stop};
use sluice_end_to_end::sluice::{PATIENCE, Ran, run};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A jobmaster that never bans 192.168.0.0/16, the node that it asks, and the pool's files.
struct Pool {
    _node: BcoinNode,
    roles: Roles,
    jobmaster: ChildProcess,
}

impl Pool {
    fn start(folder: &Path) -> Self {
        let node = BcoinNode::start();
        let store = format!("embedded_path = {:?}", folder.join("store.redb"));
        let roles = Roles::configure(folder, "bare", &node.url(), ADDRESS, &store);
        let text = roles.jobmaster_text(&node.url(), ADDRESS);
        roles.write("jobmaster", &format!("ban_exempt = [\"192.168.0.0/16\"]\n{text}"));
        let jobmaster = start_jobmaster(&roles);
        Self { _node: node, roles, jobmaster }
    }

    /// Ends the jobmaster without a word to it, and starts it again.
    fn kill_and_restart(&mut self) {
        self.jobmaster.kill();
        self.jobmaster = start_jobmaster(&self.roles);
    }

    /// Runs `sluice ctl` with a key of the pool's folder.
    fn ctl_with_key(&self, key: &str, arguments: &[&str]) -> Ran {
        let key = self.roles.path(key);
        let key = key.to_str().expect("a plain path");
        let reach = ["ctl", "--jobmaster", &self.roles.jobmaster, "--key", key];
        run(&[&reach[..], arguments].concat(), &[])
    }

    fn ctl(&self, arguments: &[&str]) -> Ran {
        self.ctl_with_key("key", arguments)
    }

    /// Runs it with `--json`, and gives the last line.
    fn ctl_json(&self, arguments: &[&str]) -> Value {
        let ran = self.ctl(&[arguments, &["--json"]].concat());
        assert!(ran.success, "{arguments:?}: {}", ran.error);
        let last = ran.out.lines().last().expect("a line of JSON");
        serde_json::from_str(last).expect("the last line is JSON")
    }

    /// Subjects and reasons of the list.
    fn banned(&self) -> Vec<(String, String)> {
        let list = self.ctl_json(&["ban", "list"]);
        let bans = list["bans"].as_array().expect("a list of bans").clone();
        let text = |ban: &Value, field: &str| ban[field].as_str().expect("a text").to_owned();
        bans.iter().map(|ban| (text(ban, "subject"), text(ban, "reason"))).collect()
    }
}

fn start_jobmaster(roles: &Roles) -> ChildProcess {
    let jobmaster = roles.start("jobmaster", "jobmaster");
    jobmaster.wait_for_line(|line| line.contains("jobmaster started"), PATIENCE);
    jobmaster
}

/// Checks that it failed with one line that holds all of `wanted`.
fn refused(ran: &Ran, wanted: &[&str]) {
    assert!(!ran.success, "it went on: {}", ran.out);
    assert_eq!(ran.error.lines().count(), 1, "{}", ran.error);
    for text in wanted {
        assert!(ran.error.contains(text), "'{text}' is not in: {}", ran.error);
    }
    assert_eq!(ran.out, "");
}

#[test]
fn a_ban_outlives_a_killed_jobmaster_until_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut pool = Pool::start(folder.path());
    assert!(pool.banned().is_empty());
    let add = ["ban", "add", "10.9.8.7", "--for", "1h", "--reason", "sends rubbish"];
    assert_eq!(pool.ctl_json(&add), json!({ "gateways": 0, "changed": true }));
    pool.kill_and_restart();
    let wanted = [("10.9.8.7".to_owned(), "sends rubbish".to_owned())];
    assert_eq!(pool.banned(), wanted);
    let shorter = ["ban", "add", "10.9.8.7", "--for", "1m"];
    assert_eq!(pool.ctl_json(&shorter)["changed"], json!(false), "the longer one holds");
    assert_eq!(pool.banned(), wanted);
    let shown = pool.ctl(&["ban", "list"]);
    assert!(shown.out.contains("10.9.8.7") && shown.out.contains("sends rubbish"), "{shown:?}");

    let remove = ["ban", "remove", "10.9.8.7"];
    assert_eq!(pool.ctl_json(&remove)["changed"], json!(true));
    assert_eq!(pool.ctl_json(&remove)["changed"], json!(false));
    pool.kill_and_restart();
    assert!(pool.banned().is_empty());
    stop(pool.jobmaster);
}

#[test]
fn a_ban_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut pool = Pool::start(folder.path());
    // Whether it still holds when the answer is here depends on the machine.
    pool.ctl(&["ban", "add", "account:alice", "--for", "1s"]);
    pool.ctl_json(&["ban", "add", "10.0.0.0/8", "--for", "7d"]);
    let deadline = Instant::now() + PATIENCE;
    while pool.banned().len() > 1 {
        assert!(Instant::now() < deadline, "{:?}", pool.banned());
        thread::sleep(POLL_INTERVAL);
    }
    pool.kill_and_restart();
    let subjects: Vec<String> = pool.banned().into_iter().map(|(subject, _)| subject).collect();
    assert_eq!(subjects, ["10.0.0.0/8"]);
}

#[test]
fn what_cannot_be_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut pool = Pool::start(folder.path());
    for exempt in ["192.168.1.2", "192.168.0.0/24", "0.0.0.0/0"] {
        refused(&pool.ctl(&["ban", "add", exempt]), &[exempt, "ban_exempt", "192.168.0.0/16"]);
    }
    refused(&pool.ctl(&["say", "hello"]), &["no gateway is connected", "start one"]);
    pool.roles.make_key("other-key");
    let ran = pool.ctl_with_key("other-key", &["ban", "add", "10.9.8.7"]);
    refused(&ran, &["does not hold the key", "--key"]);
    let ran = pool.ctl_with_key("no-key", &["ban", "list"]);
    refused(&ran, &["no-key", "sluice key new"]);
    assert!(pool.banned().is_empty());
    for subject in ["alice", "10.9.8", "account:alice.rig1"] {
        let ran = pool.ctl(&["ban", "add", subject]);
        assert!(!ran.success && ran.error.contains("account:alice"), "{ran:?}");
    }
    pool.jobmaster.kill();
    refused(&pool.ctl(&["ban", "list"]), &["no role answers", "--jobmaster"]);
}

#[test]
fn a_broken_file_of_bans_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut pool = Pool::start(folder.path());
    pool.jobmaster.kill();
    std::fs::write(pool.roles.path("jobs").join("bans.json"), "{").unwrap();
    let mut broken = pool.roles.start("jobmaster", "jobmaster");
    broken.wait_for_line(|line| line.contains("bans.json") && line.contains("move it"), PATIENCE);
    assert!(!broken.wait_for_exit(PATIENCE).success());
}

#[test]
fn a_word_goes_to_every_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path());
    let gateway = pool.roles.start("gateway", "gateway");
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
    let told = json!({ "gateways": 1, "changed": true });
    assert_eq!(pool.ctl_json(&["say", "Back in five minutes"]), told);
    assert_eq!(pool.ctl_json(&["reconnect", "--wait-s", "5"]), told);
    assert_eq!(pool.ctl_json(&["reconnect", "--to", "pool.example.org:3333"]), told);
    assert_eq!(pool.ctl_json(&["ban", "add", "account:alice"]), told);
    // All that the gateway was sent reads: its link is the first one still.
    assert_eq!(pool.ctl_json(&["say", "Still here?"]), told);
    let lost = gateway.lines().iter().any(|line| line.contains("trying again, miners keep"));
    assert!(!lost, "{}", gateway.log_tail());
}
