//! What a store must hold after workers have mined: every key with its value, and no other key.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::store_dump::{StoreDump, announced_blocks, details, elements, minutes, sum};
use crate::stratum::StratumClient;

/// Keys of what is known of an owner beyond what billing reads.
const DETAILS_PREFIX: &str = "btc:x:";
/// 2^32: the unit of `p`, and the expected hashes of difficulty 1.
const UNIT_HASHES: u128 = 1 << 32;

/// What one worker counted.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Counted {
    /// Accepted shares.
    pub accepted: u64,
    /// Refused shares that are counted for the worker, by stratum code.
    pub rejected: BTreeMap<i64, u64>,
    /// Expected hashes of the accepted shares.
    pub work_hashes: u128,
    /// Blocks that the node keeps.
    pub blocks: u64,
    /// Connections.
    pub connections: u64,
    /// Requests besides submits that were answered with a result.
    pub other_requests: u64,
    /// Requests that were refused and count for no worker, above all shares under a stranger's name.
    pub refused_for_nobody: u64,
}

impl Counted {
    fn rejected_total(&self) -> u64 {
        self.rejected.values().sum()
    }
}

/// What all workers of one pool counted, over all its runs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Mined {
    /// By worker, `user.worker`.
    pub workers: BTreeMap<String, Counted>,
    /// The network's difficulty where the test knows it; goals are checked against it.
    pub network_difficulty: Option<f64>,
}

/// What a key must hold.
#[derive(Clone, PartialEq, Debug)]
enum Expected {
    /// A hash whose values add up to this; absent where zero.
    Sum(u64),
    /// A hash whose values add up to at least one, and at most this.
    AtMost(u64),
    /// Hashes: the key's values in units of 2^32 and the remainder key's add up to this.
    Work { remainder_key: String, hashes: u128 },
    /// A hash whose values add up to this, but for what doubles lose.
    Goal(f64),
    /// Details of an owner: a worker's goal, a best share, and refused shares that add up over all reasons.
    Details { goal: Option<f64>, has_best: bool, refused: u64 },
    /// A set or list.
    Elements(Vec<String>),
    /// The list of blocks: how many each worker found.
    Blocks(BTreeMap<String, u64>),
    /// A hash that the node or the clock decides on.
    AnySum,
}

impl Mined {
    /// Adds a run of `sluice up` with its own miner alone.
    pub fn add_run(&mut self, worker: &str, summary: &Value) {
        let miner = &summary["miner"];
        assert_eq!(summary["accepted"], miner["accepted"], "pool and miner agree: {summary}");
        assert_eq!(summary["rejected"], miner["rejected"], "pool and miner agree: {summary}");
        assert_eq!(
            number(&miner["submitted"]),
            number(&miner["accepted"]) + number(&miner["rejected"]),
            "every share was answered: {summary}"
        );
        let work = summary["work_hashes"].as_str().expect("a text");
        let blocks = number(&summary["blocks_accepted"]);
        self.add_miner(worker, miner, work.parse().expect("a number"), blocks);
    }

    /// Adds the summary of a `sluice miner`, which does not know work and blocks.
    pub fn add_miner(&mut self, worker: &str, miner: &Value, work_hashes: u128, blocks: u64) {
        let counted = self.workers.entry(worker.to_owned()).or_default();
        counted.accepted += number(&miner["accepted"]);
        for reason in miner["rejected_by_reason"].as_array().expect("a list") {
            let code = reason["code"].as_i64().expect("a code");
            *counted.rejected.entry(code).or_default() += number(&reason["count"]);
        }
        counted.work_hashes += work_hashes;
        counted.blocks += blocks;
        counted.connections += 1;
        // mining.configure, mining.subscribe, mining.authorize.
        counted.other_requests += 3;
    }

