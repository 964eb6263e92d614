//! A batch to the commands that put it into a store.

use std::collections::{BTreeMap, BTreeSet};

use sluice_units::limits::BATCH_NUMBER_MAX;
use sluice_units::{BestShare, Counter, Goal, Identity, Minute, RejectReason, Work};
use sluice_wire::share_feed::Batch;
use thiserror::Error;

use crate::command::{Command, INCREMENT_MAX, split_work};
use crate::event;
use crate::schema::{self, Owner};
use crate::sum::Sum;

/// Why a batch cannot be stored, now or ever.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PlanError {
    /// Its number is beyond what stores reckon with.
    #[error(
        "the batch has number {epoch}:{sequence}, above {BATCH_NUMBER_MAX}: its gateway counts wrongly; stop that gateway"
    )]
    BadNumber {
        /// Start of its source.
        epoch: u64,
        /// Its number.
        sequence: u64,
    },
    /// A sum is beyond anything that can be mined.
    #[error(
        "the batch adds more than {INCREMENT_MAX} to {key}: its gateway counts wrongly; stop that gateway"
    )]
    TooMuch {
        /// The key that it would be added to.
        key: String,
    },
}

/// The commands of a batch: all of them are to be applied in one step, in this order.
///
/// Within a batch everything is added up first, so that each field of a hash is changed once.
pub fn plan(batch: &Batch) -> Result<Vec<Command>, PlanError> {
    let Batch { epoch, sequence, .. } = *batch;
    if epoch.max(sequence) > BATCH_NUMBER_MAX {
        return Err(PlanError::BadNumber { epoch, sequence });
    }
    let mut planner = Planner { batch, commands: Vec::new(), sets: BTreeMap::new() };
    planner.plan_credits()?;
    planner.plan_pool_shares()?;
    planner.plan_counters()?;
    planner.plan_blocks();
    planner.plan_events();
    let Planner { mut commands, sets, .. } = planner;
    commands.extend(
        sets.into_iter().map(|(key, members)| Command::AddToSet {
            key,
            members: members.into_iter().collect(),
        }),
    );
    Ok(commands)
}

struct Planner<'a> {
    batch: &'a Batch,
    commands: Vec<Command>,
    /// Members that each set gets, each once.
    sets: BTreeMap<String, BTreeSet<String>>,
}

