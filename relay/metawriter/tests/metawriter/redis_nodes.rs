//! Several Redis processes that belong together: a cluster, and a master with what watches it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use sluice_metawriter::StoreConfig;
use sluice_metawriter::store::RedisStore;
use sluice_metawriter::store::embedded::DumpLine;
use sluice_relay_core::slot::SLOTS;
use tempfile::TempDir;

use crate::ports::Port;
use crate::redis_server::{RedisServer, Setup, connect, patient_config, run_on};
use crate::redis_tls::tls_arguments;
use crate::waits::wait_until;

/// A cluster of masters that share the slots evenly.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<RedisServer>,
}

impl Cluster {
    pub(crate) async fn start(nodes: u16) -> Self {
        Self::start_as(nodes, Setup::default()).await
    }

    /// With a password, and TLS with the certificates of a folder.
    pub(crate) async fn start_as(nodes: u16, setup: Setup<'_>) -> Self {
        let tls: &[&str] =
            if setup.certificates.is_some() { &["--tls-cluster", "yes"] } else { &[] };
        let setup = Setup { is_cluster_node: true, arguments: tls, ..setup };
        let mut cluster = Self { nodes: Vec::new() };
        for _ in 0..nodes {
            cluster.nodes.push(RedisServer::start_as(setup).await);
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
        RedisStore::new(&StoreConfig { redis_cluster_urls, ..patient_config() }).unwrap()
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
    port: Port,
    /// Where it speaks TLS, which it is only asked for with certificates.
    tls_port: Port,
    _folder: TempDir,
}

impl Sentinel {
    /// With the certificates of a folder it speaks TLS as well, and reaches the master by it.
    pub(crate) fn start(master_port: u16, password: &str, certificates: Option<&Path>) -> Self {
        let (port, tls_port) = (Port::reserve(), Port::reserve());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sentinel.conf");
        // A master that is slow is not down, before a test says so.
        let settings = format!(
            "bind 127.0.0.1\nport {}\nsentinel monitor pool 127.0.0.1 {master_port} 1\n\
             sentinel auth-pass pool {password}\nsentinel down-after-milliseconds pool 60000\n\
             sentinel failover-timeout pool 10000\n",
            port.number()
        );
        std::fs::write(&file, settings).unwrap();
        let mut command = Command::new("redis-server");
        command.arg(&file).arg("--sentinel");
        if let Some(certificates) = certificates {
            command.args(tls_arguments(certificates, tls_port.number()));
            command.args(["--tls-replication", "yes"]);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        Self { child, port, tls_port, _folder: folder }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port.number())
    }

    pub(crate) fn tls_url(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.tls_port.number())
    }

    /// How many replicas it knows of; none while it does not answer.
    pub(crate) async fn replicas(&self) -> usize {
        let Ok(mut connection) = connect(&self.url()).await else { return 0 };
        let mut ask = redis::cmd("SENTINEL");
        let asking =
            ask.arg("REPLICAS").arg("pool").query_async::<Vec<redis::Value>>(&mut connection);
        asking.await.map_or(0, |replicas| replicas.len())
    }

    /// Has it take a master for down that does not answer for 2 s.
    pub(crate) async fn watch_closely(&self) {
        let words = ["SENTINEL", "SET", "pool", "down-after-milliseconds", "2000"];
        let _: String = run_on(&mut connect(&self.url()).await.unwrap(), &words).await;
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
