//! What an operator changes while a pool runs: the message in the coinbase, the configuration, and the word
//! that there is a new block. What makes no sense changes nothing.

use std::path::Path;

use bitcoin::Block;
use bitcoin::consensus::encode::deserialize_hex;
use bitcoin::hex::FromHex;
use serde_json::json;
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::roles::Roles;
use sluice_end_to_end::sluice::{PATIENCE, Ran, run};
use sluice_end_to_end::stratum::{NotifiedJob, StratumClient, Wanted};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const SCRIPT: &str = "0014751e76e8199196d454941c45d1b3a323f1433bd6";
const PARTNER: &str = "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn";
const PARTNER_SCRIPT: &str = "76a914243f1394f44554f4ce3fd68649c19adc483ce92488ac";

/// A whole pool on a node.
struct Pool {
    node: BcoinNode,
    roles: Roles,
    jobmaster: ChildProcess,
    _others: [ChildProcess; 2],
}

impl Pool {
    fn start(folder: &Path, settings: &str) -> Self {
        let node = BcoinNode::start();
        node.mine(20);
        let store = format!("embedded_path = {:?}", folder.join("store.redb"));
        let roles = Roles::configure(folder, "bare", &node.url(), ADDRESS, &store);
        roles.write("jobmaster", &(roles.jobmaster_text(&node.url(), ADDRESS) + settings));
        let jobmaster = roles.start("jobmaster", "jobmaster");
        let others = ["metawriter", "gateway"].map(|role| roles.start(role, role));
        others[1].wait_for_line(|line| line.contains("miners are served"), PATIENCE);
        Self { node, roles, jobmaster, _others: others }
    }

    fn ctl(&self, arguments: &[&str]) -> Ran {
        let key = self.roles.path("key");
        let key = key.to_str().expect("a plain path");
        let reach = ["ctl", "--jobmaster", &self.roles.jobmaster, "--key", key];
        run(&[&reach[..], arguments].concat(), &[])
    }

    fn told(&self, arguments: &[&str]) -> String {
        let ran = self.ctl(arguments);
        assert!(ran.success, "{arguments:?}: {}", ran.error);
        ran.out
    }

    fn refused(&self, arguments: &[&str], wanted: &[&str]) {
        let ran = self.ctl(arguments);
        assert!(!ran.success, "it went on: {}", ran.out);
        for text in wanted {
            assert!(ran.error.contains(text), "'{text}' is not in: {}", ran.error);
        }
    }

    /// Finds a block on the first job that is as wanted, and gives it as the node has it.
    fn find_block(
        &self,
        miner: &mut StratumClient,
        wanted: impl Fn(&NotifiedJob) -> bool,
    ) -> Block {
        miner.wait_for_job(wanted);
        let share = miner.search(Wanted::Block);
        assert_eq!(miner.submit(&share), 0);
        let hash = share.block.expect("it was searched for").to_string();
        let has_it = |line: &str| line.contains("the node has the block") && line.contains(&hash);
        self.jobmaster.wait_for_line(has_it, PATIENCE);
        let raw = self.node.rpc("getblock", json!([hash, false]));
        deserialize_hex(raw.as_str().expect("hexadecimal")).expect("a block")
    }

    fn miner(&self) -> StratumClient {
        StratumClient::start(&self.roles.stratum, "alice.rig1")
    }
}

fn tag(block: &Block) -> String {
    String::from_utf8_lossy(block.txdata[0].input[0].script_sig.as_bytes()).into_owned()
}

fn paid(block: &Block) -> Vec<(String, u64)> {
    let outputs = block.txdata[0].output.iter();
    outputs.map(|one| (one.script_pubkey.to_hex_string(), one.value.to_sat())).collect()
}

#[test]
fn the_message_in_the_coinbase_is_set_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut pool = Pool::start(folder.path(), "");
    let mut miner = pool.miner();
    let said = pool.told(&["coinbase", "message", " a message of ours"]);
    assert!(said.contains("in the next job"), "{said}");
    let block = pool.find_block(&mut miner, |job| job.coinbase_holds(b" a message of ours"));
    assert!(tag(&block).contains("/sluice/ a message of ours"), "{}", tag(&block));
    let shown = pool.told(&["coinbase", "show"]);
    assert!(shown.contains(" a message of ours") && shown.contains(ADDRESS), "{shown}");
    pool.refused(&["coinbase", "message", &"x".repeat(70)], &["78", "76", "shorten"]);
    pool.jobmaster.kill();
    pool.jobmaster = pool.roles.start("jobmaster", "jobmaster");
    pool.jobmaster.wait_for_line(|line| line.contains("new job"), PATIENCE);
    assert!(pool.told(&["coinbase", "show"]).contains(" a message of ours"));
    pool.told(&["coinbase", "message"]);
    let block = pool.find_block(&mut miner, |job| !job.coinbase_holds(b" a message of ours"));
    assert!(!tag(&block).contains("message"), "{}", tag(&block));
}

