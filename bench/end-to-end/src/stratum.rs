//! A miner by hand: one TCP connection, every message spelt out here, so that a test decides what is handed in.
//!
//! Its headers come from the `bitcoin` crate and from the stratum description, not from the product's code.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Instant;

use bitcoin::block::{Header, Version};
use bitcoin::consensus::encode::serialize;
use bitcoin::hashes::{Hash, sha256d};
use bitcoin::hex::{DisplayHex, FromHex};
use bitcoin::{BlockHash, CompactTarget, Target, TxMerkleNode};
use serde_json::{Value, json};

use crate::sluice::PATIENCE;

/// BIP 320: the bits that this miner asks to roll.
const VERSION_MASK: u32 = 0x1fff_e000;
/// 2^32, the expected hashes of difficulty 1.
const HASHES_PER_DIFFICULTY: f64 = 4_294_967_296.0;
/// No search of a test needs more; a higher count means that the target is wrong.
const HASHES_PER_SEARCH_MAX: u32 = 1 << 26;

/// `mining.notify`.
#[derive(Clone, PartialEq, Debug)]
pub struct NotifiedJob {
    /// The pool's name for it.
    pub id: String,
    parent: BlockHash,
    coinbase_prefix: Vec<u8>,
    coinbase_suffix: Vec<u8>,
    merkle_branch: Vec<[u8; 32]>,
    version: u32,
    nbits: CompactTarget,
    /// Seconds since 1970.
    pub ntime: u32,
    /// The difficulty that was in force when it came.
    difficulty: f64,
    /// Whether earlier work is worthless.
    pub clean: bool,
}

impl NotifiedJob {
    /// The network's difficulty.
    pub fn network_difficulty(&self) -> f64 {
        Target::from_compact(self.nbits).difficulty_float()
    }

    /// Whether these bytes stand in its coinbase.
    pub fn coinbase_holds(&self, wanted: &[u8]) -> bool {
        let holds = |half: &[u8]| half.windows(wanted.len()).any(|bytes| bytes == wanted);
        holds(&self.coinbase_prefix) || holds(&self.coinbase_suffix)
    }

    /// Whether its block has more transactions than the coinbase.
    pub const fn has_transactions(&self) -> bool {
        !self.merkle_branch.is_empty()
    }

    /// The block that it follows, as nodes write it.
    pub fn parent_hash(&self) -> String {
        self.parent.to_string()
    }

    /// The expected hashes of one share.
    pub fn share_hashes(&self) -> u128 {
        (self.difficulty * HASHES_PER_DIFFICULTY).round() as u128
    }
}

/// What is handed in, as strings and numbers of `mining.submit`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share {
    /// The worker's name.
    pub user: String,
    /// The job's.
    pub job: String,
    /// Hexadecimal.
    pub extranonce2: String,
    /// Seconds since 1970.
    pub ntime: u32,
    /// What was searched.
    pub nonce: u32,
    /// Rolled version bits, where any are sent.
    pub version_bits: Option<u32>,
    /// The block that it makes, where it meets the network's target.
    pub block: Option<BlockHash>,
}

/// Which hashes a search takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// One that meets the share's difficulty and not the network's.
    Share,
    /// One that meets the network's.
    Block,
    /// One that misses the share's difficulty.
    TooEasy,
}

/// A connected, authorised miner.
pub struct StratumClient {
    stream: BufReader<TcpStream>,
    user: String,
    next_id: u64,
    extranonce1: Vec<u8>,
    extranonce2_bytes: usize,
    searches: u64,
    difficulty: f64,
    job: Option<NotifiedJob>,
    /// Shares that the pool took.
    pub accepted: u64,
    /// Shares that it refused, by code.
    pub rejected: BTreeMap<i64, u64>,
    /// Expected hashes of the accepted shares.
    pub work_hashes: u128,
    /// Hashes of the blocks handed in.
    pub blocks: Vec<BlockHash>,
    /// Requests besides submits that were answered with a result.
    pub other_requests: u64,
}

