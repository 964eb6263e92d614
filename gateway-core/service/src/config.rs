//! Configuration: a TOML file, then the environment, into a typed struct that refuses unknown keys.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::{Table, Value};

/// Why a configuration is not taken. Each message is one line with the cause and the remedy.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}; `sluice config print {role}` shows a complete one")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The role whose configuration it is.
        role: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file is no TOML, or holds an unknown key or a value of the wrong type.
    #[error("{path}, line {line}: {cause}; `sluice config print {role}` shows every key")]
    BadFile {
        /// The file.
        path: PathBuf,
        /// The role whose configuration it is.
        role: &'static str,
        /// Where in the file, from 1.
        line: usize,
        /// What is wrong.
        cause: String,
    },
    /// An environment variable names no key, or has a value of the wrong type.
    #[error("environment: {cause}; variables are {prefix}KEY, or {prefix}SECTION__KEY")]
    BadEnvironment {
        /// What all variables of the role begin with.
        prefix: String,
        /// What is wrong, naming the variable.
        cause: String,
    },
}

/// Reads a role's configuration: defaults, over them the file, over that the environment.
///
/// A key `send_queue_max` is `SLUICE_GATEWAY_SEND_QUEUE_MAX` in the environment of the gateway, a key
/// `redis_url` in the section `store` of the metawriter `SLUICE_METAWRITER_STORE__REDIS_URL`.
pub fn load<T: DeserializeOwned>(
    role: &'static str,
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<T, ConfigError> {
    let mut table = match file {
        Some(path) => read_file::<T>(role, path)?,
        None => Table::new(),
    };
    let prefix = format!("SLUICE_{}_", role.to_uppercase());
    for (name, text) in environment {
        let Some(key) = name.strip_prefix(&prefix) else { continue };
        let path = key.to_lowercase();
        let keys: Vec<&str> = path.split("__").collect();
        // The value alone must be good, so that the message can name the variable it came in.
        let with = |value: Value| -> Result<Table, String> {
            let mut table = table.clone();
            set(&mut table, &keys, value)?;
            Table::try_into::<T>(table.clone()).map_err(|error| one_line(error.message()))?;
            Ok(table)
        };
        let candidates = [parse_value(&text), Some(Value::String(text.clone()))];
        let mut results = candidates.into_iter().flatten().map(with);
        let first = results.next().expect("the text itself is always a candidate");
        table = first.or_else(|cause| results.next().unwrap_or(Err(cause))).map_err(|cause| {
            ConfigError::BadEnvironment {
                prefix: prefix.clone(),
                cause: format!("{name}: {cause}"),
            }
        })?;
    }
    table.try_into().map_err(|error: toml::de::Error| ConfigError::BadEnvironment {
        prefix,
        cause: one_line(error.message()),
    })
}

/// Reads and checks the file by itself, so that a mistake is told with its line.
fn read_file<T: DeserializeOwned>(role: &'static str, path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        role,
        source,
    })?;
    let bad = |error: toml::de::Error| ConfigError::BadFile {
        path: path.to_owned(),
        role,
        line: error.span().map_or(1, |span| line_of(&text, span.start)),
        cause: one_line(error.message()),
    };
    toml::from_str::<T>(&text).map_err(bad)?;
    toml::from_str::<Table>(&text).map_err(bad)
}

fn line_of(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    1 + text.as_bytes()[..byte].iter().filter(|byte| **byte == b'\n').count()
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A TOML value as it would stand behind `key =`.
fn parse_value(text: &str) -> Option<Value> {
    let mut table: Table = toml::from_str(&format!("value = {text}")).ok()?;
    table.remove("value")
}

fn set(table: &mut Table, keys: &[&str], value: Value) -> Result<(), String> {
    let (key, sections) = keys.split_last().expect("a split text has at least one part");
    let mut section = table;
    for name in sections {
        section = section
            .entry(*name)
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .ok_or_else(|| format!("{name} is no section"))?;
    }
    section.insert((*key).to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, PartialEq, Debug, Default)]
    #[serde(deny_unknown_fields, default)]
    struct Example {
        listen: String,
        count: u32,
        store: Section,
    }

    #[derive(Deserialize, PartialEq, Debug, Default)]
    #[serde(deny_unknown_fields, default)]
    struct Section {
        path: String,
    }

    fn load_text(text: &str, environment: &[(&str, &str)]) -> Result<Example, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("example.toml");
        std::fs::write(&path, text).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        load("example", Some(&path), environment).map_err(|error| error.to_string())
    }

    #[test]
    fn environment_goes_over_file_goes_over_default() {
        let example = load_text(
            "count = 1\nlisten = 'file'\n",
            &[
                ("SLUICE_EXAMPLE_COUNT", "2"),
                ("SLUICE_EXAMPLE_STORE__PATH", "12"),
                ("SLUICE_OTHER_COUNT", "9"),
            ],
        );
        let store = Section { path: "12".into() };
        assert_eq!(example, Ok(Example { listen: "file".into(), count: 2, store }));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let unknown = load_text("count = 1\n\nlitsen = 'x'\n", &[]).unwrap_err();
        assert!(unknown.contains("line 3") && unknown.contains("litsen"), "{unknown}");
        let broken = load_text("count = 1\n= 2\n", &[]).unwrap_err();
        assert!(broken.contains("line 2"), "{broken}");
        let wrong_type = load_text("count = 'many'\n", &[]).unwrap_err();
        assert!(wrong_type.contains("line 1"), "{wrong_type}");
        for message in [unknown, broken, wrong_type] {
            assert_eq!(message.lines().count(), 1);
        }
    }

    #[test]
    fn mistakes_in_the_environment_name_the_variable() {
        for (name, value) in [("SLUICE_EXAMPLE_COUNTS", "1"), ("SLUICE_EXAMPLE_COUNT", "many")] {
            let message = load_text("", &[(name, value)]).unwrap_err();
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn a_missing_file_says_how_to_make_one() {
        let error = load::<Example>("example", Some(Path::new("/nonexistent/x")), []).unwrap_err();
        assert!(error.to_string().contains("sluice config print example"));
    }
}
