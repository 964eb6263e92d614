//! Eight messages in the lanes of 256-bit registers: for processors with AVX2 and no SHA instructions.
#![allow(unsafe_code, reason = "loads, stores, and calls that need a processor with AVX2")]

use core::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_loadu_si256, _mm256_permute2x128_si256,
    _mm256_set1_epi32, _mm256_slli_epi32, _mm256_srli_epi32, _mm256_storeu_si256,
    _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
    _mm256_xor_si256,
};

use super::{LaneKernel, Lanes, Messages};
use crate::blocks::{BEHIND_DIGEST, BEHIND_PAIR, ConstantBlock, HalfBlock};
use crate::constants::{INITIAL_STATE, ROUND_CONSTANTS};

/// Lanes of a register.
pub(crate) const LANES: usize = 8;

/// One word of each lane.
type Words = __m256i;
/// The working variables A to H.
type State = [Words; 8];

/// K in sixteens, as many as the schedule has words at a time.
const CONSTANTS: &[[u32; 16]; 4] = ROUND_CONSTANTS.as_chunks().0.as_array().expect("64 constants");

/// A processor with AVX2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// The kernel, where this processor can run it.
    pub(crate) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

impl LaneKernel<LANES> for Avx2 {
    fn compress(self, states: &mut Lanes<LANES>, messages: &Messages<LANES>) {
        // SAFETY: an `Avx2` exists only where its instructions do.
        unsafe { compress(states, messages) }
    }

    fn compress_constant(self, states: &mut Lanes<LANES>, block: &ConstantBlock) {
        // SAFETY: an `Avx2` exists only where its instructions do.
        unsafe { compress_constant(states, block) }
    }

    fn hash_digests(self, states: &mut Lanes<LANES>) {
        // SAFETY: an `Avx2` exists only where its instructions do.
        unsafe { hash_digests(states) }
    }

    fn fold(self, digests: &mut Lanes<LANES>, siblings: &[HalfBlock]) {
        // SAFETY: an `Avx2` exists only where its instructions do.
        unsafe { fold(digests, siblings) }
    }
}

/// Sixteen rounds, `$keyed` giving W + K of each. A macro, since the compiler does not inline a function
/// as long as this, and a call passes all the state through memory.
macro_rules! sixteen_rounds {
    ($state:expr, $keyed:expr) => {{
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *$state;
        #[allow(unused_mut, reason = "some change their schedule")]
        let mut keyed = $keyed;
        // After eight rounds every variable is back in its place.
        round([a, b, c], &mut d, [e, f, g], &mut h, keyed(0));
        round([h, a, b], &mut c, [d, e, f], &mut g, keyed(1));
        round([g, h, a], &mut b, [c, d, e], &mut f, keyed(2));
        round([f, g, h], &mut a, [b, c, d], &mut e, keyed(3));
        round([e, f, g], &mut h, [a, b, c], &mut d, keyed(4));
        round([d, e, f], &mut g, [h, a, b], &mut c, keyed(5));
        round([c, d, e], &mut f, [g, h, a], &mut b, keyed(6));
        round([b, c, d], &mut e, [f, g, h], &mut a, keyed(7));
        round([a, b, c], &mut d, [e, f, g], &mut h, keyed(8));
        round([h, a, b], &mut c, [d, e, f], &mut g, keyed(9));
        round([g, h, a], &mut b, [c, d, e], &mut f, keyed(10));
        round([f, g, h], &mut a, [b, c, d], &mut e, keyed(11));
        round([e, f, g], &mut h, [a, b, c], &mut d, keyed(12));
        round([d, e, f], &mut g, [h, a, b], &mut c, keyed(13));
        round([c, d, e], &mut f, [g, h, a], &mut b, keyed(14));
        round([b, c, d], &mut e, [f, g, h], &mut a, keyed(15));
        *$state = [a, b, c, d, e, f, g, h];
    }};
}

/// The rounds that these constants belong to; the schedule goes on in place.
macro_rules! scheduled_rounds {
    ($state:expr, $schedule:ident, $constants:expr) => {
        sixteen_rounds!($state, |index: usize| {
            $schedule[index] = next_word(&$schedule, index);
            _mm256_add_epi32($schedule[index], same($constants[index]))
        })
    };
}

