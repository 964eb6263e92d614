//! A miner that never gives up, and remembers what it was told.

use std::collections::{BTreeMap, VecDeque};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use sluice_service::clock::unix_time;
use sluice_wire::stratum::ServerMessage;

use crate::greeting::{Greeting, Lines, NOTIFY_PREFIX, Progress, greeting};
use crate::shares::{FIRST_SUBMIT_ID, ShareSource};

/// Shares without an answer.
const WINDOW: usize = 32;
const RECONNECT_WAIT: Duration = Duration::from_millis(20);
const READ_WAIT: Duration = Duration::from_millis(100);
/// How long a stop waits for the last answers.
const LAST_LOOKS: u32 = 100;

/// The name of an account, as keys have it.
pub(crate) fn account(number: u32) -> String {
    format!("acct{number:03}")
}

/// What one miner was told.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) account: String,
    /// Accepted shares that came and were answered in the same minute: of that minute for sure.
    pub(crate) sure: BTreeMap<u64, u64>,
    /// Accepted shares that were answered in another minute than they were sent in.
    pub(crate) either: BTreeMap<(u64, u64), u64>,
    /// Shares whose connection ended before an answer: they may have been counted.
    pub(crate) unanswered: u64,
    pub(crate) refused: u64,
    pub(crate) connections: u64,
}

impl Seen {
    pub(crate) fn accepted(&self) -> u64 {
        self.sure.values().sum::<u64>() + self.either.values().sum::<u64>()
    }

    fn accept(&mut self, sent: u64, answered: u64) {
        if sent == answered {
            *self.sure.entry(sent).or_default() += 1;
        } else {
            *self.either.entry((sent, answered)).or_default() += 1;
        }
    }
}

fn minute() -> u64 {
    unix_time().minute().to_seconds()
}

/// Mines until told to stop, and tells meanwhile how many shares were accepted.
pub(crate) fn mine(
    address: SocketAddr,
    account: &str,
    accepted: &AtomicU64,
    stop: &AtomicBool,
) -> Seen {
    let mut seen = Seen { account: account.to_owned(), ..Seen::default() };
    let worker = format!("{account}.rig");
    while !stop.load(Ordering::Relaxed) {
        match Connection::open(address, &worker) {
            Some(mut connection) => {
                seen.connections += 1;
                connection.mine(&mut seen, accepted, stop);
                seen.unanswered += connection.waiting.len() as u64;
            }
            None => thread::sleep(RECONNECT_WAIT),
        }
    }
    seen
}

struct Connection<'a> {
    stream: TcpStream,
    worker: &'a str,
    place: (Vec<u8>, usize),
    lines: Lines,
    source: ShareSource,
    next_id: u64,
    /// The ids that were sent and not answered yet, with the minute in which they were.
    waiting: VecDeque<(u64, u64)>,
}

impl<'a> Connection<'a> {
    /// Connects, greets and takes the first job.
    fn open(address: SocketAddr, worker: &'a str) -> Option<Self> {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        stream.write_all(&greeting(worker)).ok()?;
        let (mut greeting, mut bytes) = (Greeting::new(false), [0; 4096]);
        let rest = loop {
            let count = stream.read(&mut bytes).ok().filter(|count| *count > 0)?;
            match greeting.feed(&bytes[..count]) {
                Progress::Waiting => {}
                Progress::Done(rest) => break rest.to_vec(),
                Progress::Refused(_) => return None,
            }
        };
        stream.set_read_timeout(Some(READ_WAIT)).ok()?;
        let place = greeting.place?;
        let source = source(&greeting.notify, &place, worker)?;
        let mut lines = Lines::default();
        lines.feed(&rest, |_| true)?;
        let (next_id, waiting) = (FIRST_SUBMIT_ID, VecDeque::new());
        Some(Self { stream, worker, place, lines, source, next_id, waiting })
    }

    /// Until the connection ends, or the miner is told to stop and has had its answers.
    fn mine(&mut self, seen: &mut Seen, accepted: &AtomicU64, stop: &AtomicBool) {
        let (mut bytes, mut lines) = (vec![0; 64 * 1024], Vec::new());
        let mut looks = 0;
        loop {
            let is_stopping = stop.load(Ordering::Relaxed);
            if is_stopping && (self.waiting.is_empty() || looks >= LAST_LOOKS) {
                return;
            }
            looks += u32::from(is_stopping);
            lines.clear();
            while !is_stopping && self.waiting.len() < WINDOW {
                lines.extend_from_slice(self.source.next_line(self.next_id));
                self.waiting.push_back((self.next_id, minute()));
                self.next_id += 1;
            }
            if self.stream.write_all(&lines).is_err() {
                return;
            }
            match self.stream.read(&mut bytes) {
                Ok(0) => return,
                Ok(count) => {
                    if self.take(&bytes[..count], seen).is_none() {
                        return;
                    }
                    accepted.store(seen.accepted(), Ordering::Relaxed);
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return,
            }
        }
    }

    /// `None` where the gateway says what it must not.
    fn take(&mut self, bytes: &[u8], seen: &mut Seen) -> Option<()> {
        let mut lines = core::mem::take(&mut self.lines);
        let rest = lines.feed(bytes, |line| {
            self.take_line(line, seen);
            true
        });
        self.lines = lines;
        rest.map(drop)
    }

    fn take_line(&mut self, line: &[u8], seen: &mut Seen) {
        if line.starts_with(NOTIFY_PREFIX) {
            if let Some(source) = source(line, &self.place, self.worker) {
                self.source = source;
            }
            return;
        }
        let Ok(ServerMessage::Reply { id, result }) = ServerMessage::decode(line) else { return };
        let Some(at) = self.waiting.iter().position(|(own, _)| *own == id) else { return };
        let (_, sent) = self.waiting.remove(at).expect("it was just found");
        match result {
            Ok(result) if result == true => seen.accept(sent, minute()),
            _ => seen.refused += 1,
        }
    }
}

fn source(
    notify: &[u8],
    (extranonce1, bytes): &(Vec<u8>, usize),
    worker: &str,
) -> Option<ShareSource> {
    match ServerMessage::decode(notify) {
        Ok(ServerMessage::Notify(job)) => Some(ShareSource::new(&job, extranonce1, *bytes, worker)),
        _ => None,
    }
}
