//! A hundred thousand visitors who do not mine: nothing of them is left behind, and miners do not notice.

use std::net::SocketAddrV4;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use sluice_end_to_end::bcoin::BcoinNode;
use sluice_end_to_end::process::ChildProcess;
use sluice_end_to_end::process_resources::{
    HeldDescriptors, anonymous_memory_bytes, held_descriptors,
};
use sluice_end_to_end::roles::{Roles, stop};
use sluice_end_to_end::sluice::PATIENCE;
use sluice_end_to_end::store_dump::{StoreDump, read_embedded, sum};
use sluice_end_to_end::stratum::{Share, StratumClient, Wanted};
use sluice_end_to_end::visitors::{SlowVisitor, VisitKind, visit, visits_that_stay};

const ADDRESS: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const VISITS: u32 = 100_000;
const VISITING_THREADS: u32 = 4;
/// Those that are there at one time; half of them say nothing, half a byte a second.
const SLOW_VISITORS: u32 = 48;
const HANDSHAKE_TIMEOUT_S: u64 = 5;
/// Less than a hundred bytes for each visit of the second half.
const MEMORY_GROWTH_BYTES_MAX: u64 = 4 << 20;
const MINERS: usize = 400;
/// A miner's burst is some kilobytes, so that all bursts together fill every receive buffer of both shards.
const SUBMITS_PER_BURST: usize = 40;
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Looks for what is held while no batch is written: more than two seconds of them.
const BATCH_LOOKS: usize = 120;
const PING_INTERVAL: Duration = Duration::from_millis(100);
const DRIP_INTERVAL: Duration = Duration::from_secs(1);

/// A pool of three roles on a node that finds no block by itself.
struct RunningPool {
    gateway: ChildProcess,
    metawriter: ChildProcess,
    jobmaster: ChildProcess,
    roles: Roles,
    store: std::path::PathBuf,
    _node: BcoinNode,
}

impl RunningPool {
    fn start(folder: &std::path::Path) -> Self {
        let node = BcoinNode::start();
        let store = folder.join("store.redb");
        let roles = Roles::configure(
            folder,
            "bare",
            &node.url(),
            ADDRESS,
            &format!("embedded_path = {store:?}"),
        );
        let text = roles.gateway_text("gateway-data", &roles.stratum);
        let timeout = format!("handshake_timeout_s = {HANDSHAKE_TIMEOUT_S}\n");
        roles.write("gateway", &(text + &timeout));
        let metawriter = roles.start("metawriter", "metawriter");
        let jobmaster = roles.start("jobmaster", "jobmaster");
        let gateway = roles.start("gateway", "gateway");
        gateway.wait_for_line(|line| line.contains("batches go there"), PATIENCE);
        gateway.wait_for_line(|line| line.contains("miners are served"), PATIENCE);
        Self { gateway, metawriter, jobmaster, roles, store, _node: node }
    }

    fn address(&self) -> SocketAddrV4 {
        self.roles.stratum.parse().unwrap()
    }

    /// What the gateway holds, as soon as that is as wanted.
    fn wait_until_it_holds(&self, wanted: impl Fn(&HeldDescriptors) -> bool) -> HeldDescriptors {
        let deadline = Instant::now() + PATIENCE;
        let mut latest = None;
        loop {
            if let Some(held) = held_descriptors(self.gateway.id()) {
                if wanted(&held) {
                    return held;
                }
                latest = Some(held);
            }
            let tail = || self.gateway.log_tail();
            assert!(Instant::now() < deadline, "it still holds {latest:?}; {}", tail());
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Stops all, and gives what the store holds.
    fn stop(self) -> StoreDump {
        let log = stop(self.gateway);
        assert!(!log.iter().any(|line| line.contains("FATAL")), "{}", log.join("\n"));
        stop(self.jobmaster);
        stop(self.metawriter);
        read_embedded(&self.store)
    }
}

/// Pays visits from several threads, each kind in turn.
fn pay_visits(pool: SocketAddrV4, numbers: std::ops::Range<u32>) {
    let next = AtomicU32::new(numbers.start);
    thread::scope(|scope| {
        for _ in 0..VISITING_THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        return;
                    }
                    visit(pool, number);
                }
            });
        }
    });
}

/// Slow visitors come in waves, the next one when the pool has closed every connection of the last, until told to end.
/// Gives how many came, all of whom the pool closed.
fn pay_slow_visits(pool: SocketAddrV4, ended: &AtomicBool) -> u32 {
    let mut came = 0;
    while !ended.load(Ordering::Relaxed) {
        let numbers = VISITS + came..VISITS + came + SLOW_VISITORS;
        let mut visitors: Vec<_> =
            numbers.map(|number| SlowVisitor::connect(pool, number, number % 2 == 0)).collect();
        came += SLOW_VISITORS;
        let deadline = Instant::now() + PATIENCE;
        loop {
            visitors.retain_mut(|visitor| !visitor.is_closed());
            if visitors.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "{} slow visitors are still there", visitors.len());
            visitors.iter_mut().for_each(SlowVisitor::send_a_byte);
            thread::sleep(DRIP_INTERVAL);
        }
    }
    came
}

