//! A batch that is in memory alone.

use sluice_wire::share_feed::Batch;

use crate::delivery::Notice;

pub(super) struct Held {
    pub(super) batch: Box<Batch>,
    /// Everybody that has brought it: one for each link that is open, at most.
    pub(super) notices: Vec<Notice>,
}

impl Held {
    pub(super) const fn new(batch: Box<Batch>) -> Self {
        Self { batch, notices: Vec::new() }
    }

    /// Whoever sent it before, on a link that is gone, gets no answer.
    pub(super) fn add_notice(&mut self, notice: Notice) {
        self.notices.retain(Notice::is_awaited);
        self.notices.push(notice);
    }
}
