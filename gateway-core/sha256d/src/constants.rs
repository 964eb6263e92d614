//! SHA-256's constants (FIPS 180-4, 4.2.2 and 5.3.3) and its message schedule (6.2.2, step 1).

/// Bytes of a block.
pub(crate) const BLOCK_BYTES: usize = 64;

/// The initial hash value, H(0).
pub const INITIAL_STATE: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// K(0) to K(63).
#[rustfmt::skip]
pub const ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The small sigma 0 of the schedule.
pub(crate) const fn sigma0(word: u32) -> u32 {
    word.rotate_right(7) ^ word.rotate_right(18) ^ (word >> 3)
}

/// The small sigma 1 of the schedule.
pub(crate) const fn sigma1(word: u32) -> u32 {
    word.rotate_right(17) ^ word.rotate_right(19) ^ (word >> 10)
}

/// W(t) + K(t) of a block: all that the rounds need of it.
pub(crate) const fn keyed_schedule(message: &[u32; 16]) -> [u32; 64] {
    let mut words = [0; 64];
    let mut t = 0;
    while t < 64 {
        words[t] = if t < 16 {
            message[t]
        } else {
            sigma1(words[t - 2])
                .wrapping_add(words[t - 7])
                .wrapping_add(sigma0(words[t - 15]))
                .wrapping_add(words[t - 16])
        };
        t += 1;
    }
    t = 0;
    while t < 64 {
        words[t] = words[t].wrapping_add(ROUND_CONSTANTS[t]);
        t += 1;
    }
    words
}

/// The big-endian words of some bytes.
pub(crate) fn words_of<const WORDS: usize>(bytes: &[u8]) -> [u32; WORDS] {
    assert_eq!(bytes.len(), WORDS * 4, "four bytes a word");
    let (chunks, _) = bytes.as_chunks::<4>();
    core::array::from_fn(|index| u32::from_be_bytes(chunks[index]))
}

/// The bytes of big-endian words.
pub(crate) fn bytes_of(words: &[u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, word) in bytes.chunks_exact_mut(4).zip(words) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}
