//! Known answers of SHA-256 for every kernel and every count of lanes, and that they would catch a
//! wrong constant.

use super::library::Library;
use super::portable::Portable;
use super::{LaneKernel, Lanes, Messages};
use crate::blocks::{BEHIND_DIGEST, ConstantBlock, END_MARK, HalfBlock};
use crate::constants::{INITIAL_STATE, words_of};

/// NIST's example of one block, "abc", padded.
const ONE_BLOCK: [u32; 16] = [0x6162_6380, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24];
const ONE_BLOCK_DIGEST: [u32; 8] = [
    0xba78_16bf,
    0x8f01_cfea,
    0x4141_40de,
    0x5dae_2223,
    0xb003_61a3,
    0x9617_7a9c,
    0xb410_ff61,
    0xf200_15ad,
];
/// NIST's example of two blocks, whose second holds nothing but padding: 448 bits.
const TWO_BLOCKS: &[u8; 56] = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
const TWO_BLOCKS_DIGEST: [u32; 8] = [
    0x248d_6a61,
    0xd206_38b8,
    0xe5c0_2693,
    0x0c3e_6039,
    0xa33c_e459,
    0x64ff_2167,
    0xf6ec_edd4,
    0x19db_06c1,
];

fn first_of_two() -> [u32; 16] {
    let mut words = [0; 16];
    words[..14].copy_from_slice(&words_of::<14>(TWO_BLOCKS));
    words[14] = END_MARK;
    words
}

fn second_of_two() -> ConstantBlock {
    let mut words = [0; 16];
    words[15] = 448;
    ConstantBlock::new(words)
}

/// A state in the standard's order.
fn standard<K: LaneKernel<LANES>, const LANES: usize>(state: [u32; 8]) -> [u32; 8] {
    let places = K::arranged([0, 1, 2, 3, 4, 5, 6, 7]);
    let mut words = [0; 8];
    for (word, place) in state.into_iter().zip(places) {
        words[place as usize] = word;
    }
    words
}

fn known_answers<K: LaneKernel<LANES>, const LANES: usize>(kernel: K) {
    let start = Lanes([K::arranged(INITIAL_STATE); LANES]);
    let mut states = start;
    kernel.compress(&mut states, &Messages([ONE_BLOCK; LANES]));
    let found = states.0.map(standard::<K, LANES>);
    assert_eq!(found, [ONE_BLOCK_DIGEST; LANES], "one block in {LANES} lanes");

    let mut states = start;
    kernel.compress_constant(&mut states, &ConstantBlock::new(ONE_BLOCK));
    let found = states.0.map(standard::<K, LANES>);
    assert_eq!(found, [ONE_BLOCK_DIGEST; LANES], "a constant block in {LANES} lanes");

    let mut states = start;
    kernel.compress(&mut states, &Messages([first_of_two(); LANES]));
    kernel.compress_constant(&mut states, &second_of_two());
    let found = states.0.map(standard::<K, LANES>);
    assert_eq!(found, [TWO_BLOCKS_DIGEST; LANES], "two blocks in {LANES} lanes");

    // The digest of "abc" by NIST's example, hashed once more.
    let mut states = Lanes([K::arranged(ONE_BLOCK_DIGEST); LANES]);
    kernel.hash_digests(&mut states);
    let twice = words_of(
        &sluice_units::hex::decode(
            "4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358",
        )
        .unwrap(),
    );
    assert_eq!(states.0, [twice; LANES], "a digest in {LANES} lanes");
}

/// Each lane has a message of its own: none may see its neighbour's.
fn lanes_are_apart<K: LaneKernel<LANES>, const LANES: usize>(kernel: K) {
    let messages: [[u32; 16]; LANES] = core::array::from_fn(|lane| {
        core::array::from_fn(|index| (lane * 16 + index) as u32 * 0x0101_0107)
    });
    let siblings: Vec<_> = (0..3).map(|number| HalfBlock::new([number * 77 + 5; 8])).collect();
    let mut states = Lanes([K::arranged(INITIAL_STATE); LANES]);
    kernel.compress(&mut states, &Messages(messages));
    kernel.hash_digests(&mut states);
    kernel.fold(&mut states, &siblings);
    for (lane, message) in messages.into_iter().enumerate() {
        let mut alone = Lanes([INITIAL_STATE]);
        Portable.compress(&mut alone, &Messages([message]));
        Portable.hash_digests(&mut alone);
        Portable.fold(&mut alone, &siblings);
        assert_eq!(states.0[lane], alone.0[0], "lane {lane} of {LANES}");
    }
}

fn check<K: LaneKernel<LANES>, const LANES: usize>(kernel: K) {
    known_answers(kernel);
    lanes_are_apart(kernel);
}

#[test]
fn kernels_of_every_processor() {
    check::<_, 1>(Portable);
    check::<_, 5>(Portable);
    check::<_, 1>(Library);
    check::<_, 3>(Library);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn kernels_of_this_processor() {
    if let Some(kernel) = super::avx2::Avx2::detect() {
        check(kernel);
    }
    if let Some(kernel) = super::sha_ni::ShaNi::detect() {
        check::<_, 1>(kernel);
        check::<_, 2>(kernel);
        check::<_, 3>(kernel);
        check::<_, 4>(kernel);
        check::<_, 7>(kernel);
    }
    if let Some(kernel) = super::assembly::Assembly::detect() {
        check::<_, 1>(kernel);
        check::<_, 2>(kernel);
        check::<_, 3>(kernel);
        check::<_, 4>(kernel);
    }
}

/// A kernel with one wrong constant: the portable one, told of a block with one word changed.
#[derive(Clone, Copy)]
struct Wrong {
    round: usize,
    bit: u32,
}

impl LaneKernel<1> for Wrong {
    fn compress(self, states: &mut Lanes<1>, messages: &Messages<1>) {
        self.compress_constant(states, &ConstantBlock::new(messages.0[0]));
    }

    fn compress_constant(self, states: &mut Lanes<1>, block: &ConstantBlock) {
        let mut wrong = block.clone();
        wrong.keyed[self.round] ^= 1 << self.bit;
        Portable.compress_constant(states, &wrong);
    }

    fn hash_digests(self, states: &mut Lanes<1>) {
        let mut message = [0; 16];
        message[..8].copy_from_slice(&states.0[0]);
        message[8..].copy_from_slice(&BEHIND_DIGEST.words);
        *states = Lanes([INITIAL_STATE]);
        self.compress(states, &Messages([message]));
    }

    fn fold(self, digests: &mut Lanes<1>, siblings: &[HalfBlock]) {
        Portable.fold(digests, siblings);
    }
}

#[test]
fn one_wrong_bit_of_one_constant_is_caught() {
    for round in 0..64 {
        let bit = (round * 7 % 32) as u32;
        let caught = std::panic::catch_unwind(|| known_answers(Wrong { round, bit }));
        assert!(caught.is_err(), "bit {bit} of K({round})");
    }
}
