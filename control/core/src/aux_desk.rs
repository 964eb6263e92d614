//! Other chains that are mined along: what each of them wants work on, and what becomes of the shares that
//! are blocks of theirs.
//!
//! **A chain that fails harms nobody else:** its block leaves the jobs once it is older than
//! [`AUX_STALE_AFTER`], and neither a job nor a block of the main chain ever waits for it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sluice_mining::builder::BlockRest;
use sluice_mining::merged::{AuxSubmission, AuxWork};
use sluice_units::limits::BLOCKS_PENDING_MAX;
use sluice_units::{FoundBlock, Hash256, Instant, Name};

#[cfg(test)]
mod tests;

/// Which chain, in the order of the configuration.
pub type ChainIndex = usize;

/// How old what a chain's node said last may be.
pub const AUX_STALE_AFTER: Duration = Duration::from_secs(60);
/// After a failed call the next one waits this long.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// For how long a share goes to a chain whose node does not answer: its block is old by then.
pub const AUX_SUBMIT_TIME_MAX: Duration = Duration::from_secs(600);

/// What the desk asks its shell to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuxAction {
    /// Ask a chain's node what to work on.
    AskWork(ChainIndex),
    /// Hand a share to a chain's node; its answer is awaited from then on.
    Submit {
        /// Whose.
        chain: ChainIndex,
        /// The hash of the share's header.
        share: Hash256,
        /// What it is handed.
        submission: AuxSubmission,
    },
    /// A chain has taken a share as its block.
    Taken(TakenShare),
    /// A chain has refused a share, or could not be asked in time.
    Lost {
        /// The hash of the share's header.
        share: Hash256,
        /// What the chain is called.
        chain: Name,
        /// Why.
        reason: String,
    },
    /// All chains have answered about a share.
    Settled(Hash256),
}

/// What a chain's node said to a share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuxAnswer {
    /// It took it, or had it already.
    Taken,
    /// It refuses it, in its own words.
    Refused(String),
    /// It did not answer; the share goes to it again.
    Failed,
}

#[derive(Debug)]
struct Chain {
    name: Name,
    poll_interval: Duration,
    ask_due: Instant,
    asking: bool,
    /// What it wants work on, and when it said so.
    work: Option<(AuxWork, Instant)>,
}

/// A share on its way to one chain.
#[derive(Debug)]
struct Pending {
    submission: AuxSubmission,
    hash: Hash256,
    since: Instant,
    /// When it goes out again; `None` while an answer is awaited.
    due: Option<Instant>,
}

/// A share that is a block of another chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TakenShare {
    /// The hash of the share's header.
    pub share: Hash256,
    /// What the chain is called.
    pub chain: Name,
    /// The hash of its block.
    pub hash: Hash256,
}

/// The other chains of one jobmaster.
#[derive(Debug, Default)]
pub struct AuxDesk {
    chains: Vec<Chain>,
    /// By share and chain.
    pending: BTreeMap<(Hash256, ChainIndex), Pending>,
    /// Shares that are settled, newest first: a gateway may send them again.
    settled: VecDeque<Hash256>,
    /// Shares that chains took, newest first.
    taken: VecDeque<TakenShare>,
    /// What jobs commit to at present.
    offered: Vec<AuxWork>,
    actions: VecDeque<AuxAction>,
}

impl AuxDesk {
    /// A desk for chains of these names, each asked so often; all of them are asked at once.
    pub fn new(now: Instant, chains: impl IntoIterator<Item = (Name, Duration)>) -> Self {
        let chain = |(name, poll_interval)| Chain {
            name,
            poll_interval,
            ask_due: now,
            asking: false,
            work: None,
        };
        Self { chains: chains.into_iter().map(chain).collect(), ..Self::default() }
    }

    /// A chain's node said what to work on.
    pub fn handle_work(&mut self, now: Instant, chain: ChainIndex, work: AuxWork) {
        let state = &mut self.chains[chain];
        state.asking = false;
        state.ask_due = now + state.poll_interval;
        state.work = Some((work, now));
    }

    /// A chain's node did not answer, or made no sense.
    pub fn handle_failure(&mut self, now: Instant, chain: ChainIndex) {
        let state = &mut self.chains[chain];
        state.asking = false;
        state.ask_due = now + RETRY_INTERVAL.max(state.poll_interval);
    }

