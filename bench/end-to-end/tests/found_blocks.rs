//! A found block and everything that can die at that moment: in the end it is in the chain, once, and
//! announced once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use bitcoin::Amount;
use serde_json::json;
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::roles::{Roles, stop};
use sluice_end_to_end::sluice::PATIENCE;
use sluice_end_to_end::store_dump::{announced_blocks, read_embedded};
use sluice_end_to_end::stratum::{NotifiedJob, StratumClient, Wanted};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const FEE: Amount = Amount::from_sat(12_345);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How often a jobmaster of two is killed: each of them twice.
const JOBMASTERS_KILLED: usize = 4;

/// A whole pool, each role in a process of its own.
struct Pool {
    roles: Roles,
    jobmaster: ChildProcess,
    gateway: ChildProcess,
    metawriter: ChildProcess,
    store: PathBuf,
}

impl Pool {
    fn start(folder: &Path, node: &BcoinNode, jobmaster: &str, gateway: &str) -> Self {
        let store = folder.join("store.redb");
        let embedded = format!("embedded_path = {store:?}");
        let roles = Roles::configure(folder, "bare", &node.url(), ADDRESS, &embedded);
        let text = roles.jobmaster_text(&node.url(), ADDRESS);
        roles.write("jobmaster", &with_settings(&text, jobmaster));
        let text = roles.gateway_text("gateway-data", &roles.stratum);
        roles.write("gateway", &(text + gateway));
        let [jobmaster, metawriter] =
            ["jobmaster", "metawriter"].map(|role| roles.start(role, role));
        let gateway = start_gateway(&roles);
        Self { roles, jobmaster, gateway, metawriter, store }
    }

    fn miner(&self) -> StratumClient {
        StratumClient::start(&self.roles.stratum, "alice.rig1")
    }

    fn restart_jobmaster(&mut self) {
        self.jobmaster = self.roles.start("jobmaster", "jobmaster");
    }

    /// Waits until a node has the block, and looks at chain and store: it is there once.
    fn end(self, nodes: &[&BcoinNode], hash: &str) {
        wait_for_kept(&self.jobmaster, hash);
        self.assert_once(nodes, &[hash]);
    }

    /// These blocks are in the chain of each node, and they are announced, once each, and no others.
    fn assert_once(self, nodes: &[&BcoinNode], hashes: &[&str]) {
        for (node, hash) in nodes.iter().flat_map(|node| hashes.iter().map(move |it| (node, it))) {
            let header = node.rpc("getblockheader", json!([hash, true]));
            assert!(header["confirmations"].as_i64().unwrap_or(0) > 0, "{header}");
        }
        stop(self.gateway);
        stop(self.metawriter);
        let announced = announced_blocks(&read_embedded(&self.store));
        let announced: BTreeSet<&str> = announced.keys().map(String::as_str).collect();
        assert_eq!(announced, hashes.iter().copied().collect());
    }
}

/// A configuration in which these settings take the place of those of the same name.
fn with_settings(text: &str, settings: &str) -> String {
    let name = |line: &str| line.split(' ').next().map(str::to_owned);
    let set: BTreeSet<_> = settings.lines().map(name).collect();
    let kept = text.lines().filter(|line| !set.contains(&name(line)));
    kept.chain(settings.lines()).map(|line| format!("{line}\n")).collect()
}

fn start_gateway(roles: &Roles) -> ChildProcess {
    let gateway = roles.start("gateway", "gateway");
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
    gateway
}

fn wait_for_kept(jobmaster: &ChildProcess, hash: &str) {
    let kept = |line: &str| line.contains("the node has the block") && line.contains(hash);
    jobmaster.wait_for_line(kept, PATIENCE);
}

/// Waits for a line of a block's story that is about one node.
fn wait_for_story(jobmaster: &ChildProcess, words: &str, hash: &str, node: &BcoinNode) {
    let node = node.address().to_string();
    let wanted = |line: &str| line.contains(words) && line.contains(hash) && line.contains(&node);
    jobmaster.wait_for_line(wanted, PATIENCE);
}

/// Hands in a block, whose share the pool takes; its hash.
fn find_block(miner: &mut StratumClient) -> String {
    let share = miner.search(Wanted::Block);
    assert_eq!(miner.submit(&share), 0);
    share.block.expect("it was searched for").to_string()
}

/// A node with some blocks, so that a coinbase reads as one.
fn node() -> BcoinNode {
    let node = BcoinNode::start();
    node.mine(20);
    node
}

/// Has `to` know all blocks of `from`.
fn copy_chain(from: &BcoinNode, to: &BcoinNode) {
    for height in to.height() + 1..=from.height() {
        let hash = from.rpc("getblockhash", json!([height]));
        to.rpc("submitblock", json!([from.rpc("getblock", json!([hash, false]))]));
    }
    assert_eq!(from.height(), to.height());
}

#[test]
fn a_block_found_while_the_jobmaster_is_down() {
    let (folder, node) = (tempfile::tempdir().unwrap(), node());
    let mut pool = Pool::start(folder.path(), &node, "", "");
    let mut miner = pool.miner();
    pool.jobmaster.kill();
    let hash = find_block(&mut miner);
    pool.restart_jobmaster();
    pool.end(&[&node], &hash);
}

