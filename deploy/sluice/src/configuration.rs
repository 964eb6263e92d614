//! `sluice config`.

use std::path::Path;

use anyhow::{Result, bail};
use sluice_alertcenter::AlertcenterConfig;
use sluice_gateway::GatewayConfig;
use sluice_jobmaster::JobmasterConfig;
use sluice_metarelay::MetarelayConfig;
use sluice_metawriter::MetawriterConfig;
use sluice_service::config;

use crate::arguments::{ConfigCommand, Role};

pub(crate) fn run(command: &ConfigCommand) -> Result<()> {
    match command {
        ConfigCommand::Print { role } => {
            print!("{}", default_of(*role));
            Ok(())
        }
        ConfigCommand::Check { file, role } => {
            let Some(role) = role.or_else(|| role_of(file)) else {
                bail!(
                    "{}: the file's name does not tell the role; add --role gateway, jobmaster, metarelay, metawriter or alertcenter",
                    file.display()
                );
            };
            check(role, file)?;
            println!("{}: ok", file.display());
            Ok(())
        }
    }
}

fn default_of(role: Role) -> &'static str {
    match role {
        Role::Alertcenter => sluice_alertcenter::DEFAULT_CONFIG,
        Role::Gateway => sluice_gateway::DEFAULT_CONFIG,
        Role::Jobmaster => sluice_jobmaster::DEFAULT_CONFIG,
        Role::Metarelay => sluice_metarelay::DEFAULT_CONFIG,
        Role::Metawriter => sluice_metawriter::DEFAULT_CONFIG,
    }
}

/// Checks the file alone, whatever the environment holds.
fn check(role: Role, file: &Path) -> Result<()> {
    match role {
        Role::Alertcenter => {
            let config = config::load::<AlertcenterConfig>("alertcenter", Some(file), [])?;
            config.check().map_err(anyhow::Error::msg)?;
        }
        Role::Gateway => {
            config::load::<GatewayConfig>("gateway", Some(file), [])?.check()?;
        }
        Role::Jobmaster => {
            config::load::<JobmasterConfig>("jobmaster", Some(file), [])?.check()?;
        }
        Role::Metarelay => {
            let config = config::load::<MetarelayConfig>("metarelay", Some(file), [])?;
            config.upstreams().map_err(anyhow::Error::msg)?;
        }
        Role::Metawriter => {
            config::load::<MetawriterConfig>("metawriter", Some(file), [])?.check()?;
        }
    }
    Ok(())
}

fn role_of(file: &Path) -> Option<Role> {
    let name = file.file_stem()?.to_str()?;
    let roles =
        [Role::Alertcenter, Role::Gateway, Role::Jobmaster, Role::Metarelay, Role::Metawriter];
    roles.into_iter().find(|role| name.contains(&format!("{role:?}").to_lowercase()))
}
