//! A pool on the sandbox chain: what the store holds is what the miners counted.

use std::path::Path;

use bitcoin::BlockHash;
use sluice_end_to_end::ledger::Mined;
use sluice_end_to_end::pool::{Pool, start_miner, start_miner_with_quirk, stop_for_summary};
use sluice_end_to_end::sluice::{PATIENCE, command, run};
use sluice_end_to_end::store_dump::{StoreDump, announced_blocks, read_embedded, sum};
use sluice_end_to_end::stratum::{Share, StratumClient, Wanted};

fn store(data: &Path) -> StoreDump {
    read_embedded(&data.join("sandbox/store.redb"))
}

#[test]
fn three_blocks_are_found_and_every_key_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path(), &["--miner-user", "alice.rig1"]);
    pool.wait_for("blocks", 3);
    let summary = pool.stop();
    assert!(summary["blocks_accepted"].as_u64().unwrap() >= 3, "{summary}");
    assert_eq!(summary["blocks_found"], summary["blocks_accepted"], "the node accepts each");
    assert_eq!(summary["blocks_rejected"], 0);
    assert_eq!(summary["batches_waiting"], 0);

    let mut mined = Mined::default();
    mined.add_run("alice.rig1", &summary);
    mined.check(&store(folder.path()));
}

/// As with `| head`, however little is printed.
#[test]
fn a_print_of_the_store_that_nobody_reads_to_its_end_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path(), &["--miner-user", "alice.rig1"]);
    pool.wait_for("shares", 1);
    pool.stop();
    let file = folder.path().join("sandbox/store.redb");
    let file = file.to_str().unwrap();
    for form in [&[][..], &["--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut print = command(&[&["store", "print", file], form].concat());
        let ran = print.stdout(writer).output().unwrap();
        assert!(ran.status.success() && ran.stderr.is_empty(), "{ran:?}");
    }
    let plain = run(&["store", "print", file], &[]);
    assert!(plain.out.contains("\nmining:keys btc:s:alice\n"), "{plain:?}");
}

#[test]
fn a_miner_in_a_process_of_its_own_counts_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path(), &["--miner-threads", "0"]);
    let miner = start_miner(&pool.address, "alice.rig1");
    pool.wait_for("blocks", 1);
    let counted = stop_for_summary(miner);
    let mut summary = pool.stop();
    assert!(summary["miner"].is_null(), "{summary}");
    summary["miner"] = counted;
    let mut mined = Mined::default();
    mined.add_run("alice.rig1", &summary);
    mined.check(&store(folder.path()));
}

#[test]
fn miners_that_spell_in_their_own_way_are_understood() {
    mine_with_quirks(&["spaced", "numbers", "carriage-returns"]);
}

#[test]
fn miners_that_say_too_much_or_too_little_are_understood() {
    mine_with_quirks(&["escaped-name", "authorize-first", "unasked-version-bits"]);
}

#[test]
fn miners_that_search_elsewhere_when_told_are_understood() {
    mine_with_quirks(&["takes-extranonce", "none"]);
}

#[test]
fn the_operator_reaches_the_pool_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path(), &["--miner-threads", "0"]);
    let miner = start_miner(&pool.address, "alice");
    pool.wait_for("shares", 1);
    let control = pool.control();
    let ctl = |arguments: &[&str]| {
        let control = control.iter().map(String::as_str);
        let ran = run(&[&["ctl"], &control.collect::<Vec<_>>()[..], arguments].concat(), &[]);
        assert!(ran.success, "{}", ran.error);
        ran.out
    };
    ctl(&["say", "tea time"]);
    miner.wait_for_line(|line| line.contains("tea time"), PATIENCE);
    ctl(&["reconnect"]);
    miner.wait_for_line(|line| line.contains("connected again"), PATIENCE);
    ctl(&["ban", "add", "account:alice"]);
    miner.wait_for_line(|line| line.contains("lost the pool"), PATIENCE);
    assert!(ctl(&["ban", "list"]).contains("account:alice"));
    drop(miner);
    pool.stop();
}

fn mine_with_quirks(quirks: &[&str]) {
    const SHARES_EACH: u64 = 2;
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::start(folder.path(), &["--miner-threads", "0"]);
    let mut accepted = 0;
    for quirk in quirks {
        let miner = start_miner_with_quirk(&pool.address, &format!("alice.{quirk}"), quirk);
        pool.wait_for("shares", accepted + SHARES_EACH);
        let counted = stop_for_summary(miner);
        let of_miner = counted["accepted"].as_u64().unwrap();
        assert!(of_miner >= SHARES_EACH, "{quirk}: {counted}");
        accepted += of_miner;
        // A block may come in the way of a share that was under way.
        let rejected = counted["rejected_by_reason"].as_array().unwrap();
        assert!(rejected.iter().all(|one| one["reason"] == "Stale share"), "{quirk}: {counted}");
    }
    let summary = pool.stop();
    assert_eq!(summary["accepted"], accepted, "{summary}");
}