#[test]
fn a_block_found_while_the_node_is_down() {
    let (folder, mut node) = (tempfile::tempdir().unwrap(), node());
    let pool = Pool::start(folder.path(), &node, "node_timeout_s = 2\n", "");
    let mut miner = pool.miner();
    node.kill();
    let hash = find_block(&mut miner);
    let waits = |line: &str| line.contains("FATAL: a found block is not at this node yet");
    pool.jobmaster.wait_for_line(waits, PATIENCE);
    node.restart();
    pool.end(&[&node], &hash);
}

#[test]
fn a_block_of_a_gateway_that_is_killed_right_after_the_share() {
    let (folder, node) = (tempfile::tempdir().unwrap(), node());
    let mut pool = Pool::start(folder.path(), &node, "", "");
    let mut miner = pool.miner();
    pool.jobmaster.kill();
    let hash = find_block(&mut miner);
    pool.gateway.kill();
    pool.restart_jobmaster();
    pool.gateway = start_gateway(&pool.roles);
    pool.end(&[&node], &hash);
}

#[test]
fn a_block_whose_gateway_and_jobmaster_are_killed_again_and_again() {
    let (folder, mut node) = (tempfile::tempdir().unwrap(), node());
    let mut pool =
        Pool::start(folder.path(), &node, "node_timeout_s = 2\nnode_start_wait_s = 60\n", "");
    let mut miner = pool.miner();
    node.kill();
    let hash = find_block(&mut miner);
    for _ in 0..3 {
        pool.jobmaster.kill();
        pool.gateway.kill();
        // Without a node a jobmaster waits, and a gateway has no work: the block waits on disk.
        pool.restart_jobmaster();
        pool.gateway = pool.roles.start("gateway", "gateway");
        pool.gateway.wait_for_line(|line| line.contains("gateway started"), PATIENCE);
    }
    node.restart();
    pool.end(&[&node], &hash);
}

#[test]
fn a_block_goes_to_every_node_and_the_log_tells_its_story() {
    let (folder, first, mut second) = (tempfile::tempdir().unwrap(), node(), BcoinNode::start());
    copy_chain(&first, &second);
    let more = format!("more_nodes = [{{ url = {:?} }}]\nnode_timeout_s = 2\n", second.url());
    let pool = Pool::start(folder.path(), &first, &more, "");
    let mut miner = pool.miner();
    // The second one is away, and gets it all the same.
    second.kill();
    let hash = find_block(&mut miner);
    wait_for_kept(&pool.jobmaster, &hash);
    second.restart();
    let found = |line: &str| {
        line.contains("block found") && line.contains(&hash) && line.contains("user=\"alice\"")
    };
    pool.jobmaster.wait_for_line(found, PATIENCE);
    wait_for_story(&pool.jobmaster, "block submitted", &hash, &first);
    for node in [&first, &second] {
        wait_for_story(&pool.jobmaster, "the node has the block", &hash, node);
        wait_for_story(&pool.jobmaster, "the block is the node's tip", &hash, node);
    }
    pool.assert_once(&[&first, &second], &[&hash]);
}

#[test]
fn a_block_on_the_template_of_another_node_and_the_first_one_comes_back() {
    let (folder, mut first, second) =
        (tempfile::tempdir().unwrap(), BcoinNode::start(), BcoinNode::start());
    first.mine_until_segwit();
    copy_chain(&first, &second);
    // It shows whose template a job is of: the other node has no transaction.
    second.spend_coinbase(1, FEE);
    let more = format!("more_nodes = [{{ url = {:?} }}]\nrefresh_interval_s = 1\n", second.url());
    let pool = Pool::start(folder.path(), &first, &more, "");
    let is_refresh = |line: &str, branch: &str| {
        line.contains("new job") && line.contains("kind=Refresh") && line.contains(branch)
    };
    let mut miner = pool.miner();
    pool.jobmaster.wait_for_line(|line| is_refresh(line, "branch=0 "), PATIENCE);
    // Until the first one has answered, the second one serves.
    let looked_at = pool.jobmaster.lines().len();
    let deadline = Instant::now() + PATIENCE;
    let later = || pool.jobmaster.lines().split_off(looked_at);
    while !later().iter().any(|line| is_refresh(line, "branch=0 ")) {
        assert!(Instant::now() < deadline, "{}", pool.jobmaster.log_tail());
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!later().iter().any(|it| is_refresh(it, "branch=1 ")), "the first one is preferred");

    first.kill();
    pool.jobmaster.wait_for_line(|line| is_refresh(line, "branch=1 "), PATIENCE);
    miner.wait_for_job(NotifiedJob::has_transactions);
    let hash = find_block(&mut miner);
    wait_for_story(&pool.jobmaster, "the block is the node's tip", &hash, &second);
    let block = second.rpc("getblock", json!([hash]));
    assert_eq!(block["tx"].as_array().map(Vec::len), Some(2), "{block}");

    // The first one is handed what it missed, and leads again: now it alone has a transaction.
    first.restart();
    wait_for_story(&pool.jobmaster, "the block is the node's tip", &hash, &first);
    first.spend_coinbase(2, FEE);
    miner.wait_for_job(|job| job.parent_hash() == hash);
    let next = find_block(&mut miner);
    for node in [&first, &second] {
        wait_for_story(&pool.jobmaster, "the block is the node's tip", &next, node);
    }
    let parents = [&hash, &next].map(|parent| format!("parent={parent}"));
    let of_first = |line: &str| {
        is_refresh(line, "branch=1 ") && parents.iter().any(|parent| line.contains(parent))
    };
    pool.jobmaster.wait_for_line(of_first, PATIENCE);
    pool.assert_once(&[&first, &second], &[&hash, &next]);
}

