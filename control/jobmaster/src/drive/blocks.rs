//! Found blocks: to every node, and the story of each in the log.

use std::sync::Arc;

use sluice_control_core::BlockAction;
use sluice_units::{BlockVerdict, FoundBlock, Hash256, Header};
use sluice_wire::job_feed::FromJobmaster;
use tracing::{error, info, warn};

use super::Drive;
use super::aux::aux_verdict;
use super::nodes::Answer;
use crate::gateways::LinkNumber;

/// A block whose verdict somebody waits for.
pub(super) struct Waiting {
    /// Who does.
    pub(super) links: Vec<LinkNumber>,
    pub(super) of_main_chain: bool,
}

impl Drive {
    pub(super) fn handle_found(&mut self, link: LinkNumber, block: &FoundBlock) {
        let (hash, height, finder) = (block.hash, block.height, &block.finder);
        info!(%hash, height, job = %block.job, user = finder.user(), worker = finder.worker(), "block found");
        let rest = self.jobs.rest_of(block.job).cloned();
        // A job of an earlier life of this jobmaster is on disk.
        let rest = rest.or_else(|| self.rests.read(block.job).map(Arc::new));
        let now = self.clock.now().instant;
        let aux_pending = rest.as_ref().is_some_and(|rest| self.aux.handle_found(now, block, rest));
        let of_main_chain = is_of_main_chain(block);
        let verdict = if of_main_chain {
            self.blocks.handle_found(now, block, rest.as_deref())
        } else if rest.is_none() {
            Some(BlockVerdict::UnknownJob)
        } else if aux_pending {
            None
        } else {
            Some(BlockVerdict::OtherChains)
        };
        if verdict.is_none() || aux_pending {
            let waiting = Waiting { links: Vec::new(), of_main_chain };
            let Waiting { links, .. } = self.waiting.entry(hash).or_insert(waiting);
            if !links.contains(&link) {
                links.push(link);
            }
        }
        // It may have been away when they answered.
        for taken in self.aux.taken(&hash) {
            self.gateways.send(link, &aux_verdict(taken.clone()));
        }
        if let Some(verdict) = verdict {
            let last = !aux_pending;
            self.gateways.send(link, &FromJobmaster::Verdict { hash, verdict, last });
        }
    }

    pub(super) fn carry_out_blocks(&mut self) {
        while let Some(action) = self.blocks.poll_action() {
            match action {
                BlockAction::Submit { hash, node, bytes } => {
                    info!(%hash, node = self.nodes[node].address(), bytes = bytes.len(), "block submitted");
                    self.ask(node, move |node| async move {
                        Answer::Submit(hash, node.submit(&bytes).await)
                    });
                }
                BlockAction::Verdict { hash, verdict } => self.end_block(hash, &verdict),
                BlockAction::Kept { hash, node, after } => {
                    let (node_address, after_ms) = (self.nodes[node].address(), after.as_millis());
                    info!(%hash, node = node_address, after_ms, "the node has the block");
                    // Its template comes without another question for its tip.
                    self.jobs.handle_announced(self.clock.now(), node, &hash);
                }
                BlockAction::Refused { hash, node, reason } => {
                    let node = self.nodes[node].address();
                    warn!(%hash, node, reason, "a node refuses the block");
                }
                BlockAction::IsTip { hash, node, after } => {
                    let (node, after_ms) = (self.nodes[node].address(), after.as_millis());
                    info!(%hash, node, after_ms, "the block is the node's tip");
                }
            }
        }
    }

    fn end_block(&mut self, hash: Hash256, verdict: &BlockVerdict) {
        if verdict.is_kept_by_node() {
            self.change_status(|status| status.blocks_accepted += 1);
        } else {
            error!(%hash, ?verdict, "FATAL: the nodes refuse a found block");
            self.change_status(|status| status.blocks_rejected += 1);
        }
        self.tell_waiting(hash, verdict);
    }

    /// Tells whoever waits for it what became of a block. They wait on while another chain is to answer.
    pub(super) fn tell_waiting(&mut self, hash: Hash256, verdict: &BlockVerdict) {
        let last = !self.aux.is_pending(&hash);
        for link in self.waiting_for(&hash) {
            let verdict = verdict.clone();
            self.gateways.send(link, &FromJobmaster::Verdict { hash, verdict, last });
        }
        if last {
            self.waiting.remove(&hash);
        }
    }

    /// Who waits for the verdict on a block.
    pub(super) fn waiting_for(&self, hash: &Hash256) -> Vec<LinkNumber> {
        self.waiting.get(hash).map(|waiting| waiting.links.clone()).unwrap_or_default()
    }
}

/// Whether a share meets the main chain's target, rather than another chain's alone.
fn is_of_main_chain(block: &FoundBlock) -> bool {
    let target = Header::from_bytes(&block.header).nbits.to_target();
    target.is_some_and(|target| target.is_met_by(&block.hash))
}
