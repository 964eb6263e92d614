//! New blocks and a real node: each way to hear of one by itself, and what happens where one fails.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::roles::Roles;
use sluice_end_to_end::rpc_proxy::RpcProxy;
use sluice_end_to_end::sluice::PATIENCE;
use sluice_end_to_end::stratum::{StratumClient, Wanted};
use sluice_end_to_end::zmq_publisher::ZmqPublisher;

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/// Nothing is found by asking for the tip.
const NO_POLL: &str = "poll_interval_ms = 3600000\nlong_poll = false\n";

/// A jobmaster on a node, whose log tells of its jobs.
struct Bench {
    roles: Roles,
    jobmaster: ChildProcess,
}

impl Bench {
    fn start(folder: &Path, node_url: &str, settings: &str) -> Self {
        let store = format!("embedded_path = {:?}", folder.join("store.redb"));
        let roles = Roles::configure(folder, "bare", node_url, ADDRESS, &store);
        let text = roles.jobmaster_text(node_url, ADDRESS);
        let kept = text.lines().filter(|line| !line.starts_with("poll_interval_ms"));
        let text: String = kept.map(|line| format!("{line}\n")).collect();
        let poll =
            if settings.contains("poll_interval_ms") { "" } else { "poll_interval_ms = 100\n" };
        roles.write("jobmaster", &format!("{text}{poll}{settings}"));
        let jobmaster = roles.start("jobmaster", "jobmaster");
        jobmaster.wait_for_line(|line| line.contains("new job"), PATIENCE);
        Self { roles, jobmaster }
    }

    /// Waits for a job on this parent, of this kind.
    fn wait_for_job(&self, parent: &str, kind: &str) {
        let (parent, kind) = (format!("parent={parent}"), format!("kind={kind}"));
        let wanted =
            |line: &str| line.contains("new job") && line.contains(&parent) && line.contains(&kind);
        self.jobmaster.wait_for_line(wanted, PATIENCE);
    }
}

fn tip(node: &BcoinNode) -> String {
    node.rpc("getbestblockhash", json!([])).as_str().expect("a hash").to_owned()
}

fn raw_block(node: &BcoinNode, hash: &str) -> String {
    node.rpc("getblock", json!([hash, false])).as_str().expect("hexadecimal").to_owned()
}

#[test]
fn a_new_block_is_heard_of_by_each_way_alone() {
    for (settings, topic) in [
        ("poll_interval_ms = 100\nlong_poll = false\n", None),
        ("poll_interval_ms = 3600000\n", None),
        (NO_POLL, Some("hashblock")),
        (NO_POLL, Some("sequence")),
        (NO_POLL, Some("rawblock")),
    ] {
        let node = BcoinNode::start();
        node.mine(1);
        let folder = tempfile::tempdir().unwrap();
        let mut publisher = ZmqPublisher::start();
        let settings =
            format!("{settings}node_zmq = [{:?}]\nempty_job_s = 0\n", publisher.address());
        let bench = Bench::start(folder.path(), &node.url(), &settings);
        publisher.wait_for_subscriber("sequence");
        for round in 0..2 {
            let hash = node.mine(1).remove(0);
            match topic {
                Some("sequence") => publisher.publish("sequence", &format!("{hash}43")),
                Some("rawblock") => publisher.publish("rawblock", &raw_block(&node, &hash)),
                Some(topic) => publisher.publish(topic, &hash),
                None => {}
            }
            bench.wait_for_job(&hash, "Clean");
            if topic.is_some() && round == 0 {
                // A node that was restarted is heard again.
                publisher.restart();
                publisher.wait_for_subscriber("sequence");
            }
        }
    }
}

