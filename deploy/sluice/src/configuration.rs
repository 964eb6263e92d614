//! `sluice config`.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
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

/// Checks the file alone, whatever the environment holds. What does not read is told with its line, what makes no sense
/// with its key.
fn check(role: Role, file: &Path) -> Result<()> {
    let senseless = |cause: String| anyhow!("{}: {cause}", file.display());
    let checked = match role {
        Role::Alertcenter => {
            config::load::<AlertcenterConfig>("alertcenter", Some(file), [])?.check()
        }
        Role::Gateway => {
            let config = config::load::<GatewayConfig>("gateway", Some(file), [])?;
            config.check().map_err(|error| error.to_string())
        }
        Role::Jobmaster => {
            let config = config::load::<JobmasterConfig>("jobmaster", Some(file), [])?;
            config.check().map_err(|error| error.to_string())
        }
        Role::Metarelay => {
            let config = config::load::<MetarelayConfig>("metarelay", Some(file), [])?;
            config.upstreams().map(drop)
        }
        Role::Metawriter => {
            let config = config::load::<MetawriterConfig>("metawriter", Some(file), [])?;
            config.check().map_err(|error| error.to_string())
        }
    };
    checked.map_err(senseless)
}

fn role_of(file: &Path) -> Option<Role> {
    let name = file.file_stem()?.to_str()?;
    let roles =
        [Role::Alertcenter, Role::Gateway, Role::Jobmaster, Role::Metarelay, Role::Metawriter];
    roles.into_iter().find(|role| name.contains(&format!("{role:?}").to_lowercase()))
}
