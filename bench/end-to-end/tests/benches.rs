//! `sluice bench` in small: what it prints, and that its own checks hold.

use std::process::Command;

use serde_json::Value;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::sluice::{PATIENCE, command, run};

/// Runs a bench and reads the last line of stdout.
fn result(arguments: &[&str]) -> Value {
    let arguments = [&["bench"], arguments, &["--json"]].concat();
    let ran = run(&arguments, &[]);
    assert!(ran.success, "{arguments:?}: {}", ran.error);
    assert!(!ran.error.is_empty(), "{arguments:?} shows its progress");
    let last = ran.out.lines().last().expect("a result");
    let object: Value = serde_json::from_str(last).expect("the last line is JSON");
    // The table has every field too.
    let fields = object.as_object().unwrap().values();
    let lines: usize = fields.map(|value| value.as_array().map_or(1, Vec::len)).sum();
    assert_eq!(ran.out.lines().count(), lines + 1, "{}", ran.out);
    object
}

/// The fields that must be there, as numbers above zero.
fn assert_positive(object: &Value, fields: &[&str]) {
    for field in fields {
        let value = object[field].as_f64().unwrap_or_else(|| panic!("{field} in {object}"));
        assert!(value > 0.0, "{field} in {object}");
    }
}

#[test]
fn connections_are_held_and_every_miner_gets_every_job() {
    let object = result(&["connections", "--count", "200"]);
    assert_eq!((&object["held"], &object["failed"]), (&200.into(), &0.into()), "{object}");
    assert_positive(
        &object,
        &[
            "shards",
            "accept_cpu_us",
            "broadcast_cpu_us_per_connection",
            "broadcast_last_ms",
            "bare_accept_cpu_us",
            "bare_broadcast_cpu_us_per_connection",
            "broadcast_ratio_to_bare",
        ],
    );
    assert!(object["rss_bytes_per_connection"].is_number(), "{object}");
}

#[test]
fn a_storm_leaves_nobody_out_and_the_others_mining() {
    let object = result(&["connections", "--count", "300", "--storm", "--shards", "1"]);
    assert_eq!((&object["held"], &object["failed"]), (&300.into(), &0.into()), "{object}");
    assert_eq!(object["shards"], 1);
    assert_positive(
        &object,
        &["storm_seconds", "p50_us", "p99_us", "storm_p50_us", "storm_p99_us"],
    );
}

#[test]
fn every_share_is_accepted_and_measured_beside_an_echo() {
    let sizes = ["--connections", "50", "--outstanding", "8", "--seconds", "1"];
    let object = result(&[&["submit"], &sizes[..]].concat());
    assert_eq!(object["accepted"], object["shares"], "{object}");
    assert_eq!((&object["connections"], &object["outstanding"]), (&50.into(), &8.into()));
    assert_positive(
        &object,
        &[
            "shares",
            "cpu_us_per_share",
            "process_cpu_us_per_share",
            "echo_cpu_us",
            "ratio_to_echo",
            "p50_us",
            "p99_us",
            "echo_p50_us",
            "echo_p99_us",
            "read_write_us",
            "scan_us",
            "check_us",
        ],
    );
    // Differences of what is measured: on a machine that does other things, too, any of them may be nothing.
    for field in ["account_us", "rest_us", "journal_us", "journal_part"] {
        assert!(object[field].is_number(), "{field} in {object}");
    }
}

#[test]
fn quiet_miners_are_measured_in_all_three_cases() {
    let sizes = ["--quiet", "20", "--flood", "300", "--others", "100", "--seconds", "2"];
    let object = result(&[&["fairness"], &sizes[..]].concat());
    assert_positive(
        &object,
        &[
            "quiet_p50_us",
            "quiet_p99_us",
            "flood_p50_us",
            "flood_p99_us",
            "flood_shares_per_second",
            "flood_ratio",
            "broadcast_p50_us",
            "broadcast_p99_us",
            "broadcast_ratio",
        ],
    );
    assert!(object["broadcasts"].as_u64().unwrap() >= 1, "{object}");
}