/// A pool with a second jobmaster on a node of its own or on the same one. Both are connected to gateway and peer.
fn start_pair(folder: &Path, first: &BcoinNode, second: &BcoinNode) -> (Pool, ChildProcess) {
    let address = format!("127.0.0.1:{}", free_port());
    let peer = format!("peers = [{address:?}]\n");
    let more = format!("more_jobmasters = [{address:?}]\n");
    let pool = Pool::start(folder, first, &peer, &more);
    let settings = format!(
        "listen = {address:?}\ndata_folder = {:?}\njobmaster_id = 2\npeers = [{:?}]\n",
        pool.roles.path("other-jobs"),
        pool.roles.jobmaster
    );
    let text = pool.roles.jobmaster_text(&second.url(), ADDRESS);
    pool.roles.write("other-jobmaster", &with_settings(&text, &settings));
    let other = pool.roles.start("jobmaster", "other-jobmaster");
    wait_for_company(&other);
    (pool, other)
}

/// Waits until a jobmaster hears of its peer's jobs and serves the gateway.
fn wait_for_company(jobmaster: &ChildProcess) {
    let told = |line: &str| line.contains("another jobmaster tells of its jobs");
    jobmaster.wait_for_line(told, PATIENCE);
    jobmaster.wait_for_line(|line| line.contains("a gateway connected"), PATIENCE);
}

/// Waits until a jobmaster can make blocks on a job, as the file in its folder shows.
fn wait_for_rest(roles: &Roles, folder: &str, job: &str) {
    let file = roles.path(folder).join("jobs").join(format!("{job:0>16}.rest"));
    let give_up_at = Instant::now() + PATIENCE;
    while !file.exists() {
        assert!(Instant::now() < give_up_at, "{} is not there", file.display());
        thread::sleep(POLL_INTERVAL);
    }
}

#[test]
fn a_block_on_the_job_of_a_jobmaster_that_is_gone_with_its_node() {
    let (folder, mut first, second) = (tempfile::tempdir().unwrap(), node(), BcoinNode::start());
    copy_chain(&first, &second);
    let (mut pool, standby) = start_pair(folder.path(), &first, &second);
    // A job of the first one, which the other has been told of.
    let mut miner = pool.miner();
    wait_for_rest(&pool.roles, "other-jobs", &miner.job().id);
    pool.jobmaster.kill();
    first.kill();
    let hash = find_block(&mut miner);
    wait_for_kept(&standby, &hash);
    // Work goes on: the shards follow the other one.
    miner.wait_for_job(|job| job.parent_hash() == hash);
    let next = find_block(&mut miner);
    wait_for_kept(&standby, &next);
    pool.assert_once(&[&second], &[&hash, &next]);
}

#[test]
fn two_jobmasters_of_one_node_are_killed_in_turn_and_come_back() {
    let (folder, node) = (tempfile::tempdir().unwrap(), node());
    let (mut pool, mut other) = start_pair(folder.path(), &node, &node);
    let mut miner = pool.miner();
    let (mut found, mut killed_of_each) = (Vec::new(), [0; 2]);
    for _ in 0..JOBMASTERS_KILLED {
        // Always the one whose job the miner has, which the survivor must know.
        let job = miner.job().id;
        let is_first = format!("{job:0>16}").starts_with("01");
        killed_of_each[usize::from(!is_first)] += 1;
        let (killed, name, survivor, folder) = if is_first {
            (&mut pool.jobmaster, "jobmaster", &mut other, "other-jobs")
        } else {
            (&mut other, "other-jobmaster", &mut pool.jobmaster, "jobs")
        };
        wait_for_rest(&pool.roles, folder, &job);
        killed.kill();
        let hash = find_block(&mut miner);
        wait_for_kept(survivor, &hash);
        miner.wait_for_job(|job| job.parent_hash() == hash);
        found.push(hash);
        *killed = pool.roles.start("jobmaster", name);
        wait_for_company(killed);
    }
    assert_eq!(killed_of_each, [JOBMASTERS_KILLED / 2; 2]);
    // With both alive both hand it in, and it is announced once all the same.
    let last = find_block(&mut miner);
    wait_for_kept(&pool.jobmaster, &last);
    wait_for_kept(&other, &last);
    found.push(last);
    let hashes: Vec<&str> = found.iter().map(String::as_str).collect();
    pool.assert_once(&[&node], &hashes);
}
