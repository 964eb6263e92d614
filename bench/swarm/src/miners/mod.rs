//! A process full of miners: it takes orders on stdin and reports on stdout.
//!
//! | module | holds |
//! |---|---|
//! | `opening` | which connection is begun when, and how often |
//! | `holders` | miners that hold their connections and look at the jobs that come |
//! | `submitters` | miners that submit, and measure how long an answer takes |

mod holders;
mod opening;
mod submitters;

use std::io::{BufRead, Stdout};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sluice_ring::{Engine, EngineConfig, EngineError, Handler, Waker};

use self::holders::Holders;
use self::submitters::Submitters;
use crate::error::BenchError;
use crate::monotonic::now_ns;
use crate::protocol::{
    Conduct, MinersOrder, MinersReport, MinersSetup, RingReport, read_line, write_line,
};

/// Slots of a ring besides its connections: those whose end is still on its way.
const SPARE_SLOTS: u32 = 256;
/// Bytes that a ring may owe one connection: a whole pipeline of submits.
const SEND_QUEUE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What the miners of one ring do.
trait Crew: Handler + Sized {
    /// Takes one order.
    fn take_order(&mut self, now_ns: u64, order: MinersOrder);
    /// Does what is due between two turns; returns how long nothing else will be.
    fn act(&mut self, now_ns: u64, engine: &mut Engine) -> Duration;
}

/// Where one ring reports to; all rings of the process share stdout.
#[derive(Clone)]
pub(crate) struct Reports {
    ring: u32,
    out: Arc<Mutex<Stdout>>,
}

impl Reports {
    /// Writes a report; once nobody reads them, the process is about to be told to end.
    pub(crate) fn send(&self, report: MinersReport) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = write_line(&mut *out, &RingReport { ring: self.ring, report });
    }
}

/// Runs the miners that stdin asks for, and ends the process when it ends.
///
/// Returns only errors and what needs no ring. The rings are not dropped: each would first take back
/// every one of its operations, while the kernel ends a million connections of a process that is gone
/// in a fraction of the time.
pub fn run_miners() -> Result<(), BenchError> {
    let _ = sluice_ring::raise_descriptor_limit();
    let mut input = std::io::stdin().lock();
    let Some(setup) = read_line::<MinersSetup>(&mut input)? else { return Ok(()) };
    let out = Arc::new(Mutex::new(std::io::stdout()));
    let mut ends = Vec::new();
    for (ring, part) in (0..).zip(split(&setup)) {
        let engine = Engine::new(config(&part))?;
        let (orders_in, orders) = channel();
        ends.push((orders_in, engine.waker()));
        let reports = Reports { ring, out: Arc::clone(&out) };
        let failures = reports.clone();
        reports.send(MinersReport::Ready);
        let thread = thread::Builder::new().name("miners".into()).spawn(move || {
            let ran = match part.conduct {
                Conduct::Hold => drive(engine, Holders::new(&part, reports), &orders),
                _ => drive(engine, Submitters::new(&part, reports), &orders),
            };
            if let Err(error) = ran {
                failures.send(MinersReport::Failed { cause: error.to_string() });
            }
        });
        thread.map_err(|source| BenchError::Start { name: "miners".into(), source })?;
    }
    forward(&mut input, &ends)?;
    std::process::exit(0);
}

/// The miners of each ring.
fn split(setup: &MinersSetup) -> Vec<MinersSetup> {
    let engines = setup.engines.max(1);
    let (each, more) = (setup.connections / engines, setup.connections % engines);
    let mut first = setup.first;
    (0..engines)
        .map(|index| {
            let connections = each + u32::from(index < more);
            let part = MinersSetup { first, connections, engines: 1, ..setup.clone() };
            first += u64::from(connections);
            part
        })
        .collect()
}

fn config(setup: &MinersSetup) -> EngineConfig {
    EngineConfig {
        listen: Vec::new(),
        connections_max: setup.connections + SPARE_SLOTS,
        connects_in_flight_max: setup.in_flight_max,
        connect_timeout: Duration::from_secs(setup.connect_timeout_s),
        receive_buffers_per_turn: u8::MAX,
        send_queue_bytes_max: SEND_QUEUE_BYTES_MAX,
        ..EngineConfig::default()
    }
}

/// Hands every order to every ring.
fn forward(
    input: &mut impl BufRead,
    ends: &[(Sender<MinersOrder>, Waker)],
) -> Result<(), BenchError> {
    while let Some(order) = read_line::<MinersOrder>(input)? {
        for (orders, waker) in ends {
            let _ = orders.send(order.clone());
            waker.wake();
        }
    }
    Ok(())
}

/// Turns a ring for as long as the process lives.
fn drive(
    mut engine: Engine,
    mut crew: impl Crew,
    orders: &Receiver<MinersOrder>,
) -> Result<(), EngineError> {
    loop {
        loop {
            match orders.try_recv() {
                Err(TryRecvError::Disconnected) => return Ok(()),
                Ok(order) => crew.take_order(now_ns(), order),
                Err(TryRecvError::Empty) => break,
            }
        }
        let wait = crew.act(now_ns(), &mut engine);
        engine.turn(wait, &mut crew)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_share_all_miners_and_no_number_twice() {
        let setup = MinersSetup {
            target: "127.0.0.1:1".parse().unwrap(),
            first: 100,
            connections: 11,
            engines: 3,
            in_flight_max: 1,
            connect_timeout_s: 1,
            is_echo: false,
            conduct: Conduct::Hold,
        };
        let parts: Vec<_> =
            split(&setup).iter().map(|part| (part.first, part.connections)).collect();
        assert_eq!(parts, [(100, 4), (104, 4), (108, 3)]);
    }
}
