//! `sluice store`.

use std::io::{self, BufWriter, ErrorKind, Write};

use anyhow::Result;
use sluice_metawriter::store::embedded::{DumpLine, DumpValue, dump_each};

use crate::arguments::StoreCommand;

/// Prints each key as soon as it is read: a store may hold more than memory does.
pub(crate) fn run(command: &StoreCommand) -> Result<()> {
    let StoreCommand::Print { file, json } = command;
    let mut out = BufWriter::new(io::stdout().lock());
    let printed = dump_each(file, |line| -> Result<()> {
        if *json {
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        } else {
            print_plain(&mut out, &line)?;
        }
        Ok(())
    });
    let is_closed = |error: &anyhow::Error| {
        error.downcast_ref().is_some_and(|it: &io::Error| it.kind() == ErrorKind::BrokenPipe)
    };
    match printed.and_then(|()| Ok(out.flush()?)) {
        // Whoever reads has seen enough.
        Err(error) if is_closed(&error) => Ok(()),
        other => other,
    }
}

fn print_plain(out: &mut impl Write, DumpLine { key, value }: &DumpLine) -> io::Result<()> {
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
