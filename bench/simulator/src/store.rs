//! What the writers write to: counts of accepted shares, and the numbers of batches.

use std::collections::BTreeMap;

use sluice_relay_core::{Applied, Command, plan};
use sluice_session::BatchName;
use sluice_wire::share_feed::Batch;

use crate::carrier::name_of;

/// A store that outlives every writer.
#[derive(Debug, Default)]
pub(crate) struct Store {
    numbers: BTreeMap<BatchName, Applied>,
    counts: BTreeMap<(String, String), u64>,
    pub(crate) repeated: u64,
}

impl Store {
    /// All of a batch with its number, or nothing where the number is there already.
    pub(crate) fn apply(&mut self, batch: &Batch) {
        let name = name_of(batch);
        let of_epoch = BatchName { sequence: 0, ..name };
        if !self.numbers.entry(of_epoch).or_default().insert(name.sequence) {
            self.repeated += 1;
            return;
        }
        for command in plan(batch).expect("a shard counts nothing that is too much") {
            if let Command::Increment { key, field, by } = command {
                *self.counts.entry((key, field)).or_default() += by;
            }
        }
    }

    /// Counts one where no batch says so.
    #[cfg(test)]
    pub(crate) fn add(&mut self, key: &str, minute: u64) {
        *self.counts.entry((key.to_owned(), minute.to_string())).or_default() += 1;
    }

    /// Accepted shares of an account in a minute.
    pub(crate) fn shares(&self, account: &str, minute: u64) -> u64 {
        let place = (format!("btc:s:{account}"), minute.to_string());
        self.counts.get(&place).copied().unwrap_or(0)
    }

    /// Whoever has accepted shares, accounts and `account:worker`, with the minutes.
    pub(crate) fn owners(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.keys().filter_map(|(key, minute)| {
            let owner = key.strip_prefix("btc:s:").filter(|owner| !owner.ends_with(":reject"))?;
            Some((owner, minute.parse().expect("the field of every count is a minute")))
        })
    }

    /// Accepted shares of the pool, over all minutes.
    pub(crate) fn shares_of_pool(&self) -> u64 {
        let of_pool = self.counts.iter().filter(|((key, _), _)| key == "btc:m:share");
        of_pool.map(|(_, count)| count).sum()
    }
}
