//! A node as a jobmaster sees it: it answers calls, holds long polls back, and has a new block when the run
//! wants one. What it answers to a long poll is stamped right before its first byte leaves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::BenchError;
use crate::monotonic::now_ns;

/// How long a long poll is held back.
const LONG_POLL_TIME_MAX: Duration = Duration::from_secs(60);
const FIRST_HEIGHT: u32 = 840_000;
/// A target that no share meets.
const BITS: &str = "17034219";
/// Bytes of a transaction: what they have on mainnet, mostly.
const TRANSACTION_BYTES: usize = 350;
const COMMITMENT: &str =
    "6a24aa21a9ed0000000000000000000000000000000000000000000000000000000000000000";

#[derive(Default)]
struct Chain {
    blocks: u32,
    /// When the first answer with the present tip left, on the machine's monotonic clock.
    told_at_ns: Option<u64>,
}

struct Shared {
    chain: Mutex<Chain>,
    changed: Condvar,
    /// The `transactions` of every template, as JSON.
    transactions: String,
}

/// The run's hand on the node.
pub(crate) struct NodeEnd {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl NodeEnd {
    /// Listens on a free port of this machine, for as long as the process lives.
    pub(crate) fn start(transactions: u32) -> Result<Self, BenchError> {
        let scratch = |source| BenchError::Scratch { what: "a free port of 127.0.0.1", source };
        let listener = TcpListener::bind("127.0.0.1:0").map_err(scratch)?;
        let address = listener.local_addr().map_err(scratch)?;
        let shared = Arc::new(Shared {
            chain: Mutex::default(),
            changed: Condvar::new(),
            transactions: transaction_list(transactions),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&serving);
                // Whoever hangs up needs no answer.
                thread::spawn(move || shared.serve(client));
            }
        });
        Ok(Self { address, shared })
    }

    /// As a jobmaster's configuration has it.
    pub(crate) fn url(&self) -> String {
        format!("http://user:password@{}", self.address)
    }

    /// The node has a new block from now on.
    pub(crate) fn new_block(&self) {
        let mut chain = self.shared.lock();
        chain.blocks += 1;
        chain.told_at_ns = None;
        self.shared.changed.notify_all();
    }

    /// When the template on the newest block left the node first.
    pub(crate) fn told_at_ns(&self) -> Option<u64> {
        self.shared.lock().told_at_ns
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, client: TcpStream) -> Option<()> {
        client.set_nodelay(true).ok()?;
        let mut writer = client.try_clone().ok()?;
        let mut reader = BufReader::new(client);
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).ok()? == 0 {
                    return None;
                }
                let line = line.trim_end().to_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().ok()?;
                }
                if line.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            let call: Value = serde_json::from_slice(&body).ok()?;
            let (result, is_template) = self.answer(&call);
            let answer = format!("{{\"result\":{result},\"error\":null,\"id\":{}}}", call["id"]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
            let bytes = [head.as_bytes(), answer.as_bytes()].concat();
            if is_template {
                self.lock().told_at_ns.get_or_insert_with(now_ns);
            }
            writer.write_all(&bytes).ok()?;
        }
    }

    /// The result as JSON, and whether it is a template.
    fn answer(&self, call: &Value) -> (String, bool) {
        match call["method"].as_str() {
            Some("getblocktemplate") => {
                let asked = call["params"][0]["longpollid"].as_str();
                let mut chain = self.lock();
                if asked.is_some_and(|id| id == chain.blocks.to_string()) {
                    let unchanged = |chain: &mut Chain| asked == Some(&chain.blocks.to_string());
                    let waited =
                        self.changed.wait_timeout_while(chain, LONG_POLL_TIME_MAX, unchanged);
                    (chain, _) = waited.unwrap_or_else(PoisonError::into_inner);
                }
                (self.template(chain.blocks), true)
            }
            Some("getblockchaininfo") => {
                let blocks = self.lock().blocks;
                let info = json!({
                    "chain": "regtest", "blocks": FIRST_HEIGHT + blocks, "bestblockhash": hash(blocks),
                    "chainwork": format!("{:064x}", u128::from(blocks) << 80),
                    "initialblockdownload": false,
                });
                (info.to_string(), false)
            }
            _ => ("null".into(), false),
        }
    }

    fn template(&self, blocks: u32) -> String {
        let (parent, height) = (hash(blocks), FIRST_HEIGHT + blocks + 1);
        format!(
            "{{\"version\":536870912,\"rules\":[\"csv\",\"!segwit\"],\"previousblockhash\":\"{parent}\",\
             \"transactions\":{},\"coinbaseaux\":{{}},\"coinbasevalue\":312500000,\
             \"longpollid\":\"{blocks}\",\"mintime\":1713570000,\"curtime\":1713571767,\
             \"bits\":\"{BITS}\",\"height\":{height},\"default_witness_commitment\":\"{COMMITMENT}\"}}",
            self.transactions
        )
    }
}

/// The block of a number, as nodes write its hash.
fn hash(blocks: u32) -> String {
    format!("{:056x}{blocks:08x}", 0)
}

fn transaction_list(count: u32) -> String {
    let one = |number: u32| {
        let id = format!("{number:08x}").repeat(8);
        let data = format!("{number:08x}").repeat(TRANSACTION_BYTES / 4);
        format!(
            "{{\"data\":\"{data}\",\"txid\":\"{id}\",\"hash\":\"{id}\",\"depends\":[],\"fee\":1000,\"sigops\":4,\"weight\":1400}}"
        )
    };
    format!("[{}]", (0..count).map(one).collect::<Vec<_>>().join(","))
}
