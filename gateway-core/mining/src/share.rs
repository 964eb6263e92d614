//! A submit made into a header, and the verdict on it.

use sluice_sha256d::{JobHasher, Kernel, ShareInput, merkle_root, sha256d};
use sluice_units::extranonce::{EXTRANONCE_SLOT_BYTES, EXTRANONCE1_BYTES};
use sluice_units::header::HEADER_BYTES;
use sluice_units::limits::{NTIME_AHEAD_MAX_S, SHARES_PER_CHECK_MAX, SHARES_PER_JOB_MAX};
use sluice_units::{
    Extranonce1, Extranonce2, Hash256, Header, Job, RejectReason, ShareDifficulty, Target,
};

use crate::duplicates::SeenShares;

/// What a miner hands in, with what its session knows about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    /// The session's place in the search space.
    pub extranonce1: Extranonce1,
    /// What the miner rolled of it.
    pub extranonce2: Extranonce2,
    /// Seconds since 1970.
    pub ntime: u32,
    /// What was searched.
    pub nonce: u32,
    /// Version bits, where the miner rolled any.
    pub version_bits: Option<u32>,
    /// The bits that this session may roll.
    pub version_mask: u32,
    /// The difficulty that was in force when the job was sent.
    pub difficulty: ShareDifficulty,
}

/// What a share is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The hash of the header that the miner made.
    pub hash: Hash256,
    /// Whether the hash meets the network's target. It then goes to a node, whatever the outcome.
    pub is_block: bool,
    /// Whether it may be a block of another chain that the job commits to.
    pub is_aux_block: bool,
    /// Credit, or the one reason against it.
    pub outcome: Result<(), RejectReason>,
}

/// How shares are checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CheckPolicy {
    /// What hashes them.
    pub kernel: Kernel,
    /// Shares of one job that are remembered; further ones are refused ([`RejectReason::JobFull`]).
    pub shares_per_job_max: usize,
}

impl Default for CheckPolicy {
    fn default() -> Self {
        Self { kernel: Kernel::default(), shares_per_job_max: SHARES_PER_JOB_MAX }
    }
}

/// A job with what is computed once for all its shares.
#[derive(Debug)]
pub struct PreparedJob {
    job: Job,
    target: Target,
    hasher: JobHasher,
    policy: CheckPolicy,
    seen: SeenShares,
}

impl PreparedJob {
    /// Prepares a job with room for so many shares; `None` where its bits are no target.
    pub fn new(job: Job, policy: CheckPolicy, shares_expected: usize) -> Option<Self> {
        let target = job.nbits.to_target()?;
        let coinbase = [&job.coinbase_prefix[..], &job.coinbase_suffix];
        let header = header(&job, job.version, Hash256::ZERO, job.ntime, 0);
        let hasher = JobHasher::new(coinbase, EXTRANONCE_SLOT_BYTES, &job.merkle_branch, &header);
        let seen = SeenShares::new(shares_expected, policy.shares_per_job_max);
        Some(Self { job, target, hasher, policy, seen })
    }

    /// Shares that were credited on it.
    pub fn shares_seen(&self) -> usize {
        self.seen.len()
    }

    #[cfg(test)]
    pub(crate) fn remember(&mut self, hash_bits: u64) -> Result<(), RejectReason> {
        self.seen.insert(hash_bits)
    }

    /// Gives the memory of its shares back: on a job of a former tip none is credited any more, so
    /// none is looked for. It must then be judged as stale.
    pub fn forget_shares(&mut self) {
        self.seen = SeenShares::new(0, 0);
    }

    /// The job.
    pub const fn job(&self) -> &Job {
        &self.job
    }

    /// Hashes and judges one share; see [`PreparedJob::hash`] and [`PreparedJob::judge`].
    pub fn check(&mut self, share: &Share, stale: bool) -> Verdict {
        let mut hash = [Hash256::ZERO];
        self.hash(core::slice::from_ref(share), &mut hash);
        self.judge(share, hash[0], stale)
    }

