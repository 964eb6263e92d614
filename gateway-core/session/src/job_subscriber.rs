//! Which job a shard works on, where several jobmasters send theirs, each over a link and by datagram.
//!
//! * Of one jobmaster the latest job counts: one that comes late, or again, moves nobody.
//! * Of several jobmasters the one is followed whose tip has the most work. Where they agree on the tip it stays
//!   the one that was followed, until it falls silent, or until one that is configured before it has later
//!   transactions.
//! * A job without transactions never takes the place of one with them on the same tip.
//! * Where the followed one falls silent and nobody else has its tip, the job stays, and the shard's own
//!   `feed_timeout` runs: work is never handed out on a tip that is known to be old.

use std::collections::VecDeque;
use std::time::Duration;

use sluice_units::{Hash256, Instant, Job, JobId, JobKind};
use sluice_wire::job_datagram::{DatagramKey, DatagramOpener, DatagramRefused, FeedName, feed_of};
use sluice_wire::job_feed::FromJobmaster;

/// How long a jobmaster whose link is lost may be silent until another is followed.
const LINK_LOST_WAIT: Duration = Duration::from_secs(2);
/// How often a shard looks for somebody to follow instead of one that is silent.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// Which jobmaster, in the order of the configuration: the first is preferred.
pub type JobmasterIndex = usize;

/// What a shard is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FeedAction {
    /// Hand this job out.
    Job(Box<Job>),
    /// The present job is still good.
    Alive,
}

/// Datagrams that came, and what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FeedStats {
    /// Messages that came by datagram before they came over the link.
    pub datagram_first: u64,
    /// Datagrams of no feed that is known here.
    pub datagrams_foreign: u64,
    /// Datagrams whose seal did not hold.
    pub datagrams_forged: u64,
    /// Datagrams that came before, or too late to tell.
    pub datagrams_replayed: u64,
    /// Datagrams that were sealed well and made no sense.
    pub datagrams_malformed: u64,
    /// Times that another jobmaster was followed.
    pub changes: u64,
}

impl FeedStats {
    /// Adds another shard's.
    pub fn add(&mut self, other: &Self) {
        self.datagram_first += other.datagram_first;
        self.datagrams_foreign += other.datagrams_foreign;
        self.datagrams_forged += other.datagrams_forged;
        self.datagrams_replayed += other.datagrams_replayed;
        self.datagrams_malformed += other.datagrams_malformed;
        self.changes += other.changes;
    }

    /// Datagrams that somebody sent who should not have.
    pub const fn datagrams_refused(&self) -> u64 {
        self.datagrams_foreign + self.datagrams_forged + self.datagrams_malformed
    }
}

/// One jobmaster, as the shard hears it.
#[derive(Default)]
struct Feed {
    opener: Option<DatagramOpener>,
    linked: bool,
    heard: Option<Instant>,
    latest: Option<Offered>,
}

struct Offered {
    job: Job,
    tip_work: u128,
}

impl Feed {
    fn work(&self) -> Option<u128> {
        self.latest.as_ref().map(|offered| offered.tip_work)
    }
}

/// What the miners have.
struct Followed {
    jobmaster: JobmasterIndex,
    job: JobId,
    parent: Hash256,
    is_empty: bool,
}

/// The jobmasters of one shard. See the module's documentation.
pub struct JobSubscriber {
    feeds: Vec<Feed>,
    followed: Option<Followed>,
    /// When the followed one is silent for too long, or another is to be looked for again.
    look_at: Option<Instant>,
    /// How long a jobmaster with a link may be silent until another is followed.
    silence_max: Duration,
    /// After which silence what a jobmaster said of its tip counts no more.
    forget_after: Duration,
    actions: VecDeque<FeedAction>,
    stats: FeedStats,
}

impl JobSubscriber {
    /// For so many jobmasters; `feed_timeout` is how long the shard's miners are kept without any.
    pub fn new(jobmasters: usize, feed_timeout: Duration) -> Self {
        Self {
            feeds: (0..jobmasters).map(|_| Feed::default()).collect(),
            followed: None,
            look_at: None,
            silence_max: feed_timeout / 4,
            forget_after: feed_timeout,
            actions: VecDeque::new(),
            stats: FeedStats::default(),
        }
    }

