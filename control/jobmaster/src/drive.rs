//! The task that owns the desks and plugs nodes, clock and gateways into them.

mod aux;
mod blocks;
mod nodes;
mod operators;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sluice_control_core::{AuxDesk, BlockDesk, DeskAction, DeskPolicy, JobDesk, Offer};
use sluice_service::clock::Clock;
use sluice_service::outage::{OUTAGE_ALERT_AFTER, Outage};
use sluice_units::limits::NODE_ANSWERS_MAX;
use sluice_units::{Hash256, Instant, JobKind};
use sluice_wire::job_feed::FromJobmaster;
use tokio::sync::{mpsc, watch};
use tracing::{error, info, warn};

use crate::datagrams::DatagramFeed;
use crate::gateways::{GatewayEvent, Gateways};
use crate::node::Node;
use crate::node_aux::AuxNode;
use crate::peers::Peers;
use crate::rests::{RestFolder, RestWriter};
use crate::start::JobmasterStatus;
use crate::zmq::ZmqNotice;
use aux::ChainAnswer;
use blocks::Waiting;
use nodes::NodeAnswer;
pub(crate) use operators::Bans;
pub use settings::Reload;
pub(crate) use settings::{Settings, rules_of};

pub(crate) struct Drive {
    /// The preferred one first.
    nodes: Vec<Node>,
    /// Why a node cannot be used at present, by node and kind of call: told once, however long it lasts.
    troubles: Vec<[Option<String>; 2]>,
    /// No node is without trouble.
    outage: Outage,
    chain: String,
    clock: Clock,
    jobs: JobDesk,
    blocks: BlockDesk,
    aux: AuxDesk,
    chains: Vec<AuxNode>,
    /// Why a chain's node cannot be used at present, by chain.
    chain_troubles: Vec<Option<String>>,
    chain_answers_in: mpsc::Sender<ChainAnswer>,
    chain_answers: mpsc::Receiver<ChainAnswer>,
    gateways: Gateways,
    /// Blocks whose verdict somebody waits for.
    waiting: BTreeMap<Hash256, Waiting>,
    rests: RestFolder,
    rest_writer: RestWriter,
    bans: Bans,
    peers: Peers,
    settings: Settings,
    status: Arc<Mutex<JobmasterStatus>>,
    answers_in: mpsc::Sender<NodeAnswer>,
    answers: mpsc::Receiver<NodeAnswer>,
}

/// What a drive is made of.
pub(crate) struct Parts {
    pub(crate) nodes: Vec<Node>,
    /// Their network, as they call it.
    pub(crate) chain: String,
    pub(crate) policy: DeskPolicy,
    /// Other chains that are mined along, and how often each is asked.
    pub(crate) chains: Vec<(AuxNode, Duration)>,
    pub(crate) rests: RestFolder,
    pub(crate) bans: Bans,
    pub(crate) settings: Settings,
    pub(crate) datagrams: DatagramFeed,
    pub(crate) peers: Peers,
    pub(crate) status: Arc<Mutex<JobmasterStatus>>,
}

