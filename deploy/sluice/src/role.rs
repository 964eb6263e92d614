//! One role in a process of its own.

use anyhow::{Result, anyhow};
use serde::de::DeserializeOwned;
use sluice_gateway::{Gateway, GatewayConfig};
use sluice_jobmaster::{Jobmaster, JobmasterConfig};
use sluice_metarelay::MetarelayConfig;
use sluice_metawriter::MetawriterConfig;
use sluice_service::{ClusterKey, config, logging};

use crate::arguments::RoleArguments;
use crate::signals::{self, StopSignals};

pub(crate) fn run_gateway(arguments: &RoleArguments) -> Result<()> {
    let config: GatewayConfig = prepare("gateway", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    runtime()?.block_on(async {
        let mut stop = StopSignals::catch()?;
        let mut gateway = Gateway::start(config, key).await?;
        tokio::select! {
            () = stop.wait() => {}
            () = gateway.wait_for_failure() => {}
        }
        let failed = gateway.has_failed();
        gateway.stop().await;
        anyhow::ensure!(!failed, "a shard ended early; the log says why");
        Ok(())
    })
}

pub(crate) fn run_jobmaster(arguments: &RoleArguments) -> Result<()> {
    let config: JobmasterConfig = prepare("jobmaster", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    runtime()?.block_on(async {
        let mut stop = StopSignals::catch()?;
        let mut again = signals::Reload::catch()?;
        let file = arguments.config.clone();
        let reload = move || {
            config::load::<JobmasterConfig>("jobmaster", file.as_deref(), std::env::vars())
                .map_err(|error| error.to_string())
        };
        let jobmaster = tokio::select! {
            started = Jobmaster::start(config, key, Some(Box::new(reload))) => started?,
            // It may be waiting for a node that downloads the chain.
            () = stop.wait() => return Ok(()),
        };
        loop {
            tokio::select! {
                () = stop.wait() => break,
                // What came of it is in the log.
                () = again.wait() => drop(jobmaster.reload().await),
            }
        }
        jobmaster.stop().await;
        Ok(())
    })
}

pub(crate) fn run_metarelay(arguments: &RoleArguments) -> Result<()> {
    let config: MetarelayConfig = prepare("metarelay", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    runtime()?.block_on(async {
        let mut stop = StopSignals::catch()?;
        let metarelay = sluice_metarelay::start(config, key).await?;
        stop.wait().await;
        metarelay.stop().await;
        Ok(())
    })
}

pub(crate) fn run_metawriter(arguments: &RoleArguments) -> Result<()> {
    let config: MetawriterConfig = prepare("metawriter", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    runtime()?.block_on(async {
        let mut stop = StopSignals::catch()?;
        let metawriter = sluice_metawriter::start(config, key).await?;
        stop.wait().await;
        metawriter.stop().await;
        Ok(())
    })
}

/// Logging and configuration, as every role starts.
fn prepare<T: DeserializeOwned>(role: &'static str, arguments: &RoleArguments) -> Result<T> {
    logging::start("info");
    Ok(config::load(role, arguments.config.as_deref(), std::env::vars())?)
}

/// Services that are not hot share one runtime.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("service")
        .enable_all()
        .build()
        .map_err(|error| {
            anyhow!("the services' threads cannot be started: {error}; raise the limit on processes (ulimit -u)")
        })
}
