//! Every kernel that this processor can run, against vectors and against `bitcoin_hashes`.

use bitcoin_hashes::sha256d;
use proptest::prelude::*;
use sluice_sha256d::{EXTRANONCE_BYTES_MAX, JobHasher, Kernel, ShareInput};
use sluice_units::{CompactTarget, Hash256, Header, hex};

const NO_HASH: Hash256 = Hash256::from_bytes([0; 32]);

fn oracle(bytes: &[u8]) -> [u8; 32] {
    sha256d::Hash::hash(bytes).to_byte_array()
}

/// What a job is made of.
#[derive(Clone, Debug)]
struct Parts {
    prefix: Vec<u8>,
    suffix: Vec<u8>,
    extranonce_bytes: usize,
    branch: Vec<[u8; 32]>,
    parent: [u8; 32],
    nbits: u32,
}

impl Parts {
    fn header(&self) -> Header {
        Header {
            version: 0,
            parent: Hash256::from_bytes(self.parent),
            merkle_root: NO_HASH,
            ntime: 0,
            nbits: CompactTarget::from_bits(self.nbits),
            nonce: 0,
        }
    }

    fn hasher(&self) -> JobHasher {
        let branch: Vec<_> = self.branch.iter().copied().map(Hash256::from_bytes).collect();
        let coinbase = [&self.prefix[..], &self.suffix];
        JobHasher::new(coinbase, self.extranonce_bytes, &branch, &self.header())
    }

    /// A share's hash, with nothing computed ahead.
    fn expected(&self, share: &ShareInput) -> Hash256 {
        let extranonce = &share.extranonce[..self.extranonce_bytes];
        let mut root = oracle(&[&self.prefix[..], extranonce, &self.suffix].concat());
        for sibling in &self.branch {
            root = oracle(&[root, *sibling].concat());
        }
        let header = Header {
            version: share.version,
            merkle_root: Hash256::from_bytes(root),
            ntime: share.ntime,
            nonce: share.nonce,
            ..self.header()
        };
        Hash256::from_bytes(oracle(&header.to_bytes()))
    }
}

fn check(parts: &Parts, shares: &[ShareInput]) {
    let hasher = parts.hasher();
    let expected: Vec<_> = shares.iter().map(|share| parts.expected(share)).collect();
    for kernel in Kernel::available() {
        let mut hashes = vec![NO_HASH; shares.len()];
        hasher.hash(kernel, shares, &mut hashes);
        assert_eq!(hashes, expected, "{kernel}, {} shares", shares.len());
    }
}

fn share(number: u8) -> ShareInput {
    ShareInput {
        extranonce: core::array::from_fn(|index| number.wrapping_mul(31) ^ index as u8),
        version: 0x2000_0000 | u32::from(number) << 13,
        ntime: 1_700_000_000 + u32::from(number),
        nonce: u32::from(number).wrapping_mul(0x9e37_79b9),
    }
}

fn parts(prefix_bytes: usize, suffix_bytes: usize, extranonce_bytes: usize, branches: u8) -> Parts {
    Parts {
        prefix: (0..prefix_bytes).map(|index| index as u8 ^ 0x5a).collect(),
        suffix: (0..suffix_bytes).map(|index| index as u8 ^ 0xa5).collect(),
        extranonce_bytes,
        branch: (0..branches).map(|number| [number; 32]).collect(),
        parent: core::array::from_fn(|index| index as u8),
        nbits: 0x1703_4219,
    }
}

/// Every place of the extranonce in its block, across edges too, and every end of the message in its own.
#[test]
fn every_shape_of_a_coinbase() {
    let shares: Vec<_> = (0..3).map(share).collect();
    for prefix_bytes in 0..130 {
        check(&parts(prefix_bytes, 41, 16, 1), &shares);
        check(&parts(prefix_bytes, 0, 4, 0), &shares);
        check(&parts(57, prefix_bytes, 8, 1), &shares);
    }
}

