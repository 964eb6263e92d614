//! A store in memory that does what the commands say, in the plainest way.

use std::collections::{BTreeMap, BTreeSet};

use sluice_relay_core::command::split_work;
use sluice_relay_core::{Command, plan};
use sluice_units::{Goal, Minute};
use sluice_wire::share_feed::Batch;

/// Everything a store holds, by key.
#[derive(Default, Clone, PartialEq, Debug)]
pub(crate) struct Model {
    pub(crate) counts: BTreeMap<(String, u64), u128>,
    pub(crate) goals: BTreeMap<(String, u64), Goal>,
    pub(crate) bests: BTreeMap<(String, u64), f64>,
    pub(crate) lists: BTreeMap<String, Vec<String>>,
    pub(crate) sets: BTreeMap<String, BTreeSet<String>>,
}

impl Model {
    pub(crate) fn of(batches: &[Batch]) -> Self {
        let mut model = Self::default();
        for batch in batches {
            for command in plan(batch).unwrap() {
                model.apply(command);
            }
        }
        model
    }

    fn apply(&mut self, command: Command) {
        match command {
            Command::Increment { key, field, by } => self.count(key, field, by.into()),
            Command::AddGoal { key, field, by } => {
                *self.goals.entry((key, field.to_seconds())).or_default() += by;
            }
            Command::AddWork { key, remainder_key, field, work } => {
                let (whole, remainder) = split_work(work);
                let place = (remainder_key, field.to_seconds());
                let left = self.counts.remove(&place).unwrap_or(0) + u128::from(remainder);
                let whole = whole + (left >> 32);
                let left = left & 0xffff_ffff;
                if whole > 0 {
                    self.count(key, field, whole);
                }
                if left > 0 {
                    self.counts.insert(place, left);
                }
            }
            Command::AddToSet { key, members } => {
                self.sets.entry(key).or_default().extend(members);
            }
            Command::Push { key, value } => self.lists.entry(key).or_default().push(value),
            Command::PushOnce { set_key, member, key, value } => {
                if self.sets.entry(set_key).or_default().insert(member) {
                    self.lists.entry(key).or_default().push(value);
                }
            }
            Command::CountOnce { set_key, member, key, field } => {
                if self.sets.entry(set_key).or_default().insert(member) {
                    self.count(key, field, 1);
                }
            }
            Command::Raise { key, field, to } => {
                let best = self.bests.entry((key, field.to_seconds())).or_default();
                *best = best.max(to);
            }
        }
    }

    fn count(&mut self, key: String, field: Minute, by: u128) {
        *self.counts.entry((key, field.to_seconds())).or_default() += by;
    }

    /// The value of a count, zero where it is absent.
    pub(crate) fn value(&self, key: &str, field: u64) -> u128 {
        self.counts.get(&(key.to_owned(), field)).copied().unwrap_or(0)
    }

    /// Lists sorted, for comparing stores that got the same batches in another order.
    pub(crate) fn without_order(mut self) -> Self {
        self.lists.values_mut().for_each(|list| list.sort());
        self
    }
}
