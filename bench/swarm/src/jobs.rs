//! Jobs as a busy mainnet gives them: 12 merkle branches, a coinbase with a tag, two payouts and a
//! witness commitment; the network so hard that no share is a block.

use sluice_units::header::VERSION_MASK;
use sluice_units::{CompactTarget, Hash256, Job, JobId, JobKind};

/// Siblings of a block with some 4,000 transactions.
const MERKLE_BRANCHES: usize = 12;
/// The network's target of 2024; a share at the lowest difficulty meets it once in 2^78.
const NBITS: u32 = 0x1703_4219;
const FIRST_HEIGHT: u32 = 840_000;
/// Coinbase up to the extranonce slot: version, input, height, a tag of 40 bytes, a push.
const COINBASE_PREFIX_BYTES: usize = 41 + 1 + 1 + 4 + 42 + 1;
/// After it: sequence, payout to a P2WPKH, payout of a fee, witness commitment, lock time.
const COINBASE_SUFFIX_BYTES: usize = 4 + 1 + 31 + 34 + 46 + 4;

/// A row of jobs.
#[derive(Clone, Debug)]
pub(crate) struct JobRow {
    started_unix_s: u32,
    sequence: u32,
    /// The sequence of the last job on a tip of its own.
    tip: u32,
}

impl JobRow {
    /// A row that begins at a time, seconds since 1970.
    pub(crate) const fn new(started_unix_s: u32) -> Self {
        Self { started_unix_s, sequence: 0, tip: 0 }
    }

    /// The next job, on a tip of its own; earlier ones are worthless from then on.
    pub(crate) fn next_clean(&mut self) -> Job {
        self.tip = self.sequence + 1;
        self.next(JobKind::Clean)
    }

    /// The next job, on the present tip; earlier ones stay valid.
    pub(crate) fn next_refresh(&mut self) -> Job {
        self.next(JobKind::Refresh)
    }

    fn next(&mut self, kind: JobKind) -> Job {
        self.sequence += 1;
        let hash = |number: u32, salt: u8| {
            let mut bytes = [salt; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            Hash256::from_bytes(bytes)
        };
        Job {
            id: JobId::new(1, self.started_unix_s, self.sequence),
            kind,
            height: FIRST_HEIGHT + self.tip,
            parent: hash(self.tip, 0xa5),
            version: 0x2000_0000,
            version_mask: VERSION_MASK,
            nbits: CompactTarget::from_bits(NBITS),
            ntime: self.started_unix_s + self.sequence,
            ntime_min: self.started_unix_s,
            coinbase_prefix: vec![0x5a; COINBASE_PREFIX_BYTES],
            coinbase_suffix: vec![0xc3; COINBASE_SUFFIX_BYTES],
            merkle_branch: (0..MERKLE_BRANCHES)
                .map(|index| hash(self.sequence, index as u8))
                .collect(),
            aux_target: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_another_and_clean_ones_are_on_another_tip() {
        let mut row = JobRow::new(1_700_000_000);
        let jobs = [row.next_clean(), row.next_refresh(), row.next_clean()];
        assert!(jobs[0].id < jobs[1].id && jobs[1].id < jobs[2].id);
        assert_eq!(jobs[0].parent, jobs[1].parent);
        assert_eq!(jobs[0].height, jobs[1].height);
        assert_ne!(jobs[1].merkle_branch, jobs[0].merkle_branch);
        assert_ne!(jobs[1].parent, jobs[2].parent);
        assert!(jobs[2].ntime > jobs[0].ntime && jobs[2].ntime_min <= jobs[0].ntime);
    }
}
