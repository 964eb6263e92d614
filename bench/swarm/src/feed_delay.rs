//! How long a job takes from a jobmaster's hands to a shard's: sealed, sent as a datagram, received by a
//! ring, opened, decoded and chosen, by the code that jobmasters and shards run.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use sluice_ring::{Engine, EngineConfig, Handler};
use sluice_session::{FeedAction, JobSubscriber};
use sluice_units::{ConnectionId, Instant};
use sluice_wire::job_datagram::{DatagramKey, DatagramSealer, FeedName};
use sluice_wire::job_feed::FromJobmaster;

use crate::child::Interruption;
use crate::error::BenchError;
use crate::jobs::JobRow;
use crate::monotonic::now_ns;
use crate::statistics::Latencies;

const JOBS: usize = 1000;
const JOB_INTERVAL: Duration = Duration::from_millis(2);
const TURN_WAIT: Duration = Duration::from_millis(100);
/// What a job takes of a datagram, about.
const JOB_DATAGRAM_BYTES: usize = 800;
const FEED: FeedName = FeedName(7);
const KEY: DatagramKey = DatagramKey([7; 32]);

/// A shard that takes jobs and has no miners.
struct Shard {
    jobs: JobSubscriber,
    /// When each job was sent, by its number.
    sent_ns: Arc<Vec<AtomicU64>>,
    latencies: Latencies,
}

impl Handler for Shard {
    fn connected(&mut self, _connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        unreachable!("an engine that does not listen accepts nobody");
    }
    fn received(&mut self, _connection: ConnectionId, _bytes: &[u8]) {}
    fn closed(&mut self, _connection: ConnectionId) {}

    fn datagram(&mut self, _sender: SocketAddr, bytes: &[u8]) {
        self.jobs.handle_datagram(Instant::from_nanos(now_ns()), bytes);
        while let Some(action) = self.jobs.poll_action() {
            if let FeedAction::Job(job) = action {
                let number = (job.id.to_u64() & 0xff_ffff) as usize - 1;
                let sent = self.sent_ns[number].load(Ordering::Acquire);
                self.latencies.record_ns(now_ns().saturating_sub(sent));
            }
        }
    }
}

/// Sends jobs to so many shards, and gives what each took to each.
pub(crate) fn measure(shards: u32, interruption: &Interruption) -> Result<Latencies, BenchError> {
    let sent_ns: Arc<Vec<AtomicU64>> = Arc::new((0..JOBS).map(|_| AtomicU64::new(0)).collect());
    let ended = Arc::new(AtomicBool::new(false));
    let (mut targets, mut threads) = (Vec::new(), Vec::new());
    for _ in 0..shards {
        let config =
            EngineConfig { listen: Vec::new(), connections_max: 1, ..EngineConfig::default() };
        let (report_in, report) = std::sync::mpsc::sync_channel(1);
        let (sent_ns, ended) = (Arc::clone(&sent_ns), Arc::clone(&ended));
        threads.push(thread::spawn(move || {
            let opened = Engine::new(config).and_then(|mut engine| {
                let own = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                engine.receive_datagrams(own).map(|address| (engine, address))
            });
            let mut jobs = JobSubscriber::new(1, Duration::from_secs(3600));
            jobs.handle_linked(Instant::from_nanos(now_ns()), 0, FEED, &KEY);
            let mut shard = Shard { jobs, sent_ns, latencies: Latencies::default() };
            let mut engine = match opened {
                Ok((engine, address)) => {
                    let _ = report_in.send(Ok(address));
                    engine
                }
                Err(error) => {
                    let _ = report_in.send(Err(error));
                    return shard.latencies;
                }
            };
            while !ended.load(Ordering::Relaxed) && engine.turn(TURN_WAIT, &mut shard).is_ok() {}
            shard.latencies
        }));
        let told = report.recv().map_err(|_| BenchError::Check("a shard's thread ended".into()))?;
        targets.push(told.map_err(|error| BenchError::Check(error.to_string()))?);
    }
    let sent = send(&targets, &sent_ns, interruption);
    thread::sleep(TURN_WAIT);
    ended.store(true, Ordering::Relaxed);
    let mut all = Latencies::default();
    for thread in threads {
        all.add(&thread.join().expect("a shard's thread ends by itself"));
    }
    sent.map(|()| all)
}

/// The same with nothing on top: bytes of a job's length, received by threads that wait in `recv`.
pub(crate) fn measure_bare(
    shards: u32,
    interruption: &Interruption,
) -> Result<Latencies, BenchError> {
    let failed = |source| BenchError::Scratch { what: "a socket for datagrams", source };
    let (mut targets, mut threads) = (Vec::new(), Vec::new());
    let ended = Arc::new(AtomicBool::new(false));
    for _ in 0..shards {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        socket.set_read_timeout(Some(TURN_WAIT)).map_err(failed)?;
        targets.push(socket.local_addr().map_err(failed)?);
        let ended = Arc::clone(&ended);
        threads.push(thread::spawn(move || {
            let (mut latencies, mut bytes) = (Latencies::default(), [0; 2048]);
            while !ended.load(Ordering::Relaxed) {
                if socket.recv(&mut bytes).is_ok() {
                    let sent = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes"));
                    latencies.record_ns(now_ns().saturating_sub(sent));
                }
            }
            latencies
        }));
    }
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    let sent = (0..JOBS).try_for_each(|_| {
        let mut bytes = [0; JOB_DATAGRAM_BYTES];
        bytes[..8].copy_from_slice(&now_ns().to_le_bytes());
        for target in &targets {
            socket.send_to(&bytes, target).map_err(failed)?;
        }
        interruption.sleep(JOB_INTERVAL)
    });
    thread::sleep(TURN_WAIT);
    ended.store(true, Ordering::Relaxed);
    let mut all = Latencies::default();
    for thread in threads {
        all.add(&thread.join().expect("a thread that receives ends by itself"));
    }
    sent.map(|()| all)
}

fn send(
    targets: &[SocketAddr],
    sent_ns: &[AtomicU64],
    interruption: &Interruption,
) -> Result<(), BenchError> {
    let failed = |source| BenchError::Scratch { what: "a socket for datagrams", source };
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    let mut sealer = DatagramSealer::new(FEED, &KEY);
    let mut row = JobRow::new(1_700_000_000);
    for (number, stamp) in (1..).zip(sent_ns) {
        let message = FromJobmaster::Job { tip_work: number, job: row.next_clean() };
        stamp.store(now_ns(), Ordering::Release);
        let datagrams = sealer.seal(number as u64, &message.encode());
        for datagram in datagrams.expect("a job fits some datagrams") {
            for target in targets {
                socket.send_to(&datagram, target).map_err(failed)?;
            }
        }
        interruption.sleep(JOB_INTERVAL)?;
    }
    Ok(())
}
