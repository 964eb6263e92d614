//! A found block and everything that can die at that moment: in the end it is in the chain, once, and
//! announced once.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::roles::{Roles, stop};
use sluice_end_to_end::sluice::PATIENCE;
use sluice_end_to_end::store_dump::{StoreValue, read_embedded};
use sluice_end_to_end::stratum::{StratumClient, Wanted};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

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
        roles.write("jobmaster", &(text + jobmaster));
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
        self.assert_once(nodes, hash);
    }

    fn assert_once(self, nodes: &[&BcoinNode], hash: &str) {
        for node in nodes {
            let header = node.rpc("getblockheader", json!([hash, true]));
            assert!(header["confirmations"].as_i64().unwrap_or(0) > 0, "{header}");
        }
        stop(self.gateway);
        stop(self.metawriter);
        let dump = read_embedded(&self.store);
        let Some(StoreValue::List(blocks)) = dump.get("newblock") else {
            panic!("no block is announced");
        };
        let of_block = blocks.iter().filter(|block| {
            let block: Value = serde_json::from_str(block).expect("JSON");
            block["hash"] == json!(hash)
        });
        assert_eq!(of_block.count(), 1, "{blocks:?}");
    }
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
    let (first_address, second_address) =
        (first.address().to_string(), second.address().to_string());
    let line_of = |words: &str, address: &str| {
        let wanted =
            |line: &str| line.contains(words) && line.contains(&hash) && line.contains(address);
        pool.jobmaster.wait_for_line(wanted, PATIENCE);
    };
    line_of("block found", "user=\"alice\"");
    line_of("block submitted", &first_address);
    line_of("the node has the block", &first_address);
    line_of("the block is the node's tip", &first_address);
    line_of("the node has the block", &second_address);
    line_of("the block is the node's tip", &second_address);
    pool.assert_once(&[&first, &second], &hash);
}

#[test]
fn a_block_on_the_job_of_a_jobmaster_that_is_gone_with_its_node() {
    let (folder, mut first, second) = (tempfile::tempdir().unwrap(), node(), BcoinNode::start());
    copy_chain(&first, &second);
    let port = free_port();
    let peer = format!("peers = [\"127.0.0.1:{port}\"]\n");
    let more = format!("more_jobmasters = [\"127.0.0.1:{port}\"]\n");
    let mut pool = Pool::start(folder.path(), &first, &peer, &more);
    let other = pool.roles.jobmaster_text(&second.url(), ADDRESS);
    let listen = format!("listen = {:?}", pool.roles.jobmaster);
    let other = other.replace(&listen, &format!("listen = \"127.0.0.1:{port}\"")).replace(
        &format!("{:?}", pool.roles.path("jobs")),
        &format!("{:?}", pool.roles.path("other-jobs")),
    );
    pool.roles.write("other-jobmaster", &(other + "jobmaster_id = 2\n"));
    let standby = pool.roles.start("jobmaster", "other-jobmaster");
    standby.wait_for_line(|line| line.contains("another jobmaster tells of its jobs"), PATIENCE);
    standby.wait_for_line(|line| line.contains("a gateway connected"), PATIENCE);

    // A job of the first one, which the other has been told of, as its file shows.
    let mut miner = pool.miner();
    let job = miner.job().id;
    let file = pool.roles.path("other-jobs/jobs").join(format!("{:0>16}.rest", job));
    let give_up_at = std::time::Instant::now() + PATIENCE;
    while !file.exists() {
        assert!(std::time::Instant::now() < give_up_at, "{} is not there", file.display());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    pool.jobmaster.kill();
    first.kill();
    let hash = find_block(&mut miner);
    wait_for_kept(&standby, &hash);
    // Work goes on: the shards follow the other one.
    miner.wait_for_job(|job| job.parent_hash() == hash);
    let next = find_block(&mut miner);
    wait_for_kept(&standby, &next);
    pool.assert_once(&[&second], &hash);
}
