//! What every source file is held to.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a source file; longer ones are split by concern.
const FILE_LINES_MAX: usize = 500;
/// The only files that may hold unsafe code.
const UNSAFE_FILES: [&str; 6] = [
    "gateway-core/ring/src/sys.rs",
    "gateway-core/ring/src/buffers.rs",
    "gateway-core/sha256d/src/kernel/assembly.rs",
    "gateway-core/sha256d/src/kernel/avx2.rs",
    "gateway-core/sha256d/src/kernel/instruction_mix.rs",
    "gateway-core/sha256d/src/kernel/sha_ni.rs",
];
/// Names that say nothing about what a file holds.
const VAGUE_NAMES: [&str; 9] =
    ["utils", "util", "helpers", "helper", "common", "misc", "manager", "info", "ctx"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the tree's root")
}

/// Every Rust source of the tree, relative to its root, with its text.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    walk(&path, root, found);
                }
            } else if name.ends_with(".rs") {
                let relative = path.strip_prefix(root).expect("below the root");
                let text = fs::read_to_string(&path).expect("UTF-8 text");
                found.push((relative.to_string_lossy().into_owned(), text));
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    for folder in ["gateway-core", "relay", "agent", "control", "bench", "deploy"] {
        walk(&root.join(folder), &root, &mut found);
    }
    assert!(found.len() > 50, "the walk finds the tree");
    found
}

#[test]
fn files_stay_short() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= FILE_LINES_MAX, "{path} has {lines} lines: split it by concern");
    }
}

#[test]
fn unsafe_blocks_stand_in_the_fenced_files_alone() {
    // Split, so that this file does not name what it looks for.
    let marks = [concat!("unsafe", " {"), concat!("unsafe", " fn"), concat!("unsafe", " impl")];
    for (path, text) in sources() {
        let has_unsafe = marks.iter().any(|mark| text.contains(mark));
        assert!(!has_unsafe || UNSAFE_FILES.contains(&path.as_str()), "{path} holds unsafe code");
    }
    for path in UNSAFE_FILES {
        assert!(root().join(path).exists(), "{path} is fenced and not there");
    }
}

#[test]
fn names_say_what_files_hold() {
    for (path, _) in sources() {
        for part in path.trim_end_matches(".rs").split('/') {
            assert!(!VAGUE_NAMES.contains(&part), "{path}: '{part}' says nothing");
        }
    }
}

#[test]
fn nothing_is_left_to_do() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[ig", "nore")];
    for (path, text) in sources() {
        for mark in marks {
            assert!(!text.contains(mark), "{path} holds {mark}");
        }
    }
}

#[test]
fn every_limit_is_used() {
    let limits =
        fs::read_to_string(root().join("gateway-core/units/src/limits.rs")).expect("limits");
    let sources = sources();
    for line in limits.lines() {
        let Some(name) = line.strip_prefix("pub const ").and_then(|rest| rest.split(':').next())
        else {
            continue;
        };
        let used = sources
            .iter()
            .any(|(path, text)| !path.ends_with("units/src/limits.rs") && text.contains(name));
        let related = limits.matches(name).count() > 1;
        assert!(used || related, "{name} bounds nothing");
    }
}

#[test]
fn every_failing_that_is_listed_has_its_test() {
    let readme = root().join("bench/end-to-end/README.md");
    let readme = fs::read_to_string(readme).expect("the end-to-end tests have a README");
    let (_, list) = readme.split_once("gets wrong, and the test here").expect("the list is there");
    let sources = sources();
    let rows = list.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut tests = 0;
    for row in rows {
        for name in row.split('`').skip(1).step_by(2) {
            let marked = format!("fn {name}(");
            let has_it = |(_, text): &(String, String)| text.contains(&marked);
            assert!(sources.iter().any(has_it), "no test is named {name}");
            tests += 1;
        }
    }
    assert!(tests >= 20, "{tests} tests are listed");
}
