//! The role with a real Redis, whose user may do some things and not others.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;
use sluice_alertcenter::{Alertcenter, AlertcenterConfig, DEFAULT_CONFIG, OwnAlerts, start};
use sluice_service::ClusterKey;
use sluice_service::alerts::Collector;
use sluice_thread_log::ThreadLog;
use sluice_wire::alert_feed::Severity;
use tempfile::TempDir;
use tokio::time::Instant;

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);
/// As the configuration says.
const MESSAGES_KEPT: usize = 10_000;

/// A Redis on a socket in a folder of its own. Dropped, it is killed.
struct RedisServer {
    child: Child,
    folder: TempDir,
}

impl RedisServer {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--unixsocket", "socket"]);
        command.arg("--dir").arg(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.current_dir(folder.path()).spawn();
        let child = child.expect("redis-server is not installed: apt-get install redis-server");
        let server = Self { child, folder };
        let deadline = Instant::now() + PATIENCE;
        while server.connect().await.is_err() {
            assert!(Instant::now() < deadline, "redis-server does not come up");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("socket").display())
    }

    async fn connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        redis::Client::open(self.url())?.get_multiplexed_async_connection_with_config(&config).await
    }

    async fn run<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection = self.connect().await.unwrap();
        redis::cmd(words[0]).arg(&words[1..]).query_async(&mut connection).await.unwrap()
    }

    /// Gives the user these rights and no others.
    async fn grant(&self, rights: &[&str]) {
        let user = [&["ACL", "SETUSER", "alertcenter", "reset", "on", ">word"], rights].concat();
        let _: String = self.run(&user).await;
    }

    async fn list(&self) -> Vec<String> {
        self.run(&["LRANGE", "alert:message", "0", "-1"]).await
    }

    /// Waits until the newest message ends so; gives all of them.
    async fn wait_for_newest(&self, text: &str) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let list = self.list().await;
            if list.last().is_some_and(|newest| newest.ends_with(text)) {
                return list;
            }
            assert!(Instant::now() < deadline, "{text} does not come: {} are there", list.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A center that reaches Redis as that user, and what it hears of.
async fn start_center(server: &RedisServer) -> (Alertcenter, Collector) {
    let collector = Collector::default();
    let own = OwnAlerts { collector: collector.clone(), host: "center".into() };
    let config = AlertcenterConfig {
        listen: "127.0.0.1:0".into(),
        redis_url: Some(format!("{}?user=alertcenter&pass=word", server.url())),
        ..AlertcenterConfig::default()
    };
    let center = start(config, ClusterKey::generate().unwrap(), own).await.unwrap();
    (center, collector)
}

#[tokio::test]
async fn a_list_that_may_not_be_cut_gets_each_message_once() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    server.grant(&["~*", "+@all", "-ltrim"]).await;
    let (center, alerts) = start_center(&server).await;
    let texts = ["FATAL: one", "FATAL: two", "FATAL: three"];
    for text in texts {
        alerts.add(Severity::Fatal, text);
    }
    let list = server.wait_for_newest("FATAL: three").await;
    assert_eq!(list, texts.map(|text| format!("center: alertcenter: {text}")));

    // Once it may be, it is.
    let more = vec!["x"; MESSAGES_KEPT];
    let _: usize = server.run(&[&["RPUSH", "alert:message"], &*more].concat()).await;
    server.grant(&["~*", "+@all"]).await;
    alerts.add(Severity::Fatal, "FATAL: four");
    server.wait_for_newest("FATAL: four").await;
    center.stop().await;
    assert_eq!(server.list().await.len(), MESSAGES_KEPT);
    let told = log.lines_with(&["WARN", "is not cut"]);
    assert!(told.len() == 1 && told[0].contains("grant the user LTRIM"), "{told:?}");
    assert_eq!(log.count("is cut again"), 1);
}

#[tokio::test]
async fn the_rights_that_the_configuration_lists_are_enough() {
    let log = ThreadLog::capture();
    let server = RedisServer::start().await;
    let words = DEFAULT_CONFIG.split_whitespace();
    let rights: Vec<_> = words.filter(|word| word.starts_with(['+', '~'])).collect();
    server.grant(&rights).await;
    let (center, alerts) = start_center(&server).await;
    alerts.add(Severity::Fatal, "FATAL: one");
    server.wait_for_newest("FATAL: one").await;
    center.stop().await;
    assert_eq!(log.lines_with(&["WARN"]), [""; 0]);
}
