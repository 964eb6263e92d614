//! `sluice store`.

use std::io::{BufWriter, ErrorKind, Write};

use anyhow::Result;
use sluice_metawriter::store::embedded::{DumpLine, DumpValue, dump};

use crate::arguments::StoreCommand;

pub(crate) fn run(command: &StoreCommand) -> Result<()> {
    let StoreCommand::Print { file, json } = command;
    let lines = dump(file)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in &lines {
        let printed = if *json {
            writeln!(out, "{}", serde_json::to_string(line)?)
        } else {
            print_plain(&mut out, line)
        };
        match printed {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            other => other?,
        }
    }
    Ok(out.flush()?)
}

fn print_plain(out: &mut impl Write, DumpLine { key, value }: &DumpLine) -> std::io::Result<()> {
    match value {
        DumpValue::Hash(fields) => {
            for (field, value) in fields {
                writeln!(out, "{key} {field} {value}")?;
            }
        }
        DumpValue::List(elements) => {
            for element in elements {
                writeln!(out, "{key} {element}")?;
            }
        }
        DumpValue::Set(members) => {
            for member in members {
                writeln!(out, "{key} {member}")?;
            }
        }
    }
    Ok(())
}
