//! Tips, templates and jobs: asks every node for its tip, and for a template when a tip moved, a refresh
//! is due, or a call failed; and decides which template becomes the next job.
//!
//! **Which tip is worked on:** the one with the most work that a node has. Of several with the same work it is
//! the one that came first, for as long as a node has it. A node that answers late, or is behind, moves
//! nobody. **Which node is asked for a refresh:** the first in the configuration that has the tip.
//!
//! | module | holds |
//! |---|---|
//! | `node_state` | what is known of one node and asked of it |
//! | `tips` | the work in the chains that were seen |
//! | `empty` | jobs on a block whose header is all that is known |
//! | `renewal` | the present job under another name, for gateways that come again |

mod empty;
mod node_state;
mod renewal;
#[cfg(test)]
mod tests;
mod tips;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sluice_mining::builder::{self, BlockRest, JobError};
use sluice_mining::coinbase::CoinbasePlan;
use sluice_mining::merged::AuxWork;
use sluice_mining::template::{Template, TemplateFields};
use sluice_units::limits::TEMPLATES_KEPT_MAX;
use sluice_units::{Hash256, Instant, Job, JobId, JobKind, Now};
use sluice_wire::node_rpc::BlockTemplate;

pub use empty::{ChainRules, HeaderRefused, RETARGET_BLOCKS};
pub use node_state::{FailedCall, NodeTip};
use node_state::{NodeState, RETRY_INTERVAL};
use tips::{Tips, work_of};

/// Which node, in the order of the configuration: the first is preferred.
pub type NodeIndex = usize;

/// What a job desk is told at its start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskPolicy {
    /// First part of every job's name, unique among jobmasters.
    pub jobmaster_id: u8,
    /// Second part of it: seconds since 1970 when this jobmaster was started, unique among its starts.
    pub started_unix_s: u32,
    /// How many nodes there are.
    pub nodes: usize,
    /// The rules of their chain.
    pub rules: ChainRules,
    /// What the pool puts into its coinbases.
    pub coinbase: CoinbasePlan,
    /// The version bits that miners may roll, of those that anybody may (BIP 320).
    pub version_mask: u32,
    /// How often each tip is asked for.
    pub poll_interval: Duration,
    /// Whether nodes are asked to hold an answer back until there is a new tip.
    pub long_poll: bool,
    /// How old a job may grow before it is made anew, with later transactions. A new tip waits for nothing.
    pub refresh_interval: Duration,
    /// How long miners may work on an empty block before the template is there; zero: not at all.
    pub empty_job_time: Duration,
    /// How often gateways are told that the jobmaster and a node live.
    pub alive_interval: Duration,
}

/// How a template was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// For the present one.
    Now,
    /// For the next one.
    LongPoll,
}

/// A job with what goes along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// The job.
    pub job: Arc<Job>,
    /// Expected hashes in the chain up to its parent, as far as this jobmaster knows.
    pub tip_work: u128,
    /// What a block on it needs.
    pub rest: Arc<BlockRest>,
    /// Whether it is the job before under another name.
    pub is_renewed: bool,
}

/// What a job desk asks its shell to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeskAction {
    /// Ask a node for its tip.
    AskTip(NodeIndex),
    /// Ask a node for a template.
    AskTemplate(NodeIndex),
    /// Ask a node for the template that follows the one of this name, whenever there is one.
    AwaitTemplate(NodeIndex, String),
    /// Ask a node for the time of the block of this height.
    AskPeriodStart(NodeIndex, u32),
    /// Keep what a block on this job needs, and send the job to every gateway.
    Publish(Offer),
    /// Tell every gateway that jobmaster and node live.
    Alive,
}

/// Jobs that are made because of other chains alone are at least this far apart.
const AUX_JOB_INTERVAL: Duration = Duration::from_secs(5);

/// The job that miners have.
#[derive(Debug)]
struct InUse {
    job: Arc<Job>,
    tip_work: u128,
}

/// The jobs of one chain. See the module's documentation.
#[derive(Debug)]
pub struct JobDesk {
    policy: DeskPolicy,
    started_unix_s: u32,
    sequence: u32,
    nodes: Vec<NodeState>,
    tips: Tips,
    in_use: Option<InUse>,
    /// Until when an empty job may last, while there is one.
    empty_until: Option<Instant>,
    /// When the empty job came, whose template is awaited.
    empty_since: Option<Instant>,
    /// Height and time of the first block of a period between two changes of the difficulty.
    period_start: Option<(u32, u32)>,
    period_start_due: Instant,
    /// The other chains that jobs commit to.
    aux: Vec<AuxWork>,
    published_at: Instant,
    /// What blocks need besides their share, for the jobs that may still bring one, newest first.
    rests: VecDeque<(JobId, Arc<BlockRest>)>,
    refresh_due: Instant,
    /// When the job is to be renewed, where somebody needs that.
    renewal_due: Option<Instant>,
    alive_due: Instant,
    actions: VecDeque<DeskAction>,
}

