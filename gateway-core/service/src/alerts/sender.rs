//! Takes alerts to the alertcenter.

use std::time::Duration;

use sluice_units::limits::ALERT_SILENCE_MAX;
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
    let task = tokio::spawn(run(target, collector.clone(), ALERT_SILENCE_MAX));
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
async fn run(target: AlertTarget, collector: Collector, silence_max: Duration) {
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
                let mut link = CenterLink { sender, inbound, silence_max };
                let cause = link.converse(&target, &collector, welcomed).await;
                collector.gathered().handle_unlinked();
                cause
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

/// A link that ends where the center takes nothing, or says nothing, for too long.
struct CenterLink {
    sender: LinkSender,
    inbound: Inbound<FromCenter>,
    silence_max: Duration,
}

impl CenterLink {
    /// Sends over the link until it ends; says why it did.
    async fn converse(
        &mut self,
        target: &AlertTarget,
        collector: &Collector,
        mut welcomed: impl FnMut(),
    ) -> String {
        let hello = ToCenter::Hello {
            version: ALERT_FEED_VERSION,
            host: target.host.clone(),
            role: target.role.clone(),
        };
        if let Err(cause) = self.send(&hello).await {
            return cause;
        }
        let (mut is_welcome, mut sent) = (false, 0);
        let silence = tokio::time::sleep(self.silence_max);
        tokio::pin!(silence);
        loop {
            // One at a time: what has not arrived is sent again on the next link.
            let due = collector.gathered().next_after(sent).filter(|_| is_welcome);
            if let Some((number, alert)) = due {
                if let Err(cause) = self.send(&ToCenter::Alert { number, alert }).await {
                    return cause;
                }
                sent = number;
                collector.gathered().handle_sent(sent);
            }
            let has_more = is_welcome && collector.gathered().next_after(sent).is_some();
            let message = tokio::select! {
                biased;
                message = self.inbound.receive() => message,
                () = std::future::ready(()), if has_more => continue,
                () = collector.changed.notified() => continue,
                () = &mut silence => return self.silence(),
            };
            silence.as_mut().reset(tokio::time::Instant::now() + self.silence_max);
            match message {
                Ok(FromCenter::Welcome) => {
                    is_welcome = true;
                    collector.gathered().handle_sent(sent);
                    welcomed();
                }
                Ok(FromCenter::Taken { number }) => collector.gathered().handle_taken(number),
                Ok(FromCenter::Alive) => {}
                Ok(FromCenter::Refused(cause)) => return format!("it refuses: {cause}"),
                Err(cause) => return cause,
            }
        }
    }

    async fn send(&mut self, message: &ToCenter) -> Result<(), String> {
        let bytes = message.encode();
        match tokio::time::timeout(self.silence_max, self.sender.send(&bytes)).await {
            Ok(sent) => sent.map_err(|error| error.to_string()),
            Err(_) => Err(self.silence()),
        }
    }

    fn silence(&self) -> String {
        format!("it has given no sign for {} s", self.silence_max.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::alert_feed::Severity;

    use super::*;
    use crate::link::LinkListener;

    #[tokio::test]
    async fn an_alert_without_a_receipt_is_with_the_center_while_the_link_stands() {
        let key = ClusterKey::generate().unwrap();
        let listener = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
        let address = listener.local_address().to_string();
        let target = AlertTarget { address, key, host: "a".into(), role: "gateway".into() };
        let collector = Collector::default();
        collector.add(Severity::Fatal, "FATAL: x");
        assert!(!collector.is_with_center());
        let longest = Duration::from_secs(60);
        let task = tokio::spawn(run(target, collector.clone(), longest));
        let _sender = AlertSender { collector: collector.clone(), task };
        let (pending, _) = listener.accept().await.unwrap();
        let (mut sender, receiver) = pending.open().await.unwrap();
        let _inbound = Inbound::start(receiver, ToCenter::decode);
        sender.send(&FromCenter::Welcome.encode()).await.unwrap();
        let becomes = |wanted| {
            let collector = collector.clone();
            tokio::time::timeout(longest, async move {
                while collector.is_with_center() != wanted {
                    tokio::time::sleep(LOOK_INTERVAL).await;
                }
            })
        };
        becomes(true).await.unwrap();
        assert!(!collector.gathered().is_empty(), "there was no receipt");
        sender.send(&FromCenter::Refused("no".into()).encode()).await.unwrap();
        becomes(false).await.unwrap();
    }

    #[tokio::test]
    async fn a_center_that_falls_silent_is_called_again_and_gets_the_alert_again() {
        let key = ClusterKey::generate().unwrap();
        let listener = LinkListener::bind("127.0.0.1:0", key.clone()).await.unwrap();
        let target = AlertTarget {
            address: listener.local_address().to_string(),
            key,
            host: "a".into(),
            role: "gateway".into(),
        };
        let collector = Collector::default();
        collector.add(Severity::Fatal, "FATAL: x");
        let task = tokio::spawn(run(target, collector.clone(), Duration::from_millis(500)));
        let _sender = AlertSender { collector, task };
        // A link on which nothing comes back stays open, as it does where the machine behind it has lost its power.
        let (mut kept, mut alerts) = (Vec::new(), 0);
        while alerts < 2 {
            let (pending, _) = listener.accept().await.unwrap();
            // Where this machine is busy the wait may be over before the welcome is there.
            let Ok((mut sender, receiver)) = pending.open().await else { continue };
            let mut inbound = Inbound::start(receiver, ToCenter::decode);
            let hello = inbound.receive().await;
            let welcomed = sender.send(&FromCenter::Welcome.encode()).await;
            if let (Ok(ToCenter::Hello { .. }), Ok(())) = (hello, welcomed)
                && let Ok(ToCenter::Alert { number: 1, .. }) = inbound.receive().await
            {
                alerts += 1;
            }
            kept.push((sender, inbound));
        }
    }
}
