//! The ends of those who come to the job feed: gateways, with the messages both ways, and operators.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use sluice_mining::builder::BlockRest;
use sluice_service::link::{LinkListener, LinkReceiver, LinkSender, Pending};
use sluice_service::rare::SharedRareLine;
use sluice_units::limits::{GATEWAYS_REMEMBERED_MAX, LINK_QUEUE_MAX, LINKS_PER_ROLE_MAX};
use sluice_units::{Ban, FoundBlock, JobId};
use sluice_wire::DecodeError;
use sluice_wire::job_feed::{FromGateway, FromJobmaster, JOB_FEED_VERSION};
use sluice_wire::operator_feed::{FromOperator, OPERATOR_FEED_VERSION, ToOperator};
use sluice_wire::peer_feed::{FromPeer, PEER_FEED_VERSION};
use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};

use crate::datagrams::DatagramFeed;

/// Counts links, so that a late message of an ended one is not taken for its successor's.
pub(crate) type LinkNumber = u64;

/// What the links tell the jobmaster's task.
pub(crate) enum GatewayEvent {
    /// A gateway said who it is.
    Hello { link: LinkNumber, caller: GatewayCaller, outbound: mpsc::Sender<Vec<u8>> },
    /// A gateway found a block.
    Found { link: LinkNumber, block: Box<FoundBlock> },
    /// A gateway banned somebody by itself.
    Banned { link: LinkNumber, ban: Ban },
    /// An operator asks for something.
    Operator { request: FromOperator, answer: oneshot::Sender<ToOperator> },
    /// Another jobmaster told what blocks on a job of its need.
    Rest { job: JobId, rest: Arc<BlockRest> },
    /// The configuration shall be read again.
    Reload { answer: oneshot::Sender<Result<String, String>> },
    /// The link ended.
    Gone { link: LinkNumber },
}

/// A gateway as it calls.
pub(crate) struct GatewayCaller {
    pub(crate) gateway_id: u16,
    /// Of the job feed.
    pub(crate) version: u16,
    /// Where its shards take datagrams.
    pub(crate) datagrams: Vec<SocketAddr>,
}

/// A gateway that was welcomed.
struct Member {
    gateway_id: u16,
    outbound: mpsc::Sender<Vec<u8>>,
    datagrams: Vec<SocketAddr>,
}

/// The gateways that were welcomed.
pub(crate) struct Gateways {
    links: BTreeMap<LinkNumber, Member>,
    /// Who may have been given the present job, by gateway_id.
    served: BTreeSet<u16>,
    feed: DatagramFeed,
}

impl Gateways {
    pub(crate) const fn new(feed: DatagramFeed) -> Self {
        Self { links: BTreeMap::new(), served: BTreeSet::new(), feed }
    }

    /// Welcomes a gateway, or says why not: two with one id would search the same space. Gives whether it may have
    /// been given the present job already, on an earlier link.
    pub(crate) fn welcome(
        &mut self,
        link: LinkNumber,
        caller: GatewayCaller,
        outbound: mpsc::Sender<Vec<u8>>,
    ) -> Result<bool, String> {
        let GatewayCaller { gateway_id, version, datagrams } = caller;
        if version != JOB_FEED_VERSION {
            return refuse(
                &outbound,
                format!(
                    "the gateway speaks version {version} of the job feed, this jobmaster {JOB_FEED_VERSION}: run the same release on both"
                ),
            );
        }
        if self.links.values().any(|member| member.gateway_id == gateway_id) {
            return refuse(
                &outbound,
                format!(
                    "a gateway with gateway_id {gateway_id} is connected already: give each its own"
                ),
            );
        }
        if self.links.len() >= LINKS_PER_ROLE_MAX {
            return refuse(
                &outbound,
                format!("{LINKS_PER_ROLE_MAX} gateways are connected already"),
            );
        }
        self.links.insert(link, Member { gateway_id, outbound, datagrams });
        let (feed, key) = self.feed.credentials();
        self.send(link, &FromJobmaster::Welcome { feed, key });
        Ok(!self.serve_first(gateway_id))
    }

    /// Remembers that a gateway has the present job from now on; `false` where it may have had it before. One that
    /// there is no room for is taken for one that has: a job too many harms nobody.
    fn serve_first(&mut self, gateway_id: u16) -> bool {
        self.served.len() < GATEWAYS_REMEMBERED_MAX && self.served.insert(gateway_id)
    }

    pub(crate) fn remove(&mut self, link: LinkNumber) -> Option<u16> {
        self.links.remove(&link).map(|member| member.gateway_id)
    }

    /// Sends to one gateway; one that does not read is let go, and comes back for a fresh start.
    pub(crate) fn send(&mut self, link: LinkNumber, message: &FromJobmaster) {
        let Some(member) = self.links.get(&link) else { return };
        if member.outbound.try_send(message.encode()).is_err() {
            warn!(member.gateway_id, "the gateway does not read its jobs: its link is closed");
            self.links.remove(&link);
        }
    }

