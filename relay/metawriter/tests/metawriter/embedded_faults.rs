//! The embedded store's file: locked, missing, foreign, read beside its writer, and lists that nobody takes from.

use sluice_metawriter::store::embedded::{self, DumpLine};
use sluice_metawriter::store::{Applied, EmbeddedStore, Store, StoreError};
use sluice_units::limits::{BATCH_ENTRIES_MAX, EMBEDDED_LIST_ELEMENTS_MAX};
use sluice_wire::share_feed::Batch;

use crate::batches::{MINUTE, connected, empty, field, list, shares};

#[tokio::test]
async fn a_second_writer_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let first = EmbeddedStore::new(path.clone());
    first.check().await.unwrap();
    let second = EmbeddedStore::new(path.clone());
    let error = second.check().await.unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    let error = error.to_string();
    assert!(error.contains("open in another process; stop that one"), "{error}");
    assert!(error.contains(path.to_str().unwrap()) && error.lines().count() == 1, "{error}");
    drop(first);
    assert_eq!(second.apply(&shares(1, 1, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no-such-folder/store.redb");
    let foreign = folder.path().join("letter.txt");
    std::fs::write(&foreign, "Dear reader, ".repeat(1000)).unwrap();
    for path in [missing, foreign] {
        let error = EmbeddedStore::new(path.clone()).check().await.unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        assert!(error.contains("exists, is writable") && error.lines().count() == 1, "{error}");
        assert!(embedded::dump(&path).is_err());
    }
}

#[tokio::test]
async fn an_error_passes_once_its_cause_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let parent = folder.path().join("later");
    let store = EmbeddedStore::new(parent.join("store.redb"));
    store.apply(&shares(1, 1, 1, 1)).await.unwrap_err();
    std::fs::create_dir(&parent).unwrap();
    assert_eq!(store.apply(&shares(1, 1, 1, 1)).await.unwrap(), Applied::New);
}

#[tokio::test]
async fn the_file_can_be_read_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = EmbeddedStore::new(path.clone());
    for sequence in 1..=3 {
        store.apply(&shares(1, sequence, 1, 1)).await.unwrap();
        let lines = embedded::dump(&path).unwrap();
        assert_eq!(field(&lines, "btc:s:alice", MINUTE).unwrap(), sequence.to_string());
    }
    assert!(embedded::dump(&path).unwrap().iter().any(|line| line.key == "mining:keys"));
}

#[tokio::test]
async fn a_dump_is_lines_of_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    EmbeddedStore::new(path.clone()).apply(&shares(3, 1, 2, 1)).await.unwrap();
    let lines = embedded::dump(&path).unwrap();
    let json: Vec<_> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    let shares = format!(r#"{{"key":"btc:s:alice","type":"hash","value":{{"{MINUTE}":"2"}}}}"#);
    assert!(json.contains(&shares), "{json:?}");
    let position = r#"{"key":"sluice:applied:1-0","type":"hash","value":{"3":"1-1"}}"#;
    assert!(json.iter().any(|line| line == position), "{json:?}");
    for (text, line) in json.iter().zip(&lines) {
        assert_eq!(&serde_json::from_str::<DumpLine>(text).unwrap(), line);
    }
}

#[tokio::test]
async fn a_visitor_that_has_seen_enough_sees_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    EmbeddedStore::new(path.clone()).apply(&shares(1, 1, 1, 1)).await.unwrap();
    let all = embedded::dump(&path).unwrap();
    for enough in 1..all.len() {
        let mut seen = Vec::new();
        let visit = |line| {
            seen.push(line);
            let cause = "enough".to_owned();
            if seen.len() < enough { Ok(()) } else { Err(StoreError::BadKey { cause }) }
        };
        let error = embedded::dump_each(&path, visit).unwrap_err();
        assert!(matches!(error, StoreError::BadKey { .. }), "{error:?}");
        assert_eq!(seen, all[..enough]);
    }
}

#[tokio::test]
async fn a_file_whose_writer_was_killed_is_read_once_a_writer_has_repaired_it() {
    let folder = tempfile::tempdir().unwrap();
    let [path, killed] = ["store.redb", "killed.redb"].map(|name| folder.path().join(name));
    let store = EmbeddedStore::new(path.clone());
    store.apply(&shares(1, 1, 1, 1)).await.unwrap();
    // What a kill leaves is the file as it is while it is open.
    std::fs::copy(&path, &killed).unwrap();
    let error = embedded::dump(&killed).unwrap_err();
    assert!(matches!(error, StoreError::Unrepaired { .. }), "{error:?}");
    let error = error.to_string();
    assert!(error.contains("start the role that writes it once"), "{error}");
    EmbeddedStore::new(killed.clone()).check().await.unwrap();
    assert_eq!(field(&embedded::dump(&killed).unwrap(), "btc:s:alice", MINUTE).unwrap(), "1");
}

/// Miners come and go for years, and no reader can take from this store's lists.
#[tokio::test]
async fn a_list_keeps_its_newest_elements() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = EmbeddedStore::new(path.clone());
    let numbers: Vec<u64> = (0..EMBEDDED_LIST_ELEMENTS_MAX + 10).collect();
    for (sequence, numbers) in (1..).zip(numbers.chunks(BATCH_ENTRIES_MAX)) {
        let gone = |number: &u64| connected(&format!("alice.rig{number}"), false);
        let batch = Batch { events: numbers.iter().map(gone).collect(), ..empty(1, sequence) };
        assert_eq!(store.apply(&batch).await.unwrap(), Applied::New);
    }
    let worker_at = |elements: &[String], place: usize| -> String {
        let element: serde_json::Value = serde_json::from_str(&elements[place]).unwrap();
        element["worker"].as_str().unwrap().to_owned()
    };
    let kept = list(&embedded::dump(&path).unwrap(), "newevent");
    assert_eq!(kept.len() as u64, EMBEDDED_LIST_ELEMENTS_MAX);
    let last = format!("rig{}", EMBEDDED_LIST_ELEMENTS_MAX + 9);
    assert_eq!((worker_at(&kept, 0), worker_at(&kept, kept.len() - 1)), ("rig10".into(), last));
}