    /// The hashes of some shares' headers: many at a time cost less each.
    ///
    /// # Panics
    ///
    /// Where the two are not of one length.
    pub fn hash(&self, shares: &[Share], hashes: &mut [Hash256]) {
        assert_eq!(shares.len(), hashes.len(), "one place a share");
        let mut inputs = [ShareInput::default(); SHARES_PER_CHECK_MAX];
        for (shares, hashes) in
            shares.chunks(SHARES_PER_CHECK_MAX).zip(hashes.chunks_mut(SHARES_PER_CHECK_MAX))
        {
            for (input, share) in inputs.iter_mut().zip(shares) {
                *input = self.input(share);
            }
            self.hasher.hash(self.policy.kernel, &inputs[..shares.len()], hashes);
        }
    }

    /// Judges a share by its hash. `stale` says that the job belongs to a former tip.
    ///
    /// The network's target is tested before anything else, so that no block is lost to a rule.
    pub fn judge(&mut self, share: &Share, hash: Hash256, stale: bool) -> Verdict {
        let is_block = self.target.is_met_by(&hash);
        let is_aux_block = self.job.aux_target.is_some_and(|target| target.is_met_by(&hash));
        Verdict { hash, is_block, is_aux_block, outcome: self.outcome(share, &hash, stale) }
    }

    fn outcome(&mut self, share: &Share, hash: &Hash256, stale: bool) -> Result<(), RejectReason> {
        if stale {
            return Err(RejectReason::Stale);
        }
        // BIP 310: a miner rolls no bit outside the mask of its session. Others make another header than
        // the miner's, whose hash would say nothing.
        if share.version_bits.is_some_and(|bits| bits & !share.version_mask != 0) {
            return Err(RejectReason::BadVersionBits);
        }
        let ntime_max = self.job.ntime.saturating_add(NTIME_AHEAD_MAX_S);
        if !(self.job.ntime_min..=ntime_max).contains(&share.ntime) {
            return Err(RejectReason::NtimeOutOfRange);
        }
        if !share.difficulty.to_target().is_met_by(hash) {
            return Err(RejectReason::LowDifficulty);
        }
        // Only work is remembered: whoever wants to fill the memory must do that work first.
        self.seen.insert(hash.low_u64())
    }

    /// The header of a share that was judged, built by other means than its hash was: for a block.
    ///
    /// # Panics
    ///
    /// Where its hash is not the verdict's: a kernel that is wrong must not go on judging.
    pub fn header(&self, share: &Share, verdict: &Verdict) -> [u8; HEADER_BYTES] {
        let coinbase = self.job.coinbase(share.extranonce1, share.extranonce2);
        let root = merkle_root(sha256d(&coinbase), &self.job.merkle_branch);
        let header = header(&self.job, self.version(share), root, share.ntime, share.nonce);
        let bytes = header.to_bytes();
        assert_eq!(sha256d(&bytes), verdict.hash, "the kernel {} is wrong", self.policy.kernel);
        bytes
    }

    fn input(&self, share: &Share) -> ShareInput {
        let mut extranonce = [0; EXTRANONCE_SLOT_BYTES];
        let (first, second) = extranonce.split_at_mut(EXTRANONCE1_BYTES);
        first.copy_from_slice(&share.extranonce1.to_bytes());
        second.copy_from_slice(&share.extranonce2.0);
        let version = self.version(share);
        ShareInput { extranonce, version, ntime: share.ntime, nonce: share.nonce }
    }

    fn version(&self, share: &Share) -> u32 {
        match share.version_bits {
            // BIP 310: nVersion = (job version & ~mask) | (version bits & mask).
            Some(bits) => self.job.version & !share.version_mask | bits & share.version_mask,
            None => self.job.version,
        }
    }
}

fn header(job: &Job, version: u32, merkle_root: Hash256, ntime: u32, nonce: u32) -> Header {
    Header { version, parent: job.parent, merkle_root, ntime, nbits: job.nbits, nonce }
}

#[cfg(test)]
mod tests {
    use sluice_units::{CompactTarget, JobId, JobKind};

    use super::*;

