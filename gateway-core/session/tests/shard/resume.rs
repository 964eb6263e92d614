//! Sessions that are taken up again, and parts of the search space that change hands.

use serde_json::Value;
use sluice_session::{EndCause, ShardConfig};
use sluice_units::{ConnectionId, JobKind};

use crate::pair::{HARD_NBITS, Pair, code, config, job, kind, lines_of, mine_share, submit_line};

/// What the pool says to a subscribe: session id and extranonce1.
fn subscribe(pair: &mut Pair, miner: ConnectionId, former: Option<&str>) -> (String, String) {
    let former = former.map_or(String::new(), |id| format!(",\"{id}\""));
    let line = format!("{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\"{former}]}}\n");
    let heard = pair.say(miner, &line);
    let reply = heard.iter().find(|line| kind(line) == "reply 1").expect("an answer");
    let reply: Value = serde_json::from_str(reply).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&reply["result"][0][1][1]), text(&reply["result"][1]))
}

fn authorize(pair: &mut Pair, miner: ConnectionId, user: &str) -> Vec<String> {
    pair.say(
        miner,
        &format!("{{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{user}\"]}}\n"),
    )
}

fn resumed(pair: &Pair) -> u64 {
    pair.shard.stats().ended[EndCause::Resumed.index()]
}

/// A miner with a client: its session id, extranonce1 and connection.
fn joined(pair: &mut Pair, user: &str) -> (ConnectionId, String, String) {
    let miner = pair.join(user);
    let (session, extranonce1) = subscribe(pair, miner, None);
    (miner, session, extranonce1)
}

#[test]
fn a_session_that_ended_is_taken_up_with_its_part_and_its_shares() {
    let mut pair = Pair::new();
    let (miner, session, extranonce1) = joined(&mut pair, "alice");
    let work = pair.work(miner);
    let [first, second] = [mine_share(&work, 0), mine_share(&work, 1 << 20)];
    pair.submit(miner, &first);
    pair.hang_up(miner);
    // The slot has another occupant meanwhile, and that one another part.
    let (other, _, others) = joined(&mut pair, "bob");
    assert_eq!(other.slot, miner.slot);
    assert_ne!(others, extranonce1);

    let back = pair.connect();
    let again = subscribe(&mut pair, back, Some(&session));
    assert_eq!(again, (session.clone(), extranonce1));
    authorize(&mut pair, back, "alice");
    // What was found while it was away counts, what was handed in before does not count twice.
    assert_eq!(code(&pair.say(back, &submit_line("alice", &second))[0]), 0);
    assert_eq!(code(&pair.say(back, &submit_line("alice", &first))[0]), 22);
    assert_eq!(pair.shard.stats().accepted, 2);
    assert_eq!((pair.closes(other), resumed(&pair)), (0, 0));
    // Once more.
    pair.hang_up(back);
    let back = pair.connect();
    assert_eq!(subscribe(&mut pair, back, Some(&session)), again);
}

#[test]
fn a_session_whose_connection_is_half_open_passes_to_the_new_one() {
    let mut pair = Pair::new();
    let (miner, session, extranonce1) = joined(&mut pair, "alice");
    let back = pair.connect();
    assert_eq!(subscribe(&mut pair, back, Some(&session)).1, extranonce1);
    assert_eq!((pair.closes(miner), pair.closes(back), resumed(&pair)), (1, 0, 1));
    // And from that one to the next, although it was only lent.
    let next = pair.connect();
    assert_eq!(subscribe(&mut pair, next, Some(&session)).1, extranonce1);
    assert_eq!((pair.closes(back), pair.closes(next), resumed(&pair)), (1, 0, 2));
}

