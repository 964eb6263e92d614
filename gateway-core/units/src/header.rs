//! The 80 bytes that are hashed.

use crate::hash::Hash256;
use crate::target::CompactTarget;

/// Bytes of a serialised block header.
pub const HEADER_BYTES: usize = 80;

/// The version bits that miners may roll (BIP 320: bits 13 to 28).
pub const VERSION_MASK: u32 = 0x1fff_e000;

/// A block header, field by field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Version, with the bits that the miner rolled.
    pub version: u32,
    /// Hash of the parent's header.
    pub parent: Hash256,
    /// Root of the tree over the transactions.
    pub merkle_root: Hash256,
    /// Seconds since 1970.
    pub ntime: u32,
    /// The network's target.
    pub nbits: CompactTarget,
    /// What the miner searched.
    pub nonce: u32,
}

impl Header {
    /// The bytes that are hashed: all integers little-endian.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..4].copy_from_slice(&self.version.to_le_bytes());
        bytes[4..36].copy_from_slice(self.parent.as_bytes());
        bytes[36..68].copy_from_slice(self.merkle_root.as_bytes());
        bytes[68..72].copy_from_slice(&self.ntime.to_le_bytes());
        bytes[72..76].copy_from_slice(&self.nbits.to_bits().to_le_bytes());
        bytes[76..80].copy_from_slice(&self.nonce.to_le_bytes());
        bytes
    }

    /// Reads what [`Header::to_bytes`] writes.
    pub fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> Self {
        let number =
            |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 of 80 bytes"));
        let hash =
            |at: usize| Hash256::from_bytes(bytes[at..at + 32].try_into().expect("32 of 80 bytes"));
        Self {
            version: number(0),
            parent: hash(4),
            merkle_root: hash(36),
            ntime: number(68),
            nbits: CompactTarget::from_bits(number(72)),
            nonce: number(76),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_both_ways() {
        let bytes: [u8; HEADER_BYTES] = core::array::from_fn(|index| index as u8);
        assert_eq!(Header::from_bytes(&bytes).to_bytes(), bytes);
    }
}
