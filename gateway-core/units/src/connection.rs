//! How a connection is named between a ring and the core that it feeds.

use core::fmt;

/// One connection of one ring: the slot it occupies, and how often that slot was used before.
///
/// Slots are reused; the generation tells a late event about a former occupant from the present one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ConnectionId {
    /// Index into the ring's connection slab.
    pub slot: u32,
    /// Counts the occupants of the slot, wrapping.
    pub generation: u32,
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.slot, self.generation)
    }
}
