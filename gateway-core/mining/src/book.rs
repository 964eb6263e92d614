//! The jobs that a shard knows: those of the present tip, and some of former ones.

use std::collections::VecDeque;

use sluice_units::limits::{JOBMASTER_STARTS_MAX, JOBS_PER_TIP_MAX, JOBS_STALE_MAX};
use sluice_units::{Job, JobId};

use crate::share::{CheckPolicy, PreparedJob};

/// Counts the jobs of one shard in the order in which they came.
pub type JobIndex = u32;

/// Jobs by their name, newest first.
#[derive(Debug, Default)]
pub struct JobBook {
    current: VecDeque<Entry>,
    stale: VecDeque<Entry>,
    /// The last job that was forgotten of each start of a jobmaster.
    forgotten: VecDeque<JobId>,
    next_index: JobIndex,
    /// Counts the tips.
    tip: u32,
    policy: CheckPolicy,
    keeps_former_shares: bool,
}

#[derive(Debug)]
struct Entry {
    index: JobIndex,
    tip: u32,
    prepared: PreparedJob,
}

/// A job that was found by its name.
#[derive(Debug)]
pub struct Known<'a> {
    /// When it came, counted in jobs.
    pub index: JobIndex,
    /// How many tips have come since: zero on the present one.
    pub tips_ago: u32,
    /// The job.
    pub prepared: &'a mut PreparedJob,
}

impl JobBook {
    /// A book whose shares are checked in this way. Where shares on the tip before may be credited for a
    /// while, those that were are kept until [`JobBook::forget_former_shares`].
    pub fn new(policy: CheckPolicy, keeps_former_shares: bool) -> Self {
        Self { policy, keeps_former_shares, ..Self::default() }
    }

    /// Takes a job as the newest; `None`, and no change, where its bits are no target, or where its name is
    /// known already, or was: on a job that comes again the same shares would be credited again.
    ///
    /// A clean job, or one on another parent, makes all earlier ones stale.
    pub fn insert(&mut self, job: Job) -> Option<JobIndex> {
        if self.entries().any(|entry| entry.prepared.job().id == job.id)
            || self.is_forgotten(job.id)
        {
            return None;
        }
        let new_tip =
            job.kind.begins_tip() || self.newest().is_none_or(|newest| newest.parent != job.parent);
        // Mostly a job gets about as many shares as the one before.
        let shares_expected = self.current.front().map_or(0, |entry| entry.prepared.shares_seen());
        let prepared = PreparedJob::new(job, self.policy, shares_expected)?;
        if new_tip {
            self.forget_former_shares();
            self.tip += 1;
            while let Some(mut entry) = self.current.pop_back() {
                if !self.keeps_former_shares {
                    entry.prepared.forget_shares();
                }
                self.stale.push_front(entry);
            }
            let surplus = self.stale.drain(JOBS_STALE_MAX.min(self.stale.len())..);
            forget(&mut self.forgotten, surplus);
        }
        let index = self.next_index;
        self.next_index = index.checked_add(1).expect("a shard does not live for 2^32 jobs");
        self.current.push_front(Entry { index, tip: self.tip, prepared });
        let surplus = self.current.drain(JOBS_PER_TIP_MAX.min(self.current.len())..);
        forget(&mut self.forgotten, surplus);
        Some(index)
    }

    /// The job that miners should work on.
    pub fn newest(&self) -> Option<&Job> {
        self.current.front().map(|entry| entry.prepared.job())
    }

    /// The index that the next job will have.
    pub const fn next_index(&self) -> JobIndex {
        self.next_index
    }

    /// The oldest index on which a share may still be credited.
    pub fn oldest_current_index(&self) -> JobIndex {
        self.current.back().map_or(self.next_index, |entry| entry.index)
    }

    /// The oldest index of the present tip and the one before.
    pub fn oldest_former_index(&self) -> JobIndex {
        let former = self.stale.iter().take_while(|entry| entry.tip + 1 == self.tip).last();
        former.map_or_else(|| self.oldest_current_index(), |entry| entry.index)
    }

