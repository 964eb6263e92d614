//! One pool in three processes: roles are killed and started again, and strangers are refused.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::ledger::Mined;
use sluice_end_to_end::pool::{start_miner, stop_for_summary};
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::redis::RedisServer;
use sluice_end_to_end::roles::{Roles, SHARE_HASHES, stop, wait_for_success};
use sluice_end_to_end::sluice::PATIENCE;
use sluice_end_to_end::store_dump::{
    StoreDump, announced_blocks, elements, read_embedded, read_redis,
};
use sluice_end_to_end::stratum::{StratumClient, Wanted};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const WORKER: &str = "alice.rig1";
/// Codes of refused shares.
const JOB_NOT_FOUND: i64 = 21;
const LOW_DIFFICULTY: i64 = 23;
/// The kernel picks one of two shards for each.
const CONNECTIONS_TO_MEET_EVERY_SHARD: usize = 16;
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Each test on each runtime of the gateway's shards.
macro_rules! on_both_runtimes {
    ($($test:ident,)*) => {
        mod bare {
            $(#[test] fn $test() { super::$test("bare"); })*
        }

        mod glommio {
            $(#[test] fn $test() { super::$test("glommio"); })*
        }
    };
}

on_both_runtimes! {
    a_metawriter_that_is_killed_again_and_again_counts_every_share_once,
    a_gateway_that_stops_waits_for_a_metawriter_that_is_away,
    with_redis_as_well_and_the_miner_goes_on_while_the_jobmaster_is_away,
    a_second_gateway_with_the_same_id_is_refused_and_spoils_nothing,
    a_gateway_with_another_key_is_refused_by_jobmaster_and_metawriter,
}

/// A whole pool with a miner, and the node that it mines on.
struct Running {
    node: BcoinNode,
    roles: Roles,
    gateway: ChildProcess,
    metawriter: ChildProcess,
    jobmaster: ChildProcess,
    miner: ChildProcess,
}

impl Running {
    fn start(folder: &std::path::Path, runtime: &'static str, store: &str) -> Self {
        let node = BcoinNode::start();
        let roles = Roles::configure(folder, runtime, &node.url(), ADDRESS, store);
        // The gateway comes first: roles wait for one another.
        let gateway = roles.start("gateway", "gateway");
        let metawriter = roles.start("metawriter", "metawriter");
        let jobmaster = roles.start("jobmaster", "jobmaster");
        gateway.wait_for_line(|line| line.contains("batches go there"), PATIENCE);
        // A miner that comes earlier is sent away.
        gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
        let miner = start_miner(&roles.stratum, WORKER);
        Self { node, roles, gateway, metawriter, jobmaster, miner }
    }

    /// Waits until this many more blocks are in the node's chain.
    fn grow(&self, blocks: u64) {
        let wanted = self.node.height() + blocks;
        let deadline = Instant::now() + PATIENCE;
        while self.node.height() < wanted {
            assert!(Instant::now() < deadline, "{}", self.gateway.log_tail());
            std::thread::sleep(POLL_INTERVAL);
        }
    }

    fn restart_metawriter(&mut self) {
        self.metawriter.kill();
        self.grow(1);
        self.metawriter = self.roles.start("metawriter", "metawriter");
    }

    /// Stops all, and compares the store with what the miner counted. A metawriter that is away comes back while
    /// the gateway stops.
    fn stop_and_check(mut self, read: impl FnOnce() -> StoreDump) {
        let counted = stop_for_summary(self.miner);
        self.gateway.terminate();
        if self.metawriter.exit_status().is_some() {
            self.metawriter = self.roles.start("metawriter", "metawriter");
        }
        let gateway = wait_for_success(self.gateway);
        let told = |text: &str| gateway.iter().any(|line| line.contains(text));
        assert!(told("every batch is acknowledged"), "{}", gateway.join("\n"));
        assert!(!told("FATAL"), "{}", gateway.join("\n"));
        stop(self.jobmaster);
        stop(self.metawriter);
        let store = read();
        let accepted = counted["accepted"].as_u64().unwrap();
        // On this chain every share meets the network's target, a stale one as well.
        let rejected = counted["rejected_by_reason"].as_array().unwrap();
        let stale = rejected.iter().filter(|one| one["reason"] == "Stale share");
        let blocks = accepted + stale.map(|one| one["count"].as_u64().unwrap()).sum::<u64>();
        let mut mined = Mined::default();
        mined.add_miner(WORKER, &counted, u128::from(accepted) * SHARE_HASHES, blocks);
        mined.check(&store);
        let announced = announced_blocks(&store);
        for height in 1..=self.node.height() {
            let hash = self.node.rpc("getblockhash", json!([height]));
            assert!(announced.contains_key(hash.as_str().unwrap()), "height {height}");
        }
    }
}

fn a_metawriter_that_is_killed_again_and_again_counts_every_share_once(runtime: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let mut running = Running::start(folder.path(), runtime, &format!("embedded_path = {file:?}"));
    running.grow(2);
    for _ in 0..3 {
        running.restart_metawriter();
        running.grow(1);
    }
    running.stop_and_check(|| read_embedded(&file));
}

fn a_gateway_that_stops_waits_for_a_metawriter_that_is_away(runtime: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let mut running = Running::start(folder.path(), runtime, &format!("embedded_path = {file:?}"));
    running.grow(1);
    running.metawriter.kill();
    let lost = |line: &str| line.contains("metawriter:") && line.contains("goes on trying");
    running.gateway.wait_for_line(lost, PATIENCE);
    running.grow(1);
    running.stop_and_check(|| read_embedded(&file));
}

fn with_redis_as_well_and_the_miner_goes_on_while_the_jobmaster_is_away(runtime: &'static str) {
    let mut redis = RedisServer::start();
    let folder = tempfile::tempdir().unwrap();
    let mut running =
        Running::start(folder.path(), runtime, &format!("redis_url = {:?}", redis.url()));
    running.grow(1);
    running.restart_metawriter();
    // More often than once a second: the jobs of each life need names of their own.
    for _ in 0..3 {
        running.jobmaster.kill();
        let lost = |line: &str| line.contains("jobmaster:") && line.contains("trying again");
        running.gateway.wait_for_line(lost, PATIENCE);
        running.jobmaster = running.roles.start("jobmaster", "jobmaster");
        running.grow(2);
    }
    redis.kill();
    running.grow(1);
    redis.restart();
    running.grow(1);
    running.stop_and_check(|| read_redis(&mut redis.connection()));
}

fn a_second_gateway_with_the_same_id_is_refused_and_spoils_nothing(runtime: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let running = Running::start(folder.path(), runtime, &format!("embedded_path = {file:?}"));
    running.grow(1);
    let roles = &running.roles;
    let address = format!("127.0.0.1:{}", free_port());
    roles.write("gateway-two", &roles.gateway_text("gateway-two-data", &address));
    let second = roles.start("gateway", "gateway-two");
    let refused = "gateway_id 1 is connected already: give each its own";
    second.wait_for_line(|line| line.contains(refused), PATIENCE);
    // It has no work to hand out, and sends miners away. What it counts must not hide what the first one counts
    // under the same name, on whichever shard that is.
    for _ in 0..CONNECTIONS_TO_MEET_EVERY_SHARD {
        let mut miner = TcpStream::connect(&address).unwrap();
        miner.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(miner.read(&mut [0; 1]).unwrap(), 0);
    }
    stop(second);
    running.grow(1);
    running.stop_and_check(|| read_embedded(&file));
}

fn a_gateway_with_another_key_is_refused_by_jobmaster_and_metawriter(runtime: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let running = Running::start(folder.path(), runtime, &format!("embedded_path = {file:?}"));
    let roles = &running.roles;
    roles.make_key("other-key");
    let address = format!("127.0.0.1:{}", free_port());
    let text = format!("gateway_id = 2\n{}", roles.gateway_text("stranger-data", &address));
    roles.write_with_key("gateway-stranger", "other-key", &text);
    let stranger = roles.start("gateway", "gateway-stranger");
    for role in ["jobmaster:", "metawriter:"] {
        let refused =
            |line: &str| line.contains(role) && line.contains("does not hold the same cluster key");
        stranger.wait_for_line(refused, PATIENCE);
    }
    stop(stranger);
    running.grow(1);
    running.stop_and_check(|| read_embedded(&file));
}

/// What it has forgotten of its former life must not be credited again.
#[test]
fn a_gateway_that_was_killed_takes_no_share_on_a_job_of_its_former_life() {
    let folder = tempfile::tempdir().unwrap();
    let node = BcoinNode::start();
    let store = format!("embedded_path = {:?}", folder.path().join("store.redb"));
    let roles = Roles::configure(folder.path(), "bare", &node.url(), ADDRESS, &store);
    let _jobmaster = roles.start("jobmaster", "jobmaster");
    let start = || {
        let gateway = roles.start("gateway", "gateway");
        gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
        (gateway, StratumClient::start(&roles.stratum, WORKER))
    };
    let (mut gateway, mut miner) = start();
    // The pool knows its job and looks at its hash.
    let share = miner.search(Wanted::TooEasy);
    assert_eq!(miner.submit(&share), LOW_DIFFICULTY);
    // More often than once a second: each life has a job of its own.
    let mut jobs = BTreeSet::from([share.job.clone()]);
    for _ in 0..3 {
        gateway.kill();
        (gateway, miner) = start();
        assert!(jobs.insert(miner.job().id), "{jobs:?}");
        assert_eq!(miner.submit(&share), JOB_NOT_FOUND);
    }
}

#[test]
fn a_balancers_word_is_taken_on_who_its_miner_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let node = BcoinNode::start();
    let store = format!("embedded_path = {file:?}");
    let roles = Roles::configure(folder.path(), "bare", &node.url(), ADDRESS, &store);
    let text = roles.gateway_text("gateway-data", &roles.stratum);
    roles.write("gateway", &format!("proxy_protocol_from = [\"127.0.0.0/8\"]\n{text}"));
    let gateway = roles.start("gateway", "gateway");
    let metawriter = roles.start("metawriter", "metawriter");
    let jobmaster = roles.start("jobmaster", "jobmaster");
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);

    let mut miner = TcpStream::connect(&roles.stratum).unwrap();
    miner.set_read_timeout(Some(PATIENCE)).unwrap();
    miner
        .write_all(
            b"PROXY TCP4 203.0.113.7 192.0.2.1 4000 3333\r\n\
              {\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n\
              {\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"alice.rig1\"]}\n",
        )
        .unwrap();
    let mut lines = BufReader::new(&miner).lines();
    let authorised = lines.find(|line| line.as_ref().unwrap().contains("\"id\":2")).unwrap();
    assert!(authorised.unwrap().contains("true"));
    drop(miner);
    gateway.terminate();
    wait_for_success(gateway);
    stop(jobmaster);
    stop(metawriter);
    let told = elements(&read_embedded(&file), "newevent").join("\n");
    assert!(told.contains("203.0.113.7") && !told.contains("127.0.0.1"), "{told}");
}
