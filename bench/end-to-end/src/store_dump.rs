//! Everything that a store holds, in one form for Redis and for the embedded store.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use redis::Commands;
use serde_json::Value;

use crate::sluice::run;

/// A key's value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreValue {
    /// Field to value.
    Hash(BTreeMap<String, String>),
    /// Elements in their order.
    List(Vec<String>),
    /// Members.
    Set(BTreeSet<String>),
}

/// Every key of a store with its value.
pub type StoreDump = BTreeMap<String, StoreValue>;

/// Reads an embedded store through `sluice store print --json`.
pub fn read_embedded(file: &Path) -> StoreDump {
    let file = file.to_str().expect("a temporary folder has a plain path");
    let ran = run(&["store", "print", file, "--json"], &[]);
    assert!(ran.success, "{}", ran.error);
    let parse = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("each line is JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().expect("a list").iter().map(text).collect()
        };
        let value = &line["value"];
        let value = match line["type"].as_str() {
            Some("hash") => {
                let fields = value.as_object().expect("a hash is an object").iter();
                StoreValue::Hash(
                    fields.map(|(field, value)| (field.clone(), text(value))).collect(),
                )
            }
            Some("list") => StoreValue::List(texts(value)),
            Some("set") => StoreValue::Set(texts(value).into_iter().collect()),
            _ => panic!("no type that Redis has: {line}"),
        };
        (text(&line["key"]), value)
    };
    ran.out.lines().map(parse).collect()
}

/// Reads a Redis, key by key.
pub fn read_redis(connection: &mut redis::Connection) -> StoreDump {
    let keys: Vec<String> = connection.keys("*").expect("Redis answers");
    let mut read = |key: String| {
        let kind: String = redis::cmd("TYPE").arg(&key).query(connection).expect("a type");
        let value = match kind.as_str() {
            "hash" => StoreValue::Hash(connection.hgetall(&key).expect("a hash")),
            "list" => StoreValue::List(connection.lrange(&key, 0, -1).expect("a list")),
            "set" => StoreValue::Set(connection.smembers(&key).expect("a set")),
            other => panic!("{key} is a {other}"),
        };
        (key, value)
    };
    keys.into_iter().map(&mut read).collect()
}

/// What is known of an owner beyond what billing reads, over all minutes.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Details {
    /// Sum of the goals.
    pub goal: f64,
    /// Difficulty of the best share.
    pub best: f64,
    /// Refused shares for all reasons.
    pub refused: f64,
}

/// Reads an owner's details.
///
/// # Panics
///
/// When the key is no hash whose fields are of the form `<minute>:<kind>`.
pub fn details(dump: &StoreDump, key: &str) -> Details {
    let Some(value) = dump.get(key) else { return Details::default() };
    let StoreValue::Hash(fields) = value else { panic!("{key} is no hash: {value:?}") };
    let mut details = Details::default();
    for (field, value) in fields {
        let (minute, kind) = field.split_once(':').expect("a field is <minute>:<kind>");
        let minute: u64 = minute.parse().expect("a field begins with a minute");
        assert_eq!(minute % 60, 0, "{key} {field}");
        let value: f64 = value.parse().expect("details are numbers");
        match kind {
            "goal" => details.goal += value,
            "best" => details.best = details.best.max(value),
            _ => details.refused += value,
        }
    }
    details
}

/// The numbers of a hash, minute by minute; none where the key is not there.
///
/// # Panics
///
/// When the key is no hash from minutes, multiples of 60, to numbers.
pub fn minutes(dump: &StoreDump, key: &str) -> Vec<f64> {
    let Some(value) = dump.get(key) else { return Vec::new() };
    let StoreValue::Hash(fields) = value else { panic!("{key} is no hash: {value:?}") };
    let number = |(minute, value): (&String, &String)| {
        let minute: u64 = minute.parse().expect("a field is a minute");
        assert_eq!(minute % 60, 0, "{key} {minute}");
        value.parse().unwrap_or_else(|_| panic!("{key} {minute} is no number: {value}"))
    };
    fields.iter().map(number).collect()
}

/// The sum over all minutes of a hash; zero where the key is not there.
pub fn sum(dump: &StoreDump, key: &str) -> f64 {
    // `Iterator::sum` calls the sum of nothing -0.
    minutes(dump, key).iter().fold(0.0, |sum, number| sum + number)
}

/// The elements of a list or set, sorted; none where the key is not there.
pub fn elements(dump: &StoreDump, key: &str) -> Vec<String> {
    let mut elements: Vec<String> = match dump.get(key) {
        None => Vec::new(),
        Some(StoreValue::List(elements)) => elements.clone(),
        Some(StoreValue::Set(members)) => members.iter().cloned().collect(),
        Some(other) => panic!("{key} is neither list nor set: {other:?}"),
    };
    elements.sort();
    elements
}

/// What `newblock` announces: a block's hash to its finder, `user.worker`.
///
/// # Panics
///
/// When a block is announced twice, or not as Redis's readers expect it.
pub fn announced_blocks(dump: &StoreDump) -> BTreeMap<String, String> {
    let mut blocks = BTreeMap::new();
    for element in elements(dump, "newblock") {
        let block: Value = serde_json::from_str(&element).expect("an element is JSON");
        let text = |name: &str| block[name].as_str().expect("a text").to_owned();
        assert_eq!(text("name"), "BTC");
        assert_eq!(block.as_object().map(serde_json::Map::len), Some(4), "{block}");
        let finder = format!("{}.{}", text("user"), text("worker"));
        let before = blocks.insert(text("hash"), finder);
        assert_eq!(before, None, "{block} is announced twice");
    }
    blocks
}
