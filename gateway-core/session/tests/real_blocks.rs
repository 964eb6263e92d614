//! Blocks that were really mined travel the pool's share path, as if its own miners had found them:
//! each is a block to the last bit, and with any bit of it turned it is none.
//!
//! The fixtures and their layout are described in `testdata/blocks/README.md`.

use std::net::IpAddr;

use sluice_mining::merkle::branch_of_coinbase;
use sluice_mining::share::{CheckPolicy, PreparedJob, Share, Verdict};
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::miner_client::Work;
use sluice_session::{Action, Shard, ShardConfig};
use sluice_sha256d::Kernel;
use sluice_units::extranonce::EXTRANONCE_SLOT_BYTES;
use sluice_units::header::VERSION_MASK;
use sluice_units::{
    CompactTarget, ConnectionId, Extranonce1, Extranonce2, FoundBlock, Hash256, Header, Instant,
    Job, JobId, JobKind, Now, RejectReason, ShareDifficulty, SourceId, UnixTime,
};
use sluice_wire::job_feed::FromJobmaster;
use sluice_wire::stratum::{Call, Request, ServerMessage, Submit, notification, request};

const USER: &str = "alice.rig1";

/// Hash as explorers show it, and height, by the fixture's name.
const BLOCKS: [(&str, u32, &str); 9] = [
    ("mainnet", 250_000, "000000000000003887df1f29024b06fc2200b55f8af8f35453d7be294df2d214"),
    ("mainnet", 330_000, "00000000000000000faabab19f17c0178c754dbed023e6c871dcaf74159c5f02"),
    ("mainnet", 347_032, "00000000000000000e799818cd5c2fb7a222c5e4b62ae78350875e1026ead3b3"),
    ("mainnet", 625_007, "000000000000000000007b2561b9d69cccbb06df8faed054432f63b96ee7d3dc"),
    ("mainnet", 629_999, "0000000000000000000d656be18bb095db1b23bd797266b0ac3ba720b1962b1e"),
    ("mainnet", 722_010, "00000000000000000001ebfef393c2642fe8d5e8812870030b944eef30edc862"),
    ("mainnet", 951_658, "00000000000000000001cbe4b4add61d60d9a470e0958f1b4024f202db9ca628"),
    ("signet", 31_500, "000001279d712f44f617a4aba70521e9612115be3663cba9a3cedcdade8bdc43"),
    ("testnet4", 40_000, "000000000000000c1a1fad82b0e133f4772802b6dff7a95990580ae2e15c634f"),
];

/// A fixture, read.
struct RealBlock {
    name: String,
    height: u32,
    hash: Hash256,
    header: [u8; 80],
    coinbase: Vec<u8>,
    others: Vec<Hash256>,
}

fn real_blocks() -> impl Iterator<Item = RealBlock> {
    BLOCKS.into_iter().map(|(network, height, hash)| {
        let name = format!("{network}-{height}");
        let path = format!("{}/testdata/blocks/{name}.block", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).unwrap();
        let length = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let coinbase_end = 84 + length(80);
        let txids = &bytes[coinbase_end + 4..];
        assert_eq!(txids.len(), 32 * length(coinbase_end), "{name}");
        RealBlock {
            name,
            height,
            hash: hash.parse().unwrap(),
            header: bytes[..80].try_into().unwrap(),
            coinbase: bytes[84..coinbase_end].to_vec(),
            others: txids
                .chunks_exact(32)
                .map(|txid| Hash256::from_bytes(txid.try_into().unwrap()))
                .collect(),
        }
    })
}

impl RealBlock {
    fn header(&self) -> Header {
        Header::from_bytes(&self.header)
    }

    /// Where the extranonce slot would be: the last bytes of the scriptSig, or those that end with
    /// it where it is shorter than a slot.
    fn slot_at(&self) -> usize {
        // version 4, input count 1, outpoint 36, length of the scriptSig 1.
        42 + usize::from(self.coinbase[41]) - EXTRANONCE_SLOT_BYTES
    }

