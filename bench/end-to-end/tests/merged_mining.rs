//! Other chains mined along, on a real node for the main chain: proofs are taken by the rules that real blocks
//! of Namecoin and Syscoin hold to, and a chain that fails harms nobody.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bitcoin::Transaction;
use bitcoin::consensus::encode::deserialize;
use bitcoin::hashes::{Hash, sha256d};
use bitcoin::hex::{DisplayHex, FromHex};
use serde_json::{Value, json};
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::roles::{Roles, stop};
use sluice_end_to_end::rpc_proxy::read_request;
use sluice_end_to_end::sluice::PATIENCE;
use sluice_end_to_end::store_dump::{StoreValue, read_embedded};
use sluice_end_to_end::stratum::{StratumClient, Wanted};
use sluice_mining::merged::AuxPow;
use sluice_units::Hash256;

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The easiest target of all: every share is a block of the other chains.
const EASY_BITS: &str = "2100ffff";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    AuxPow { chain_id: u32 },
    Rsk,
}

#[derive(Default)]
struct State {
    /// Blocks that were found, as the node shows them.
    taken: Vec<String>,
    /// What was handed in and refused, and why.
    refused: Vec<String>,
    /// It takes calls and answers none.
    hangs: bool,
}

/// The node of another chain: each of its blocks is named after its height.
struct AuxChainNode {
    kind: Kind,
    address: SocketAddr,
    state: Mutex<State>,
}