impl JobDesk {
    /// A desk that asks every node for its tip at once.
    pub fn new(now: Now, policy: DeskPolicy) -> Self {
        Self {
            started_unix_s: policy.started_unix_s,
            nodes: (0..policy.nodes).map(|_| NodeState::new(now.instant)).collect(),
            policy,
            sequence: 0,
            tips: Tips::default(),
            in_use: None,
            empty_until: None,
            empty_since: None,
            period_start: None,
            period_start_due: now.instant,
            aux: Vec::new(),
            published_at: now.instant,
            rests: VecDeque::new(),
            refresh_due: now.instant,
            renewal_due: None,
            alive_due: now.instant,
            actions: VecDeque::new(),
        }
    }

    /// A node told its tip.
    pub fn handle_tip(&mut self, now: Now, node: NodeIndex, tip: NodeTip) {
        let nobody_answered = !self.nodes.iter().any(|node| node.answers);
        self.tips.remember(tip);
        if let Some(in_use) = self.in_use.as_mut().filter(|in_use| in_use.job.parent == tip.hash) {
            // It may have been reckoned before.
            in_use.tip_work = tip.work;
        }
        let state = &mut self.nodes[node];
        let came_back = !core::mem::replace(&mut state.answers, true);
        state.hear_tip(tip);
        if nobody_answered {
            // Gateways may have let their miners go meanwhile: a job brings them back.
            self.refresh_due = now.instant;
        }
        if came_back {
            // For its name, by which the next one is awaited.
            self.nodes[node].ask_template(now.instant);
        }
        self.handle_timeout(now);
    }

    /// A node answers, and says that it is still downloading the chain.
    pub fn handle_behind(&mut self, now: Now, node: NodeIndex) {
        self.nodes[node].hear_that_it_is_behind();
        self.handle_timeout(now);
    }

    /// A node announced that a block of this hash is, or may be, its tip.
    pub fn handle_announced(&mut self, now: Now, node: NodeIndex, hash: &Hash256) {
        let known = self.in_use.as_ref().is_some_and(|in_use| in_use.job.parent == *hash);
        if known && self.nodes[node].has_tip(hash) && self.empty_until.is_none() {
            return;
        }
        self.nodes[node].tip_moved();
        self.nodes[node].ask_template(now.instant);
        self.handle_tip_hint(now);
    }

    /// Some node may have a new tip: ask them all without waiting for the next poll.
    pub fn handle_tip_hint(&mut self, now: Now) {
        self.nodes.iter_mut().for_each(|node| node.ask_tip(now.instant));
        self.handle_timeout(now);
    }

    /// A node gave a template. The error says what is wrong with it; miners keep what they have.
    pub fn handle_template(
        &mut self,
        now: Now,
        node: NodeIndex,
        asked: Asked,
        answer: &BlockTemplate,
    ) -> Result<(), String> {
        let state = &mut self.nodes[node];
        let overtaken = state.hear_template(now.instant, asked, answer.longpollid.clone());
        state.answers = true;
        let taken = match checked(answer) {
            Ok(template) => self.consider(now, node, asked, overtaken, &template),
            Err(cause) => Err(cause),
        };
        if taken.is_err() {
            self.nodes[node].ask_template(now.instant + RETRY_INTERVAL);
        }
        self.handle_timeout(now);
        taken
    }

    fn consider(
        &mut self,
        now: Now,
        node: NodeIndex,
        asked: Asked,
        overtaken: bool,
        template: &Template,
    ) -> Result<(), String> {
        let state = &mut self.nodes[node];
        if state.tip.is_none_or(|tip| tip.hash != template.parent) {
            if overtaken {
                // It was made before the tip moved: the next one will not have been.
                state.ask_template(now.instant);
                return Ok(());
            }
            // Its tip moved since it was last asked for it.
            let tip = self.reckoned_tip(template);
            let state = &mut self.nodes[node];
            state.tip = Some(tip);
            // What was asked for before may be answered with the former one yet.
            state.tip_moved();
            state.ask_tip(now.instant);
            if asked == Asked::LongPoll {
                state.long_poll_again(now.instant);
            }
        }
        let tip = self.nodes[node].tip.expect("it was told, or reckoned");
        let kind = match &self.in_use {
            Some(in_use) if in_use.job.parent == template.parent => {
                if self.empty_until.is_some() {
                    JobKind::Full
                } else if now.instant >= self.refresh_due && self.leader() == Some(node) {
                    JobKind::Refresh
                } else {
                    return Ok(());
                }
            }
            Some(_) if !self.should_follow(&tip) => return Ok(()),
            _ => JobKind::Clean,
        };
        let published = self.publish(now, template, kind, tip.work);
        published.map_err(|error| error.to_string())?;
        self.empty_until = None;
        Ok(())
    }

