//! Who is kept out of a pool of two gateways: by its operator, and by what one of them saw.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::roles::Roles;
use sluice_end_to_end::sluice::{PATIENCE, run};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const POLL_INTERVAL: Duration = Duration::from_millis(50);

struct Pool {
    _node: BcoinNode,
    roles: Roles,
    _processes: [ChildProcess; 3],
    /// Where miners connect.
    gateways: [String; 2],
}

impl Pool {
    /// Two gateways; the first one watches strangers closely, and exempts nobody.
    fn start(folder: &Path) -> Self {
        let node = BcoinNode::start();
        let store = format!("embedded_path = {:?}", folder.join("store.redb"));
        let roles = Roles::configure(folder, "bare", &node.url(), ADDRESS, &store);
        let second = format!("127.0.0.1:{}", free_port());
        let watching = "[abuse]\nexempt = []\naddress_handshakes_failed_max = 2\n";
        let text = roles.gateway_text("gateway-data", &roles.stratum);
        roles.write("gateway", &(text + watching));
        let text = roles.gateway_text("second-data", &second);
        roles.write("second-gateway", &format!("gateway_id = 2\n{text}"));
        let jobmaster = roles.start("jobmaster", "jobmaster");
        let processes = [
            jobmaster,
            roles.start("gateway", "gateway"),
            roles.start("gateway", "second-gateway"),
        ];
        for gateway in &processes[1..] {
            gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
        }
        let gateways = [roles.stratum.clone(), second];
        Self { _node: node, roles, _processes: processes, gateways }
    }

    fn ctl(&self, arguments: &[&str]) -> String {
        let key = self.roles.path("key");
        let key = key.to_str().expect("a plain path");
        let reach = ["ctl", "--jobmaster", &self.roles.jobmaster, "--key", key];
        let ran = run(&[&reach[..], arguments].concat(), &[]);
        assert!(ran.success, "{arguments:?}: {}", ran.error);
        ran.out
    }
}

/// A greeted miner.
fn greet(address: &str, user: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).expect("the gateway listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a timeout");
    let greeting = format!(
        "{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"test\"]}}\n\
         {{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{user}\"]}}\n"
    );
    stream.write_all(greeting.as_bytes()).expect("it reads");
    BufReader::new(stream)
}

/// Reads until a line says so.
fn hear(miner: &mut BufReader<TcpStream>, wanted: &str) {
    let mut line = String::new();
    while !line.contains(wanted) {
        line.clear();
        assert!(miner.read_line(&mut line).expect("a line in time") > 0, "no {wanted}");
    }
}

/// Whether a stranger is let go without a word.
fn is_refused(address: &str) -> bool {
    let mut stream = TcpStream::connect(address).expect("the gateway listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a timeout");
    // It may be cut off already.
    let _ = stream.write_all(b"GET / HTTP/1.1\r\n\r\n");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer.is_empty()
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(POLL_INTERVAL);
    }
}

#[test]
fn the_operator_reaches_the_miners_of_every_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path());
    let [mut alices, mut bobs] =
        ["alice.rig1", "bob"].map(|user| pool.gateways.each_ref().map(|at| greet(at, user)));
    alices.iter_mut().chain(&mut bobs).for_each(|miner| hear(miner, "mining.notify"));
    pool.ctl(&["ban", "add", "account:alice", "--reason", "asked for it"]);
    for alice in &mut alices {
        let mut rest = String::new();
        alice.read_to_string(&mut rest).expect("it is ended in good order");
    }
    pool.ctl(&["say", "Power cut at \"noon\""]);
    pool.ctl(&["reconnect"]);
    for bob in &mut bobs {
        hear(bob, r#""method":"client.show_message","params":["Power cut at \"noon\""]"#);
        hear(bob, r#""method":"client.reconnect","params":[]"#);
    }
    hear(&mut greet(&pool.gateways[1], "alice.rig2"), "This account is banned");
    pool.ctl(&["ban", "remove", "account:alice"]);
    wait_until("alice is let in again", || {
        let mut line = String::new();
        let mut miner = greet(&pool.gateways[1], "alice");
        while miner.read_line(&mut line).expect("a line in time") > 0 {
            if line.contains("mining.notify") {
                return true;
            }
        }
        false
    });
}

#[test]
fn what_one_gateway_bans_all_keep_out() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path());
    assert!(!is_refused(&pool.gateways[1]));
    wait_until("a stranger that never speaks stratum is banned", || is_refused(&pool.gateways[0]));
    wait_until("and at the other gateway", || is_refused(&pool.gateways[1]));
    let list = pool.ctl(&["ban", "list"]);
    assert!(list.contains("127.0.0.1") && list.contains("failed handshakes"), "{list}");
    pool.ctl(&["ban", "remove", "127.0.0.1"]);
    wait_until("let in again", || !is_refused(&pool.gateways[1]));
}