#[test]
fn every_bench_teaches_and_refuses_what_makes_no_sense() {
    for (bench, taught) in [
        ("connections", "--set-sysctls"),
        ("submit", "--outstanding"),
        ("fairness", "--flood"),
        ("accounting", "publish_rows_per_second_max"),
    ] {
        let ran = run(&["bench", bench, "--help"], &[]);
        assert!(ran.success && ran.out.contains(taught) && ran.out.contains("How:"), "{ran:?}");
        let ran = run(&["bench", bench, "--cores", "9-1"], &[]);
        assert!(!ran.success && ran.error.contains("as in 0,2-5"), "{ran:?}");
    }
    let listed = run(&["bench", "--help"], &[]);
    assert!(listed.success && !listed.out.contains("swarm-miners"), "{listed:?}");
}

#[test]
fn a_run_that_is_stopped_or_killed_leaves_no_folder_for_good() {
    let parent = tempfile::tempdir().unwrap();
    let folders = || std::fs::read_dir(parent.path()).unwrap().count();
    let bench = command(&["bench", "connections", "--count", "20"]);
    let start = |starter: &[&str]| {
        let mut command = Command::new(starter[0]);
        command
            .args(&starter[1..])
            .arg(bench.get_program())
            .args(bench.get_args())
            .env("TMPDIR", parent.path());
        let run = ChildProcess::start("bench", &mut command).unwrap();
        run.wait_for_line(|line| line.contains("miners hold"), PATIENCE);
        run
    };
    // Whatever the tests themselves were started with.
    let heeding = ["env", "--default-signal=HUP"];
    let mut killed = start(&heeding);
    killed.kill();
    assert_eq!(folders(), 1);
    // The next run removes it, and its own when the terminal goes.
    let mut stopped = start(&heeding);
    stopped.hang_up();
    let status = stopped.wait_for_exit(PATIENCE);
    assert!(!status.success() && folders() == 0, "{status}: {}", stopped.log_tail());
    // Unless it is to outlive the terminal.
    let mut kept = start(&["nohup"]);
    kept.hang_up();
    let status = kept.wait_for_exit(PATIENCE);
    assert!(status.success() && folders() == 0, "{status}: {}", kept.log_tail());
}

#[test]
fn a_gateway_that_does_not_start_is_quoted() {
    // More connections on one shard than the kernel lets a ring have.
    let ran = run(&["bench", "connections", "--count", "2000000", "--shards", "1"], &[]);
    assert!(!ran.success, "{ran:?}");
    assert!(ran.error.contains("limit of open files") || ran.error.contains("file-max"), "{ran:?}");
}

#[test]
fn a_simulated_crowd_gets_its_difficulties_under_the_default_policy() {
    let object = result(&["vardiff", "--miners", "200", "--minutes", "40"]);
    assert_positive(&object, &["shares", "interval_p5", "interval_median", "interval_p95"]);
    assert_eq!(object["rejected_low_difficulty"], 0, "{object}");
    assert_eq!(object["kinds"].as_array().unwrap().len(), 3, "{object}");
    let printed = run(&["config", "print", "gateway"], &[]).out;
    for key in ["difficulty_start", "difficulty_min", "share_interval_target_s"] {
        let line = printed.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
        let value: f64 = line.unwrap().parse().unwrap();
        assert_eq!(object[key].as_f64().unwrap(), value, "{key}");
    }
}