impl AuxChainNode {
    fn start(kind: Kind) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound listener has an address");
        let node = Arc::new(Self { kind, address, state: Mutex::default() });
        let serving = Arc::clone(&node);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let node = Arc::clone(&serving);
                thread::spawn(move || node.serve(client));
            }
        });
        node
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut client: TcpStream) {
        let Some(request) = read_request(&mut client) else { return };
        let text = String::from_utf8_lossy(&request);
        let (_, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let call: Value = serde_json::from_str(body).expect("JSON");
        while self.state().hangs {
            thread::sleep(POLL_INTERVAL);
        }
        let answer = json!({ "result": self.answer(&call), "error": null, "id": call["id"] });
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        let _ = client.write_all((head + &answer).as_bytes());
    }

    /// The hash of the block that it wants work on, as it is shown.
    fn wanted(&self) -> String {
        let height = self.state().taken.len() as u8;
        let kind = if self.kind == Kind::Rsk { 0xaa } else { 0x77 };
        [[kind; 31].to_vec(), vec![height]].concat().to_lower_hex_string()
    }

    fn answer(&self, call: &Value) -> Value {
        let params = call["params"].as_array().expect("parameters").clone();
        let text = |index: usize| params[index].as_str().expect("a text").to_owned();
        match (call["method"].as_str().expect("a method"), self.kind) {
            ("createauxblock", Kind::AuxPow { chain_id }) => {
                assert_eq!(text(0), "an address of that chain");
                json!({ "hash": self.wanted(), "chainid": chain_id, "bits": EASY_BITS, "height": 1 })
            }
            ("submitauxblock", Kind::AuxPow { chain_id }) => {
                let (hash, proof) = (text(0), Vec::from_hex(&text(1)).expect("hexadecimal"));
                let checked = self.check_auxpow(&hash, &proof, chain_id);
                json!(self.end(&hash, checked))
            }
            ("mnr_getWork", Kind::Rsk) => {
                assert_eq!(call["jsonrpc"], "2.0");
                let target = format!("0x{}", "ff".repeat(32));
                json!({ "blockHashForMergedMining": format!("0x{}", self.wanted()), "target": target,
                    "feesPaidToMiner": "0", "notify": false, "parentBlockHash": "0x00" })
            }
            ("mnr_submitBitcoinBlockPartialMerkle", Kind::Rsk) => {
                let hash = text(0).strip_prefix("0x").expect("0x").to_owned();
                let checked = self.check_rsk(&hash, &text(1), &text(2), &text(3), &text(4));
                let taken = self.end(&hash, checked);
                json!({ "blockImportedResult": if taken { "IMPORTED_BEST" } else { "INVALID_BLOCK" } })
            }
            (method, _) => panic!("{method} is no method of this chain"),
        }
    }

    fn check_auxpow(&self, hash: &str, proof: &[u8], chain_id: u32) -> Result<(), String> {
        if hash != self.wanted() {
            return Err(format!("{hash} is no block that is wanted"));
        }
        let proof = AuxPow::decode(proof).map_err(|error| error.to_string())?;
        let hash: Hash256 = hash.parse().expect("it is the wanted one");
        proof.check(hash, chain_id).map_err(|error| error.to_string())
    }

    /// What rskj looks at: the tag at the end of the coinbase, and the way from the coinbase to the header.
    fn check_rsk(
        &self,
        hash: &str,
        header: &str,
        coinbase: &str,
        branch: &str,
        transactions: &str,
    ) -> Result<(), String> {
        let [header, coinbase] =
            [header, coinbase].map(|text| Vec::from_hex(text).expect("hexadecimal"));
        let header: bitcoin::block::Header =
            deserialize(&header).map_err(|error| error.to_string())?;
        let parsed: Transaction = deserialize(&coinbase).map_err(|error| error.to_string())?;
        let tagged = [b"RSKBLOCK:".to_vec(), Vec::from_hex(hash).expect("hexadecimal")].concat();
        let script = &parsed.output.last().expect("an output").script_pubkey;
        if hash != self.wanted() || !script.as_bytes().ends_with(&tagged) {
            return Err("the last output does not hold the wanted block".into());
        }
        let pair = |left: sha256d::Hash, right: &str| {
            let mut right = Vec::from_hex(right).expect("hexadecimal");
            right.reverse();
            sha256d::Hash::hash(&[&left.to_byte_array()[..], &right].concat())
        };
        let root = branch.split_whitespace().fold(sha256d::Hash::hash(&coinbase), pair);
        if header.merkle_root.to_byte_array() != root.to_byte_array() {
            return Err("the branch does not lead to the header".into());
        }
        let count = u32::from_str_radix(transactions, 16).map_err(|error| error.to_string())?;
        if count == 0 { Err("a block has a coinbase at least".into()) } else { Ok(()) }
    }

    fn end(&self, hash: &str, checked: Result<(), String>) -> bool {
        let mut state = self.state();
        if state.taken.iter().any(|taken| taken == hash) {
            // It was handed in once more, since the answer to the first time came too late.
            return true;
        }
        match checked {
            Ok(()) => state.taken.push(hash.to_owned()),
            Err(cause) => state.refused.push(cause),
        }
        state.refused.is_empty()
    }

    fn wait_for_taken(&self, count: usize) {
        let give_up_at = Instant::now() + PATIENCE;
        while self.state().taken.len() < count {
            assert!(Instant::now() < give_up_at, "refused: {:?}", self.state().refused);
            thread::sleep(POLL_INTERVAL);
        }
    }
}

/// A pool on a node that mines three other chains along.
struct Bench {
    node: BcoinNode,
    chains: [Arc<AuxChainNode>; 3],
    roles: Roles,
    jobmaster: ChildProcess,
}

