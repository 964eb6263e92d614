//! The jobmaster's end of the gateway's link: jobs when the run wants them.

use std::time::Duration;

use sluice_service::ClusterKey;
use sluice_service::link::{Inbound, LinkListener, LinkReceiver, LinkSender};
use sluice_units::{BlockVerdict, Job};
use sluice_wire::job_datagram::{DatagramKey, FeedName};
use sluice_wire::job_feed::{FromGateway, FromJobmaster};
use tokio::sync::mpsc;

use crate::error::BenchError;

/// How often the gateway hears that its jobmaster lives.
const ALIVE_INTERVAL: Duration = Duration::from_secs(1);
/// Jobs that wait for the link; then the run waits.
const JOBS_MAX: usize = 16;

/// Where jobs are handed in.
pub(crate) struct FeedEnd {
    /// Where the gateway finds it.
    pub(crate) address: String,
    jobs: mpsc::Sender<Job>,
}

impl FeedEnd {
    /// Listens on a free port of this machine, for as long as the runtime lives.
    pub(crate) async fn start(key: &ClusterKey) -> Result<Self, BenchError> {
        let listener = LinkListener::bind("127.0.0.1:0", key.clone()).await?;
        let address = listener.local_address().to_string();
        let (jobs, jobs_out) = mpsc::channel(JOBS_MAX);
        tokio::spawn(serve(listener, jobs_out));
        Ok(Self { address, jobs })
    }

    /// Hands a job to the gateway. Not from within the runtime.
    pub(crate) fn hand_out(&self, job: Job) -> Result<(), BenchError> {
        let handed = self.jobs.blocking_send(job);
        handed.map_err(|_| BenchError::Check("the feed to the gateway has ended".into()))
    }
}

/// One link after another: there is one gateway.
async fn serve(listener: LinkListener, mut jobs: mpsc::Receiver<Job>) {
    let mut newest = None;
    while let Ok((pending, _)) = listener.accept().await {
        let Ok((sender, receiver)) = pending.open().await else { continue };
        converse(sender, receiver, &mut jobs, &mut newest).await;
    }
}

/// Until the link ends; whoever waits for jobs then finds out for itself.
async fn converse(
    mut sender: LinkSender,
    receiver: LinkReceiver,
    jobs: &mut mpsc::Receiver<Job>,
    newest: &mut Option<Job>,
) {
    let mut inbound = Inbound::start(receiver, FromGateway::decode);
    let mut alive = tokio::time::interval(ALIVE_INTERVAL);
    loop {
        let message = tokio::select! {
            biased;
            message = inbound.receive() => match message {
                Ok(FromGateway::Hello { .. }) => {
                    // It sends no datagrams.
                    FromJobmaster::Welcome { feed: FeedName(0), key: DatagramKey([0; 32]) }
                }
                // Its target is out of reach: whatever this is, no node would have it.
                Ok(FromGateway::FoundBlock(block)) => {
                    FromJobmaster::Verdict {
                        hash: block.hash,
                        verdict: BlockVerdict::UnknownJob,
                        last: true,
                    }
                }
                // A lone gateway need not be told what it said.
                Ok(FromGateway::Banned(_)) => continue,
                Err(_) => return,
            },
            job = jobs.recv() => match job {
                Some(job) => {
                    *newest = Some(job.clone());
                    FromJobmaster::Job { tip_work: 0, job }
                }
                None => return,
            },
            _ = alive.tick() => FromJobmaster::Alive,
        };
        let is_welcome = matches!(message, FromJobmaster::Welcome { .. });
        if sender.send(&message.encode()).await.is_err() {
            return;
        }
        if let (true, Some(job)) = (is_welcome, newest.clone()) {
            let message = FromJobmaster::Job { tip_work: 0, job }.encode();
            if sender.send(&message).await.is_err() {
                return;
            }
        }
    }
}