    /// Whether work should go on behind this tip, rather than behind the one that it goes on behind now.
    fn should_follow(&self, tip: &NodeTip) -> bool {
        let Some(InUse { job, tip_work }) = &self.in_use else { return true };
        if job.parent == tip.hash {
            return false;
        }
        let nobody_has_it = !self.nodes.iter().any(|node| node.has_tip(&job.parent));
        match tip.work.cmp(tip_work) {
            core::cmp::Ordering::Greater => true,
            core::cmp::Ordering::Equal => nobody_has_it,
            // No node has the block of an empty job yet.
            core::cmp::Ordering::Less => nobody_has_it && self.empty_until.is_none(),
        }
    }

    /// The tip that a template shows, with its work where that is known; else as far as it can be reckoned.
    fn reckoned_tip(&self, template: &Template) -> NodeTip {
        let (hash, height) = (template.parent, template.height.saturating_sub(1));
        if let Some(known) = self.tips.find(&hash) {
            return known;
        }
        let work = self.in_use.as_ref().map_or(0, |InUse { job, tip_work }| {
            // Each block since has met the target that the job has.
            let (before, each) = (job.height.saturating_sub(1), work_of(job.nbits));
            let more = each.saturating_mul(u128::from(height.saturating_sub(before)));
            let less = each.saturating_mul(u128::from(before.saturating_sub(height)));
            tip_work.saturating_add(more).saturating_sub(less)
        });
        NodeTip { hash, height, work }
    }

    /// The node that is asked for later transactions: the first one that has the tip.
    fn leader(&self) -> Option<NodeIndex> {
        let parent = self.in_use.as_ref()?.job.parent;
        self.nodes.iter().position(|node| node.has_tip(&parent))
    }

    /// A call to a node failed. Where that leaves miners on an old tip every other node is asked at once.
    pub fn handle_failure(&mut self, now: Now, node: NodeIndex, call: FailedCall) {
        self.nodes[node].fail(now.instant, call);
        let awaits_template = self.empty_until.is_some()
            || self.nodes[node].tip.is_some_and(|tip| self.should_follow(&tip));
        if call == FailedCall::Template(Asked::Now) && awaits_template {
            for other in self.nodes.iter_mut().filter(|other| other.answers) {
                other.ask_template(now.instant);
            }
        }
        self.handle_timeout(now);
    }

    /// A deadline of [`JobDesk::poll_timeout`] passed.
    pub fn handle_timeout(&mut self, now: Now) {
        if self.empty_until.is_some_and(|until| until <= now.instant) {
            // The block was shown, but no node has taken it: back to what the nodes have.
            self.empty_until = None;
            self.nodes.iter_mut().filter(|node| node.answers).for_each(|node| {
                node.tip_moved();
                node.ask_template(now.instant);
            });
        }
        self.renew_when_due(now);
        if let Some(leader) = self.refresh_wanted().filter(|_| self.refresh_due <= now.instant) {
            self.nodes[leader].ask_template(now.instant);
        }
        for node in 0..self.nodes.len() {
            let state = &self.nodes[node];
            let tip = state.tip.filter(|_| state.answers && !state.is_asked_for_template());
            if tip.is_some_and(|tip| self.should_follow(&tip)) {
                self.nodes[node].ask_template(now.instant);
            }
        }
        for (index, node) in self.nodes.iter_mut().enumerate() {
            node.poll(now.instant, index, &self.policy, |action| self.actions.push_back(action));
        }
        if let Some((leader, height)) = self.leader().zip(self.wanted_period_start())
            && self.period_start_due <= now.instant
        {
            self.period_start_due = now.instant + self.policy.refresh_interval;
            self.actions.push_back(DeskAction::AskPeriodStart(leader, height));
        }
        if now.instant >= self.alive_due {
            self.alive_due = now.instant + self.policy.alive_interval;
            if self.is_good() {
                self.actions.push_back(DeskAction::Alive);
            }
        }
    }

    /// Who is to be asked for a refresh, unless that is under way.
    fn refresh_wanted(&self) -> Option<NodeIndex> {
        self.leader().filter(|leader| !self.nodes[*leader].is_asked_for_template())
    }

