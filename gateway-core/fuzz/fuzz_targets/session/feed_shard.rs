//! A whole shard with one job and all that can be switched on, fed by one miner: no bytes panic it, and every batch
//! reads back. The first byte says what is on.
#![no_main]

use std::net::IpAddr;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::{
    AccountAnswer, AccountPolicy, Action, Allowance, Heard, PortPolicy, Shard, ShardConfig,
    StalePolicy, WatchPolicy,
};
use sluice_units::{
    CompactTarget, ConnectionId, Hash256, Instant, Job, JobId, JobKind, Now, ShareDifficulty,
    SourceId, UnixTime,
};
use sluice_wire::share_feed::Batch;

fn config(options: u8) -> ShardConfig {
    let is_on = |bit: u8| options & (1 << bit) != 0;
    let second = Duration::from_secs(1);
    let vardiff = VardiffPolicy {
        difficulty_max: ShareDifficulty::from_hashes(1 << 40),
        share_interval_target: second,
        retarget_interval: second,
        ..VardiffPolicy::fixed(ShareDifficulty::MIN)
    };
    let little = Allowance { connections: 1, handshakes_failed: 1, submits: 3, wrong_percent: 10 };
    let watch = WatchPolicy {
        window: second,
        ban: second,
        exempt: Vec::new(),
        address: little,
        account: little,
        wrong_min: 1,
    };
    let trusted = "127.0.0.0/8".parse().expect("a network");
    let mut config = ShardConfig {
        connections_max: 1,
        ports: vec![PortPolicy { vardiff, tls: is_on(0) }],
        proxies_trusted: if is_on(1) { vec![trusted] } else { Vec::new() },
        stale: StalePolicy { grace: second, credited: is_on(2) },
        ..ShardConfig::new(SourceId { gateway_id: 1, shard: 0 }, vardiff)
    };
    if is_on(3) {
        config.watch = watch;
    }
    if is_on(4) {
        config.accounts = AccountPolicy::Checked { unknown_allowed: is_on(5) };
    }
    config
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
        aux_target: None,
    }
}

fuzz_target!(|bytes: &[u8]| {
    let at = |seconds: u64| Now {
        instant: Instant::from_millis(seconds * 1000),
        unix: UnixTime::from_seconds(1_700_000_000 + seconds),
    };
    let Some((options, bytes)) = bytes.split_first() else { return };
    let mut shard = Shard::new(at(0), config(*options));
    shard.handle_job(at(0), job());
    let connection = ConnectionId { slot: 0, generation: 0 };
    shard.handle_connected(at(0), connection, IpAddr::from([127, 0, 0, 1]), 0);
    for (second, piece) in bytes.chunks(97).enumerate() {
        let now = at(second as u64);
        if let Heard::Tls { after } = shard.handle_received(now, connection, piece) {
            // As if the rest had been deciphered.
            let heard = shard.handle_received(now, connection, &piece[after..]);
            assert_eq!(heard, Heard::Words, "its language is told once");
        }
        shard.handle_timeout(now);
        while let Some(action) = shard.poll_action() {
            match action {
                Action::Publish(batch) => {
                    assert_eq!(Batch::decode(&batch.encode()), Ok(*batch));
                }
                Action::AskAccount(account) => {
                    let answers =
                        [AccountAnswer::Allowed, AccountAnswer::Refused, AccountAnswer::Unknown];
                    shard.handle_account(now, &account, answers[second % 3]);
                }
                Action::HandOver { connection, .. } => {
                    shard.handle_stays(now, connection);
                }
                _ => {}
            }
        }
    }
    shard.handle_closed(at(1000), connection);
});
