//! The roles of one pool in one process: started from the node up, stopped from the miner down.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, anyhow};
use sluice_gateway::{Gateway, GatewayStatus};
use sluice_jobmaster::{Jobmaster, JobmasterStatus};
use sluice_metawriter::Metawriter;
use sluice_miner::{Miner, MinerStatus};
use sluice_sandbox::SandboxNode;
use sluice_service::ClusterKey;
use sluice_units::Identity;

use crate::arguments::UpArguments;
use crate::up::plan::{self, Folders};

/// How long the first job may take once the node has answered.
const FIRST_JOB_WAIT: Duration = Duration::from_secs(30);

/// A running pool.
pub(crate) struct Pool {
    sandbox: Option<SandboxNode>,
    metawriter: Metawriter,
    jobmaster: Jobmaster,
    gateway: Gateway,
    miner: Option<Miner>,
    pub(crate) store_name: String,
    pub(crate) data: String,
    key_file: String,
}

/// What a pool has done.
pub(crate) struct Status {
    pub(crate) gateway: GatewayStatus,
    pub(crate) jobmaster: JobmasterStatus,
    pub(crate) miner: Option<MinerStatus>,
    /// Why the store takes nothing, while it takes nothing.
    pub(crate) store_trouble: Option<String>,
}

impl Pool {
    pub(crate) async fn start(arguments: &UpArguments) -> Result<Self> {
        let worker = arguments.miner_user.parse::<Identity>();
        worker.map_err(|error| anyhow!("--miner-user '{}': {error}", arguments.miner_user))?;
        let folders = Folders::new(arguments);
        std::fs::create_dir_all(&folders.root).map_err(|error| {
            let root = folders.root.display();
            anyhow!("{root}: {error}; choose a folder that can be written with --data")
        })?;
        let key = if folders.key.exists() {
            ClusterKey::from_file(&folders.key)?
        } else {
            ClusterKey::generate_file(&folders.key)?
        };
        let network = arguments.node.is_none().then(|| plan::sandbox_difficulty(arguments));
        let sandbox = match network {
            Some(difficulty) => Some(sluice_sandbox::start(plan::sandbox(difficulty)?).await?),
            None => None,
        };
        let metawriter =
            sluice_metawriter::start(plan::metawriter(arguments, &folders), key.clone()).await?;
        let url = sandbox.as_ref().map(SandboxNode::url);
        let jobmaster =
            Jobmaster::start(plan::jobmaster(arguments, &folders, url), key.clone(), None).await?;
        let links = [jobmaster.local_address(), metawriter.local_address()];
        let links = links.map(|address| address.to_string());
        let gateway =
            Gateway::start(plan::gateway(arguments, &folders, network, links), key).await?;
        let store_name = plan::store_name(arguments, &folders.store);
        let data = folders.root.display().to_string();
        let key_file = folders.key.display().to_string();
        let mut pool = Self {
            sandbox,
            metawriter,
            jobmaster,
            gateway,
            miner: None,
            store_name,
            data,
            key_file,
        };
        match pool.start_mining(arguments).await {
            Ok(()) => Ok(pool),
            Err(error) => {
                pool.stop().await?;
                Err(error)
            }
        }
    }

    async fn start_mining(&mut self, arguments: &UpArguments) -> Result<()> {
        self.wait_for_job().await?;
        if let Some(config) = plan::miner(arguments, self.reachable_address().to_string()) {
            self.miner = Some(Miner::start(config)?);
        }
        Ok(())
    }

    async fn wait_for_job(&self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + FIRST_JOB_WAIT;
        while self.gateway.status().shards.jobs == 0 {
            if tokio::time::Instant::now() >= deadline {
                let trouble = self.jobmaster.status().node_trouble;
                let cause = trouble.unwrap_or_else(|| "the node gives no template".into());
                return Err(anyhow!("no job after {} s: {cause}", FIRST_JOB_WAIT.as_secs()));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Where miners connect, as bound.
    pub(crate) fn address(&self) -> SocketAddr {
        self.gateway.local_addresses()[0]
    }

    /// The same from this machine, where all addresses of the machine are bound.
    fn reachable_address(&self) -> SocketAddr {
        let mut address = self.address();
        if address.ip().is_unspecified() {
            let loopback = if address.is_ipv4() {
                [127, 0, 0, 1].into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            };
            address.set_ip(loopback);
        }
        address
    }

    /// How the operator reaches it.
    pub(crate) fn control(&self) -> String {
        let jobmaster = self.jobmaster.local_address();
        format!("sluice ctl --jobmaster {jobmaster} --key {}", self.key_file)
    }

    pub(crate) fn shard_count(&self) -> usize {
        self.gateway.shard_count()
    }

    /// The network mined on, as people call it.
    pub(crate) fn network(&self) -> String {
        match self.sandbox {
            Some(_) => "a sandbox chain inside this process".into(),
            None => format!("the {} network", self.jobmaster.chain()),
        }
    }

    pub(crate) fn has_miner(&self) -> bool {
        self.miner.is_some()
    }

    pub(crate) fn status(&self) -> Status {
        let stats = self.metawriter.stats();
        Status {
            gateway: self.gateway.status(),
            jobmaster: self.jobmaster.status(),
            miner: self.miner.as_ref().map(Miner::status),
            store_trouble: stats.last_error.filter(|_| !stats.store_reachable),
        }
    }

    /// Why the pool cannot go on, where it cannot.
    pub(crate) fn failure(&mut self) -> Option<anyhow::Error> {
        if self.gateway.has_failed() {
            return Some(anyhow!("a shard ended early; the log says why"));
        }
        self.metawriter.failure().map(anyhow::Error::from)
    }

    /// Stops the miner first, so that every share is answered, then each role behind the one that
    /// feeds it.
    pub(crate) async fn stop(self) -> Result<Status> {
        let mut miner_status = None;
        if let Some(miner) = self.miner {
            let (status, result) = tokio::task::spawn_blocking(|| miner.stop()).await?;
            if let Err(error) = result {
                tracing::warn!("the built-in miner had ended: {error}");
            }
            miner_status = Some(status);
        }
        let gateway = self.gateway.stop().await;
        let jobmaster = self.jobmaster.status();
        self.jobmaster.stop().await;
        let stats = self.metawriter.stats();
        self.metawriter.stop().await;
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
        let store_trouble = stats.last_error.filter(|_| !stats.store_reachable);
        Ok(Status { gateway, jobmaster, miner: miner_status, store_trouble })
    }
}
