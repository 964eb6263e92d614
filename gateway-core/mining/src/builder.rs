//! Template to job, and found block to the bytes that a node takes.

use bitcoin::consensus::encode::{deserialize, serialize};
use bitcoin::{Transaction, VarInt, Witness};
use sluice_sha256d::sha256d;
use sluice_units::header::{HEADER_BYTES, VERSION_MASK};
use sluice_units::{FoundBlock, Hash256, Job, JobId, JobKind};
use thiserror::Error;

use crate::coinbase::{self, CoinbasePlan, CoinbaseTooLong};
use crate::merged::{AuxRound, AuxTreeError, AuxWork, easiest_target, marks_of};
use crate::merkle::branch_of_coinbase;
use crate::template::Template;

/// Why a template makes no job.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum JobError {
    /// The coinbase is too long.
    #[error(transparent)]
    Coinbase(#[from] CoinbaseTooLong),
    /// The chains that are mined along have no tree.
    #[error(transparent)]
    Aux(#[from] AuxTreeError),
}

/// Makes the job of a template, which commits to blocks of these other chains as well.
///
/// Two jobs are never the same work, even where their templates are: else the same header could be
/// handed in, and credited, under each of their names. The input's sequence makes the difference.
pub fn job(
    template: &Template,
    id: JobId,
    kind: JobKind,
    plan: &CoinbasePlan,
    aux: &[AuxWork],
) -> Result<Job, JobError> {
    let halves = coinbase::build(template, plan, &marks_of(aux)?)?;
    let txids: Vec<Hash256> = template.transactions.iter().map(|one| one.txid).collect();
    Ok(with_own_coinbase(Job {
        id,
        kind,
        height: template.height,
        parent: template.parent,
        version: template.version,
        version_mask: VERSION_MASK,
        nbits: template.nbits,
        ntime: template.time.max(template.time_min),
        ntime_min: template.time_min,
        coinbase_prefix: halves.prefix,
        coinbase_suffix: halves.suffix,
        merkle_branch: branch_of_coinbase(&txids),
        aux_target: easiest_target(aux),
    }))
}

/// The job of the same template under another name: other work, for a block that needs the same besides.
pub fn renewed(job: &Job, id: JobId, kind: JobKind) -> Job {
    with_own_coinbase(Job { id, kind, ..job.clone() })
}

fn with_own_coinbase(mut job: Job) -> Job {
    let named = sha256d(&job.id.to_u64().to_be_bytes()).low_u64() as u32;
    coinbase::set_sequence(&mut job.coinbase_suffix, named);
    job
}

/// The hash of a block by its header.
pub fn block_hash(header: &[u8; HEADER_BYTES]) -> Hash256 {
    sha256d(header)
}

/// What a block holds besides header and coinbase: enough to make a block of a share, and small
/// enough to keep on disk while shares on its job may come; and what the job commits to of other chains.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlockRest {
    has_witness: bool,
    transaction_count: u32,
    aux: AuxRound,
    /// The transactions, with witness, one behind the other.
    transactions: Vec<u8>,
}

impl BlockRest {
    /// The rest of every block on this template, whose job commits to these chains.
    pub fn new(template: &Template, works: &[AuxWork]) -> Self {
        let transactions = &template.transactions;
        let mut aux = AuxRound::default();
        if !works.is_empty() {
            let txids: Vec<Hash256> = transactions.iter().map(|one| one.txid).collect();
            aux = AuxRound { works: works.to_vec(), merkle_branch: branch_of_coinbase(&txids) };
        }
        Self {
            has_witness: template.witness_commitment.is_some(),
            transaction_count: u32::try_from(transactions.len()).expect("bounded by the template"),
            aux,
            transactions: transactions
                .iter()
                .map(|one| &one.bytes[..])
                .collect::<Vec<_>>()
                .concat(),
        }
    }

    /// What the job commits to of other chains.
    pub const fn aux(&self) -> &AuxRound {
        &self.aux
    }

    /// Transactions of a block, its coinbase among them.
    pub const fn transactions(&self) -> u32 {
        self.transaction_count + 1
    }

    /// The file form: witness flag (1 byte), transaction count (4, little-endian), length of what is said of
    /// other chains (4, little-endian), that, transactions.
    pub fn encode(&self) -> Vec<u8> {
        let aux = self.aux.encode();
        let mut bytes = Vec::with_capacity(9 + aux.len() + self.transactions.len());
        bytes.push(u8::from(self.has_witness));
        bytes.extend(self.transaction_count.to_le_bytes());
        bytes.extend(u32::try_from(aux.len()).expect("chains are bounded").to_le_bytes());
        bytes.extend(aux);
        bytes.extend_from_slice(&self.transactions);
        bytes
    }