    pub(crate) fn send_to_all(&mut self, message: &FromJobmaster) {
        let links: Vec<LinkNumber> = self.links.keys().copied().collect();
        for link in links {
            self.send(link, message);
        }
    }

    /// Sends to all, by datagram first: for what must be there soon.
    pub(crate) fn rush_to_all(&mut self, message: &FromJobmaster) {
        let addresses = self.links.values().flat_map(|member| &member.datagrams);
        self.feed.send(&message.encode(), addresses);
        self.send_to_all(message);
    }

    /// There is a new job, which all who are here are sent next.
    pub(crate) fn serve_all(&mut self) {
        // Of a group nobody knows who hears it: a gateway whose link is lost may, if it was ever welcomed.
        if !self.feed.has_group() {
            self.served.clear();
        }
        let all: Vec<u16> = self.links.values().map(|member| member.gateway_id).collect();
        for gateway_id in all {
            self.serve_first(gateway_id);
        }
    }

    /// The id of a gateway that was welcomed.
    pub(crate) fn id_of(&self, link: LinkNumber) -> Option<u16> {
        self.links.get(&link).map(|member| member.gateway_id)
    }

    pub(crate) fn count(&self) -> usize {
        self.links.len()
    }
}

fn refuse(outbound: &mpsc::Sender<Vec<u8>>, cause: String) -> Result<bool, String> {
    // The queue of a new link is empty: the refusal always fits.
    let _ = outbound.try_send(FromJobmaster::Refused(cause.clone()).encode());
    Err(cause)
}

