//! The hashes of a job's shares: coinbase, merkle branch and header, with all computed once that is the
//! same for every share.

use sluice_units::{Hash256, Header};

use crate::Midstate;
use crate::blocks::{ConstantBlock, END_MARK, HalfBlock};
use crate::constants::{BLOCK_BYTES, INITIAL_STATE, bytes_of, words_of};
use crate::dispatch::Kernel;
use crate::kernel::{LaneKernel, Lanes, Messages};

/// The longest extranonce that a share can have.
pub const EXTRANONCE_BYTES_MAX: usize = 16;

/// Bytes that a share's extranonce may touch: it lies in one block, or across the edge of two.
const VARYING_BYTES_MAX: usize = 2 * BLOCK_BYTES;

/// What a miner chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ShareInput {
    /// Extranonce1 and extranonce2; bytes beyond the job's extranonce are disregarded.
    pub extranonce: [u8; EXTRANONCE_BYTES_MAX],
    /// The header's version.
    pub version: u32,
    /// The header's time.
    pub ntime: u32,
    /// The header's nonce.
    pub nonce: u32,
}

/// A job, prepared: some 3 KiB for twelve branches.
#[derive(Clone, Debug)]
pub struct JobHasher {
    /// The state after the blocks in front of the extranonce.
    midstate: [u32; 8],
    /// The one or two blocks that hold the extranonce, zeros in its place.
    varying: [u8; VARYING_BYTES_MAX],
    varying_bytes: usize,
    /// Where in them.
    extranonce_start: usize,
    /// Which bytes of a share's extranonce are used.
    extranonce_mask: u128,
    /// The blocks behind it, padding included.
    tail: Vec<ConstantBlock>,
    /// The merkle branch.
    siblings: Vec<HalfBlock>,
    /// The header's words that are the same: parent and nbits.
    parent: [u32; 8],
    nbits: u32,
}

impl JobHasher {
    /// Prepares a job of this coinbase, with an extranonce of so many bytes between its parts.
    ///
    /// # Panics
    ///
    /// Where the extranonce is empty, or longer than [`EXTRANONCE_BYTES_MAX`].
    pub fn new(
        coinbase: [&[u8]; 2],
        extranonce_bytes: usize,
        branch: &[Hash256],
        header: &Header,
    ) -> Self {
        assert!(
            (1..=EXTRANONCE_BYTES_MAX).contains(&extranonce_bytes),
            "an extranonce has 1 to {EXTRANONCE_BYTES_MAX} bytes"
        );
        let [prefix, suffix] = coinbase;
        let mut message = [prefix, &[0; EXTRANONCE_BYTES_MAX][..extranonce_bytes], suffix].concat();
        let bits = message.len() as u64 * 8;
        message.extend(END_MARK.to_be_bytes());
        // The length takes the last eight bytes of a block.
        let end_bytes = (bits as usize / 8 + 1 + 8).next_multiple_of(BLOCK_BYTES);
        message.resize(end_bytes, 0);
        message[end_bytes - 8..].copy_from_slice(&bits.to_be_bytes());

        let varying_start = prefix.len() / BLOCK_BYTES * BLOCK_BYTES;
        let varying_end = (prefix.len() + extranonce_bytes).next_multiple_of(BLOCK_BYTES);
        let mut varying = [0; VARYING_BYTES_MAX];
        let varying_bytes = varying_end - varying_start;
        varying[..varying_bytes].copy_from_slice(&message[varying_start..varying_end]);
        let mut extranonce_mask = [0; EXTRANONCE_BYTES_MAX];
        extranonce_mask[..extranonce_bytes].fill(0xff);
        let (tail, _) = message[varying_end..].as_chunks::<BLOCK_BYTES>();
        let header_bytes = header.to_bytes();
        Self {
            midstate: Midstate::of_front(prefix).state,
            varying,
            varying_bytes,
            extranonce_start: prefix.len() - varying_start,
            extranonce_mask: u128::from_ne_bytes(extranonce_mask),
            tail: tail.iter().map(|block| ConstantBlock::new(words_of(block))).collect(),
            siblings: branch.iter().map(|one| HalfBlock::new(words_of(one.as_bytes()))).collect(),
            parent: words_of(&header_bytes[4..36]),
            nbits: header.nbits.to_bits().swap_bytes(),
        }
    }

    /// The hashes of some shares' headers: several at a time cost less each.
    ///
    /// # Panics
    ///
    /// Where there is not one place a share.
    pub fn hash(&self, kernel: Kernel, shares: &[ShareInput], hashes: &mut [Hash256]) {
        assert_eq!(shares.len(), hashes.len(), "one place a share");
        kernel.hash(self, shares, hashes);
    }

    /// The hashes of a full group.
    pub(crate) fn hash_group<K: LaneKernel<LANES>, const LANES: usize>(
        &self,
        kernel: K,
        shares: &[ShareInput; LANES],
    ) -> [Hash256; LANES] {
        let roots = self.merkle_roots(kernel, shares);
        let mut states = Lanes([K::arranged(INITIAL_STATE); LANES]);
        // Version, parent, and the merkle root but for its last word.
        let first = Messages(core::array::from_fn(|lane| {
            let mut words = [0; 16];
            words[0] = shares[lane].version.swap_bytes();
            words[1..9].copy_from_slice(&self.parent);
            words[9..].copy_from_slice(&roots.0[lane][..7]);
            words
        }));
        kernel.compress(&mut states, &first);
        let second = Messages(core::array::from_fn(|lane| {
            let ShareInput { ntime, nonce, .. } = shares[lane];
            let mut words = [0; 16];
            words[..5].copy_from_slice(&[
                roots.0[lane][7],
                ntime.swap_bytes(),
                self.nbits,
                nonce.swap_bytes(),
                END_MARK,
            ]);
            words[15] = HEADER_BITS;
            words
        }));
        kernel.compress(&mut states, &second);
        kernel.hash_digests(&mut states);
        states.0.map(|words| Hash256::from_bytes(bytes_of(&words)))
    }

    fn merkle_roots<K: LaneKernel<LANES>, const LANES: usize>(
        &self,
        kernel: K,
        shares: &[ShareInput; LANES],
    ) -> Lanes<LANES> {
        let mut states = Lanes([K::arranged(self.midstate); LANES]);
        let blocks: [[u8; VARYING_BYTES_MAX]; LANES] = core::array::from_fn(|lane| {
            let mut bytes = self.varying;
            let extranonce = u128::from_ne_bytes(shares[lane].extranonce) & self.extranonce_mask;
            // The extranonce begins in the first block, so so many bytes fit behind its start.
            let place = bytes[self.extranonce_start..].first_chunk_mut().expect("two blocks");
            *place = (u128::from_ne_bytes(*place) | extranonce).to_ne_bytes();
            bytes
        });
        for start in (0..self.varying_bytes).step_by(BLOCK_BYTES) {
            let messages = Messages(core::array::from_fn(|lane| {
                words_of(&blocks[lane][start..start + BLOCK_BYTES])
            }));
            kernel.compress(&mut states, &messages);
        }
        for block in &self.tail {
            kernel.compress_constant(&mut states, block);
        }
        kernel.hash_digests(&mut states);
        kernel.fold(&mut states, &self.siblings);
        states
    }
}

/// Bits of a header, behind its end mark.
const HEADER_BITS: u32 = 640;
