//! Who does not hold the cluster key credits nothing, alerts nobody and finds no block: by datagram, from an address that
//! the ViaBTC server's trust list lets in, with another key, or in the place of a writer.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use redis::Commands;
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::redis::RedisServer;
use sluice_end_to_end::roles::{Roles, stop};
use sluice_end_to_end::sluice::{PATIENCE, run};
use sluice_end_to_end::store_dump::read_redis;
use sluice_end_to_end::stratum::{StratumClient, Wanted};
use sluice_service::ClusterKey;
use sluice_service::link;
use sluice_units::{Hash256, SourceId, Tally, UnixTime};
use sluice_wire::alert_feed::{ALERT_FEED_VERSION, Alert, Severity, ToCenter};
use sluice_wire::share_feed::{Batch, BlockRecord, SHARE_FEED_VERSION, ToWriter};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/// What a package of the ViaBTC server begins with, and an alert there.
const VIABTC_MAGIC: u32 = 0x7065_6562;
const VIABTC_ALERT_MARK: &str = "373d26968a5a2b698045";
const VIABTC_PACKAGE: u16 = 0;
const VIABTC_REPLY: u16 = 1;
/// The commands of its metawriter: block, event, share, another one's hash, counters; and a height for its jobmaster.
const VIABTC_COMMANDS: [u32; 7] = [100, 101, 102, 104, 105, 106, 4];

/// A package as the ViaBTC server's roles send it: a header of 36 bytes with a checksum over all, and a body.
fn viabtc_package(command: u32, kind: u16, body: &[u8]) -> Vec<u8> {
    let mut package = VIABTC_MAGIC.to_le_bytes().to_vec();
    package.extend(command.to_le_bytes());
    package.extend(kind.to_le_bytes());
    // Result, checksum, sequence and request.
    package.extend([0; 4 + 4 + 4 + 8]);
    package.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    package.extend(0_u16.to_le_bytes());
    package.extend(body);
    let checksum = crc32(&package);
    package[14..18].copy_from_slice(&checksum.to_le_bytes());
    package
}

/// IEEE 802.3, as zlib has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

fn viabtc_text(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// What its senders would have to say to credit mallory.
fn viabtc_forgeries() -> Vec<Vec<u8>> {
    let texts = |texts: &[&str]| texts.iter().flat_map(|text| viabtc_text(text)).collect();
    let body = |command: u32| -> Vec<u8> {
        let record: Vec<u8> = match command {
            100 => texts(&["mallory", "rig", "btc", &"0".repeat(64)]),
            101 => texts(&["mallory", "rig", "btc", "127.0.0.1", "connected"]),
            4 => br#"{"height":9000000,"curtime":1700000000,"prevhash":"00"}"#.to_vec(),
            104 => vec![7; 32],
            // Numbers of one byte, and a goal.
            _ => {
                let key = if command == 102 { "mallory" } else { "share" };
                let mut record: Vec<u8> = texts(&[key, "gw-1", "btc"]);
                record.extend([200, 200]);
                record.extend(1.0_f64.to_le_bytes());
                record
            }
        };
        // Its packages of records begin with 32 random bytes.
        if command == 4 { record } else { [vec![9; 32], record].concat() }
    };
    let packages = VIABTC_COMMANDS.map(|it| viabtc_package(it, VIABTC_PACKAGE, &body(it)));
    let alert = format!("{VIABTC_ALERT_MARK}gw-1: all is lost\n").into_bytes();
    packages.into_iter().chain([alert]).collect()
}

/// The same in our own formats, in the clear.
fn own_forgeries() -> Vec<Vec<u8>> {
    let (finder, now) = ("mallory.rig".parse().unwrap(), UnixTime::from_seconds(1_700_000_000));
    let batch = Batch {
        source: SourceId { gateway_id: 1, shard: 0 },
        epoch: u64::MAX,
        sequence: 1,
        coin: "btc".parse().unwrap(),
        host: "gw-1".parse().unwrap(),
        tallies: vec![(now.minute(), "mallory.rig".parse().unwrap(), tally())],
        counters: Vec::new(),
        events: Vec::new(),
        blocks: vec![BlockRecord { finder, hash: Hash256::ZERO, minute: now.minute() }],
    };
    let hello =
        ToWriter::Hello { version: SHARE_FEED_VERSION, instance: 1, name: "gateway 1".into() };
    let alert = Alert { severity: Severity::Fatal, at: now, text: "all is lost".into() };
    let (host, role) = ("gw-1".into(), "gateway".into());
    let to_center = ToCenter::Hello { version: ALERT_FEED_VERSION, host, role };
    let frame = |message: Vec<u8>| -> Vec<u8> {
        let plain = [&u32::try_from(message.len()).unwrap().to_le_bytes()[..], &message].concat();
        [&u16::try_from(plain.len()).unwrap().to_le_bytes()[..], &plain].concat()
    };
    let batches = [frame(hello.encode()), frame(ToWriter::Batch(batch).encode())].concat();
    let alert = ToCenter::Alert { number: 1, alert };
    vec![batches, [frame(to_center.encode()), frame(alert.encode())].concat()]
}

fn tally() -> Tally {
    Tally { accepted: 200, ..Tally::default() }
}

/// A false writer: whatever it is told it acknowledges as the ViaBTC server does, and hangs up.
fn start_false_writer() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = [0; 4096];
            if stream.read(&mut bytes).is_ok_and(|count| count > 0) {
                let _ = stream.write_all(&viabtc_package(102, VIABTC_REPLY, &[]));
            }
        }
    });
    address
}

