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

/// Words that an extranonce may touch: it may begin within one.
const EXTRANONCE_WORDS_MAX: usize = EXTRANONCE_BYTES_MAX / 4 + 1;

/// Blocks that a share's extranonce may touch: it lies in one, or across the edge of two.
const VARYING_BLOCKS_MAX: usize = 2;

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

/// Blocks that are compressed for a share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockCounts {
    /// All of whose words are the share's own.
    pub(crate) own: u64,
    /// None of whose words are.
    pub(crate) constant: u64,
    /// The first half of whose words are.
    pub(crate) half: u64,
}

/// A job, prepared: some 3 KiB for twelve branches.
#[derive(Clone, Debug)]
pub struct JobHasher {
    /// The state after the blocks in front of the extranonce.
    midstate: [u32; 8],
    /// The one or two blocks that hold the extranonce, zeros in its place.
    varying: [[u32; 16]; VARYING_BLOCKS_MAX],
    varying_blocks: usize,
    /// The blocks and words that it touches, and bits of the first word in front of it.
    extranonce_places: [[usize; 2]; EXTRANONCE_WORDS_MAX],
    extranonce_shift: u32,
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
        let (blocks, _) = message[varying_start..varying_end].as_chunks::<BLOCK_BYTES>();
        let mut varying = [[0; 16]; VARYING_BLOCKS_MAX];
        for (words, block) in varying.iter_mut().zip(blocks) {
            *words = words_of(block);
        }
        let mut extranonce_mask = [0; EXTRANONCE_BYTES_MAX];
        extranonce_mask[..extranonce_bytes].fill(0xff);
        let (tail, _) = message[varying_end..].as_chunks::<BLOCK_BYTES>();
        let header_bytes = header.to_bytes();
        Self {
            midstate: Midstate::of_front(prefix).state,
            varying,
            varying_blocks: blocks.len(),
            extranonce_places: core::array::from_fn(|index| {
                let word = (prefix.len() - varying_start) / 4 + index;
                [word / 16, word % 16]
            }),
            extranonce_shift: 8 * (prefix.len() as u32 % 4),
            extranonce_mask: u128::from_be_bytes(extranonce_mask),
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

    /// The blocks of one share.
    pub(crate) const fn blocks(&self) -> BlockCounts {
        let (tail, branches) = (self.tail.len() as u64, self.siblings.len() as u64);
        BlockCounts {
            // And the two of the header.
            own: self.varying_blocks as u64 + 2,
            constant: tail + branches,
            // The second hashes of coinbase and header; on each branch a sibling and a second hash.
            half: 2 + 2 * branches,
        }
    }

    /// The hashes of a full group, as many of them as there are places.
    pub(crate) fn hash_group<K: LaneKernel<LANES>, const LANES: usize>(
        &self,
        kernel: K,
        shares: &[ShareInput; LANES],
        hashes: &mut [Hash256],
    ) {
        // All but the root is written before the coinbase is hashed: a processor waits for what is read as a whole
        // right after it was written in parts.
        let mut headers = [const { Messages([[0; 16]; LANES]) }; 2];
        for (lane, ShareInput { version, ntime, nonce, .. }) in shares.iter().enumerate() {
            let [first, second] = headers.each_mut().map(|messages| &mut messages.0[lane]);
            first[0] = version.swap_bytes();
            first[1..9].copy_from_slice(&self.parent);
            second[1..5].copy_from_slice(&[
                ntime.swap_bytes(),
                self.nbits,
                nonce.swap_bytes(),
                END_MARK,
            ]);
            second[15] = HEADER_BITS;
        }
        let mut states = Lanes([[0; 8]; LANES]);
        self.merkle_roots(kernel, shares, &mut states);
        for (lane, root) in states.0.iter().enumerate() {
            headers[0].0[lane][9..].copy_from_slice(&root[..7]);
            headers[1].0[lane][0] = root[7];
        }
        states.0 = [K::arranged(INITIAL_STATE); LANES];
        for messages in &headers {
            kernel.compress(&mut states, messages);
        }
        kernel.hash_digests(&mut states);
        for (hash, words) in hashes.iter_mut().zip(&states.0) {
            *hash = Hash256::from_bytes(bytes_of(words));
        }
    }

    /// A share's extranonce, moved to where it begins within a word.
    fn extranonce_words(&self, share: &ShareInput) -> [u32; EXTRANONCE_WORDS_MAX] {
        let extranonce = u128::from_be_bytes(share.extranonce) & self.extranonce_mask;
        let first = extranonce >> self.extranonce_shift;
        // Without a shift nothing is left over for a fifth word.
        let fifth = ((extranonce as u32) << 1) << (31 - self.extranonce_shift);
        [(first >> 96) as u32, (first >> 64) as u32, (first >> 32) as u32, first as u32, fifth]
    }

    fn merkle_roots<K: LaneKernel<LANES>, const LANES: usize>(
        &self,
        kernel: K,
        shares: &[ShareInput; LANES],
        states: &mut Lanes<LANES>,
    ) {
        states.0 = [K::arranged(self.midstate); LANES];
        for (index, words) in self.varying[..self.varying_blocks].iter().enumerate() {
            let mut messages = Messages([*words; LANES]);
            for (message, share) in messages.0.iter_mut().zip(shares) {
                let extranonce = self.extranonce_words(share);
                for ([block, place], word) in self.extranonce_places.into_iter().zip(extranonce) {
                    if block == index {
                        message[place] |= word;
                    }
                }
            }
            kernel.compress(states, &messages);
        }
        for block in &self.tail {
            kernel.compress_constant(states, block);
        }
        kernel.hash_digests(states);
        kernel.fold(states, &self.siblings);
    }
}

/// Bits of a header, behind its end mark.
const HEADER_BITS: u32 = 640;
