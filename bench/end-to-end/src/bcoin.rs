//! bcoin, a full node in JavaScript, on regtest: the real node of the tests.
//!
//! What differs from Bitcoin Core is in this crate's README.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use bitcoin::consensus::encode::serialize_hex;
use bitcoin::{Amount, OutPoint, Transaction};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::anyone_can_spend;
use crate::json_rpc::{self, RpcError};
use crate::ports::free_port;
use crate::process::ChildProcess;

/// bcoin takes any user name; this one stands in the URL.
const USER: &str = "bitcoinrpc";
const PASSWORD: &str = "end-to-end";

/// How long the node may take until its RPC answers. One second is usual.
const START_WAIT: Duration = Duration::from_secs(60);
const START_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How long a transaction may take from the RPC's answer into the mempool.
const MEMPOOL_WAIT: Duration = Duration::from_secs(30);
const MEMPOOL_POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Height of the first block under segwit's rules (BIP 9, three windows of 144 blocks). The template on top of block 431
/// already has them; the mempool takes witnesses only once this block is there.
pub const SEGWIT_ACTIVE_HEIGHT: u64 = 432;

/// A running bcoin on regtest, its chain in a temporary folder. Dropping it ends the process.
pub struct BcoinNode {
    // Fields drop in this order: the process ends before its folder goes.
    process: ChildProcess,
    folder: TempDir,
    http_port: u16,
    peer: SocketAddr,
}

