//! Miners that submit, each answer checked and timed with as little work as possible.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use sluice_ring::{Engine, Handler, Sent};
use sluice_units::ConnectionId;
use sluice_wire::stratum::{NotifiedJob, ServerMessage, notification};

use super::opening::Opening;
use super::{Crew, Reports};
use crate::greeting::{Greeting, Lines, NOTIFY_PREFIX, Progress, worker_name};
use crate::jobs::JobRow;
use crate::monotonic::now_ns;
use crate::protocol::{Conduct, MinersOrder, MinersReport, MinersSetup, Ran};
use crate::shares::{Answer, FIRST_SUBMIT_ID, ShareSource, parse_answer};
use crate::statistics::Latencies;

/// How long to wait where nothing is due.
const IDLE_WAIT: Duration = Duration::from_millis(100);
/// How often the progress is reported.
const REPORT_INTERVAL: Duration = Duration::from_millis(500);
/// Where the bytes of a search space stand in for those that a pool gives.
const ECHO_PLACE: ([u8; 8], usize) = ([0; 8], 8);

/// One miner.
struct Submitter {
    connection: Option<ConnectionId>,
    greeting: Option<Greeting>,
    lines: Lines,
    /// Extranonce1 and the bytes of extranonce2.
    place: (Vec<u8>, usize),
    job: Option<Rc<NotifiedJob>>,
    /// Made from the job when it is first used.
    shares: Option<ShareSource>,
    next_id: u64,
    /// When each unanswered submit was sent; answers come in the order of the submits.
    sent_ns: VecDeque<u64>,
    /// The expected line has come.
    seen: bool,
}

pub(super) struct Submitters {
    opening: Opening,
    reports: Reports,
    conduct: Conduct,
    is_echo: bool,
    first: u64,
    members: Vec<Submitter>,
    refused: Vec<ConnectionId>,
    newest_job: NewestJob,
    expected: Option<Vec<u8>>,
    /// Miners that are authorised and connected.
    open: u32,
    /// Those of them who have had the expected line.
    seen: u32,
    running: bool,
    cursor: usize,
    in_flight: u32,
    next_at_ns: u64,
    random: Random,
    latencies: Latencies,
    ran: Ran,
    started_ns: u64,
    /// The clock's reading in this turn, once something has come.
    turn_ns: Option<u64>,
    report_due_ns: u64,
}

/// All miners hear of the same job: it is read once.
#[derive(Default)]
struct NewestJob {
    line: Vec<u8>,
    job: Option<Rc<NotifiedJob>>,
}

impl NewestJob {
    fn read(&mut self, line: &[u8]) -> Option<Rc<NotifiedJob>> {
        if self.line != line {
            self.line = line.to_vec();
            self.job = match ServerMessage::decode(line) {
                Ok(ServerMessage::Notify(job)) => Some(Rc::new(job)),
                _ => None,
            };
        }
        self.job.clone()
    }
}

/// Marsaglia's xorshift64: any sequence without a pattern will do, the same one every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A pause of a Poisson process.
    fn pause_ns(&mut self, per_second: f64) -> u64 {
        let unit = ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        (-unit.ln() / per_second * 1e9) as u64
    }
}

impl Submitters {
    pub(super) fn new(setup: &MinersSetup, reports: Reports) -> Self {
        let member = || Submitter {
            connection: None,
            greeting: None,
            lines: Lines::default(),
            place: (ECHO_PLACE.0.to_vec(), ECHO_PLACE.1),
            job: None,
            shares: None,
            next_id: FIRST_SUBMIT_ID,
            sent_ns: VecDeque::new(),
            seen: false,
        };
        let mut line = Vec::new();
        notification::encode_notify(&mut line, &JobRow::new(1_700_000_000).next_clean(), true);
        let mut newest_job = NewestJob::default();
        if setup.is_echo {
            newest_job.read(line.trim_ascii());
        }
        Self {
            opening: Opening::new(setup),
            reports,
            conduct: setup.conduct,
            is_echo: setup.is_echo,
            first: setup.first,
            members: (0..setup.connections).map(|_| member()).collect(),
            refused: Vec::new(),
            newest_job,
            expected: None,
            open: 0,
            seen: 0,
            running: false,
            cursor: 0,
            in_flight: 0,
            next_at_ns: 0,
            random: Random(88_172_645_463_325_252),
            latencies: Latencies::default(),
            ran: Ran::default(),
            started_ns: 0,
            turn_ns: None,
            report_due_ns: 0,
        }
    }

