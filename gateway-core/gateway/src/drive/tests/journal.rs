//! A disk that takes nothing, under a real ring.

use std::io::{ErrorKind, Read, Write as _};
use std::time::{Duration, Instant};

use sluice_ring::EngineConfig;
use sluice_session::EndCause;

use super::Bench;
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
