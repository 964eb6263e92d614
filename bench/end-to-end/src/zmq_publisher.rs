//! ZeroMQ's own library as a node's publisher.

use std::io::Write;
use std::path::Path;
use std::process::{ChildStdin, Command};

use crate::ports::free_port;
use crate::process::ChildProcess;
use crate::python::python_with;
use crate::sluice::PATIENCE;

/// A running publisher on a port of its own. Dropping it ends the process.
pub struct ZmqPublisher {
    process: ChildProcess,
    input: ChildStdin,
    port: u16,
}

impl ZmqPublisher {
    /// Starts one on a free port.
    ///
    /// # Panics
    ///
    /// Where no Python with ZeroMQ is installed.
    pub fn start() -> Self {
        Self::start_on(free_port())
    }

    fn start_on(port: u16) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("zmq_publisher.py");
        let mut command = Command::new(python_with("zmq"));
        command.arg(script).arg(format!("tcp://127.0.0.1:{port}"));
        let (process, input) =
            ChildProcess::start_with_input("zmq publisher", &mut command).expect("python starts");
        process.wait_for_line(|line| line == "bound", PATIENCE);
        Self { process, input, port }
    }

    /// As a node's configuration has it.
    pub fn address(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// Waits until somebody has subscribed to a topic.
    pub fn wait_for_subscriber(&self, topic: &str) {
        let subscribed = format!("subscribed {topic}");
        self.process.wait_for_line(|line| line == subscribed, PATIENCE);
    }

    /// Publishes a body under a topic, both as a node would.
    pub fn publish(&mut self, topic: &str, body: &str) {
        writeln!(self.input, "{topic} {body}").expect("the publisher reads");
    }

    /// Ends the publisher and starts another at the same address.
    pub fn restart(&mut self) {
        self.process.kill();
        *self = Self::start_on(self.port);
    }
}