impl BcoinNode {
    /// Start a node without peers and wait until its RPC answers.
    ///
    /// # Panics
    ///
    /// When Node.js or the installed packages are missing, or the node does not come up. The text holds the remedy or
    /// the end of the log.
    pub fn start() -> Self {
        // Port 1 refuses: naming it as the only peer keeps the node from looking for others.
        Self::start_dialing(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)))
    }

    /// Like [`Self::start`], with `peer` as the one P2P peer that the node dials, again and again.
    pub fn start_dialing(peer: SocketAddr) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let http_port = free_port();
        let process = launch(folder.path(), http_port, peer);
        let mut node = Self { process, folder, http_port, peer };
        node.wait_until_it_answers();
        node
    }

    /// `http://USER:PASSWORD@127.0.0.1:PORT`, as a pool's configuration takes it.
    pub fn url(&self) -> String {
        format!("http://{USER}:{PASSWORD}@127.0.0.1:{}", self.http_port)
    }

    /// Where the RPC listens. It stays the same over restarts.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.http_port))
    }

    /// Call a method and return its result.
    ///
    /// # Errors
    ///
    /// See [`RpcError`].
    pub fn try_rpc(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        json_rpc::call(self.address(), USER, PASSWORD, method, params)
    }

    /// Call a method that must succeed.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn rpc(&self, method: &str, params: Value) -> Value {
        self.try_rpc(method, params)
            .unwrap_or_else(|error| panic!("{method}: {error}; {}", self.process.log_tail()))
    }

    /// Height of the tip.
    pub fn height(&self) -> u64 {
        self.rpc("getblockcount", json!([])).as_u64().expect("a height is a number")
    }

    /// Mine `count` blocks that pay to [`anyone_can_spend::ADDRESS`]; their hashes in order.
    pub fn mine(&self, count: u64) -> Vec<String> {
        let hashes = self.rpc("generatetoaddress", json!([count, anyone_can_spend::ADDRESS]));
        serde_json::from_value(hashes).expect("generatetoaddress answers with hashes")
    }

    /// Mine up to [`SEGWIT_ACTIVE_HEIGHT`], which takes some seconds. Nothing happens when the chain is that high.
    pub fn mine_until_segwit(&self) {
        let missing = SEGWIT_ACTIVE_HEIGHT.saturating_sub(self.height());
        if missing > 0 {
            self.mine(missing);
        }
    }

    /// Spend the coinbase of a block from [`Self::mine`] at `height`, and wait until the mempool has the transaction.
    ///
    /// The coinbase must be 100 blocks deep and segwit active. A template shows the transaction at once only when none
    /// has been asked for since the last block; otherwise once a transaction comes more than 10 seconds after the
    /// template was made.
    ///
    /// # Panics
    ///
    /// When the node does not take the transaction.
    pub fn spend_coinbase(&self, height: u64, fee: Amount) -> Transaction {
        let hash = self.rpc("getblockhash", json!([height]));
        let block = self.rpc("getblock", json!([hash]));
        let txid = block["tx"][0].as_str().expect("a block has a coinbase");
        let coin = self.rpc("gettxout", json!([txid, 0]));
        let value = Amount::from_btc(coin["value"].as_f64().expect("the coinbase is unspent"))
            .expect("a node's amounts are whole satoshis");
        let coin = OutPoint::new(txid.parse().expect("a txid"), 0);
        let transaction = anyone_can_spend::spend(coin, value, fee);
        self.rpc("sendrawtransaction", json!([serialize_hex(&transaction)]));
        // The node answers before it has looked at the transaction.
        let txid = json!(transaction.compute_txid().to_string());
        let deadline = Instant::now() + MEMPOOL_WAIT;
        while !self
            .rpc("getrawmempool", json!([]))
            .as_array()
            .is_some_and(|txids| txids.contains(&txid))
        {
            assert!(
                Instant::now() < deadline,
                "the mempool does not take {txid}; {}",
                self.process.log_tail()
            );
            thread::sleep(MEMPOOL_POLL_INTERVAL);
        }
        transaction
    }

    /// End the node without warning (SIGKILL). The ports and the chain stay for [`Self::restart`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Kill the node if it runs and start it again, on the same ports and chain.
    pub fn restart(&mut self) {
        self.kill();
        self.process = launch(self.folder.path(), self.http_port, self.peer);
        self.wait_until_it_answers();
    }

    fn wait_until_it_answers(&mut self) {
        let deadline = Instant::now() + START_WAIT;
        while let Err(error) = self.try_rpc("getblockchaininfo", json!([])) {
            if let Some(status) = self.process.exit_status() {
                panic!("bcoin ended at its start ({status}); {}", self.process.log_tail());
            }
            assert!(
                Instant::now() < deadline,
                "bcoin's RPC does not answer after {START_WAIT:?}: {error}; {}",
                self.process.log_tail()
            );
            thread::sleep(START_POLL_INTERVAL);
        }
    }
}

/// The node's start script, among the packages that `setup.sh` installs.
fn start_script() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bcoin/node_modules/bcoin/bin/node");
    assert!(
        script.exists(),
        "bcoin is not installed ({} is missing): run bench/end-to-end/setup.sh",
        script.display()
    );
    script
}

fn launch(folder: &Path, http_port: u16, peer: SocketAddr) -> ChildProcess {
    let mut command = Command::new("node");
    command
        .arg(start_script())
        .arg("--network=regtest")
        .arg(format!("--prefix={}", folder.display()))
        .arg("--http-host=127.0.0.1")
        .arg(format!("--http-port={http_port}"))
        .arg(format!("--api-key={PASSWORD}"))
        .arg(format!("--only={peer}"))
        // Without a listener the node does not ask the network for its own address either.
        .arg("--listen=false")
        // One line for each block and refusal, none for each call.
        .arg("--log-level=info")
        .arg("--no-wallet=true")
        .arg("--workers=false")
        // The packages are installed without their compiled parts.
        .env("NODE_BACKEND", "js");
    // bcoin takes settings from such variables too; a test must not depend on who runs it.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BCOIN_") {
            command.env_remove(name);
        }
    }
    ChildProcess::start("bcoin", &mut command).unwrap_or_else(|error| {
        panic!("Node.js cannot be started ({error}): run bench/end-to-end/setup.sh")
    })
}
