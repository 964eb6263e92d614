//! Targets: what a hash must not exceed.

use crate::hash::Hash256;

/// A 256-bit number that a hash is compared with, most significant limb first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Target([u64; 4]);

impl Target {
    /// Every hash meets it.
    pub const MAX: Self = Self([u64::MAX; 4]);

    /// Whether a hash is at or below the target, as proof of work asks.
    #[inline]
    pub fn is_met_by(&self, hash: &Hash256) -> bool {
        hash.limbs() <= self.0
    }

    /// From 32 bytes, most significant first.
    pub fn from_be_bytes(bytes: [u8; 32]) -> Self {
        Self(core::array::from_fn(|index| {
            u64::from_be_bytes(bytes[8 * index..8 * index + 8].try_into().expect("8 of 32 bytes"))
        }))
    }

    /// 32 bytes, most significant first.
    pub fn to_be_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        bytes
    }

    /// `0xffff x 2^240 / divisor`, rounded down: with a divisor of 2^32 the target of difficulty 1.
    pub(crate) fn from_divisor(divisor: u64) -> Self {
        assert!(divisor > 0, "a difficulty is never zero");
        let mut limbs = [0xffff_0000_0000_0000, 0, 0, 0];
        let mut remainder: u128 = 0;
        for limb in &mut limbs {
            let dividend = remainder << 64 | u128::from(*limb);
            *limb = (dividend / u128::from(divisor)) as u64;
            remainder = dividend % u128::from(divisor);
        }
        Self(limbs)
    }

    /// How many times harder than the target of difficulty 1 it is; `None` of the target that nothing meets.
    pub fn difficulty(self) -> Option<f64> {
        (self.0 != [0; 4]).then(|| 65535.0 * 2f64.powi(208) / self.to_f64())
    }

    /// The nearest floating-point number.
    fn to_f64(self) -> f64 {
        self.0.iter().fold(0.0, |sum, limb| sum * 2f64.powi(64) + *limb as f64)
    }
}

/// A target in the four bytes that a block header carries ("nbits").
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct CompactTarget(u32);

impl CompactTarget {
    /// From the header's number.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The header's number.
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// The target it stands for; `None` where it is zero, negative or above 256 bits, which no
    /// block may carry (Bitcoin Core, `arith_uint256::SetCompact` and `CheckProofOfWork`).
    pub fn to_target(self) -> Option<Target> {
        let exponent = (self.0 >> 24) as usize;
        let mantissa = self.0 & 0x007f_ffff;
        if mantissa == 0 || self.0 & 0x0080_0000 != 0 {
            return None;
        }
        let mut bytes = [0; 32];
        // Byte k of the mantissa (least significant first) has the weight 256^(exponent - 3 + k).
        for (index, byte) in mantissa.to_le_bytes()[..3].iter().enumerate() {
            let Some(weight) = (exponent + index).checked_sub(3) else { continue };
            if weight < 32 {
                bytes[31 - weight] = *byte;
            } else if *byte != 0 {
                return None;
            }
        }
        let target = Target::from_be_bytes(bytes);
        (target.0 != [0; 4]).then_some(target)
    }

    /// How many times harder than the target of difficulty 1 it is.
    pub fn difficulty(self) -> Option<f64> {
        self.to_target()?.difficulty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_with_top(top: u64) -> Hash256 {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&top.to_le_bytes());
        Hash256::from_bytes(bytes)
    }

    #[test]
    fn expands_compact_targets() {
        let genesis = CompactTarget::from_bits(0x1d00_ffff).to_target().unwrap();
        assert_eq!(genesis, Target::from_divisor(1 << 32));
        assert_eq!(CompactTarget::from_bits(0x1d00_ffff).difficulty(), Some(1.0));
        let regtest = CompactTarget::from_bits(0x207f_ffff).to_target().unwrap();
        assert!(regtest.is_met_by(&hash_with_top(0x7fff_fe00_0000_0000)));
        assert!(!regtest.is_met_by(&hash_with_top(0x7fff_ff00_0000_0001)));
        for invalid in [0, 0x1d80_ffff, 0x2200_ffff, 0xff12_3456, 0x0100_0000] {
            assert_eq!(CompactTarget::from_bits(invalid).to_target(), None, "{invalid:08x}");
        }
        let low = CompactTarget::from_bits(0x0112_0000).to_target().unwrap();
        assert_eq!(low.to_be_bytes()[31], 0x12);
    }

    #[test]
    fn known_mainnet_difficulty() {
        // Block 250000.
        let difficulty = CompactTarget::from_bits(0x1972_dbf2).difficulty().unwrap();
        assert!((difficulty - 37_392_766.136_474).abs() < 1e-3, "{difficulty}");
    }
}
