//! Pool difficulty to a compact target.

use bitcoin::CompactTarget;

use crate::config::REGTEST_BITS;

/// Mantissa of the difficulty-1 target: `0xffff` times two to the 208.
const DIFFICULTY_ONE_MANTISSA: f64 = 65_535.0;

/// Bytes below that mantissa: 208 bits.
const DIFFICULTY_ONE_SHIFT_BYTES: i32 = 26;

/// The compact target whose difficulty is nearest to `difficulty` from above.
///
/// Exact for every power of two, since `0xffff` moved by up to seven bits still fits into the 23
/// bits of the compact mantissa. Difficulties below regtest's easiest (and what is not a positive
/// number) give regtest's easiest; difficulties above the hardest target give the hardest.
///
/// ```
/// use sluice_sandbox::network_bits_for_difficulty;
/// assert_eq!(network_bits_for_difficulty(1.0).to_consensus(), 0x1d00ffff);
/// assert_eq!(network_bits_for_difficulty(2.0).to_consensus(), 0x1c7fff80);
/// ```
#[must_use]
pub fn network_bits_for_difficulty(difficulty: f64) -> CompactTarget {
    // 1 is the hardest target that exists; it stands for whatever rounds below it.
    const HARDEST: u32 = 0x0101_0000;
    if difficulty.is_nan() || difficulty <= 0.0 {
        return CompactTarget::from_consensus(REGTEST_BITS);
    }
    let mut mantissa = DIFFICULTY_ONE_MANTISSA / difficulty;
    let mut shift_bytes = DIFFICULTY_ONE_SHIFT_BYTES;
    // The mantissa of a compact target is signed and minimal: from 2^15 to below 2^23. Both
    // loops only scale by 256, which a float does without loss.
    while mantissa >= 8_388_608.0 {
        mantissa /= 256.0;
        shift_bytes += 1;
        if shift_bytes + 3 > 0x20 {
            return CompactTarget::from_consensus(REGTEST_BITS);
        }
    }
    while mantissa < 32_768.0 {
        mantissa *= 256.0;
        shift_bytes -= 1;
        // Below three bytes a compact target drops mantissa bits, far beyond any use here.
        if shift_bytes < 0 {
            return CompactTarget::from_consensus(HARDEST);
        }
    }
    let size = u32::try_from(shift_bytes + 3).expect("the shift was kept between 0 and 29 bytes");
    CompactTarget::from_consensus(size << 24 | mantissa as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitcoin::Target;

    #[test]
    fn powers_of_two_are_exact() {
        for exponent in -31..=200 {
            let difficulty = 2f64.powi(exponent);
            let target = Target::from_compact(network_bits_for_difficulty(difficulty));
            assert_eq!(target.difficulty_float(), difficulty, "two to the {exponent}");
        }
    }

    #[test]
    fn other_difficulties_round_the_target_down() {
        for difficulty in [0.001, 0.3, 3.0, 1000.0, 1.0e12] {
            let bits = network_bits_for_difficulty(difficulty);
            let target = Target::from_compact(bits);
            assert_eq!(target.to_compact_lossy(), bits);
            let ratio = target.difficulty_float() / difficulty;
            assert!((1.0..1.0001).contains(&ratio), "{difficulty}: {ratio}");
        }
    }

    #[test]
    fn out_of_range_is_clamped() {
        for easiest in [0.0, -1.0, f64::NAN, 1e-12, f64::MIN_POSITIVE] {
            assert_eq!(network_bits_for_difficulty(easiest).to_consensus(), REGTEST_BITS);
        }
        for hardest in [f64::INFINITY, 1e300] {
            let target = Target::from_compact(network_bits_for_difficulty(hardest));
            assert!(target > Target::ZERO, "{hardest}");
        }
    }
}
