//! Tip, templates and jobs: asks the node for its tip, and for a template when the tip moved, a
//! refresh is due, or the last call failed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bitcoin::ScriptBuf;
use sluice_mining::builder::{self, BlockRest};
use sluice_mining::coinbase::Tag;
use sluice_mining::template::{Template, TemplateFields};
use sluice_units::limits::TEMPLATES_KEPT_MAX;
use sluice_units::{Hash256, Instant, Job, JobId, JobKind, Now};
use sluice_wire::node_rpc::BlockTemplate;

/// What a job desk is told at its start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskPolicy {
    /// First part of every job's name, unique among jobmasters.
    pub jobmaster_id: u8,
    /// Second part of it: seconds since 1970 when this jobmaster was started, unique among its starts.
    pub started_unix_s: u32,
    /// The pool's mark in the coinbase.
    pub tag: Tag,
    /// Whom the coinbase pays.
    pub payout: ScriptBuf,
    /// The version bits that miners may roll, of those that anybody may (BIP 320).
    pub version_mask: u32,
    /// How often the tip is asked for.
    pub poll_interval: Duration,
    /// How old a job may grow before it is made anew, with later transactions.
    pub refresh_interval: Duration,
    /// How often gateways are told that the jobmaster and its node live.
    pub alive_interval: Duration,
}

/// What a job desk asks its shell to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeskAction {
    /// Ask the node for its best block's hash.
    AskTip,
    /// Ask the node for a template.
    AskTemplate,
    /// Keep what a block on this job needs, and send the job to every gateway.
    Publish(Arc<Job>, Arc<BlockRest>),
    /// Tell every gateway that jobmaster and node live.
    Alive,
}

/// The jobs of one node. See the crate's documentation.
#[derive(Debug)]
pub struct JobDesk {
    policy: DeskPolicy,
    started_unix_s: u32,
    sequence: u32,
    tip: Option<Hash256>,
    latest: Option<Arc<Job>>,
    /// What blocks need besides their share, for the jobs that may still bring one, newest first.
    rests: VecDeque<(JobId, Arc<BlockRest>)>,
    asking_tip: bool,
    asking_template: bool,
    template_due: Instant,
    tip_due: Instant,
    alive_due: Instant,
    node_answers: bool,
    actions: VecDeque<DeskAction>,
}

/// After a failed call the next one waits this long: short, since miners work on an old tip.
const RETRY_INTERVAL: Duration = Duration::from_millis(200);

impl JobDesk {
    /// A desk that asks for its first template at once.
    pub fn new(now: Now, policy: DeskPolicy) -> Self {
        Self {
            started_unix_s: policy.started_unix_s,
            policy,
            sequence: 0,
            tip: None,
            latest: None,
            rests: VecDeque::new(),
            asking_tip: false,
            asking_template: false,
            template_due: now.instant,
            tip_due: now.instant,
            alive_due: now.instant,
            node_answers: false,
            actions: VecDeque::new(),
        }
    }

    /// The node told its best block's hash.
    pub fn handle_tip(&mut self, now: Now, tip: Hash256) {
        self.asking_tip = false;
        if !self.node_answers {
            // Gateways may have let their miners go meanwhile: a job brings them back.
            self.node_answers = true;
            self.template_due = now.instant;
        }
        if self.tip != Some(tip) {
            self.tip = Some(tip);
            if self.latest.as_ref().is_none_or(|job| job.parent != tip) {
                // A template that is under way may be of the former tip: ask again behind it.
                self.template_due = now.instant;
            }
        }
        self.handle_timeout(now);
    }

    /// The node may have a new tip: ask without waiting for the next poll.
    pub fn handle_tip_hint(&mut self, now: Now) {
        self.tip_due = now.instant;
        self.handle_timeout(now);
    }

    /// The node gave a template. The error says what is wrong with it; miners keep what they have.
    pub fn handle_template(&mut self, now: Now, template: &BlockTemplate) -> Result<(), String> {
        self.asking_template = false;
        self.node_answers = true;
        self.template_due = now.instant + RETRY_INTERVAL;
        let built = self.build(now, template);
        if built.is_ok() {
            self.template_due = now.instant + self.policy.refresh_interval;
            self.recheck_tip(now);
        }
        self.handle_timeout(now);
        built
    }

