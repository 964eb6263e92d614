//! The jobmasters' end of the gateway: a link to each; found blocks to all of them until each has said its last word;
//! their bans, together, to every shard; and the bans that shards made by themselves.

mod link;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sluice_mining::merged::commits_to_chains;
use sluice_service::ClusterKey;
use sluice_service::clock::Clock;
use sluice_service::outage::{OUTAGE_ALERT_AFTER, Outage};
use sluice_session::JobmasterIndex;
use sluice_units::limits::{BLOCKS_HELD_MAX, LINK_INBOUND_MAX};
use sluice_units::{Ban, BanSubject, BlockVerdict, FoundBlock, Hash256, Instant, Name};
use sluice_wire::job_feed::{FromGateway, FromJobmaster, JOB_FEED_VERSION};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use crate::queues::{KeptBlock, ShardHandle, ShardMessage, tell_shards};
use crate::spool::BlockFolder;
use link::{JobmasterLink, LinkEvent};

/// Whom the gateway calls, and as whom.
pub(crate) struct Jobmasters {
    /// The preferred one first.
    pub(crate) addresses: Vec<String>,
    pub(crate) key: ClusterKey,
    pub(crate) gateway_id: u16,
    /// Where the shards take datagrams of the jobmasters.
    pub(crate) datagram_ports: Vec<u16>,
}

pub(crate) struct JobUplink {
    pub(crate) jobmasters: Jobmasters,
    pub(crate) shards: Vec<ShardHandle>,
    pub(crate) folder: BlockFolder,
    pub(crate) found: mpsc::Receiver<Box<FoundBlock>>,
    /// Bans of the shards' own; they wait here while there is no link.
    pub(crate) bans: mpsc::Receiver<Ban>,
    pub(crate) kept: mpsc::Sender<KeptBlock>,
    /// Blocks that somebody is still to tell of.
    pub(crate) waiting: Vec<FoundBlock>,
    /// How long jobmasters may be silent before shards let their miners go.
    pub(crate) feed_timeout: Duration,
    /// How long the end waits for verdicts that are still out.
    pub(crate) stop_wait: Duration,
}

/// A block that not every jobmaster has told all of.
struct Waiting {
    block: FoundBlock,
    /// Of two blocks the later one has the higher number.
    number: u64,
    /// Other chains may have it as well. Not each jobmaster mines the same ones along, so each has its say.
    is_merged: bool,
    /// Who has nothing more to say, and what it said.
    last_words: BTreeMap<JobmasterIndex, BlockVerdict>,
    /// Somebody has said that a node keeps it, or that only other chains may: it is not lost, whoever is against it
    /// after that.
    vouched: bool,
    /// Its records that are on the way to the store: as a block of this chain, and of each other one that has it.
    records: BTreeMap<Option<Name>, JoinHandle<bool>>,
}

/// What is known of one jobmaster.
#[derive(Default)]
struct Jobmaster {
    /// The way to it while its link serves.
    outbound: Option<mpsc::Sender<Vec<u8>>>,
    bans: Vec<Ban>,
}

/// What the events of the links meet.
struct Hub {
    jobmasters: Vec<Jobmaster>,
    shards: Vec<ShardHandle>,
    folder: BlockFolder,
    kept: mpsc::Sender<KeptBlock>,
    waiting: BTreeMap<Hash256, Waiting>,
    /// Blocks so far.
    blocks: u64,
    clock: Clock,
    /// No jobmaster has given a sign.
    silence: Outage,
    /// The links, which end with this.
    links: Vec<JoinHandle<()>>,
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.links.iter().for_each(JoinHandle::abort);
    }
}

