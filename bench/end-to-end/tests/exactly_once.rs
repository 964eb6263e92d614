//! Every role on the way of a share into Redis is killed, again and again: what miners saw accepted is there once,
//! account by account and minute by minute.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::redis::RedisServer;
use sluice_end_to_end::roles::{Roles, stop};
use sluice_end_to_end::sluice::{PATIENCE, run};
use sluice_end_to_end::store_dump::{StoreDump, StoreValue, read_redis};
use sluice_end_to_end::stratum::{StratumClient, Wanted};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const ROUNDS: usize = 14;

/// Who is killed at the end of a round.
const VICTIMS: [&[&str]; 7] = [
    &["gateway"],
    &["metarelay"],
    &["metawriter"],
    &["redis"],
    &["gateway", "redis"],
    &["metawriter-b", "gateway"],
    &["gateway", "metarelay", "metawriter", "metawriter-b", "redis"],
];

fn minute_now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
    now.as_secs() / 60 * 60
}

/// Shares that were seen accepted: by account, and by the minutes in which they can have arrived.
#[derive(Default)]
struct Seen(BTreeMap<String, Vec<(u64, u64)>>);

impl Seen {
    fn add(&mut self, user: &str, before: u64, after: u64) {
        self.0.entry(user.to_owned()).or_default().push((before, after));
    }

    fn check(&self, store: &StoreDump) {
        for (user, shares) in &self.0 {
            let Some(StoreValue::Hash(held)) = store.get(&format!("btc:s:{user}")) else {
                panic!("{user} has nothing")
            };
            let held: BTreeMap<u64, usize> = held
                .iter()
                .map(|(minute, count)| (minute.parse().unwrap(), count.parse().unwrap()))
                .collect();
            assert_eq!(held.values().sum::<usize>(), shares.len(), "{user}: {held:?} {shares:?}");
            for (minute, count) in held {
                let surely = shares.iter().filter(|share| **share == (minute, minute)).count();
                let perhaps =
                    shares.iter().filter(|(first, last)| *first == minute || *last == minute);
                let perhaps = perhaps.count();
                assert!((surely..=perhaps).contains(&count), "{user} {minute}: {count} {shares:?}");
            }
        }
    }
}

/// A pool with a relay and two writers before one Redis.
struct Pool {
    _node: BcoinNode,
    redis: RedisServer,
    roles: Roles,
    running: BTreeMap<&'static str, ChildProcess>,
    /// The block found last, which the next miner's work has to follow.
    tip: Option<String>,
}

impl Pool {
    fn start(folder: &std::path::Path) -> Self {
        let (node, redis) = (BcoinNode::start(), RedisServer::start());
        let store = format!("redis_url = {:?}", redis.url());
        let roles = Roles::configure(folder, "bare", &node.url(), ADDRESS, &store);
        let [relay, second] = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
        let first = roles.metawriter.clone();
        roles.write("metawriter-b", &format!("listen = {second:?}\n[store]\n{store}\n"));
        let spool = roles.path("relay-data");
        roles.write(
            "metarelay",
            &format!(
                "listen = {relay:?}\nupstream = {first:?}\nmore_upstreams = [{second:?}]\ndata_folder = {spool:?}\n\
                 stop_wait_s = 60\n"
            ),
        );
        // The gateway knows a way past the relay as well.
        let gateway = roles.gateway_text("gateway-data", &roles.stratum);
        let gateway =
            gateway.replace(&format!("metawriter = {first:?}"), &format!("metawriter = {relay:?}"));
        let more = format!("more_metawriters = [{second:?}]\nshare_log = true\n");
        roles.write("gateway", &(gateway + &more));
        let mut pool = Self { _node: node, redis, roles, running: BTreeMap::new(), tip: None };
        for name in ["jobmaster", "metawriter", "metawriter-b", "metarelay", "gateway"] {
            pool.launch(name);
        }
        pool
    }

    fn launch(&mut self, name: &'static str) {
        if name == "redis" {
            return self.redis.restart();
        }
        let role = name.strip_suffix("-b").unwrap_or(name);
        let process = self.roles.start(role, name);
        if name == "gateway" {
            process.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
        }
        self.running.insert(name, process);
    }

    fn kill(&mut self, name: &'static str) {
        match self.running.get_mut(name) {
            Some(process) => drop(process.kill()),
            None => self.redis.kill(),
        }
    }

    /// A miner comes, has some shares accepted, and is gone.
    fn mine(&mut self, user: &str, shares: usize, seen: &mut Seen) {
        let mut client = StratumClient::start(&self.roles.stratum, &format!("{user}.rig"));
        // Its shard may not have heard of it yet; a block beside it would lead nowhere.
        if let Some(tip) = &self.tip {
            client.wait_for_job(|job| job.parent_hash() == *tip);
        }
        for _ in 0..shares {
            let share = client.search(Wanted::Block);
            let before = minute_now();
            assert_eq!(client.submit(&share), 0, "nobody else finds blocks: {share:?}");
            seen.add(user, before, minute_now());
            let found = share.block.expect("a block was searched").to_string();
            client.wait_for_job(|job| job.parent_hash() == found);
            self.tip = Some(found);
        }
    }

    fn stop(mut self) -> StoreDump {
        for name in ["gateway", "metarelay", "jobmaster"] {
            let lines = stop(self.running.remove(name).expect("it runs"));
            assert!(!lines.iter().any(|line| line.contains("FATAL")), "{}", lines.join("\n"));
            if name != "jobmaster" {
                let done = |line: &String| line.contains("every batch is acknowledged");
                assert!(lines.iter().any(done), "{name}: {}", lines.join("\n"));
            }
        }
        for name in ["metawriter", "metawriter-b"] {
            stop(self.running.remove(name).expect("it runs"));
        }
        read_redis(&mut self.redis.connection())
    }
}

