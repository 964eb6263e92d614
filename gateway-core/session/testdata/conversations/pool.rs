//! The pool of the recorded conversations: every id and every second is fixed. The tests of the session hold a state
//! machine to them, those of the gateway a real socket.

use std::time::Duration;

use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::ShardConfig;
use sluice_units::{
    CompactTarget, ConnectionId, Hash256, Job, JobId, JobKind, ShareDifficulty, SourceId,
};

pub(crate) const START_UNIX_S: u64 = 1_700_000_040;
/// The miner's place.
pub(crate) const CONNECTION: ConnectionId = ConnectionId { slot: 5, generation: 2 };

/// The shard; its epoch is added to a connection's generation.
pub(crate) fn config(epoch: u64) -> ShardConfig {
    let vardiff = VardiffPolicy {
        difficulty_start: ShareDifficulty::from_hashes(1 << 16),
        difficulty_min: ShareDifficulty::from_hashes(1 << 8),
        rental_difficulty_min: ShareDifficulty::from_hashes(1 << 24),
        difficulty_max: ShareDifficulty::from_hashes(1 << 40),
        share_interval_target: Duration::from_secs(10),
        retarget_interval: Duration::from_secs(60),
    };
    ShardConfig {
        epoch,
        connections_max: 8,
        proxies_trusted: vec!["127.0.0.0/8".parse().unwrap()],
        idle_timeout: Duration::from_secs(600),
        feed_timeout: Duration::from_secs(600),
        ..ShardConfig::new(SourceId { gateway_id: 1, shard: 0 }, vardiff)
    }
}

/// A line of the file as the miner sends it: `\r` stands for a carriage return.
pub(crate) fn line(said: &str) -> String {
    said.replace("\\r", "\r") + "\n"
}

/// A job that leaves fewer version bits than others.
pub(crate) fn narrow_job(number: u32, tip: u8) -> Job {
    Job { version_mask: 0x0fff_0000, ..job(number, tip, JobKind::Refresh) }
}

/// The job of a number; those of one tip have the same parent.
pub(crate) fn job(number: u32, tip: u8, kind: JobKind) -> Job {
    let ntime = START_UNIX_S as u32 + number;
    Job {
        id: JobId::new(1, START_UNIX_S as u32, number),
        kind,
        height: 800_000 + u32::from(tip),
        parent: Hash256::from_bytes([tip; 32]),
        version: 0x2000_0000,
        version_mask: 0x1fff_e000,
        nbits: CompactTarget::from_bits(0x1d00_ffff),
        ntime,
        ntime_min: START_UNIX_S as u32,
        coinbase_prefix: vec![0xc0; 6],
        coinbase_suffix: vec![0xc1; 6],
        merkle_branch: vec![Hash256::from_bytes([0xb0; 32])],
        aux_target: None,
    }
}
