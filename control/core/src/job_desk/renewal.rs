//! The present job under another name. A gateway that comes again may have lost its memory of the shares that it
//! took on the present job, and would take them once more; on a renewed job, which is other work, there are none.

use std::sync::Arc;
use std::time::Duration;

use sluice_mining::builder;
use sluice_units::{Instant, JobKind, Now};

use super::{InUse, JobDesk, Offer};

/// A job is at least this old when it is renewed: whoever needs another one meanwhile gets the same.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(1);

impl JobDesk {
    /// Somebody needs work, and must not have the present job. The renewed one is for every gateway: if only some had
    /// it, the others could still be at a job whose rest is forgotten here for the sake of later ones.
    pub fn renew(&mut self, now: Now) {
        let soon = (self.published_at + RENEWAL_INTERVAL).max(now.instant);
        self.renewal_due.get_or_insert(soon);
        self.handle_timeout(now);
    }

    /// Whether a node lives that has the tip of the job, or is about to.
    pub(super) fn is_good(&self) -> bool {
        self.leader().is_some() || self.empty_until.is_some()
    }

    /// When the job is to be renewed. Not without a living node: a job is a sign of life to every gateway.
    pub(super) fn renewal_wanted(&self) -> Option<Instant> {
        self.renewal_due.filter(|_| self.is_good())
    }

    pub(super) fn renew_when_due(&mut self, now: Now) {
        if self.renewal_wanted().is_none_or(|due| now.instant < due) {
            return;
        }
        let id = self.next_id(now);
        let in_use = self.in_use.as_ref().expect("there is a node with its tip");
        let InUse { job, tip_work } = in_use;
        let kind = if job.kind == JobKind::Empty { JobKind::Empty } else { JobKind::Refresh };
        let offer = Offer {
            job: Arc::new(builder::renewed(job, id, kind)),
            tip_work: *tip_work,
            rest: Arc::clone(self.rest_of(job.id).expect("the latest one is kept")),
            is_renewed: true,
        };
        self.offer(now, offer);
    }
}