    /// When [`JobDesk::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Instant {
        let nodes = self.nodes.iter().filter_map(|node| node.poll_timeout(&self.policy));
        let refresh = self.refresh_wanted().map(|_| self.refresh_due);
        let dues = [refresh, self.renewal_wanted(), self.empty_until];
        nodes.chain(dues.into_iter().flatten()).fold(self.alive_due, Instant::min)
    }

    /// The next thing to do; `None` where nothing is left.
    pub fn poll_action(&mut self) -> Option<DeskAction> {
        self.actions.pop_front()
    }

    /// The job that a gateway gets when it joins, and the work in the chain before it.
    pub fn latest(&self) -> Option<(&Arc<Job>, u128)> {
        self.in_use.as_ref().map(|in_use| (&in_use.job, in_use.tip_work))
    }

    /// How long the template of the last empty job was awaited; told once.
    pub fn take_empty_time(&mut self, now: Instant) -> Option<Duration> {
        let ended = self.empty_until.is_none().then(|| self.empty_since.take()).flatten();
        ended.map(|since| now.since(since))
    }

    /// What a block on a job needs, while gateways may still find one.
    pub fn rest_of(&self, job: JobId) -> Option<&Arc<BlockRest>> {
        self.rests.iter().find(|(id, _)| *id == job).map(|(_, rest)| rest)
    }

    /// Puts something else into the coinbases, and leaves other version bits to the miners, from now on: where
    /// that is a change a new job follows at once.
    pub fn set_coinbase(&mut self, now: Now, plan: CoinbasePlan, version_mask: u32) {
        if self.policy.coinbase != plan || self.policy.version_mask != version_mask {
            self.policy.coinbase = plan;
            self.policy.version_mask = version_mask;
            self.refresh_due = now.instant;
            self.handle_timeout(now);
        }
    }

    /// Has jobs commit to these blocks of other chains from now on. A job follows soon, but not for every block
    /// of a chain that has many.
    pub fn set_aux(&mut self, now: Now, aux: Vec<AuxWork>) {
        self.aux = aux;
        let soon = (self.published_at + AUX_JOB_INTERVAL).max(now.instant);
        self.refresh_due = self.refresh_due.min(soon);
        self.handle_timeout(now);
    }

    /// Changes how often nodes are asked, and how long an empty job may last.
    pub fn set_intervals(&mut self, poll: Duration, refresh: Duration, empty_job_time: Duration) {
        self.policy.poll_interval = poll;
        self.policy.refresh_interval = refresh;
        self.policy.empty_job_time = empty_job_time;
    }

    /// What the pool puts into its coinbases.
    pub const fn coinbase(&self) -> &CoinbasePlan {
        &self.policy.coinbase
    }

    fn publish(
        &mut self,
        now: Now,
        template: &Template,
        kind: JobKind,
        tip_work: u128,
    ) -> Result<(), JobError> {
        let id = self.next_id(now);
        let mut job = builder::job(template, id, kind, &self.policy.coinbase, &self.aux)?;
        let rest = BlockRest::new(template, &self.aux);
        job.version_mask &= self.policy.version_mask;
        self.refresh_due = now.instant + self.policy.refresh_interval;
        if kind == JobKind::Empty {
            self.empty_since = Some(now.instant);
        }
        let (job, rest) = (Arc::new(job), Arc::new(rest));
        self.offer(now, Offer { job, tip_work, rest, is_renewed: false });
        Ok(())
    }

    fn offer(&mut self, now: Now, offer: Offer) {
        let Offer { job, tip_work, rest, .. } = &offer;
        self.rests.push_front((job.id, Arc::clone(rest)));
        self.rests.truncate(TEMPLATES_KEPT_MAX);
        self.in_use = Some(InUse { job: Arc::clone(job), tip_work: *tip_work });
        self.published_at = now.instant;
        self.renewal_due = None;
        self.actions.push_back(DeskAction::Publish(offer));
    }

    fn next_id(&mut self, now: Now) -> JobId {
        if self.sequence == JobId::SEQUENCE_MAX {
            self.started_unix_s = now.unix.to_seconds() as u32;
            self.sequence = 0;
        }
        self.sequence += 1;
        JobId::new(self.policy.jobmaster_id, self.started_unix_s, self.sequence)
    }
}

fn checked(answer: &BlockTemplate) -> Result<Template, String> {
    let fields = TemplateFields {
        height: answer.height,
        previous_block_hash: &answer.previousblockhash,
        version: answer.version,
        bits: &answer.bits,
        time: answer.curtime,
        time_min: answer.mintime,
        coinbase_value_sat: answer.coinbasevalue,
        coinbase_aux: answer.coinbaseaux.values().map(String::as_str).collect(),
        witness_commitment: answer.default_witness_commitment.as_deref(),
        rules: &answer.rules,
        transactions: answer
            .transactions
            .iter()
            .map(|transaction| (transaction.id(), transaction.data.as_str()))
            .collect(),
    };
    Template::new(&fields).map_err(|error| error.to_string())
}