/// A sandbox whose shares and blocks come at once, and without a miner of its own.
fn easy_pool(data: &Path) -> Pool {
    Pool::start(data, &["--miner-threads", "0", "--network-difficulty", "0.00005"])
}

/// Finds a block, hands it in, and waits for the work that follows it.
fn find_block(client: &mut StratumClient) -> BlockHash {
    let old = client.job();
    let share = client.search(Wanted::Block);
    assert_eq!(client.submit(&share), 0);
    client.wait_for_job(|job| job.id != old.id && job.clean);
    share.block.expect("it was searched for")
}

#[test]
fn each_reason_to_refuse_is_answered_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let pool = easy_pool(folder.path());
    let mut client = StratumClient::start(&pool.address, "mallory.bad");
    let good = client.search(Wanted::Share);
    assert_eq!(client.submit(&good), 0);
    assert_eq!(client.submit(&good), 22, "duplicate");
    let spelt = Share { extranonce2: good.extranonce2.to_uppercase(), ..good.clone() };
    assert_eq!(client.submit(&spelt), 22, "duplicate in other letters");
    let easy = client.search(Wanted::TooEasy);
    assert_eq!(client.submit(&easy), 23, "low difficulty");

    let other = client.search(Wanted::Share);
    let ntime = other.ntime;
    for (wrong, code) in [
        (Share { job: "ffffffffffffffff".into(), ..other.clone() }, 21),
        (Share { job: "no job".into(), ..other.clone() }, 21),
        (Share { ntime: ntime + 7201, ..other.clone() }, 20),
        // The sandbox begins an hour ago, so this is before its first block.
        (Share { ntime: ntime - 100_000, ..other.clone() }, 20),
        (Share { version_bits: Some(0x2000_0000), ..other.clone() }, 20),
        (Share { version_bits: Some(1), ..other.clone() }, 20),
        (Share { extranonce2: "00".into(), ..other.clone() }, 20),
    ] {
        assert_eq!(client.submit(&wrong), code, "{wrong:?}");
    }
    assert_eq!(client.submit(&other), 0, "what was tried with it does not spoil a share");

    let late = client.search(Wanted::Share);
    let block = find_block(&mut client);
    assert_eq!(client.submit(&late), 21, "stale");
    let last = client.search(Wanted::Share);
    assert_eq!(client.submit(&last), 0);

    // A name that was never authorised gets an answer, and no key in the store.
    let stranger = Share { user: "eve.rig".into(), ..client.search(Wanted::Share) };
    let counted = client.rejected.clone();
    assert_eq!(client.submit(&stranger), 24);
    client.rejected = counted;

    let mut mined = Mined::default();
    mined.add_client("mallory.bad", &client);
    mined.workers.get_mut("mallory.bad").unwrap().refused_for_nobody = 1;
    drop(client);
    let summary = pool.stop();
    assert_eq!(summary["accepted"], 4, "{summary}");
    assert_eq!(summary["rejected"], 12, "{summary}");
    assert_eq!(summary["blocks_accepted"], 1, "{summary}");
    let store = store(folder.path());
    mined.check(&store);
    let announced = announced_blocks(&store);
    assert_eq!(announced[&block.to_string()], "mallory.bad", "{announced:?}");
}

#[test]
fn workers_connections_and_runs_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut mined = Mined::default();
    let mut blocks = Vec::new();
    for run in 0..2 {
        let pool = easy_pool(folder.path());
        let mut tip = None;
        for worker in ["alice.rig1", "alice.rig2", "bob.rig1", "alice.rig1"] {
            let mut client = StratumClient::start(&pool.address, worker);
            // Another shard may hear of the block a moment later than the one that it was found on.
            if let Some(tip) = &tip {
                client.wait_for_job(|job| job.parent_hash() == *tip);
            }
            for _ in 0..=run {
                let share = client.search(Wanted::Share);
                assert_eq!(client.submit(&share), 0);
                assert_eq!(client.submit(&share), 22);
            }
            blocks.push((find_block(&mut client).to_string(), worker.to_owned()));
            tip = Some(client.job().parent_hash());
            mined.add_client(worker, &client);
        }
        let summary = pool.stop();
        assert_eq!(summary["blocks_accepted"], 4, "{summary}");
    }
    let store = store(folder.path());
    mined.check(&store);
    assert_eq!(announced_blocks(&store), blocks.into_iter().collect());
    assert_eq!(sum(&store, "btc:s:alice"), 6.0 + 6.0 + 3.0);
}
