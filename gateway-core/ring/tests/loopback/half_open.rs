//! Peers whose end nobody tells of: the network between is gone.

use std::process::Command;
use std::time::Duration;

use sluice_ring::{EngineConfig, Sent};

use crate::server::Server;

/// Set in the process that has a network of its own.
const INSIDE: &str = "SLUICE_TEST_NETWORK_OF_ITS_OWN";

/// Runs a test of this program again, in a network namespace where nothing but it lives.
fn in_a_network_of_its_own(test: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let inside = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net"])
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare is part of util-linux");
    let said = String::from_utf8_lossy(&inside.stdout);
    let complained = String::from_utf8_lossy(&inside.stderr);
    assert!(inside.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}

fn loopback(state: &str) {
    let status = Command::new("ip").args(["link", "set", "lo", state]).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_peer_that_vanished_is_closed_whether_it_is_sent_to_or_not() {
    in_a_network_of_its_own(
        "half_open::a_peer_that_vanished_is_closed_whether_it_is_sent_to_or_not",
        || {
            loopback("up");
            let peer_timeout = Duration::from_secs(3);
            let mut server = Server::new(EngineConfig { peer_timeout, ..EngineConfig::default() });
            let ((quiet, _), (reader, told)) = (server.connect(), server.connect());
            loopback("down");
            assert_eq!(server.engine.send(told, b"a job\n"), Sent::Queued);
            server.turn_until(|server| server.log.closed.len() == 2);
            drop([quiet, reader]);
        },
    );
}
