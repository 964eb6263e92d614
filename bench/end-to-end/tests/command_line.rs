//! The commands besides roles: help, doctor, configurations, keys.

use std::net::TcpListener;

use sluice_end_to_end::sluice::run;

#[test]
fn every_command_explains_itself() {
    let commands = [
        "",
        "up",
        "gateway",
        "jobmaster",
        "metawriter",
        "miner",
        "config",
        "config print",
        "config check",
        "key",
        "key new",
        "store",
        "store print",
        "ctl",
        "ctl ban",
        "ctl ban list",
        "ctl ban add",
        "ctl ban remove",
        "ctl say",
        "ctl reconnect",
        "doctor",
    ];
    for command in commands {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let ran = run(&arguments, &[]);
        assert!(ran.success, "{command}: {}", ran.error);
        let usage = format!("Usage: sluice {command}");
        assert!(ran.out.contains(usage.trim()), "{command}: {}", ran.out);
        assert_eq!(ran.error, "", "{command}");
    }
    let version = run(&["--version"], &[]);
    assert!(version.success && version.out.starts_with("sluice "), "{version:?}");
    let ran = run(&["dig"], &[]);
    assert!(!ran.success && ran.error.contains("dig"), "{ran:?}");
}

#[test]
fn doctor_has_a_line_for_each_check_and_the_remedy_in_it() {
    let checks = [
        "kernel",
        "descriptors",
        "locked memory",
        "open files",
        "accept queue",
        "half-open queue",
        "socket memory",
        "memory",
        "io_uring",
        "clock",
        "port",
    ];
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (listen, success) in [("127.0.0.1:0", true), (&address, false)] {
        let ran = run(&["doctor", "--listen", listen, "--connections", "100"], &[]);
        assert_eq!(ran.success, success, "{ran:?}");
        let lines: Vec<&str> = ran.out.lines().collect();
        assert_eq!(lines.len(), checks.len(), "{}", ran.out);
        for (line, check) in lines.iter().zip(checks) {
            let finding = line.strip_prefix(check).expect("lines keep their order").trim_start();
            let mended = ["better  ", "BROKEN  "].iter().any(|word| finding.starts_with(word));
            assert_eq!(mended, finding.contains("; mend: "), "{line}");
            assert!(mended || finding.starts_with("ok  "), "{line}");
        }
        let port = lines[checks.len() - 1];
        assert_eq!(port.contains("BROKEN"), !success, "{port}");
    }
}

#[test]
fn what_config_print_prints_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    for role in ["gateway", "jobmaster", "metawriter"] {
        let mut printed = run(&["config", "print", role], &[]).out;
        let file = folder.path().join(format!("{role}.toml"));
        let check = |text: &str| {
            std::fs::write(&file, text).unwrap();
            run(&["config", "check", file.to_str().unwrap()], &[])
        };
        if role == "jobmaster" {
            // Nobody but its owner knows whom the coinbase pays.
            let ran = check(&printed);
            assert!(!ran.success && ran.error.contains("payout_address"), "{ran:?}");
            let address = "payout_address = \"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\"";
            printed = printed.replace("payout_address = \"\"", address);
        }
        let ran = check(&printed);
        assert!(ran.success && ran.out.trim_end().ends_with(": ok"), "{ran:?}");
    }
}

#[test]
fn a_key_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cluster.key");
    let arguments = ["key", "new", file.to_str().unwrap()];
    assert!(run(&arguments, &[]).success);
    let key = std::fs::read_to_string(&file).unwrap();
    assert_eq!(key.trim_end().len(), 64, "{key}");
    let again = run(&arguments, &[]);
    assert!(!again.success && again.error.contains("choose another name"), "{again:?}");
    assert_eq!(again.error.lines().count(), 1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), key, "the first one is kept");
}
