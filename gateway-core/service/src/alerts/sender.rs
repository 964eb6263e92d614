//! Takes alerts to the alertcenter.

use std::time::Duration;

use sluice_wire::alert_feed::{ALERT_FEED_VERSION, FromCenter, ToCenter};
use tokio::task::JoinHandle;

use super::Collector;
use crate::ClusterKey;
use crate::backoff::Backoff;
use crate::link::{self, Inbound, LinkSender};

/// How often a stop looks whether everything has arrived.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// Where alerts go, and from whom.
#[derive(Clone, Debug)]
pub struct AlertTarget {
    /// The alertcenter, `host:port`.
    pub address: String,
    /// The key that all roles hold.
    pub key: ClusterKey,
    /// The machine, for people.
    pub host: String,
    /// The role, for people.
    pub role: String,
}

/// Sends until it is dropped.
#[derive(Debug)]
pub struct AlertSender {
    collector: Collector,
    task: JoinHandle<()>,
}

/// Starts taking what is gathered to the center.
pub fn send(target: AlertTarget, collector: &Collector) -> AlertSender {
    let task = tokio::spawn(run(target, collector.clone()));
    AlertSender { collector: collector.clone(), task }
}

impl AlertSender {
    /// Waits until everything has arrived, but no longer than this; whether it has.
    pub async fn finish(self, longest: Duration) -> bool {
        let arriving = async {
            while !self.collector.gathered().is_empty() {
                tokio::time::sleep(LOOK_INTERVAL).await;
            }
        };
        tokio::time::timeout(longest, arriving).await.is_ok()
    }
}

impl Drop for AlertSender {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Its own trouble is a warning: an alert about alerts would feed itself.
async fn run(target: AlertTarget, collector: Collector) {
    let mut backoff = Backoff::for_links();
    let mut is_told = false;
    loop {
        let cause = match link::connect(&target.address, &target.key).await {
            Ok((sender, receiver)) => {
                let inbound = Inbound::start(receiver, FromCenter::decode);
                let welcomed = || {
                    backoff.reset();
                    is_told = false;
                };
                converse(sender, inbound, &target, &collector, welcomed).await
            }
            Err(error) => error.to_string(),
        };
        if !is_told {
            let address = &target.address;
            tracing::warn!("alertcenter {address}: {cause}; trying again, alerts wait");
            is_told = true;
        }
        tokio::time::sleep(backoff.next_wait()).await;
    }
}

/// Sends over one link until it ends; says why it did.
async fn converse(
    mut sender: LinkSender,
    mut inbound: Inbound<FromCenter>,
    target: &AlertTarget,
    collector: &Collector,
    mut welcomed: impl FnMut(),
) -> String {
    let hello = ToCenter::Hello {
        version: ALERT_FEED_VERSION,
        host: target.host.clone(),
        role: target.role.clone(),
    };
    if let Err(error) = sender.send(&hello.encode()).await {
        return error.to_string();
    }
    let (mut is_welcome, mut sent) = (false, 0);
    loop {
        // One at a time: what has not arrived is sent again on the next link.
        let due = collector.gathered().next_after(sent).filter(|_| is_welcome);
        if let Some((number, alert)) = due {
            if let Err(error) = sender.send(&ToCenter::Alert { number, alert }.encode()).await {
                return error.to_string();
            }
            sent = number;
        }
        let has_more = is_welcome && collector.gathered().next_after(sent).is_some();
        tokio::select! {
            biased;
            message = inbound.receive() => match message {
                Ok(FromCenter::Welcome) => {
                    is_welcome = true;
                    welcomed();
                }
                Ok(FromCenter::Taken { number }) => collector.gathered().handle_taken(number),
                Ok(FromCenter::Refused(cause)) => return format!("it refuses: {cause}"),
                Err(cause) => return cause,
            },
            () = std::future::ready(()), if has_more => {}
            () = collector.changed.notified() => {}
        }
    }
}
