//! A real metawriter in a process of its own, and the run as its gateway.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sluice_service::ClusterKey;
use sluice_service::link::{self, Inbound};
use sluice_units::limits::BATCHES_IN_FLIGHT_MAX;
use sluice_wire::share_feed::{FromWriter, SHARE_FEED_VERSION, ToWriter};
use tempfile::TempDir;

use crate::child::{Interruption, Launch, RunProcess};
use crate::error::BenchError;
use crate::scratch::{self, free_address};

const START_WAIT_MAX: Duration = Duration::from_secs(30);
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// How often a wait for acknowledgements looks for an interruption.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// A metawriter on its own cores. Dropped, it is killed.
pub(crate) struct WriterUnderTest {
    process: RunProcess,
    address: String,
    key: ClusterKey,
    _folder: TempDir,
}

impl WriterUnderTest {
    /// Starts it; it listens soon after.
    pub(crate) fn start(
        redis_url: &str,
        cores: &Option<Vec<usize>>,
        interruption: &Interruption,
    ) -> Result<Self, BenchError> {
        let folder = scratch::folder()?;
        let key_file = folder.path().join("cluster.key");
        let key = ClusterKey::generate_file(&key_file)?;
        let address = free_address()?.to_string();
        let file = folder.path().join("metawriter.toml");
        let text = format!(
            "listen = \"{address}\"\ncluster_key_file = {:?}\n[store]\nredis_url = \"{redis_url}\"\n",
            key_file.to_string_lossy(),
        );
        fs::write(&file, text)
            .map_err(|source| BenchError::Scratch { what: "metawriter.toml", source })?;
        let arguments = vec!["metawriter".into(), "--config".into(), file.into_os_string()];
        let launch = Launch { arguments, cores: cores.clone(), ..Launch::default() };
        let process = RunProcess::start("the metawriter", &launch, interruption)?;
        Ok(Self { process, address, key, _folder: folder })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends batches as gateways do, so many at a time, until each is acknowledged.
    pub(crate) async fn deliver(
        &mut self,
        batches: Vec<Vec<u8>>,
        interruption: &Interruption,
        mut tell: impl FnMut(u64, u64),
    ) -> Result<(), BenchError> {
        let (mut sender, receiver) = self.connect(interruption).await?;
        let mut inbound = Inbound::start(receiver, FromWriter::decode);
        let hello =
            ToWriter::Hello { version: SHARE_FEED_VERSION, instance: 0, name: "bench".into() };
        sender.send(&hello.encode()).await?;
        let all = batches.len();
        let mut waiting = batches.into_iter();
        let (mut sent, mut done) = (0, 0);
        while done < all {
            while sent - done < BATCHES_IN_FLIGHT_MAX
                && let Some(batch) = waiting.next()
            {
                sender.send(&batch).await?;
                sent += 1;
            }
            match tokio::time::timeout(CHECK_INTERVAL, inbound.receive()).await {
                Ok(Ok(FromWriter::Acknowledged { .. })) => done += 1,
                Ok(Ok(FromWriter::Welcome)) => {}
                Ok(Ok(FromWriter::Refused(cause)) | Err(cause)) => {
                    self.process.check_running()?;
                    return Err(BenchError::Check(format!("the metawriter's link ends: {cause}")));
                }
                Err(_) => self.process.check_running()?,
            }
            interruption.check()?;
            tell(done as u64, all as u64);
        }
        Ok(())
    }

    async fn connect(
        &mut self,
        interruption: &Interruption,
    ) -> Result<(link::LinkSender, link::LinkReceiver), BenchError> {
        let deadline = Instant::now() + START_WAIT_MAX;
        loop {
            match link::connect(&self.address, &self.key).await {
                Ok(ends) => return Ok(ends),
                Err(error) if Instant::now() >= deadline => return Err(error.into()),
                Err(_) => self.process.check_running()?,
            }
            interruption.check()?;
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    /// Ends it as a service manager does.
    pub(crate) fn end(self) -> Result<(), BenchError> {
        self.process.end(Some(Signal::TERM))
    }
}