    /// Adds a client by hand, all of whose blocks the node kept.
    pub fn add_client(&mut self, worker: &str, client: &StratumClient) {
        let counted = self.workers.entry(worker.to_owned()).or_default();
        counted.accepted += client.accepted;
        for (code, count) in &client.rejected {
            *counted.rejected.entry(*code).or_default() += count;
        }
        counted.work_hashes += client.work_hashes;
        counted.blocks += client.blocks.len() as u64;
        counted.connections += 1;
        counted.other_requests += client.other_requests;
        self.network_difficulty = Some(client.job().network_difficulty());
    }

    /// Compares every key of a store with what was mined. All differences are told at once.
    pub fn check(&self, store: &StoreDump) {
        let expected = self.expected(store);
        let mut wrong = Vec::new();
        let mut known = BTreeSet::new();
        for (key, expected) in &expected {
            known.insert(key.clone());
            if let Expected::Work { remainder_key, .. } = expected {
                known.insert(remainder_key.clone());
            }
            if let Some(difference) = difference(store, key, expected) {
                wrong.push(format!("{key}: {difference}"));
            }
        }
        for (key, value) in store {
            if !known.contains(key) && !key.starts_with("sluice:applied:") {
                wrong.push(format!("{key} is not explained: {value:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}\n{self:#?}", wrong.join("\n"));
    }

    fn expected(&self, store: &StoreDump) -> BTreeMap<String, Expected> {
        let mut expected = BTreeMap::new();
        self.expect_mining_data(store, &mut expected);
        let of_format = |key: &&String| !key.starts_with(DETAILS_PREFIX);
        let mining: Vec<String> = expected.keys().filter(of_format).cloned().collect();
        expected.insert("mining:keys".into(), Expected::Elements(mining));
        self.expect_counters(store, &mut expected);
        self.expect_events(store, &mut expected);
        expected
    }

    /// Users and workers: only keys with something in them.
    fn expect_mining_data(&self, store: &StoreDump, expected: &mut BTreeMap<String, Expected>) {
        let goal_per_hash = self.goal_per_hash(store);
        for (owner, counted) in self.owners() {
            if counted.rejected_total() > 0 {
                let key = format!("btc:s:{owner}:reject");
                expected.insert(key, Expected::Sum(counted.rejected_total()));
            }
            let has_best = counted.accepted > 0;
            let refused = counted.rejected_total();
            let goal = Some(counted.work_hashes as f64 * goal_per_hash);
            let goal = goal.filter(|_| has_best && owner.contains(':'));
            if has_best || refused > 0 {
                let details = Expected::Details { goal, has_best, refused };
                expected.insert(format!("{DETAILS_PREFIX}{owner}"), details);
            }
            if counted.accepted == 0 {
                continue;
            }
            expected.insert(format!("btc:s:{owner}"), Expected::Sum(counted.accepted));
            let remainder_key = format!("sluice:rest:{{btc:p:{owner}}}");
            let work = Expected::Work { remainder_key, hashes: counted.work_hashes };
            expected.insert(format!("btc:p:{owner}"), work);
            if !owner.contains(':') {
                let goal = Expected::Goal(counted.work_hashes as f64 * goal_per_hash);
                expected.insert(format!("btc:g:{owner}"), goal);
            }
        }
    }

    /// Accounts, and workers as keys name them.
    fn owners(&self) -> BTreeMap<String, Counted> {
        let mut owners: BTreeMap<String, Counted> = BTreeMap::new();
        for (worker, counted) in &self.workers {
            let user = worker.split('.').next().expect("a text has a first part");
            for owner in [user.to_owned(), worker.replace('.', ":")] {
                let sum = owners.entry(owner).or_default();
                sum.accepted += counted.accepted;
                sum.work_hashes += counted.work_hashes;
                for (code, count) in &counted.rejected {
                    *sum.rejected.entry(*code).or_default() += count;
                }
            }
        }
        owners
    }

    /// Where the network's difficulty is not known, the pool's goal is spread over the work.
    fn goal_per_hash(&self, store: &StoreDump) -> f64 {
        match self.network_difficulty {
            Some(difficulty) => 1.0 / (difficulty * UNIT_HASHES as f64),
            None => sum(store, "btc:m:goal") / self.work_hashes() as f64,
        }
    }

    /// Counters of the pool and, the same, of its one host.
    fn expect_counters(&self, store: &StoreDump, expected: &mut BTreeMap<String, Expected>) {
        let hosts = elements(store, "btc:mk:connection_new");
        let [host] = &hosts[..] else { panic!("one host: {hosts:?}") };
        let mut monitored = Vec::new();
        let mut expect = |name: &str, [of_pool, of_host]: [Expected; 2]| {
            monitored.push(format!("btc:m:{name}"));
            expected.insert(format!("btc:m:{name}"), of_pool);
            expected.insert(format!("btc:mh:{host}:{name}"), of_host);
            expected.insert(format!("btc:mk:{name}"), Expected::Elements(vec![host.clone()]));
        };
        for (name, count) in self.counts() {
            if count > 0 {
                expect(&name, [Expected::Sum(count), Expected::Sum(count)]);
            }
        }
        // How many jobs there were, and whether a minute began, is the node's and the clock's affair.
        for name in ["job_broadcast", "job_clean", "connections"] {
            if store.contains_key(&format!("btc:m:{name}")) {
                expect(name, [Expected::AnySum, Expected::AnySum]);
            }
        }
        // A miner that leaves as its gateway ends may be let go before its leaving is seen.
        if store.contains_key("btc:m:let_go") {
            let connections = self.total(|one| one.connections);
            expect("let_go", [Expected::AtMost(connections), Expected::AtMost(connections)]);
        }
        if self.total(|one| one.accepted) > 0 {
            let hashes = self.work_hashes();
            let remainders = ["btc:m:pow".to_owned(), format!("btc:mh:{host}:pow")]
                .map(|key| format!("sluice:rest:{{{key}}}"));
            expect("pow", remainders.map(|remainder_key| Expected::Work { remainder_key, hashes }));
            let goal = hashes as f64 * self.goal_per_hash(store);
            expect("goal", [Expected::Goal(goal), Expected::Goal(goal)]);
        }
        monitored.sort();
        monitored.dedup();
        expected.insert("monitor:keys".into(), Expected::Elements(monitored));
    }

    fn counts(&self) -> Vec<(String, u64)> {
        let rejected = self.total(Counted::rejected_total);
        let (accepted, connections) =
            (self.total(|one| one.accepted), self.total(|one| one.connections));
        let mut counts = vec![
            ("share".to_owned(), accepted),
            ("reject".to_owned(), rejected),
            ("block".to_owned(), self.total(|one| one.blocks)),
            ("connection_new".to_owned(), connections),
            ("connection_close".to_owned(), connections),
            ("new_authorized".to_owned(), connections),
            ("request_success".to_owned(), accepted + self.total(|one| one.other_requests)),
            ("request_invalid".to_owned(), rejected + self.total(|one| one.refused_for_nobody)),
        ];
        let codes: BTreeSet<i64> =
            self.workers.values().flat_map(|one| one.rejected.keys().copied()).collect();
        for code in codes {
            let count = self.total(|one| one.rejected.get(&code).copied().unwrap_or(0));
            counts.push((format!("reject_{code}"), count));
        }
        counts
    }

    fn expect_events(&self, store: &StoreDump, expected: &mut BTreeMap<String, Expected>) {
        let (mut events, mut workers, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        for (worker, counted) in &self.workers {
            let (user, name) = worker.split_once('.').expect("a worker is user.worker");
            let opening = format!(r#"{{"user":"{user}","worker":"{name}","coin":"btc""#);
            for kind in ["connected", "disconnected"] {
                let event = format!(r#"{opening},"peer":"127.0.0.1","event":"{kind}"}}"#);
                events.extend((0..counted.connections).map(|_| event.clone()));
            }
            workers.push(format!("{opening}}}"));
            seen.push(format!("{user}:{name}"));
        }
        for (key, mut elements) in
            [("newevent", events), ("newworker", workers), ("sluice:seen:{newworker}:btc", seen)]
        {
            elements.sort();
            expected.insert(key.into(), Expected::Elements(elements));
        }
        let finders = self.workers.iter().map(|(worker, counted)| (worker.clone(), counted.blocks));
        let finders: BTreeMap<String, u64> = finders.filter(|(_, blocks)| *blocks > 0).collect();
        if !finders.is_empty() {
            let hashes: Vec<String> = announced_blocks(store).into_keys().collect();
            let host = &elements(store, "btc:mk:block")[0];
            for of in ["{newblock}:btc", "{btc:m:block}", &format!("{{btc:mh:{host}:block}}")] {
                let seen = Expected::Elements(hashes.clone());
                expected.insert(format!("sluice:seen:{of}"), seen);
            }
            expected.insert("newblock".into(), Expected::Blocks(finders));
        }
    }

    fn work_hashes(&self) -> u128 {
        self.workers.values().map(|one| one.work_hashes).sum()
    }

    fn total(&self, count: impl Fn(&Counted) -> u64) -> u64 {
        self.workers.values().map(count).sum()
    }
}

/// What is wrong with a key, if anything is.
fn difference(store: &StoreDump, key: &str, expected: &Expected) -> Option<String> {
    let (held, wanted) = match expected {
        Expected::Sum(wanted) => (sum(store, key).to_string(), wanted.to_string()),
        Expected::AtMost(most) => {
            let held = sum(store, key);
            let fits = held >= 1.0 && held <= *most as f64;
            return (!fits).then(|| format!("holds {held}, expected 1 to {most}"));
        }
        Expected::Work { remainder_key, hashes } => {
            let remainders = minutes(store, remainder_key);
            if remainders.iter().any(|remainder| *remainder >= UNIT_HASHES as f64) {
                return Some(format!("{remainder_key} holds a whole unit: {remainders:?}"));
            }
            let remainder: f64 = remainders.iter().sum();
            let held = (sum(store, key) as u128) * UNIT_HASHES + remainder as u128;
            (held.to_string(), hashes.to_string())
        }
        Expected::Goal(wanted) => {
            let held = sum(store, key);
            return (!is_goal(held, *wanted)).then(|| format!("holds {held}, {wanted} was mined"));
        }
        Expected::Details { goal, has_best, refused } => {
            let held = details(store, key);
            let goal_is_right = match goal {
                Some(wanted) => is_goal(held.goal, *wanted),
                None => held.goal == 0.0,
            };
            let is_right =
                goal_is_right && (held.best > 0.0) == *has_best && held.refused == *refused as f64;
            return (!is_right).then(|| format!("holds {held:?}, expected {expected:?}"));
        }
        Expected::Elements(wanted) => {
            (format!("{:?}", elements(store, key)), format!("{wanted:?}"))
        }
        Expected::Blocks(wanted) => {
            let mut held: BTreeMap<String, u64> = BTreeMap::new();
            for finder in announced_blocks(store).into_values() {
                *held.entry(finder).or_default() += 1;
            }
            (format!("{held:?}"), format!("{wanted:?}"))
        }
        Expected::AnySum => {
            return minutes(store, key).is_empty().then(|| "holds no minute".into());
        }
    };
    (held != wanted).then(|| format!("holds {held}, expected {wanted}"))
}

fn is_goal(held: f64, wanted: f64) -> bool {
    // Redis keeps 17 decimals of every sum, and a share may be a small part of a block.
    wanted > 0.0 && (held - wanted).abs() <= 1e-9 * wanted + 1e-14
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}
