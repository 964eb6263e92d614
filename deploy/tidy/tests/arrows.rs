//! Who may depend on whom. The list is the rule: an edge that is not in it is refused, whatever its
//! reason, until somebody changes the list and says why in DECISIONS.md.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Every crate of the workspace, and the crates of the workspace that it may import.
const ARROWS: [(&str, &[&str]); 25] = [
    ("units", &[]),
    ("sha256d", &["units"]),
    ("wire", &["units"]),
    ("accounting", &["units"]),
    ("ring", &["units"]),
    ("mining", &["units", "sha256d"]),
    ("session", &["units", "sha256d", "wire", "mining", "accounting"]),
    ("relay-core", &["units", "wire", "accounting"]),
    ("control-core", &["units", "wire", "mining", "session"]),
    ("service", &["units", "wire"]),
    ("delivery", &["units", "wire", "session", "service"]),
    ("gateway", &["units", "sha256d", "wire", "mining", "session", "ring", "service", "delivery"]),
    ("metarelay", &["units", "service", "delivery"]),
    ("redis-access", &[]),
    ("metawriter", &["units", "wire", "relay-core", "service", "delivery", "redis-access"]),
    ("alertcenter", &["units", "wire", "relay-core", "service", "redis-access"]),
    ("jobmaster", &["units", "wire", "mining", "control-core", "service"]),
    ("sandbox", &[]),
    ("miner", &["units", "sha256d", "session", "service"]),
    ("simulator", &["units", "wire", "mining", "session", "relay-core"]),
    ("swarm", &["units", "sha256d", "wire", "mining", "session", "ring", "service"]),
    (
        "sluice",
        &[
            "units",
            "sha256d",
            "wire",
            "session",
            "ring",
            "service",
            "gateway",
            "metarelay",
            "metawriter",
            "alertcenter",
            "jobmaster",
            "sandbox",
            "miner",
            "swarm",
        ],
    ),
    ("thread-log", &[]),
    ("end-to-end", &["units"]),
    ("tidy", &[]),
];

/// Crates that decide and do nothing else: given `now`, replayed from bytes.
const CORES: [&str; 8] =
    ["units", "sha256d", "wire", "accounting", "mining", "session", "relay-core", "control-core"];

/// What no core may import: runtimes, sockets, clocks, randomness, logging.
const BANNED_FROM_CORES: [&str; 14] = [
    "tokio",
    "axum",
    "reqwest",
    "redis",
    "redb",
    "io-uring",
    "libc",
    "rustix",
    "tracing",
    "getrandom",
    "rand",
    "crossbeam",
    "core_affinity",
    "snow",
];

/// The data plane speaks to its feeds alone; it asks an HTTP endpoint of the owner's about accounts, and no node.
const BANNED_FROM_GATEWAY: [&str; 3] = ["redis", "redb", "bitcoin"];

/// Crates some of whose files may hold unsafe code; all others forbid it at their root.
const UNSAFE_FENCED: [&str; 2] = ["ring", "sha256d"];

fn metadata() -> Metadata {
    // What a crate declares is enough; the crates outside of the workspace are not looked into.
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata")
}

/// A crate's name without the workspace's prefix.
fn short(name: &str) -> &str {
    name.strip_prefix("sluice-").unwrap_or(name)
}

/// Crate to what it imports outside of tests, split into ours and others'.
fn imports() -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let metadata = metadata();
    let ours: BTreeSet<&str> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let split = |package: &cargo_metadata::Package| {
        let shipped =
            package.dependencies.iter().filter(|it| it.kind != DependencyKind::Development);
        let (inner, outer): (Vec<_>, Vec<_>) =
            shipped.partition(|dependency| ours.contains(dependency.name.as_str()));
        let inner = inner.iter().map(|dependency| short(&dependency.name).to_owned()).collect();
        let outer = outer.iter().map(|dependency| dependency.name.clone()).collect();
        (short(&package.name).to_owned(), (inner, outer))
    };
    metadata.workspace_packages().into_iter().map(split).collect()
}

#[test]
fn no_edge_that_is_not_an_arrow() {
    let imports = imports();
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    for (name, (inner, _)) in &imports {
        let allowed = arrows.get(name.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("{name} is in no arrow: add it to ARROWS"));
        for import in inner {
            assert!(allowed.contains(&import.as_str()), "{name} may not import {import}");
        }
    }
    for name in arrows.keys() {
        assert!(imports.contains_key(*name), "{name} is in ARROWS and not in the workspace");
    }
}

#[test]
fn cores_import_nothing_that_acts() {
    let imports = imports();
    for core in CORES {
        let (inner, outer) = &imports[core];
        for banned in BANNED_FROM_CORES {
            assert!(!outer.contains(banned), "the core {core} may not import {banned}");
        }
        for import in inner {
            assert!(CORES.contains(&import.as_str()), "the core {core} may not import {import}");
        }
    }
}

#[test]
fn the_gateway_knows_neither_node_nor_store() {
    let (_, outer) = &imports()["gateway"];
    for banned in BANNED_FROM_GATEWAY {
        assert!(!outer.contains(banned), "the gateway may not import {banned}");
    }
}

#[test]
fn the_engine_knows_nothing_of_stratum() {
    let (inner, _) = &imports()["ring"];
    assert_eq!(inner.iter().collect::<Vec<_>>(), ["units"]);
}

#[test]
fn unsafe_code_stays_behind_its_fence() {
    for package in metadata().workspace_packages() {
        let name = short(&package.name);
        for target in &package.targets {
            let root = std::fs::read_to_string(&target.src_path).expect("a root file");
            let is_product = target.is_lib() || target.is_bin();
            if !is_product {
                continue;
            }
            let wanted = if UNSAFE_FENCED.contains(&name) { "#![deny" } else { "#![forbid" };
            assert!(
                root.contains(&format!("{wanted}(unsafe_code)]")),
                "{} lacks {wanted}(unsafe_code)]",
                target.src_path
            );
        }
        let strict = package.manifest_path.parent().expect("a folder").join("clippy.toml");
        assert!(
            !CORES.contains(&name) || !strict.exists(),
            "{strict} lifts the bans that hold for the core {name}"
        );
    }
}
