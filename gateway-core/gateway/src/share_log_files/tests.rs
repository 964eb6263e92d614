use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::ShardConfig;
use sluice_session::share_log::Segment;
use sluice_units::{Now, ShareDifficulty, UnixTime};

use super::*;

const BOUNDS: Bounds = Bounds { bytes_max: u64::MAX, age_max: Duration::from_secs(3600) };

fn shard() -> Shard {
    let now = Now { instant: Instant::ZERO, unix: UnixTime::from_seconds(60) };
    let config = ShardConfig {
        share_log_segment_bytes: Some(1),
        ..ShardConfig::new(source(), VardiffPolicy::fixed(ShareDifficulty::MIN))
    };
    Shard::new(now, config)
}

fn source() -> SourceId {
    SourceId { gateway_id: 3, shard: 0 }
}

#[test]
fn a_segment_is_compressed_once_no_shard_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shares");
    let (log, thread) = ShareLogFolder::open(&path, BOUNDS).unwrap();
    let mut files = log.of_shard(source(), 9);
    let mut shard = shard();
    files.write_down(Instant::ZERO, &mut shard);
    assert!(!shard.has_share_log_writes());
    let name = path.join("3-0-9-000001.shares");
    let written = fs::read(&name).unwrap();
    assert!(Segment::read(&written).is_some());
    // Both the shard and the folder are done with: the thread does the rest, and ends.
    drop((files, log));
    thread.join().unwrap();
    assert!(!name.exists());
    let compressed = fs::read(path.join("3-0-9-000001.shares.zst")).unwrap();
    assert_eq!(zstd::decode_all(&compressed[..]).unwrap(), written);
}

#[test]
fn what_a_killed_run_left_is_compressed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("3-0-8-000007.shares"), b"left").unwrap();
    fs::write(folder.path().join("3-0-8-000006.unfinished"), b"cut off").unwrap();
    let (log, thread) = ShareLogFolder::open(folder.path(), BOUNDS).unwrap();
    drop(log);
    thread.join().unwrap();
    let compressed = fs::read(folder.path().join("3-0-8-000007.shares.zst")).unwrap();
    assert_eq!(zstd::decode_all(&compressed[..]).unwrap(), b"left");
}

#[test]
fn the_oldest_segments_give_way_and_none_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for (name, age_s) in [("a.shares.zst", 300), ("b.shares.zst", 200), ("c.shares", 400)] {
        let path = folder.path().join(name);
        fs::write(&path, [0; 100]).unwrap();
        let time = SystemTime::now() - Duration::from_secs(age_s);
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }
    let left = || {
        let mut names: Vec<_> = files(folder.path()).unwrap();
        names.sort();
        names.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let left: &dyn Fn() -> Vec<String> = &left;
    tidy(folder.path(), BOUNDS).unwrap();
    assert_eq!(left().len(), 3);
    tidy(folder.path(), Bounds { bytes_max: 250, ..BOUNDS }).unwrap();
    assert_eq!(left(), ["b.shares.zst", "c.shares"]);
    tidy(folder.path(), Bounds { age_max: Duration::from_secs(100), ..BOUNDS }).unwrap();
    assert_eq!(left(), ["c.shares"]);
}

#[test]
fn a_folder_that_takes_nothing_stops_no_shard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shares");
    let (log, thread) = ShareLogFolder::open(&path, BOUNDS).unwrap();
    let mut files = log.of_shard(source(), 9);
    fs::remove_dir_all(&path).unwrap();
    let mut shard = shard();
    files.write_down(Instant::ZERO, &mut shard);
    assert!(files.is_failing && !shard.has_share_log_writes());
    drop((files, log));
    thread.join().unwrap();
}
