//! Which accounts may mine at a gateway: by a list that changes while it runs, and by an HTTP endpoint.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::roles::Roles;
use sluice_end_to_end::sluice::PATIENCE;

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

struct Pool {
    _node: BcoinNode,
    _processes: [ChildProcess; 2],
    gateway: String,
}

impl Pool {
    fn start(folder: &Path, accounts: &str) -> Self {
        let node = BcoinNode::start();
        let store = format!("embedded_path = {:?}", folder.join("store.redb"));
        let roles = Roles::configure(folder, "bare", &node.url(), ADDRESS, &store);
        let text = roles.gateway_text("gateway-data", &roles.stratum);
        roles.write("gateway", &(accounts.to_owned() + &text));
        let jobmaster = roles.start("jobmaster", "jobmaster");
        let gateway = roles.start("gateway", "gateway");
        gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
        Self { _node: node, _processes: [jobmaster, gateway], gateway: roles.stratum.clone() }
    }

    /// Whether a miner of this name gets work; else it is told why not.
    fn lets_in(&self, user: &str) -> bool {
        let mut stream = TcpStream::connect(&self.gateway).expect("the gateway listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a timeout");
        let greeting = format!(
            "{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"test\"]}}\n\
             {{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{user}\"]}}\n"
        );
        stream.write_all(greeting.as_bytes()).expect("it reads");
        let replies = BufReader::new(stream).lines().map(|line| line.expect("a line in time"));
        let mut replies = replies.map(|line| serde_json::from_str::<Value>(&line).expect("JSON"));
        let reply = replies.find(|reply| reply["id"] == 2).expect("an answer");
        if reply["result"] == true {
            return true;
        }
        assert_eq!(reply["error"][0], 24, "{reply}");
        assert_eq!(reply["error"][1], "Unauthorized worker");
        false
    }
}

#[test]
fn a_list_says_who_may_mine_and_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("accounts.txt");
    fs::write(&list, "# ours\nAlice\n").unwrap();
    let pool =
        Pool::start(folder.path(), &format!("accounts = \"list\"\naccounts_file = {list:?}\n"));
    assert!(pool.lets_in("alice.rig1") && !pool.lets_in("bob.rig1"));
    fs::write(&list, "bob # the new one\n").unwrap();
    let deadline = Instant::now() + PATIENCE;
    while !pool.lets_in("bob.rig1") {
        assert!(Instant::now() < deadline, "the list was never read again");
        thread::sleep(Duration::from_millis(50));
    }
    assert!(!pool.lets_in("alice.rig1"));
}

/// An endpoint that lets everybody in but mallory, and counts what it was asked.
struct Endpoint {
    address: String,
    asked: Arc<Mutex<BTreeMap<String, usize>>>,
    serving: JoinHandle<()>,
}

impl Endpoint {
    fn start(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let asked = Arc::new(Mutex::new(BTreeMap::new()));
        let counted = Arc::clone(&asked);
        let serving = thread::spawn(move || {
            for stream in listener.incoming() {
                let (account, stream) = read_request(stream.unwrap());
                let Some(account) = account else { return };
                // First, since whoever has the answer may look at the count.
                *counted.lock().unwrap().entry(account.clone()).or_default() += 1;
                answer(stream, &account);
            }
        });
        Self { address: address.to_owned(), asked, serving }
    }

    fn asked(&self, account: &str) -> usize {
        self.asked.lock().unwrap().get(account).copied().unwrap_or_default()
    }

    fn stop(self) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(b"GET /stop HTTP/1.1\r\n\r\n").unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
        self.serving.join().unwrap();
    }
}

/// Reads one request, which names an account; none where it says stop.
fn read_request(stream: TcpStream) -> (Option<String>, TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request).unwrap();
    let mut header = String::from("more");
    while !header.trim().is_empty() {
        header.clear();
        reader.read_line(&mut header).unwrap();
    }
    let path = request.strip_prefix("GET /accounts/");
    let account = path.and_then(|path| path.split(' ').next()).map(str::to_owned);
    (account, reader.into_inner())
}

fn answer(mut stream: TcpStream, account: &str) {
    let status = if account == "mallory" { "404 Not Found" } else { "200 OK" };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).unwrap();
}

#[test]
fn an_endpoint_is_asked_once_for_many_and_not_missed_while_it_is_away() {
    for (unknown, stranger_is_let_in) in [("allow", true), ("refuse", false)] {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("127.0.0.1:{}", free_port());
        let endpoint = Endpoint::start(&address);
        let pool = Pool::start(
            folder.path(),
            &format!(
                "accounts = \"http\"\naccounts_url = \"http://{address}/accounts/{{account}}\"\n\
                 accounts_unknown = \"{unknown}\"\naccounts_timeout_ms = 10000\n"
            ),
        );
        assert!((0..10).all(|rig| pool.lets_in(&format!("alice.rig{rig}"))));
        assert!(!pool.lets_in("mallory") && !pool.lets_in("mallory.rig2"));
        assert_eq!([endpoint.asked("alice"), endpoint.asked("mallory")], [1, 1]);
        endpoint.stop();
        assert!(pool.lets_in("alice.rig11"), "its answer is kept");
        assert_eq!(pool.lets_in("stranger"), stranger_is_let_in);
        assert!(!pool.lets_in("mallory"));
        let endpoint = Endpoint::start(&address);
        assert!(pool.lets_in("carol"), "it is asked again once it is back");
        assert_eq!(endpoint.asked("carol"), 1);
        endpoint.stop();
    }
}
