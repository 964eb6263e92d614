//! Tests that need a network of their own.

use std::process::Command;

/// Set in the process that has a network of its own.
const INSIDE: &str = "SLUICE_TEST_NETWORK_OF_ITS_OWN";

/// Runs a test of this program again, in a network namespace where nothing but it lives.
pub(crate) fn in_a_network_of_its_own(test: &str, body: impl FnOnce()) {
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
    assert!(
        !complained.starts_with("unshare:"),
        "{complained}: let this user make user namespaces, as bench/end-to-end/README.md says"
    );
    assert!(inside.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}

/// Changes the network of this process.
pub(crate) fn ip(arguments: &[&str]) {
    let status = Command::new("ip").args(arguments).status().expect("iproute2 is installed");
    assert!(status.success(), "ip {arguments:?}");
}