impl Drive {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { nodes, chain, policy, chains, rests, bans, settings, datagrams, peers, status } =
            parts;
        let clock = Clock::start();
        let (answers_in, answers) = mpsc::channel(NODE_ANSWERS_MAX);
        let (chain_answers_in, chain_answers) = mpsc::channel(NODE_ANSWERS_MAX);
        let named = chains.iter().map(|(node, interval)| (node.chain.clone(), *interval));
        let aux = AuxDesk::new(clock.now().instant, named);
        let chains: Vec<AuxNode> = chains.into_iter().map(|(node, _)| node).collect();
        Self {
            troubles: vec![[None, None]; nodes.len()],
            outage: Outage::new(OUTAGE_ALERT_AFTER),
            blocks: BlockDesk::new(nodes.len()),
            aux,
            chain_troubles: vec![None; chains.len()],
            chains,
            chain_answers_in,
            chain_answers,
            nodes,
            chain,
            clock,
            jobs: JobDesk::new(clock.now(), policy),
            gateways: Gateways::new(datagrams),
            waiting: BTreeMap::new(),
            rest_writer: RestWriter::start(rests.clone()),
            rests,
            bans,
            peers,
            settings,
            status,
            answers_in,
            answers,
        }
    }

    pub(crate) async fn run(
        mut self,
        mut events: mpsc::Receiver<GatewayEvent>,
        mut notices: mpsc::Receiver<ZmqNotice>,
        mut stopped: watch::Receiver<bool>,
    ) {
        loop {
            self.carry_out().await;
            self.turn_bans();
            let now = self.clock.now();
            let others = [
                self.blocks.poll_timeout(),
                self.aux.poll_timeout(),
                self.bans.desk.poll_timeout(now),
                self.outage.poll_timeout(),
            ];
            let next = others.into_iter().flatten().fold(self.jobs.poll_timeout(), Instant::min);
            tokio::select! {
                _ = stopped.changed() => break,
                Some(event) = events.recv() => self.handle_gateway(event),
                Some(answer) = self.answers.recv() => self.handle_node(answer),
                Some(answer) = self.chain_answers.recv() => self.handle_chain(answer),
                Some(notice) = notices.recv() => self.handle_notice(&notice),
                () = tokio::time::sleep(next.since(now.instant)) => {
                    let now = self.clock.now();
                    self.jobs.handle_timeout(now);
                    self.blocks.handle_timeout(now.instant);
                    self.aux.handle_timeout(now.instant);
                    if let Some(line) = self.outage_line(now.instant) {
                        error!("{line}");
                    }
                }
            }
        }
        self.bans.writer.stop().await;
    }

    /// Does what the desks want done.
    async fn carry_out(&mut self) {
        self.carry_out_aux();
        while let Some(action) = self.jobs.poll_action() {
            match action {
                DeskAction::AskTip(node) => self.ask_tip(node),
                DeskAction::AskTemplate(node) => self.ask_template(node),
                DeskAction::AwaitTemplate(node, id) => self.await_template(node, id),
                DeskAction::AskPeriodStart(node, height) => self.ask_period_start(node, height),
                DeskAction::Publish(offer) => self.publish(offer).await,
                DeskAction::Alive => self.gateways.rush_to_all(&FromJobmaster::Alive),
            }
        }
        self.carry_out_blocks();
    }

    async fn publish(&mut self, offer: Offer) {
        let Offer { job, tip_work, rest, is_renewed } = offer;
        self.rest_writer.keep(job.id, Arc::clone(&rest)).await;
        let (height, kind, branch) = (job.height, job.kind, job.merkle_branch.len());
        let empty_time = self.jobs.take_empty_time(self.clock.now().instant);
        let empty_ms = empty_time.map(|time| time.as_millis() as u64);
        match (kind, empty_ms) {
            (JobKind::Full, Some(empty_ms)) => {
                info!(job = %job.id, height, branch, empty_ms, "the template is here: miners leave the empty job");
            }
            (_, Some(empty_ms)) => {
                warn!(job = %job.id, height, ?kind, empty_ms, "an empty job ended without a template of its block");
            }
            (_, None) => {
                info!(job = %job.id, height, ?kind, branch, is_renewed, parent = %job.parent, "new job")
            }
        }
        self.change_status(|status| {
            status.jobs += 1;
            status.height = height;
        });
        self.gateways.serve_all();
        let message = FromJobmaster::Job { tip_work, job: (*job).clone() };
        if is_renewed {
            // Whoever needs it has come just now, and would take a datagram for a stranger's.
            self.gateways.send_to_all(&message);
        } else {
            self.gateways.rush_to_all(&message);
        }
        self.peers.tell(job.id, &rest);
    }

    fn handle_gateway(&mut self, event: GatewayEvent) {
        match event {
            GatewayEvent::Hello { link, caller, outbound } => {
                let gateway_id = caller.gateway_id;
                match self.gateways.welcome(link, caller, outbound) {
                    Ok(came_again) => {
                        info!(gateway_id, "a gateway connected");
                        // Before any job, so that nobody who is banned gets work.
                        let bans = FromJobmaster::Bans(self.bans.desk.list());
                        self.gateways.send(link, &bans);
                        if came_again {
                            // It may have been restarted, and know no share of the present job any more.
                            self.jobs.renew(self.clock.now());
                        } else if let Some((job, tip_work)) = self.jobs.latest() {
                            let job = FromJobmaster::Job { tip_work, job: (**job).clone() };
                            self.gateways.send(link, &job);
                        }
                    }
                    Err(cause) => warn!(gateway_id, "a gateway was refused: {cause}"),
                }
            }
            GatewayEvent::Found { link, block } => self.handle_found(link, &block),
            GatewayEvent::Banned { link, ban } => self.handle_banned(link, ban),
            GatewayEvent::Operator { request, answer } => self.handle_operator(request, answer),
            GatewayEvent::Reload { answer } => {
                // Whoever hung up wants no answer.
                let _ = answer.send(self.reload());
            }
            GatewayEvent::Rest { job, rest } => self.rest_writer.keep_for_peer(job, rest),
            GatewayEvent::Gone { link } => {
                if let Some(gateway_id) = self.gateways.remove(link) {
                    info!(gateway_id, "a gateway is gone");
                }
                for Waiting { links, .. } in self.waiting.values_mut() {
                    links.retain(|waiting| *waiting != link);
                }
            }
        }
        let gateways = self.gateways.count();
        self.change_status(|status| status.gateways = gateways);
    }

    fn change_status(&self, change: impl FnOnce(&mut JobmasterStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
