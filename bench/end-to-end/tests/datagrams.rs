//! Jobs over a bad network: a real jobmaster's datagrams are lost, sent twice, held back, replayed, changed,
//! cut and joined by a stranger's, and every shard is on the right job all the same.

use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::roles::Roles;
use sluice_end_to_end::sluice::PATIENCE;
use sluice_service::ClusterKey;
use sluice_service::link::{self, Inbound};
use sluice_session::{FeedAction, FeedStats, JobSubscriber};
use sluice_units::Job;
use sluice_wire::job_datagram::{DatagramKey, DatagramSealer, FeedName};
use sluice_wire::job_feed::{FromGateway, FromJobmaster, JOB_FEED_VERSION};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const SHARDS: usize = 4;
const ROUNDS: u64 = 25;

/// Numbers by a seed, so that a run that fails can be looked at again.
struct Luck(u64);

impl Luck {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's multiplier and increment for 64 bits; the upper bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// A shard behind a bad network.
struct BadShard {
    socket: UdpSocket,
    jobs: JobSubscriber,
    latest: Option<Job>,
    luck: Luck,
    /// Datagrams that are held back.
    held: Vec<Vec<u8>>,
    /// What was let through at least once.
    seen: BTreeSet<Vec<u8>>,
    /// What was done to it, as it must have counted that.
    expected: FeedStats,
}

impl BadShard {
    fn new(seed: u64) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has free ports");
        socket.set_nonblocking(true).expect("a socket can be asked without waiting");
        Self {
            socket,
            jobs: JobSubscriber::new(1, Duration::from_secs(60)),
            latest: None,
            luck: Luck(seed),
            held: Vec::new(),
            seen: BTreeSet::new(),
            expected: FeedStats::default(),
        }
    }

    fn port(&self) -> u16 {
        self.socket.local_addr().expect("a bound socket has an address").port()
    }

    fn receive(&mut self, now: sluice_units::Instant) {
        let mut bytes = [0; 2048];
        while let Ok(length) = self.socket.recv(&mut bytes) {
            let datagram = bytes[..length].to_vec();
            match self.luck.below(10) {
                0 | 1 => {}
                2 | 3 => self.held.push(datagram),
                4 => {
                    self.pass(now, &datagram);
                    self.pass(now, &datagram);
                }
                _ => self.pass(now, &datagram),
            }
            if self.luck.below(4) == 0 {
                while let Some(late) = self.held.pop() {
                    self.pass(now, &late);
                }
            }
        }
    }

    fn pass(&mut self, now: sluice_units::Instant, datagram: &[u8]) {
        if !self.seen.insert(datagram.to_vec()) {
            self.expected.datagrams_replayed += 1;
        }
        self.jobs.handle_datagram(now, datagram);
        self.look();
    }

    /// What somebody without the key can do with what passed.
    fn attack(&mut self, now: sluice_units::Instant) {
        let Some(recorded) = self.seen.last().cloned() else { return };
        for replayed in self.seen.clone() {
            self.pass(now, &replayed);
        }
        let mut changed = recorded.clone();
        let at = 20 + self.luck.below(changed.len() as u64 - 20) as usize;
        changed[at] ^= 1 << self.luck.below(8);
        self.jobs.handle_datagram(now, &changed);
        // Its counter was seen: no seal is looked at.
        self.expected.datagrams_replayed += 1;
        for length in [0, 3, 19, 35] {
            self.jobs.handle_datagram(now, &recorded[..length.min(recorded.len())]);
            self.expected.datagrams_foreign += 1;
        }
        let mut stranger = DatagramSealer::new(FeedName(1), &DatagramKey([7; 32]));
        let message = FromJobmaster::Alive.encode();
        for foreign in stranger.seal(1, &message).expect("it is short") {
            self.jobs.handle_datagram(now, &foreign);
            self.expected.datagrams_foreign += 1;
        }
        // The name of the feed is no secret; its key is.
        let name = u64::from_le_bytes(recorded[4..12].try_into().expect("8 bytes"));
        let mut forger = DatagramSealer::new(FeedName(name), &DatagramKey([7; 32]));
        let mut forged = forger.seal(1 << 40, &message).expect("it is short").remove(0);
        forged[12..20].copy_from_slice(&(u64::MAX - 5).to_le_bytes());
        self.jobs.handle_datagram(now, &forged);
        self.expected.datagrams_forged += 1;
        self.look();
    }

