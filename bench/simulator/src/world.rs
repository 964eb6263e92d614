//! The run: chance decides what happens next, and at the end the store is compared with what miners know.

use std::time::Duration;

use fastrand::Rng;
use sluice_units::{Instant, Now, UnixTime};

use crate::carrier::{Carrier, Upstream, name_of};
use crate::gateway::Gateway;
use crate::miners::ACCOUNTS;
use crate::store::Store;

const START_UNIX_S: u64 = 1_700_000_040;
const MINERS_MAX: usize = 12;
const WRITERS: usize = 2;
/// Rounds after which everything must be stored, once nothing fails any more.
const HEALING_ROUNDS_MAX: usize = 2_000;

/// What a run came to; it has failed where the store is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Shares that miners saw accepted.
    pub accepted: u64,
    /// Shares whose gateway was killed, or let its miner go, before an answer.
    pub unanswered: u64,
    /// Shares in the store.
    pub stored: u64,
    /// Shares that were brought back from a journal.
    pub recovered: u64,
    /// Batches that came to the store more than once.
    pub repeated: u64,
    /// Processes that were killed.
    pub kills: u64,
    /// Lines that were cut.
    pub cuts: u64,
    /// Times that a disk took nothing.
    pub full_disks: u64,
    /// Virtual seconds.
    pub seconds: u64,
}

struct World {
    rng: Rng,
    now: Now,
    gateway: Gateway,
    relay: Carrier,
    relay_runs: bool,
    writers_run: [bool; WRITERS],
    store: Store,
    outcome: Outcome,
}