    /// The bits that its miner rolled; none where no bit of the mask is set.
    fn version_bits(&self) -> Option<u32> {
        Some(self.header().version & VERSION_MASK).filter(|bits| *bits != 0)
    }

    /// The job that the block was found on, with the slot cut at a place of the coinbase.
    fn job(&self, slot_at: usize) -> Job {
        let header = self.header();
        Job {
            id: JobId::new(1, header.ntime, self.height & JobId::SEQUENCE_MAX),
            kind: JobKind::Clean,
            height: self.height,
            parent: header.parent,
            version: header.version & !VERSION_MASK,
            version_mask: VERSION_MASK,
            nbits: header.nbits,
            ntime: header.ntime - 30,
            ntime_min: header.ntime - 600,
            coinbase_prefix: self.coinbase[..slot_at].to_vec(),
            coinbase_suffix: self.coinbase[slot_at + EXTRANONCE_SLOT_BYTES..].to_vec(),
            merkle_branch: branch_of_coinbase(&self.others),
            aux_target: None,
        }
    }

    fn slot(&self, slot_at: usize) -> (Extranonce1, Extranonce2) {
        let slot = &self.coinbase[slot_at..slot_at + EXTRANONCE_SLOT_BYTES];
        let (first, second) = slot.split_at(8);
        (
            Extranonce1::from_bytes(first.try_into().unwrap()),
            Extranonce2(second.try_into().unwrap()),
        )
    }

    /// What the miner's line would be.
    fn submit_line(&self, job: &str, extranonce2: Extranonce2) -> Vec<u8> {
        let header = self.header();
        let mut line = Vec::new();
        let numbers = [header.ntime, header.nonce];
        request::encode_submit(
            &mut line,
            4,
            USER,
            job,
            &extranonce2.0,
            numbers,
            self.version_bits(),
        );
        line
    }

    /// The share as the session puts it together from the miner's line.
    fn share(&self) -> Share {
        let (extranonce1, extranonce2) = self.slot(self.slot_at());
        let line = self.submit_line(&self.job(self.slot_at()).id.to_string(), extranonce2);
        let Ok(Request { call: Call::Submit(submit), .. }) = Request::decode(&line) else {
            panic!("{}: the line is a submit", self.name);
        };
        let Submit { extranonce2, ntime, nonce, version_bits, .. } = submit;
        let (version_mask, difficulty) = (VERSION_MASK, self.network_difficulty());
        Share { extranonce1, extranonce2, ntime, nonce, version_bits, version_mask, difficulty }
    }

    fn network_difficulty(&self) -> ShareDifficulty {
        ShareDifficulty::from_f64(self.header().nbits.difficulty().unwrap()).unwrap()
    }
}

/// From jobmaster to miner: over the job feed, then as a notify line.
fn travel(block: &RealBlock, slot_at: usize) -> (Job, Work) {
    let sent = FromJobmaster::Job { tip_work: 0, job: block.job(slot_at) }.encode();
    let Ok(FromJobmaster::Job { job, .. }) = FromJobmaster::decode(&sent) else {
        panic!("{}: the job goes over the feed", block.name);
    };
    let mut line = Vec::new();
    notification::encode_notify(&mut line, &job, true);
    let Ok(ServerMessage::Notify(notified)) = ServerMessage::decode(&line) else {
        panic!("{}: the miner reads its work", block.name);
    };
    let (extranonce1, extranonce2) = block.slot(slot_at);
    let work = Work {
        job: notified,
        extranonce1: extranonce1.to_bytes().to_vec(),
        extranonce2_bytes: extranonce2.0.len(),
        target: block.network_difficulty().to_target(),
        version_mask: VERSION_MASK,
    };
    (job, work)
}

