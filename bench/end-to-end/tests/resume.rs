//! Sessions that are resumed at a gateway of two shards, whichever of them the kernel gives a connection to.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::roles::Roles;
use sluice_end_to_end::sluice::PATIENCE;

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/// So many that each shard gets some, but for one chance in half a million.
const RECONNECTS: usize = 20;

struct Miner {
    stream: BufReader<TcpStream>,
}

impl Miner {
    fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the gateway listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a timeout");
        Self { stream: BufReader::new(stream) }
    }

    /// Asks, and gives the answer.
    fn ask(&mut self, id: u64, method: &str, params: &Value) -> Value {
        let line = json!({ "id": id, "method": method, "params": params }).to_string() + "\n";
        self.stream.get_mut().write_all(line.as_bytes()).expect("it reads");
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).expect("a line in time") > 0, "it hung up");
            let line: Value = serde_json::from_str(&line).expect("JSON");
            if line["id"] == id && line["method"].is_null() {
                return line["result"].clone();
            }
        }
    }
}

#[test]
fn a_session_is_the_same_on_every_shard_and_of_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let node = BcoinNode::start();
    let store = format!("embedded_path = {:?}", folder.path().join("store.redb"));
    let roles = Roles::configure(folder.path(), "bare", &node.url(), ADDRESS, &store);
    let _jobmaster = roles.start("jobmaster", "jobmaster");
    let gateway = roles.start("gateway", "gateway");
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);

    let subscribe = |miner: &mut Miner, session: &str| {
        let result = miner.ask(1, "mining.subscribe", &json!(["test", session]));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&result[0][1][1]), text(&result[1]))
    };
    let mut first = Miner::connect(&roles.stratum);
    let (session, extranonce1) = subscribe(&mut first, "");
    assert_eq!(first.ask(2, "mining.authorize", &json!(["alice", "x"])), true);
    let mut others = BTreeSet::new();
    let mut kept = Vec::new();
    for _ in 0..RECONNECTS {
        // While the former connection is still there, as a half-open one is.
        let mut back = Miner::connect(&roles.stratum);
        assert_eq!(subscribe(&mut back, &session), (session.clone(), extranonce1.clone()));
        assert_eq!(back.ask(2, "mining.authorize", &json!(["alice", "x"])), true);
        kept.push(back);
        let mut other = Miner::connect(&roles.stratum);
        assert!(others.insert(subscribe(&mut other, "").1), "a part of its own");
        kept.push(other);
    }
    assert!(!others.contains(&extranonce1));
    // The name of the shard is in it: both have served.
    let shards: BTreeSet<_> = others.iter().map(|extranonce1| &extranonce1[4..7]).collect();
    assert_eq!(shards.len(), 2, "{others:?}");
}
