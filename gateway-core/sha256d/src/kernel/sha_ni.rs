//! The SHA instructions of x86-64 through `std::arch`, several lanes side by side: one lane alone waits
//! for each instruction's result, and the others fill that time.
//!
//! The instructions keep a state as two registers, named after the working variables they hold from
//! their highest word down: `abef` and `cdgh`.
#![allow(unsafe_code, reason = "loads, stores, and calls that need a processor with SHA")]
#![allow(clippy::needless_range_loop, reason = "a lane is the same place in several arrays")]

use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi32,
    _mm_storeu_si128,
};

use super::{LaneKernel, Lanes, Messages};
use crate::blocks::{BEHIND_DIGEST, BEHIND_PAIR, ConstantBlock, HalfBlock};
use crate::constants::{INITIAL_STATE, ROUND_CONSTANTS};

/// Four words.
type Quad = __m128i;

/// A processor with SHA instructions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShaNi(());

impl ShaNi {
    /// The kernel, where this processor can run it.
    pub(crate) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("sse4.1")
            && is_x86_feature_detected!("ssse3");
        has.then_some(Self(()))
    }
}

impl<const LANES: usize> LaneKernel<LANES> for ShaNi {
    fn arranged([a, b, c, d, e, f, g, h]: [u32; 8]) -> [u32; 8] {
        [f, e, b, a, h, g, d, c]
    }

    fn compress(self, states: &mut Lanes<LANES>, messages: &Messages<LANES>) {
        // SAFETY: a `ShaNi` exists only where its instructions do.
        unsafe { compress(states, messages) }
    }

    fn compress_constant(self, states: &mut Lanes<LANES>, block: &ConstantBlock) {
        // SAFETY: a `ShaNi` exists only where its instructions do.
        unsafe { compress_constant(states, block) }
    }

    fn hash_digests(self, states: &mut Lanes<LANES>) {
        // SAFETY: a `ShaNi` exists only where its instructions do.
        unsafe { hash_digests(states) }
    }

    fn fold(self, digests: &mut Lanes<LANES>, siblings: &[HalfBlock]) {
        // SAFETY: a `ShaNi` exists only where its instructions do.
        unsafe { fold(digests, siblings) }
    }
}

/// The states of all lanes.
#[derive(Clone, Copy)]
struct Registers<const LANES: usize> {
    abef: [Quad; LANES],
    cdgh: [Quad; LANES],
}

/// The sixteen latest words of every lane's schedule: word t in quad t / 4 % 4.
type Schedule<const LANES: usize> = [[Quad; LANES]; 4];

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress<const LANES: usize>(states: &mut Lanes<LANES>, messages: &Messages<LANES>) {
    let mut state = load_states(states);
    let before = state;
    let mut schedule: Schedule<LANES> =
        core::array::from_fn(|quad| core::array::from_fn(|lane| load(&messages.0[lane], 4 * quad)));
    for (quad, words) in schedule.iter().enumerate() {
        four_rounds(&mut state, words, 4 * quad);
    }
    for first in [16, 32, 48] {
        sixteen_rounds(&mut state, &mut schedule, first);
    }
    add(&mut state, &before);
    store_states(states, &state);
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress_constant<const LANES: usize>(states: &mut Lanes<LANES>, block: &ConstantBlock) {
    let mut state = load_states(states);
    constant_block(&mut state, block);
    store_states(states, &state);
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn hash_digests<const LANES: usize>(states: &mut Lanes<LANES>) {
    let state = load_states(states);
    let [low, high] = digests(&hash_half(digests(&state), &BEHIND_DIGEST));
    store_digests(states, &low, &high);
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn fold<const LANES: usize>(lanes: &mut Lanes<LANES>, siblings: &[HalfBlock]) {
    let mut digest: [[Quad; LANES]; 2] =
        core::array::from_fn(|half| core::array::from_fn(|lane| load(&lanes.0[lane], 4 * half)));
    for sibling in siblings {
        let mut state = hash_half(digest, sibling);
        constant_block(&mut state, &BEHIND_PAIR);
        digest = digests(&hash_half(digests(&state), &BEHIND_DIGEST));
    }
    store_digests(lanes, &digest[0], &digest[1]);
}

/// The state after one block: a digest, and the half that is the same in all lanes.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn hash_half<const LANES: usize>(
    [mut low, mut high]: [[Quad; LANES]; 2],
    follows: &HalfBlock,
) -> Registers<LANES> {
    let before = initial();
    let mut state = before;
    four_rounds(&mut state, &low, 0);
    four_rounds(&mut state, &high, 4);
    constant_rounds(&mut state, &follows.keyed, 0);
    constant_rounds(&mut state, &follows.keyed, 4);
    // The schedule's first three steps meet constant words, of which `follows` knows what comes out.
    let (third, fourth) = (load(&follows.words, 0), load(&follows.words, 4));
    let (shifted, extended) = (load(&follows.shifted, 0), load(&follows.extended, 0));
    for lane in 0..LANES {
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(low[lane], high[lane]), shifted);
        low[lane] = _mm_sha256msg2_epu32(sum, fourth);
    }
    four_rounds(&mut state, &low, 16);
    for lane in 0..LANES {
        let shifted = _mm_alignr_epi8(low[lane], fourth, 4);
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(high[lane], third), shifted);
        high[lane] = _mm_sha256msg2_epu32(sum, low[lane]);
    }
    four_rounds(&mut state, &high, 20);
    let mut schedule = [low, high, [third; LANES], [fourth; LANES]];
    for lane in 0..LANES {
        let shifted = _mm_alignr_epi8(high[lane], low[lane], 4);
        schedule[2][lane] = _mm_sha256msg2_epu32(_mm_add_epi32(extended, shifted), high[lane]);
    }
    four_rounds(&mut state, &schedule[2], 24);
    next_four_rounds::<3, LANES>(&mut state, &mut schedule, 28);
    for first in [32, 48] {
        sixteen_rounds(&mut state, &mut schedule, first);
    }
    add(&mut state, &before);
    state
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn constant_block<const LANES: usize>(state: &mut Registers<LANES>, block: &ConstantBlock) {
    let before = *state;
    for first in (0..64).step_by(4) {
        constant_rounds(state, &block.keyed, first);
    }
    add(state, &before);
}

/// Rounds `first` to `first + 16`, where `first` is 16, 32 or 48.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn sixteen_rounds<const LANES: usize>(
    state: &mut Registers<LANES>,
    schedule: &mut Schedule<LANES>,
    first: usize,
) {
    next_four_rounds::<0, LANES>(state, schedule, first);
    next_four_rounds::<1, LANES>(state, schedule, first + 4);
    next_four_rounds::<2, LANES>(state, schedule, first + 8);
    next_four_rounds::<3, LANES>(state, schedule, first + 12);
}