#[target_feature(enable = "avx2")]
fn compress(states: &mut Lanes<LANES>, messages: &Messages<LANES>) {
    let mut state = load(states.0.each_ref());
    let half = |number: usize| messages.0.each_ref().map(|words| &words.as_chunks().0[number]);
    let mut schedule = [_mm256_set1_epi32(0); 16];
    schedule[..8].copy_from_slice(&load(half(0)));
    schedule[8..].copy_from_slice(&load(half(1)));
    let before = state;
    let [constants, second, third, fourth] = CONSTANTS;
    sixteen_rounds!(&mut state, |index: usize| {
        _mm256_add_epi32(schedule[index], same(constants[index]))
    });
    scheduled_rounds!(&mut state, schedule, second);
    scheduled_rounds!(&mut state, schedule, third);
    scheduled_rounds!(&mut state, schedule, fourth);
    add(&mut state, &before);
    store(states, state);
}

#[target_feature(enable = "avx2")]
fn compress_constant(states: &mut Lanes<LANES>, block: &ConstantBlock) {
    let mut state = load(states.0.each_ref());
    constant_block(&mut state, block);
    store(states, state);
}

#[target_feature(enable = "avx2")]
fn hash_digests(states: &mut Lanes<LANES>) {
    let digest = load(states.0.each_ref());
    store(states, hash_half(&digest, &BEHIND_DIGEST));
}

#[target_feature(enable = "avx2")]
fn fold(digests: &mut Lanes<LANES>, siblings: &[HalfBlock]) {
    let mut digest = load(digests.0.each_ref());
    for sibling in siblings {
        let mut state = hash_half(&digest, sibling);
        constant_block(&mut state, &BEHIND_PAIR);
        digest = hash_half(&state, &BEHIND_DIGEST);
    }
    store(digests, digest);
}

/// The state after one block: a digest, and the half that is the same in all lanes.
#[target_feature(enable = "avx2")]
fn hash_half(digest: &State, follows: &HalfBlock) -> State {
    let mut schedule = [_mm256_set1_epi32(0); 16];
    schedule[..8].copy_from_slice(digest);
    for (place, word) in schedule[8..].iter_mut().zip(follows.words) {
        *place = same(word);
    }
    let before = INITIAL_STATE.map(|word| same(word));
    let mut state = before;
    let [first, second, third, fourth] = CONSTANTS;
    sixteen_rounds!(&mut state, |index: usize| match index {
        0..8 => _mm256_add_epi32(schedule[index], same(first[index])),
        _ => same(follows.keyed[index - 8]),
    });
    sixteen_rounds!(&mut state, |index: usize| {
        schedule[index] = beside_constants(&schedule, follows, index);
        _mm256_add_epi32(schedule[index], same(second[index]))
    });
    scheduled_rounds!(&mut state, schedule, third);
    scheduled_rounds!(&mut state, schedule, fourth);
    add(&mut state, &before);
    state
}

/// W(16 + `index`) behind such a block: whatever comes of its constant half alone is known.
#[inline]
#[target_feature(enable = "avx2")]
fn beside_constants(schedule: &[Words; 16], follows: &HalfBlock, index: usize) -> Words {
    let oldest = schedule[index];
    let near_sum = near_sum(schedule, index);
    match index {
        0 | 1 => {
            let known = follows.nearest[index];
            _mm256_add_epi32(_mm256_add_epi32(sigma0(schedule[index + 1]), oldest), same(known))
        }
        7 => _mm256_add_epi32(_mm256_add_epi32(near_sum, same(follows.oldest)), oldest),
        8..15 => _mm256_add_epi32(near_sum, same(follows.extended[index - 8])),
        _ => next_word(schedule, index),
    }
}

#[target_feature(enable = "avx2")]
fn constant_block(state: &mut State, block: &ConstantBlock) {
    let before = *state;
    let (groups, _) = block.keyed.as_chunks::<16>();
    for keyed in groups {
        sixteen_rounds!(state, |index: usize| same(keyed[index]));
    }
    add(state, &before);
}

/// The word that takes the place of the oldest one, at `index`.
#[inline]
#[target_feature(enable = "avx2")]
fn next_word(schedule: &[Words; 16], index: usize) -> Words {
    let sum = _mm256_add_epi32(near_sum(schedule, index), sigma0(schedule[(index + 1) % 16]));
    _mm256_add_epi32(sum, schedule[index])
}

/// What the word at `index` takes from those two and seven before it.
#[inline]
#[target_feature(enable = "avx2")]
fn near_sum(schedule: &[Words; 16], index: usize) -> Words {
    _mm256_add_epi32(sigma1(schedule[(index + 14) % 16]), schedule[(index + 9) % 16])
}