    /// A jobmaster welcomed the gateway, and told what its datagrams are sealed with.
    pub fn handle_linked(
        &mut self,
        now: Instant,
        jobmaster: JobmasterIndex,
        feed: FeedName,
        key: &DatagramKey,
    ) {
        let state = &mut self.feeds[jobmaster];
        state.linked = true;
        state.heard = Some(now);
        if state.opener.as_ref().is_none_or(|opener| opener.feed() != feed) {
            state.opener = Some(DatagramOpener::new(feed, key));
        }
    }

    /// The link to a jobmaster is lost.
    pub fn handle_unlinked(&mut self, now: Instant, jobmaster: JobmasterIndex) {
        self.feeds[jobmaster].linked = false;
        self.handle_timeout(now);
    }

    /// A datagram came, from anybody.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) {
        let name = feed_of(datagram);
        let feeds = &mut self.feeds;
        let known = feeds.iter_mut().enumerate().find_map(|(index, feed)| {
            let opener = feed.opener.as_mut().filter(|opener| Some(opener.feed()) == name);
            opener.map(|opener| (index, opener))
        });
        let Some((jobmaster, opener)) = known else {
            self.stats.datagrams_foreign += 1;
            return;
        };
        match opener.open(datagram) {
            Ok(None) => {}
            Ok(Some((_, bytes))) => match FromJobmaster::decode(&bytes) {
                Ok(message) => {
                    let moved = self.handle_message(now, jobmaster, message);
                    self.stats.datagram_first += u64::from(moved);
                }
                Err(_) => self.stats.datagrams_malformed += 1,
            },
            Err(DatagramRefused::Foreign) => self.stats.datagrams_foreign += 1,
            Err(DatagramRefused::Forged) => self.stats.datagrams_forged += 1,
            Err(DatagramRefused::Replayed | DatagramRefused::Old) => {
                self.stats.datagrams_replayed += 1;
            }
            Err(DatagramRefused::Malformed) => self.stats.datagrams_malformed += 1,
        }
    }

    /// A jobmaster said something, by datagram or over its link; what is neither a job nor a sign of life
    /// is not the subscriber's. Gives whether it was a job that was not known.
    pub fn handle_message(
        &mut self,
        now: Instant,
        jobmaster: JobmasterIndex,
        message: FromJobmaster,
    ) -> bool {
        let state = &mut self.feeds[jobmaster];
        match message {
            FromJobmaster::Job { tip_work, job } => {
                state.heard = Some(now);
                let is_new = state.latest.as_ref().is_none_or(|known| known.job.id < job.id);
                if is_new {
                    state.latest = Some(Offered { job, tip_work });
                    self.choose(now, Some(jobmaster));
                } else if self.followed.as_ref().is_some_and(|followed| followed.job == job.id) {
                    // The shard may have let its miners go since.
                    self.actions.push_back(FeedAction::Job(Box::new(job)));
                }
                self.sign_of_life(jobmaster);
                is_new
            }
            FromJobmaster::Alive => {
                state.heard = Some(now);
                self.choose(now, None);
                self.sign_of_life(jobmaster);
                false
            }
            _ => false,
        }
    }

    /// A deadline of [`JobSubscriber::poll_timeout`] passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.choose(now, None);
    }

    /// When [`JobSubscriber::handle_timeout`] wants to be called next; `None` while there is nobody else to
    /// follow.
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.look_at
    }

    /// The next thing to do; `None` where nothing is left.
    pub fn poll_action(&mut self) -> Option<FeedAction> {
        self.actions.pop_front()
    }

    /// What was counted since the start.
    pub const fn stats(&self) -> &FeedStats {
        &self.stats
    }

    const fn patience(&self, feed: &Feed) -> Duration {
        if feed.linked { self.silence_max } else { LINK_LOST_WAIT }
    }

    fn is_alive(&self, now: Instant, feed: &Feed) -> bool {
        feed.heard.is_some_and(|heard| now.since(heard) <= self.patience(feed))
    }

    /// Only who has the tip that the miners work on can say that it is still good.
    fn sign_of_life(&mut self, jobmaster: JobmasterIndex) {
        let latest = self.feeds[jobmaster].latest.as_ref();
        let agrees = self.followed.as_ref().is_some_and(|followed| {
            latest.is_some_and(|offered| offered.job.parent == followed.parent)
        });
        if agrees {
            self.actions.push_back(FeedAction::Alive);
        }
    }

    /// Decides whom to follow; `news` is who has a job that was not known.
    fn choose(&mut self, now: Instant, news: Option<JobmasterIndex>) {
        for (index, feed) in self.feeds.iter_mut().enumerate() {
            let counts = feed.heard.is_some_and(|heard| now.since(heard) <= self.forget_after);
            if !counts {
                feed.latest = None;
                // The shard has let its miners go: the same job again brings them back.
                self.followed.take_if(|followed| followed.jobmaster == index);
            }
        }
        self.choose_among_known(now, news);
        self.look_at = self.next_look(now);
    }

    fn next_look(&self, now: Instant) -> Option<Instant> {
        let followed = self.followed.as_ref()?;
        let feed = &self.feeds[followed.jobmaster];
        let others = self.feeds.iter().filter(|feed| feed.latest.is_some()).count() > 1;
        let alive_until = feed.heard? + self.patience(feed) + Duration::from_nanos(1);
        others.then(|| alive_until.max(now + LOOK_INTERVAL))
    }

    fn choose_among_known(&mut self, now: Instant, news: Option<JobmasterIndex>) {
        let Some(most) = self.feeds.iter().filter_map(Feed::work).max() else { return };
        let has_most = |index: &JobmasterIndex| {
            let feed = &self.feeds[*index];
            feed.work() == Some(most) && self.is_alive(now, feed)
        };
        let Some(first) = (0..self.feeds.len()).find(has_most) else { return };
        let chosen = match &self.followed {
            Some(followed) if has_most(&followed.jobmaster) => {
                // One that is configured before the followed one takes over with its next refresh: a tip is
                // told to miners once.
                let takes_over = first < followed.jobmaster
                    && news == Some(first)
                    && self.offered(first).job.kind == JobKind::Refresh;
                // Nobody stays on an empty job that another has filled.
                let fills = |index: &JobmasterIndex| {
                    let full = |offered: &Offered| {
                        offered.job.parent == followed.parent && offered.job.kind != JobKind::Empty
                    };
                    has_most(index) && self.feeds[*index].latest.as_ref().is_some_and(full)
                };
                let filler = (0..self.feeds.len()).find(|index| followed.is_empty && fills(index));
                match filler {
                    Some(filler) => filler,
                    None if takes_over => first,
                    None => followed.jobmaster,
                }
            }
            _ => first,
        };
        self.follow(chosen);
    }

    fn offered(&self, jobmaster: JobmasterIndex) -> &Offered {
        self.feeds[jobmaster].latest.as_ref().expect("whoever has work has offered a job")
    }

    fn follow(&mut self, jobmaster: JobmasterIndex) {
        let mut job = self.offered(jobmaster).job.clone();
        if let Some(followed) = &mut self.followed {
            if followed.job == job.id {
                return;
            }
            if core::mem::replace(&mut followed.jobmaster, jobmaster) != jobmaster {
                self.stats.changes += 1;
            }
            if followed.parent == job.parent {
                // What begins a tip for a jobmaster may be known here from another, or from its former life.
                job.kind = match job.kind {
                    JobKind::Empty if followed.is_empty => JobKind::Refresh,
                    JobKind::Empty => return,
                    _ if followed.is_empty => JobKind::Full,
                    JobKind::Clean => JobKind::Refresh,
                    kind => kind,
                };
            }
        }
        self.followed = Some(Followed {
            jobmaster,
            job: job.id,
            parent: job.parent,
            is_empty: self.offered(jobmaster).job.kind == JobKind::Empty,
        });
        self.actions.push_back(FeedAction::Job(Box::new(job)));
    }
}

#[cfg(test)]
mod tests;