/// Replaces the oldest four words by their successors, W(t) to W(t + 3), and runs their rounds.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn next_four_rounds<const QUAD: usize, const LANES: usize>(
    state: &mut Registers<LANES>,
    schedule: &mut Schedule<LANES>,
    t: usize,
) {
    for lane in 0..LANES {
        let [oldest, second, third, newest] =
            core::array::from_fn(|age| schedule[(QUAD + age) % 4][lane]);
        let shifted = _mm_alignr_epi8(newest, third, 4);
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(oldest, second), shifted);
        schedule[QUAD][lane] = _mm_sha256msg2_epu32(sum, newest);
    }
    four_rounds(state, &schedule[QUAD], t);
}

/// Rounds t to t + 3 with four words of each lane.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn four_rounds<const LANES: usize>(state: &mut Registers<LANES>, words: &[Quad; LANES], t: usize) {
    let constants = load(&ROUND_CONSTANTS, t);
    for lane in 0..LANES {
        let keyed = _mm_add_epi32(words[lane], constants);
        two_times_two_rounds(state, lane, keyed);
    }
}

/// Four rounds with words that all lanes share, their constants already added.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn constant_rounds<const LANES: usize>(state: &mut Registers<LANES>, keyed: &[u32], first: usize) {
    let keyed = load(keyed, first);
    for lane in 0..LANES {
        two_times_two_rounds(state, lane, keyed);
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn two_times_two_rounds<const LANES: usize>(
    state: &mut Registers<LANES>,
    lane: usize,
    keyed: Quad,
) {
    // Two rounds move A, B, E, F to where C, D, G, H were: the registers change their names.
    state.cdgh[lane] = _mm_sha256rnds2_epu32(state.cdgh[lane], state.abef[lane], keyed);
    let keyed = _mm_shuffle_epi32(keyed, 0b00_00_11_10);
    state.abef[lane] = _mm_sha256rnds2_epu32(state.abef[lane], state.cdgh[lane], keyed);
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn add<const LANES: usize>(state: &mut Registers<LANES>, before: &Registers<LANES>) {
    for lane in 0..LANES {
        state.abef[lane] = _mm_add_epi32(state.abef[lane], before.abef[lane]);
        state.cdgh[lane] = _mm_add_epi32(state.cdgh[lane], before.cdgh[lane]);
    }
}

/// States as words of a message: A to D, and E to H.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn digests<const LANES: usize>(state: &Registers<LANES>) -> [[Quad; LANES]; 2] {
    let mut words = [state.abef, state.cdgh];
    for lane in 0..LANES {
        let abef = _mm_shuffle_epi32(state.abef[lane], 0b00_01_10_11);
        let ghcd = _mm_shuffle_epi32(state.cdgh[lane], 0b10_11_00_01);
        words[0][lane] = _mm_blend_epi16(abef, ghcd, 0b1111_0000);
        words[1][lane] = _mm_alignr_epi8(ghcd, abef, 8);
    }
    words
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn initial<const LANES: usize>() -> Registers<LANES> {
    let words = <ShaNi as LaneKernel<1>>::arranged(INITIAL_STATE);
    Registers { abef: [load(&words, 0); LANES], cdgh: [load(&words, 4); LANES] }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load_states<const LANES: usize>(states: &Lanes<LANES>) -> Registers<LANES> {
    Registers {
        abef: core::array::from_fn(|lane| load(&states.0[lane], 0)),
        cdgh: core::array::from_fn(|lane| load(&states.0[lane], 4)),
    }
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn store_states<const LANES: usize>(states: &mut Lanes<LANES>, state: &Registers<LANES>) {
    store_digests(states, &state.abef, &state.cdgh);
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn store_digests<const LANES: usize>(
    lanes: &mut Lanes<LANES>,
    low: &[Quad; LANES],
    high: &[Quad; LANES],
) {
    for (lane, words) in lanes.0.iter_mut().enumerate() {
        let (first, second) = words.split_at_mut(4);
        store(first, low[lane]);
        store(second, high[lane]);
    }
}

#[inline]
fn load(words: &[u32], first: usize) -> Quad {
    let quad = &words[first..first + 4];
    // SAFETY: the four words are borrowed, and the load asks for no alignment.
    unsafe { _mm_loadu_si128(quad.as_ptr().cast()) }
}

#[inline]
fn store(words: &mut [u32], quad: Quad) {
    let words = &mut words[..4];
    // SAFETY: the four words are borrowed, and the store asks for no alignment.
    unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), quad) }
}
