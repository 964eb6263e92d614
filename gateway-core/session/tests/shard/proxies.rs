//! Balancers in front of the pool: whom they speak for, and who is believed.

use std::net::IpAddr;

use sluice_session::{Action, EndCause, Shard, ShardConfig};
use sluice_units::{ConnectionId, JobKind, Now};

use crate::pair::{HARD_NBITS, Pair, config, job};

const BALANCER: &str = "10.1.2.3";
const GREETING: &str = concat!(
    "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"]}\n",
    "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"alice\"]}\n",
);

struct Pool {
    shard: Shard,
    now: Now,
    slots: u32,
}

impl Pool {
    fn new() -> Self {
        let now = Pair::new().now;
        let config = ShardConfig {
            connections_per_address_max: 1,
            proxies_trusted: vec!["10.0.0.0/8".parse().unwrap()],
            ..config()
        };
        let mut shard = Shard::new(now, config);
        shard.handle_job(now, job(1, JobKind::Clean, 1, HARD_NBITS));
        Self { shard, now, slots: 0 }
    }

    fn connect(&mut self, peer: &str) -> ConnectionId {
        let connection = ConnectionId { slot: self.slots, generation: 0 };
        self.slots += 1;
        let peer: IpAddr = peer.parse().unwrap();
        self.shard.handle_connected(self.now, connection, peer, 0);
        connection
    }

    /// What is answered, and whether the connection was ended.
    fn say(&mut self, connection: ConnectionId, words: &[u8]) -> (String, bool) {
        self.shard.handle_received(self.now, connection, words);
        let (mut text, mut ended) = (String::new(), false);
        while let Some(action) = self.shard.poll_action() {
            match action {
                Action::Send { bytes, .. } => {
                    text += core::str::from_utf8(self.shard.outbox(&bytes)).unwrap()
                }
                Action::SendJob { .. } => text += "job",
                Action::Close { .. } | Action::Refuse { .. } => ended = true,
                Action::FoundBlock(_)
                | Action::HandOver { .. }
                | Action::AskAccount(_)
                | Action::Ban(_)
                | Action::Publish(_) => {}
            }
        }
        (text, ended)
    }

    /// Where the miners that authorised came from, as the store hears of it.
    fn peers(&mut self) -> Vec<String> {
        self.now.instant = self.now.instant + std::time::Duration::from_secs(2);
        self.shard.handle_timeout(self.now);
        let mut peers = Vec::new();
        while let Some(action) = self.shard.poll_action() {
            if let Action::Publish(batch) = action {
                peers.extend(batch.events.iter().map(|event| event.peer.clone()));
            }
        }
        peers
    }
}

fn header(peer: &str) -> String {
    format!("PROXY TCP4 {peer} 192.0.2.1 4000 3333\r\n")
}

#[test]
fn a_header_in_pieces_tells_who_the_miner_is() {
    let mut pool = Pool::new();
    let miner = pool.connect(BALANCER);
    let words = header("203.0.113.7") + GREETING;
    let (start, rest) = words.split_at(9);
    assert_eq!(pool.say(miner, start.as_bytes()), (String::new(), false));
    let (answer, ended) = pool.say(miner, rest.as_bytes());
    assert!(
        !ended && answer.contains("\"id\":2,\"result\":true") && answer.ends_with("job"),
        "{answer}"
    );
    // Version 2, from the same balancer: an address of its own is counted, not the balancer's.
    let other = pool.connect(BALANCER);
    let mut binary =
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x08\xc0\0\x02\x01\0\x01\0\x02".to_vec();
    binary.extend(GREETING.as_bytes());
    assert!(!pool.say(other, &binary).1);
    assert_eq!(pool.peers(), ["203.0.113.7", "203.0.113.8"]);
}

#[test]
fn the_miners_address_is_the_one_that_is_counted() {
    let mut pool = Pool::new();
    let first = pool.connect(BALANCER);
    assert!(!pool.say(first, header("203.0.113.7").as_bytes()).1);
    let second = pool.connect(BALANCER);
    assert_eq!(
        pool.say(second, (header("203.0.113.7") + GREETING).as_bytes()),
        (String::new(), true)
    );
    assert_eq!(pool.shard.stats().ended[EndCause::AddressRefused.index()], 1);
    // Both go; one that never said who it is goes as well.
    let silent = pool.connect(BALANCER);
    for gone in [first, second, silent] {
        pool.shard.handle_closed(pool.now, gone);
    }
    let third = pool.connect(BALANCER);
    assert!(!pool.say(third, (header("203.0.113.7") + GREETING).as_bytes()).1);
    assert_eq!(pool.shard.stats().connections, 1);
}

#[test]
fn nobody_else_is_believed() {
    let mut pool = Pool::new();
    let stranger = pool.connect("192.0.2.77");
    let (answer, ended) = pool.say(stranger, header("203.0.113.7").as_bytes());
    assert!(ended && answer.contains("Not a stratum request"), "{answer}");
    // A stranger who stands behind a balancer and says that it is one itself.
    let behind = pool.connect(BALANCER);
    let words = header("192.0.2.78") + &header("203.0.113.7");
    assert!(pool.say(behind, words.as_bytes()).1);
    assert_eq!(pool.shard.stats().ended[EndCause::NotStratum.index()], 2);
}

#[test]
fn balancers_stand_in_line_or_speak_for_themselves() {
    let mut pool = Pool::new();
    let far = pool.connect(BALANCER);
    let words = header("10.9.9.9") + &header("203.0.113.7") + GREETING;
    assert!(!pool.say(far, words.as_bytes()).1);
    let itself = pool.connect(BALANCER);
    assert!(!pool.say(itself, GREETING.as_bytes()).1);
    let once_more = pool.connect(BALANCER);
    assert!(!pool.say(once_more, GREETING.as_bytes()).1, "a balancer is no address like others");
    // A check that the pool lives: the LOCAL command of version 2, and nothing more.
    let check = pool.connect("10.7.7.7");
    assert_eq!(pool.say(check, b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"), (String::new(), false));
    assert_eq!(pool.peers(), ["203.0.113.7", BALANCER, BALANCER]);
    let broken = pool.connect(BALANCER);
    assert_eq!(pool.say(broken, b"PROXY TCP5 nonsense\r\n"), (String::new(), true));
}