/// Accepts links for as long as the jobmaster lives.
pub(crate) async fn accept(listener: LinkListener, events: mpsc::Sender<GatewayEvent>) {
    let mut next: LinkNumber = 0;
    let (strangers_line, accept_line) = (SharedRareLine::default(), SharedRareLine::default());
    loop {
        match listener.accept().await {
            Ok((pending, peer)) => {
                next += 1;
                let (events, strangers_line) = (events.clone(), strangers_line.clone());
                tokio::spawn(serve(next, pending, peer, events, strangers_line));
            }
            Err(error) => {
                if let Some(more) = accept_line.pass() {
                    warn!(%error, "a gateway's connection was not accepted{more}");
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

/// Who speaks on a link: its first message says so.
enum Caller {
    Gateway(GatewayCaller),
    Operator { version: u16 },
    Peer { version: u16, jobmaster_id: u8 },
}

fn caller_of(first: &[u8], peer: SocketAddr) -> Result<Caller, DecodeError> {
    if let Ok(FromPeer::Hello { version, jobmaster_id }) = FromPeer::decode(first) {
        return Ok(Caller::Peer { version, jobmaster_id });
    }
    match (FromGateway::decode(first), FromOperator::decode(first)) {
        (Ok(FromGateway::Hello { version, gateway_id, datagram_ports }), _) => {
            let address = |port| SocketAddr::new(peer.ip(), port);
            let datagrams = datagram_ports.into_iter().map(address).collect();
            Ok(Caller::Gateway(GatewayCaller { gateway_id, version, datagrams }))
        }
        (_, Ok(FromOperator::Hello { version })) => Ok(Caller::Operator { version }),
        (Ok(_), _) | (_, Ok(_)) => Err(DecodeError::Invalid("first message")),
        (Err(error), Err(_)) => Err(error),
    }
}

/// The halves of a link and who calls, or why nobody of this pool does.
async fn meet(
    pending: Pending,
    peer: SocketAddr,
) -> Result<(LinkSender, LinkReceiver, Caller), String> {
    let opened = pending.open().await;
    let (sender, mut receiver) =
        opened.map_err(|error| format!("a connection to the job feed was refused: {error}"))?;
    let first = match receiver.receive().await {
        Ok(Some(first)) => first,
        Ok(None) => return Err("a link was closed before anything was said".to_owned()),
        Err(error) => return Err(format!("a link ended before anything was said: {error}")),
    };
    let caller = caller_of(&first, peer)
        .map_err(|error| format!("a link began with what nobody of this pool says: {error}"))?;
    Ok((sender, receiver, caller))
}

async fn serve(
    link: LinkNumber,
    pending: Pending,
    peer: SocketAddr,
    events: mpsc::Sender<GatewayEvent>,
    strangers_line: SharedRareLine,
) {
    let (sender, receiver, caller) = match meet(pending, peer).await {
        Ok(met) => met,
        Err(cause) => {
            if let Some(more) = strangers_line.pass() {
                warn!(%peer, "{cause}{more}");
            }
            return;
        }
    };
    match caller {
        Caller::Gateway(caller) => {
            let (outbound, queue) = mpsc::channel(LINK_QUEUE_MAX);
            let writing = tokio::spawn(write(sender, queue));
            let hello = GatewayEvent::Hello { link, caller, outbound };
            if events.send(hello).await.is_ok() {
                read(link, receiver, peer, &events).await;
                let _ = events.send(GatewayEvent::Gone { link }).await;
            }
            // With the last sender of its queue gone the writer ends, once a refusal is out.
            let _ = writing.await;
        }
        Caller::Operator { version } => {
            serve_operator(version, sender, receiver, &events).await;
        }
        Caller::Peer { version, jobmaster_id } if version == PEER_FEED_VERSION => {
            info!(%peer, jobmaster_id, "another jobmaster tells of its jobs");
            hear_peer(receiver, peer, &events).await;
        }
        Caller::Peer { version, .. } => {
            warn!(%peer, version, "another jobmaster is of another release: run the same on both");
        }
    }
}

async fn read(
    link: LinkNumber,
    mut receiver: LinkReceiver,
    peer: SocketAddr,
    events: &mpsc::Sender<GatewayEvent>,
) {
    loop {
        let message = match receiver.receive().await {
            Ok(Some(message)) => message,
            Ok(None) => return info!(%peer, "a gateway closed its link"),
            Err(error) => return info!(%peer, %error, "a gateway's link ended"),
        };
        let event = match FromGateway::decode(&message) {
            Ok(FromGateway::FoundBlock(block)) => {
                GatewayEvent::Found { link, block: Box::new(block) }
            }
            Ok(FromGateway::Banned(ban)) => GatewayEvent::Banned { link, ban },
            Ok(FromGateway::Hello { .. }) => {
                return warn!(%peer, "a gateway spoke out of turn: its link is closed");
            }
            Err(error) => return warn!(%peer, %error, "a gateway's message does not read"),
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

/// Takes what another jobmaster tells, until it hangs up.
async fn hear_peer(
    mut receiver: LinkReceiver,
    peer: SocketAddr,
    events: &mpsc::Sender<GatewayEvent>,
) {
    while let Ok(Some(message)) = receiver.receive().await {
        let rest = match FromPeer::decode(&message) {
            Ok(FromPeer::Rest { job, bytes }) => BlockRest::decode(&bytes).map(|rest| (job, rest)),
            Ok(FromPeer::Hello { .. }) | Err(_) => None,
        };
        let Some((job, rest)) = rest else {
            return warn!(%peer, "what another jobmaster tells does not read: its link is closed");
        };
        if events.send(GatewayEvent::Rest { job, rest: Arc::new(rest) }).await.is_err() {
            return;
        }
    }
}

/// Answers an operator's requests one after another, until it hangs up.
async fn serve_operator(
    version: u16,
    mut sender: LinkSender,
    mut receiver: LinkReceiver,
    events: &mpsc::Sender<GatewayEvent>,
) {
    if version != OPERATOR_FEED_VERSION {
        let cause = format!(
            "the command speaks version {version} of the operator's feed, this jobmaster {OPERATOR_FEED_VERSION}: run the same release of both"
        );
        // It may have hung up; so below.
        let _ = sender.send(&ToOperator::Refused(cause).encode()).await;
        return;
    }
    while let Ok(Some(message)) = receiver.receive().await {
        let answer = match FromOperator::decode(&message) {
            Ok(request) => {
                let (answer, answered) = oneshot::channel();
                if events.send(GatewayEvent::Operator { request, answer }).await.is_err() {
                    return;
                }
                let Ok(answer) = answered.await else { return };
                answer
            }
            Err(error) => ToOperator::Refused(format!("the request does not read: {error}")),
        };
        if sender.send(&answer.encode()).await.is_err() {
            return;
        }
    }
}

async fn write(mut sender: LinkSender, mut queue: mpsc::Receiver<Vec<u8>>) {
    while let Some(message) = queue.recv().await {
        if sender.send(&message).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_have_had_a_job_by_its_group_counts_as_served() {
        let group: SocketAddr = "127.0.0.1:9".parse().unwrap();
        for group in [None, Some(group)] {
            let mut gateways = Gateways::new(DatagramFeed::new(group).unwrap());
            let welcome = |gateways: &mut Gateways, link, gateway_id| {
                let caller =
                    GatewayCaller { gateway_id, version: JOB_FEED_VERSION, datagrams: Vec::new() };
                gateways.welcome(link, caller, mpsc::channel(8).0).unwrap()
            };
            assert!(!welcome(&mut gateways, 1, 1));
            gateways.remove(1);
            // It knows how to read datagrams, and may be there.
            gateways.serve_all();
            assert_eq!(welcome(&mut gateways, 2, 1), group.is_some());
            assert!(!welcome(&mut gateways, 3, 2), "it cannot read them yet");
        }
    }

    #[test]
    fn a_gateway_that_is_not_remembered_counts_as_served() {
        let mut gateways = Gateways::new(DatagramFeed::new(None).unwrap());
        let ids = 0..GATEWAYS_REMEMBERED_MAX as u16;
        assert!(ids.into_iter().all(|gateway_id| gateways.serve_first(gateway_id)));
        assert!(!gateways.serve_first(u16::MAX));
        gateways.serve_all();
        assert!(gateways.serve_first(u16::MAX));
    }
}
