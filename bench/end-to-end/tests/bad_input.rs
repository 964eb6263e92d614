//! What goes wrong at the start: one line with the cause and the remedy, and a non-zero exit.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::pool::Pool;
use sluice_end_to_end::ports::free_port;
use sluice_end_to_end::redis::RedisServer;
use sluice_end_to_end::sluice::run;

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

/// Runs to a failure, and checks that stderr is one line with all of `wanted`.
fn fails(arguments: &[&str], environment: &[(&str, &str)], wanted: &[&str]) {
    let ran = run(arguments, environment);
    assert!(!ran.success, "{arguments:?} went on: {}", ran.out);
    assert_eq!(ran.error.lines().count(), 1, "{arguments:?}: {}", ran.error);
    for text in wanted {
        assert!(ran.error.contains(text), "{arguments:?}: '{text}' is not in: {}", ran.error);
    }
    assert_eq!(ran.out, "", "{arguments:?}");
}

/// `sluice up` on a free port, with a folder of its own.
fn up_fails(arguments: &[&str], wanted: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut all = vec!["up", "--data", data];
    if !arguments.contains(&"--listen") {
        all.extend(["--listen", "127.0.0.1:0"]);
    }
    all.extend(arguments);
    fails(&all, &[], wanted);
}

#[test]
fn wrong_rpc_password() {
    let node = BcoinNode::start();
    let url = format!("http://bitcoinrpc:wrong@{}", node.address());
    let wanted = ["refuses the user or the password", "rpcauth"];
    up_fails(&["--node", &url, "--payout", ADDRESS], &wanted);
}

#[test]
fn node_down_at_the_start() {
    let address = format!("127.0.0.1:{}", free_port());
    let url = format!("http://u:p@{address}");
    let wanted = [&format!("no node answers at {address}")[..], "start it, or correct"];
    up_fails(&["--node", &url, "--payout", ADDRESS], &wanted);
}

#[test]
fn what_answers_is_no_node() {
    let redis = RedisServer::start();
    let url = format!("http://u:p@{}", redis.address());
    up_fails(&["--node", &url, "--payout", ADDRESS], &["correct the address"]);
    up_fails(&["--node", "nonsense", "--payout", ADDRESS], &["write http://USER:PASSWORD@HOST"]);
}

#[test]
fn address_of_another_network_or_with_a_typing_error() {
    let node = BcoinNode::start();
    let url = node.url();
    for other in [
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    ] {
        let wanted = ["does not belong to regtest", "give one of"];
        up_fails(&["--node", &url, "--payout", other], &wanted);
    }
    for typo in [
        "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt081",
        "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfm",
        "alice",
    ] {
        let wanted = ["is no Bitcoin address", "check every character"];
        up_fails(&["--node", &url, "--payout", typo], &wanted);
    }
}

#[test]
fn port_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    up_fails(&["--listen", &address], &[&address, "taken", "choose another"]);
    up_fails(&["--listen", "nonsense"], &["nonsense", "HOST:PORT"]);
}

#[test]
fn port_and_folder_of_another_pool() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path(), &[]);
    up_fails(&["--listen", &pool.address], &[&pool.address, "taken", "choose another"]);
    let data = folder.path().to_str().unwrap();
    let up = ["up", "--data", data, "--listen", "127.0.0.1:0"];
    // The embedded store comes first: it is one process's as well.
    fails(&up, &[], &["sandbox/store.redb", "another process"]);
    let redis = RedisServer::start();
    let url = redis.url();
    let up = [&up[..], &["--redis", &url]].concat();
    fails(&up, &[], &["sandbox/gateway", "in use by another process", "stop the other one"]);
    // The first one goes on.
    pool.wait_for("shares", 1);
    pool.stop();
}

#[test]
fn a_folder_that_is_none() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let data = file.path().to_str().unwrap();
    fails(&["up", "--listen", "127.0.0.1:0", "--data", data], &[], &[data, "with --data"]);
}

#[test]
fn redis_down_or_locked() {
    let address = format!("127.0.0.1:{}", free_port());
    let url = format!("redis://{address}/0");
    up_fails(&["--redis", &url], &[&format!("no Redis answers at {address}"), "start it"]);
    let locked = RedisServer::start_with_password("secret");
    for url in [
        format!("redis://:wrong@{}/0", locked.address()),
        format!("redis://{}/0", locked.address()),
    ] {
        up_fails(&["--redis", &url], &["does not accept the password", "redis://:PASSWORD@"]);
    }
    up_fails(&["--redis", "http://x"], &["no Redis address", "redis://HOST:PORT"]);
}

