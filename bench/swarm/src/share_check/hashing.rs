//! A share's hash, by every kernel and by the libraries that pools call: a coinbase of 250 bytes and
//! twelve branches.

use std::hint::black_box;

use bitcoin_hashes::sha256d as rival_sha256d;
use sha2::{Digest, Sha256};
use sluice_sha256d::{JobHasher, Kernel, ShareInput};
use sluice_units::{CompactTarget, Hash256, Header};

use super::sampling::{Case, Sampled, sample};
use crate::child::Interruption;
use crate::error::BenchError;

/// The libraries, called the way pools call them: every byte hashed for every share.
pub(super) const RIVALS: [&str; 2] = ["library bitcoin_hashes", "library sha2"];

const PREFIX_BYTES: usize = 110;
const EXTRANONCE_BYTES: usize = 16;
const SUFFIX_BYTES: usize = 124;
const BRANCHES: u8 = 12;
/// Shares of one call, as of one turn of a busy shard.
const SHARES: usize = 8;

struct Job {
    prefix: Vec<u8>,
    suffix: Vec<u8>,
    branch: Vec<Hash256>,
    header: Header,
}

impl Job {
    fn new() -> Self {
        let header = Header {
            version: 0x2000_0000,
            parent: Hash256::from_bytes([7; 32]),
            merkle_root: Hash256::ZERO,
            ntime: 1_700_000_000,
            nbits: CompactTarget::from_bits(0x1703_4219),
            nonce: 0,
        };
        Self {
            prefix: (0..PREFIX_BYTES).map(|index| index as u8).collect(),
            suffix: (0..SUFFIX_BYTES).map(|index| !index as u8).collect(),
            branch: (0..BRANCHES).map(|number| Hash256::from_bytes([number; 32])).collect(),
            header,
        }
    }

    /// The share's hash by a function that hashes bytes.
    fn hash_by(
        &self,
        share: &ShareInput,
        bytes: &mut Vec<u8>,
        hash: fn(&[u8]) -> [u8; 32],
    ) -> [u8; 32] {
        bytes.clear();
        bytes.extend_from_slice(&self.prefix);
        bytes.extend_from_slice(&share.extranonce);
        bytes.extend_from_slice(&self.suffix);
        let mut root = hash(bytes);
        let mut pair = [0; 64];
        for sibling in &self.branch {
            pair[..32].copy_from_slice(&root);
            pair[32..].copy_from_slice(sibling.as_bytes());
            root = hash(&pair);
        }
        let ShareInput { version, ntime, nonce, .. } = *share;
        let merkle_root = Hash256::from_bytes(root);
        hash(&Header { version, merkle_root, ntime, nonce, ..self.header }.to_bytes())
    }
}

fn shares() -> [ShareInput; SHARES] {
    core::array::from_fn(|number| ShareInput {
        extranonce: [number as u8; EXTRANONCE_BYTES],
        version: 0x2000_0000 | (number as u32) << 13,
        ntime: 1_700_000_000,
        nonce: 0x0123_4567 * number as u32,
    })
}

fn by_bitcoin_hashes(bytes: &[u8]) -> [u8; 32] {
    rival_sha256d::Hash::hash(bytes).to_byte_array()
}

fn by_sha2(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// What a kernel's instructions take where none waits for another.
pub(super) fn bound_of(kernel: &str) -> String {
    format!("{BOUND}{kernel}")
}

/// How the names of bounds begin.
pub(super) const BOUND: &str = "instruction mix of ";

/// All kernels of this processor with their bounds, and both libraries. They agree, or the run fails.
pub(super) fn measure(
    seconds: f64,
    interruption: &Interruption,
) -> Result<Vec<Sampled>, BenchError> {
    let (job, shares) = (Job::new(), shares());
    let coinbase = [&job.prefix[..], &job.suffix];
    let hasher = JobHasher::new(coinbase, EXTRANONCE_BYTES, &job.branch, &job.header);
    let expected =
        shares.map(|share| Hash256::from_bytes(job.hash_by(&share, &mut Vec::new(), by_sha2)));
    let mut cases = Vec::new();
    for kernel in Kernel::available() {
        let mut hashes = [Hash256::ZERO; SHARES];
        hasher.hash(kernel, &shares, &mut hashes);
        if hashes != expected {
            return Err(BenchError::Check(format!("the kernel {kernel} is wrong")));
        }
        let (hasher, shares) = (&hasher, &shares);
        cases.push(Case::new(kernel.name(), move || {
            hasher.hash(kernel, black_box(shares), &mut hashes);
            black_box(&hashes);
            SHARES as u64
        }));
        if kernel.run_instruction_mix(hasher) {
            cases.push(Case::new(bound_of(kernel.name()), move || {
                black_box(kernel.run_instruction_mix(black_box(hasher)));
                kernel.lanes() as u64
            }));
        }
    }
    for (name, hash) in
        RIVALS.into_iter().zip([by_bitcoin_hashes as fn(&[u8]) -> [u8; 32], by_sha2])
    {
        let (job, shares) = (&job, &shares);
        let mut bytes = Vec::new();
        cases.push(Case::new(name, move || {
            for share in black_box(shares) {
                black_box(job.hash_by(share, &mut bytes, hash));
            }
            SHARES as u64
        }));
    }
    sample(&mut cases, seconds, interruption)
}
