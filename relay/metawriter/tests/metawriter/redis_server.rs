//! A Redis of its own for each test: a free port, a temporary folder, gone with the test.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use sluice_metawriter::StoreConfig;
use sluice_metawriter::store::RedisStore;
use sluice_metawriter::store::embedded::{DumpLine, DumpValue};
use tempfile::TempDir;

/// Starts that are tried, in case another program takes the free port first.
const STARTS_MAX: usize = 5;
const PINGS_MAX: usize = 500;

pub(crate) struct RedisServer {
    child: Option<Child>,
    port: u16,
    password: Option<&'static str>,
    arguments: Vec<String>,
    folder: TempDir,
}

/// A store's configuration with this Redis and all defaults.
pub(crate) fn store_config(url: &str) -> StoreConfig {
    StoreConfig { redis_url: Some(url.to_owned()), ..StoreConfig::default() }
}

impl RedisServer {
    /// Writes every change to its disk before it answers, as the default configuration advises.
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn start_with(password: Option<&'static str>) -> Self {
        Self::start_as(password, &[]).await
    }

    /// With further arguments.
    pub(crate) async fn start_as(password: Option<&'static str>, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut server = Self { child: None, port: 0, password, arguments, folder };
        for _ in 0..STARTS_MAX {
            server.port = free_port();
            if server.launch().await {
                return server;
            }
        }
        panic!("redis-server does not come up; see {}/log", server.folder.path().display());
    }

    /// Starts the process on the same port and folder; whether it answers.
    pub(crate) async fn launch(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
        command.args(["--logfile", "log"]).arg("--dir").arg(self.folder.path());
        if let Some(password) = self.password {
            command.args(["--requirepass", password]);
        }
        command.args(&self.arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn();
        self.child =
            Some(child.expect("redis-server is not installed: apt-get install redis-server"));
        for _ in 0..PINGS_MAX {
            if let Ok(mut connection) = self.try_connect().await
                && redis::cmd("PING").query_async::<String>(&mut connection).await.is_ok()
            {
                return true;
            }
            let exited = self.child.as_mut().unwrap().try_wait().unwrap().is_some();
            if exited {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// Ends it without a chance to save anything.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Where the other nodes of its cluster reach it.
    pub(crate) fn bus_port(&self) -> u16 {
        self.port_of("--cluster-port")
    }

    pub(crate) fn tls_port(&self) -> u16 {
        self.port_of("--tls-port")
    }

    fn port_of(&self, key: &str) -> u16 {
        let at = self.arguments.iter().position(|argument| argument == key);
        self.arguments[at.expect("it was started so") + 1].parse().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        let password = self.password.map(|word| format!(":{word}@")).unwrap_or_default();
        format!("redis://{password}{}", self.address())
    }

    pub(crate) fn store(&self) -> RedisStore {
        RedisStore::new(&store_config(&self.url())).unwrap()
    }

    async fn try_connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        redis::Client::open(self.url())?.get_multiplexed_async_connection().await
    }

    /// Runs one command, given by its words.
    pub(crate) async fn run<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        run_on(&mut self.try_connect().await.unwrap(), words).await
    }

    /// Everything it holds, sorted.
    pub(crate) async fn dump(&self) -> Vec<DumpLine> {
        let mut lines = Vec::new();
        let connection = &mut self.try_connect().await.unwrap();
        for key in run_on::<Vec<String>>(connection, &["KEYS", "*"]).await {
            let kind: String = run_on(connection, &["TYPE", &key]).await;
            let value = match kind.as_str() {
                "hash" => DumpValue::Hash(run_on(connection, &["HGETALL", &key]).await),
                "list" => DumpValue::List(run_on(connection, &["LRANGE", &key, "0", "-1"]).await),
                "set" => DumpValue::Set(run_on(connection, &["SMEMBERS", &key]).await),
                // None of ours: a test put it there.
                "string" => DumpValue::List(vec![run_on(connection, &["GET", &key]).await]),
                other => panic!("{key} is a {other}"),
            };
            lines.push(DumpLine { key, value });
        }
        lines.sort();
        lines
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn run_on<T: redis::FromRedisValue>(
    connection: &mut MultiplexedConnection,
    words: &[&str],
) -> T {
    redis::cmd(words[0]).arg(&words[1..]).query_async(connection).await.unwrap()
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
