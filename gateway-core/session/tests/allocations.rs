//! What a miner costs: bytes of the heap while it is connected, and no allocation for a share or a
//! job.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use allocation_counter::{AllocationInfo, measure};
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::{Action, Shard, ShardConfig};
use sluice_units::{
    CompactTarget, ConnectionId, Hash256, Instant, Job, JobId, JobKind, Now, RejectReason,
    ShareDifficulty, SourceId, UnixTime,
};

const START_UNIX_S: u64 = 1_700_000_040;
/// 2^32 hashes a block: none is found here by chance.
const HARD_NBITS: u32 = 0x1d00_ffff;

fn now() -> Now {
    Now { instant: Instant::from_millis(1000), unix: UnixTime::from_seconds(START_UNIX_S) }
}

/// Every hash is a share, so that the tests need not search for one.
fn shard(connections_max: u32) -> Shard {
    let hour = Duration::from_secs(3600);
    let source = SourceId { gateway_id: 1, shard: 0 };
    let config = ShardConfig {
        connections_max,
        connections_per_address_max: 4,
        handshake_timeout: hour,
        idle_timeout: hour,
        feed_timeout: hour,
        ..ShardConfig::new(source, VardiffPolicy::fixed(ShareDifficulty::MIN))
    };
    Shard::new(now(), config)
}

fn job(number: u64, kind: JobKind, tip: u8) -> Job {
    Job {
        id: JobId::from_u64(number),
        kind,
        height: 800_000 + u32::from(tip),
        parent: Hash256::from_bytes([tip; 32]),
        version: 0x2000_0000,
        version_mask: 0x1fff_e000,
        nbits: CompactTarget::from_bits(HARD_NBITS),
        ntime: START_UNIX_S as u32,
        ntime_min: START_UNIX_S as u32,
        coinbase_prefix: vec![2; 200],
        coinbase_suffix: vec![3; 150],
        merkle_branch: vec![Hash256::from_bytes([4; 32]); 12],
        aux_target: None,
    }
}

const fn connection(slot: u32) -> ConnectionId {
    ConnectionId { slot, generation: 0 }
}

/// What a shell does with every action, short of any memory: counts jobs and closes, drops batches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Carried {
    jobs: usize,
    accepted: usize,
    refused: usize,
    closes: usize,
}

fn carry_out(shard: &mut Shard) -> Carried {
    let mut carried = Carried::default();
    while let Some(action) = shard.poll_action() {
        match action {
            Action::Send { bytes, .. } => {
                let replies = shard.outbox(&bytes);
                let has = |wanted: &[u8]| replies.windows(wanted.len()).any(|part| part == wanted);
                carried.accepted += usize::from(has(b"\"result\":true"));
                carried.refused += usize::from(has(b"\"result\":null"));
            }
            Action::SendJob { .. } => carried.jobs += 1,
            Action::Close { .. } | Action::Refuse { .. } => carried.closes += 1,
            Action::FoundBlock(_) => panic!("no block is found here"),
            Action::HandOver { .. }
            | Action::AskAccount(_)
            | Action::Ban(_)
            | Action::Publish(_) => {}
        }
    }
    carried
}

/// Connects, subscribes and authorises; every miner comes from an address and has a name of its own.
fn join(shard: &mut Shard, slot: u32) {
    let peer = IpAddr::from((0x7f00_0001 + slot).to_be_bytes());
    shard.handle_connected(now(), connection(slot), peer, 0);
    let greeting = format!(
        concat!(
            "{{\"id\":1,\"method\":\"mining.configure\",\"params\":[[\"version-rolling\"],{{}}]}}\n",
            "{{\"id\":2,\"method\":\"mining.subscribe\",\"params\":[\"test/1\"]}}\n",
            "{{\"id\":3,\"method\":\"mining.authorize\",\"params\":[\"{}\",\"x\"]}}\n",
        ),
        user(slot)
    );
    shard.handle_received(now(), connection(slot), greeting.as_bytes());
    assert_eq!(carry_out(shard).jobs, 1);
}

fn user(slot: u32) -> String {
    format!("farmer{}.rig-{slot:05}", slot / 100)
}

fn broadcast(shard: &mut Shard, job: Job) -> (Carried, AllocationInfo) {
    let mut carried = Carried::default();
    let info = measure(|| {
        shard.handle_job(now(), job);
        while shard.poll_timeout() <= now().instant {
            shard.handle_timeout(now());
            carried.jobs += carry_out(shard).jobs;
        }
    });
    (carried, info)
}

#[test]
fn ten_thousand_miners_take_200_bytes_each_at_most() {
    const MINERS: u32 = 10_000;
    let mut shard_of = None;
    let info = measure(|| {
        let mut shard = shard(MINERS);
        shard.handle_job(now(), job(1, JobKind::Clean, 1));
        for slot in 0..MINERS {
            join(&mut shard, slot);
        }
        shard.cut_batch(now());
        carry_out(&mut shard);
        shard_of = Some(shard);
    });
    let shard = shard_of.unwrap();
    assert_eq!(shard.stats().connections, u64::from(MINERS));
    let bytes_each = info.bytes_current / i64::from(MINERS);
    assert!((50..=200).contains(&bytes_each), "{bytes_each} bytes a miner");
}

/// Lines of one kind of submit, with what varies filled in.
struct Submits {
    shard: Shard,
    line: String,
    counter: u32,
}

