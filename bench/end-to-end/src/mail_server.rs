//! A mail server: aiosmtpd, which prints what it is sent.

use std::process::Command;
use std::time::Instant;

use crate::ports::free_port;
use crate::process::ChildProcess;
use crate::python::python_with;
use crate::sluice::PATIENCE;

/// A running mail server on a port of its own. Dropping it ends the process.
pub struct MailServer {
    /// Its output holds every line of every mail.
    pub process: ChildProcess,
    port: u16,
}

impl MailServer {
    /// Starts one on a free port, and waits until it listens.
    ///
    /// # Panics
    ///
    /// Where no Python with aiosmtpd is installed.
    pub fn start() -> Self {
        let port = free_port();
        let mut command = Command::new(python_with("aiosmtpd"));
        command.args(["-u", "-m", "aiosmtpd", "--nosetuid", "--listen"]);
        command.arg(format!("127.0.0.1:{port}"));
        command.args(["--class", "aiosmtpd.handlers.Debugging", "stdout"]);
        let process = ChildProcess::start("mail server", &mut command).expect("python starts");
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "it does not listen: {}", process.log_tail());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Self { process, port }
    }

    /// As an alertcenter's configuration has it.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }
}
