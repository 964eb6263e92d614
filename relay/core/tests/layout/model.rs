//! A store in memory that does what the commands say, in the plainest way.

use std::collections::{BTreeMap, BTreeSet};

use sluice_relay_core::command::split_work;
use sluice_relay_core::schema::{DETAIL_BEST, DETAIL_GOAL, detail_field};
use sluice_relay_core::{Command, plan};
use sluice_units::{BestShare, Goal, Minute};
use sluice_wire::share_feed::Batch;

/// Everything a store holds, by key.
#[derive(Default, Clone, PartialEq, Debug)]
pub(crate) struct Model {
    pub(crate) counts: BTreeMap<(String, String), u128>,
    pub(crate) goals: BTreeMap<(String, String), Goal>,
    pub(crate) bests: BTreeMap<(String, String), BestShare>,
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
            Command::Increment { key, field, by } => {
                *self.counts.entry((key, field)).or_default() += u128::from(by);
            }
            Command::AddGoal { key, field, by } => {
                *self.goals.entry((key, field.to_seconds().to_string())).or_default() += by;
            }
            Command::AddWork { key, remainder_key, field, work } => {
                let (whole, remainder) = split_work(work);
                let place = (remainder_key, field.to_seconds().to_string());
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
            Command::Detail { key, minute, goal, best } => {
                if goal > Goal::ZERO {
                    let field = detail_field(minute, DETAIL_GOAL);
                    *self.goals.entry((key.clone(), field)).or_default() += goal;
                }
                if best > BestShare::NONE {
                    let kept =
                        self.bests.entry((key, detail_field(minute, DETAIL_BEST))).or_default();
                    *kept = best.max(*kept);
                }
            }
        }
    }

    fn count(&mut self, key: String, field: Minute, by: u128) {
        *self.counts.entry((key, field.to_seconds().to_string())).or_default() += by;
    }

    /// The value of a count, zero where it is absent.
    pub(crate) fn value(&self, key: &str, field: impl ToString) -> u128 {
        self.counts.get(&(key.to_owned(), field.to_string())).copied().unwrap_or(0)
    }

    /// Lists sorted, for comparing stores that got the same batches in another order.
    pub(crate) fn without_order(mut self) -> Self {
        self.lists.values_mut().for_each(|list| list.sort());
        self
    }
}
