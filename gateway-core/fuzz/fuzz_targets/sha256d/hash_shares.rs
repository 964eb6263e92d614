//! A job of any shape, and shares: every kernel finds the hashes that the portable one finds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_sha256d::{EXTRANONCE_BYTES_MAX, JobHasher, Kernel, ShareInput};
use sluice_units::{CompactTarget, Hash256, Header};

type Parts = (Vec<u8>, Vec<u8>, u8, Vec<[u8; 32]>, Vec<([u8; 16], u32, u32, u32)>);

fuzz_target!(|parts: Parts| {
    let (prefix, suffix, extranonce_bytes, branch, shares) = parts;
    let extranonce_bytes = usize::from(extranonce_bytes) % EXTRANONCE_BYTES_MAX + 1;
    let header = Header {
        version: 0,
        parent: branch.first().map_or(Hash256::ZERO, |bytes| Hash256::from_bytes(*bytes)),
        merkle_root: Hash256::ZERO,
        ntime: 0,
        nbits: CompactTarget::from_bits(0x1d00_ffff),
        nonce: 0,
    };
    let branch: Vec<_> = branch.into_iter().map(Hash256::from_bytes).collect();
    let hasher = JobHasher::new([&prefix, &suffix], extranonce_bytes, &branch, &header);
    let shares: Vec<_> = shares
        .into_iter()
        .map(|(extranonce, version, ntime, nonce)| ShareInput { extranonce, version, ntime, nonce })
        .collect();
    let hashes = |kernel| {
        let mut hashes = vec![Hash256::ZERO; shares.len()];
        hasher.hash(kernel, &shares, &mut hashes);
        hashes
    };
    let expected = hashes(Kernel::PORTABLE);
    for kernel in Kernel::available() {
        assert_eq!(hashes(kernel), expected, "{kernel}");
    }
});