impl Bench {
    fn start(folder: &Path) -> Self {
        let node = BcoinNode::start();
        node.mine(20);
        let chains = [Kind::AuxPow { chain_id: 1 }, Kind::AuxPow { chain_id: 16 }, Kind::Rsk]
            .map(AuxChainNode::start);
        let store = format!("embedded_path = {:?}", folder.join("store.redb"));
        let roles = Roles::configure(folder, "bare", &node.url(), ADDRESS, &store);
        let [nmc, sys, rsk] =
            chains.each_ref().map(|chain| format!("http://u:p@{}", chain.address));
        let address = "address = \"an address of that chain\"";
        let aux = format!(
            "aux_chains = [{{ name = \"nmc\", url = {nmc:?}, {address}, poll_interval_ms = 100 }},\n\
             {{ name = \"sys\", url = {sys:?}, {address}, poll_interval_ms = 100 }},\n\
             {{ name = \"rsk\", url = {rsk:?}, kind = \"rsk\", poll_interval_ms = 100 }}]\n"
        );
        roles.write("jobmaster", &(roles.jobmaster_text(&node.url(), ADDRESS) + &aux));
        let jobmaster = roles.start("jobmaster", "jobmaster");
        let all = |line: &str| line.contains(r#"chains=["nmc", "sys", "rsk"]"#);
        jobmaster.wait_for_line(all, PATIENCE);
        // A job may have been made before all of them were known: one that follows commits to all.
        let give_up_at = Instant::now() + PATIENCE;
        let commits_to_all = |lines: Vec<String>| {
            lines.into_iter().skip_while(|line| !all(line)).any(|line| line.contains("new job"))
        };
        while !commits_to_all(jobmaster.lines()) {
            assert!(Instant::now() < give_up_at, "{}", jobmaster.log_tail());
            thread::sleep(POLL_INTERVAL);
        }
        Self { node, chains, roles, jobmaster }
    }
}

/// The blocks of a chain in `newblock`.
fn announced(store: &Path, chain: &str) -> Vec<String> {
    let dump = read_embedded(store);
    let Some(StoreValue::List(blocks)) = dump.get("newblock") else { return Vec::new() };
    let parse = |block: &String| serde_json::from_str::<Value>(block).expect("JSON");
    let of_chain = blocks.iter().map(parse).filter(|block| block["name"] == chain);
    of_chain.map(|block| block["hash"].as_str().expect("a hash").to_owned()).collect()
}

#[test]
fn shares_are_blocks_of_the_chains_whose_target_they_meet() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path());
    let metawriter = bench.roles.start("metawriter", "metawriter");
    let gateway = bench.roles.start("gateway", "gateway");
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
    let mut miner = StratumClient::start(&bench.roles.stratum, "alice.rig1");
    // A share that the main chain's target is too hard for does not exist on this network: a refused one will do.
    let share = miner.search(Wanted::Block);
    assert_eq!(miner.submit(&share), 0);
    for chain in &bench.chains {
        chain.wait_for_taken(1);
        assert_eq!(chain.state().refused, Vec::<String>::new());
    }
    let found = share.block.expect("it was searched for").to_string();
    let has_it = |line: &str| line.contains("the node has the block") && line.contains(&found);
    bench.jobmaster.wait_for_line(has_it, PATIENCE);
    assert_eq!(bench.node.rpc("getbestblockhash", json!([])), json!(found));
    // The next jobs are on the chains' next blocks.
    let before = miner.job().id;
    miner.wait_for_job(|job| job.id != before);
    let file = folder.path().join("gateway-data/blocks").join(format!("{found}.block"));
    let give_up_at = Instant::now() + PATIENCE;
    while file.exists() {
        assert!(Instant::now() < give_up_at, "all have answered, and the share is on disk still");
        thread::sleep(POLL_INTERVAL);
    }
    drop(miner);
    stop(gateway);
    stop(metawriter);
    let store = folder.path().join("store.redb");
    assert_eq!(announced(&store, "BTC"), [found]);
    for (chain, node) in ["NMC", "SYS", "RSK"].into_iter().zip(&bench.chains) {
        assert_eq!(announced(&store, chain), node.state().taken, "{chain}");
    }
}

#[test]
fn a_chain_whose_node_hangs_delays_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::start(folder.path());
    let _metawriter = bench.roles.start("metawriter", "metawriter");
    let gateway = bench.roles.start("gateway", "gateway");
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
    let mut miner = StratumClient::start(&bench.roles.stratum, "alice.rig1");
    bench.chains[0].state().hangs = true;
    let share = miner.search(Wanted::Block);
    assert_eq!(miner.submit(&share), 0);
    let found = share.block.expect("it was searched for").to_string();
    // The main chain has it, and work goes on behind it; so do the other chains.
    miner.wait_for_job(|job| job.parent_hash() == found);
    bench.chains[1].wait_for_taken(1);
    bench.chains[2].wait_for_taken(1);
    assert!(bench.chains[0].state().taken.is_empty());
    // Whatever dies meanwhile: the share is on disk until the last one has answered.
    bench.chains[0].state().hangs = false;
    bench.chains[0].wait_for_taken(1);
    assert_eq!(bench.chains[0].state().refused, Vec::<String>::new());
}
