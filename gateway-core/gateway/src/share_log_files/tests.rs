use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::ShardConfig;
use sluice_session::share_log::Segment;
use sluice_units::{Now, ShareDifficulty, UnixTime};

use super::*;

const BOUNDS: Bounds =
    Bounds { bytes_max: u64::MAX, age_max: Duration::from_secs(3600), free_bytes_min: 0 };

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
fn a_segment_is_compressed_at_the_next_start_at_the_latest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shares");
    let (log, thread) = ShareLogFolder::open(&path, 3, 9, BOUNDS).unwrap();
    let mut files = log.of_shard(source());
    let mut shard = shard();
    files.write_down(Instant::ZERO, &mut shard);
    assert!(!shard.has_share_log_writes());
    let name = path.join("3-0-9-000001.shares");
    let written = fs::read(&name).unwrap();
    assert!(Segment::read(&written).is_some());
    // Both the shard and the folder are done with: the thread ends, and leaves it.
    drop((files, log));
    thread.join().unwrap();
    assert!(name.exists());
    let (log, thread) = ShareLogFolder::open(&path, 3, 10, BOUNDS).unwrap();
    drop(log);
    thread.join().unwrap();
    assert!(!name.exists());
    let compressed = fs::read(path.join("3-0-9-000001.shares.zst")).unwrap();
    assert_eq!(zstd::decode_all(&compressed[..]).unwrap(), written);
}

#[test]
fn a_folder_that_takes_nothing_stops_no_shard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shares");
    let (log, thread) = ShareLogFolder::open(&path, 3, 9, BOUNDS).unwrap();
    let mut files = log.of_shard(source());
    fs::remove_dir_all(&path).unwrap();
    let mut shard = shard();
    files.write_down(Instant::ZERO, &mut shard);
    assert!(files.is_failing && !shard.has_share_log_writes());
    drop((files, log));
    thread.join().unwrap();
}

#[test]
fn what_others_need_of_the_disk_is_left_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let greedy = Bounds { free_bytes_min: u64::MAX, ..BOUNDS };
    let (log, thread) = ShareLogFolder::open(folder.path(), 3, 9, greedy).unwrap();
    let mut files = log.of_shard(source());
    let mut shard = shard();
    files.write_down(Instant::ZERO, &mut shard);
    assert!(files.is_failing && !shard.has_share_log_writes());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    drop((files, log));
    thread.join().unwrap();
}

#[test]
fn a_file_into_which_nothing_can_be_written_does_not_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (log, thread) = ShareLogFolder::open(folder.path(), 3, 9, BOUNDS).unwrap();
    let mut files = log.of_shard(source());
    // No file is so long.
    let too_far = JournalWrite { file: 1, offset: i64::MAX as u64, bytes: b"share" };
    assert!(files.write(&too_far).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    files.write(&JournalWrite { file: 2, offset: 0, bytes: b"share" }).unwrap();
    assert!(folder.path().join("3-0-9-000002.shares").exists());
    drop((files, log));
    thread.join().unwrap();
}