impl Submits {
    /// Hands in so many lines; `write` puts a line together from a number that never repeats.
    fn hand_in(&mut self, count: u32, write: impl Fn(&mut String, u32)) -> Carried {
        let mut sum = Carried::default();
        for _ in 0..count {
            self.line.clear();
            self.counter += 1;
            write(&mut self.line, self.counter);
            self.shard.handle_received(now(), connection(0), self.line.as_bytes());
            let carried = carry_out(&mut self.shard);
            sum.accepted += carried.accepted;
            sum.refused += carried.refused;
            sum.closes += carried.closes;
        }
        sum
    }
}

fn submit(line: &mut String, user: &str, job: &str, ntime: u64, number: u32, bits: &str) {
    let written = writeln!(
        line,
        r#"{{"id":{number},"method":"mining.submit","params":["{user}","{job}","0000000000000000","{ntime:08x}","{number:08x}"{bits}]}}"#
    );
    written.unwrap();
}

#[test]
fn a_share_allocates_nothing_whether_it_is_credited_or_refused() {
    let mut submits = Submits { shard: shard(2), line: String::with_capacity(1024), counter: 0 };
    submits.shard.handle_job(now(), job(0xa, JobKind::Clean, 1));
    join(&mut submits.shard, 0);
    let on_job = |job: &'static str| {
        move |line: &mut String, number| {
            submit(line, "farmer0.rig-00000", job, START_UNIX_S, number, "")
        }
    };
    // The next job has room for as many shares as this one gets. One hash of 65,536 is above even the
    // easiest target.
    assert!(submits.hand_in(6_000, on_job("a")).accepted > 5_990);
    submits.shard.handle_job(now(), job(0xb, JobKind::Clean, 2));
    submits.shard.handle_timeout(now());
    carry_out(&mut submits.shard);
    submits.hand_in(1, on_job("b"));

    let mut carried = Carried::default();
    let info = measure(|| carried = submits.hand_in(5_000, on_job("b")));
    assert!(carried.accepted > 4_990 && carried.refused == 5_000 - carried.accepted);
    assert_eq!(info.count_total, 0);

    let first = "farmer0.rig-00000";
    type Write<'a> = &'a dyn Fn(&mut String, u32);
    let refused: [(RejectReason, Write<'_>); 8] = [
        (RejectReason::Stale, &on_job("a")),
        (RejectReason::UnknownJob, &on_job("c")),
        (RejectReason::UnknownJob, &on_job("no job")),
        (RejectReason::Duplicate, &|line, _| submit(line, first, "b", START_UNIX_S, 6_010, "")),
        (RejectReason::NtimeOutOfRange, &|line, number| submit(line, first, "b", 7, number, "")),
        (RejectReason::BadVersionBits, &|line, number| {
            submit(line, first, "b", START_UNIX_S, number, ",\"00000001\"");
        }),
        (RejectReason::Unauthorized, &|line, number| {
            submit(line, "another.rig", "b", START_UNIX_S, number, "");
        }),
        (RejectReason::Malformed, &|line, number| {
            submit(line, first, "b", START_UNIX_S, number, ",17.5");
        }),
    ];
    for (reason, write) in refused {
        let before = submits.shard.stats().rejected[reason.index()];
        let info = measure(|| carried = submits.hand_in(500, write));
        assert_eq!((carried.refused, carried.closes), (500, 0), "{reason}");
        assert_eq!(submits.shard.stats().rejected[reason.index()], before + 500, "{reason}");
        assert_eq!(info.count_total, 0, "{reason}");
    }
}

#[test]
fn a_name_written_otherwise_and_a_second_worker_allocate_nothing_either() {
    let mut submits = Submits { shard: shard(1), line: String::with_capacity(1024), counter: 0 };
    submits.shard.handle_job(now(), job(0xa, JobKind::Clean, 1));
    join(&mut submits.shard, 0);
    let authorize = b"{\"id\":4,\"method\":\"mining.authorize\",\"params\":[\"bob\",\"x\"]}\n";
    submits.shard.handle_received(now(), connection(0), authorize);
    carry_out(&mut submits.shard);
    let by = |user: &'static str| {
        move |line: &mut String, number| submit(line, user, "a", START_UNIX_S, number, "")
    };
    let users = ["Farmer0_RIG-00000", "farmer0.rig-00000", "bob", "BOB.bob"];
    for user in users {
        submits.hand_in(1, by(user));
    }
    for user in users {
        let mut carried = Carried::default();
        let info = measure(|| carried = submits.hand_in(50, by(user)));
        assert_eq!((carried.accepted, info.count_total), (50, 0), "{user}");
    }
}

#[test]
fn a_job_for_a_thousand_miners_allocates_as_much_as_one_for_a_single_miner() {
    let rounds = |miners: u32| {
        let mut shard = shard(miners);
        shard.handle_job(now(), job(1, JobKind::Clean, 1));
        for slot in 0..miners {
            join(&mut shard, slot);
        }
        // The first ones let the queue of actions grow to the size of a slice.
        for (number, kind) in (2..).zip([JobKind::Refresh, JobKind::Clean]) {
            broadcast(&mut shard, job(number, kind, number as u8));
        }
        [JobKind::Refresh, JobKind::Clean].map(|kind| {
            let tip = if kind == JobKind::Clean { 9 } else { 3 };
            let (carried, info) = broadcast(&mut shard, job(20 + u64::from(tip), kind, tip));
            assert_eq!(carried.jobs, miners as usize);
            (info.count_total, info.bytes_current)
        })
    };
    let (one, thousand) = (rounds(1), rounds(1000));
    assert_eq!(one.map(|(count, _)| count), thousand.map(|(count, _)| count));
    assert!(one.iter().all(|(count, _)| *count < 40), "{one:?}");
}