    fn begin(&mut self, now_ns: u64) {
        self.running = true;
        self.latencies.clear();
        let lost = self.ran.lost;
        self.ran = Ran { lost, ..Ran::default() };
        (self.started_ns, self.next_at_ns) = (now_ns, now_ns);
    }

    /// Submits the next share of one miner; `false` where that one is gone.
    fn submit(&mut self, now_ns: u64, engine: &mut Engine, miner: usize) -> bool {
        let member = &mut self.members[miner];
        let (Some(connection), Some(job)) = (member.connection, &member.job) else { return false };
        let (extranonce1, extranonce2_bytes) = &member.place;
        let shares = member.shares.get_or_insert_with(|| {
            let worker = worker_name(self.first + miner as u64);
            ShareSource::new(job, extranonce1, *extranonce2_bytes, &worker)
        });
        if engine.send(connection, shares.next_line(member.next_id)) != Sent::Queued {
            return false;
        }
        member.next_id += 1;
        member.sent_ns.push_back(now_ns);
        self.in_flight += 1;
        self.ran.shares += 1;
        true
    }

    fn pipeline(&mut self, now_ns: u64, engine: &mut Engine, outstanding: u32, batch: u32) {
        if self.in_flight + batch > outstanding {
            return;
        }
        // One round at most: with everybody gone nothing could be sent.
        for _ in 0..self.members.len().max(outstanding as usize) {
            if self.in_flight >= outstanding {
                break;
            }
            self.cursor = (self.cursor + 1) % self.members.len();
            self.submit(now_ns, engine, self.cursor);
        }
    }

    fn at_random(&mut self, now_ns: u64, engine: &mut Engine, per_second: f64) {
        while self.next_at_ns <= now_ns {
            self.next_at_ns += self.random.pause_ns(per_second);
            let miner = self.random.next() as usize % self.members.len();
            if self.members[miner].sent_ns.is_empty() {
                self.submit(now_ns, engine, miner);
            }
        }
    }

    fn take_line(&mut self, miner: usize, line: &[u8]) {
        if let Some(answer) = parse_answer(line) {
            return self.take_answer(miner, answer, line);
        }
        if line.starts_with(NOTIFY_PREFIX) {
            let member = &mut self.members[miner];
            member.job = self.newest_job.read(line);
            member.shares = None;
            let begins = |prefix: &Vec<u8>| line.starts_with(prefix);
            if self.expected.as_ref().is_some_and(begins) && !member.seen {
                member.seen = true;
                self.seen += 1;
                self.tell_if_all_have_seen();
            }
        }
    }

    fn take_answer(&mut self, miner: usize, answer: Answer, line: &[u8]) {
        let now_ns = *self.turn_ns.get_or_insert_with(now_ns);
        let member = &mut self.members[miner];
        let expected_id = member.next_id - member.sent_ns.len() as u64;
        let (id, accepted) = match answer {
            Answer::True(id) => (id, true),
            Answer::Other(id) => (id, self.is_echo),
        };
        let sent_ns = (id == expected_id).then(|| member.sent_ns.pop_front()).flatten();
        let Some(sent_ns) = sent_ns else {
            // An answer to nothing: the run's check will fail on it.
            self.ran.rejected += 1;
            self.ran.first_rejection.get_or_insert_with(|| text(line));
            return;
        };
        self.in_flight -= 1;
        self.latencies.record_ns(now_ns.saturating_sub(sent_ns));
        if accepted {
            self.ran.accepted += 1;
        } else if is_stale(line) {
            self.ran.stale += 1;
        } else {
            self.ran.rejected += 1;
            self.ran.first_rejection.get_or_insert_with(|| text(line));
        }
    }

    fn tell_if_all_have_seen(&mut self) {
        if self.expected.is_some() && self.seen == self.open {
            self.expected = None;
            let connections = self.seen;
            self.reports.send(MinersReport::JobSeen {
                connections,
                unexpected: 0,
                first_at_ns: 0,
                at_ns: now_ns(),
            });
        }
    }