impl StratumClient {
    /// Connects, agrees on version rolling, subscribes, authorises, and waits for the first job.
    pub fn start(pool_address: &str, user: &str) -> Self {
        let stream = TcpStream::connect(pool_address).expect("the pool accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        let mut client = Self {
            stream: BufReader::new(stream),
            user: user.to_owned(),
            next_id: 1,
            extranonce1: Vec::new(),
            extranonce2_bytes: 0,
            searches: 0,
            difficulty: 1.0,
            job: None,
            accepted: 0,
            rejected: BTreeMap::new(),
            work_hashes: 0,
            blocks: Vec::new(),
            other_requests: 0,
        };
        let mask = format!("{VERSION_MASK:08x}");
        let extensions = json!([["version-rolling"], { "version-rolling.mask": mask }]);
        let configured = client.request("mining.configure", &extensions);
        assert_eq!(configured["version-rolling.mask"], json!(mask));
        let subscribed = client.request("mining.subscribe", &json!(["end-to-end"]));
        client.extranonce1 = bytes(&subscribed[1]);
        client.extranonce2_bytes = subscribed[2].as_u64().expect("a length") as usize;
        assert_eq!(client.request("mining.authorize", &json!([user, "x"])), json!(true));
        client.wait_for_job(|_| true);
        client
    }

    /// The latest job.
    pub fn job(&self) -> NotifiedJob {
        self.job.clone().expect("a client starts with a job")
    }

    /// Reads on until the latest job is as wanted.
    pub fn wait_for_job(&mut self, wanted: impl Fn(&NotifiedJob) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !self.job.as_ref().is_some_and(&wanted) {
            assert!(Instant::now() < deadline, "no such job came; the latest is {:?}", self.job);
            self.read_message();
        }
    }

    /// Searches the latest job for a hash as wanted, in a space of its own.
    pub fn search(&mut self, wanted: Wanted) -> Share {
        let job = self.job();
        self.searches += 1;
        let extranonce2 = self.searches.to_be_bytes()[8 - self.extranonce2_bytes..].to_vec();
        let coinbase =
            [&job.coinbase_prefix[..], &self.extranonce1, &extranonce2, &job.coinbase_suffix]
                .concat();
        let pair = |left: sha256d::Hash, right: &[u8; 32]| {
            sha256d::Hash::hash(&[&left.to_byte_array()[..], right].concat())
        };
        let root = job.merkle_branch.iter().fold(sha256d::Hash::hash(&coinbase), pair);
        // The lowest bit of the mask, so that rolling is exercised by every share.
        let version_bits = VERSION_MASK & VERSION_MASK.wrapping_neg();
        let header = Header {
            version: Version::from_consensus((job.version & !VERSION_MASK | version_bits) as i32),
            prev_blockhash: job.parent,
            merkle_root: TxMerkleNode::from_byte_array(root.to_byte_array()),
            time: job.ntime,
            bits: job.nbits,
            nonce: 0,
        };
        let network = Target::from_compact(job.nbits);
        // Difficulty 1 is a target of 0xffff x 2^208.
        let share_target = 65_535.0 * 2f64.powi(208) / job.difficulty;
        let mut bytes = serialize(&header);
        for nonce in 0..HASHES_PER_SEARCH_MAX {
            bytes[76..].copy_from_slice(&nonce.to_le_bytes());
            let hash = BlockHash::from_raw_hash(sha256d::Hash::hash(&bytes));
            let is_share = number(hash) <= share_target;
            let is_block = network.is_met_by(hash);
            let found = match wanted {
                Wanted::Share => is_share && !is_block,
                Wanted::Block => is_share && is_block,
                Wanted::TooEasy => !is_share && !is_block,
            };
            if found {
                return Share {
                    user: self.user.clone(),
                    job: job.id,
                    extranonce2: extranonce2.to_lower_hex_string(),
                    ntime: job.ntime,
                    nonce,
                    version_bits: Some(version_bits),
                    block: is_block.then_some(hash),
                };
            }
        }
        panic!("{HASHES_PER_SEARCH_MAX} hashes and none is as wanted: {wanted:?} {job:?}");
    }

    /// Hands a share in and counts the answer: zero where it was accepted, else the error's code. What is credited
    /// for a share of another job than the latest is not known here; such a share must be refused.
    pub fn submit(&mut self, share: &Share) -> i64 {
        // The job as it was when the share was handed in: the answer may come behind another one.
        let job = self.job();
        let answer = self.ask("mining.submit", &submit_params(share));
        if answer["result"] == json!(true) {
            assert_eq!(share.job, job.id, "an accepted share is of the latest job");
            self.accepted += 1;
            self.work_hashes += job.share_hashes();
            self.blocks.extend(share.block);
            return 0;
        }
        let code = answer["error"][0].as_i64().unwrap_or_else(|| panic!("no verdict: {answer}"));
        *self.rejected.entry(code).or_default() += 1;
        code
    }