    /// Reads what [`BlockRest::encode`] writes; `None` where a byte of its front is wrong.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (front, rest) = bytes.split_first_chunk::<9>()?;
        let [flag, numbers @ ..] = *front;
        let number =
            |at: usize| u32::from_le_bytes(numbers[at..at + 4].try_into().expect("4 of 8 bytes"));
        let (aux, transactions) = rest.split_at_checked(number(4) as usize)?;
        Some(Self {
            has_witness: match flag {
                0 => false,
                1 => true,
                _ => return None,
            },
            transaction_count: number(0),
            aux: AuxRound::decode(aux)?,
            transactions: transactions.to_vec(),
        })
    }

    /// The whole block, as `submitblock` takes it (BIP 22); `None` where the coinbase does not parse.
    ///
    /// Where the template commits to witnesses the coinbase gets the reserved value of BIP 141, so
    /// that the bytes are valid for peers as well as for the node.
    pub fn block_bytes(&self, found: &FoundBlock) -> Option<Vec<u8>> {
        let mut coinbase: Transaction = deserialize(&found.coinbase).ok()?;
        if self.has_witness {
            coinbase.input.first_mut()?.witness = Witness::from_slice(&[[0_u8; 32]]);
        }
        let mut block = found.header.to_vec();
        block.extend(serialize(&VarInt::from(1 + u64::from(self.transaction_count))));
        block.extend(serialize(&coinbase));
        block.extend_from_slice(&self.transactions);
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bitcoin::absolute::LockTime;
    use bitcoin::{Block, ScriptBuf};
    use sluice_sha256d::merkle_root;
    use sluice_units::{Extranonce1, Extranonce2, Header, Target};

    use super::*;
    use crate::coinbase::Tag;
    use crate::merged::{AuxKind, AuxPow, AuxSubmission};
    use crate::payout::Payouts;
    use crate::template::tests::fields;
    use crate::template::{TemplateFields, TemplateTransaction};

    fn plan() -> CoinbasePlan {
        let payouts = Payouts::all_to(ScriptBuf::from_bytes(vec![0x51]));
        CoinbasePlan { tag: Tag::new("/sluice/", false).unwrap(), payouts }
    }

    #[test]
    fn jobs_of_one_template_are_different_work() {
        let template = Template::new(&fields()).unwrap();
        let coinbases: BTreeSet<Vec<u8>> = (0..1000)
            .map(|number| {
                let (id, kind) = (JobId::new(1, 1_700_000_000, number), JobKind::Refresh);
                let job = job(&template, id, kind, &plan(), &[]).unwrap();
                let other = self::job(&template, JobId::from_u64(0), kind, &plan(), &[]).unwrap();
                assert_eq!(renewed(&other, id, kind), job);
                job.coinbase(Extranonce1::new(1, 2, 3), Extranonce2([4; 8]))
            })
            .collect();
        assert_eq!(coinbases.len(), 1000);
        for bytes in coinbases {
            let coinbase: Transaction = deserialize(&bytes).unwrap();
            assert!(coinbase.is_coinbase() && coinbase.lock_time == LockTime::ZERO);
            assert_eq!(coinbase.output.len(), 1);
        }
    }

    #[test]
    fn a_job_and_its_block_agree() {
        let rules = ["segwit".to_owned()];
        let mut template = Template::new(&TemplateFields { rules: &rules, ..fields() }).unwrap();
        template.transactions = (0..5)
            .map(|lock_time| {
                let transaction = Transaction {
                    version: bitcoin::transaction::Version::TWO,
                    lock_time: LockTime::from_consensus(lock_time),
                    input: vec![bitcoin::TxIn::default()],
                    output: Vec::new(),
                };
                let bytes = serialize(&transaction);
                TemplateTransaction { txid: sha256d(&bytes), bytes }
            })
            .collect();
        let work = AuxWork {
            chain: "nmc".parse().unwrap(),
            kind: AuxKind::AuxPow { chain_id: 1 },
            hash: Hash256::from_bytes([5; 32]),
            target: Target::MAX,
        };
        let aux = [work.clone()];
        let id = JobId::from_u64(1);
        let job = job(&template, id, JobKind::Clean, &plan(), &aux).unwrap();
        assert_eq!(job.aux_target, Some(Target::MAX));
        let coinbase = job.coinbase(Extranonce1::new(1, 2, 3), Extranonce2([4; 8]));
        let header = Header {
            version: job.version,
            parent: job.parent,
            merkle_root: merkle_root(sha256d(&coinbase), &job.merkle_branch),
            ntime: job.ntime,
            nbits: job.nbits,
            nonce: 5,
        }
        .to_bytes();
        let found = FoundBlock {
            job: job.id,
            height: job.height,
            hash: sha256d(&header),
            header,
            coinbase,
            finder: "alice".parse().unwrap(),
        };
        let rest = BlockRest::new(&template, &aux);
        let submission = rest.aux().submission(&work, &found, rest.transactions()).unwrap();
        let AuxSubmission::AuxPow { hash, proof } = submission else {
            panic!("the chain takes a proof");
        };
        AuxPow::decode(&proof).unwrap().check(hash, 1).unwrap();
        let bytes = rest.block_bytes(&found).unwrap();
        let block: Block = deserialize(&bytes).unwrap();
        assert_eq!(block.txdata.len(), 6);
        assert!(block.check_merkle_root());
        assert_eq!(block.bip34_block_height(), Ok(u64::from(job.height)));
        assert_eq!(block.txdata[0].input[0].witness.len(), 1);
        assert_eq!(rest.block_bytes(&FoundBlock { coinbase: vec![1], ..found }), None);

        assert_eq!(BlockRest::decode(&rest.encode()), Some(rest));
        assert_eq!(BlockRest::decode(&[1, 0, 0, 0, 0, 2, 0, 0, 0, 0]), None);
        assert_eq!(BlockRest::decode(&[2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0]), None);
    }
}
