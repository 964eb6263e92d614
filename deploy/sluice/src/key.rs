//! `sluice key`.

use anyhow::Result;
use sluice_service::ClusterKey;

use crate::arguments::KeyCommand;

pub(crate) fn run(command: &KeyCommand) -> Result<()> {
    let KeyCommand::New { file } = command;
    ClusterKey::generate_file(file)?;
    println!("{}: a new key; every role of the pool needs a copy, and nobody else", file.display());
    Ok(())
}
