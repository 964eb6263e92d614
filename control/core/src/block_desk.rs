//! Found blocks: built from their template, submitted until a node has answered, answered to every
//! gateway that asks.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sluice_mining::builder::BlockRest;
use sluice_units::limits::BLOCKS_PENDING_MAX;
use sluice_units::{BlockVerdict, FoundBlock, Hash256, Instant};

/// What a node said to `submitblock`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SubmitAnswer {
    /// It answered: nothing, or a BIP 22 reason.
    Answered(Option<String>),
    /// It did not answer; the block goes to it again.
    Failed,
}

/// A block on its way to the node.
#[derive(Debug)]
struct Pending {
    bytes: Vec<u8>,
    retry_at: Option<Instant>,
}

/// The found blocks of one jobmaster.
#[derive(Debug, Default)]
pub struct BlockDesk {
    pending: BTreeMap<Hash256, Pending>,
    /// Latest verdicts, newest first, for gateways that ask again.
    verdicts: VecDeque<(Hash256, BlockVerdict)>,
}

/// How long a block waits after a call that failed.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

impl BlockDesk {
    /// A gateway found a block. Gives the verdict where it is known already.
    ///
    /// A block beyond the bound of pending ones is left to its gateway, which sends it again.
    pub fn handle_found(
        &mut self,
        now: Instant,
        found: &FoundBlock,
        rest: Option<&BlockRest>,
    ) -> Option<BlockVerdict> {
        if let Some((_, verdict)) = self.verdicts.iter().find(|(hash, _)| *hash == found.hash) {
            return Some(verdict.clone());
        }
        if self.pending.contains_key(&found.hash) || self.pending.len() >= BLOCKS_PENDING_MAX {
            return None;
        }
        // Not remembered: a later jobmaster process may know the job again.
        let Some(rest) = rest else { return Some(BlockVerdict::UnknownJob) };
        match rest.block_bytes(found) {
            Some(bytes) => {
                self.pending.insert(found.hash, Pending { bytes, retry_at: Some(now) });
                None
            }
            None => {
                let verdict = BlockVerdict::Rejected("the coinbase cannot be read".into());
                self.remember(found.hash, verdict.clone());
                Some(verdict)
            }
        }
    }

    /// The next block to submit; its answer is awaited from then on.
    pub fn poll_submit(&mut self, now: Instant) -> Option<(Hash256, Vec<u8>)> {
        let due = |pending: &Pending| pending.retry_at.is_some_and(|at| at <= now);
        let (hash, pending) = self.pending.iter_mut().find(|(_, pending)| due(pending))?;
        pending.retry_at = None;
        Some((*hash, pending.bytes.clone()))
    }

    /// When [`BlockDesk::poll_submit`] has something next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.pending.values().filter_map(|pending| pending.retry_at).min()
    }

    /// The node answered, or not. Gives the verdict once there is one.
    pub fn handle_answer(
        &mut self,
        now: Instant,
        hash: Hash256,
        answer: &SubmitAnswer,
    ) -> Option<BlockVerdict> {
        let pending = self.pending.get_mut(&hash)?;
        let verdict = match answer {
            SubmitAnswer::Failed => {
                pending.retry_at = Some(now + RETRY_INTERVAL);
                return None;
            }
            SubmitAnswer::Answered(reason) => verdict(reason.as_deref()),
        };
        self.pending.remove(&hash);
        self.remember(hash, verdict.clone());
        Some(verdict)
    }

    fn remember(&mut self, hash: Hash256, verdict: BlockVerdict) {
        self.verdicts.push_front((hash, verdict));
        self.verdicts.truncate(BLOCKS_PENDING_MAX);
    }
}

/// Some nodes put this before the reasons of BIP 22.
const REASON_PREFIX: &str = "rejected: ";

/// BIP 22: nothing means accepted; "duplicate" is a block that the node has already, and
/// "inconclusive" one that it keeps without having made it its tip.
fn verdict(reason: Option<&str>) -> BlockVerdict {
    let reason = reason.map(|reason| reason.strip_prefix(REASON_PREFIX).unwrap_or(reason));
    match reason {
        None | Some("duplicate") => BlockVerdict::Accepted,
        Some("inconclusive" | "duplicate-inconclusive") => BlockVerdict::SideBranch,
        Some(reason) => BlockVerdict::Rejected(reason.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use sluice_mining::coinbase::{self, Tag};
    use sluice_mining::template::{Template, TemplateFields};
    use sluice_units::JobId;

    use super::*;

    fn template() -> Template {
        Template::new(&TemplateFields {
            height: 3,
            previous_block_hash: &"07".repeat(32),
            version: 1,
            bits: "1d00ffff",
            time: 2,
            time_min: 1,
            coinbase_value_sat: 50,
            coinbase_aux: Vec::new(),
            witness_commitment: None,
            rules: &[],
            transactions: Vec::new(),
        })
        .unwrap()
    }

    fn rest() -> BlockRest {
        BlockRest::new(&template())
    }

    fn found() -> FoundBlock {
        let payout = bitcoin::ScriptBuf::from_bytes(vec![0x51]);
        let halves = coinbase::build(&template(), &Tag::default(), &payout).unwrap();
        FoundBlock {
            job: JobId::from_u64(1),
            height: 3,
            hash: Hash256::from_bytes([1; 32]),
            header: [2; 80],
            coinbase: [&halves.prefix[..], &[0; 16], &halves.suffix].concat(),
            finder: "alice".parse().unwrap(),
        }
    }

    const START: Instant = Instant::ZERO;

    #[test]
    fn submits_once_and_repeats_only_what_failed() {
        let mut desk = BlockDesk::default();
        assert_eq!(desk.handle_found(START, &found(), Some(&rest())), None);
        assert_eq!(desk.handle_found(START, &found(), Some(&rest())), None, "asked again");
        let (hash, bytes) = desk.poll_submit(START).unwrap();
        assert_eq!(hash, found().hash);
        assert!(bytes.starts_with(&found().header));
        assert_eq!(desk.poll_submit(START), None, "the answer is awaited");

        assert_eq!(desk.handle_answer(START, hash, &SubmitAnswer::Failed), None);
        assert_eq!(desk.poll_submit(START), None);
        let later = desk.poll_timeout().unwrap();
        assert!(desk.poll_submit(later).is_some());
        let verdict = desk.handle_answer(later, hash, &SubmitAnswer::Answered(None));
        assert_eq!(verdict, Some(BlockVerdict::Accepted));
        assert_eq!(desk.handle_found(later, &found(), None), Some(BlockVerdict::Accepted));
        assert_eq!(desk.poll_timeout(), None);
    }

    #[test]
    fn reads_the_node_as_bip_22_says() {
        assert_eq!(verdict(Some("duplicate")), BlockVerdict::Accepted);
        assert_eq!(verdict(Some("rejected: duplicate")), BlockVerdict::Accepted);
        assert_eq!(verdict(Some("inconclusive")), BlockVerdict::SideBranch);
        assert_eq!(verdict(Some("high-hash")), BlockVerdict::Rejected("high-hash".into()));
    }

    #[test]
    fn what_cannot_be_built_is_said_at_once() {
        let mut desk = BlockDesk::default();
        let unknown = desk.handle_found(START, &found(), None);
        assert_eq!(unknown, Some(BlockVerdict::UnknownJob));
        let broken = FoundBlock { coinbase: vec![0], ..found() };
        let verdict = desk.handle_found(START, &broken, Some(&rest()));
        assert!(matches!(verdict, Some(BlockVerdict::Rejected(_))));
    }
}
