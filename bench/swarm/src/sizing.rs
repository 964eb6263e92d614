//! How many shards so many connections need, and how many connections a shard must have room for.

use rustix::process::{Resource, getrlimit};

/// Connections of one ring on average, where the limit of open files allows that many.
const CONNECTIONS_PER_RING_MAX: u32 = 19_000;
/// Slots of a shard besides its miners: accepts in flight, the probe, closing connections.
const SPARE_SLOTS: u32 = 300;

/// The hard limit of open files, which bounds every ring by itself.
pub(crate) fn descriptors_max() -> u32 {
    let limit = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    u32::try_from(limit).unwrap_or(u32::MAX)
}

/// Connections that one ring may hold on average, with room for more by chance and for slots besides.
pub(crate) fn connections_per_ring_max(descriptors_max: u32) -> u32 {
    CONNECTIONS_PER_RING_MAX.min((descriptors_max / 20 * 19).saturating_sub(SPARE_SLOTS)).max(1)
}

/// At least one a core, and as many as the limit of open files needs.
pub(crate) fn shards(connections: u32, cores: usize, descriptors_max: u32) -> u32 {
    let each = connections_per_ring_max(descriptors_max);
    let cores = u32::try_from(cores).unwrap_or(1).max(1);
    connections.div_ceil(each).max(cores)
}

/// The kernel spreads connections over shards at random: six standard deviations above the mean, and
/// never more than a ring may have.
pub(crate) fn connections_per_shard_max(
    connections: u32,
    shards: u32,
    descriptors_max: u32,
) -> u32 {
    let mean = connections.div_ceil(shards.max(1));
    let spread = if shards > 1 { (6.0 * f64::from(mean).sqrt()).ceil() as u32 } else { 0 };
    (mean + spread + SPARE_SLOTS).min(descriptors_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_needs_54_shards_where_20_000_files_may_be_open() {
        assert_eq!(shards(1_000_000, 2, 20_000), 54);
        assert_eq!(shards(50_000, 2, 20_000), 3);
        assert_eq!(shards(200, 2, 20_000), 2);
        assert_eq!(shards(50_000, 64, 1 << 20), 64);
        assert_eq!(shards(2_000, 1, 1024), 3);
        assert_eq!(shards(10, 1, 64), 10);
    }

    #[test]
    fn a_shard_has_room_for_its_share_and_no_more_than_the_limit() {
        assert_eq!(connections_per_shard_max(1000, 1, 20_000), 1300);
        assert!(connections_per_shard_max(50_000, 3, 20_000) > 16_667 + 600);
        assert_eq!(connections_per_shard_max(1_000_000, 50, 20_000), 20_000);
    }
}
