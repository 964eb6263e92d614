//! Work on a block whose header is all that is known of it yet: a block without transactions, until the
//! template is there.

use bitcoin::ScriptBuf;
use bitcoin::consensus::Params;
use bitcoin::{CompactTarget as BitcoinCompactTarget, Network};
use sluice_mining::builder::block_hash;
use sluice_mining::template::Template;
use sluice_units::header::HEADER_BYTES;
use sluice_units::{CompactTarget, Hash256, Header, JobKind, Now};
use thiserror::Error;

use super::{JobDesk, NodeTip, work_of};

/// Blocks between two changes of the difficulty (Bitcoin Core, `DifficultyAdjustmentInterval`).
pub const RETARGET_BLOCKS: u32 = 2016;

/// What the rules of a chain say of its next block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainRules {
    network: Network,
}

impl ChainRules {
    /// The rules of a network.
    pub const fn new(network: Network) -> Self {
        Self { network }
    }

    /// Whether the target of the next block follows from the blocks before it alone. On the test networks it
    /// depends on the time that passes as well, and only the node tells it.
    pub const fn foretells_target(self) -> bool {
        matches!(self.network, Network::Bitcoin | Network::Signet | Network::Regtest)
    }

    /// Satoshi that a block may create (Bitcoin Core, `GetBlockSubsidy`).
    pub const fn subsidy_sat(self, height: u32) -> u64 {
        let halvings =
            height / if matches!(self.network, Network::Regtest) { 150 } else { 210_000 };
        if halvings < 64 { 5_000_000_000 >> halvings } else { 0 }
    }

    /// Whether the block of a height has another target than the one before.
    pub fn retargets_at(self, height: u32) -> bool {
        height.is_multiple_of(RETARGET_BLOCKS) && !matches!(self.network, Network::Regtest)
    }

    /// The target after a whole period (Bitcoin Core, `CalculateNextWorkRequired`).
    pub fn retarget(self, last: CompactTarget, first_time: u32, last_time: u32) -> CompactTarget {
        // A period that ends before it began is as short as one can be.
        let timespan = u64::from(last_time.saturating_sub(first_time));
        let last = BitcoinCompactTarget::from_consensus(last.to_bits());
        let next = BitcoinCompactTarget::from_next_work_required(
            last,
            timespan,
            Params::new(self.network),
        );
        CompactTarget::from_bits(next.to_consensus())
    }
}

/// Why a header moves nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum HeaderRefused {
    /// Its block is worked on already.
    #[error("its block is known already")]
    Known,
    /// There is no job yet that it could follow.
    #[error("there is no job yet")]
    NoJob,
    /// Its parent is not the tip.
    #[error("its parent is not the tip that miners work on")]
    NotNext,
    /// Its target is not the one that the network asks for now.
    #[error("its target is not the one that a block of its height must meet")]
    WrongTarget,
    /// Its hash does not meet its target.
    #[error("its hash does not meet the target: there is no work in it")]
    NoWork,
    /// The target of the block behind it is not known.
    #[error("the target of the block behind it is the node's to tell")]
    TargetUnknown,
    /// Empty jobs are switched off.
    #[error("empty jobs are switched off (empty_job_s = 0)")]
    Off,
}

impl JobDesk {
    /// Somebody showed the header of a block. It needs no trust: what it must be is known, and that work
    /// went into it can be seen.
    ///
    /// Miners get a block without transactions on top of it, until the node has the template.
    pub fn handle_header(
        &mut self,
        now: Now,
        bytes: &[u8; HEADER_BYTES],
    ) -> Result<Hash256, HeaderRefused> {
        let header = Header::from_bytes(bytes);
        let hash = block_hash(bytes);
        let in_use = self.in_use.as_ref().ok_or(HeaderRefused::NoJob)?;
        let job = &in_use.job;
        if job.parent == hash {
            return Err(HeaderRefused::Known);
        }
        if job.parent != header.parent {
            return Err(HeaderRefused::NotNext);
        }
        if job.nbits != header.nbits {
            return Err(HeaderRefused::WrongTarget);
        }
        let target = header.nbits.to_target().expect("a job's target was checked");
        if !target.is_met_by(&hash) {
            return Err(HeaderRefused::NoWork);
        }
        // From here on it is known that there is a new block, whether or not miners get an empty one on it.
        let tip = NodeTip {
            hash,
            height: job.height,
            work: in_use.tip_work.saturating_add(work_of(job.nbits)),
        };
        let version = job.version;
        self.tips.remember(tip);
        for node in &mut self.nodes {
            if node.answers && !node.has_tip(&hash) {
                node.tip_moved();
                node.ask_template(now.instant);
            }
        }
        let offered = self.offer_empty(now, &header, tip, version);
        self.handle_timeout(now);
        offered.map(|()| hash)
    }

    fn offer_empty(
        &mut self,
        now: Now,
        header: &Header,
        tip: NodeTip,
        version: u32,
    ) -> Result<(), HeaderRefused> {
        if self.policy.empty_job_time.is_zero() {
            return Err(HeaderRefused::Off);
        }
        let height = tip.height + 1;
        let nbits = self.target_after(header, height).ok_or(HeaderRefused::TargetUnknown)?;
        // The median of the last eleven times is never above the time of the last block.
        let time_min = header.ntime.saturating_add(1);
        let template = Template {
            height,
            parent: tip.hash,
            version,
            nbits,
            time: u32::try_from(now.unix.to_seconds()).unwrap_or(u32::MAX).max(time_min),
            time_min,
            coinbase_value_sat: self.policy.rules.subsidy_sat(height),
            coinbase_aux: Vec::new(),
            witness_commitment: None::<ScriptBuf>,
            transactions: Vec::new(),
        };
        self.publish(now, &template, JobKind::Empty, tip.work)
            .expect("a coinbase without the node's outputs is no longer than one with them");
        self.empty_until = Some(now.instant + self.policy.empty_job_time);
        Ok(())
    }

    /// The target of the block of a height, which follows this header.
    pub(super) fn target_after(&self, header: &Header, height: u32) -> Option<CompactTarget> {
        let rules = self.policy.rules;
        if !rules.foretells_target() {
            return None;
        }
        if !rules.retargets_at(height) {
            return Some(header.nbits);
        }
        let (_, first_time) =
            self.period_start.filter(|(first, _)| first + RETARGET_BLOCKS == height)?;
        Some(rules.retarget(header.nbits, first_time, header.ntime))
    }

    /// A node told when the block of a height was made, the first one of its period.
    pub fn handle_period_start(&mut self, height: u32, time: u32) {
        self.period_start = Some((height, time));
    }

    /// Before the last block of a period is found its successor's target must be known.
    pub(super) fn wanted_period_start(&self) -> Option<u32> {
        let next = self.in_use.as_ref()?.job.height.checked_add(1)?;
        let rules = self.policy.rules;
        let wanted = rules.foretells_target() && rules.retargets_at(next);
        let first = wanted.then(|| next - RETARGET_BLOCKS)?;
        self.period_start.is_none_or(|(known, _)| known != first).then_some(first)
    }
}