#[test]
fn every_count_of_lanes() {
    for count in 0..=25 {
        let shares: Vec<_> = (0..count).map(share).collect();
        check(&parts(110, 124, 16, 12), &shares);
    }
}

/// The first block's coinbase, taken for a job with an extranonce in it.
#[test]
fn the_genesis_block() {
    let coinbase = hex::decode(
        "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff00\
         1d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b20\
         6f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afd\
         b0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c\
         384df7ba0b8d578a4c702b6bf11d5fac00000000",
    )
    .unwrap();
    // Four of its bytes stand in for an extranonce.
    let parts = Parts {
        prefix: coinbase[..50].to_vec(),
        suffix: coinbase[54..].to_vec(),
        extranonce_bytes: 4,
        branch: Vec::new(),
        parent: [0; 32],
        nbits: 0x1d00_ffff,
    };
    let mut extranonce = [0xee; EXTRANONCE_BYTES_MAX];
    extranonce[..4].copy_from_slice(&coinbase[50..54]);
    let genesis = ShareInput { extranonce, version: 1, ntime: 1_231_006_505, nonce: 2_083_236_893 };
    for kernel in Kernel::available() {
        for count in 1..=9 {
            let mut hashes = vec![NO_HASH; count];
            parts.hasher().hash(kernel, &vec![genesis; count], &mut hashes);
            for hash in hashes {
                assert_eq!(
                    hash.to_string(),
                    "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
                    "{kernel}"
                );
            }
        }
    }
}

#[test]
fn kernels_are_found_by_their_names() {
    let available = Kernel::available();
    assert!(available.len() >= 2, "two run everywhere: {available:?}");
    for kernel in &available {
        assert_eq!(Kernel::named(kernel.name()), Ok(*kernel));
        assert!(kernel.lanes() >= 1);
    }
    let text = Kernel::named("quantum").unwrap_err().to_string();
    assert!(text.contains("quantum") && text.contains("portable, sha2"), "{text}");
}

#[test]
fn a_trial_takes_its_time_and_chooses_a_kernel_of_this_processor() {
    let (mut now_ns, mut reads) = (0, 0);
    let chosen = Kernel::fastest(|| {
        reads += 1;
        now_ns += 100_000;
        now_ns
    });
    assert_ne!(chosen, Kernel::PORTABLE, "the oracle is for tests");
    assert!(Kernel::available().contains(&chosen));
    // Of each kernel: when the trial began, one look before its end, and its end.
    assert_eq!(reads, 3 * (Kernel::available().len() - 1));
}

#[test]
fn what_is_written_by_the_instruction_has_a_bound() {
    for shape in [parts(0, 0, 4, 0), parts(110, 124, 16, 12)] {
        for kernel in Kernel::available() {
            let is_written = ["avx2", "sha-ni-assembly"].contains(&kernel.name());
            assert_eq!(kernel.run_instruction_mix(&shape.hasher()), is_written, "{kernel}");
        }
    }
}

fn any_share() -> impl Strategy<Value = ShareInput> {
    any::<([u8; EXTRANONCE_BYTES_MAX], u32, u32, u32)>().prop_map(
        |(extranonce, version, ntime, nonce)| ShareInput { extranonce, version, ntime, nonce },
    )
}

prop_compose! {
    fn any_parts()(
        prefix in proptest::collection::vec(any::<u8>(), 0..=200),
        suffix in proptest::collection::vec(any::<u8>(), 0..=200),
        extranonce_bytes in 4..=EXTRANONCE_BYTES_MAX,
        branch in proptest::collection::vec(any::<[u8; 32]>(), 0..=16),
        parent in any::<[u8; 32]>(),
        nbits in any::<u32>(),
    ) -> Parts {
        Parts { prefix, suffix, extranonce_bytes, branch, parent, nbits }
    }
}

proptest! {
    #[test]
    fn every_kernel_is_the_oracle(parts in any_parts(), shares in proptest::collection::vec(any_share(), 1..=18)) {
        check(&parts, &shares);
    }
}
