//! Several Redis processes that belong together: a cluster, and a master with what watches it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sluice_metawriter::StoreConfig;
use sluice_metawriter::store::RedisStore;
use sluice_metawriter::store::embedded::DumpLine;
use sluice_relay_core::slot::SLOTS;
use tempfile::TempDir;

use crate::redis_server::{RedisServer, free_port};
use crate::redis_tls::tls_arguments;

const WAITS_MAX: usize = 3_000;

/// Waits until a condition holds.
pub(crate) async fn wait_until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..WAITS_MAX {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not after {WAITS_MAX} looks");
}

/// A cluster of masters that share the slots evenly.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<RedisServer>,
}

impl Cluster {
    pub(crate) async fn start(nodes: u16) -> Self {
        Self::start_as(nodes, None, None).await
    }

    /// With a password, and TLS with the certificates of a folder.
    pub(crate) async fn start_as(
        nodes: u16,
        password: Option<&'static str>,
        certificates: Option<&Path>,
    ) -> Self {
        let mut cluster = Self { nodes: Vec::new() };
        for _ in 0..nodes {
            let bus_port = free_port().to_string();
            let arguments = [
                ["--cluster-enabled", "yes"],
                ["--cluster-port", &bus_port],
                ["--cluster-node-timeout", "1000"],
            ];
            let mut arguments = arguments.as_flattened().to_vec();
            let tls = certificates.map(|folder| tls_arguments(folder, free_port()));
            if let Some(tls) = &tls {
                arguments.extend(["--tls-cluster", "yes"]);
                arguments.extend(tls.iter().map(String::as_str));
            }
            cluster.nodes.push(RedisServer::start_as(password, &arguments).await);
        }
        let each = SLOTS.div_ceil(nodes);
        for (number, node) in (0..nodes).zip(&cluster.nodes) {
            let (first, last) = (number * each, ((number + 1) * each).min(SLOTS) - 1);
            let range = [first.to_string(), last.to_string()];
            let words = ["CLUSTER", "ADDSLOTSRANGE", &range[0], &range[1]];
            let _: String = node.run(&words).await;
            // A restart keeps its name and slots.
            let [port, bus_port] =
                [cluster.nodes[0].port(), cluster.nodes[0].bus_port()].map(|port| port.to_string());
            let _: String = node.run(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus_port]).await;
        }
        for node in &cluster.nodes {
            wait_until("the cluster is whole", || async {
                let info: String = node.run(&["CLUSTER", "INFO"]).await;
                info.contains("cluster_state:ok")
                    && info.contains(&format!("cluster_known_nodes:{nodes}\r"))
                    && info.contains(&format!("cluster_slots_ok:{SLOTS}\r"))
            })
            .await;
        }
        cluster
    }

    pub(crate) fn store(&self) -> RedisStore {
        // One is enough: the others are found.
        let redis_cluster_urls = vec![self.nodes[0].url()];
        RedisStore::new(&StoreConfig { redis_cluster_urls, ..StoreConfig::default() }).unwrap()
    }

    /// Everything that all nodes hold, sorted.
    pub(crate) async fn dump(&self) -> Vec<DumpLine> {
        let mut lines = Vec::new();
        for node in &self.nodes {
            lines.extend(node.dump().await);
        }
        lines.sort();
        lines
    }
}

/// A Sentinel that names the master `pool`. Dropped, it is killed.
pub(crate) struct Sentinel {
    child: Child,
    pub(crate) url: String,
    _folder: TempDir,
}

impl Sentinel {
    /// With further settings, as arguments.
    pub(crate) fn start(master_port: u16, password: &str, arguments: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (file, port) = (folder.path().join("sentinel.conf"), free_port());
        let settings = format!(
            "bind 127.0.0.1\nport {port}\nsentinel monitor pool 127.0.0.1 {master_port} 1\n\
             sentinel auth-pass pool {password}\nsentinel down-after-milliseconds pool 300\n\
             sentinel failover-timeout pool 2000\n",
        );
        std::fs::write(&file, settings).unwrap();
        let mut command = Command::new("redis-server");
        command.arg(&file).arg("--sentinel").args(arguments);
        if !arguments.is_empty() {
            command.args(["--tls-replication", "yes"]);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        Self { child, url: format!("redis://127.0.0.1:{port}"), _folder: folder }
    }

    /// How many replicas it knows of; none while it does not answer.
    pub(crate) async fn replicas(&self) -> usize {
        let client = redis::Client::open(&*self.url).unwrap();
        let Ok(mut connection) = client.get_multiplexed_async_connection().await else { return 0 };
        let mut ask = redis::cmd("SENTINEL");
        let asking =
            ask.arg("REPLICAS").arg("pool").query_async::<Vec<redis::Value>>(&mut connection);
        asking.await.map_or(0, |replicas| replicas.len())
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