/// Asks again and again until told to end; each answer is waited for.
fn ping(miner: &mut StratumClient, ended: &AtomicBool) {
    while !ended.load(Ordering::Relaxed) {
        assert_eq!(miner.request("mining.ping", &json!([])), json!("pong"));
        thread::sleep(PING_INTERVAL);
    }
}

/// Tells the other threads to end when it is dropped, be it because something failed; then the gateway's log says more.
struct Ending<'a> {
    ended: &'a AtomicBool,
    gateway: &'a ChildProcess,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if thread::panicking() {
            eprintln!("{}", self.gateway.log_tail());
        }
    }
}

/// Several hundred miners at one time get work, and every submit of their bursts is answered.
fn serve_miners(pool: &RunningPool, before: &HeldDescriptors) {
    let connect = |number| StratumClient::start(&pool.roles.stratum, &format!("alice.rig{number}"));
    let mut miners: Vec<StratumClient> = (0..MINERS).map(connect).collect();
    let slots = before.ring_slots() + MINERS;
    pool.wait_until_it_holds(|held| held.ring_slots() == slots);
    let bursts: Vec<Vec<Share>> = miners
        .iter_mut()
        .map(|miner| vec![miner.search(Wanted::TooEasy); SUBMITS_PER_BURST])
        .collect();
    // All send before any reads.
    for (miner, burst) in miners.iter_mut().zip(&bursts) {
        miner.send_submits(burst);
    }
    for miner in &mut miners {
        assert_eq!(miner.read_refusals(SUBMITS_PER_BURST), [23; SUBMITS_PER_BURST]);
    }
    drop(miners);
    pool.wait_until_it_holds(|held| held == before);
}

fn check_counters(store: &StoreDump, slow: u32) {
    let count = |name: &str| sum(store, &format!("btc:m:{name}")) as u32;
    let stayed = |kinds: &[VisitKind]| -> u32 {
        kinds.iter().map(|kind| visits_that_stay(VISITS, *kind)).sum()
    };
    let connections = VISITS + slow + MINERS as u32 + 1;
    assert_eq!(count("connection_new"), connections);
    assert_eq!(count("connection_close"), connections);
    // A visitor who sends no line is another one where the gateway learns late that it has gone.
    let expired = count("handshake_expired");
    assert!(expired >= slow, "{expired} of {slow}");
    let too_long = count("line_too_long");
    assert!(too_long >= stayed(&[VisitKind::LongLine]), "{too_long}");
    let not_stratum = count("not_stratum");
    let kinds = [
        VisitKind::Garbage,
        VisitKind::Http,
        VisitKind::OtherJson,
        VisitKind::BlankLines,
        VisitKind::GarbageFromWorker,
    ];
    assert!(not_stratum >= stayed(&kinds), "{not_stratum}");
    // Each was told what is wrong, and so was each submit of the bursts.
    let refused = (MINERS * SUBMITS_PER_BURST) as u32;
    assert_eq!(count("request_invalid"), too_long + not_stratum + refused);
    assert_eq!((count("share"), count("reject")), (1, refused));
}

#[test]
fn a_hundred_thousand_bad_visits_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let pool = RunningPool::start(folder.path());
    let address = pool.address();
    let mut miner = StratumClient::start(&pool.roles.stratum, "alice.honest");
    // The listeners are descriptors; the one miner is a slot.
    // A batch of every second is a file that is open for a moment.
    let looks = (0..BATCH_LOOKS).map(|_| {
        thread::sleep(POLL_INTERVAL);
        pool.wait_until_it_holds(|held| held.rings.len() == 2 && held.ring_slots() == 1)
    });
    let before = looks.min_by_key(|held| held.descriptors).expect("it was looked at");

    let ended = AtomicBool::new(false);
    let slow = thread::scope(|scope| {
        scope.spawn(|| ping(&mut miner, &ended));
        let slow = scope.spawn(|| pay_slow_visits(address, &ended));
        let ending = Ending { ended: &ended, gateway: &pool.gateway };
        pay_visits(address, 0..VISITS / 2);
        let after_half = anonymous_memory_bytes(pool.gateway.id());
        pay_visits(address, VISITS / 2..VISITS);
        let after_all = anonymous_memory_bytes(pool.gateway.id());
        let growth = after_all.saturating_sub(after_half);
        assert!(growth <= MEMORY_GROWTH_BYTES_MAX, "{after_half} bytes became {after_all}");
        drop(ending);
        slow.join().unwrap()
    });
    pool.wait_until_it_holds(|held| *held == before);

    serve_miners(&pool, &before);
    // The one who was there all the time can still mine.
    let share = miner.search(Wanted::Block);
    assert_eq!(miner.submit(&share), 0);
    drop(miner);
    check_counters(&pool.stop(), slow);
}
