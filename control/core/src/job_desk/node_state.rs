//! What is known of one node, and what is asked of it: its tip at an interval, a template when there is
//! reason to, and a template that it holds back until there is a new one (BIP 22, long polling).

use std::time::Duration;

use sluice_units::{Hash256, Instant};

use super::{Asked, DeskAction, DeskPolicy, NodeIndex};

/// After a failed call the next one waits this long: short, since miners may work on an old tip.
pub(super) const RETRY_INTERVAL: Duration = Duration::from_millis(200);
/// A long poll that brought nothing new is not repeated sooner: some nodes answer at once.
const LONG_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The end of a node's best chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NodeTip {
    /// Hash of the last block.
    pub hash: Hash256,
    /// Its height.
    pub height: u32,
    /// Expected hashes in the whole chain.
    pub work: u128,
}

/// One node of a jobmaster.
#[derive(Debug)]
pub(super) struct NodeState {
    pub(super) tip: Option<NodeTip>,
    /// Its last call succeeded, and it is not behind the network.
    pub(super) answers: bool,
    tip_due: Instant,
    asking_tip: bool,
    template_due: Option<Instant>,
    asking_template: bool,
    /// The tip moved while a template was asked for: what comes may be of the former one.
    overtaken: bool,
    /// Names the template that it gave last, where it can be polled so.
    long_poll_id: Option<String>,
    long_polling: bool,
    long_poll_due: Instant,
}

impl NodeState {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            tip: None,
            answers: false,
            tip_due: now,
            asking_tip: false,
            template_due: None,
            asking_template: false,
            overtaken: false,
            long_poll_id: None,
            long_polling: false,
            long_poll_due: now,
        }
    }

    /// Whether its best chain ends with this block.
    pub(super) fn has_tip(&self, hash: &Hash256) -> bool {
        self.answers && self.tip.is_some_and(|tip| tip.hash == *hash)
    }

    pub(super) fn ask_tip(&mut self, now: Instant) {
        self.tip_due = self.tip_due.min(now);
    }

    pub(super) fn ask_template(&mut self, at: Instant) {
        self.template_due = Some(self.template_due.map_or(at, |due| due.min(at)));
    }

    /// Something shows that its tip has moved.
    pub(super) fn tip_moved(&mut self) {
        self.overtaken = self.asking_template;
    }

    /// It told its tip.
    pub(super) fn hear_tip(&mut self, tip: NodeTip) {
        self.asking_tip = false;
        if self.tip.is_none_or(|former| former.hash != tip.hash) {
            self.tip_moved();
        }
        self.tip = Some(tip);
    }

    /// It cannot be used for now, though it answers.
    pub(super) fn hear_that_it_is_behind(&mut self) {
        self.asking_tip = false;
        self.answers = false;
    }

    /// It gave a template. Gives whether that may be of a former tip.
    pub(super) fn hear_template(
        &mut self,
        now: Instant,
        asked: Asked,
        long_poll_id: Option<String>,
    ) -> bool {
        self.long_poll_id = long_poll_id;
        match asked {
            Asked::LongPoll => {
                self.long_polling = false;
                self.long_poll_due = now + LONG_POLL_INTERVAL;
                false
            }
            Asked::Now => {
                self.asking_template = false;
                self.template_due = None;
                core::mem::take(&mut self.overtaken)
            }
        }
    }

    /// The long poll brought something new: the next one need not wait.
    pub(super) fn long_poll_again(&mut self, now: Instant) {
        self.long_poll_due = now;
    }

    /// A call failed.
    pub(super) fn fail(&mut self, now: Instant, call: FailedCall) {
        match call {
            FailedCall::Tip => {
                self.asking_tip = false;
                self.tip_due = now + RETRY_INTERVAL;
            }
            FailedCall::Template(Asked::Now) => {
                self.asking_template = false;
                self.overtaken = false;
                self.template_due = Some(now + RETRY_INTERVAL);
            }
            // That nothing came for long is no failure, and tells nothing of the node.
            FailedCall::Template(Asked::LongPoll) => {
                self.long_polling = false;
                self.long_poll_due = now + LONG_POLL_INTERVAL;
                return;
            }
        }
        self.answers = false;
    }

    /// What is to be asked now.
    pub(super) fn poll(
        &mut self,
        now: Instant,
        node: NodeIndex,
        policy: &DeskPolicy,
        mut act: impl FnMut(DeskAction),
    ) {
        if !self.asking_template && self.template_due.is_some_and(|due| due <= now) {
            self.asking_template = true;
            act(DeskAction::AskTemplate(node));
        }
        if !self.asking_tip && self.tip_due <= now {
            self.asking_tip = true;
            self.tip_due = now + policy.poll_interval;
            act(DeskAction::AskTip(node));
        }
        if policy.long_poll
            && self.answers
            && !self.long_polling
            && self.long_poll_due <= now
            && let Some(id) = &self.long_poll_id
        {
            self.long_polling = true;
            act(DeskAction::AwaitTemplate(node, id.clone()));
        }
    }

    pub(super) fn poll_timeout(&self, policy: &DeskPolicy) -> Option<Instant> {
        let template = self.template_due.filter(|_| !self.asking_template);
        let tip = (!self.asking_tip).then_some(self.tip_due);
        let waits = policy.long_poll && self.answers && !self.long_polling;
        let long_poll = (waits && self.long_poll_id.is_some()).then_some(self.long_poll_due);
        [template, tip, long_poll].into_iter().flatten().min()
    }

    pub(super) const fn is_asked_for_template(&self) -> bool {
        self.asking_template || self.template_due.is_some()
    }
}

/// Which call to a node failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailedCall {
    /// The one for its tip.
    Tip,
    /// The one for a template.
    Template(Asked),
}