impl Planner<'_> {
    /// Shares, work, goal and refusals of accounts and workers.
    fn plan_credits(&mut self) -> Result<(), PlanError> {
        let mut users: BTreeMap<(&str, Minute), Sum> = BTreeMap::new();
        let mut workers: BTreeMap<(&Identity, Minute), Sum> = BTreeMap::new();
        for (minute, identity, tally) in &self.batch.tallies {
            users.entry((identity.user(), *minute)).or_default().add(tally);
            workers.entry((identity, *minute)).or_default().add(tally);
        }
        for ((user, minute), sum) in users {
            self.plan_owner(Owner::User(user), minute, &sum)?;
            self.plan_detail(Owner::User(user), minute, Goal::ZERO, sum.best);
            if sum.goal > Goal::ZERO {
                let key = schema::goal(&self.batch.coin, user);
                self.add_to_set(schema::MINING_KEYS, &key);
                self.commands.push(Command::AddGoal { key, field: minute, by: sum.goal });
            }
        }
        for ((identity, minute), sum) in workers {
            let owner = Owner::Worker(identity);
            self.plan_owner(owner, minute, &sum)?;
            self.plan_detail(owner, minute, sum.goal, sum.best);
        }
        Ok(())
    }

    fn plan_owner(&mut self, owner: Owner<'_>, minute: Minute, sum: &Sum) -> Result<(), PlanError> {
        let coin = &self.batch.coin;
        let counts = [
            (schema::shares(coin, owner), sum.accepted),
            (schema::rejected_shares(coin, owner), sum.rejected_total()),
        ];
        for (key, count) in counts {
            if count > 0 {
                self.add_to_set(schema::MINING_KEYS, &key);
                self.increment(key, minute, count)?;
            }
        }
        if sum.work() > Work::ZERO {
            let key = schema::work(coin, owner);
            self.add_to_set(schema::MINING_KEYS, &key);
            self.add_work(key, minute, sum.work())?;
        }
        for (reason, count) in RejectReason::ALL.into_iter().zip(sum.rejected) {
            if count > 0 {
                let field = schema::detail_field(minute, reason.name());
                self.increment_field(schema::details(coin, owner), field, count)?;
            }
        }
        Ok(())
    }

    fn plan_detail(&mut self, owner: Owner<'_>, minute: Minute, goal: Goal, best: BestShare) {
        if goal > Goal::ZERO || best > BestShare::NONE {
            let key = schema::details(&self.batch.coin, owner);
            self.commands.push(Command::Detail { key, minute, goal, best });
        }
    }

    /// Shares, work, goal and refusals of the pool and of the host.
    fn plan_pool_shares(&mut self) -> Result<(), PlanError> {
        let mut minutes: BTreeMap<Minute, Sum> = BTreeMap::new();
        for (minute, _, tally) in &self.batch.tallies {
            minutes.entry(*minute).or_default().add(tally);
        }
        let codes: BTreeSet<u32> = RejectReason::ALL.iter().map(|reason| reason.code()).collect();
        for (minute, sum) in minutes {
            self.plan_counter(schema::SHARE, minute, sum.accepted)?;
            self.plan_counter(schema::REJECT, minute, sum.rejected_total())?;
            for code in &codes {
                let counter = format!("{}_{code}", schema::REJECT);
                self.plan_counter(&counter, minute, sum.rejected_with(*code))?;
            }
            if sum.work() > Work::ZERO {
                for key in self.report(schema::POW) {
                    self.add_work(key, minute, sum.work())?;
                }
            }
            if sum.goal > Goal::ZERO {
                for key in self.report(schema::GOAL) {
                    self.commands.push(Command::AddGoal { key, field: minute, by: sum.goal });
                }
            }
        }
        Ok(())
    }

    fn plan_counters(&mut self) -> Result<(), PlanError> {
        let mut sums: BTreeMap<(Counter, Minute), u64> = BTreeMap::new();
        for (minute, counter, count) in &self.batch.counters {
            let sum = sums.entry((*counter, *minute)).or_default();
            *sum = sum.saturating_add(*count);
        }
        for ((counter, minute), sum) in sums {
            self.plan_counter(counter.name(), minute, sum)?;
        }
        Ok(())
    }

    fn plan_counter(&mut self, counter: &str, minute: Minute, by: u64) -> Result<(), PlanError> {
        if by > 0 {
            for key in self.report(counter) {
                self.increment(key, minute, by)?;
            }
        }
        Ok(())
    }

    fn plan_blocks(&mut self) {
        let coin = &self.batch.coin;
        for block in &self.batch.blocks {
            let member = block.hash.to_string();
            // A block that is reported twice counts once.
            for key in self.report(schema::BLOCK) {
                self.commands.push(Command::CountOnce {
                    set_key: schema::seen(&key),
                    member: member.clone(),
                    key,
                    field: block.minute,
                });
            }
            self.commands.push(Command::PushOnce {
                set_key: schema::seen_of(schema::NEW_BLOCK, coin),
                member,
                key: schema::NEW_BLOCK.to_owned(),
                value: event::new_block(coin, block),
            });
        }
    }

    fn plan_events(&mut self) {
        let coin = &self.batch.coin;
        for event in &self.batch.events {
            self.commands.push(Command::Push {
                key: schema::NEW_EVENT.to_owned(),
                value: event::new_event(coin, event),
            });
            if event.connected {
                self.commands.push(Command::PushOnce {
                    set_key: schema::seen_of(schema::NEW_WORKER, coin),
                    member: Owner::Worker(&event.identity).to_string(),
                    key: schema::NEW_WORKER.to_owned(),
                    value: event::new_worker(coin, event),
                });
            }
        }
    }

    /// Lists a counter as reported; gives the keys of the pool's sum and of the host's.
    fn report(&mut self, counter: &str) -> [String; 2] {
        let Batch { coin, host, .. } = self.batch;
        let pool = schema::pool_counter(coin, counter);
        self.add_to_set(schema::MONITOR_KEYS, &pool);
        self.add_to_set(&schema::counter_hosts(coin, counter), host.as_str());
        [pool, schema::host_counter(coin, host, counter)]
    }

    fn increment(&mut self, key: String, field: Minute, by: u64) -> Result<(), PlanError> {
        self.increment_field(key, field.to_seconds().to_string(), by)
    }

    fn increment_field(&mut self, key: String, field: String, by: u64) -> Result<(), PlanError> {
        if by > INCREMENT_MAX {
            return Err(PlanError::TooMuch { key });
        }
        self.commands.push(Command::Increment { key, field, by });
        Ok(())
    }

    fn add_work(&mut self, key: String, field: Minute, work: Work) -> Result<(), PlanError> {
        if split_work(work).0 > u128::from(INCREMENT_MAX) {
            return Err(PlanError::TooMuch { key });
        }
        let remainder_key = schema::remainder(&key);
        self.commands.push(Command::AddWork { key, remainder_key, field, work });
        Ok(())
    }

    fn add_to_set(&mut self, key: &str, member: &str) {
        if let Some(members) = self.sets.get_mut(key) {
            if !members.contains(member) {
                members.insert(member.to_owned());
            }
        } else {
            self.sets.insert(key.to_owned(), BTreeSet::from([member.to_owned()]));
        }
    }
}