#[test]
fn the_configuration_is_read_again_where_it_makes_sense() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path(), "");
    let mut miner = pool.miner();
    let text = pool.roles.jobmaster_text(&pool.node.url(), ADDRESS);
    assert!(pool.told(&["reload"]).contains("nothing has changed"));

    let partner = format!("payouts = [{{ address = {PARTNER:?}, percent = 2.5 }}]\n");
    pool.roles.write("jobmaster", &(text.clone() + &partner));
    assert!(pool.told(&["reload"]).contains("payouts and tag"));
    let script = Vec::from_hex(PARTNER_SCRIPT).unwrap();
    let paid_now = paid(&pool.find_block(&mut miner, |job| job.coinbase_holds(&script)));
    let reward = paid_now.iter().map(|(_, satoshi)| satoshi).sum::<u64>();
    let part = reward / 1000 * 25;
    assert_eq!(paid_now[0], (PARTNER_SCRIPT.to_owned(), part));
    assert_eq!(paid_now[1], (SCRIPT.to_owned(), reward - part));

    // A file with a mistake changes nothing.
    let path = pool.roles.path("jobmaster.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.clone() + "no_such_key = 1\n").unwrap();
    pool.refused(&["reload"], &["no_such_key", "line"]);
    let wrong = good.replace(PARTNER, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    std::fs::write(&path, &wrong).unwrap();
    pool.refused(&["reload"], &["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "regtest"]);
    assert!(pool.told(&["coinbase", "show"]).contains(PARTNER));

    // The word of a service manager does the same; what cannot change is named.
    std::fs::write(&path, good.replace("2.5", "50") + "node_timeout_s = 7\n").unwrap();
    pool.jobmaster.hang_up();
    let told = |line: &str| line.contains("read again: changed") && line.contains("node_timeout_s");
    pool.jobmaster.wait_for_line(told, PATIENCE);
    let half = (reward / 2).to_le_bytes();
    let paid_now = paid(&pool.find_block(&mut miner, |job| job.coinbase_holds(&half)));
    assert_eq!(paid_now[0].1, paid_now[1].1, "half each");
}

#[test]
fn a_word_of_a_new_block_is_as_good_as_finding_it() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path(), "");
    let text = pool.roles.jobmaster_text(&pool.node.url(), ADDRESS);
    let text =
        text.replace("poll_interval_ms = 100", "poll_interval_ms = 3600000\nlong_poll = false");
    pool.roles.write("jobmaster", &text);
    let Pool { node, roles, jobmaster, _others } = pool;
    drop(jobmaster);
    let jobmaster = roles.start("jobmaster", "jobmaster");
    jobmaster.wait_for_line(|line| line.contains("new job"), PATIENCE);
    let pool = Pool { node, roles, jobmaster, _others };
    let job_on = |hash: &str, kind: &str| {
        let (hash, kind) = (format!("parent={hash}"), format!("kind={kind}"));
        let wanted = move |line: &str| line.contains(&hash) && line.contains(&kind);
        pool.jobmaster.wait_for_line(wanted, PATIENCE);
    };
    let hash = pool.node.mine(1).remove(0);
    pool.told(&["notify"]);
    job_on(&hash, "Clean");

    // With its header it moves miners before the node has it.
    let elsewhere = BcoinNode::start();
    for height in 1..=pool.node.height() {
        let hash = pool.node.rpc("getblockhash", json!([height]));
        let raw = pool.node.rpc("getblock", json!([hash, false]));
        elsewhere.rpc("submitblock", json!([raw]));
    }
    let hash = elsewhere.mine(1).remove(0);
    let raw = elsewhere.rpc("getblock", json!([hash, false]));
    let header = &raw.as_str().expect("hexadecimal")[..160];
    pool.refused(&["notify", "--header", &"00".repeat(80)], &["moves nobody", "parent"]);
    pool.refused(&["notify", "--header", "00"], &["160 hexadecimal digits"]);
    assert!(pool.told(&["notify", "--header", header]).contains(&hash));
    job_on(&hash, "Empty");
}
