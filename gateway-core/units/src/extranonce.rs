//! The extranonce slot of the coinbase, and how the search space is divided.

use core::fmt;

/// Bytes of the slot that every coinbase holds for extranonce1 and extranonce2 together.
pub const EXTRANONCE_SLOT_BYTES: usize = EXTRANONCE1_BYTES + EXTRANONCE2_BYTES;
/// Bytes that the pool fixes for a direct miner.
pub const EXTRANONCE1_BYTES: usize = 8;
/// Bytes that a direct miner rolls.
pub const EXTRANONCE2_BYTES: usize = 8;

/// The part of the slot that names one miner's search space.
///
/// Layout: gateway id (2 bytes), shard and connection slot (4), generation (2), big-endian. The
/// parts are leased or counted, never drawn at random: no two live miners share one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Extranonce1([u8; EXTRANONCE1_BYTES]);

impl Extranonce1 {
    /// Puts the parts together.
    pub fn new(gateway_id: u16, shard_and_slot: u32, generation: u16) -> Self {
        let mut bytes = [0; EXTRANONCE1_BYTES];
        bytes[..2].copy_from_slice(&gateway_id.to_be_bytes());
        bytes[2..6].copy_from_slice(&shard_and_slot.to_be_bytes());
        bytes[6..].copy_from_slice(&generation.to_be_bytes());
        Self(bytes)
    }

    /// From the bytes that stand in the coinbase.
    pub const fn from_bytes(bytes: [u8; EXTRANONCE1_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes that stand in the coinbase.
    pub const fn to_bytes(self) -> [u8; EXTRANONCE1_BYTES] {
        self.0
    }
}

/// As `mining.subscribe` gives it.
impl fmt::Display for Extranonce1 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// The part of the slot that the miner rolls.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Extranonce2(pub [u8; EXTRANONCE2_BYTES]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_gateway_slot_and_generation() {
        let extranonce1 = Extranonce1::new(0x0102, 0x0304_0506, 0x0708);
        assert_eq!(extranonce1.to_string(), "0102030405060708");
    }
}