#[test]
fn a_header_moves_miners_before_the_node_has_the_block() {
    let [node, elsewhere] = [(); 2].map(|()| BcoinNode::start());
    for hash in node.mine(20) {
        elsewhere.rpc("submitblock", json!([raw_block(&node, &hash)]));
    }
    assert_eq!(tip(&node), tip(&elsewhere));
    let folder = tempfile::tempdir().unwrap();
    let mut publisher = ZmqPublisher::start();
    let settings = format!("{NO_POLL}node_zmq = [{:?}]\n", publisher.address());
    let bench = Bench::start(folder.path(), &node.url(), &settings);
    let _metawriter = bench.roles.start("metawriter", "metawriter");
    let gateway = bench.roles.start("gateway", "gateway");
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
    let mut miner = StratumClient::start(&bench.roles.stratum, "alice.rig1");
    publisher.wait_for_subscriber("sequence");

    let hash = elsewhere.mine(1).remove(0);
    publisher.publish("rawblock", &raw_block(&elsewhere, &hash));
    bench.wait_for_job(&hash, "Empty");
    let empty = |job: &sluice_end_to_end::stratum::NotifiedJob| job.parent_hash() == hash;
    miner.wait_for_job(empty);
    let on_empty = miner.job();
    assert!(on_empty.clean);
    node.rpc("submitblock", json!([raw_block(&elsewhere, &hash)]));
    publisher.publish("hashblock", &hash);
    bench.jobmaster.wait_for_line(|line| line.contains("miners leave the empty job"), PATIENCE);
    miner.wait_for_job(|job| job.id != on_empty.id);
    assert!(miner.job().clean, "miners turn to the full job at once");
    assert_eq!(miner.job().parent_hash(), hash);

    // A header without work, and one that follows another block, move nobody.
    let other = elsewhere.mine(1).remove(0);
    let block = raw_block(&elsewhere, &other);
    let unknown_parent = format!("{}{}{}", &block[..8], "11".repeat(32), &block[72..160]);
    publisher.publish("rawblock", &unknown_parent);
    let header = &block[..152];
    let no_work = (0_u32..).map(|nonce| format!("{header}{:08x}", nonce.swap_bytes()));
    let is_light = |header: &String| {
        let header: bitcoin::block::Header =
            bitcoin::consensus::encode::deserialize_hex(header).unwrap();
        header.validate_pow(header.target()).is_err()
    };
    publisher.publish("rawblock", &no_work.into_iter().find(is_light).expect("half of them are"));
    // What a block on the empty job would be: found, and handed to the node.
    publisher.publish("rawblock", &block);
    bench.wait_for_job(&other, "Empty");
    miner.wait_for_job(|job| job.parent_hash() == other);
    node.rpc("submitblock", json!([block]));
    let share = miner.search(Wanted::Block);
    assert_eq!(miner.submit(&share), 0);
    let found = share.block.expect("it was searched for").to_string();
    bench.jobmaster.wait_for_line(
        |line| line.contains("the node has the block") && line.contains(&found),
        PATIENCE,
    );
    assert_eq!(tip(&node), found, "a block without transactions is a block");
    let empties = bench.jobmaster.lines().iter().filter(|line| line.contains("kind=Empty")).count();
    assert_eq!(empties, 2, "the two others moved nobody");
}

#[test]
fn one_failed_template_after_a_new_block_leaves_nobody_on_old_work() {
    let node = BcoinNode::start();
    node.mine(1);
    let proxy = RpcProxy::start(node.address());
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path(), &proxy.url(&node.url()), "long_poll = false\n");
    proxy.fail("getblocktemplate");
    let hash = node.mine(1).remove(0);
    while proxy.failed() < 3 {
        std::thread::sleep(Duration::from_millis(10));
    }
    proxy.recover();
    bench.wait_for_job(&hash, "Clean");
}

#[test]
fn a_reorganisation_at_the_same_height_is_told_as_a_new_tip() {
    let node = BcoinNode::start();
    node.mine(3);
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path(), &node.url(), "");
    let first = tip(&node);
    bench.wait_for_job(&first, "Clean");
    let height = node.height();
    node.rpc("invalidateblock", json!([first]));
    let other = node.mine(1).remove(0);
    assert_eq!(node.height(), height);
    assert_ne!(other, first);
    bench.wait_for_job(&other, "Clean");
}

#[test]
fn another_node_serves_while_the_preferred_one_is_away_and_no_longer() {
    let [mut first, second] = [(); 2].map(|()| BcoinNode::start());
    for hash in first.mine(5) {
        second.rpc("submitblock", json!([raw_block(&first, &hash)]));
    }
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("more_nodes = [{{ url = {:?} }}]\nnode_timeout_s = 2\n", second.url());
    let bench = Bench::start(folder.path(), &first.url(), &settings);
    first.kill();
    let hash = second.mine(1).remove(0);
    bench.wait_for_job(&hash, "Clean");
    first.restart();
    let address = first.address().to_string();
    let back = |line: &str| line.contains("the node answers again") && line.contains(&address);
    bench.jobmaster.wait_for_line(back, PATIENCE);
    // It has missed a block: it leads nobody back, until it has one more than the other.
    first.rpc("submitblock", json!([raw_block(&second, &hash)]));
    let next = first.mine(1).remove(0);
    bench.wait_for_job(&next, "Clean");
    let [on_hash, on_next] = [&hash, &next].map(|parent| format!("parent={parent}"));
    let lines = bench.jobmaster.lines();
    let jobs = lines.iter().filter(|line| line.contains("new job"));
    let jobs: Vec<&String> = jobs.skip_while(|line| !line.contains(&on_hash)).collect();
    let later: Vec<&&String> = jobs.iter().skip_while(|line| line.contains(&on_hash)).collect();
    assert!(later.iter().all(|line| line.contains(&on_next)), "{jobs:?}");
}