/// Runs so many steps under a seed.
///
/// # Errors
///
/// Where an account's minute is not what its miners saw, or not everything is stored in the end.
pub fn simulate(seed: u64, steps: u32) -> Result<Outcome, String> {
    let mut world = World::new(seed);
    for _ in 0..steps {
        world.step();
    }
    world.heal()?;
    world.compare()
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            rng: Rng::with_seed(seed),
            now: Now { instant: Instant::ZERO, unix: UnixTime::from_seconds(START_UNIX_S) },
            gateway: Gateway::new(),
            relay: Carrier::default(),
            relay_runs: true,
            writers_run: [true; WRITERS],
            store: Store::default(),
            outcome: Outcome::default(),
        };
        world.gateway.start(world.now);
        world
    }

    fn step(&mut self) {
        match self.rng.u32(0..100) {
            0..40 => self.submit(),
            40..50 => self.pass(),
            50..80 => self.carry(),
            80..84 => self.open_lines(),
            84..88 if self.gateway.miners.len() < MINERS_MAX => self.gateway.join(self.now),
            88 => self.gateway.next_job(self.now),
            89..91 => self.cut(),
            91..93 => self.kill(),
            93..97 => self.start(),
            97 => self.fill_disk(),
            _ => self.free_disk(),
        }
    }

    /// One miner submits some shares.
    fn submit(&mut self) {
        let connections = self.gateway.miners.connections();
        let Some(connection) = self.rng.choice(connections) else { return };
        let minute = self.now.unix.minute().to_seconds();
        for _ in 0..self.rng.u32(1..10) {
            self.gateway.miners.submit(connection, minute);
        }
        self.gateway.settle(self.now);
    }

    fn pass(&mut self) {
        // Mostly some seconds; at times a minute is over at once.
        let seconds = if self.rng.u32(0..10) == 0 { 70 } else { self.rng.u64(0..4) };
        self.outcome.seconds += seconds;
        self.now.instant = self.now.instant + Duration::from_secs(seconds);
        self.now.unix = UnixTime::from_seconds(self.now.unix.to_seconds() + seconds);
        self.gateway.pass(self.now);
    }

    /// One message goes over one of the lines.
    fn carry(&mut self) {
        self.gateway.carrier.send_due();
        self.relay.send_due();
        match self.rng.u32(0..4) {
            0 => self.carry_up_from_gateway(),
            1 => self.gateway.take_receipt(),
            2 => self.carry_up_from_relay(),
            _ => {
                if let Some(name) = self.relay.take_receipt() {
                    self.receipt_of_relay(name);
                }
            }
        }
    }

    fn carry_up_from_gateway(&mut self) {
        let Some(line) = &mut self.gateway.carrier.line else { return };
        let (Some(batch), to) = (line.up.pop_front(), line.to) else { return };
        let name = name_of(&batch);
        let is_safe = match to {
            // Held in memory, it gets its receipt once it is on the disk or further on.
            Upstream::Relay => self.relay.take(batch),
            Upstream::Writer(_) => {
                self.store.apply(&batch);
                true
            }
        };
        // A writer may be killed between the two.
        let is_killed = to != Upstream::Relay && self.rng.u32(0..20) == 0;
        if is_killed {
            self.kill_writer(to);
        } else if let (true, Some(line)) = (is_safe, &mut self.gateway.carrier.line) {
            line.down.push_back(name);
        }
    }

    fn carry_up_from_relay(&mut self) {
        let Some(line) = &mut self.relay.line else { return };
        let (Some(batch), to) = (line.up.pop_front(), line.to) else { return };
        self.store.apply(&batch);
        if self.rng.u32(0..20) == 0 {
            self.kill_writer(to);
        } else if let Some(line) = &mut self.relay.line {
            line.down.push_back(name_of(&batch));
        }
    }

    /// The gateway is told, where its line still leads to the relay.
    fn receipt_of_relay(&mut self, name: sluice_session::BatchName) {
        if let Some(line) = &mut self.gateway.carrier.line
            && line.to == Upstream::Relay
        {
            line.down.push_back(name);
        }
    }

    fn open_lines(&mut self) {
        if self.gateway.is_running() && self.gateway.carrier.line.is_none() {
            let to = match self.rng.usize(0..WRITERS + 2) {
                writer if writer < WRITERS => Upstream::Writer(writer),
                _ => Upstream::Relay,
            };
            if self.runs(to) {
                self.gateway.carrier.open_line(to);
            }
        }
        if self.relay_runs && self.relay.line.is_none() {
            let to = Upstream::Writer(self.rng.usize(0..WRITERS));
            if self.runs(to) {
                self.relay.open_line(to);
            }
        }
    }

    const fn runs(&self, to: Upstream) -> bool {
        match to {
            Upstream::Relay => self.relay_runs,
            Upstream::Writer(writer) => self.writers_run[writer],
        }
    }

    fn cut(&mut self) {
        self.outcome.cuts += 1;
        if self.rng.bool() {
            self.gateway.carrier.cut_line();
        } else {
            self.relay.cut_line();
        }
    }

    fn kill(&mut self) {
        self.outcome.kills += 1;
        match self.rng.u32(0..4) {
            0 => self.gateway.kill(),
            // In the middle of what it does next.
            1 => self.gateway.crash_in = Some(self.rng.u32(0..30)),
            2 => {
                self.relay_runs = false;
                self.relay.kill();
                self.lose(Upstream::Relay);
            }
            _ => {
                let writer = self.rng.usize(0..WRITERS);
                self.kill_writer(Upstream::Writer(writer));
            }
        }
    }

    fn kill_writer(&mut self, to: Upstream) {
        if let Upstream::Writer(writer) = to {
            self.writers_run[writer] = false;
            self.lose(to);
        }
    }

    /// Lines to a process that is gone are gone.
    fn lose(&mut self, to: Upstream) {
        for carrier in [&mut self.gateway.carrier, &mut self.relay] {
            if carrier.line.as_ref().is_some_and(|line| line.to == to) {
                carrier.cut_line();
            }
        }
    }

    fn start(&mut self) {
        if !self.gateway.is_running() {
            self.gateway.start(self.now);
        }
        if !self.relay_runs {
            self.relay_runs = true;
            self.relay.start();
        }
        self.writers_run = [true; WRITERS];
    }

    fn fill_disk(&mut self) {
        self.outcome.full_disks += 1;
        if self.rng.bool() {
            self.gateway.carrier.disk_fails = true;
        } else {
            self.relay.disk_fails = true;
        }
    }

    fn free_disk(&mut self) {
        self.gateway.carrier.disk_fails = false;
        self.relay.disk_fails = false;
        if self.gateway.is_running() {
            self.gateway.retry_disk(self.now);
        }
        for name in self.relay.retry_disk() {
            self.receipt_of_relay(name);
        }
    }

    /// Nothing fails any more: everything must get to the store.
    fn heal(&mut self) -> Result<(), String> {
        self.gateway.crash_in = None;
        for _ in 0..HEALING_ROUNDS_MAX {
            self.free_disk();
            self.start();
            self.open_lines();
            self.gateway.cut(self.now);
            for _ in 0..200 {
                self.carry();
            }
            if self.gateway.carrier.backlog() + self.relay.backlog() == 0 {
                return Ok(());
            }
        }
        let (of_gateway, of_relay) = (self.gateway.carrier.backlog(), self.relay.backlog());
        Err(format!(
            "{of_gateway} batches of the gateway and {of_relay} of the relay are never stored"
        ))
    }

    fn compare(mut self) -> Result<Outcome, String> {
        self.gateway.miners.leave_all(&mut self.gateway.known);
        let known = &self.gateway.known;
        let mut stored = 0;
        for (account, minute) in known.accepted.keys().chain(known.unanswered.keys()) {
            let count = |counts: &crate::miners::Counts| {
                counts.get(&(*account, *minute)).copied().unwrap_or(0)
            };
            let (accepted, unanswered) = (count(&known.accepted), count(&known.unanswered));
            let held = self.store.shares(account, *minute);
            if !(accepted..=accepted + unanswered).contains(&held) {
                return Err(format!(
                    "{account} {minute}: {accepted} shares were seen accepted and {unanswered} not answered; the store has {held}"
                ));
            }
        }
        for (owner, minute) in self.store.owners() {
            let account = owner.split(':').next().unwrap_or_default();
            let is_of = |(known, of): &(&str, u64)| *known == account && *of == minute;
            if !known.accepted.keys().chain(known.unanswered.keys()).any(is_of) {
                return Err(format!("{owner} {minute}: the store has shares that nobody sent"));
            }
        }
        let minutes = START_UNIX_S / 60..=self.now.unix.to_seconds() / 60;
        for account in ACCOUNTS {
            stored +=
                minutes.clone().map(|minute| self.store.shares(account, minute * 60)).sum::<u64>();
        }
        let of_pool = self.store.shares_of_pool();
        if of_pool != stored {
            return Err(format!("the accounts have {stored} shares, the pool {of_pool}"));
        }
        Ok(Outcome {
            accepted: known.accepted.values().sum(),
            unanswered: known.unanswered.values().sum(),
            stored,
            recovered: self.gateway.recovered,
            repeated: self.store.repeated,
            ..self.outcome
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_that_nobody_sent_are_found() {
        assert!(World::new(1).compare().is_ok());
        let minute = START_UNIX_S / 60 * 60;
        let strays = [
            // Of somebody who has none in that minute, counted for the pool as well.
            vec![format!("btc:s:{}", ACCOUNTS[0]), "btc:m:share".to_owned()],
            // Of nobody.
            vec!["btc:s:mallory".to_owned()],
            vec![format!("btc:s:{}:rig", ACCOUNTS[0])],
        ];
        for keys in strays {
            let mut world = World::new(1);
            keys.iter().for_each(|key| world.store.add(key, minute));
            let wrong = world.compare().unwrap_err();
            assert!(wrong.contains("nobody sent"), "{keys:?}: {wrong}");
        }
    }
}