    /// A call to the node failed.
    pub fn handle_failure(&mut self, now: Now) {
        self.node_answers = false;
        if core::mem::take(&mut self.asking_template) {
            self.template_due = now.instant + RETRY_INTERVAL;
        }
        if core::mem::take(&mut self.asking_tip) {
            self.tip_due = now.instant + RETRY_INTERVAL;
        }
    }

    /// A deadline of [`JobDesk::poll_timeout`] passed.
    pub fn handle_timeout(&mut self, now: Now) {
        if !self.asking_template && now.instant >= self.template_due {
            self.asking_template = true;
            self.actions.push_back(DeskAction::AskTemplate);
        }
        if !self.asking_tip && now.instant >= self.tip_due {
            self.asking_tip = true;
            self.tip_due = now.instant + self.policy.poll_interval;
            self.actions.push_back(DeskAction::AskTip);
        }
        if now.instant >= self.alive_due {
            self.alive_due = now.instant + self.policy.alive_interval;
            if self.node_answers && self.is_on_tip() {
                self.actions.push_back(DeskAction::Alive);
            }
        }
    }

    /// When [`JobDesk::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Instant {
        let template = (!self.asking_template).then_some(self.template_due);
        let tip = (!self.asking_tip).then_some(self.tip_due);
        template.into_iter().chain(tip).fold(self.alive_due, Instant::min)
    }

    /// The next thing to do; `None` where nothing is left.
    pub fn poll_action(&mut self) -> Option<DeskAction> {
        self.actions.pop_front()
    }

    /// The job that a gateway gets when it joins.
    pub const fn latest(&self) -> Option<&Arc<Job>> {
        self.latest.as_ref()
    }

    /// What a block on a job needs, while gateways may still find one.
    pub fn rest_of(&self, job: JobId) -> Option<&Arc<BlockRest>> {
        self.rests.iter().find(|(id, _)| *id == job).map(|(_, rest)| rest)
    }

    fn is_on_tip(&self) -> bool {
        self.latest.as_ref().is_some_and(|job| Some(job.parent) == self.tip)
    }

    /// A template on another parent than the last tip means that one of the two answers is older.
    fn recheck_tip(&mut self, now: Now) {
        if !self.is_on_tip() {
            self.tip = None;
            self.tip_due = now.instant;
        }
    }

    fn build(&mut self, now: Now, answer: &BlockTemplate) -> Result<(), String> {
        let template = checked(answer)?;
        let kind = match &self.latest {
            Some(job) if job.parent == template.parent => JobKind::Refresh,
            _ => JobKind::Clean,
        };
        let id = self.next_id(now);
        let DeskPolicy { tag, payout, .. } = &self.policy;
        let mut job =
            builder::job(&template, id, kind, tag, payout).map_err(|error| error.to_string())?;
        job.version_mask &= self.policy.version_mask;
        let job = Arc::new(job);
        let rest = Arc::new(BlockRest::new(&template));
        self.rests.push_front((id, Arc::clone(&rest)));
        self.rests.truncate(TEMPLATES_KEPT_MAX);
        self.latest = Some(Arc::clone(&job));
        self.actions.push_back(DeskAction::Publish(job, rest));
        Ok(())
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

#[cfg(test)]
mod tests {
    use sluice_units::UnixTime;

    use super::*;

    fn at(millis: u64) -> Now {
        Now {
            instant: Instant::from_millis(millis),
            unix: UnixTime::from_seconds(1_700_000_000 + millis / 1000),
        }
    }

    fn desk() -> JobDesk {
        let policy = DeskPolicy {
            jobmaster_id: 1,
            started_unix_s: 1_700_000_000,
            tag: Tag::new("/sluice/").unwrap(),
            payout: ScriptBuf::from_bytes(vec![0x51]),
            version_mask: 0x1fff_0000,
            poll_interval: Duration::from_millis(500),
            refresh_interval: Duration::from_secs(30),
            alive_interval: Duration::from_secs(5),
        };
        JobDesk::new(at(0), policy)
    }

    fn template(parent: u8) -> BlockTemplate {
        serde_json::from_value(serde_json::json!({
            "version": 0x2000_0000, "previousblockhash": format!("{parent:02x}").repeat(32),
            "transactions": [], "coinbasevalue": 50, "mintime": 1, "curtime": 2,
            "bits": "1d00ffff", "height": 3, "rules": ["segwit"],
        }))
        .unwrap()
    }

    fn tip(parent: u8) -> Hash256 {
        Hash256::from_bytes([parent; 32])
    }

    fn actions(desk: &mut JobDesk) -> Vec<DeskAction> {
        std::iter::from_fn(|| desk.poll_action()).collect()
    }

    fn published(desk: &mut JobDesk) -> Vec<JobKind> {
        actions(desk)
            .into_iter()
            .filter_map(|action| match action {
                DeskAction::Publish(job, _) => Some(job.kind),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn asks_at_once_and_publishes_clean_then_refresh() {
        let mut desk = desk();
        desk.handle_timeout(at(0));
        assert_eq!(actions(&mut desk), [DeskAction::AskTemplate, DeskAction::AskTip]);
        desk.handle_tip(at(1), tip(7));
        desk.handle_template(at(2), &template(7)).unwrap();
        assert_eq!(published(&mut desk), [JobKind::Clean]);
        desk.handle_timeout(at(30_002));
        assert!(actions(&mut desk).contains(&DeskAction::AskTemplate), "the refresh is due");
        desk.handle_template(at(30_003), &template(7)).unwrap();
        assert_eq!(published(&mut desk), [JobKind::Refresh]);
    }

    #[test]
    fn a_moved_tip_asks_for_a_template_without_waiting() {
        let mut desk = desk();
        desk.handle_timeout(at(0));
        desk.handle_tip(at(1), tip(7));
        desk.handle_template(at(2), &template(7)).unwrap();
        actions(&mut desk);
        desk.handle_timeout(at(500));
        assert_eq!(actions(&mut desk), [DeskAction::AskTip]);
        // Another block of the same height is another tip all the same.
        desk.handle_tip(at(501), tip(8));
        assert_eq!(actions(&mut desk), [DeskAction::AskTemplate]);
        desk.handle_template(at(502), &template(8)).unwrap();
        assert_eq!(published(&mut desk), [JobKind::Clean]);
    }

    #[test]
    fn a_template_of_the_former_tip_is_followed_by_another_question() {
        let mut desk = desk();
        desk.handle_timeout(at(0));
        desk.handle_tip(at(1), tip(8));
        desk.handle_template(at(2), &template(7)).unwrap();
        desk.handle_timeout(at(3));
        assert!(actions(&mut desk).contains(&DeskAction::AskTip));
        desk.handle_tip(at(4), tip(8));
        assert!(actions(&mut desk).contains(&DeskAction::AskTemplate));
    }

    #[test]
    fn a_failed_call_is_repeated_soon_and_silences_the_sign_of_life() {
        let mut desk = desk();
        desk.handle_timeout(at(0));
        desk.handle_tip(at(1), tip(7));
        desk.handle_template(at(2), &template(7)).unwrap();
        actions(&mut desk);
        desk.handle_timeout(at(5_000));
        assert!(actions(&mut desk).contains(&DeskAction::Alive));
        desk.handle_failure(at(5_001));
        assert_eq!(desk.poll_timeout(), at(5_201).instant);
        desk.handle_timeout(at(10_000));
        assert!(!actions(&mut desk).contains(&DeskAction::Alive), "the node does not answer");
        desk.handle_tip(at(10_001), tip(7));
        assert!(actions(&mut desk).contains(&DeskAction::AskTemplate), "gateways may lack a job");
        desk.handle_template(at(10_002), &template(7)).unwrap();
        desk.handle_timeout(at(15_000));
        assert!(actions(&mut desk).contains(&DeskAction::Alive));
    }

    #[test]
    fn a_bad_template_is_told_and_asked_for_again() {
        let mut desk = desk();
        desk.handle_timeout(at(0));
        let bad = BlockTemplate { bits: "zz".into(), ..template(7) };
        let error = desk.handle_template(at(1), &bad).unwrap_err();
        assert!(error.contains("bits"));
        assert!(desk.latest().is_none());
        actions(&mut desk);
        desk.handle_timeout(at(201));
        assert!(actions(&mut desk).contains(&DeskAction::AskTemplate));
    }

    #[test]
    fn names_are_never_used_twice() {
        let mut desk = desk();
        desk.sequence = JobId::SEQUENCE_MAX - 1;
        let ids: Vec<JobId> = (1..=3).map(|second| desk.next_id(at(second * 1000))).collect();
        assert!(ids[0] < ids[1] && ids[1] < ids[2], "{ids:?}");
    }
}
