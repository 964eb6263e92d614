//! A whole shard with one job, fed by one miner: no bytes panic it, and every batch reads back.
#![no_main]

use std::net::IpAddr;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sluice_mining::share::CheckPolicy;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::{Action, Shard, ShardConfig};
use sluice_units::{
    CompactTarget, ConnectionId, Hash256, Instant, Job, JobId, JobKind, Now, ShareDifficulty,
    SourceId, UnixTime,
};
use sluice_wire::share_feed::Batch;

fn config() -> ShardConfig {
    let vardiff = VardiffPolicy {
        difficulty_max: ShareDifficulty::from_hashes(1 << 40),
        share_interval_target: Duration::from_secs(1),
        retarget_interval: Duration::from_secs(1),
        ..VardiffPolicy::fixed(ShareDifficulty::MIN)
    };
    ShardConfig {
        connections_max: 1,
        ..ShardConfig::new(SourceId { gateway_id: 1, shard: 0 }, vardiff)
    }
}

fn job() -> Job {
    Job {
        id: JobId::from_u64(1),
        kind: JobKind::Clean,
        height: 1,
        parent: Hash256::from_bytes([1; 32]),
        version: 0x2000_0000,
        version_mask: 0x1fff_e000,
        nbits: CompactTarget::from_bits(0x207f_ffff),
        ntime: 1_700_000_000,
        ntime_min: 1_699_999_000,
        coinbase_prefix: vec![2; 60],
        coinbase_suffix: vec![3; 60],
        merkle_branch: vec![Hash256::from_bytes([4; 32]); 2],
    }
}

fuzz_target!(|bytes: &[u8]| {
    let at = |seconds: u64| Now {
        instant: Instant::from_millis(seconds * 1000),
        unix: UnixTime::from_seconds(1_700_000_000 + seconds),
    };
    let mut shard = Shard::new(at(0), config());
    shard.handle_job(at(0), job());
    let connection = ConnectionId { slot: 0, generation: 0 };
    shard.handle_connected(at(0), connection, IpAddr::from([127, 0, 0, 1]), 0);
    for (second, piece) in bytes.chunks(97).enumerate() {
        let now = at(second as u64);
        shard.handle_received(now, connection, piece);
        shard.handle_timeout(now);
        while let Some(action) = shard.poll_action() {
            if let Action::Publish(batch) = action {
                assert_eq!(Batch::decode(&batch.encode()), Ok(*batch));
            }
        }
    }
    shard.handle_closed(at(1000), connection);
});