/// Everything from the gateway on, with a false writer before the relay.
struct Pool {
    redis: RedisServer,
    roles: Roles,
    center: String,
    false_writer: String,
    running: BTreeMap<&'static str, ChildProcess>,
    _node: BcoinNode,
}

impl Pool {
    fn start(folder: &Path) -> Self {
        let (node, redis) = (BcoinNode::start(), RedisServer::start());
        let store = format!("redis_url = {:?}", redis.url());
        let roles = Roles::configure(folder, "bare", &node.url(), ADDRESS, &store);
        roles.make_key("other-key");
        let [relay, center] = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
        let (writer, spool) = (&roles.metawriter, roles.path("relay-data"));
        let text = format!(
            "listen = {relay:?}\nupstream = {writer:?}\ndata_folder = {spool:?}\nstop_wait_s = 60\n"
        );
        roles.write("metarelay", &text);
        roles.write("alertcenter", &format!("listen = {center:?}\n{store}\n"));
        let gateway = roles.gateway_text("gateway-data", &roles.stratum);
        let false_writer = start_false_writer().to_string();
        let gateway = gateway.replace(
            &format!("metawriter = {writer:?}"),
            &format!("metawriter = {false_writer:?}"),
        );
        roles.write("gateway", &format!("{gateway}more_metawriters = [{relay:?}]\n"));
        let mut pool =
            Self { redis, roles, center, false_writer, running: BTreeMap::new(), _node: node };
        for name in ["jobmaster", "metawriter", "metarelay", "alertcenter"] {
            pool.launch(name);
        }
        for address in [&relay, &pool.roles.metawriter, &pool.center] {
            wait_until_it_listens(address);
        }
        pool
    }

    fn launch(&mut self, name: &'static str) {
        let process = self.roles.start(name, name);
        self.running.insert(name, process);
    }

    /// Whoever takes a link of this pool, with its address.
    fn listeners(&self) -> BTreeMap<&'static str, String> {
        let relay = std::fs::read_to_string(self.roles.path("metarelay.toml")).unwrap();
        let relay = relay.lines().find_map(|line| line.strip_prefix("listen = ")).unwrap();
        BTreeMap::from([
            ("jobmaster", self.roles.jobmaster.clone()),
            ("metawriter", self.roles.metawriter.clone()),
            ("metarelay", relay.trim_matches('"').to_owned()),
            ("alertcenter", self.center.clone()),
        ])
    }

    /// A gateway comes, a miner has a share accepted, and all of it is in Redis; no role has anything left to say.
    fn mine_one(&mut self) {
        self.launch("gateway");
        let served = |line: &str| line.contains("miners are served");
        self.running["gateway"].wait_for_line(served, PATIENCE);
        let mut client = StratumClient::start(&self.roles.stratum, "alice.rig");
        let share = client.search(Wanted::Block);
        assert_eq!(client.submit(&share), 0, "the share is accepted");
        drop(client);
        for name in ["gateway", "metarelay"] {
            let lines = stop(self.running.remove(name).unwrap());
            let done = |line: &String| line.contains("every batch is acknowledged");
            assert!(lines.iter().any(done), "{name}: {}", lines.join("\n"));
            assert_no_fatal(name, &lines);
            if name == "gateway" {
                let of_false_writer: Vec<_> =
                    lines.iter().filter(|line| line.contains(&self.false_writer)).collect();
                let is_error = |line: &&String| line.contains(" ERROR metawriter: ");
                assert!(!of_false_writer.is_empty(), "{}", lines.join("\n"));
                assert!(of_false_writer.iter().all(is_error), "{of_false_writer:?}");
            }
        }
        self.launch("metarelay");
        wait_until_it_listens(&self.listeners()["metarelay"]);
    }

    fn shares_of_alice(&self) -> u64 {
        let counts: Vec<u64> = self.redis.connection().hvals("btc:s:alice").unwrap();
        counts.iter().sum()
    }

    fn alert(&self, key: &str) -> bool {
        let key = self.roles.path(key);
        let key = key.to_str().expect("a plain path");
        run(&["alert", "hello", "--alertcenter", &self.center, "--key", key], &[]).success
    }
}

