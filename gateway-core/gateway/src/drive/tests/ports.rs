//! Several ports of one gateway, each with a difficulty of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use sluice_mining::vardiff::VardiffPolicy;
use sluice_ring::EngineConfig;
use sluice_session::{PortPolicy, ShardConfig};
use sluice_units::{JobKind, ShareDifficulty, SourceId};

use super::Bench;

/// Greets, and gives the difficulty that the pool tells.
fn told_difficulty(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(
            b"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n\
              {\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"alice\"]}\n",
        )
        .unwrap();
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    lines.into_iter().find(|line| line.contains("\"method\":\"mining.set_difficulty\"")).unwrap()
}

#[test]
fn each_port_starts_its_miners_at_its_own_difficulty() {
    let policy = |difficulty: f64| VardiffPolicy {
        difficulty_min: ShareDifficulty::MIN,
        ..VardiffPolicy::fixed(ShareDifficulty::from_f64(difficulty).unwrap())
    };
    let source = SourceId { gateway_id: 1, shard: 0 };
    let config = ShardConfig {
        ports: [0.5, 0.25].map(|start| PortPolicy { vardiff: policy(start), tls: false }).to_vec(),
        ..ShardConfig::new(source, policy(1.0))
    };
    let listen = vec![([127, 0, 0, 1], 0).into(); 2];
    let mut bench = Bench::of(EngineConfig { listen, ..EngineConfig::default() }, config);
    bench.send_job(1, JobKind::Clean);
    bench.step();
    let addresses = bench.drive.engine.local_addresses().to_vec();
    let miners: Vec<_> =
        addresses.into_iter().map(|at| thread::spawn(move || told_difficulty(at))).collect();
    while !miners.iter().all(thread::JoinHandle::is_finished) {
        bench.step();
    }
    let told: Vec<_> = miners.into_iter().map(|miner| miner.join().unwrap()).collect();
    assert!(told[0].contains("[0.5]") && told[1].contains("[0.25]"), "{told:?}");
}
