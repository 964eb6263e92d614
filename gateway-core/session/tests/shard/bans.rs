//! Who is kept out: by the jobmaster's list, and for doing too much within a window of time.

use std::net::IpAddr;
use std::time::Duration;

use sluice_session::miner_client::Solution;
use sluice_session::{Allowance, EndCause, ShardConfig, WatchPolicy};
use sluice_units::{Ban, ConnectionId, JobKind, UnixTime};

use crate::pair::{HARD_NBITS, Pair, START_UNIX_S, config, job, lines_of, mine_share, submit_line};

const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 2, 3));

fn ban(subject: &str, seconds: u64) -> Ban {
    Ban {
        subject: subject.parse().unwrap(),
        until: UnixTime::from_seconds(START_UNIX_S + seconds),
        reason: String::new(),
    }
}

fn watching(watch: WatchPolicy) -> Pair {
    let watch = WatchPolicy {
        window: Duration::from_secs(60),
        ban: Duration::from_secs(600),
        exempt: vec!["192.0.2.0/24".parse().unwrap()],
        ..watch
    };
    let mut pair = Pair::of(ShardConfig { watch, ..config() });
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    pair
}

fn address(allowance: Allowance) -> WatchPolicy {
    WatchPolicy { address: allowance, ..WatchPolicy::default() }
}

fn greet_from(pair: &mut Pair, peer: IpAddr, user: &str) -> ConnectionId {
    let miner = pair.connect_from(peer);
    pair.say(
        miner,
        &format!(
            "{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"]}}\n\
             {{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{user}\"]}}\n"
        ),
    );
    miner
}

fn banned(pair: &Pair) -> u64 {
    pair.shard.stats().ended[EndCause::Banned.index()]
}

fn subjects(pair: &Pair) -> Vec<String> {
    pair.bans.iter().map(|ban| ban.subject.to_string()).collect()
}

#[test]
fn the_list_ends_connections_and_keeps_new_ones_out_until_it_ends() {
    let mut pair = Pair::new();
    let inside = greet_from(&mut pair, PEER, "alice");
    let mapped = greet_from(&mut pair, "::ffff:10.9.9.9".parse().unwrap(), "alice");
    let outside = greet_from(&mut pair, "11.1.2.3".parse().unwrap(), "alice");
    pair.shard.handle_bans(&[ban("10.0.0.0/8", 10), ban("2001:db8::/32", 10)]);
    pair.settle();
    assert_eq!([inside, mapped, outside].map(|miner| pair.closes(miner)), [1, 1, 0]);
    for peer in ["10.200.0.1", "2001:db8:5::1"] {
        let refused = pair.connect_from(peer.parse().unwrap());
        assert_eq!(pair.closes(refused), 1, "{peer}");
        assert_eq!(lines_of(&pair.events, refused), [""; 0], "it is told nothing");
    }
    assert_eq!(banned(&pair), 4);
    pair.pass(10);
    let back = greet_from(&mut pair, PEER, "alice");
    assert_eq!(pair.closes(back), 0, "it is over");
    pair.shard.handle_bans(&[ban("10.1.2.3", 60)]);
    pair.settle();
    assert_eq!(pair.closes(back), 1);
    pair.shard.handle_bans(&[]);
    let back = greet_from(&mut pair, PEER, "alice");
    assert_eq!(pair.closes(back), 0, "taken off the list");
}

#[test]
fn every_slice_of_many_connections_is_looked_at() {
    let mut pair = Pair::new();
    let miners: Vec<_> = (0..1200)
        .map(|index| greet_from(&mut pair, IpAddr::from([10, 0, 0, (index % 2) as u8]), "a"))
        .collect();
    pair.shard.handle_bans(&[ban("10.0.0.1", 10)]);
    pair.settle();
    for (index, miner) in miners.into_iter().enumerate() {
        assert_eq!(pair.closes(miner), index % 2);
    }
}

