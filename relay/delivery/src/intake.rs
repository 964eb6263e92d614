//! The receiving end of a writer or a relay: links, their greeting, and batches with their answers.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sluice_service::link::{Inbound, LinkError, LinkListener, LinkSender, Pending};
use sluice_service::rare::SharedRareLine;
use sluice_session::BatchName;
use sluice_units::limits::{
    BATCHES_IN_FLIGHT_MAX, LINK_HANDSHAKE_MAX, LINKS_PENDING_MAX, LINKS_PER_ROLE_MAX,
};
use sluice_wire::share_feed::{Batch, FromWriter, SHARE_FEED_VERSION, ToWriter};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::spool::name_of;

/// The wait after the system could not accept a connection, such as for lack of descriptors.
const ACCEPT_RETRY_WAIT: Duration = Duration::from_millis(100);
/// Links, and strangers beside them, who take no link's place.
const CONNECTIONS_MAX: usize = LINKS_PER_ROLE_MAX + LINKS_PENDING_MAX;

/// A batch that came, and where to answer.
#[derive(Debug)]
pub struct Received {
    /// What came.
    pub batch: Box<Batch>,
    /// Whom to tell what became of it.
    pub answer: Answer,
}

/// Says once what became of a batch. Dropped, it says nothing: the sender sends the batch again.
#[derive(Debug)]
pub struct Answer {
    name: BatchName,
    to_link: mpsc::Sender<(BatchName, Result<(), String>)>,
}

impl Answer {
    /// The batch is where it cannot be lost.
    pub fn accept(self) {
        self.say(Ok(()));
    }

    /// It never will be, and why; the link ends.
    pub fn refuse(self, cause: String) {
        self.say(Err(cause));
    }

    /// Whether its link is still there.
    pub(crate) fn is_awaited(&self) -> bool {
        !self.to_link.is_closed()
    }

    fn say(self, outcome: Result<(), String>) {
        // A link has room for all of its answers; one that is gone needs none.
        let _ = self.to_link.try_send((self.name, outcome));
    }
}

/// What was counted of links since the start.
#[derive(Clone, Debug, Default)]
pub struct LinkCounts(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicU64,
    refused: AtomicU64,
    broken: AtomicU64,
}

impl LinkCounts {
    /// Links that are open.
    pub fn open(&self) -> u64 {
        self.0.open.load(Ordering::Relaxed)
    }

    /// Links refused: another version, the role's own, or too many links.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Links that broke, or carried what is no message.
    pub fn broken(&self) -> u64 {
        self.0.broken.load(Ordering::Relaxed)
    }
}

/// Why a link ended otherwise than by the sender's leave.
#[derive(Debug, Error)]
enum LinkEnd {
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Why nothing can be read from it any more.
    #[error("{0}")]
    Broken(String),
    #[error("the other end is gone, and batches of it still waited for the store")]
    Gone,
    #[error("it said no hello within {} s", LINK_HANDSHAKE_MAX.as_secs())]
    NoHello,
    #[error("it said hello twice")]
    SecondHello,
    #[error("{0}")]
    NotWelcome(String),
    #[error("{0}")]
    BadBatch(String),
    #[error("it has sent the same batch again before an answer, or more than it may")]
    TooMuch,
    #[error("this role stops")]
    Stopping,
}

/// Accepts links until the role stops; then ends them.
///
/// A role that sends on what it takes in says which `own` instance its courier gives: taking its own batches, it would
/// find them on its disk, acknowledge them, and with that forget them.
pub async fn accept_links(
    listener: LinkListener,
    own: Option<u64>,
    received: mpsc::Sender<Received>,
    mut stop: watch::Receiver<bool>,
    counts: LinkCounts,
) {
    let (strangers_line, accept_line) = (SharedRareLine::default(), SharedRareLine::default());
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(ended) = links.join_next() => {
                ended.expect("a link does not panic");
            }
            accepted = listener.accept() => match accepted {
                Ok((_, peer)) if links.len() >= CONNECTIONS_MAX => {
                    if let Some(more) = strangers_line.pass() {
                        tracing::warn!("{peer} is turned away: {CONNECTIONS_MAX} connections are open{more}");
                    }
                    counts.0.refused.fetch_add(1, Ordering::Relaxed);
                }
                Ok((pending, peer)) => {
                    let (received, counts) = (received.clone(), counts.clone());
                    let strangers_line = strangers_line.clone();
                    links.spawn(serve_link(pending, peer, own, received, counts, strangers_line));
                }
                Err(error) => {
                    if let Some(more) = accept_line.pass() {
                        tracing::error!("cannot accept a connection: {error}{more}");
                    }
                    tokio::time::sleep(ACCEPT_RETRY_WAIT).await;
                }
            }
        }
        counts.0.open.store(links.len() as u64, Ordering::Relaxed);
    }
    links.shutdown().await;
    counts.0.open.store(0, Ordering::Relaxed);
}