    /// Hands shares in, all in one write, and reads no answer.
    pub fn send_submits(&mut self, shares: &[Share]) {
        let requests = shares.iter().map(|share| {
            let id = self.next_id;
            self.next_id += 1;
            let params = submit_params(share);
            format!("{}\n", json!({ "id": id, "method": "mining.submit", "params": params }))
        });
        let lines: String = requests.collect();
        self.stream.get_mut().write_all(lines.as_bytes()).expect("the pool reads");
    }

    /// Reads the answers to the latest `count` submits that were sent without reading, none of which the pool should
    /// take: the error's code of each, in order.
    pub fn read_refusals(&mut self, count: usize) -> Vec<i64> {
        let ids = self.next_id - count as u64..self.next_id;
        let mut codes = Vec::new();
        for id in ids {
            let answer = self.read_answer(id);
            let code = answer["error"][0].as_i64();
            codes.push(code.unwrap_or_else(|| panic!("it was not refused: {answer}")));
        }
        codes
    }

    /// A request that must succeed; its result.
    pub fn request(&mut self, method: &str, params: &Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        self.other_requests += 1;
        answer["result"].clone()
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        let request = json!({ "id": id, "method": method, "params": params });
        self.stream.get_mut().write_all(format!("{request}\n").as_bytes()).expect("the pool reads");
        self.read_answer(id)
    }

    fn read_answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.read_message();
            if message["id"] == json!(id) {
                return message;
            }
        }
    }

    /// Reads one message, and takes note of a job or a difficulty.
    fn read_message(&mut self) -> Value {
        let mut line = String::new();
        let length = self.stream.read_line(&mut line).expect("the pool writes");
        assert!(length > 0, "the pool closed the connection of {}", self.user);
        let message: Value = serde_json::from_str(&line).expect("each line is JSON");
        let params = &message["params"];
        match message["method"].as_str() {
            Some("mining.set_difficulty") => {
                self.difficulty = params[0].as_f64().expect("a number");
            }
            Some("mining.notify") => self.job = Some(parse_job(params, self.difficulty)),
            _ => {}
        }
        message
    }
}

fn submit_params(share: &Share) -> Value {
    let mut params = vec![
        json!(share.user),
        json!(share.job),
        json!(share.extranonce2),
        json!(format!("{:08x}", share.ntime)),
        json!(format!("{:08x}", share.nonce)),
    ];
    params.extend(share.version_bits.map(|bits| json!(format!("{bits:08x}"))));
    json!(params)
}

fn parse_job(params: &Value, difficulty: f64) -> NotifiedJob {
    let text = |index: usize| params[index].as_str().expect("a text").to_owned();
    let number = |index: usize| u32::from_str_radix(&text(index), 16).expect("hexadecimal");
    // The parent's hash comes with the four bytes of each word turned round.
    let mut parent: [u8; 32] = bytes(&params[1]).try_into().expect("a hash");
    for word in parent.chunks_exact_mut(4) {
        word.reverse();
    }
    let siblings = params[4].as_array().expect("a list").iter();
    NotifiedJob {
        id: text(0),
        parent: BlockHash::from_byte_array(parent),
        coinbase_prefix: bytes(&params[2]),
        coinbase_suffix: bytes(&params[3]),
        merkle_branch: siblings.map(|one| bytes(one).try_into().expect("a hash")).collect(),
        version: number(5),
        nbits: CompactTarget::from_consensus(number(6)),
        ntime: number(7),
        difficulty,
        clean: params[8].as_bool().expect("true or false"),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    Vec::from_hex(value.as_str().expect("a text")).expect("hexadecimal")
}

/// A hash as a number; the digits that a double lacks decide nothing in a test.
fn number(hash: BlockHash) -> f64 {
    hash.to_byte_array().iter().rev().fold(0.0, |sum, byte| sum * 256.0 + f64::from(*byte))
}