fn check(job: Job, share: &Share) -> Option<Verdict> {
    Some(PreparedJob::new(job, CheckPolicy::default(), 0)?.check(share, false))
}

#[test]
fn a_real_block_is_a_block() {
    for block in real_blocks() {
        let (job, work) = travel(&block, block.slot_at());
        for kernel in Kernel::available() {
            let checks = CheckPolicy { kernel, ..CheckPolicy::default() };
            let mut job = PreparedJob::new(job.clone(), checks, 0).unwrap();
            let verdict = job.check(&block.share(), false);
            assert!(verdict.is_block, "{} by {kernel}", block.name);
            assert_eq!(verdict.outcome, Ok(()), "{} by {kernel}", block.name);
            assert_eq!(verdict.hash, block.hash, "{} by {kernel}", block.name);
            assert_eq!(job.header(&block.share(), &verdict), block.header, "{}", block.name);
        }

        // The miner's side comes to the same header.
        let mut header = work.header(&block.share().extranonce2.0);
        let real = block.header();
        header.version |= real.version & VERSION_MASK;
        (header.ntime, header.nonce) = (real.ntime, real.nonce);
        assert_eq!(header.to_bytes(), block.header, "{}", block.name);
    }
}

#[test]
fn the_fixtures_cover_what_they_should() {
    let blocks: Vec<RealBlock> = real_blocks().collect();
    assert_eq!(blocks.iter().filter(|block| block.version_bits().is_some()).count(), 5);
    // Bits outside the mask that the job itself must carry.
    let outside = |version: u32| version & !VERSION_MASK & !0x2000_0000;
    assert!(blocks.iter().any(|block| outside(block.header().version) != 0));
    assert!(blocks.iter().any(|block| block.others.len() > 2048));
    assert!(blocks.iter().any(|block| block.others.len() % 2 == 0));
}

/// The share with one bit of the miner's fields turned, for every such bit.
fn turned_shares(share: Share) -> Vec<(String, Share)> {
    let mut turned = Vec::new();
    for bit in 0..64 {
        let mut extranonce1 = share.extranonce1.to_bytes();
        extranonce1[bit / 8] ^= 1 << (bit % 8);
        let extranonce1 = Extranonce1::from_bytes(extranonce1);
        turned.push((format!("extranonce1 {bit}"), Share { extranonce1, ..share }));
        let mut extranonce2 = share.extranonce2;
        extranonce2.0[bit / 8] ^= 1 << (bit % 8);
        turned.push((format!("extranonce2 {bit}"), Share { extranonce2, ..share }));
    }
    for bit in 0..32 {
        let ntime = share.ntime ^ 1 << bit;
        turned.push((format!("ntime {bit}"), Share { ntime, ..share }));
        let nonce = share.nonce ^ 1 << bit;
        turned.push((format!("nonce {bit}"), Share { nonce, ..share }));
        // What was not rolled counts as zero here: the job's own version has no bit of the mask.
        let version_bits = Some(share.version_bits.unwrap_or(0) ^ 1 << bit);
        turned.push((format!("version {bit}"), Share { version_bits, ..share }));
    }
    turned
}

#[test]
fn any_bit_of_the_submit_turned_is_refused() {
    for block in real_blocks() {
        let job = block.job(block.slot_at());
        for (what, share) in turned_shares(block.share()) {
            let verdict = check(job.clone(), &share).unwrap();
            let rolled = share.version_bits.unwrap_or(0) & !VERSION_MASK;
            if rolled != 0 {
                // BIP 310: the bit is no part of the header, which is still that of the block; the
                // share is refused for it, and the block goes to a node all the same.
                assert_eq!(verdict.outcome, Err(RejectReason::BadVersionBits), "{}", block.name);
                assert_eq!((verdict.hash, verdict.is_block), (block.hash, true), "{}", block.name);
                continue;
            }
            assert!(!verdict.is_block, "{}: {what}", block.name);
            assert_ne!(verdict.hash, block.hash, "{}: {what}", block.name);
            let reason = verdict.outcome.unwrap_err();
            let allowed = [RejectReason::LowDifficulty, RejectReason::NtimeOutOfRange];
            assert!(allowed.contains(&reason), "{}: {what}: {reason}", block.name);
        }
    }
}

