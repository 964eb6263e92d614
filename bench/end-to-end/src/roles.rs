//! Jobmaster, metawriter and gateway of one pool, each in a process of its own, with a key and configuration files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::ports::free_port;
use crate::process::ChildProcess;
use crate::sluice::{PATIENCE, command, run};

/// Expected hashes of a share of these gateways, some per second on any machine. It is the gateway's lowest
/// difficulty, and regtest's network is easier: so it never changes.
pub const SHARE_HASHES: u128 = 1 << 19;

/// Of each shard's journal: many tests run at once, and each gateway sets that much of the disk aside.
const JOURNAL_BYTES: u64 = 2 << 20;

/// The files of one pool.
pub struct Roles {
    folder: PathBuf,
    /// What drives the gateways' shards.
    runtime: &'static str,
    /// Where miners connect: HOST:PORT.
    pub stratum: String,
    /// Where gateways and operators reach the jobmaster: HOST:PORT.
    pub jobmaster: String,
    /// Where gateways and relays reach the metawriter: HOST:PORT.
    pub metawriter: String,
}

impl Roles {
    /// Makes a key and writes three configurations into a folder, and has the binary check them.
    pub fn configure(
        folder: &Path,
        runtime: &'static str,
        node_url: &str,
        payout_address: &str,
        store: &str,
    ) -> Self {
        let [stratum, jobmaster, metawriter] =
            [(); 3].map(|()| format!("127.0.0.1:{}", free_port()));
        let roles = Self { folder: folder.to_owned(), runtime, stratum, jobmaster, metawriter };
        roles.make_key("key");
        let metawriter = &roles.metawriter;
        roles.write("jobmaster", &roles.jobmaster_text(node_url, payout_address));
        roles.write("metawriter", &format!("listen = {metawriter:?}\n[store]\n{store}\n"));
        roles.write("gateway", &roles.gateway_text("gateway-data", &roles.stratum));
        roles
    }

    /// A file of the pool's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes one more key.
    pub fn make_key(&self, name: &str) {
        let path = self.path(name);
        let ran = run(&["key", "new", path.to_str().expect("a plain path")], &[]);
        assert!(ran.success, "{}", ran.error);
    }

    /// The jobmaster's configuration, but for the key.
    pub fn jobmaster_text(&self, node_url: &str, payout_address: &str) -> String {
        let (listen, jobs) = (&self.jobmaster, self.path("jobs"));
        format!(
            "listen = {listen:?}\nnode_url = {node_url:?}\npayout_address = {payout_address:?}\n\
             data_folder = {jobs:?}\npoll_interval_ms = 100\nrefresh_interval_s = 3600\n"
        )
    }

    /// The gateway's configuration, but for the key, with a data folder and an address for miners.
    pub fn gateway_text(&self, data_folder: &str, stratum: &str) -> String {
        let difficulty = SHARE_HASHES as f64 / 4_294_967_296.0;
        format!(
            "listen = {stratum:?}\njobmaster = {:?}\nmetawriter = {:?}\ndata_folder = {:?}\nshards = 2\nruntime = {:?}\n\
             difficulty_start = {difficulty}\ndifficulty_min = {difficulty}\nstop_wait_s = 60\n\
             journal_bytes_max = {JOURNAL_BYTES}\n",
            self.jobmaster,
            self.metawriter,
            self.path(data_folder),
            self.runtime
        )
    }

    /// Writes a configuration with the pool's key, and has it checked.
    pub fn write(&self, name: &str, text: &str) {
        self.write_with_key(name, "key", text);
    }

    /// Writes a configuration with a key of the folder, and has it checked.
    pub fn write_with_key(&self, name: &str, key: &str, text: &str) {
        let file = self.path(&format!("{name}.toml"));
        let key = format!("cluster_key_file = {:?}\n", self.path(key));
        fs::write(&file, key + text).expect("a temporary folder can be written");
        let ran = run(&["config", "check", file.to_str().expect("a plain path")], &[]);
        assert!(ran.success, "{}", ran.error);
    }

    /// Starts a role with the configuration of a name.
    pub fn start(&self, role: &str, name: &str) -> ChildProcess {
        let mut command = command(&[role, "--config"]);
        command.arg(self.path(&format!("{name}.toml")));
        ChildProcess::start(name, &mut command).expect("it can be started")
    }
}

/// Stops a role as a service manager does, and gives what it wrote.
pub fn stop(process: ChildProcess) -> Vec<String> {
    process.terminate();
    wait_for_success(process)
}

/// Waits for the end of a role that was told to stop, and gives what it wrote.
pub fn wait_for_success(mut process: ChildProcess) -> Vec<String> {
    let status = process.wait_for_exit(PATIENCE);
    assert!(status.success(), "{status}: {}", process.log_tail());
    process.lines()
}