    /// Takes the jobs that are to be worked on, none of which is older than the one before.
    fn look(&mut self) {
        while let Some(action) = self.jobs.poll_action() {
            let FeedAction::Job(job) = action else { continue };
            if let Some(latest) = &self.latest {
                assert!(latest.id <= job.id && latest.height <= job.height, "{latest:?} {job:?}");
            }
            self.latest = Some(*job);
        }
    }

    fn is_on(&self, tip: &str) -> bool {
        self.latest.as_ref().is_some_and(|job| job.parent.to_string() == tip)
    }
}

#[tokio::test]
async fn a_bad_network_and_a_stranger_change_nothing_but_the_latency() {
    let node = BcoinNode::start();
    node.mine(2);
    let folder = tempfile::tempdir().unwrap();
    let store = format!("embedded_path = {:?}", folder.path().join("store.redb"));
    let roles = Roles::configure(folder.path(), "bare", &node.url(), ADDRESS, &store);
    let jobmaster = roles.start("jobmaster", "jobmaster");
    jobmaster.wait_for_line(|line| line.contains("new job"), PATIENCE);

    let mut shards: Vec<BadShard> = (0..SHARDS).map(|shard| BadShard::new(shard as u64)).collect();
    let key = ClusterKey::from_file(&roles.path("key")).unwrap();
    let (mut sender, receiver) = link::connect(&roles.jobmaster, &key).await.unwrap();
    let datagram_ports = shards.iter().map(BadShard::port).collect();
    let hello = FromGateway::Hello { version: JOB_FEED_VERSION, gateway_id: 1, datagram_ports };
    sender.send(&hello.encode()).await.unwrap();
    let mut inbound = Inbound::start(receiver, FromJobmaster::decode);
    let Ok(FromJobmaster::Welcome { feed, key }) = inbound.receive().await else {
        panic!("the jobmaster welcomes a gateway");
    };
    let start = Instant::now();
    let now = || sluice_units::Instant::from_nanos(start.elapsed().as_nanos() as u64);

    for shard in &mut shards {
        shard.jobs.handle_linked(now(), 0, feed, &key);
    }
    for round in 0..ROUNDS {
        let tip = node.mine(1).remove(0);
        let give_up_at = Instant::now() + PATIENCE;
        while !shards.iter().all(|shard| shard.is_on(&tip)) {
            assert!(Instant::now() < give_up_at, "round {round}: not all are on {tip}");
            for shard in &mut shards {
                shard.receive(now());
            }
            let message = tokio::time::timeout(Duration::from_millis(2), inbound.receive()).await;
            let Ok(message) = message else { continue };
            // What came by datagram meanwhile came first.
            for shard in &mut shards {
                shard.receive(now());
            }
            let message = message.expect("the link stays");
            for shard in &mut shards {
                shard.jobs.handle_message(now(), 0, message.clone());
                shard.look();
            }
        }
        for shard in &mut shards {
            shard.attack(now());
        }
    }
    let mut first = 0;
    for shard in &shards {
        let stats = *shard.jobs.stats();
        first += stats.datagram_first;
        let expected = FeedStats { datagram_first: stats.datagram_first, ..shard.expected };
        assert_eq!(stats, expected);
        assert!(stats.datagrams_forged > 0 && stats.datagrams_replayed > ROUNDS, "{stats:?}");
    }
    assert!(first > 0, "no job came by datagram first");
}