/// The job with one bit turned, for every bit that a header depends on.
fn turned_jobs(job: &Job) -> Vec<(String, Job)> {
    let mut turned = Vec::new();
    let mut push = |what: &str, bit: usize, turn: &dyn Fn(&mut Job)| {
        let mut other = job.clone();
        turn(&mut other);
        turned.push((format!("{what} {bit}"), other));
    };
    for bit in 0..8 * job.coinbase_prefix.len() {
        push("prefix", bit, &|job| job.coinbase_prefix[bit / 8] ^= 1 << (bit % 8));
    }
    for bit in 0..8 * job.coinbase_suffix.len() {
        push("suffix", bit, &|job| job.coinbase_suffix[bit / 8] ^= 1 << (bit % 8));
    }
    for index in 0..job.merkle_branch.len() {
        for bit in 0..256 {
            push("branch", bit, &|job| turn_bit(&mut job.merkle_branch[index], bit));
        }
    }
    for bit in 0..256 {
        push("parent", bit, &|job| turn_bit(&mut job.parent, bit));
    }
    for bit in 0..32 {
        push("nbits", bit, &|job| {
            job.nbits = CompactTarget::from_bits(job.nbits.to_bits() ^ 1 << bit);
        });
        if VERSION_MASK >> bit & 1 == 0 {
            push("version", bit, &|job| job.version ^= 1 << bit);
        }
    }
    turned
}

fn turn_bit(hash: &mut Hash256, bit: usize) {
    let mut bytes = hash.to_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    *hash = Hash256::from_bytes(bytes);
}

#[test]
fn any_bit_of_the_job_turned_is_refused() {
    for block in real_blocks() {
        let share = block.share();
        let (mut judged, mut no_job) = (0, 0);
        for (what, job) in turned_jobs(&block.job(block.slot_at())) {
            // Turned bits may be no target at all: such a job is refused as a whole, by the feed as
            // by the book. An easier target must not make a block of another header.
            let over_feed = FromJobmaster::decode(
                &FromJobmaster::Job { tip_work: 0, job: job.clone() }.encode(),
            );
            let Some(verdict) = check(job, &share) else {
                assert!(over_feed.is_err() && what.starts_with("nbits"), "{}: {what}", block.name);
                no_job += 1;
                continue;
            };
            assert!(over_feed.is_ok(), "{}: {what}", block.name);
            assert!(!verdict.is_block, "{}: {what}", block.name);
            assert_eq!(verdict.outcome, Err(RejectReason::LowDifficulty), "{}: {what}", block.name);
            judged += 1;
        }
        assert!(judged > 2000 && (1..32).contains(&no_job), "{}: {judged}, {no_job}", block.name);
    }
}

#[test]
fn version_bits_that_the_job_has_set_are_the_miners_to_clear() {
    // A template may set bits under the mask; BIP 310 takes them from the miner, cleared ones too.
    for block in real_blocks() {
        let (mut job, mut share) = (block.job(block.slot_at()), block.share());
        job.version |= 0x0000_2000 | 0x1000_0000;
        share.version_bits = Some(block.header().version & VERSION_MASK);
        let verdict = check(job, &share).unwrap();
        assert_eq!((verdict.is_block, verdict.hash), (true, block.hash), "{}", block.name);
    }
}

