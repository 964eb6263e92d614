//! Double-SHA256 digests and their two byte orders, handled here and nowhere else.

use core::fmt;
use core::str::FromStr;

/// A double-SHA256 digest as SHA-256 gives it: the last byte is the most significant one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Hash256([u8; 32]);

/// Why a text is no digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseHashError;

impl fmt::Display for ParseHashError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a hash has 64 hexadecimal characters")
    }
}

impl core::error::Error for ParseHashError {}

impl Hash256 {
    /// All bytes zero.
    pub const ZERO: Self = Self([0; 32]);

    /// From the digest's own byte order.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest's own byte order.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The digest's own byte order, borrowed.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 bits of the digest that proof of work leaves evenly spread.
    pub fn low_u64(&self) -> u64 {
        u64::from_le_bytes(self.0[..8].try_into().expect("8 of 32 bytes"))
    }

    /// The digest as a number, most significant limb first.
    pub(crate) fn limbs(&self) -> [u64; 4] {
        core::array::from_fn(|index| {
            let start = 24 - 8 * index;
            u64::from_le_bytes(self.0[start..start + 8].try_into().expect("8 of 32 bytes"))
        })
    }
}

/// The order that block explorers show: most significant byte first.
impl fmt::Display for Hash256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().rev().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Reads the order that [`fmt::Display`] shows.
impl FromStr for Hash256 {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, ParseHashError> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return Err(ParseHashError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().rev().zip(text.chunks_exact(2)) {
            *byte = crate::hex::decode_pair(pair[0], pair[1]).ok_or(ParseHashError)?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_and_reads_the_display_order() {
        let text = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
        let genesis: Hash256 = text.parse().unwrap();
        assert_eq!(genesis.to_string(), text);
        assert_eq!(genesis.to_bytes()[0], 0x6f);
        assert_eq!(genesis.limbs()[0], 0x0000_0000_0019_d668);
        assert!("00".parse::<Hash256>().is_err());
        assert!("zz".repeat(32).parse::<Hash256>().is_err());
    }
}
