//! What a run and its helping processes tell each other: one JSON object a line, orders on stdin,
//! reports on stdout.

use std::io::{BufRead, Write};
use std::net::SocketAddr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::BenchError;

/// The first order to a miners' process: who they are.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(crate) struct MinersSetup {
    /// Where they connect.
    pub(crate) target: SocketAddr,
    /// The number of the first one: names and source addresses are counted from here.
    pub(crate) first: u64,
    /// How many there are.
    pub(crate) connections: u32,
    /// Rings, each on a thread of its own, that share them; submitters have one.
    pub(crate) engines: u32,
    /// Connections of one ring that may be on their way at one time.
    pub(crate) in_flight_max: u16,
    /// How long a connect may take.
    pub(crate) connect_timeout_s: u64,
    /// Whether the other end is the bare engine, which sends back what it gets.
    pub(crate) is_echo: bool,
    /// What they do once they are authorised.
    pub(crate) conduct: Conduct,
}

/// What miners do.
#[derive(Clone, Copy, Serialize, Deserialize, Debug)]
pub(crate) enum Conduct {
    /// They hold their connections and look at the jobs that come.
    Hold,
    /// They keep so many shares in flight in all, and replace answered ones a batch at a time.
    Pipeline { outstanding: u32, batch: u32 },
    /// They submit at random times, one share at a time each; so many a second in all.
    Random { shares_per_second: f64 },
}

/// What a miners' process is told; the end of its stdin tells it to end.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(crate) enum MinersOrder {
    /// Connect, subscribe and authorise all.
    Open,
    /// The next line that comes to everybody begins like this.
    Expect { prefix: String },
    /// Submit.
    Start,
    /// Submit no more, and report once all is answered.
    Stop,
}

/// A report, and which ring of the process it is about.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(crate) struct RingReport {
    pub(crate) ring: u32,
    pub(crate) report: MinersReport,
}

/// What a miners' process tells, for one of its rings.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(crate) enum MinersReport {
    /// The ring is there.
    Ready,
    /// How far the opening has come.
    Opening { open: u32, failed: u32, retries: u32 },
    /// All are authorised, or have failed.
    Opened { open: u32, failed: u32, retries: u32 },
    /// The line may come.
    Expecting,
    /// Everybody of this ring who is still connected has had the expected line.
    JobSeen { connections: u32, unexpected: u64, first_at_ns: u64, at_ns: u64 },
    /// Shares answered since the start.
    Running { answered: u64 },
    /// All is answered.
    Ran(Ran),
    /// The process cannot go on.
    Failed { cause: String },
}

/// What came of submitting, from a start to a stop.
#[derive(Clone, Default, Serialize, Deserialize, Debug)]
pub(crate) struct Ran {
    /// Shares handed in.
    pub(crate) shares: u64,
    /// Answered `true`.
    pub(crate) accepted: u64,
    /// Refused since their job was of a former tip.
    pub(crate) stale: u64,
    /// Refused for any other reason.
    pub(crate) rejected: u64,
    /// The first answer among those.
    pub(crate) first_rejection: Option<String>,
    /// Miners whose connection ended.
    pub(crate) lost: u32,
    /// From the start to the last answer.
    pub(crate) elapsed_ns: u64,
    /// What half of the answers took at most.
    pub(crate) p50_us: f64,
    /// What 99 of 100 took at most.
    pub(crate) p99_us: f64,
}

/// The first order to a bare engine.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(crate) struct BareSetup {
    /// Threads, each with a ring.
    pub(crate) engines: u32,
    /// Connections of one ring.
    pub(crate) connections_max: u32,
}

/// What a bare engine is told.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(crate) enum BareOrder {
    /// Send one line of so many bytes to everybody.
    Broadcast { bytes: usize },
}

/// What a bare engine tells.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub(crate) enum BareReport {
    /// It listens.
    Listening { address: SocketAddr },
    /// It cannot go on.
    Failed { cause: String },
}

/// Writes one line and flushes it.
pub(crate) fn write_line(out: &mut impl Write, message: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message).expect("messages have no keys but texts");
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// Reads one line; `None` at the end.
pub(crate) fn read_line<T: DeserializeOwned>(
    input: &mut impl BufRead,
) -> Result<Option<T>, BenchError> {
    let mut line = String::new();
    if input.read_line(&mut line).map_err(BenchError::Pipe)? == 0 {
        return Ok(None);
    }
    let parsed = serde_json::from_str(&line);
    parsed.map(Some).map_err(|_| BenchError::Babble { name: "the run".into(), line })
}