#[test]
fn a_worker_name_that_no_key_can_hold() {
    up_fails(&["--miner-user", ""], &["--miner-user", "empty"]);
    up_fails(&["--miner-user", "alice.rig 1:x"], &["--miner-user", "letters, digits"]);
}

#[test]
fn tag_too_long() {
    let tag = "x".repeat(101);
    up_fails(&["--tag", &tag], &["101 bytes", "shorten"]);
}

#[test]
fn a_broken_configuration_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    for role in ["gateway", "jobmaster", "metawriter"] {
        for (text, wanted) in [
            ("listen = \"0.0.0.0:1\"\nlitsen = 1\n", ["line 2", "litsen"]),
            ("\nlisten = 5\n", ["line 2", "invalid type"]),
            ("listen = \"0.0.0.0:1\"\n\n[broken\n", ["line 3", role]),
        ] {
            let file = folder.path().join(format!("{role}.toml"));
            std::fs::write(&file, text).unwrap();
            let file = file.to_str().unwrap();
            fails(&[role, "--config", file], &[], &wanted);
            fails(&["config", "check", file], &[], &wanted);
        }
        let print = format!("sluice config print {role}");
        fails(&[role, "--config", "/nonexistent.toml"], &[], &["nonexistent.toml", &print]);
    }
}

#[test]
fn a_bad_variable_is_told_by_its_name() {
    for (role, variable, value) in [
        ("gateway", "SLUICE_GATEWAY_SHARDS", "two"),
        ("gateway", "SLUICE_GATEWAY_SHARD", "2"),
        ("jobmaster", "SLUICE_JOBMASTER_POLL_INTERVAL_MS", "often"),
        ("jobmaster", "SLUICE_JOBMASTER_NODE_ULR", "http://u:p@127.0.0.1:1"),
        ("metawriter", "SLUICE_METAWRITER_STORE__REPLY_TIMEOUT_MS", "-1"),
        ("metawriter", "SLUICE_METAWRITER_STORE__URL", "redis://127.0.0.1:1"),
    ] {
        fails(&[role], &[(variable, value)], &[variable]);
    }
}

#[test]
fn a_key_that_is_missing_exposed_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cluster.key");
    let key = path.to_str().unwrap();
    let told = |wanted: &[&str]| {
        for role in ["gateway", "jobmaster", "metawriter"] {
            let variable = format!("SLUICE_{}_CLUSTER_KEY_FILE", role.to_uppercase());
            fails(&[role], &[(&variable, key)], &[&[key], wanted].concat());
        }
    };
    told(&["is not there", "sluice key new"]);
    assert!(run(&["key", "new", key], &[]).success);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    told(&["other users", "chmod 600"]);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, "secret\n").unwrap();
    told(&["64 hexadecimal digits", "sluice key new"]);
}

#[test]
fn a_miner_without_a_pool() {
    let pool = format!("127.0.0.1:{}", free_port());
    fails(&["miner", "--threads", "1", "--pool", &pool], &[], &["no pool answers", "start it"]);
}

/// The gateway and doctor see the same lack, and say what to set before anything is started.
#[test]
fn a_machine_that_cannot_carry_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("cluster.key");
    assert!(run(&["key", "new", key.to_str().unwrap()], &[]).success);
    let file = folder.path().join("gateway.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\ncluster_key_file = {key:?}\ndata_folder = {:?}\n\
         shards = 2\nconnections_per_shard_max = 5000\n",
        folder.path().join("data")
    );
    std::fs::write(&file, text).unwrap();
    let limited = |role: &str| {
        let binary = sluice_end_to_end::sluice::binary();
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -n 300; exec \"$0\" \"$1\" --config \"$2\""]);
        shell.arg(binary).arg(role).arg(&file).output().unwrap()
    };
    let gateway = limited("gateway");
    let error = String::from_utf8(gateway.stderr).unwrap();
    assert!(!gateway.status.success());
    for part in ["300 open files are allowed, 5000 are needed", "LimitNOFILE=5000"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!folder.path().join("data").exists(), "nothing was begun");
    let doctor = limited("doctor");
    let found = String::from_utf8(doctor.stdout).unwrap();
    assert!(!doctor.status.success());
    let line = found.lines().find(|line| line.starts_with("descriptors")).unwrap();
    assert!(line.contains("BROKEN") && line.contains("LimitNOFILE=5000"), "{line}");
}
