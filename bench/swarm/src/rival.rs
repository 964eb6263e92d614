//! The run's end of the bare engine.

use std::net::SocketAddr;

use crate::child::{Interruption, Launch, RunProcess};
use crate::error::BenchError;
use crate::process_usage::{ProcessorTime, processor_time};
use crate::protocol::{BareOrder, BareReport, BareSetup};

/// A bare engine in a process of its own. Dropped, it is killed.
pub(crate) struct Rival {
    process: RunProcess,
    pub(crate) address: SocketAddr,
}

impl Rival {
    pub(crate) fn start(
        setup: &BareSetup,
        cores: Option<Vec<usize>>,
        interruption: &Interruption,
    ) -> Result<Self, BenchError> {
        let arguments = ["bench", "bare-engine"].map(Into::into).to_vec();
        let launch = Launch { arguments, cores, ..Launch::default() };
        let mut process = RunProcess::start("the bare engine", &launch, interruption)?;
        process.order(setup)?;
        match process.report("its address")? {
            BareReport::Listening { address } => Ok(Self { process, address }),
            BareReport::Failed { cause } => Err(BenchError::Miners(cause)),
        }
    }

    /// Has it send a line to everybody.
    pub(crate) fn broadcast(&mut self, bytes: usize) -> Result<(), BenchError> {
        self.process.order(&BareOrder::Broadcast { bytes })
    }

    pub(crate) fn processor_time(&mut self) -> Result<ProcessorTime, BenchError> {
        self.process.check_running()?;
        processor_time(self.process.id())
    }

    pub(crate) fn end(self) -> Result<(), BenchError> {
        self.process.end(None)
    }
}
