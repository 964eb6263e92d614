//! A disk that takes nothing, under a real ring.

use std::io::{ErrorKind, Read, Write};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sluice_delivery::Notice;
use sluice_ring::EngineConfig;
use sluice_session::{EndCause, JOURNAL_FILE_BYTES_MIN, ShardConfig};
use sluice_thread_log::ThreadLog;
use sluice_units::JobKind;

use super::{Bench, Patience, patient_config};
use crate::journal_files::JournalFiles;

/// Steps until the miner is let go, and gives what it was told.
fn last_words(bench: &mut Bench) -> String {
    let (mut words, mut buffer) = (Vec::new(), [0; 4096]);
    let give_up_at = Instant::now() + Duration::from_secs(20);
    loop {
        assert!(Instant::now() < give_up_at, "{}", String::from_utf8_lossy(&words));
        bench.step();
        match bench.miners[0].stream.read(&mut buffer) {
            Ok(0) => return String::from_utf8(words).unwrap(),
            Ok(length) => words.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset);
                return String::from_utf8(words).unwrap();
            }
        }
    }
}

#[test]
fn no_share_is_confirmed_while_the_journal_cannot_be_written() {
    let mut bench = Bench::with(EngineConfig::default(), 1024);
    bench.join("farm.rig".into());
    let files = bench.drive.records.replace_files(Some(JournalFiles::that_are_full()));
    let (started, stream) = (bench.started, &mut bench.miners[0].stream);
    let submit = format!(
        "{{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"farm.rig\",\"1\",\"0000000000000000\",\
         \"{started:08x}\",\"00000001\"]}}\n"
    );
    stream.write_all(submit.as_bytes()).unwrap();
    let words = last_words(&mut bench);
    assert!(!words.contains("\"result\""), "{words}");
    assert_eq!(bench.drive.shard.stats().ended[EndCause::LetGo.index()], 1);

    // Once it can be written again, miners are taken by themselves.
    bench.drive.records.replace_files(files);
    bench.miners.clear();
    let give_up_at = Instant::now() + Duration::from_secs(20);
    while bench.drive.records.is_failing() {
        bench.step();
        assert!(Instant::now() < give_up_at, "the journal is tried again");
    }
    let work_is_due = Instant::now() + Duration::from_millis(1_200);
    while Instant::now() < work_is_due {
        bench.step();
    }
    bench.join("farm.rig".into());
    bench.round();
}

/// A miner that hands in what is refused, until it is let go. Nobody takes a batch meanwhile.
fn fill_journal(bench: &mut Bench) {
    let unknown_job = "{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"farm.rig\",\"77\",\
                       \"0000000000000000\",\"65541a28\",\"00000000\"]}\n";
    let flood = unknown_job.repeat(100);
    let (mut rest, mut buffer) = (flood.as_bytes(), [0; 65_536]);
    let give_up_at = Instant::now() + Duration::from_secs(60);
    loop {
        assert!(Instant::now() < give_up_at, "the journal fills up");
        bench.drive.step(Patience::None).unwrap();
        let stream = &mut bench.miners[0].stream;
        match stream.write(rest) {
            Ok(length) => rest = &rest[length..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
        if rest.is_empty() {
            rest = flood.as_bytes();
        }
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

#[test]
fn a_shard_that_has_no_room_for_shares_says_so_and_what_to_do() {
    const FULL: &str = "FATAL: shard 0 takes no shares: its journal is full";
    const AGAIN: &str = "room for shares again";
    let config =
        ShardConfig { journal_file_bytes: Some(JOURNAL_FILE_BYTES_MIN), ..patient_config() };
    let mut bench = Bench::of(EngineConfig::default(), config);
    bench.send_job(1, JobKind::Clean);
    bench.step();
    bench.join("farm.rig".into());
    let log = ThreadLog::capture();
    fill_journal(&mut bench);
    assert_eq!(bench.drive.shard.stats().ended[EndCause::LetGo.index()], 1);
    // Beyond the next tick, which finds no room either.
    let looks_again = Instant::now() + Duration::from_millis(1_500);
    while Instant::now() < looks_again {
        bench.drive.step(Patience::None).unwrap();
    }
    assert_eq!((log.count(FULL), log.count(AGAIN)), (1, 0));
    assert_eq!(log.count("journal_bytes_max"), 1, "the remedy is told");

    // The courier takes batches again.
    let give_up_at = Instant::now() + Duration::from_secs(60);
    while log.count(AGAIN) == 0 {
        assert!(Instant::now() < give_up_at, "there is room again");
        bench.drive.step(Patience::None).unwrap();
        while let Ok(delivery) = bench.batches.try_recv() {
            let Notice::Mark(mark) = delivery.notice else { panic!("a shard's batch") };
            mark.fetch_max(delivery.batch.sequence, Ordering::Release);
        }
    }
    bench.miners.clear();
    bench.join("farm.rig".into());
    bench.round();
    assert_eq!((log.count(FULL), log.count(AGAIN)), (1, 1));
}