/// A slot whose extranonce1 a shard can hand out: its middle bytes name a shard and a slot, and the
/// slot is not so high that the test would need gigabytes.
fn slot_for_a_session(block: &RealBlock) -> (usize, Extranonce1) {
    const SLOTS_MAX: u32 = 1 << 16;
    let script_end = 42 + usize::from(block.coinbase[41]);
    let last = script_end.saturating_sub(EXTRANONCE_SLOT_BYTES);
    // From the end of the scriptSig to the front: the signet block's is shorter than a slot.
    (0..=last)
        .rev()
        .map(|slot_at| (slot_at, block.slot(slot_at).0))
        .find(|(_, extranonce1)| middle(*extranonce1) & ((1 << 22) - 1) < SLOTS_MAX)
        .unwrap()
}

fn middle(extranonce1: Extranonce1) -> u32 {
    u32::from_be_bytes(extranonce1.to_bytes()[2..6].try_into().unwrap())
}

fn shard_for(block: &RealBlock, extranonce1: Extranonce1) -> (Now, Shard, ConnectionId) {
    let bytes = extranonce1.to_bytes();
    let shard_and_slot = middle(extranonce1);
    let now =
        Now { instant: Instant::ZERO, unix: UnixTime::from_seconds(block.header().ntime.into()) };
    let slot = shard_and_slot & ((1 << 22) - 1);
    let source = SourceId {
        gateway_id: u16::from_be_bytes([bytes[0], bytes[1]]),
        shard: (shard_and_slot >> 22) as u16,
    };
    let vardiff = VardiffPolicy {
        difficulty_min: ShareDifficulty::MIN,
        ..VardiffPolicy::fixed(block.network_difficulty())
    };
    let config =
        ShardConfig { epoch: 0, connections_max: slot + 1, ..ShardConfig::new(source, vardiff) };
    let generation = u32::from(u16::from_be_bytes([bytes[6], bytes[7]]));
    (now, Shard::new(now, config), ConnectionId { slot, generation })
}

#[test]
fn an_honest_session_hands_a_real_block_in() {
    for block in real_blocks() {
        let (slot_at, extranonce1) = slot_for_a_session(&block);
        let (now, mut shard, connection) = shard_for(&block, extranonce1);
        let (job, _) = travel(&block, slot_at);
        shard.handle_job(now, job.clone());
        shard.handle_connected(now, connection, IpAddr::from([127, 0, 0, 1]), 0);
        let mut greeting = Vec::new();
        request::encode_configure(&mut greeting, 1, VERSION_MASK);
        request::encode_subscribe(&mut greeting, 2, "test/1", None);
        request::encode_authorize(&mut greeting, 3, USER, "x");
        greeting.extend(block.submit_line(&job.id.to_string(), block.slot(slot_at).1));
        shard.handle_received(now, connection, &greeting);

        let expected = FoundBlock {
            job: job.id,
            height: block.height,
            hash: block.hash,
            header: block.header,
            coinbase: block.coinbase.clone(),
            finder: USER.parse().unwrap(),
        };
        let mut sent = || match shard.poll_action() {
            Some(Action::Send { bytes, .. }) => {
                String::from_utf8(shard.outbox(&bytes).to_vec()).unwrap()
            }
            other => panic!("{}: replies are expected: {other:?}", block.name),
        };
        let greeted = sent();
        assert!(greeted.contains(&format!("\"{extranonce1}\",8]")), "{}: {greeted}", block.name);
        let job = shard.poll_action();
        assert!(matches!(job, Some(Action::SendJob { clean: true, .. })), "{}", block.name);
        let found = shard.poll_action();
        assert_eq!(found, Some(Action::FoundBlock(Box::new(expected))), "{}", block.name);
        let Some(Action::Send { bytes, .. }) = shard.poll_action() else {
            panic!("{}: the reply follows", block.name);
        };
        let reply = str::from_utf8(shard.outbox(&bytes)).unwrap();
        assert_eq!(reply, "{\"id\":4,\"result\":true,\"error\":null}\n", "{}", block.name);
        assert_eq!(shard.stats().accepted, 1, "{}", block.name);
    }
}