    fn job(nbits: u32) -> PreparedJob {
        let job = Job {
            id: JobId::from_u64(1),
            kind: JobKind::Clean,
            height: 1,
            parent: Hash256::from_bytes([1; 32]),
            version: 0x2000_0000,
            version_mask: 0x1fff_e000,
            nbits: CompactTarget::from_bits(nbits),
            ntime: 1_700_000_000,
            ntime_min: 1_699_999_000,
            coinbase_prefix: vec![2; 100],
            coinbase_suffix: vec![3; 80],
            merkle_branch: vec![Hash256::from_bytes([4; 32]); 3],
            aux_target: None,
        };
        PreparedJob::new(job, CheckPolicy::default(), 0).unwrap()
    }

    fn share() -> Share {
        Share {
            extranonce1: Extranonce1::new(1, 2, 3),
            extranonce2: Extranonce2([5; 8]),
            ntime: 1_700_000_000,
            nonce: 0,
            version_bits: Some(0x0000_2000),
            version_mask: 0x1fff_e000,
            difficulty: ShareDifficulty::MIN,
        }
    }

    #[test]
    fn each_rule_has_its_reason() {
        let hard = ShareDifficulty::from_f64(1e9).unwrap();
        for (changed, stale, expected) in [
            (share(), false, Ok(())),
            (share(), true, Err(RejectReason::Stale)),
            (Share { version_bits: Some(1), ..share() }, true, Err(RejectReason::Stale)),
            (Share { difficulty: hard, ..share() }, false, Err(RejectReason::LowDifficulty)),
            (Share { ntime: 1_699_998_999, ..share() }, false, Err(RejectReason::NtimeOutOfRange)),
            (Share { ntime: 1_699_999_000, ..share() }, false, Ok(())),
            (Share { ntime: 1_700_007_200, ..share() }, false, Ok(())),
            (Share { ntime: 1_700_007_201, ..share() }, false, Err(RejectReason::NtimeOutOfRange)),
            (Share { version_bits: Some(1), ..share() }, false, Err(RejectReason::BadVersionBits)),
            (Share { version_bits: None, ..share() }, false, Ok(())),
        ] {
            let verdict = job(0x1d00_ffff).check(&changed, stale);
            assert_eq!(verdict.outcome, expected, "{changed:?}");
            assert!(!verdict.is_block);
        }
    }

    #[test]
    fn the_same_header_counts_once() {
        let mut job = job(0x1d00_ffff);
        assert_eq!(job.check(&share(), false).outcome, Ok(()));
        assert_eq!(job.check(&share(), false).outcome, Err(RejectReason::Duplicate));
        let rolled = Share { version_bits: Some(0x0000_4000), ..share() };
        assert_eq!(job.check(&rolled, false).outcome, Ok(()), "other version bits, other header");
    }

    #[test]
    fn a_stale_job_remembers_no_shares() {
        let mut job = job(0x1d00_ffff);
        assert_eq!(job.check(&share(), false).outcome, Ok(()));
        assert_eq!(job.shares_seen(), 1);
        job.forget_shares();
        assert_eq!(job.check(&share(), true).outcome, Err(RejectReason::Stale));
        assert_eq!(job.shares_seen(), 0);
    }

    #[test]
    fn a_refused_share_may_still_be_a_block() {
        // With the easiest of targets about every second hash is a block.
        let mut job = job(0x207f_ffff);
        let found = (0..64).any(|nonce| {
            let late = Share { nonce, ..share() };
            let verdict = job.check(&late, true);
            assert_eq!(verdict.outcome, Err(RejectReason::Stale));
            verdict.is_block
        });
        assert!(found);
    }

    #[test]
    fn header_and_coinbase_are_rebuilt_as_the_miner_made_them() {
        let mut job = job(0x207f_ffff);
        let verdict = job.check(&share(), false);
        let bytes = job.header(&share(), &verdict);
        let header = Header::from_bytes(&bytes);
        let coinbase = job.job().coinbase(share().extranonce1, share().extranonce2);
        assert_eq!(header.merkle_root, merkle_root(sha256d(&coinbase), &job.job().merkle_branch));
        assert_eq!(header.version, 0x2000_2000);
        assert_eq!(verdict.hash, sha256d(&bytes));
    }
}
