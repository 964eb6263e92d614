//! One role in a process of its own.

use std::time::Duration;

use anyhow::{Result, anyhow};
use serde::de::DeserializeOwned;
use sluice_alertcenter::{AlertcenterConfig, OwnAlerts};
use sluice_gateway::{Gateway, GatewayConfig};
use sluice_jobmaster::{Jobmaster, JobmasterConfig};
use sluice_metarelay::MetarelayConfig;
use sluice_metawriter::MetawriterConfig;
use sluice_service::alerts::{self, AlertTarget, collector};
use sluice_service::{ClusterKey, config, logging};
use sluice_wire::alert_feed::Severity;

use crate::arguments::RoleArguments;
use crate::panics::Panics;
use crate::signals::{self, StopSignals};

/// How long the end of a role waits for its last alerts to arrive.
const ALERTS_WAIT_MAX: Duration = Duration::from_secs(2);
/// How long a role that cannot go on may take to end what is left of it.
const FAILED_STOP_WAIT_MAX: Duration = Duration::from_secs(5);

pub(crate) fn run_gateway(arguments: &RoleArguments) -> Result<()> {
    let (config, mut panics): (GatewayConfig, _) = prepare("gateway", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    let target = target("gateway", &config.alertcenter, &config.host, &key);
    serve(target, async {
        let mut stop = StopSignals::catch()?;
        let mut gateway = Gateway::start(config, key).await?;
        let failure = tokio::select! {
            () = stop.wait() => None,
            () = gateway.wait_for_failure() => Some(anyhow!("a shard ended early; the log says why")),
            failure = panics.wait() => Some(failure.into()),
        };
        let stop = async {
            gateway.stop().await;
        };
        conclude(failure, panics, stop).await
    })
}

pub(crate) fn run_jobmaster(arguments: &RoleArguments) -> Result<()> {
    let (config, mut panics): (JobmasterConfig, _) = prepare("jobmaster", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    let target = target("jobmaster", &config.alertcenter, "", &key);
    serve(target, async {
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
        let failure = loop {
            tokio::select! {
                () = stop.wait() => break None,
                // What came of it is in the log.
                () = again.wait() => drop(jobmaster.reload().await),
                failure = panics.wait() => break Some(failure.into()),
            }
        };
        conclude(failure, panics, jobmaster.stop()).await
    })
}

pub(crate) fn run_metarelay(arguments: &RoleArguments) -> Result<()> {
    let (config, mut panics): (MetarelayConfig, _) = prepare("metarelay", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    let target = target("metarelay", &config.alertcenter, "", &key);
    serve(target, async {
        let mut stop = StopSignals::catch()?;
        let mut metarelay = sluice_metarelay::start(config, key).await?;
        let failure = tokio::select! {
            () = stop.wait() => None,
            failure = metarelay.wait_for_failure() => Some(failure.into()),
            failure = panics.wait() => Some(failure.into()),
        };
        conclude(failure, panics, metarelay.stop()).await
    })
}

pub(crate) fn run_metawriter(arguments: &RoleArguments) -> Result<()> {
    let (config, mut panics): (MetawriterConfig, _) = prepare("metawriter", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    let target = target("metawriter", &config.alertcenter, "", &key);
    serve(target, async {
        let mut stop = StopSignals::catch()?;
        let mut metawriter = sluice_metawriter::start(config, key).await?;
        let failure = tokio::select! {
            () = stop.wait() => None,
            failure = metawriter.wait_for_failure() => Some(failure.into()),
            failure = panics.wait() => Some(failure.into()),
        };
        conclude(failure, panics, metawriter.stop()).await
    })
}

pub(crate) fn run_alertcenter(arguments: &RoleArguments) -> Result<()> {
    let (config, mut panics): (AlertcenterConfig, _) = prepare("alertcenter", arguments)?;
    let key = ClusterKey::from_file(&config.cluster_key_file)?;
    // Its own alerts need no link.
    let own = OwnAlerts { collector: collector().clone(), host: machine_name() };
    serve(None, async {
        let mut stop = StopSignals::catch()?;
        let mut alertcenter = sluice_alertcenter::start(config, key, own).await?;
        let failure = tokio::select! {
            () = stop.wait() => None,
            failure = alertcenter.wait_for_failure() => Some(failure.into()),
            failure = panics.wait() => Some(failure.into()),
        };
        conclude(failure, panics, alertcenter.stop()).await
    })
}

/// Stops a role at the word to do so, or where it cannot go on: then it is started again, instead of living on, deaf.
async fn conclude(
    failure: Option<anyhow::Error>,
    panics: Panics,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let Some(failure) = failure else {
        stop.await;
        return panics.met().map_or(Ok(()), |met| Err(met.into()));
    };
    // What is left of it may wait for what has failed, or fail for its lack.
    let _ = tokio::time::timeout(FAILED_STOP_WAIT_MAX, tokio::spawn(stop)).await;
    Err(failure)
}

/// Where a role's alerts go; `None` where there is no alertcenter.
fn target(role: &str, address: &str, host: &str, key: &ClusterKey) -> Option<AlertTarget> {
    let host = if host.is_empty() { machine_name() } else { host.to_owned() };
    let (address, role, key) = (address.to_owned(), role.to_owned(), key.clone());
    (!address.is_empty()).then_some(AlertTarget { address, key, host, role })
}

/// What the machine calls itself.
pub(crate) fn machine_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Runs a role, with its alerts going to the alertcenter meanwhile. That it could not go on is one of them.
fn serve(target: Option<AlertTarget>, role: impl Future<Output = Result<()>>) -> Result<()> {
    // Links and files take descriptors, and a role that has none left is of no use.
    let _ = sluice_ring::raise_descriptor_limit();
    let runtime = runtime()?;
    let result = runtime.block_on(async {
        let alerts = target.map(|target| alerts::send(target, collector()));
        let result = role.await;
        if let Err(error) = &result {
            collector().add(Severity::Fatal, &format!("FATAL: it has ended: {error:#}"));
        }
        if let Some(alerts) = alerts {
            // Where nobody takes them the log has to do.
            alerts.finish(ALERTS_WAIT_MAX).await;
        }
        result
    });
    if result.is_err() {
        // A call that waits for a disk must not keep the process from its end.
        runtime.shutdown_background();
    }
    result
}

/// Logging and configuration, as every role starts.
fn prepare<T: DeserializeOwned>(
    role: &'static str,
    arguments: &RoleArguments,
) -> Result<(T, Panics)> {
    logging::start("info");
    let panics = Panics::watch();
    Ok((config::load(role, arguments.config.as_deref(), std::env::vars())?, panics))
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

#[cfg(test)]
mod tests {
    use sluice_service::tasks::TaskEnded;

    use super::*;

    #[tokio::test]
    async fn a_role_that_cannot_go_on_ends_with_an_error_whatever_is_left_of_it() {
        conclude(None, Panics::none(), async {}).await.unwrap();
        let (failure, stop) = (Some(TaskEnded.into()), std::future::pending());
        let error = conclude(failure, Panics::none(), stop).await.unwrap_err();
        assert!(error.to_string().contains("broken invariant"), "{error}");
    }

    #[test]
    fn an_error_ends_the_process_though_a_disk_hangs() {
        let (_hangs, disk) = std::sync::mpsc::channel::<()>();
        let ended = serve(None, async {
            // A call that has not begun is discarded, and holds nothing up.
            let (begins, begun) = tokio::sync::oneshot::channel();
            tokio::task::spawn_blocking(move || {
                begins.send(()).unwrap();
                disk.recv()
            });
            begun.await.unwrap();
            Err(TaskEnded.into())
        });
        assert!(ended.is_err());
    }
}
