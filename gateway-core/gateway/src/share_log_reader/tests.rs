use sluice_session::share_log::Outcome;
use sluice_units::{Identity, RejectReason, SourceId, UnixTime};
use sluice_wire::journal::{Record, open_frame, seal_frame, write_record};

use super::*;

/// What the segments of shard 0 of gateway 1 say first.
fn begin(epoch: u64, turn: u64) -> Begin {
    Begin {
        source: SourceId { gateway_id: 1, shard: 0 },
        epoch,
        turn,
        coin: "btc".parse().unwrap(),
        host: "gw".parse().unwrap(),
        next_sequence: 1,
    }
}

fn segment(epoch: u64, turn: u64, worker: &str, times: &[u64]) -> Vec<u8> {
    segment_of(begin(epoch, turn), worker, times)
}

/// A segment whose shares, of one worker, came at these times.
fn segment_of(begin: Begin, worker: &str, times: &[u64]) -> Vec<u8> {
    let (epoch, turn) = (begin.epoch, begin.turn);
    let worker: Identity = worker.parse().unwrap();
    let minute = UnixTime::from_seconds(0).minute();
    let mut file = Vec::new();
    let mut records = vec![Record::Begin(begin), Record::Row(minute, worker)];
    for at in times {
        records.push(Record::Time(UnixTime::from_seconds(*at)));
        records.push(Record::Refused { row: 0, reason: RejectReason::Stale });
    }
    for record in &records {
        let start = file.len();
        open_frame(&mut file);
        write_record(&mut file, record);
        seal_frame(&mut file[start..], epoch, turn, start as u64);
    }
    file
}

fn shares_of(reader: &mut ShareLogReader) -> Vec<(u64, String)> {
    reader
        .map(|SourcedShare { share, .. }| {
            assert_eq!(share.outcome, Outcome::Refused(RejectReason::Stale));
            (share.at.to_seconds(), share.worker.user().to_owned())
        })
        .collect()
}

#[test]
fn shares_of_all_runs_come_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let compressed = |bytes: &[u8]| zstd::bulk::compress(bytes, 3).unwrap();
    let first = segment(100, 1, "alice", &[110, 130, 130]);
    write("1-0-100-000001.shares.zst", &compressed(&first));
    // Left by a kill: it is there compressed, too.
    write("1-0-100-000001.shares", &first);
    write("1-0-100-000002.shares", &segment(100, 2, "alice", &[150]));
    let source = SourceId { gateway_id: 1, shard: 1 };
    let of_shard_1 = segment_of(Begin { source, ..begin(100, 1) }, "bob", &[120, 140]);
    write("1-1-100-000001.shares.zst", &compressed(&of_shard_1));
    let torn = segment(145, 1, "carol", &[146, 147]);
    write("1-0-145-000001.shares", &torn[..torn.len() - 3]);
    write("2-0-145-000001.shares", b"no segment at all");
    write("2-0-145-000002.shares.zst", b"nor is this one");
    write("notes.txt", b"not looked at");
    let mut reader = ShareLogReader::open(&[folder.path().to_owned()], None).unwrap();
    let expected = [
        (110, "alice"),
        (120, "bob"),
        (130, "alice"),
        (130, "alice"),
        (140, "bob"),
        (146, "carol"),
        (150, "alice"),
    ];
    assert_eq!(shares_of(&mut reader), expected.map(|(at, user)| (at, user.to_owned())));
    assert_eq!((reader.files_unreadable, reader.files_torn), (2, 1));

    // A file by itself, whatever it is called.
    let alone = folder.path().join("copy");
    fs::write(&alone, &first).unwrap();
    assert_eq!(shares_of(&mut ShareLogReader::open(&[alone], None).unwrap()).len(), 3);
}