    /// Gives the memory of former tips' shares back: from now on they must be judged as stale.
    pub fn forget_former_shares(&mut self) {
        if self.keeps_former_shares {
            self.stale.iter_mut().for_each(|entry| entry.prepared.forget_shares());
        }
    }

    /// Finds a job by its name.
    pub fn find(&mut self, id: JobId) -> Option<Known<'_>> {
        let tip = self.tip;
        let mut entries = self.current.iter_mut().chain(&mut self.stale);
        entries.find(|entry| entry.prepared.job().id == id).map(|entry| Known {
            index: entry.index,
            tips_ago: tip - entry.tip,
            prepared: &mut entry.prepared,
        })
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.current.iter().chain(&self.stale)
    }

    /// A job that is earlier than a forgotten one of the same start counts as forgotten, whether or not it came.
    fn is_forgotten(&self, id: JobId) -> bool {
        self.forgotten.iter().any(|last| last.is_of_same_start(id) && id <= *last)
    }
}

/// Remembers the names of jobs that leave the book.
fn forget(forgotten: &mut VecDeque<JobId>, entries: impl Iterator<Item = Entry>) {
    for id in entries.map(|entry| entry.prepared.job().id) {
        match forgotten.iter_mut().find(|last| last.is_of_same_start(id)) {
            Some(last) => *last = id.max(*last),
            None => forgotten.push_back(id),
        }
    }
    let surplus = forgotten.len().saturating_sub(JOBMASTER_STARTS_MAX);
    forgotten.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use sluice_units::{CompactTarget, Hash256, JobKind};

    use super::*;

    fn job(id: u64, kind: JobKind, parent: u8) -> Job {
        Job {
            id: JobId::from_u64(id),
            kind,
            height: 1,
            parent: Hash256::from_bytes([parent; 32]),
            version: 0,
            version_mask: 0,
            nbits: CompactTarget::from_bits(0x1d00_ffff),
            ntime: 0,
            ntime_min: 0,
            coinbase_prefix: Vec::new(),
            coinbase_suffix: Vec::new(),
            merkle_branch: Vec::new(),
            aux_target: None,
        }
    }

    fn is_stale(book: &mut JobBook, id: u64) -> Option<bool> {
        book.find(JobId::from_u64(id)).map(|known| known.tips_ago > 0)
    }

    #[test]
    fn a_new_tip_makes_earlier_jobs_stale() {
        let mut book = JobBook::default();
        assert_eq!(book.insert(job(1, JobKind::Clean, 1)), Some(0));
        assert_eq!(book.insert(job(2, JobKind::Refresh, 1)), Some(1));
        assert_eq!(is_stale(&mut book, 1), Some(false));
        assert_eq!(book.insert(job(3, JobKind::Clean, 2)), Some(2));
        assert_eq!(is_stale(&mut book, 1), Some(true));
        assert_eq!(is_stale(&mut book, 2), Some(true));
        assert_eq!(is_stale(&mut book, 3), Some(false));
        assert_eq!(book.oldest_current_index(), 2);
        // What fills an empty job leaves it valid.
        let (filled, id) = (book.insert(job(10, JobKind::Empty, 7)), 10);
        assert_eq!((filled, is_stale(&mut book, 3)), (Some(3), Some(true)));
        assert_eq!(book.insert(job(11, JobKind::Full, 7)), Some(4));
        assert_eq!((book.oldest_current_index(), is_stale(&mut book, id)), (3, Some(false)));
        // A refresh on another parent is a new tip all the same.
        book.insert(job(4, JobKind::Refresh, 3));
        assert_eq!(is_stale(&mut book, 3), Some(true));
        assert_eq!(book.newest().unwrap().id, JobId::from_u64(4));
    }

    #[test]
    fn tips_are_counted_back_and_the_shares_of_the_last_are_kept_where_they_matter() {
        for keeps in [false, true] {
            let mut book = JobBook::new(CheckPolicy::default(), keeps);
            for (id, tip) in [(1, 1), (2, 1), (3, 2), (4, 3), (5, 3)] {
                book.insert(job(id, JobKind::Refresh, tip));
                let known = book.find(JobId::from_u64(id)).unwrap();
                known.prepared.remember(id).unwrap();
            }
            let mut look = |id: u64| {
                let known = book.find(JobId::from_u64(id)).unwrap();
                (known.tips_ago, known.prepared.shares_seen())
            };
            let kept = usize::from(keeps);
            assert_eq!([1, 2, 3, 4, 5].map(&mut look), [(2, 0), (2, 0), (1, kept), (0, 1), (0, 1)]);
            assert_eq!((book.oldest_former_index(), book.oldest_current_index()), (2, 3));
            book.forget_former_shares();
            assert_eq!(book.find(JobId::from_u64(3)).unwrap().prepared.shares_seen(), 0);
            assert_eq!(book.find(JobId::from_u64(4)).unwrap().prepared.shares_seen(), 1);
        }
    }

    #[test]
    fn a_job_that_was_forgotten_comes_no_more() {
        let life = |jobmaster: u8, started: u32| {
            move |sequence| {
                job(JobId::new(jobmaster, started, sequence).to_u64(), JobKind::Refresh, 1)
            }
        };
        let (first, second, restarted) = (life(1, 9), life(2, 7), life(1, 8));
        let mut book = JobBook::default();
        for sequence in 1..=3 {
            assert!(book.insert(first(sequence)).is_some());
        }
        // It falls silent, and another one serves until the first one's jobs are known no more.
        for sequence in 1..=JOBS_PER_TIP_MAX as u32 {
            assert!(book.insert(second(sequence)).is_some());
        }
        for sequence in 1..=3 {
            assert_eq!(book.find(first(sequence).id).map(|known| known.index), None);
            assert_eq!(book.insert(first(sequence)), None, "its shares are forgotten as well");
        }
        assert!(book.insert(first(4)).is_some());
        // Its clock was set back before its next start: its jobs are new all the same.
        assert!(book.insert(restarted(1)).is_some());
        // The same where tips pass.
        for tip in 2..=2 + JOBS_STALE_MAX as u8 {
            let number = u32::from(tip) + 1_000;
            let id = JobId::new(2, 7, number).to_u64();
            assert!(book.insert(job(id, JobKind::Clean, tip)).is_some());
        }
        for forgotten in [first(4), restarted(1), second(JOBS_PER_TIP_MAX as u32)] {
            assert_eq!(book.insert(forgotten), None);
        }
        assert_eq!(book.forgotten.len(), 3);
        let starts = (0..=JOBMASTER_STARTS_MAX as u32).map(|start| JobId::new(3, start, 1));
        let jobs: VecDeque<Entry> = starts
            .map(|id| {
                let job = job(id.to_u64(), JobKind::Refresh, 1);
                let prepared = PreparedJob::new(job, book.policy, 0).unwrap();
                Entry { index: 0, tip: 0, prepared }
            })
            .collect();
        forget(&mut book.forgotten, jobs.into_iter());
        assert_eq!(book.forgotten.len(), JOBMASTER_STARTS_MAX);
        assert_eq!(book.forgotten[0], JobId::new(3, 1, 1), "the earliest give way");
        assert_eq!(book.newest().unwrap().parent.as_bytes()[0], 2 + JOBS_STALE_MAX as u8);
    }

    #[test]
    fn names_are_taken_once_and_old_jobs_forgotten() {
        let mut book = JobBook::default();
        for id in 0..JOBS_PER_TIP_MAX as u64 + 1 {
            assert!(book.insert(job(id, JobKind::Refresh, 1)).is_some());
        }
        assert_eq!(book.insert(job(5, JobKind::Refresh, 1)), None);
        assert_eq!(is_stale(&mut book, 0), None);
        book.insert(job(1000, JobKind::Clean, 2));
        assert_eq!(book.stale.len(), JOBS_STALE_MAX);
        let bad = Job { nbits: CompactTarget::from_bits(0), ..job(1001, JobKind::Clean, 3) };
        assert_eq!(book.insert(bad), None);
        assert_eq!(is_stale(&mut book, 1000), Some(false), "a bad job changes nothing");
    }
}
