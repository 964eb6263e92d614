//! A submit made into a header, and the verdict on it.

use sluice_sha256d::{Midstate, merkle_root, sha256d};
use sluice_units::extranonce::EXTRANONCE_SLOT_BYTES;
use sluice_units::header::HEADER_BYTES;
use sluice_units::limits::{COINBASE_BYTES_MAX, NTIME_AHEAD_MAX_S};
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
    /// The header that the miner hashed.
    pub header: [u8; HEADER_BYTES],
    /// Its hash.
    pub hash: Hash256,
    /// Whether the hash meets the network's target. It then goes to a node, whatever the outcome.
    pub is_block: bool,
    /// Credit, or the one reason against it.
    pub outcome: Result<(), RejectReason>,
}

/// A job with what is computed once for all its shares.
#[derive(Debug)]
pub struct PreparedJob {
    job: Job,
    target: Target,
    coinbase_front: Midstate,
    seen: SeenShares,
}

impl PreparedJob {
    /// Prepares a job with room for so many shares; `None` where its bits are no target.
    pub fn new(job: Job, shares_expected: usize) -> Option<Self> {
        let target = job.nbits.to_target()?;
        let coinbase_front = Midstate::of_front(&job.coinbase_prefix);
        let seen = SeenShares::with_room_for(shares_expected);
        Some(Self { job, target, coinbase_front, seen })
    }

    /// Shares that were credited on it.
    pub fn shares_seen(&self) -> usize {
        self.seen.len()
    }

    /// Gives the memory of its shares back: on a job of a former tip none is credited any more, so
    /// none is looked for. It must then be judged as stale.
    pub fn forget_shares(&mut self) {
        self.seen = SeenShares::default();
    }

    /// The job.
    pub const fn job(&self) -> &Job {
        &self.job
    }

    /// Hashes and judges one share; see [`PreparedJob::hash`] and [`PreparedJob::judge`].
    pub fn check(&mut self, share: &Share, stale: bool) -> Verdict {
        let (mut header, mut hash) = ([[0; HEADER_BYTES]], [Hash256::from_bytes([0; 32])]);
        self.hash(core::slice::from_ref(share), &mut header, &mut hash);
        self.judge(share, header[0], hash[0], stale)
    }

    /// The headers of some shares, and their hashes: many at a time cost less each.
    ///
    /// # Panics
    ///
    /// Where the three are not of one length.
    pub fn hash(
        &self,
        shares: &[Share],
        headers: &mut [[u8; HEADER_BYTES]],
        hashes: &mut [Hash256],
    ) {
        assert!(shares.len() == headers.len() && shares.len() == hashes.len(), "one place a share");
        for ((share, header), hash) in shares.iter().zip(headers).zip(hashes) {
            *header = self.header(share).to_bytes();
            *hash = sha256d(header);
        }
    }

    /// Judges a share by its hash. `stale` says that the job belongs to a former tip.
    ///
    /// The network's target is tested before anything else, so that no block is lost to a rule.
    pub fn judge(
        &mut self,
        share: &Share,
        header: [u8; HEADER_BYTES],
        hash: Hash256,
        stale: bool,
    ) -> Verdict {
        let is_block = self.target.is_met_by(&hash);
        Verdict { header, hash, is_block, outcome: self.outcome(share, &hash, stale) }
    }

    fn outcome(&mut self, share: &Share, hash: &Hash256, stale: bool) -> Result<(), RejectReason> {
        // BIP 310: a miner rolls no bit outside the mask of its session.
        if share.version_bits.is_some_and(|bits| bits & !share.version_mask != 0) {
            return Err(RejectReason::BadVersionBits);
        }
        let ntime_max = self.job.ntime.saturating_add(NTIME_AHEAD_MAX_S);
        if !(self.job.ntime_min..=ntime_max).contains(&share.ntime) {
            return Err(RejectReason::NtimeOutOfRange);
        }
        if stale {
            return Err(RejectReason::Stale);
        }
        if !share.difficulty.to_target().is_met_by(hash) {
            return Err(RejectReason::LowDifficulty);
        }
        // Only work is remembered: whoever wants to fill the memory must do that work first.
        self.seen.insert(hash.low_u64())
    }

    fn header(&self, share: &Share) -> Header {
        Header {
            version: match share.version_bits {
                // BIP 310: nVersion = (job version & ~mask) | (version bits & mask).
                Some(bits) => self.job.version & !share.version_mask | bits & share.version_mask,
                None => self.job.version,
            },
            parent: self.job.parent,
            merkle_root: merkle_root(self.coinbase_hash(share), &self.job.merkle_branch),
            ntime: share.ntime,
            nbits: self.job.nbits,
            nonce: share.nonce,
        }
    }

    fn coinbase_hash(&self, share: &Share) -> Hash256 {
        let front = &self.job.coinbase_prefix[self.coinbase_front.absorbed_bytes()..];
        let mut tail = [0; COINBASE_BYTES_MAX];
        let mut end = 0;
        for part in
            [front, &share.extranonce1.to_bytes(), &share.extranonce2.0, &self.job.coinbase_suffix]
        {
            tail[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        }
        debug_assert_eq!(end, front.len() + EXTRANONCE_SLOT_BYTES + self.job.coinbase_suffix.len());
        self.coinbase_front.finish(&tail[..end])
    }
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
        };
        PreparedJob::new(job, 0).unwrap()
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
        let header = Header::from_bytes(&verdict.header);
        let coinbase = job.job().coinbase(share().extranonce1, share().extranonce2);
        assert_eq!(header.merkle_root, merkle_root(sha256d(&coinbase), &job.job().merkle_branch));
        assert_eq!(header.version, 0x2000_2000);
        assert_eq!(verdict.hash, sha256d(&verdict.header));
    }
}
