//! Two shards and their rings: a miner that comes back to the wrong one goes on at the right one, where the kernel
//! lets sockets leave a ring, and begins anew otherwise.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Instant;

use rustix::system::uname;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_ring::EngineConfig;
use sluice_session::ShardConfig;
use sluice_units::{JobKind, ShareDifficulty, SourceId};

use super::{Bench, GIVE_UP};
use crate::preflight::parse_release;

struct Miner {
    stream: BufReader<TcpStream>,
}

impl Miner {
    /// Subscribes and authorises in one breath; gives the answer to the first.
    fn greet(address: SocketAddr, session: &str) -> (Self, String) {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(GIVE_UP)).unwrap();
        let mut miner = Self { stream: BufReader::new(stream) };
        miner.say(&format!(
            "{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\",\"{session}\"]}}\n\
             {{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"alice\"]}}\n"
        ));
        let reply = miner.hear("\"id\":1,");
        miner.hear("mining.notify\",");
        (miner, reply)
    }

    fn say(&mut self, words: &str) {
        self.stream.get_mut().write_all(words.as_bytes()).unwrap();
    }

    fn hear(&mut self, wanted: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "the pool hung up");
            if line.contains(wanted) {
                return line;
            }
        }
    }

    fn submit(&mut self, nonce: u32, ntime: u32) -> String {
        self.say(&format!(
            "{{\"id\":9,\"method\":\"mining.submit\",\"params\":[\"alice\",\"1\",\"0000000000000000\",\
             \"{ntime:08x}\",\"{nonce:08x}\"]}}\n"
        ));
        self.hear("\"id\":9,")
    }
}

#[test]
fn a_miner_that_comes_back_to_another_shard_has_its_session_and_cannot_be_paid_twice() {
    let mut benches = [0, 1].map(|shard| {
        let source = SourceId { gateway_id: 1, shard };
        let vardiff = VardiffPolicy::fixed(ShareDifficulty::MIN);
        let config = ShardConfig { session_secret: [7; 16], ..ShardConfig::new(source, vardiff) };
        let mut bench = Bench::of(EngineConfig::default(), config);
        bench.send_job(1, JobKind::Clean);
        bench.step();
        bench
    });
    let known = benches.each_ref().map(|bench| bench.peer.clone()).to_vec();
    for bench in &benches {
        assert!(bench.peers.set(known.clone()).is_ok());
    }
    let addresses = benches.each_ref().map(Bench::address);
    let ntime = benches[0].started;
    // Direct descriptors leave a ring from Linux 6.8 on.
    let moves = parse_release(&uname().release().to_string_lossy()) >= Some((6, 8));
    let client = thread::spawn(move || {
        let (mut miner, greeting) = Miner::greet(addresses[0], "");
        let session = greeting.split('"').nth(7).unwrap().to_owned();
        assert!(miner.submit(5, ntime).contains("true"));
        drop(miner);
        let mut half_open = Vec::new();
        for round in 0..20 {
            let (mut miner, again) = Miner::greet(addresses[1], &session);
            assert_eq!(again == greeting, moves, "{again}");
            let answers = [5, 100 + round].map(|nonce| miner.submit(nonce, ntime));
            // Who begins anew has another search space, whose shares are as chance has it.
            let are_known = answers[0].contains("Duplicate") && answers[1].contains("true");
            assert!(are_known || !moves, "{answers:?}");
            if round % 2 == 0 {
                // Half-open: the next one takes the session over.
                half_open.push(miner);
            }
        }
    });
    while !client.is_finished() {
        benches.iter_mut().for_each(Bench::step);
    }
    client.join().unwrap();
    let give_up_at = Instant::now() + GIVE_UP;
    while benches[1].drive.shard.stats().connections > 0 {
        benches.iter_mut().for_each(Bench::step);
        assert!(Instant::now() < give_up_at, "somebody stays at the wrong shard");
    }
    let moved = if moves { 20 } else { 0 };
    let [home, other] = benches.each_ref().map(|bench| *bench.drive.engine.stats());
    assert_eq!((other.handed_out, home.adopted), (moved, moved));
    let [home, other] = benches.each_ref().map(|bench| *bench.drive.shard.stats());
    assert_eq!(home.accepted, 1 + moved);
    // Who goes on at home leaves nothing elsewhere.
    assert_eq!(other.accepted + other.rejected_total(), 2 * (20 - moved));
}
