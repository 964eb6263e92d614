//! A Redis of a run's own, with its append-only file on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use redis::{Commands, Connection, RedisResult};
use tempfile::TempDir;

use crate::child::{Interruption, Launch, RunProcess};
use crate::error::BenchError;
use crate::scratch::{self, free_address};

const START_WAIT_MAX: Duration = Duration::from_secs(30);
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// A Redis. Dropped, it is killed, and its data go.
pub(crate) struct RedisUnderTest {
    name: String,
    launch: Launch,
    process: RunProcess,
    pub(crate) url: String,
    /// None after a kill.
    connection: Option<Connection>,
    _folder: TempDir,
}

impl RedisUnderTest {
    /// Starts it, and waits until it answers.
    pub(crate) fn start(
        program: &str,
        cores: &Option<Vec<usize>>,
        interruption: &Interruption,
    ) -> Result<Self, BenchError> {
        let folder = scratch::folder()?;
        let address = free_address()?;
        let port = address.port().to_string();
        let data = folder.path().to_string_lossy();
        let settings = [
            ("--bind", "127.0.0.1"),
            ("--port", port.as_str()),
            ("--dir", &data),
            ("--save", ""),
            ("--appendonly", "yes"),
            // Every second would be quicker, and answers before the file has what it tells of.
            ("--appendfsync", "always"),
        ];
        let arguments = settings.iter().flat_map(|(name, value)| [name.into(), value.into()]);
        let launch = Launch {
            program: Some(program.into()),
            arguments: arguments.collect(),
            cores: cores.clone(),
            niceness: None,
        };
        let process = RunProcess::start(program, &launch, interruption)?;
        let (name, url) = (program.to_owned(), format!("redis://{address}/"));
        let mut redis = Self { name, launch, process, url, connection: None, _folder: folder };
        redis.wait_until_it_answers(interruption)?;
        Ok(redis)
    }

    fn wait_until_it_answers(&mut self, interruption: &Interruption) -> Result<(), BenchError> {
        let deadline = Instant::now() + START_WAIT_MAX;
        while self.connection.is_none() {
            match connect(&self.url) {
                Ok(connection) => self.connection = Some(connection),
                Err(_) if Instant::now() < deadline => self.process.check_running()?,
                Err(error) => return Err(answer(&error)),
            }
            interruption.sleep(LOOK_INTERVAL)?;
        }
        Ok(())
    }

    /// Ends it without warning. What it has answered for is in the append-only file.
    pub(crate) fn kill(&mut self) {
        self.connection = None;
        self.process.kill();
    }

    /// Starts it on the same port and data, and waits until it answers.
    pub(crate) fn start_again(&mut self, interruption: &Interruption) -> Result<(), BenchError> {
        self.process = RunProcess::start(&self.name, &self.launch, interruption)?;
        self.wait_until_it_answers(interruption)
    }

    fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("it is asked while it runs")
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Commands since its start, those of scripts among them.
    pub(crate) fn commands_processed(&mut self) -> Result<u64, BenchError> {
        let asked = redis::cmd("INFO").arg("stats").query::<String>(self.connection());
        let stats = asked.map_err(|error| answer(&error))?;
        let line = stats.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
        let count = line.and_then(|count| count.trim().parse().ok());
        count.ok_or_else(|| BenchError::Check("INFO of Redis counts no commands".into()))
    }

    /// The sum over the fields of a hash of counts.
    pub(crate) fn sum(&mut self, key: &str) -> Result<u64, BenchError> {
        Ok(self.minutes(key)?.values().sum())
    }

    /// A hash of counts, by minute.
    pub(crate) fn minutes(&mut self, key: &str) -> Result<BTreeMap<u64, u64>, BenchError> {
        self.connection().hgetall(key).map_err(|error| answer(&error))
    }

    /// Members of a set.
    pub(crate) fn members(&mut self, key: &str) -> Result<u64, BenchError> {
        self.connection().scard(key).map_err(|error| answer(&error))
    }
}

fn connect(url: &str) -> RedisResult<Connection> {
    let mut connection = redis::Client::open(url)?.get_connection()?;
    redis::cmd("PING").exec(&mut connection)?;
    Ok(connection)
}

fn answer(error: &redis::RedisError) -> BenchError {
    BenchError::Check(format!("Redis answers: {error}"))
}
