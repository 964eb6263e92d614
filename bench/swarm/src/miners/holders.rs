//! Miners that hold their connections and look at the jobs that come. A million of them fit a
//! machine, so that each has a few bytes here once it is authorised.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use sluice_ring::{Engine, Handler};
use sluice_units::ConnectionId;

use super::opening::Opening;
use super::{Crew, Reports};
use crate::greeting::{Greeting, Progress};
use crate::monotonic::now_ns;
use crate::protocol::{MinersOrder, MinersReport, MinersSetup};

/// How long to wait where nothing is due.
const IDLE_WAIT: Duration = Duration::from_secs(1);

enum Member {
    /// Not connected.
    Absent,
    Greeting(Box<Greeting>),
    Holding {
        /// The line that comes has begun.
        in_line: bool,
        /// The expected line has come.
        seen: bool,
    },
}

pub(super) struct Holders {
    opening: Opening,
    reports: Reports,
    is_echo: bool,
    members: Vec<Member>,
    /// Connections to be closed since what they said was no greeting.
    refused: Vec<ConnectionId>,
    expected: Option<Vec<u8>>,
    holding: u32,
    seen: u32,
    /// When the first of them came.
    first_at_ns: u64,
    /// Lines that nobody expected.
    unexpected: u64,
}

impl Holders {
    pub(super) fn new(setup: &MinersSetup, reports: Reports) -> Self {
        Self {
            opening: Opening::new(setup),
            reports,
            is_echo: setup.is_echo,
            members: (0..setup.connections).map(|_| Member::Absent).collect(),
            refused: Vec::new(),
            expected: None,
            holding: 0,
            seen: 0,
            first_at_ns: 0,
            unexpected: 0,
        }
    }

    fn expect(&mut self, prefix: String) {
        for member in &mut self.members {
            if let Member::Holding { seen, .. } = member {
                *seen = false;
            }
        }
        (self.expected, self.seen, self.first_at_ns) = (Some(prefix.into_bytes()), 0, 0);
        self.reports.send(MinersReport::Expecting);
        self.tell_if_all_have_seen();
    }

    fn look_at(&mut self, miner: u32, mut bytes: &[u8]) {
        let Member::Holding { in_line, seen } = &mut self.members[miner as usize] else { return };
        let expected = self.expected.as_deref();
        if self.first_at_ns == 0 && expected.is_some() {
            self.first_at_ns = now_ns();
        }
        while !bytes.is_empty() {
            if !*in_line {
                // The pieces of a line are longer than the prefix, but for the last one.
                let begins = |prefix: &[u8]| {
                    let length = prefix.len().min(bytes.len());
                    bytes[..length] == prefix[..length]
                };
                self.unexpected += u64::from(!expected.is_some_and(begins));
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            *in_line = end.is_none();
            let Some(end) = end else { break };
            bytes = &bytes[end + 1..];
            if *seen {
                self.unexpected += 1;
            } else {
                *seen = true;
                self.seen += 1;
            }
        }
        self.tell_if_all_have_seen();
    }

    fn tell_if_all_have_seen(&mut self) {
        if self.expected.is_some() && self.seen == self.holding {
            self.expected = None;
            self.reports.send(MinersReport::JobSeen {
                connections: self.seen,
                unexpected: self.unexpected,
                first_at_ns: self.first_at_ns,
                at_ns: now_ns(),
            });
        }
    }
}

impl Crew for Holders {
    fn take_order(&mut self, _now_ns: u64, order: MinersOrder) {
        match order {
            MinersOrder::Open => self.opening.start(),
            MinersOrder::Expect { prefix } => self.expect(prefix),
            MinersOrder::Start | MinersOrder::Stop => {}
        }
    }

    fn act(&mut self, now_ns: u64, engine: &mut Engine) -> Duration {
        for connection in self.refused.drain(..) {
            engine.abort(connection);
        }
        self.opening.act(now_ns, engine, &self.reports).unwrap_or(IDLE_WAIT)
    }
}

impl Handler for Holders {
    fn connected(&mut self, _connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        unreachable!("an engine that does not listen accepts nobody");
    }

    fn dialed(&mut self, token: u64, result: io::Result<ConnectionId>) {
        if result.is_ok() {
            let greeting = Greeting::new(self.is_echo);
            self.members[token as usize] = Member::Greeting(Box::new(greeting));
        }
        self.opening.dialed(now_ns(), token, result);
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let miner = self.opening.miner(connection);
        let member = &mut self.members[miner as usize];
        let Member::Greeting(greeting) = member else { return self.look_at(miner, bytes) };
        match greeting.feed(bytes) {
            Progress::Waiting => {}
            Progress::Done(rest) => {
                *member = Member::Holding { in_line: false, seen: false };
                self.holding += 1;
                self.opening.authorised();
                self.look_at(miner, rest);
            }
            Progress::Refused(_) => self.refused.push(connection),
        }
    }

    fn closed(&mut self, connection: ConnectionId) {
        let miner = self.opening.miner(connection);
        match core::mem::replace(&mut self.members[miner as usize], Member::Absent) {
            Member::Absent => {}
            Member::Greeting(_) => self.opening.try_failed(now_ns(), miner),
            Member::Holding { seen, .. } => {
                self.holding -= 1;
                self.seen -= u32::from(seen);
                self.tell_if_all_have_seen();
            }
        }
    }
}
