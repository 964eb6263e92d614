//! Found blocks: built from their template, handed to every node at once, answered to every gateway that
//! asks, and followed until the network has them.
//!
//! **When a block's fate is known:** as soon as one node keeps it. It is refused only where every node that
//! answers refuses it, and those that do not answer have been given [`REFUSED_WAIT`]. Whatever the fate, the
//! block goes to each node until that one has answered, for [`SUBMIT_TIME_MAX`] at most.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sluice_mining::builder::BlockRest;
use sluice_units::limits::BLOCKS_PENDING_MAX;
use sluice_units::{BlockVerdict, FoundBlock, Hash256, Instant};

use crate::job_desk::NodeIndex;

#[cfg(test)]
mod tests;

/// How long a block waits after a call that failed, or that found the node without the block's parent.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);
/// How long nodes that do not answer keep a refusal by the others from being the verdict.
pub const REFUSED_WAIT: Duration = Duration::from_secs(60);
/// How long a block goes to a node that does not answer, once another node has told its fate.
pub const SUBMIT_TIME_MAX: Duration = Duration::from_secs(3600);

/// What a node said to `submitblock`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SubmitAnswer {
    /// It answered: nothing, or a BIP 22 reason.
    Answered(Option<String>),
    /// It did not answer; the block goes to it again.
    Failed,
}

/// What the desk asks its shell to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BlockAction {
    /// Hand a block to a node; its answer is awaited from then on.
    Submit {
        /// The block's hash.
        hash: Hash256,
        /// To whom.
        node: NodeIndex,
        /// The whole block, as `submitblock` takes it.
        bytes: Arc<[u8]>,
    },
    /// A block's fate is known: tell whoever waits for it.
    Verdict {
        /// The block's hash.
        hash: Hash256,
        /// Its fate.
        verdict: BlockVerdict,
    },
    /// A node keeps a block: one line of its story.
    Kept {
        /// The block's hash.
        hash: Hash256,
        /// Who keeps it.
        node: NodeIndex,
        /// The time since this jobmaster heard of it.
        after: Duration,
    },
    /// A node does not keep it.
    Refused {
        /// The block's hash.
        hash: Hash256,
        /// Who refuses it.
        node: NodeIndex,
        /// Its words.
        reason: String,
    },
    /// A block is the end of a node's best chain.
    IsTip {
        /// The block's hash.
        hash: Hash256,
        /// Whose.
        node: NodeIndex,
        /// The time since this jobmaster heard of it.
        after: Duration,
    },
}

/// How far one node is with one block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Progress {
    Due(Instant),
    UnderWay,
    Done,
}

/// A block on its way to the nodes.
#[derive(Debug)]
struct Pending {
    bytes: Arc<[u8]>,
    heard: Instant,
    nodes: Vec<Progress>,
    told: bool,
    /// The first refusal, and when it came.
    refusal: Option<(Instant, String)>,
}

impl Pending {
    fn is_answered_by_all(&self) -> bool {
        self.nodes.iter().all(|progress| *progress == Progress::Done)
    }

    /// When something is to be done with it even if nobody answers.
    fn deadline(&self) -> Option<Instant> {
        match &self.refusal {
            _ if self.told => Some(self.heard + SUBMIT_TIME_MAX),
            Some((since, _)) => Some(*since + REFUSED_WAIT),
            None => None,
        }
    }
}

/// A block that was heard of, for its story.
#[derive(Debug)]
struct Story {
    hash: Hash256,
    heard: Instant,
    verdict: Option<BlockVerdict>,
    /// Nodes whose tip it has been.
    tip_of: Vec<NodeIndex>,
}

/// The found blocks of one jobmaster.
#[derive(Debug)]
pub struct BlockDesk {
    nodes: usize,
    pending: BTreeMap<Hash256, Pending>,
    /// Latest blocks, newest first: their verdicts for gateways that ask again, and what became of them.
    stories: VecDeque<Story>,
    actions: VecDeque<BlockAction>,
}

impl BlockDesk {
    /// A desk that hands blocks to so many nodes.
    pub const fn new(nodes: usize) -> Self {
        Self { nodes, pending: BTreeMap::new(), stories: VecDeque::new(), actions: VecDeque::new() }
    }

    /// A gateway found a block. Gives the verdict where it is known already.
    ///
    /// A block beyond the bound of pending ones is left to its gateway, which sends it again.
    pub fn handle_found(
        &mut self,
        now: Instant,
        found: &FoundBlock,
        rest: Option<&BlockRest>,
    ) -> Option<BlockVerdict> {
        let known = self.stories.iter().find(|story| story.hash == found.hash);
        if let Some(verdict) = known.and_then(|story| story.verdict.clone()) {
            return Some(verdict);
        }
        if self.pending.contains_key(&found.hash) || self.pending.len() >= BLOCKS_PENDING_MAX {
            return None;
        }
        // Not remembered: this jobmaster may hear of the job yet.
        let Some(rest) = rest else { return Some(BlockVerdict::UnknownJob) };
        let (hash, heard) = (found.hash, now);
        let story = Story { hash, heard, verdict: None, tip_of: Vec::new() };
        self.stories.push_front(story);
        self.stories.truncate(BLOCKS_PENDING_MAX);
        let Some(bytes) = rest.block_bytes(found) else {
            let verdict = BlockVerdict::Rejected("the coinbase cannot be read".into());
            self.tell(hash, verdict.clone());
            self.actions.pop_back();
            return Some(verdict);
        };
        let nodes = vec![Progress::Due(now); self.nodes];
        let pending = Pending { bytes: bytes.into(), heard, nodes, told: false, refusal: None };
        self.pending.insert(hash, pending);
        self.handle_timeout(now);
        None
    }

