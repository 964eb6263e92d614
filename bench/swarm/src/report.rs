//! The result of a run: a table for people, one JSON object for machines.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// One number of a result.
#[derive(Clone, PartialEq, Debug)]
struct Field {
    name: &'static str,
    value: Value,
    meaning: &'static str,
}

/// The result of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    fields: Vec<Field>,
}

impl Report {
    /// A result of a run with a gateway, that begins with what it was measured on.
    pub(crate) fn new(bench: &'static str, runtime: Option<&str>) -> Self {
        let mut report = Self::of_machine(bench);
        report.add("runtime", runtime.unwrap_or("bare"), "what drives the gateway's shards");
        report
    }

    /// A result of a run without one.
    pub(crate) fn of_machine(bench: &'static str) -> Self {
        let machine = rustix::system::uname();
        let release = machine.release().to_string_lossy().into_owned();
        let mut report = Self { fields: Vec::new() };
        report.add("bench", bench, "");
        report.add("cores", crate::cores::allowed().len(), "of this machine, for both ends");
        report.add("linux", release, "");
        report
    }

    /// Adds several results of one kind; each has a line of its own.
    pub(crate) fn rows(&mut self, name: &'static str, rows: Vec<Value>) {
        self.add(name, rows, "");
    }

    /// Adds a whole number or a text.
    pub(crate) fn add(
        &mut self,
        name: &'static str,
        value: impl Into<Value>,
        meaning: &'static str,
    ) {
        self.fields.push(Field { name, value: value.into(), meaning });
    }

    /// Adds a measured number, to three decimals.
    pub(crate) fn measured(&mut self, name: &'static str, value: f64, meaning: &'static str) {
        self.add(name, (value * 1000.0).round() / 1000.0, meaning);
    }

    /// One line a field: name, value, meaning.
    pub fn table(&self) -> String {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name_width = self.fields.iter().map(|field| field.name.len()).max().unwrap_or(0);
        let numbers = self.fields.iter().filter(|field| field.value.is_number());
        let values = numbers.map(|field| text(&field.value).len());
        let value_width = values.max().unwrap_or(0);
        let mut table = String::new();
        for Field { name, value, meaning } in &self.fields {
            if let Value::Array(rows) = value {
                for row in rows {
                    writeln!(table, "{name:<name_width$}  {}", row_text(row))
                        .expect("a text takes every line");
                }
                continue;
            }
            let value = text(value);
            let line = format!("{name:<name_width$}  {value:>value_width$}  {meaning}");
            writeln!(table, "{}", line.trim_end()).expect("a text takes every line");
        }
        table
    }

    /// All fields as one object.
    pub fn to_json(&self) -> Value {
        let pairs = self.fields.iter().map(|field| (field.name.to_owned(), field.value.clone()));
        Value::Object(pairs.collect::<Map<_, _>>())
    }
}

/// The fields of an object, one after the other.
fn row_text(row: &Value) -> String {
    let fields = row.as_object().into_iter().flatten();
    let texts = fields.map(|(name, value)| match value {
        Value::String(text) => text.clone(),
        other => format!("{name} {other}"),
    });
    texts.collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_and_object_hold_the_same() {
        let mut report = Report::new("submit", Some("glommio"));
        report.measured("p50_us", 1.234_56, "half of them");
        let object = report.to_json();
        assert_eq!(object["p50_us"], 1.235);
        assert_eq!((&object["bench"], &object["runtime"]), (&"submit".into(), &"glommio".into()));
        let table = report.table();
        assert_eq!(table.lines().count(), object.as_object().unwrap().len());
        assert!(table.lines().last().unwrap().ends_with("1.235  half of them"), "{table}");
    }
}
