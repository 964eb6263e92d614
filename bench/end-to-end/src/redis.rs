//! A Redis server of the test's own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::ports::free_port;
use crate::process::ChildProcess;

const START_WAIT: Duration = Duration::from_secs(30);
const START_POLL_INTERVAL: Duration = Duration::from_millis(10);
const STOP_WAIT: Duration = Duration::from_secs(30);

/// A running `redis-server`, its data in a temporary folder. Dropping it ends the process.
///
/// Every write is in the append-only file before its reply leaves, so the data outlives [`Self::kill`] as well.
pub struct RedisServer {
    // Fields drop in this order: the process ends before its folder goes.
    process: ChildProcess,
    folder: TempDir,
    port: u16,
    password: Option<String>,
}

impl RedisServer {
    /// Start a server without a password and wait until it answers.
    ///
    /// # Panics
    ///
    /// When `redis-server` is not installed or does not come up. The text holds the remedy or the end of the log.
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// Like [`Self::start`], and clients must authenticate as the default user with `password`.
    pub fn start_with_password(password: &str) -> Self {
        Self::start_with(Some(password.to_owned()))
    }

    fn start_with(password: Option<String>) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let port = free_port();
        let process = launch(folder.path(), port, password.as_deref());
        let mut server = Self { process, folder, port, password };
        server.wait_until_it_answers();
        server
    }

    /// `redis://127.0.0.1:PORT/`, with `:PASSWORD@` where one is set.
    pub fn url(&self) -> String {
        match &self.password {
            Some(password) => format!("redis://:{password}@127.0.0.1:{}/", self.port),
            None => format!("redis://127.0.0.1:{}/", self.port),
        }
    }

    /// Where the server listens. It stays the same over restarts.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// A blocking connection, authenticated where a password is set.
    ///
    /// # Panics
    ///
    /// When the server does not take it.
    pub fn connection(&self) -> ::redis::Connection {
        self.try_connection()
            .unwrap_or_else(|error| panic!("redis: {error}; {}", self.process.log_tail()))
    }

    /// End the server in good order (SIGTERM). Port and data stay for [`Self::restart`].
    pub fn stop(&mut self) {
        self.process.terminate();
        self.process.wait_for_exit(STOP_WAIT);
    }

    /// End the server without warning (SIGKILL). Port and data stay for [`Self::restart`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Stop the server if it runs and start it again, on the same port and data.
    pub fn restart(&mut self) {
        self.stop();
        self.process = launch(self.folder.path(), self.port, self.password.as_deref());
        self.wait_until_it_answers();
    }

    fn try_connection(&self) -> ::redis::RedisResult<::redis::Connection> {
        let mut connection = ::redis::Client::open(self.url())?.get_connection()?;
        // While the server loads its data it takes connections and refuses commands.
        ::redis::cmd("PING").exec(&mut connection)?;
        Ok(connection)
    }

    fn wait_until_it_answers(&mut self) {
        let deadline = Instant::now() + START_WAIT;
        while let Err(error) = self.try_connection() {
            if let Some(status) = self.process.exit_status() {
                panic!("redis-server ended at its start ({status}); {}", self.process.log_tail());
            }
            assert!(
                Instant::now() < deadline,
                "redis-server does not answer after {START_WAIT:?}: {error}; {}",
                self.process.log_tail()
            );
            thread::sleep(START_POLL_INTERVAL);
        }
    }
}

fn launch(folder: &Path, port: u16, password: Option<&str>) -> ChildProcess {
    let mut command = Command::new("redis-server");
    command
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .arg("--dir")
        .arg(folder)
        // The append-only file alone holds the data, and does so before an answer leaves; no snapshots beside it.
        .args(["--appendonly", "yes", "--appendfsync", "always", "--save", ""]);
    if let Some(password) = password {
        command.args(["--requirepass", password]);
    }
    ChildProcess::start("redis-server", &mut command).unwrap_or_else(|error| {
        panic!(
            "redis-server cannot be started ({error}): apt-get install redis-server, or run \
             bench/end-to-end/setup.sh"
        )
    })
}