fn assert_no_fatal(name: &str, lines: &[String]) {
    assert!(!lines.iter().any(|line| line.contains("FATAL")), "{name}: {}", lines.join("\n"));
}

fn wait_until_it_listens(address: &str) {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < deadline, "nobody listens at {address}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Strangers can come as often as they like: each role tells of the first with its address, and then now and then of
/// one more, with how many there were.
async fn assert_strangers_are_told_of_rarely(pool: &Pool, other_key: &ClusterKey) {
    let (listeners, deadline) = (pool.listeners(), Instant::now() + PATIENCE);
    let is_told = |line: &str| line.contains("WARN") && line.contains("127.0.0.1:");
    let counts_others = |line: &str| {
        is_told(line)
            && line.contains("does not hold the same cluster key")
            && line.contains(" more before)")
    };
    for name in listeners.keys() {
        pool.running[name].wait_for_line(is_told, PATIENCE);
    }
    let is_open = |name: &&str| !pool.running[name].lines().iter().any(|it| counts_others(it));
    let mut open: Vec<&str> = listeners.keys().copied().collect();
    while !open.is_empty() {
        assert!(Instant::now() < deadline, "no line that counts the others: {open:?}");
        for name in &open {
            assert!(link::connect(&listeners[name], other_key).await.is_err(), "{name}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        open.retain(is_open);
    }
}

/// A client from an address that a trust list would let in.
fn send_in_the_clear(address: &str, message: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    assert!(stream.local_addr().unwrap().ip().is_loopback());
    // It may be hung up on before all is written.
    let _ = stream.write_all(message);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty(), "it is told nothing: {answer:?}");
}

#[tokio::test]
async fn nobody_without_the_key_changes_what_is_stored_or_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut pool = Pool::start(folder.path());
    pool.mine_one();
    let before = read_redis(&mut pool.redis.connection());
    assert_eq!(pool.shares_of_alice(), 1);

    let other_key = ClusterKey::from_file(&pool.roles.path("other-key")).unwrap();
    let forgeries = [viabtc_forgeries(), own_forgeries()].concat();
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (name, address) in pool.listeners() {
        // Nobody takes datagrams there, so there is nothing to be forged.
        let taken = UdpSocket::bind(&address).unwrap_or_else(|it| panic!("{name}: {it}"));
        drop(taken);
        for message in &forgeries {
            // The one before may have been answered by the kernel: nobody is there.
            let _ = stranger.send_to(message, &address);
            send_in_the_clear(&address, message);
        }
        assert!(link::connect(&address, &other_key).await.is_err(), "{name}: it has another key");
    }
    assert_strangers_are_told_of_rarely(&pool, &other_key).await;
    assert!(!pool.alert("other-key"));
    assert_eq!(read_redis(&mut pool.redis.connection()), before);

    // Those with the key are served as before.
    assert!(pool.alert("key"));
    pool.mine_one();
    assert_eq!(pool.shares_of_alice(), 2);
    let alerts: Vec<String> = pool.redis.connection().lrange("alert:message", 0, -1).unwrap();
    assert!(alerts.len() == 1 && alerts[0].ends_with("hello"), "{alerts:?}");
    let stored = read_redis(&mut pool.redis.connection());
    assert!(!stored.keys().any(|key| key.contains("mallory")), "{stored:?}");
    for (name, role) in pool.running {
        let lines = stop(role);
        assert_no_fatal(name, &lines);
    }
}
