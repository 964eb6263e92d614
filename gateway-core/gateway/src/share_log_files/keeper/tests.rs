use std::sync::atomic::AtomicBool;

use super::*;

const BOUNDS: Bounds =
    Bounds { bytes_max: u64::MAX, age_max: Duration::from_secs(3600), free_bytes_min: 0 };

/// Of gateway 3, in its run 9.
fn keeper(folder: &Path, bounds: Bounds) -> Keeper {
    let signs = Signs { has_room: AtomicBool::new(true), is_ending: AtomicBool::new(false) };
    Keeper::new(folder.to_owned(), 3, 9, bounds, Arc::new(signs))
}

fn write(folder: &Path, name: &str, age_s: u64) {
    let path = folder.join(name);
    fs::write(&path, [0; 100]).unwrap();
    let time = SystemTime::now() - Duration::from_secs(age_s);
    File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn all_is_compressed_but_what_a_shard_writes_or_another_gateway_has() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["3-0-8-000007.shares", "3-0-9-000001.shares", "3-0-9-000002.shares"] {
        write(folder, name, 300);
    }
    // The first is another gateway's, the others are nobody's.
    let others = ["4-0-8-000001.shares", "notes.shares", "3-0-8.shares", "3-x-8-000001.shares"];
    others.iter().for_each(|name| write(folder, name, 300));
    keeper(folder, BOUNDS).go_round();
    let mut expected = vec!["3-0-8-000007.shares.zst", "3-0-9-000001.shares.zst"];
    expected.push("3-0-9-000002.shares");
    expected.extend(others);
    expected.sort_unstable();
    assert_eq!(names(folder), expected);
    let compressed = folder.join("3-0-8-000007.shares.zst");
    assert_eq!(zstd::decode_all(&fs::read(&compressed).unwrap()[..]).unwrap(), [0; 100]);
    let age = fs::metadata(compressed).unwrap().modified().unwrap().elapsed().unwrap();
    assert!(age >= Duration::from_secs(299), "it is as old as its shares: {age:?}");
}

#[test]
fn the_oldest_segments_give_way_compressed_or_not_and_none_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let of_others = "4-0-8-000001.shares.zst";
    for (name, age_s) in [
        ("3-0-8-000001.shares.zst", 300),
        ("3-0-8-000002.shares", 200),
        ("3-0-8-000003.shares.zst", 100),
        ("3-0-9-000001.shares", 400),
        (of_others, 500),
    ] {
        write(folder, name, age_s);
    }
    keeper(folder, BOUNDS).tidy().unwrap();
    assert_eq!(names(folder).len(), 5);
    keeper(folder, Bounds { bytes_max: 300, ..BOUNDS }).tidy().unwrap();
    let written = "3-0-9-000001.shares";
    assert_eq!(
        names(folder),
        ["3-0-8-000002.shares", "3-0-8-000003.shares.zst", written, of_others]
    );
    keeper(folder, Bounds { bytes_max: 200, ..BOUNDS }).tidy().unwrap();
    assert_eq!(names(folder), ["3-0-8-000003.shares.zst", written, of_others]);
    keeper(folder, Bounds { age_max: Duration::from_secs(50), ..BOUNDS }).tidy().unwrap();
    assert_eq!(names(folder), [written, of_others]);
}

#[test]
fn what_cannot_be_compressed_is_tried_again_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "3-0-8-000001.shares", 300);
    write(folder, "3-0-8-000002.shares", 200);
    // Nothing can be put in the place of a folder.
    let in_the_way = folder.join("3-0-8-000001.shares.zst");
    fs::create_dir_all(in_the_way.join("x")).unwrap();
    let mut keeper = keeper(folder, BOUNDS);
    keeper.go_round();
    assert!(keeper.is_failing);
    let expected = ["3-0-8-000001.shares", "3-0-8-000001.shares.zst", "3-0-8-000002.shares.zst"];
    assert_eq!(names(folder), expected);
    fs::remove_dir_all(in_the_way).unwrap();
    keeper.go_round();
    assert!(!keeper.is_failing);
    assert_eq!(names(folder), ["3-0-8-000001.shares.zst", "3-0-8-000002.shares.zst"]);
}

#[test]
fn a_stop_leaves_what_is_not_compressed_to_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "3-0-8-000001.shares", 300);
    let mut keeper = keeper(folder.path(), BOUNDS);
    keeper.signs.is_ending.store(true, Ordering::Relaxed);
    keeper.go_round();
    assert_eq!(names(folder.path()), ["3-0-8-000001.shares"]);
    assert!(!keeper.is_failing);
}

#[test]
fn what_a_kill_left_half_compressed_goes() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["3-0-8-000006.unfinished", "4-0-8-000006.unfinished"] {
        write(folder.path(), name, 300);
    }
    keeper(folder.path(), BOUNDS).remove_unfinished();
    assert_eq!(names(folder.path()), ["4-0-8-000006.unfinished"]);
}

#[test]
fn room_is_what_the_file_system_says() {
    let folder = tempfile::tempdir().unwrap();
    let has_room = |path: &Path, free_bytes_min| {
        let keeper = keeper(path, Bounds { free_bytes_min, ..BOUNDS });
        keeper.look_for_room();
        keeper.signs.has_room.load(Ordering::Relaxed)
    };
    assert!(has_room(folder.path(), 1) && !has_room(folder.path(), u64::MAX));
    // Where nothing can be known writing shows it.
    assert!(has_room(&folder.path().join("none"), u64::MAX));
}