    /// Reports the end once all is answered, and the progress now and then.
    fn report(&mut self, now_ns: u64) {
        if self.started_ns == 0 {
            return;
        }
        if !self.running && self.in_flight == 0 {
            self.ran.elapsed_ns = now_ns - self.started_ns;
            self.ran.p50_us = self.latencies.percentile_us(50.0);
            self.ran.p99_us = self.latencies.percentile_us(99.0);
            self.reports.send(MinersReport::Ran(self.ran.clone()));
            self.started_ns = 0;
        } else if now_ns >= self.report_due_ns {
            self.report_due_ns = now_ns + REPORT_INTERVAL.as_nanos() as u64;
            self.reports.send(MinersReport::Running { answered: self.latencies.count() });
        }
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}

/// Whether a refusal says that the job is one of a former tip.
fn is_stale(line: &[u8]) -> bool {
    let decoded = ServerMessage::decode(line);
    matches!(decoded, Ok(ServerMessage::Reply { result: Err((21, _)), .. }))
}

impl Crew for Submitters {
    fn take_order(&mut self, now_ns: u64, order: MinersOrder) {
        match order {
            MinersOrder::Open => self.opening.start(),
            MinersOrder::Expect { prefix } => {
                self.expected = Some(prefix.into_bytes());
                self.members.iter_mut().for_each(|member| member.seen = false);
                self.seen = 0;
                self.reports.send(MinersReport::Expecting);
                self.tell_if_all_have_seen();
            }
            MinersOrder::Start => self.begin(now_ns),
            MinersOrder::Stop => self.running = false,
        }
    }

    fn act(&mut self, now_ns: u64, engine: &mut Engine) -> Duration {
        self.turn_ns = None;
        for connection in self.refused.drain(..) {
            engine.abort(connection);
        }
        let opening = self.opening.act(now_ns, engine, &self.reports);
        self.report(now_ns);
        let mut wait = opening.unwrap_or(IDLE_WAIT);
        match self.conduct {
            _ if !self.running => {}
            Conduct::Hold => {}
            Conduct::Pipeline { outstanding, batch } => {
                self.pipeline(now_ns, engine, outstanding, batch);
            }
            Conduct::Random { shares_per_second } => {
                self.at_random(now_ns, engine, shares_per_second);
                wait = wait.min(Duration::from_nanos(self.next_at_ns - now_ns));
            }
        }
        wait
    }
}

impl Handler for Submitters {
    fn connected(&mut self, _connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        unreachable!("an engine that does not listen accepts nobody");
    }

    fn dialed(&mut self, token: u64, result: io::Result<ConnectionId>) {
        if result.is_ok() {
            self.members[token as usize].greeting = Some(Greeting::new(self.is_echo));
        }
        self.opening.dialed(now_ns(), token, result);
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let miner = self.opening.miner(connection) as usize;
        let mut rest = bytes;
        let member = &mut self.members[miner];
        if let Some(greeting) = &mut member.greeting {
            match greeting.feed(bytes) {
                Progress::Waiting => return,
                Progress::Refused(_) => return self.refused.push(connection),
                Progress::Done(after) => rest = after,
            }
            let notify = core::mem::take(&mut greeting.notify);
            if let Some(place) = greeting.place.take() {
                member.place = place;
            }
            let known = self.is_echo.then(|| self.newest_job.job.clone()).flatten();
            member.job = known.or_else(|| self.newest_job.read(&notify));
            member.greeting = None;
            member.connection = Some(connection);
            self.open += 1;
            self.opening.authorised();
        }
        let mut lines = core::mem::take(&mut self.members[miner].lines);
        let fed = lines.feed(rest, |line| {
            self.take_line(miner, line);
            true
        });
        if fed.is_none() {
            self.refused.push(connection);
        }
        self.members[miner].lines = lines;
    }

    fn closed(&mut self, connection: ConnectionId) {
        let miner = self.opening.miner(connection);
        let member = &mut self.members[miner as usize];
        if member.greeting.take().is_some() {
            return self.opening.try_failed(now_ns(), miner);
        }
        if member.connection.take().is_some() {
            self.ran.lost += 1;
            self.open -= 1;
            self.seen -= u32::from(member.seen);
            self.in_flight -= member.sent_ns.len() as u32;
            member.sent_ns.clear();
            self.tell_if_all_have_seen();
        }
    }
}
