//! Which connection is begun when: so many on their way at a time, and a few tries for each.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use sluice_ring::{ConnectError, Engine, Sent};
use sluice_units::ConnectionId;

use super::Reports;
use crate::greeting::{greeting, worker_name};
use crate::protocol::{MinersReport, MinersSetup};

/// Connections from one source address: beyond some thousands the kernel's search for a free port
/// takes longer than all the rest.
const CONNECTIONS_PER_SOURCE_MAX: u64 = 1000;
/// The address below the first source address; 127.0.0.1 is never one.
const BELOW_FIRST_SOURCE: u32 = 0x7f01_0000;
/// Tries for one connection.
const TRIES_MAX: u8 = 5;
/// How long a failed connection waits before its next try, times the tries it has had.
const RETRY_WAIT: Duration = Duration::from_millis(200);
/// How often the progress is reported.
const REPORT_INTERVAL: Duration = Duration::from_millis(250);
/// How long to wait at most while connections are on their way.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// The connections of one ring on their way to being authorised.
pub(super) struct Opening {
    target: SocketAddr,
    first: u64,
    total: u32,
    in_flight_max: u32,
    /// The first one that has not been tried.
    next: u32,
    retries_due: VecDeque<(u64, u32)>,
    tries: Vec<u8>,
    in_flight: u32,
    dialed: Vec<(u32, ConnectionId)>,
    /// Which miner has a slot.
    miner_of_slot: Vec<u32>,
    open: u32,
    failed: u32,
    retries: u32,
    started: bool,
    reported: bool,
    report_due_ns: u64,
}

impl Opening {
    pub(super) fn new(setup: &MinersSetup) -> Self {
        Self {
            target: setup.target,
            first: setup.first,
            total: setup.connections,
            in_flight_max: setup.in_flight_max.into(),
            next: 0,
            retries_due: VecDeque::new(),
            tries: vec![0; setup.connections as usize],
            in_flight: 0,
            dialed: Vec::new(),
            miner_of_slot: Vec::new(),
            open: 0,
            failed: 0,
            retries: 0,
            started: false,
            reported: false,
            report_due_ns: 0,
        }
    }

    pub(super) fn start(&mut self) {
        self.started = true;
    }

    /// A connect came about, or failed.
    pub(super) fn dialed(&mut self, now_ns: u64, token: u64, result: io::Result<ConnectionId>) {
        let miner = u32::try_from(token).expect("tokens are miners' numbers");
        match result {
            Ok(connection) => {
                let slot = connection.slot as usize;
                if slot >= self.miner_of_slot.len() {
                    self.miner_of_slot.resize(slot + 1, u32::MAX);
                }
                self.miner_of_slot[slot] = miner;
                self.dialed.push((miner, connection));
            }
            Err(_) => self.try_failed(now_ns, miner),
        }
    }

    /// Which miner has the connection; it was dialed.
    pub(super) fn miner(&self, connection: ConnectionId) -> u32 {
        self.miner_of_slot[connection.slot as usize]
    }

    /// A miner is authorised and has its first job.
    pub(super) fn authorised(&mut self) {
        self.in_flight -= 1;
        self.open += 1;
    }

    /// A miner did not get so far.
    pub(super) fn try_failed(&mut self, now_ns: u64, miner: u32) {
        self.in_flight -= 1;
        let tries = &mut self.tries[miner as usize];
        *tries += 1;
        if *tries < TRIES_MAX {
            self.retries += 1;
            let wait = RETRY_WAIT * u32::from(*tries);
            self.retries_due.push_back((now_ns + wait.as_nanos() as u64, miner));
        } else {
            self.failed += 1;
        }
    }

    /// Begins what may be begun, greets on what has come about, and reports; `None` once all is over.
    pub(super) fn act(
        &mut self,
        now_ns: u64,
        engine: &mut Engine,
        reports: &Reports,
    ) -> Option<Duration> {
        if !self.started || self.reported {
            return None;
        }
        for (miner, connection) in core::mem::take(&mut self.dialed) {
            let greeting = greeting(&worker_name(self.first + u64::from(miner)));
            // A connection that is gone again is reported as closed.
            let _: Sent = engine.send(connection, &greeting);
        }
        while self.in_flight < self.in_flight_max {
            let Some(miner) = self.next_miner(now_ns) else { break };
            let source = source(self.first + u64::from(miner));
            match engine.connect(miner.into(), Some(source), self.target) {
                Ok(()) => self.in_flight += 1,
                Err(ConnectError::TooManyInFlight | ConnectError::TableFull) => {
                    self.retries_due.push_front((now_ns, miner));
                    break;
                }
                Err(ConnectError::Socket(_)) => {
                    self.in_flight += 1;
                    self.try_failed(now_ns, miner);
                }
            }
        }
        let (open, failed, retries) = (self.open, self.failed, self.retries);
        if open + failed == self.total {
            self.reported = true;
            reports.send(MinersReport::Opened { open, failed, retries });
            return None;
        }
        if now_ns >= self.report_due_ns {
            self.report_due_ns = now_ns + REPORT_INTERVAL.as_nanos() as u64;
            reports.send(MinersReport::Opening { open, failed, retries });
        }
        Some(LOOK_INTERVAL)
    }

    /// First those that never had a try, so that one bad one keeps nobody waiting.
    fn next_miner(&mut self, now_ns: u64) -> Option<u32> {
        if self.next < self.total {
            self.next += 1;
            return Some(self.next - 1);
        }
        let (due_ns, miner) = *self.retries_due.front()?;
        (due_ns <= now_ns).then(|| {
            self.retries_due.pop_front();
            miner
        })
    }
}

/// The source address of a miner, counted over all of a run.
fn source(number: u64) -> IpAddr {
    let index = u32::try_from(number / CONNECTIONS_PER_SOURCE_MAX).expect("a run has few billions");
    Ipv4Addr::from(BELOW_FIRST_SOURCE + 1 + index).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Conduct;

    #[test]
    fn a_thousand_miners_share_a_source() {
        assert_eq!(source(0), source(999));
        assert_eq!(source(0), IpAddr::from([127, 1, 0, 1]));
        assert_eq!(source(1000), IpAddr::from([127, 1, 0, 2]));
        assert_eq!(source(999_999), IpAddr::from([127, 1, 3, 232]));
    }

    #[test]
    fn a_miner_gets_some_tries_and_then_counts_as_failed() {
        let mut opening = Opening::new(&MinersSetup {
            target: "127.0.0.1:1".parse().unwrap(),
            first: 0,
            connections: 2,
            engines: 1,
            in_flight_max: 2,
            connect_timeout_s: 1,
            is_echo: false,
            conduct: Conduct::Hold,
        });
        assert_eq!((opening.next_miner(0), opening.next_miner(0)), (Some(0), Some(1)));
        opening.in_flight = 2;
        opening.authorised();
        for tries in 1..=TRIES_MAX {
            opening.dialed(0, 1, Err(io::ErrorKind::ConnectionRefused.into()));
            opening.in_flight = 1;
            let due_ns = RETRY_WAIT.as_nanos() as u64 * u64::from(tries);
            assert_eq!(opening.next_miner(due_ns - 1), None);
            let again = opening.next_miner(due_ns);
            assert_eq!(again, (tries < TRIES_MAX).then_some(1));
        }
        assert_eq!((opening.open, opening.failed, opening.retries), (1, 1, 4));
    }
}
