//! Other chains that are mined along: calls to their nodes, and what the gateways hear of them.

use sluice_control_core::{AuxAction, AuxAnswer, ChainIndex, TakenShare};
use sluice_mining::merged::AuxWork;
use sluice_units::{BlockVerdict, Hash256};
use sluice_wire::job_feed::FromJobmaster;
use tracing::{info, warn};

use super::Drive;
use crate::node::NodeError;
use crate::node_aux::AuxNode;

/// What a call to the node of another chain came to.
pub(super) struct ChainAnswer {
    pub(super) chain: ChainIndex,
    pub(super) answer: FromChain,
}

pub(super) enum FromChain {
    Work(Result<AuxWork, NodeError>),
    Submit { share: Hash256, answer: AuxAnswer },
}

impl Drive {
    fn ask_chain<F>(&self, chain: ChainIndex, call: impl FnOnce(AuxNode) -> F)
    where
        F: Future<Output = FromChain> + Send + 'static,
    {
        let answers = self.chain_answers_in.clone();
        let call = call(self.chains[chain].clone());
        tokio::spawn(async move {
            // The task has ended where nobody takes the answer.
            let _ = answers.send(ChainAnswer { chain, answer: call.await }).await;
        });
    }

    pub(super) fn carry_out_aux(&mut self) {
        let now = self.clock.now();
        if let Some(works) = self.aux.poll_offer(now.instant) {
            let chains: Vec<&str> = works.iter().map(|work| work.chain.as_str()).collect();
            info!(?chains, "jobs commit to other chains");
            self.jobs.set_aux(now, works);
        }
        while let Some(action) = self.aux.poll_action() {
            match action {
                AuxAction::AskWork(chain) => {
                    self.ask_chain(chain, |node| async move { FromChain::Work(node.work().await) });
                }
                AuxAction::Submit { chain, share, submission } => {
                    info!(%share, chain = %self.chains[chain].chain, "share submitted to another chain");
                    self.ask_chain(chain, move |node| async move {
                        FromChain::Submit { share, answer: node.submit(&submission).await }
                    });
                }
                AuxAction::Taken(taken) => {
                    let TakenShare { share, chain, hash } = &taken;
                    info!(%share, %chain, block = %hash, "another chain has a block");
                    self.change_status(|status| status.aux_blocks_accepted += 1);
                    for link in self.waiting_for(share) {
                        self.gateways.send(link, &aux_verdict(taken.clone()));
                    }
                }
                AuxAction::Lost { share, chain, reason } => {
                    warn!(%share, %chain, reason, "another chain does not take the block");
                }
                AuxAction::Settled(share) => self.settle(share),
            }
        }
    }

    /// No other chain is awaited: the gateways may forget the share, unless a node of this chain is still to have it.
    pub(super) fn settle(&mut self, share: Hash256) {
        let verdict = match self.blocks.verdict_of(&share) {
            Some(verdict) => verdict.clone(),
            // A node is to answer, or there was no room for it among those that wait for one: the gateway sends it again.
            None if self.waiting.get(&share).is_some_and(|waiting| waiting.of_main_chain) => return,
            None => BlockVerdict::OtherChains,
        };
        self.tell_waiting(share, &verdict);
    }

    pub(super) fn handle_chain(&mut self, ChainAnswer { chain, answer }: ChainAnswer) {
        let now = self.clock.now().instant;
        match answer {
            FromChain::Work(Ok(work)) => {
                if self.chain_troubles[chain].take().is_some() {
                    info!(chain = %self.chains[chain].chain, "the chain's node answers again");
                }
                self.aux.handle_work(now, chain, work);
            }
            FromChain::Work(Err(error)) => {
                if self.chain_troubles[chain].is_none() {
                    warn!(chain = %self.chains[chain].chain, "{error}; the main chain goes on without it");
                    self.chain_troubles[chain] = Some(error.to_string());
                }
                self.aux.handle_failure(now, chain);
            }
            FromChain::Submit { share, answer } => {
                self.aux.handle_answer(now, chain, share, &answer);
            }
        }
    }
}

pub(super) fn aux_verdict(taken: TakenShare) -> FromJobmaster {
    let TakenShare { share, chain, hash } = taken;
    FromJobmaster::AuxVerdict { share, chain, hash }
}