#[test]
fn what_miners_saw_accepted_is_in_redis_once_whatever_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut pool = Pool::start(folder.path());
    let mut seen = Seen::default();
    for round in 0..ROUNDS {
        pool.mine(["alice", "bob", "carol"][round % 3], 1 + round % 2, &mut seen);
        let victims = VICTIMS[round % VICTIMS.len()];
        // At once: what was accepted last is in no batch yet.
        for victim in victims {
            pool.kill(victim);
        }
        for victim in victims.iter().rev() {
            pool.launch(victim);
        }
    }
    pool.mine("alice", 2, &mut seen);
    let total: usize = seen.0.values().map(Vec::len).sum();
    assert!(total > ROUNDS, "most shares were accepted: {total}");
    let log = pool.roles.path("gateway-data").join("shares");
    let store = pool.stop();
    seen.check(&store);
    check_share_log(log.to_str().expect("a plain path"), &seen);
}

#[test]
fn a_share_log_leaves_the_disk_to_what_pays() {
    let folder = tempfile::tempdir().unwrap();
    let node = BcoinNode::start();
    let store = folder.path().join("store.redb");
    let store = format!("embedded_path = {store:?}");
    let roles = Roles::configure(folder.path(), "bare", &node.url(), ADDRESS, &store);
    let log = roles.path("log");
    let text = roles.gateway_text("gateway-data", &roles.stratum);
    // More than any disk has.
    let more = format!(
        "share_log = true\nshare_log_folder = {log:?}\nshare_log_free_bytes_min = {}\n",
        1_u64 << 60
    );
    roles.write("gateway", &(text + &more));
    let [_jobmaster, _metawriter, gateway] =
        ["jobmaster", "metawriter", "gateway"].map(|role| roles.start(role, role));
    gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
    let mut client = StratumClient::start(&roles.stratum, "alice.rig");
    let share = client.search(Wanted::Block);
    assert_eq!(client.submit(&share), 0, "it is accepted all the same");
    let told = |line: &str| line.contains("FATAL") && line.contains("share_log_free_bytes_min");
    gateway.wait_for_line(told, PATIENCE);
    let lines = stop(gateway);
    assert!(lines.iter().any(|line| line.contains("every batch is acknowledged")), "{lines:?}");
    assert_eq!(std::fs::read_dir(log).unwrap().count(), 0);
}

/// The share log tells the same, share by share: it outlives every kill as well.
fn check_share_log(folder: &str, seen: &Seen) {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    let is_segment = |name: &String| name.ends_with(".shares") || name.ends_with(".shares.zst");
    assert!(names.iter().all(is_segment), "nothing is left half done: {names:?}");
    for (user, shares) in &seen.0 {
        let ran = run(&["shares", "cat", folder, "--account", user, "--accepted", "--json"], &[]);
        assert!(ran.success, "{}", ran.error);
        let logged: Vec<Value> =
            ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(logged.len(), shares.len(), "{user}: {logged:?} {shares:?}");
        for (logged, (before, after)) in logged.iter().zip(shares) {
            let minute = logged["time"].as_u64().unwrap() / 60 * 60;
            assert!((*before..=*after).contains(&minute), "{logged} {before} {after}");
            assert_eq!((&logged["account"], &logged["worker"]), (&json!(user), &json!("rig")));
        }
    }
    let all: usize = seen.0.values().map(Vec::len).sum();
    let stats = |more: &[&str]| -> Value {
        let ran = run(&[&["shares", "stats", folder, "--json"], more].concat(), &[]);
        assert!(ran.success, "{}", ran.error);
        serde_json::from_str(&ran.out).unwrap()
    };
    let whole = stats(&[]);
    assert_eq!(whole["accepted"], json!(all), "{whole}");
    let parts: f64 =
        whole["accounts"].as_array().unwrap().iter().map(|it| it["part"].as_f64().unwrap()).sum();
    assert!((parts - 1.0).abs() < 1e-9, "{whole}");
    let of_alice = |stats: &Value| {
        let accounts = stats["accounts"].as_array().unwrap();
        accounts.iter().find(|it| it["account"] == "alice").unwrap()["part"].clone()
    };
    let alone = stats(&["--account", "alice"]);
    assert_eq!(of_alice(&alone), of_alice(&whole), "a part is of all work: {alone} {whole}");
    // A window ends with the second before the present one.
    std::thread::sleep(std::time::Duration::from_secs(1));
    // All shares are of one difficulty: a window of two and a half of them holds the newest three.
    let each = whole["difficulty"].as_f64().unwrap() / all as f64;
    let window = stats(&["--last", &format!("{}", 2.5 * each)]);
    assert_eq!(window["accepted"], 3, "{window}");
    assert_eq!(window["accounts"][0]["account"], "alice", "she was last: {window}");
    let too_much = format!("{}", 2.0 * each * all as f64);
    let ran = run(&["shares", "stats", folder, "--last", &too_much], &[]);
    assert!(!ran.success && ran.error.contains("together, less than"), "{ran:?}");
    let table = run(&["shares", "stats", folder], &[]);
    assert!(
        table.success && table.out.contains("alice") && table.out.contains("part %"),
        "{table:?}"
    );
    // What cannot be read is an error, once the rest is told.
    std::fs::write(std::path::Path::new(folder).join("9-0-1-000001.shares"), "spoilt").unwrap();
    let gaps = run(&["shares", "cat", folder, "--accepted"], &[]);
    assert!(!gaps.success && gaps.error.contains("1 files could not be read"), "{gaps:?}");
    assert_eq!(gaps.out.lines().count(), all, "{gaps:?}");
}