#[test]
fn a_segment_that_is_compressed_meanwhile_is_read_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("1-0-100-000001.shares");
    let bytes = segment(100, 1, "alice", &[110, 130]);
    fs::write(&raw, &bytes).unwrap();
    let mut reader = ShareLogReader::open(&[folder.path().to_owned()], None).unwrap();
    let compressed = zstd::bulk::compress(&bytes, 3).unwrap();
    fs::write(folder.path().join("1-0-100-000001.shares.zst"), compressed).unwrap();
    fs::remove_file(raw).unwrap();
    assert_eq!((shares_of(&mut reader).len(), reader.files_unreadable), (2, 0));
}

#[test]
fn what_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: PathBuf| ShareLogReader::open(&[path], None).err().unwrap().to_string();
    assert!(error(folder.path().to_owned()).contains("share_log = true"));
    assert!(error(folder.path().join("none")).contains("none"));
}

#[test]
fn coins_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let name = |name: &str| -> Name { name.parse().unwrap() };
    let source = SourceId { gateway_id: 2, shard: 0 };
    let of_other = Begin { source, coin: name("bch"), ..begin(100, 1) };
    write("1-0-100-000001.shares", &segment(100, 1, "alice", &[110, 130]));
    write("2-0-100-000001.shares", &segment_of(of_other, "bob", &[120]));
    let open = |coin: Option<&str>| {
        ShareLogReader::open(&[folder.path().to_owned()], coin.map(name).as_ref())
    };
    let error = open(None).err().unwrap().to_string();
    assert!(error.contains("bch, btc") && error.contains("--coin"), "{error}");
    let error = open(Some("doge")).err().unwrap().to_string();
    assert!(error.contains("doge") && error.contains("bch, btc"), "{error}");
    assert_eq!(shares_of(&mut open(Some("btc")).unwrap()).len(), 2);
    let [bob] = open(Some("bch")).unwrap().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((bob.coin, bob.source, bob.share.worker.user()), (name("bch"), source, "bob"));
}

#[test]
fn copies_of_a_segment_count_once_and_the_longest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let [log, backup] = ["shares", "backup"].map(|name| folder.path().join(name));
    for folder in [&log, &backup] {
        fs::create_dir(folder).unwrap();
    }
    let whole = segment(100, 1, "alice", &[110, 130]);
    let second = segment(100, 2, "alice", &[150, 151]);
    let third = segment(100, 3, "alice", &[160, 161]);
    let half = |bytes: &[u8]| bytes[..bytes.len() - 30].to_vec();
    let compressed = |bytes: &[u8]| zstd::bulk::compress(bytes, 3).unwrap();
    // Copied while it was written, and whole since.
    fs::write(log.join("1-0-100-000001.shares.zst"), compressed(&whole)).unwrap();
    fs::write(backup.join("1-0-100-000001.shares"), half(&whole)).unwrap();
    fs::write(log.join("1-0-100-000002.shares"), &second).unwrap();
    fs::write(backup.join("second copy"), half(&second)).unwrap();
    // Spoilt after its beginning, where a copy is whole.
    let mut spoilt = compressed(&[&third[..], &[7; 200_000]].concat());
    spoilt.truncate(spoilt.len() - 3);
    fs::write(log.join("1-0-100-000003.shares.zst"), spoilt).unwrap();
    fs::write(backup.join("1-0-100-000003.shares"), &third).unwrap();
    let again = log.join("../shares");
    let paths = [log, again, backup.clone(), backup.join("second copy")];
    let mut reader = ShareLogReader::open(&paths, None).unwrap();
    let times: Vec<u64> = shares_of(&mut reader).into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [110, 130, 150, 151, 160, 161]);
    assert_eq!((reader.files_unreadable, reader.files_torn), (0, 0), "nothing is missing");
    // Without its copy something is; a file that was just made holds nothing that could be.
    fs::write(backup.join("1-0-200-000001.shares"), []).unwrap();
    fs::remove_file(backup.join("1-0-100-000003.shares")).unwrap();
    let mut reader = ShareLogReader::open(&paths, None).unwrap();
    assert_eq!(shares_of(&mut reader).len(), 4);
    assert_eq!((reader.files_unreadable, reader.files_torn), (1, 1));
}