async fn serve_link(
    pending: Pending,
    peer: SocketAddr,
    own: Option<u64>,
    received: mpsc::Sender<Received>,
    counts: LinkCounts,
    strangers_line: SharedRareLine,
) {
    let mut is_member = false;
    let Err(end) = serve(pending, own, &received, &mut is_member).await else { return };
    match &end {
        LinkEnd::NotWelcome(_) => drop(counts.0.refused.fetch_add(1, Ordering::Relaxed)),
        // Counted and told by whoever refused it.
        LinkEnd::BadBatch(_) | LinkEnd::Stopping => {}
        _ => drop(counts.0.broken.fetch_add(1, Ordering::Relaxed)),
    }
    // Strangers can come as often as they like; a member waits before it comes again.
    let more = if is_member { Some(String::new()) } else { strangers_line.pass() };
    if let Some(more) = more {
        tracing::warn!("the link from {peer} ended: {end}{more}");
    }
}

/// Serves a link until either end leaves; notes whether it said hello as a member does.
async fn serve(
    pending: Pending,
    own: Option<u64>,
    received: &mpsc::Sender<Received>,
    is_member: &mut bool,
) -> Result<(), LinkEnd> {
    let (mut sender, receiver) = pending.open().await?;
    let decode = |bytes: &[u8]| {
        ToWriter::decode(bytes).map_err(|error| format!("it sent what is no message: {error}"))
    };
    let mut inbound = Inbound::start(receiver, decode);
    let greeted = greet(&mut sender, &mut inbound, own).await;
    *is_member = matches!(greeted, Ok(_) | Err(LinkEnd::NotWelcome(_)));
    let name = greeted?;
    tracing::info!("{name} is linked");
    let (to_link, mut answers) = mpsc::channel(BATCHES_IN_FLIGHT_MAX);
    let mut in_hand = HashSet::new();
    // What waits for room: a sender that is gone meanwhile is not waited for, since it sends everything again.
    let mut waiting: Option<Received> = None;
    loop {
        tokio::select! {
            Some((name, outcome)) = answers.recv() => {
                in_hand.remove(&name);
                answer(&mut sender, name, outcome).await?;
            }
            room = received.reserve(), if waiting.is_some() => {
                room.map_err(|_| LinkEnd::Stopping)?.send(waiting.take().expect("it waits"));
            }
            message = hear(&mut inbound, waiting.is_some()) => match message? {
                None => {
                    tracing::info!("{name} left");
                    return Ok(());
                }
                Some(ToWriter::Hello { .. }) => return Err(LinkEnd::SecondHello),
                Some(ToWriter::Batch(batch)) => {
                    let name = name_of(&batch);
                    if in_hand.len() >= BATCHES_IN_FLIGHT_MAX || !in_hand.insert(name) {
                        return Err(LinkEnd::TooMuch);
                    }
                    let answer = Answer { name, to_link: to_link.clone() };
                    waiting = Some(Received { batch: Box::new(batch), answer });
                }
            },
        }
    }
}

/// The next message, or the end of the link alone. May be cancelled.
async fn hear(
    inbound: &mut Inbound<ToWriter>,
    end_alone: bool,
) -> Result<Option<ToWriter>, LinkEnd> {
    if end_alone {
        inbound.ended().await;
        return Err(LinkEnd::Gone);
    }
    inbound.receive_or_end().await.map_err(LinkEnd::Broken)
}

/// Takes the hello of a sender of our version, other than ourselves; gives its name.
async fn greet(
    sender: &mut LinkSender,
    inbound: &mut Inbound<ToWriter>,
    own: Option<u64>,
) -> Result<String, LinkEnd> {
    let hello = tokio::time::timeout(LINK_HANDSHAKE_MAX, inbound.receive()).await;
    let hello = hello.map_err(|_| LinkEnd::NoHello)?.map_err(LinkEnd::Broken)?;
    let ToWriter::Hello { version, instance, name } = hello else { return Err(LinkEnd::NoHello) };
    let cause = if version != SHARE_FEED_VERSION {
        format!(
            "it speaks version {version} of the share feed, this role version {SHARE_FEED_VERSION}; install the same \
             release of sluice on both"
        )
    } else if own == Some(instance) {
        "the relay has reached itself, and takes no batches from there; take its own address out of upstream and \
         more_upstreams"
            .to_owned()
    } else {
        sender.send(&FromWriter::Welcome.encode()).await?;
        return Ok(name);
    };
    sender.send(&FromWriter::Refused(cause.clone()).encode()).await?;
    Err(LinkEnd::NotWelcome(cause))
}

async fn answer(
    sender: &mut LinkSender,
    BatchName { source, epoch, sequence }: BatchName,
    outcome: Result<(), String>,
) -> Result<(), LinkEnd> {
    match outcome {
        Ok(()) => {
            let acknowledged = FromWriter::Acknowledged { source, epoch, sequence };
            Ok(sender.send(&acknowledged.encode()).await?)
        }
        Err(cause) => {
            sender.send(&FromWriter::Refused(cause.clone()).encode()).await?;
            Err(LinkEnd::BadBatch(cause))
        }
    }
}