impl JobUplink {
    /// Runs until every shard has gone.
    pub(crate) async fn run(self) {
        let Self { jobmasters, shards, folder, mut found, mut bans, kept, waiting, .. } = self;
        let (events_in, mut events) = mpsc::channel(LINK_INBOUND_MAX);
        let links = start_links(jobmasters, &shards, &events_in);
        let mut hub = Hub {
            jobmasters: links.iter().map(|_| Jobmaster::default()).collect(),
            shards,
            folder,
            kept,
            waiting: BTreeMap::new(),
            blocks: 0,
            clock: Clock::start(),
            silence: Outage::new(self.feed_timeout.max(OUTAGE_ALERT_AFTER)),
            links,
        };
        for block in waiting {
            hub.handle_found(block);
        }
        hub.silence.begin(hub.clock.now().instant);
        let mut last_moment: Option<tokio::time::Instant> = None;
        while last_moment.is_none() || hub.awaits_verdict() {
            let over = async {
                match last_moment {
                    Some(moment) => tokio::time::sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            let (now, silent_at) = (hub.clock.now().instant, hub.silence.poll_timeout());
            let silent = async {
                match silent_at {
                    Some(at) => tokio::time::sleep(at.since(now)).await,
                    None => std::future::pending().await,
                }
            };
            let anybody = hub.jobmasters.iter().any(|jobmaster| jobmaster.outbound.is_some());
            tokio::select! {
                () = over => return,
                () = silent, if last_moment.is_none() => {
                    if let Some(line) = hub.silence_line(hub.clock.now().instant) {
                        error!("{line}");
                    }
                }
                Some(event) = events.recv() => hub.handle(event).await,
                block = found.recv(), if last_moment.is_none() => match block {
                    Some(block) => hub.handle_found(*block),
                    // The shards are gone; verdicts on their last blocks may be under way.
                    None => last_moment = Some(tokio::time::Instant::now() + self.stop_wait),
                },
                Some(ban) = bans.recv(), if anybody && last_moment.is_none() => {
                    hub.send_to_all(&FromGateway::Banned(ban).encode());
                }
            }
        }
    }
}

fn start_links(
    jobmasters: Jobmasters,
    shards: &[ShardHandle],
    events: &mpsc::Sender<LinkEvent>,
) -> Vec<JoinHandle<()>> {
    let Jobmasters { addresses, key, gateway_id, datagram_ports } = jobmasters;
    let hello = FromGateway::Hello { version: JOB_FEED_VERSION, gateway_id, datagram_ports };
    let has_job = Arc::new(AtomicBool::new(false));
    let link = |(jobmaster, address)| JobmasterLink {
        jobmaster,
        address,
        key: key.clone(),
        hello: hello.encode(),
        shards: shards.to_vec(),
        events: events.clone(),
        has_job: Arc::clone(&has_job),
        trouble_told: false,
    };
    addresses.into_iter().enumerate().map(link).map(|link| tokio::spawn(link.run())).collect()
}

impl Waiting {
    fn new(block: FoundBlock, number: u64) -> Self {
        let is_merged = commits_to_chains(&block.coinbase);
        let (last_words, records) = (BTreeMap::new(), BTreeMap::new());
        Self { block, number, is_merged, last_words, vouched: false, records }
    }

    /// What is left to hear of it is what other chains make of it, from whoever was away.
    fn is_held(&self) -> bool {
        self.last_words.values().any(|word| !is_against(word))
    }

    /// Whether nobody has more to say, of so many jobmasters.
    fn is_over(&self, jobmasters: usize) -> bool {
        // A block of this chain alone is where it belongs as soon as one node has it. It waits for no jobmaster that is
        // away; one that wants other chains to have it does, as only that one may know them.
        let of_this_chain = self.records.contains_key(&None) && !self.is_merged;
        self.last_words.len() == jobmasters || of_this_chain && self.is_held()
    }
}

impl Hub {
    async fn handle(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Up { jobmaster, outbound } => {
                self.jobmasters[jobmaster].outbound = Some(outbound);
                // What had no last word before the link broke, or before the gateway ended, goes out again; and
                // whoever had nothing more to say of a block may know more by now.
                let mut blocks: Vec<(u64, Vec<u8>)> = self
                    .waiting
                    .values_mut()
                    .map(|waiting| {
                        waiting.last_words.remove(&jobmaster);
                        let block = FromGateway::FoundBlock(waiting.block.clone());
                        (waiting.number, block.encode())
                    })
                    .collect();
                // The latest first: a jobmaster that has no room for all leaves out those that are old.
                blocks.sort_by_key(|(number, _)| Reverse(*number));
                blocks.into_iter().for_each(|(_, block)| self.send(jobmaster, block));
            }
            LinkEvent::Heard => {
                if self.silence.end() {
                    info!("a jobmaster is heard again: there is work for miners");
                }
                self.silence.begin(self.clock.now().instant);
            }
            LinkEvent::Down { jobmaster } => self.jobmasters[jobmaster].outbound = None,
            LinkEvent::Message { jobmaster, message } => match message {
                FromJobmaster::Verdict { hash, verdict, last } => {
                    self.handle_verdict(jobmaster, hash, verdict, last);
                }
                FromJobmaster::AuxVerdict { share, chain, hash } => {
                    self.handle_aux_verdict(share, chain, hash);
                }
                FromJobmaster::Bans(bans) => {
                    self.jobmasters[jobmaster].bans = bans;
                    let all = ShardMessage::Bans(self.all_bans().into());
                    tell_shards(&self.shards, &all).await;
                }
                FromJobmaster::Say(text) => {
                    tell_shards(&self.shards, &ShardMessage::Say(text.into())).await;
                }
                FromJobmaster::Reconnect(reconnect) => {
                    let message = ShardMessage::Reconnect(Arc::new(reconnect));
                    tell_shards(&self.shards, &message).await;
                }
                FromJobmaster::Welcome { .. }
                | FromJobmaster::Refused(_)
                | FromJobmaster::Job { .. }
                | FromJobmaster::Alive => unreachable!("the link handles these"),
            },
        }
    }

    /// What people are told once no jobmaster was heard for so long that miners are let go.
    fn silence_line(&mut self, now: Instant) -> Option<String> {
        let seconds = self.silence.handle_timeout(now)?.as_secs();
        Some(format!(
            "FATAL: no jobmaster has given a sign for {seconds} s, miners are let go; see to the jobmasters and their nodes"
        ))
    }

    /// Whoever is banned by one jobmaster is banned; of two bans the one that ends later holds.
    fn all_bans(&self) -> Vec<Ban> {
        let mut all: BTreeMap<&BanSubject, &Ban> = BTreeMap::new();
        for ban in self.jobmasters.iter().flat_map(|jobmaster| &jobmaster.bans) {
            let known = all.entry(&ban.subject).or_insert(ban);
            if known.until < ban.until {
                *known = ban;
            }
        }
        all.into_values().cloned().collect()
    }

    fn handle_found(&mut self, block: FoundBlock) {
        let (hash, message) = (block.hash, FromGateway::FoundBlock(block.clone()).encode());
        self.blocks += 1;
        self.waiting.insert(hash, Waiting::new(block, self.blocks));
        self.send_to_all(&message);
    }

    fn send_to_all(&mut self, message: &[u8]) {
        for jobmaster in 0..self.jobmasters.len() {
            self.send(jobmaster, message.to_vec());
        }
    }

    /// A link whose queue is full has stopped: with its only sender gone it begins anew.
    fn send(&mut self, jobmaster: JobmasterIndex, message: Vec<u8>) {
        let outbound = &mut self.jobmasters[jobmaster].outbound;
        if outbound.as_ref().is_some_and(|outbound| outbound.try_send(message).is_err()) {
            *outbound = None;
        }
    }

    /// One jobmaster that has a node which keeps the block is enough for it to be recorded; it is lost where all of
    /// them are against it.
    fn handle_verdict(
        &mut self,
        jobmaster: JobmasterIndex,
        hash: Hash256,
        verdict: BlockVerdict,
        last: bool,
    ) {
        let kept = self.kept.clone();
        let Some(waiting) = self.waiting.get_mut(&hash) else { return };
        let height = waiting.block.height;
        if verdict.is_kept_by_node() && !waiting.records.contains_key(&None) {
            info!(%hash, height, ?verdict, jobmaster, "found block");
            waiting.records.insert(None, record(kept, waiting.block.clone(), None));
        }
        waiting.vouched |= !is_against(&verdict);
        if !last {
            return;
        }
        waiting.last_words.insert(jobmaster, verdict.clone());
        if waiting.is_over(self.jobmasters.len()) {
            if !waiting.vouched {
                let against: Vec<_> = waiting.last_words.values().collect();
                error!(%hash, height, verdicts = ?against, "FATAL: a found block is in no chain");
            }
            self.forget(&hash);
        } else if is_against(&verdict) {
            warn!(%hash, height, ?verdict, jobmaster, "a jobmaster is against a found block; others have not told");
        } else {
            self.bound_held();
        }
    }

    /// A jobmaster that is away for long, or for ever, gets the latest blocks alone once it is back: of older ones its
    /// chains have others by then.
    fn bound_held(&mut self) {
        let held = || self.waiting.iter().filter(|(_, waiting)| waiting.is_held());
        if held().count() <= BLOCKS_HELD_MAX {
            return;
        }
        let (hash, waiting) =
            held().min_by_key(|(_, waiting)| waiting.number).expect("there are many");
        let (hash, height) = (*hash, waiting.block.height);
        warn!(%hash, height, "too many found blocks wait for jobmasters that are away: this one waits no more, and goes to no chain that they alone know; start them, or take them out of the gateway's configuration");
        self.forget(&hash);
    }

    /// Whether more may be heard of a block: of one whose fate nobody knows, or from a jobmaster that is there.
    fn awaits_verdict(&self) -> bool {
        self.waiting.values().any(|waiting| {
            let mut jobmasters = self.jobmasters.iter().enumerate();
            !waiting.is_held()
                || jobmasters.any(|(index, jobmaster)| {
                    jobmaster.outbound.is_some() && !waiting.last_words.contains_key(&index)
                })
        })
    }

    /// Another chain has a block by this share.
    fn handle_aux_verdict(&mut self, share: Hash256, chain: Name, hash: Hash256) {
        let kept = self.kept.clone();
        let Some(waiting) = self.waiting.get_mut(&share) else { return };
        let Entry::Vacant(vacant) = waiting.records.entry(Some(chain.clone())) else { return };
        info!(%share, %chain, %hash, "found block of another chain");
        let block = FoundBlock { hash, ..waiting.block.clone() };
        vacant.insert(record(kept, block, Some(chain)));
    }

    /// A block's file goes only once its records are on the way to the store, those of other chains as well. They are
    /// awaited beside this task: no job waits for a disk.
    fn forget(&mut self, hash: &Hash256) {
        let waiting = self.waiting.remove(hash).expect("it was just found");
        let (folder, hash) = (self.folder.clone(), *hash);
        tokio::spawn(async move {
            for record in waiting.records.into_values() {
                if !record.await.unwrap_or(false) {
                    // The next start finds it, and has it recorded anew.
                    return;
                }
            }
            if waiting.vouched {
                folder.remove(&hash);
            } else {
                folder.set_aside(&hash);
            }
        });
    }
}

/// Whether a jobmaster has no node that keeps a block, though it is one of this chain.
const fn is_against(verdict: &BlockVerdict) -> bool {
    !verdict.is_kept_by_node() && !matches!(verdict, BlockVerdict::OtherChains)
}

/// Has a block recorded; gives whether its record is on disk.
fn record(
    kept: mpsc::Sender<KeptBlock>,
    block: FoundBlock,
    chain: Option<Name>,
) -> JoinHandle<bool> {
    tokio::spawn(async move {
        let (spooled, answer) = oneshot::channel();
        kept.send(KeptBlock { block, chain, spooled }).await.is_ok() && answer.await.is_ok()
    })
}

#[cfg(test)]
mod tests;