    /// The fate of a block that was handed in lately, where it is known.
    pub fn verdict_of(&self, hash: &Hash256) -> Option<&BlockVerdict> {
        self.stories.iter().find(|story| story.hash == *hash)?.verdict.as_ref()
    }

    /// A node answered, or not.
    pub fn handle_answer(
        &mut self,
        now: Instant,
        hash: Hash256,
        node: NodeIndex,
        answer: &SubmitAnswer,
    ) {
        let Some(pending) = self.pending.get_mut(&hash) else { return };
        let after = now.since(pending.heard);
        match answer {
            SubmitAnswer::Failed => pending.nodes[node] = Progress::Due(now + RETRY_INTERVAL),
            SubmitAnswer::Answered(reason) => match verdict(reason.as_deref()) {
                Answer::NoParent => pending.nodes[node] = Progress::Due(now + RETRY_INTERVAL),
                Answer::Verdict(BlockVerdict::Rejected(reason)) => {
                    pending.nodes[node] = Progress::Done;
                    if pending.refusal.is_none() {
                        pending.refusal = Some((now, reason.clone()));
                    }
                    self.actions.push_back(BlockAction::Refused { hash, node, reason });
                }
                Answer::Verdict(verdict) => {
                    pending.nodes[node] = Progress::Done;
                    self.actions.push_back(BlockAction::Kept { hash, node, after });
                    if !core::mem::replace(&mut pending.told, true) {
                        self.tell(hash, verdict);
                    }
                }
            },
        }
        self.handle_timeout(now);
    }

    /// A node's best chain ends with this block.
    pub fn handle_tip(&mut self, now: Instant, node: NodeIndex, tip: &Hash256) {
        let Some(story) = self.stories.iter_mut().find(|story| story.hash == *tip) else { return };
        if !story.tip_of.contains(&node) {
            story.tip_of.push(node);
            let after = now.since(story.heard);
            self.actions.push_back(BlockAction::IsTip { hash: *tip, node, after });
        }
    }

    /// A deadline of [`BlockDesk::poll_timeout`] passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        for (hash, pending) in &mut self.pending {
            for (node, progress) in pending.nodes.iter_mut().enumerate() {
                if matches!(*progress, Progress::Due(at) if at <= now) {
                    *progress = Progress::UnderWay;
                    let bytes = Arc::clone(&pending.bytes);
                    self.actions.push_back(BlockAction::Submit { hash: *hash, node, bytes });
                }
            }
        }
        let is_over = |pending: &Pending| {
            pending.is_answered_by_all() || pending.deadline().is_some_and(|at| at <= now)
        };
        let over: Vec<Hash256> = self
            .pending
            .iter()
            .filter(|(_, pending)| is_over(pending))
            .map(|(hash, _)| *hash)
            .collect();
        for hash in over {
            let pending = self.pending.get_mut(&hash).expect("it was just found");
            if !core::mem::replace(&mut pending.told, true) {
                let (_, reason) = pending.refusal.clone().expect("nobody keeps it");
                self.tell(hash, BlockVerdict::Rejected(reason));
            }
            // A node that is away while the others refuse it may have the last word yet.
            let pending = &self.pending[&hash];
            if pending.is_answered_by_all() || pending.deadline().is_some_and(|at| at <= now) {
                self.pending.remove(&hash);
            }
        }
    }

    /// When [`BlockDesk::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let due = |pending: &Pending| {
            let nodes = pending.nodes.iter().filter_map(|progress| match progress {
                Progress::Due(at) => Some(*at),
                Progress::UnderWay | Progress::Done => None,
            });
            nodes.chain(pending.deadline()).min()
        };
        self.pending.values().filter_map(due).min()
    }

    /// The next thing to do; `None` where nothing is left.
    pub fn poll_action(&mut self) -> Option<BlockAction> {
        self.actions.pop_front()
    }

    fn tell(&mut self, hash: Hash256, verdict: BlockVerdict) {
        if let Some(story) = self.stories.iter_mut().find(|story| story.hash == hash) {
            story.verdict = Some(verdict.clone());
        }
        self.actions.push_back(BlockAction::Verdict { hash, verdict });
    }
}

/// What a node's words mean.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Answer {
    Verdict(BlockVerdict),
    /// It does not know the block before this one yet.
    NoParent,
}

/// Some nodes put this before the reasons of BIP 22.
const REASON_PREFIX: &str = "rejected: ";

/// BIP 22: nothing means accepted; "duplicate" is a block that the node has already, and
/// "inconclusive" one that it keeps without having made it its tip. Bitcoin Core says
/// "prev-blk-not-found" where it lacks the parent.
fn verdict(reason: Option<&str>) -> Answer {
    let reason = reason.map(|reason| reason.strip_prefix(REASON_PREFIX).unwrap_or(reason));
    Answer::Verdict(match reason {
        None | Some("duplicate") => BlockVerdict::Accepted,
        Some("inconclusive" | "duplicate-inconclusive") => BlockVerdict::SideBranch,
        Some("prev-blk-not-found") => return Answer::NoParent,
        Some(reason) => BlockVerdict::Rejected(reason.to_owned()),
    })
}