#[test]
fn every_kernel_is_measured_beside_the_libraries() {
    let object = result(&["share-check", "--seconds", "0.2"]);
    let fields = ["ns_per_share", "shares_per_second", "bitcoin_hashes_ns", "sha2_ns", "ratio"];
    assert_positive(&object, &fields);
    let kernels = object["kernels"].as_array().unwrap();
    assert!(kernels.len() >= 2, "{object}");
    for row in kernels {
        assert_positive(row, &fields);
        // Only what is written instruction by instruction has such a bound.
        if ["avx2", "sha-ni-assembly"].contains(&row["kernel"].as_str().unwrap()) {
            assert_positive(row, &["bound_ns", "ratio_to_bound"]);
        }
    }
    assert!(kernels.iter().any(|row| row["kernel"] == object["kernel"]), "{object}");
    for part in ["scan", "duplicates"] {
        let rows = object[part].as_array().unwrap();
        assert!(rows.len() >= 2 && rows[0]["name"] == "gateway", "{object}");
        rows.iter().for_each(|row| assert_positive(row, &["ns"]));
    }
}

#[test]
fn a_new_block_is_followed_from_the_node_to_the_last_miner() {
    let sizes = ["--connections", "50", "--rounds", "3", "--transactions", "20"];
    let object = result(&[&["job-fanout"], &sizes[..]].concat());
    assert_eq!((&object["connections"], &object["rounds"]), (&50.into(), &3.into()), "{object}");
    let fields = [
        "node_to_first_us",
        "node_to_last_ms",
        "feed_us_p50",
        "feed_us_p99",
        "bare_us_p50",
        "bare_us_p99",
    ];
    assert_positive(&object, &fields);
    let number = |field: &str| object[field].as_f64().unwrap();
    assert!(number("node_to_first_us") <= number("node_to_last_ms") * 1000.0, "{object}");
    // A datagram may be lost where nobody makes room for it; most are not.
    assert!(number("feed_samples") > 500.0, "{object}");
}

#[test]
fn minutes_of_tallies_go_through_a_writer_into_redis() {
    let sizes = ["--workers", "3000", "--workers-per-account", "10", "--minutes", "2"];
    let object = result(&[&["accounting", "--times", "2"], &sizes[..]].concat());
    assert_eq!((&object["workers"], &object["accounts"]), (&3000.into(), &300.into()), "{object}");
    // Eight shards, each with fewer workers than a batch takes, twice a minute.
    assert_eq!(
        (&object["rows_per_minute"], &object["batches_per_minute"]),
        (&6000.into(), &16.into())
    );
    assert_positive(
        &object,
        &[
            "seconds_per_minute",
            "first_minute_seconds",
            "rows_per_second",
            "redis_commands_per_second",
            "redis_commands_per_row",
            "writer_cpu_us_per_row",
            "redis_cpu_us_per_row",
            "rss_bytes",
            "redis_rss_bytes",
        ],
    );
    let ran = run(&["bench", "accounting", "--redis-server", "/no/such/redis"], &[]);
    assert!(!ran.success && ran.error.contains("/no/such/redis cannot be started"), "{ran:?}");
}

/// The relay's disk is a file system of five pages in a namespace of the test's own: it is full most of the time.
#[test]
fn every_accepted_share_is_in_redis_once_whoever_is_killed_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let binary = command(&[]);
    let script = "mount -t tmpfs -o size=20k tmpfs \"$1\" && exec \"$0\" bench endurance --miners 8 --seconds 25 \
                  --relay-folder \"$1\" --json";
    let mut unshared = Command::new("unshare");
    unshared.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
    let ran = unshared.arg(binary.get_program()).arg(folder).output().expect("util-linux has it");
    let (out, error) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(
        !error.starts_with("unshare:"),
        "{error}: let this user make user namespaces, as bench/end-to-end/README.md says"
    );
    assert!(ran.status.success(), "{error}");
    let object: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_positive(&object, &["accepted", "unanswered", "kills", "cuts", "full_disks"]);
    let number = |field: &str| object[field].as_u64().unwrap();
    assert!(number("connections") > 8, "the gateway was gone at least once: {object}");
    let most = number("accepted") + number("unanswered");
    assert!((number("accepted")..=most).contains(&number("stored")), "{object}");
}
