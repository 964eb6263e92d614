//! A Redis of its own for each test: ports and a temporary folder of its own, gone with the test.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;
use sluice_metawriter::StoreConfig;
use sluice_metawriter::store::RedisStore;
use sluice_metawriter::store::embedded::{DumpLine, DumpValue};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::ports::Port;
use crate::redis_tls::tls_arguments;
use crate::waits::PATIENCE;

/// What a Redis is started with, besides what all of them are.
#[derive(Clone, Copy, Default)]
pub(crate) struct Setup<'a> {
    pub(crate) password: Option<&'static str>,
    pub(crate) is_cluster_node: bool,
    /// The folder of its certificates; with them it speaks TLS at a port of its own.
    pub(crate) certificates: Option<&'a Path>,
    pub(crate) arguments: &'a [&'a str],
}

pub(crate) struct RedisServer {
    child: Option<Child>,
    port: Port,
    bus_port: Option<Port>,
    tls_port: Option<Port>,
    password: Option<&'static str>,
    arguments: Vec<String>,
    folder: TempDir,
}

/// A store's configuration that waits as long as the tests do.
pub(crate) fn patient_config() -> StoreConfig {
    let patience_ms = u64::try_from(PATIENCE.as_millis()).unwrap();
    StoreConfig {
        connect_timeout_ms: patience_ms,
        reply_timeout_ms: patience_ms,
        ..StoreConfig::default()
    }
}

/// The same with this Redis.
pub(crate) fn store_config(url: &str) -> StoreConfig {
    StoreConfig { redis_url: Some(url.to_owned()), ..patient_config() }
}

/// A connection beside the store's, which waits longer than the library does by itself.
pub(crate) async fn connect(url: &str) -> redis::RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    redis::Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await
}

impl RedisServer {
    /// Writes every change to its disk before it answers, as the default configuration advises.
    pub(crate) async fn start() -> Self {
        Self::start_as(Setup::default()).await
    }

    pub(crate) async fn start_as(setup: Setup<'_>) -> Self {
        let mut arguments: Vec<String> = setup.arguments.iter().map(ToString::to_string).collect();
        let bus_port = setup.is_cluster_node.then(Port::reserve);
        if let Some(port) = &bus_port {
            // A node that is slow is not gone, and is not taken for it.
            let [port, timeout_ms] = [port.number().to_string(), PATIENCE.as_millis().to_string()];
            let pairs = [
                ["--cluster-enabled", "yes"],
                ["--cluster-port", &port],
                ["--cluster-node-timeout", &timeout_ms],
            ];
            arguments.extend(pairs.as_flattened().iter().map(ToString::to_string));
        }
        let tls_port = setup.certificates.map(|_| Port::reserve());
        if let (Some(folder), Some(port)) = (setup.certificates, &tls_port) {
            arguments.extend(tls_arguments(folder, port.number()));
        }
        let mut server = Self {
            child: None,
            port: Port::reserve(),
            bus_port,
            tls_port,
            password: setup.password,
            arguments,
            folder: tempfile::tempdir().unwrap(),
        };
        server.launch().await;
        server
    }

    /// Starts the process on the same ports and folder, and waits until it answers.
    pub(crate) async fn launch(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port().to_string()]);
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
        let deadline = Instant::now() + PATIENCE;
        while !self.answers().await {
            let ended = self.child.as_mut().expect("it was started").try_wait().unwrap();
            if ended.is_some() || Instant::now() > deadline {
                let log = std::fs::read_to_string(self.folder.path().join("log"));
                panic!("redis-server does not come up ({ended:?}): {log:?}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn answers(&self) -> bool {
        let Ok(mut connection) = connect(&self.url()).await else { return false };
        redis::cmd("PING").query_async::<String>(&mut connection).await.is_ok()
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
        format!("127.0.0.1:{}", self.port())
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port.number()
    }

    /// Where the other nodes of its cluster reach it.
    pub(crate) fn bus_port(&self) -> u16 {
        self.bus_port.as_ref().expect("it is a node of a cluster").number()
    }

    pub(crate) fn tls_port(&self) -> u16 {
        self.tls_port.as_ref().expect("it was started with certificates").number()
    }

    pub(crate) fn url(&self) -> String {
        let password = self.password.map(|word| format!(":{word}@")).unwrap_or_default();
        format!("redis://{password}{}", self.address())
    }

    pub(crate) fn store(&self) -> RedisStore {
        RedisStore::new(&store_config(&self.url())).unwrap()
    }

    /// Runs one command, given by its words.
    pub(crate) async fn run<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        run_on(&mut connect(&self.url()).await.unwrap(), words).await
    }

    /// Everything it holds, sorted.
    pub(crate) async fn dump(&self) -> Vec<DumpLine> {
        let mut lines = Vec::new();
        let connection = &mut connect(&self.url()).await.unwrap();
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

pub(crate) async fn run_on<T: redis::FromRedisValue>(
    connection: &mut MultiplexedConnection,
    words: &[&str],
) -> T {
    redis::cmd(words[0]).arg(&words[1..]).query_async(connection).await.unwrap()
}