#[test]
fn who_can_be_told_another_part_goes_on_there() {
    let mut pair = Pair::new();
    let (proxy, session, extranonce1) = joined(&mut pair, "alice");
    let heard =
        pair.say(proxy, "{\"id\":6,\"method\":\"mining.extranonce.subscribe\",\"params\":[]}\n");
    assert_eq!(heard, [r#"{"id":6,"result":true,"error":null}"#]);
    let before = pair.events.len();
    let twin = pair.connect();
    assert_eq!(subscribe(&mut pair, twin, Some(&session)).1, extranonce1);
    let told = lines_of(&pair.events[before..], proxy);
    let kinds: Vec<_> = told.iter().map(|line| kind(line)).collect();
    assert_eq!(kinds, ["mining.set_extranonce", "mining.notify"]);
    assert!(told[1].ends_with(",true]}"), "{}", told[1]);
    assert_eq!((pair.closes(proxy), resumed(&pair)), (0, 0));
    // Its client searches there now, and the pool takes it.
    let work = pair.work(proxy);
    assert_ne!(sluice_units::hex::encode(&work.extranonce1), extranonce1);
    let share = mine_share(&work, 0);
    pair.submit(proxy, &share);
    assert_eq!(pair.client_stats(proxy).accepted, 1);
    // The new part can be resumed too, and ends the proxy, since nobody else has asked for another.
    let (new_session, new_extranonce1) = subscribe(&mut pair, proxy, None);
    assert_ne!(new_session, session);
    pair.hang_up(proxy);
    let back = pair.connect();
    assert_eq!(subscribe(&mut pair, back, Some(&new_session)).1, new_extranonce1);
    authorize(&mut pair, back, "alice");
    assert_eq!(code(&pair.say(back, &submit_line("alice", &share))[0]), 22);
}

#[test]
fn nobody_gets_a_part_by_a_made_up_name() {
    let mut pair = Pair::new();
    let (miner, session, extranonce1) = joined(&mut pair, "alice");
    let mut forged: Vec<String> = (0..session.len())
        .map(|at| {
            let digit = if &session[at..=at] == "0" { "1" } else { "0" };
            format!("{}{digit}{}", &session[..at], &session[at + 1..])
        })
        .collect();
    forged.extend(["", "0", "\u{e9}", &extranonce1, &session[1..]].map(str::to_owned));
    forged.push(session.clone() + "00");
    for name in forged {
        let stranger = pair.connect();
        assert_ne!(subscribe(&mut pair, stranger, Some(&name)).1, extranonce1, "{name}");
        pair.hang_up(stranger);
    }
    assert_eq!((pair.closes(miner), resumed(&pair)), (0, 0));
    // Of another process, with another secret.
    let mut other = Pair::of(ShardConfig { session_secret: [1; 16], ..config() });
    other.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    let stranger = other.connect();
    other.hang_up(stranger);
    let stranger = other.connect();
    assert_ne!(subscribe(&mut other, stranger, Some(&session)).1, extranonce1);
}

#[test]
fn a_working_miner_that_subscribes_again_keeps_its_part() {
    let mut pair = Pair::new();
    let (_, session, _) = joined(&mut pair, "alice");
    let (other, own, extranonce1) = joined(&mut pair, "bob");
    assert_eq!(subscribe(&mut pair, other, Some(&session)), (own, extranonce1));
    assert_eq!(resumed(&pair), 0);
}

/// Names of parts wrap after 65,536 occupants of a slot: an old session is not given somebody else's.
#[test]
fn a_part_whose_name_has_come_round_is_never_held_twice() {
    let mut pair = Pair::new();
    let (miner, session, extranonce1) = joined(&mut pair, "alice");
    pair.hang_up(miner);
    pair.skip_generations(miner.slot, (1 << 16) - 1);
    let (namesake, _, same) = joined(&mut pair, "bob");
    assert_eq!((namesake.slot, &same), (miner.slot, &extranonce1));
    let back = pair.connect();
    assert_ne!(subscribe(&mut pair, back, Some(&session)).1, extranonce1, "it is bob's");
    assert_eq!(pair.closes(namesake), 0);
    pair.hang_up(namesake);
    pair.hang_up(back);

    // The other way round: the part is lent when its slot's name comes round.
    let holder = pair.connect();
    assert_eq!(holder.slot, miner.slot);
    let back = pair.connect();
    assert_eq!(subscribe(&mut pair, back, Some(&session)).1, extranonce1);
    pair.hang_up(holder);
    pair.skip_generations(miner.slot, (1 << 16) - 2);
    let (newcomer, _, others) = joined(&mut pair, "carol");
    assert_eq!(newcomer.slot, miner.slot);
    assert_ne!(others, extranonce1);
    let share = mine_share(&pair.work(newcomer), 0);
    pair.submit(newcomer, &share);
    assert_eq!(pair.client_stats(newcomer).accepted, 1);
}
