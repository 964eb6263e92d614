//! Calls to the nodes, each in a task of its own, and what becomes of their answers.

use sluice_control_core::{Asked, FailedCall, NodeIndex, SubmitAnswer};
use sluice_mining::builder::block_hash;
use sluice_units::{Hash256, Instant};
use sluice_wire::node_rpc::BlockTemplate;
use sluice_wire::node_zmq::NodeNotice;
use tracing::{debug, error, info, warn};

use super::Drive;
use crate::node::{Blockchain, Node, NodeError};
use crate::zmq::ZmqNotice;

/// What a call to a node came to.
pub(super) struct NodeAnswer {
    pub(super) node: NodeIndex,
    pub(super) answer: Answer,
}

pub(super) enum Answer {
    Blockchain(Result<Blockchain, NodeError>),
    Template(Asked, Result<Box<BlockTemplate>, NodeError>),
    PeriodStart { height: u32, time: Result<u32, NodeError> },
    Submit(Hash256, Result<Option<String>, NodeError>),
}

impl Drive {
    pub(super) fn ask<F>(&self, node: NodeIndex, call: impl FnOnce(Node) -> F)
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let answers = self.answers_in.clone();
        let call = call(self.nodes[node].clone());
        tokio::spawn(async move {
            // The task has ended where nobody takes the answer.
            let _ = answers.send(NodeAnswer { node, answer: call.await }).await;
        });
    }

    pub(super) fn ask_tip(&self, node: NodeIndex) {
        self.ask(node, |node| async move { Answer::Blockchain(node.blockchain().await) });
    }

    pub(super) fn ask_template(&self, node: NodeIndex) {
        let rules = self.rules();
        self.ask(node, move |node| async move {
            Answer::Template(Asked::Now, node.template(rules).await.map(Box::new))
        });
    }

    pub(super) fn await_template(&self, node: NodeIndex, id: String) {
        let rules = self.rules();
        self.ask(node, move |node| async move {
            let template = node.await_template(rules, &id).await.map(Box::new);
            Answer::Template(Asked::LongPoll, template)
        });
    }

    pub(super) fn ask_period_start(&self, node: NodeIndex, height: u32) {
        self.ask(node, move |node| async move {
            Answer::PeriodStart { height, time: node.block_time(height).await }
        });
    }

    /// What a client must say that it understands (BIP 9; BIP 145; BIP 325 on signet).
    fn rules(&self) -> &'static [&'static str] {
        if self.chain == "signet" { &["segwit", "signet"] } else { &["segwit"] }
    }

    pub(super) fn handle_node(&mut self, NodeAnswer { node, answer }: NodeAnswer) {
        let now = self.clock.now();
        match answer {
            Answer::Blockchain(Ok(blockchain)) => self.handle_blockchain(node, &blockchain),
            Answer::Blockchain(Err(error)) => {
                self.tell_trouble(node, Trouble::Tip, error.to_string());
                self.jobs.handle_failure(now, node, FailedCall::Tip);
            }
            Answer::Template(asked, Ok(template)) => {
                match self.jobs.handle_template(now, node, asked, &template) {
                    Ok(()) => self.end_trouble(node, Trouble::Template),
                    Err(cause) => self.tell_trouble(node, Trouble::Template, cause),
                }
            }
            Answer::Template(asked, Err(error)) => {
                if asked == Asked::Now {
                    self.tell_trouble(node, Trouble::Template, error.to_string());
                }
                self.jobs.handle_failure(now, node, FailedCall::Template(asked));
            }
            Answer::PeriodStart { height, time: Ok(time) } => {
                self.jobs.handle_period_start(height, time);
            }
            Answer::PeriodStart { height, time: Err(error) } => {
                let address = self.nodes[node].address();
                warn!(node = address, height, "the node does not tell a block's time: {error}");
            }
            Answer::Submit(hash, result) => {
                let answer = match result {
                    Ok(reason) => SubmitAnswer::Answered(reason),
                    Err(cause) => {
                        error!(%hash, "FATAL: a found block is not at this node yet: {cause}");
                        SubmitAnswer::Failed
                    }
                };
                self.blocks.handle_answer(now.instant, hash, node, &answer);
            }
        }
    }

    fn handle_blockchain(&mut self, node: NodeIndex, blockchain: &Blockchain) {
        let now = self.clock.now();
        let address = self.nodes[node].address();
        if blockchain.chain != self.chain {
            let (theirs, ours) = (&blockchain.chain, &self.chain);
            self.tell_trouble(
                node,
                Trouble::Tip,
                format!("the node at {address} is on the network {theirs}, this pool on {ours}: correct its address"),
            );
            return self.jobs.handle_failure(now, node, FailedCall::Tip);
        }
        if blockchain.is_behind {
            let cause = NodeError::InitialDownload(address.to_owned()).to_string();
            self.tell_trouble(node, Trouble::Tip, cause);
            return self.jobs.handle_behind(now, node);
        }
        self.end_trouble(node, Trouble::Tip);
        self.jobs.handle_tip(now, node, blockchain.tip);
        self.blocks.handle_tip(now.instant, node, &blockchain.tip.hash);
    }

    /// A node published something of a block.
    pub(super) fn handle_notice(&mut self, ZmqNotice { node, notice }: &ZmqNotice) {
        let now = self.clock.now();
        match notice {
            NodeNotice::Header(header) => match self.jobs.handle_header(now, header) {
                Ok(hash) => info!(%hash, "a node showed a new block: miners turn to it"),
                // It is announced under other topics as well; what it means is seen there.
                Err(cause) => {
                    let hash = block_hash(header);
                    debug!(%hash, %cause, "a node showed a block that moves nobody");
                    self.jobs.handle_announced(now, *node, &hash);
                }
            },
            NodeNotice::Block(hash) => {
                self.jobs.handle_announced(now, *node, hash);
            }
            // What comes in its place is announced next; where nothing does, its tip tells.
            NodeNotice::Disconnected(_) => self.jobs.handle_tip_hint(now),
        }
    }

    /// Logs trouble with a node once, however long it lasts.
    fn tell_trouble(&mut self, node: NodeIndex, trouble: Trouble, cause: String) {
        let told = &mut self.troubles[node][trouble as usize];
        if told.is_none() {
            error!("{cause}; miners keep their job meanwhile, and the call is repeated");
            *told = Some(cause);
            self.show_troubles();
        }
    }

    fn end_trouble(&mut self, node: NodeIndex, trouble: Trouble) {
        let ended = self.troubles[node][trouble as usize].take().is_some();
        if ended && self.troubles[node].iter().all(Option::is_none) {
            info!(node = self.nodes[node].address(), "the node answers again");
            self.show_troubles();
        }
    }

    /// The status tells of trouble once no node is without.
    fn show_troubles(&mut self) {
        let first = self.common_trouble();
        if first.is_some() {
            self.outage.begin(self.clock.now().instant);
        } else if self.outage.end() {
            info!("a node can be used again: there is work for miners");
        }
        self.change_status(|status| status.node_trouble = first);
    }

    /// The preferred node's trouble where all have one.
    fn common_trouble(&self) -> Option<String> {
        let of_node = |troubles: &[Option<String>; 2]| troubles.iter().flatten().next().cloned();
        let all: Option<Vec<String>> = self.troubles.iter().map(of_node).collect();
        all.and_then(|all| all.into_iter().next())
    }

    /// What people are told once no node could be used for long.
    pub(super) fn outage_line(&mut self, now: Instant) -> Option<String> {
        let seconds = self.outage.handle_timeout(now)?.as_secs();
        let cause = self.common_trouble()?;
        Some(format!(
            "FATAL: no node could be used for {seconds} s, miners get no new work: {cause}"
        ))
    }
}

/// Which calls a node cannot be used for. One that tells its tip may give no template.
#[derive(Clone, Copy)]
pub(super) enum Trouble {
    Tip = 0,
    Template = 1,
}
