//! The recorded conversations of the session's tests once more, through a real ring and a real socket.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;

use sluice_ring::EngineConfig;
use sluice_units::JobKind;

use super::{Bench, job_message};
use crate::queues::ShardMessage;

#[path = "../../../../session/testdata/conversations/pool.rs"]
mod pool;

/// Added to the first generation of a slot, the epoch makes the one that was recorded.
const EPOCH: u64 = pool::CONNECTION.generation as u64;

/// A pool with one miner, who is at the recorded place.
struct Line {
    bench: Bench,
    miner: TcpStream,
    /// What came and was not looked at.
    heard: Vec<u8>,
    jobs: u32,
    tip: u8,
    _others: Vec<TcpStream>,
}

impl Line {
    fn open() -> Self {
        let engine = EngineConfig { connections_max: 8, ..EngineConfig::default() };
        let mut bench = Bench::of(engine, pool::config(EPOCH));
        bench.inbox.send(job_message(pool::job(1, 1, JobKind::Clean))).unwrap();
        bench.step();
        let mut streams: Vec<_> =
            (0..=pool::CONNECTION.slot).map(|slot| connect(&mut bench, slot)).collect();
        let miner = streams.pop().expect("one is the miner");
        miner.set_nonblocking(true).unwrap();
        Self { bench, miner, heard: Vec::new(), jobs: 1, tip: 1, _others: streams }
    }

    fn job(&mut self, kind: JobKind) {
        self.jobs += 1;
        self.tip += u8::from(kind == JobKind::Clean);
        let job = pool::job(self.jobs, self.tip, kind);
        self.bench.inbox.send(job_message(job)).unwrap();
    }

    fn narrow_job(&mut self) {
        self.jobs += 1;
        let job = pool::narrow_job(self.jobs, self.tip);
        self.bench.inbox.send(job_message(job)).unwrap();
    }

    /// The miner comes back, into the slot that it had, which is the only one that is free.
    fn reconnect(&mut self) {
        let stats = |line: &Self| *line.bench.drive.engine.stats();
        let closed = stats(self).closed;
        self.miner.shutdown(std::net::Shutdown::Both).unwrap();
        while stats(self).closed == closed {
            self.bench.step();
        }
        let accepted = stats(self).accepted;
        self.miner = connect(&mut self.bench, u32::try_from(accepted).unwrap());
        self.miner.set_nonblocking(true).unwrap();
        self.heard.clear();
    }

    /// The pool's next line; `None` where it hung up.
    fn hear(&mut self) -> Option<String> {
        for _ in 0..1_000_000 {
            if let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                return Some(String::from_utf8(line).unwrap().trim_end().to_owned());
            }
            self.bench.step();
            let mut buffer = [0; 8192];
            match self.miner.read(&mut buffer) {
                Ok(0) => return None,
                Ok(length) => self.heard.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
        panic!("the line never came");
    }

    /// Speaks and hears as the file says.
    fn follow(&mut self, path: &Path) {
        let mut is_open = true;
        for (number, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
            let place = format!("{}:{}", path.display(), number + 1);
            match line.split_at_checked(2) {
                Some(("> ", said)) => {
                    let sent = self.miner.write_all(pool::line(said).as_bytes());
                    assert!(!is_open || sent.is_ok(), "{place}: {sent:?}");
                }
                Some(("! ", "job refresh")) => self.job(JobKind::Refresh),
                Some(("! ", "job clean")) => self.job(JobKind::Clean),
                Some(("! ", "job narrow")) => self.narrow_job(),
                Some(("! ", "end")) => self.bench.inbox.send(ShardMessage::Stop).unwrap(),
                Some(("! ", "reconnect")) => self.reconnect(),
                Some(("< ", "closed")) => {
                    assert_eq!(self.hear(), None, "{place}");
                    is_open = false;
                }
                Some(("< ", expected)) => {
                    assert_eq!(self.hear().as_deref(), Some(expected), "{place}")
                }
                _ => assert!(line.is_empty() || line.starts_with('#'), "{place}"),
            }
        }
        if is_open {
            self.miner
                .write_all(b"{\"id\":\"the end\",\"method\":\"mining.ping\",\"params\":[]}\n")
                .unwrap();
            let pong = self.hear().expect("the pool is there");
            assert!(pong.contains("the end"), "{}: more than was recorded: {pong}", path.display());
        }
    }
}

/// One after another, so that each gets the next slot.
fn connect(bench: &mut Bench, slot: u32) -> TcpStream {
    let stream = TcpStream::connect(bench.address()).unwrap();
    for _ in 0..1_000_000 {
        bench.step();
        if bench.drive.engine.stats().accepted > u64::from(slot) {
            return stream;
        }
    }
    panic!("it was never accepted");
}

#[test]
fn the_pool_answers_over_a_socket_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../session/testdata/conversations");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).collect();
    assert!(paths.len() >= 28, "{paths:?}");
    for path in paths {
        Line::open().follow(&path);
    }
}
