//! Two shards of a gateway and miners that come, go, come back to either, and hand the same shares in everywhere:
//! whatever the order, no share is credited twice, and nothing panics.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;
use sluice_mining::difficulty_memory::DifficultyMemory;
use sluice_mining::vardiff::VardiffPolicy;
use sluice_session::{
    AccountAnswer, AccountPolicy, Allowance, Announcement, ShardConfig, StalePolicy, WatchPolicy,
};
use sluice_units::{Ban, ConnectionId, JobKind, ShareDifficulty, SourceId, UnixTime};

use crate::pair::{Event, HARD_NBITS, Pair, START_UNIX_S, config, job};

#[derive(Clone, Debug)]
enum Step {
    Connect {
        shard: usize,
        peer: u8,
    },
    /// With the session id of some earlier subscription, or none.
    Subscribe {
        miner: usize,
        session: Option<usize>,
    },
    Authorize {
        miner: usize,
        account: u8,
    },
    TakeExtranonce {
        miner: usize,
    },
    Submit {
        miner: usize,
        nonce: u8,
        job: u64,
    },
    Babble {
        miner: usize,
    },
    HangUp {
        miner: usize,
    },
    /// What became of the first departure of a shard.
    Carry {
        shard: usize,
        stays: bool,
    },
    Answer {
        shard: usize,
        answer: u8,
    },
    Ban {
        shard: usize,
        account: bool,
    },
    Announce {
        shard: usize,
    },
    Job {
        number: u64,
        clean: bool,
    },
    Pass {
        seconds: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (shard, miner) = (0_usize..2, 0_usize..6);
    prop_oneof![
        8 => (shard.clone(), any::<u8>()).prop_map(|(shard, peer)| Step::Connect { shard, peer }),
        12 => (miner.clone(), prop::option::weighted(0.7, 0_usize..4))
            .prop_map(|(miner, session)| Step::Subscribe { miner, session }),
        12 => (miner.clone(), 0_u8..2).prop_map(|(miner, account)| Step::Authorize { miner, account }),
        2 => miner.clone().prop_map(|miner| Step::TakeExtranonce { miner }),
        30 => (miner.clone(), 0_u8..4, prop_oneof![5 => Just(1_u64), 1 => 1_u64..4])
            .prop_map(|(miner, nonce, job)| Step::Submit { miner, nonce, job }),
        1 => miner.clone().prop_map(|miner| Step::Babble { miner }),
        4 => miner.prop_map(|miner| Step::HangUp { miner }),
        10 => (shard.clone(), prop::bool::weighted(0.1))
            .prop_map(|(shard, stays)| Step::Carry { shard, stays }),
        16 => (shard.clone(), 0_u8..12).prop_map(|(shard, answer)| Step::Answer { shard, answer }),
        1 => (shard.clone(), any::<bool>()).prop_map(|(shard, account)| Step::Ban { shard, account }),
        1 => shard.prop_map(|shard| Step::Announce { shard }),
        1 => (2_u64..4, any::<bool>()).prop_map(|(number, clean)| Step::Job { number, clean }),
        2 => (0_u64..8).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

/// Everything that can be switched on is.
fn shard(number: u16, memory: &Arc<DifficultyMemory>) -> Pair {
    let everything =
        Allowance { connections: 40, handshakes_failed: 5, submits: 0, wrong_percent: 95 };
    let config = ShardConfig {
        stale: StalePolicy { grace: Duration::from_secs(3), credited: true },
        accounts: AccountPolicy::Checked { unknown_allowed: true },
        watch: WatchPolicy {
            window: Duration::from_secs(10),
            ban: Duration::from_secs(5),
            exempt: Vec::new(),
            address: everything,
            account: everything,
            wrong_min: 50,
        },
        memory: Some(Arc::clone(memory)),
        proxies_trusted: vec!["10.0.0.3/32".parse().unwrap()],
        ..ShardConfig::new(
            SourceId { shard: number, ..config().source },
            VardiffPolicy::fixed(ShareDifficulty::MIN),
        )
    };
    let mut pair = Pair::of(config);
    pair.job(job(1, JobKind::Clean, 1, HARD_NBITS));
    pair
}

struct Gateway {
    shards: [Pair; 2],
    /// Where each miner is.
    miners: Vec<(usize, ConnectionId)>,
    /// Every session id that was told.
    sessions: Vec<String>,
    /// The part of the search space that each connection was told last.
    parts: BTreeMap<(usize, ConnectionId), String>,
    /// Shares that were credited: part, nonce and job.
    accepted: BTreeSet<(String, String)>,
    events_seen: [usize; 2],
}

impl Gateway {
    fn new() -> Self {
        let memory = Arc::new(DifficultyMemory::new(5));
        Self {
            shards: [0, 1].map(|number| shard(number, &memory)),
            miners: Vec::new(),
            sessions: Vec::new(),
            parts: BTreeMap::new(),
            accepted: BTreeSet::new(),
            events_seen: [0; 2],
        }
    }

    fn say(&mut self, miner: usize, words: &str) {
        if let Some((shard, connection)) = self.miners.get(miner).copied() {
            self.shards[shard].say(connection, &format!("{words}\n"));
        }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Connect { shard, peer } => {
                let peer = IpAddr::from([10, 0, 0, peer % 4]);
                let connection = self.shards[shard].connect_from(peer);
                self.miners.push((shard, connection));
            }
            Step::Subscribe { miner, session } => {
                let former = session.and_then(|index| self.sessions.get(index)).cloned();
                let former = former.unwrap_or_default();
                self.say(
                    miner,
                    &format!("{{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"x\",\"{former}\"]}}"),
                );
            }
            Step::Authorize { miner, account } => self.say(
                miner,
                &format!(
                    "{{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"a{account}.rig\"]}}"
                ),
            ),
            Step::TakeExtranonce { miner } => {
                self.say(
                    miner,
                    "{\"id\":3,\"method\":\"mining.extranonce.subscribe\",\"params\":[]}",
                );
            }
            Step::Submit { miner, nonce, job } => self.submit(miner, nonce, job),
            Step::Babble { miner } => self.say(miner, "nonsense"),
            Step::HangUp { miner } => {
                if miner < self.miners.len() {
                    let (shard, connection) = self.miners.remove(miner);
                    self.parts.remove(&(shard, connection));
                    self.shards[shard].hang_up(connection);
                }
            }
            Step::Carry { shard, stays } => self.carry(shard, stays),
            Step::Answer { shard, answer } => self.answer(shard, answer),
            Step::Ban { shard, account } => {
                let subject = if account { "account:a1" } else { "10.0.0.2" };
                let pair = &mut self.shards[shard];
                let until = UnixTime::from_seconds(pair.now.unix.to_seconds() + 4);
                let subject = subject.parse().unwrap();
                pair.shard.handle_bans(&[Ban { subject, until, reason: String::new() }]);
                pair.settle();
            }
            Step::Announce { shard } => {
                self.shards[shard].shard.handle_announcement(Announcement::Say("x".into()));
                self.shards[shard].settle();
            }
            Step::Job { number, clean } => {
                let kind = if clean { JobKind::Clean } else { JobKind::Refresh };
                for pair in &mut self.shards {
                    pair.job(job(number, kind, 1, HARD_NBITS));
                }
            }
            Step::Pass { seconds } => {
                self.shards.iter_mut().for_each(|pair| pair.pass(seconds));
            }
        }
    }

    fn submit(&mut self, miner: usize, nonce: u8, job: u64) {
        for account in 0..2 {
            self.say(
                miner,
                &format!(
                    "{{\"id\":\"{nonce} {job}\",\"method\":\"mining.submit\",\"params\":[\"a{account}.rig\",\
                     \"{job}\",\"0000000000000000\",\"{START_UNIX_S:08x}\",\"{nonce:08x}\"]}}"
                ),
            );
            self.look();
        }
    }

    fn answer(&mut self, shard: usize, answer: u8) {
        let pair = &mut self.shards[shard];
        let asked = if pair.asked.is_empty() { return } else { pair.asked.remove(0) };
        let answer = match answer {
            0 => AccountAnswer::Refused,
            1 => AccountAnswer::Unknown,
            _ => AccountAnswer::Allowed,
        };
        pair.shard.handle_account(pair.now, &asked, answer);
        pair.settle();
    }

    fn carry(&mut self, from: usize, stays: bool) {
        if self.shards[from].leaving.is_empty() {
            return;
        }
        let (connection, to) = self.shards[from].leaving.remove(0);
        let pair = &mut self.shards[from];
        if stays {
            pair.shard.handle_stays(pair.now, connection);
            return pair.settle();
        }
        if !pair.leave(connection) {
            return;
        }
        let departure = pair.shard.handle_departed(pair.now, connection);
        pair.settle();
        self.parts.remove(&(from, connection));
        let Some(departure) = departure else { return };
        let pair = &mut self.shards[usize::from(to)];
        let arrived = pair.free_slot();
        pair.shard.handle_arrived(pair.now, arrived, *departure);
        pair.settle();
        let known = self.miners.iter_mut().find(|miner| **miner == (from, connection));
        if let Some(miner) = known {
            *miner = (usize::from(to), arrived);
        }
    }

    /// Takes note of what the shards said since the last look.
    fn look(&mut self) {
        for shard in 0..2 {
            let events = self.shards[shard].events[self.events_seen[shard]..].to_vec();
            self.events_seen[shard] = self.shards[shard].events.len();
            for event in events {
                match event {
                    Event::Line(connection, line) => self.hear(shard, connection, &line),
                    Event::Closed(connection) => {
                        self.parts.remove(&(shard, connection));
                        self.miners.retain(|miner| *miner != (shard, connection));
                    }
                    Event::Block(_) => panic!("nobody finds a block here"),
                }
            }
        }
        self.miners.iter().for_each(|(shard, connection)| {
            let parts = self.parts.iter().filter(|((of, _), _)| of == shard);
            let own = self.parts.get(&(*shard, *connection));
            let same = parts.filter(|(_, part)| Some(*part) == own).count();
            assert!(own.is_none() || same == 1, "two connections of a shard search the same part");
        });
    }

    fn hear(&mut self, shard: usize, connection: ConnectionId, line: &str) {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        if line["method"] == "mining.set_extranonce" {
            self.parts.insert((shard, connection), text(&line["params"][0]));
        } else if line["id"] == 1 && line["result"].is_array() {
            self.sessions.push(text(&line["result"][0][1][1]));
            self.parts.insert((shard, connection), text(&line["result"][1]));
        } else if line["id"].is_string() && line["result"] == true {
            // The id of a submit tells what was handed in.
            let part = self.parts[&(shard, connection)].clone();
            let share = (part, text(&line["id"]));
            assert!(self.accepted.insert(share.clone()), "{share:?} was credited twice");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_share_is_credited_twice_wherever_its_miner_goes(
        steps in prop::collection::vec(step(), 50..250),
    ) {
        let mut gateway = Gateway::new();
        for step in steps {
            gateway.take(&step);
            gateway.look();
        }
        for pair in &mut gateway.shards {
            pair.shard.handle_drain();
            pair.settle();
            pair.pass(2);
        }
    }
}
