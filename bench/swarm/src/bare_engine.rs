//! The rival: the same engine with next to nothing on it. What it costs is what the gateway cannot
//! go below.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use sluice_ring::{Engine, EngineConfig, EngineError, Handler};
use sluice_units::ConnectionId;

use crate::error::BenchError;
use crate::greeting::NOTIFY_PREFIX;
use crate::protocol::{BareOrder, BareReport, BareSetup, read_line, write_line};

/// How long a turn waits where nothing is due.
const IDLE_WAIT: Duration = Duration::from_secs(1);

/// Sends back what comes.
#[derive(Default)]
struct Echo {
    bytes: Vec<u8>,
    /// Whose bytes end where.
    ends: Vec<(ConnectionId, usize)>,
    /// Who is connected, by slot.
    open: Vec<Option<ConnectionId>>,
}

impl Handler for Echo {
    fn connected(&mut self, connection: ConnectionId, _peer: SocketAddr, _listener: usize) {
        let slot = connection.slot as usize;
        if slot >= self.open.len() {
            self.open.resize(slot + 1, None);
        }
        self.open[slot] = Some(connection);
    }

    fn received(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push((connection, self.bytes.len()));
    }

    fn closed(&mut self, connection: ConnectionId) {
        self.open[connection.slot as usize] = None;
    }
}

impl Echo {
    fn act(&mut self, engine: &mut Engine, broadcasts: &Receiver<Arc<[u8]>>) -> bool {
        let mut start = 0;
        for (connection, end) in self.ends.drain(..) {
            // Who is gone gets nothing, and who does not read is dropped by the engine.
            let _ = engine.send(connection, &self.bytes[start..end]);
            start = end;
        }
        self.bytes.clear();
        loop {
            match broadcasts.try_recv() {
                Ok(payload) => {
                    for connection in self.open.iter().flatten() {
                        let _ = engine.send_shared(*connection, &payload);
                    }
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }
}

/// Runs the engines that stdin asks for, each on a pinned thread that is named as the gateway's
/// shards are, and ends the process when it ends.
pub fn run_bare_engine() -> Result<(), BenchError> {
    let _ = sluice_ring::raise_descriptor_limit();
    let mut input = std::io::stdin().lock();
    let mut out = std::io::stdout();
    let Some(setup) = read_line::<BareSetup>(&mut input)? else { return Ok(()) };
    let mut address = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut ends = Vec::new();
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    for index in 0..setup.engines.max(1) as usize {
        let engine = Engine::new(EngineConfig {
            listen: vec![address],
            reuse_port: setup.engines > 1,
            connections_max: setup.connections_max,
            ..EngineConfig::default()
        })?;
        address = engine.local_addresses()[0];
        let (broadcasts_in, broadcasts) = channel::<Arc<[u8]>>();
        ends.push((broadcasts_in, engine.waker()));
        let core = cores.get(index % cores.len().max(1)).copied();
        let thread = thread::Builder::new().name(format!("shard-{index}")).spawn(move || {
            if let Some(core) = core {
                core_affinity::set_for_current(core);
            }
            if let Err(error) = serve(engine, &broadcasts) {
                let report = BareReport::Failed { cause: error.to_string() };
                let _ = write_line(&mut std::io::stdout(), &report);
            }
        });
        let failed = |source| BenchError::Start { name: "the bare engine".into(), source };
        thread.map_err(failed)?;
    }
    write_line(&mut out, &BareReport::Listening { address }).map_err(BenchError::Pipe)?;
    while let Some(BareOrder::Broadcast { bytes }) = read_line(&mut input)? {
        let payload = broadcast_line(bytes);
        for (broadcasts, waker) in &ends {
            // An engine that has failed has said so.
            let _ = broadcasts.send(Arc::clone(&payload));
            waker.wake();
        }
    }
    // As for the miners: the kernel ends the connections of a process that is gone.
    std::process::exit(0);
}

fn serve(mut engine: Engine, broadcasts: &Receiver<Arc<[u8]>>) -> Result<(), EngineError> {
    let mut echo = Echo::default();
    while echo.act(&mut engine, broadcasts) {
        engine.turn(IDLE_WAIT, &mut echo)?;
    }
    Ok(())
}

/// One line of so many bytes, newline included, that begins as a job's line does.
fn broadcast_line(bytes: usize) -> Arc<[u8]> {
    let mut line = NOTIFY_PREFIX.to_vec();
    line.resize(bytes.max(NOTIFY_PREFIX.len() + 1) - 1, b'x');
    line.push(b'\n');
    line.into()
}