/// FIPS 180-4, 6.2.2, step 3: `d` becomes the next E, `h` the next A.
#[inline]
#[target_feature(enable = "avx2")]
fn round([a, b, c]: [Words; 3], d: &mut Words, [e, f, g]: [Words; 3], h: &mut Words, keyed: Words) {
    let choice = _mm256_xor_si256(g, _mm256_and_si256(e, _mm256_xor_si256(f, g)));
    let first = _mm256_add_epi32(_mm256_add_epi32(*h, keyed), choice);
    let first = _mm256_add_epi32(first, big_sigma1(e));
    let majority =
        _mm256_xor_si256(b, _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(b, c)));
    let second = _mm256_add_epi32(big_sigma0(a), majority);
    *d = _mm256_add_epi32(*d, first);
    *h = _mm256_add_epi32(first, second);
}

#[inline]
#[target_feature(enable = "avx2")]
fn sigma0(words: Words) -> Words {
    let rotated = _mm256_xor_si256(rotate::<7, 25>(words), rotate::<18, 14>(words));
    _mm256_xor_si256(rotated, _mm256_srli_epi32::<3>(words))
}

#[inline]
#[target_feature(enable = "avx2")]
fn sigma1(words: Words) -> Words {
    let rotated = _mm256_xor_si256(rotate::<17, 15>(words), rotate::<19, 13>(words));
    _mm256_xor_si256(rotated, _mm256_srli_epi32::<10>(words))
}

#[inline]
#[target_feature(enable = "avx2")]
fn big_sigma0(words: Words) -> Words {
    let two = _mm256_xor_si256(rotate::<2, 30>(words), rotate::<13, 19>(words));
    _mm256_xor_si256(two, rotate::<22, 10>(words))
}

#[inline]
#[target_feature(enable = "avx2")]
fn big_sigma1(words: Words) -> Words {
    let two = _mm256_xor_si256(rotate::<6, 26>(words), rotate::<11, 21>(words));
    _mm256_xor_si256(two, rotate::<25, 7>(words))
}

/// A rotation to the right, by `RIGHT` bits; `LEFT` is what is left of 32.
#[inline]
#[target_feature(enable = "avx2")]
fn rotate<const RIGHT: i32, const LEFT: i32>(words: Words) -> Words {
    const { assert!(RIGHT + LEFT == 32, "a word has 32 bits") };
    _mm256_xor_si256(_mm256_srli_epi32::<RIGHT>(words), _mm256_slli_epi32::<LEFT>(words))
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(state: &mut State, before: &State) {
    for (words, added) in state.iter_mut().zip(before) {
        *words = _mm256_add_epi32(*words, *added);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn same(word: u32) -> Words {
    _mm256_set1_epi32(word.cast_signed())
}

/// A row of words a lane becomes a register a word.
#[inline]
#[target_feature(enable = "avx2")]
fn load(lanes: [&[u32; 8]; LANES]) -> State {
    transposed(lanes.map(|words| {
        // SAFETY: eight words are borrowed, and the load asks for no alignment.
        unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
    }))
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(lanes: &mut Lanes<LANES>, state: State) {
    for (words, row) in lanes.0.iter_mut().zip(transposed(state)) {
        // SAFETY: eight words are borrowed, and the store asks for no alignment.
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), row) }
    }
}

/// Rows to columns.
#[inline]
#[target_feature(enable = "avx2")]
fn transposed(rows: [Words; 8]) -> [Words; 8] {
    // Words in pairs of rows, then pairs of words in fours of rows, then halves of registers.
    let pairs: [Words; 8] = core::array::from_fn(|index| {
        let (upper, lower) = (rows[index / 2 * 2], rows[index / 2 * 2 + 1]);
        if index % 2 == 0 {
            _mm256_unpacklo_epi32(upper, lower)
        } else {
            _mm256_unpackhi_epi32(upper, lower)
        }
    });
    let fours: [Words; 8] = core::array::from_fn(|index| {
        let first = index / 4 * 4 + index % 4 / 2;
        let (upper, lower) = (pairs[first], pairs[first + 2]);
        if index % 2 == 0 {
            _mm256_unpacklo_epi64(upper, lower)
        } else {
            _mm256_unpackhi_epi64(upper, lower)
        }
    });
    core::array::from_fn(|index| {
        let (upper, lower) = (fours[index % 4], fours[index % 4 + 4]);
        if index < 4 {
            _mm256_permute2x128_si256::<0x20>(upper, lower)
        } else {
            _mm256_permute2x128_si256::<0x31>(upper, lower)
        }
    })
}