    /// What jobs shall commit to, where that is something else than before.
    pub fn poll_offer(&mut self, now: Instant) -> Option<Vec<AuxWork>> {
        let fresh = |chain: &Chain| {
            let (work, heard) = chain.work.as_ref()?;
            (now.since(*heard) <= AUX_STALE_AFTER).then(|| work.clone())
        };
        let offer: Vec<AuxWork> = self.chains.iter().filter_map(fresh).collect();
        (offer != self.offered).then(|| {
            self.offered = offer;
            self.offered.clone()
        })
    }

    /// A gateway found a share that may be a block of other chains. Gives whether any of them is still to
    /// answer.
    pub fn handle_found(&mut self, now: Instant, found: &FoundBlock, rest: &BlockRest) -> bool {
        if self.is_pending(&found.hash) {
            return true;
        }
        if self.settled.contains(&found.hash) {
            return false;
        }
        for work in rest.aux().met_by(&found.hash) {
            let chain = self.chains.iter().position(|chain| chain.name == work.chain);
            let submission = rest.aux().submission(work, found, rest.transactions());
            // A chain that is not mined along any more has nobody to take it.
            let (Some(chain), Some(submission)) = (chain, submission) else { continue };
            if self.pending.len() >= BLOCKS_PENDING_MAX {
                let (share, name) = (found.hash, work.chain.clone());
                let reason = "too many shares wait for the other chains' nodes".to_owned();
                self.actions.push_back(AuxAction::Lost { share, chain: name, reason });
                continue;
            }
            let pending = Pending { submission, hash: work.hash, since: now, due: Some(now) };
            self.pending.insert((found.hash, chain), pending);
        }
        self.handle_timeout(now);
        self.is_pending(&found.hash)
    }

    /// The chains that took a share so far: a gateway that sends it again may not have heard.
    pub fn taken(&self, share: &Hash256) -> impl Iterator<Item = &TakenShare> {
        self.taken.iter().filter(move |taken| taken.share == *share)
    }

    /// Whether a chain is still to answer about a share.
    pub fn is_pending(&self, share: &Hash256) -> bool {
        self.pending.keys().any(|(pending, _)| pending == share)
    }

    /// A chain's node answered about a share, or not.
    pub fn handle_answer(
        &mut self,
        now: Instant,
        chain: ChainIndex,
        share: Hash256,
        answer: &AuxAnswer,
    ) {
        let Some(pending) = self.pending.get_mut(&(share, chain)) else { return };
        let name = self.chains[chain].name.clone();
        match answer {
            AuxAnswer::Failed if now.since(pending.since) < AUX_SUBMIT_TIME_MAX => {
                pending.due = Some(now + RETRY_INTERVAL);
                return;
            }
            AuxAnswer::Failed => {
                let reason = "its node has not answered in time".to_owned();
                self.actions.push_back(AuxAction::Lost { share, chain: name, reason });
            }
            AuxAnswer::Refused(reason) => {
                let reason = reason.clone();
                self.actions.push_back(AuxAction::Lost { share, chain: name, reason });
            }
            AuxAnswer::Taken => {
                let hash = pending.hash;
                let taken = TakenShare { share, chain: name, hash };
                self.taken.push_front(taken.clone());
                self.taken.truncate(BLOCKS_PENDING_MAX);
                self.actions.push_back(AuxAction::Taken(taken));
                // Its next block is wanted now.
                self.chains[chain].ask_due = now;
            }
        }
        self.pending.remove(&(share, chain));
        if !self.is_pending(&share) {
            self.settled.push_front(share);
            self.settled.truncate(BLOCKS_PENDING_MAX);
            self.actions.push_back(AuxAction::Settled(share));
        }
    }

    /// A deadline of [`AuxDesk::poll_timeout`] passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        for (index, chain) in self.chains.iter_mut().enumerate() {
            if !chain.asking && chain.ask_due <= now {
                chain.asking = true;
                self.actions.push_back(AuxAction::AskWork(index));
            }
        }
        for ((share, chain), pending) in &mut self.pending {
            if pending.due.is_some_and(|due| due <= now) {
                pending.due = None;
                let (share, chain) = (*share, *chain);
                let submission = pending.submission.clone();
                self.actions.push_back(AuxAction::Submit { chain, share, submission });
            }
        }
    }

    /// When [`AuxDesk::handle_timeout`] wants to be called next, or an offer may have changed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let asks = self.chains.iter().filter(|chain| !chain.asking).map(|chain| chain.ask_due);
        // An offer ends by itself only where its node fails, and then it is asked again and again.
        asks.chain(self.pending.values().filter_map(|pending| pending.due)).min()
    }

    /// The next thing to do; `None` where nothing is left.
    pub fn poll_action(&mut self) -> Option<AuxAction> {
        self.actions.pop_front()
    }
}
