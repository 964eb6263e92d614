//! The search space: no two live miners share one, whichever gateways and shards hold them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sluice_units::limits::SHARD_BITS;
use sluice_units::{Extranonce1, SourceId, UnixTime};

use sluice_mining::vardiff::VardiffPolicy;

use super::*;

fn shard(gateway_id: u16, shard: u16, epoch: u64) -> Shard {
    let now = Now { instant: Instant::ZERO, unix: UnixTime::from_seconds(epoch) };
    let vardiff = VardiffPolicy::fixed(ShareDifficulty::from_hashes(1 << 32));
    let source = SourceId { gateway_id, shard };
    let config = ShardConfig { epoch, connections_max: 1, ..ShardConfig::new(source, vardiff) };
    Shard::new(now, config)
}

/// What a miner of one place gets: gateway, shard, slot.
fn space((gateway_id, number, slot): (u16, u16, u32), generation: u32, epoch: u32) -> Extranonce1 {
    shard(gateway_id, number, epoch.into()).extranonce1(ConnectionId { slot, generation })
}

#[test]
fn every_bit_of_gateway_shard_and_slot_tells_miners_apart() {
    let bits = |width: u32| std::iter::once(0).chain((0..width).map(|bit| 1 << bit));
    let mut spaces = BTreeSet::new();
    let mut places = 0;
    for gateway_id in bits(u16::BITS) {
        for number in bits(SHARD_BITS) {
            for slot in bits(32 - SHARD_BITS) {
                // One generation for all: the place alone must do.
                let place = (gateway_id as u16, number as u16, slot);
                spaces.insert(space(place, 0, 0).to_bytes());
                places += 1;
            }
        }
    }
    assert_eq!(spaces.len(), places);
}

fn place() -> impl Strategy<Value = (u16, u16, u32)> {
    (any::<u16>(), 0..SHARDS_MAX as u16, 0..CONNECTIONS_PER_SHARD_MAX as u32)
}

proptest! {
    #[test]
    fn live_miners_never_share_a_search_space(
        (one, other) in (place(), place()),
        // Where a part is the same for both, only the others tell them apart.
        same in any::<[bool; 3]>(),
        generation in any::<u32>(),
        epoch in any::<u32>(),
    ) {
        let other = (
            if same[0] { one.0 } else { other.0 },
            if same[1] { one.1 } else { other.1 },
            if same[2] { one.2 } else { other.2 },
        );
        let spaces_equal = space(one, generation, epoch) == space(other, generation, epoch);
        prop_assert_eq!(spaces_equal, one == other);
    }

    #[test]
    fn a_slot_comes_back_to_a_search_space_after_65536_miners(
        place in place(),
        generation in any::<u32>(),
        later in 1_u32..1 << 16,
        epoch in any::<u32>(),
    ) {
        let after = |miners: u32| space(place, generation.wrapping_add(miners), epoch);
        prop_assert_ne!(after(0), after(later));
        prop_assert_eq!(after(0), after(1 << 16));
    }
}