#[test]
fn an_account_is_kept_out_whoever_names_it() {
    let mut pair = Pair::new();
    let (inside, other) = (pair.greet("alice.rig1"), pair.greet("bob"));
    pair.shard.handle_bans(&[ban("account:alice", 60)]);
    pair.settle();
    assert_eq!([inside, other].map(|miner| pair.closes(miner)), [1, 0]);
    let refused = pair.connect();
    let heard = pair
        .say(refused, "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"ALICE.rig2\"]}\n");
    assert_eq!(heard, [r#"{"id":2,"result":null,"error":[24,"This account is banned",null]}"#]);
    assert_eq!(pair.closes(refused), 1);
    // Beside another worker it is refused alone.
    let heard =
        pair.say(other, "{\"id\":3,\"method\":\"mining.authorize\",\"params\":[\"alice.rig3\"]}\n");
    assert!(heard[0].contains("banned"), "{}", heard[0]);
    assert_eq!(pair.closes(other), 0);
}

#[test]
fn too_many_connections_in_a_window_keep_an_address_out() {
    let mut pair = watching(address(Allowance { connections: 3, ..Allowance::default() }));
    for _ in 0..3 {
        let miner = pair.connect_from(PEER);
        pair.hang_up(miner);
    }
    pair.pass(60);
    for _ in 0..3 {
        pair.connect_from(PEER);
    }
    assert_eq!(pair.bans, [], "a window each");
    let fourth = pair.connect_from(PEER);
    assert_eq!(subjects(&pair), ["10.1.2.3"]);
    assert!(pair.bans[0].reason.contains("4 connections in 60 s"), "{}", pair.bans[0].reason);
    assert_eq!(pair.bans[0].until.to_seconds(), pair.now.unix.to_seconds() + 600);
    pair.settle();
    assert_eq!(pair.closes(fourth), 1);
    assert_eq!(banned(&pair), 4, "all of its connections end");
    for _ in 0..10 {
        let exempt = pair.connect_from("192.0.2.9".parse().unwrap());
        assert_eq!(pair.closes(exempt), 0);
    }
    assert_eq!(pair.bans.len(), 1);
}

#[test]
fn networks_of_ipv6_are_one_address() {
    let mut pair = watching(address(Allowance { connections: 1, ..Allowance::default() }));
    pair.connect_from("2001:db8::1".parse().unwrap());
    pair.connect_from("2001:db8::2".parse().unwrap());
    assert_eq!(subjects(&pair), ["2001:db8::/64"]);
}

#[test]
fn who_never_speaks_stratum_is_kept_out_and_who_works_is_not() {
    let mut pair = watching(address(Allowance { handshakes_failed: 2, ..Allowance::default() }));
    let working = greet_from(&mut pair, PEER, "alice");
    for _ in 0..3 {
        let stranger = pair.connect_from("10.4.4.4".parse().unwrap());
        pair.say(stranger, "GET / HTTP/1.1\r\n");
    }
    for _ in 0..3 {
        pair.connect_from("10.5.5.5".parse().unwrap());
    }
    pair.pass(11);
    assert_eq!(subjects(&pair), ["10.4.4.4", "10.5.5.5"], "by babble, by silence");
    pair.say(working, "nonsense\n");
    assert_eq!((pair.closes(working), pair.bans.len()), (1, 2), "a miner's end is no handshake");
}

/// Shares of which so many in a hundred are wrong, for so many seconds.
fn hand_in(pair: &mut Pair, miner: ConnectionId, wrong_percent: usize, seconds: usize) {
    let good = mine_share(&pair.work(miner), 0);
    let unknown = Solution { job: "1234".into(), ..good.clone() };
    let unknown = submit_line("alice", &unknown);
    // The same share again is a duplicate; one on an unknown job is not the miner's fault.
    let wrong = submit_line("alice", &good);
    for _ in 0..seconds {
        for place in 0..20 {
            let line = if place * 5 < wrong_percent { &wrong } else { &unknown };
            pair.say(miner, line);
        }
        pair.pass(1);
    }
}

#[test]
fn a_burst_of_wrong_shares_is_nothing_and_a_window_full_of_them_is() {
    let policy = || WatchPolicy {
        wrong_min: 100,
        ..address(Allowance { wrong_percent: 50, ..Allowance::default() })
    };
    let mut pair = watching(policy());
    let miner = pair.join("alice");
    hand_in(&mut pair, miner, 40, 130);
    assert_eq!(pair.bans, [], "two in five");
    hand_in(&mut pair, miner, 100, 4);
    hand_in(&mut pair, miner, 10, 130);
    assert_eq!(pair.bans, [], "a burst within a window of others");
    hand_in(&mut pair, miner, 80, 130);
    assert_eq!(pair.bans.len(), 1);
    assert!(pair.bans[0].reason.contains("shares wrong in 60 s"), "{}", pair.bans[0].reason);

    let mut pair = watching(WatchPolicy { wrong_min: 5000, ..policy() });
    let miner = pair.join("alice");
    hand_in(&mut pair, miner, 100, 130);
    assert_eq!(pair.bans, [], "so many are never too many");
}

#[test]
fn too_many_submits_are_too_many_for_addresses_and_accounts() {
    let bound = Allowance { submits: 1000, ..Allowance::default() };
    let mut pair = watching(address(bound));
    let miner = pair.join("alice");
    hand_in(&mut pair, miner, 0, 45);
    assert_eq!(pair.bans, []);
    let mut pair = watching(WatchPolicy { account: bound, ..WatchPolicy::default() });
    let miners = [pair.join("alice"), pair.greet("alice.rig2"), pair.greet("bob")];
    hand_in(&mut pair, miners[0], 0, 60);
    assert_eq!(subjects(&pair), ["account:alice"]);
    assert_eq!(miners.map(|miner| pair.closes(miner)), [1, 1, 0]);
}
