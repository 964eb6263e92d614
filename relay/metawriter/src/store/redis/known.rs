//! Members that Redis has in its sets already: they need not be added again with every batch.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use sluice_relay_core::Command;
use sluice_units::limits::KNOWN_MEMBERS_MAX;

/// After this all members are added again, in case somebody has taken one out.
const KNOWN_FOR_MAX: Duration = Duration::from_secs(3600);

/// Members that were added by way of one connection, by their hashes. Another member with the hash of one of them is
/// taken for it until all are forgotten; the hashes are others then.
pub(super) struct Known {
    hashes: HashSet<u64>,
    state: RandomState,
    since: Instant,
}

impl Known {
    pub(super) fn new() -> Self {
        Self { hashes: HashSet::new(), state: RandomState::new(), since: Instant::now() }
    }

    /// Takes members that are known out of the commands; gives the hashes of those that are left.
    pub(super) fn take_out(&mut self, commands: &mut Vec<Command>) -> Vec<u64> {
        if self.since.elapsed() > KNOWN_FOR_MAX || self.hashes.len() >= KNOWN_MEMBERS_MAX {
            *self = Self::new();
        }
        let mut left = Vec::new();
        commands.retain_mut(|command| {
            let Command::AddToSet { key, members } = command else { return true };
            members.retain(|member| {
                let hash = self.state.hash_one((&*key, member));
                let is_new = !self.hashes.contains(&hash);
                if is_new {
                    left.push(hash);
                }
                is_new
            });
            !members.is_empty()
        });
        left
    }

    /// Redis has them now.
    pub(super) fn remember(&mut self, hashes: Vec<u64>) {
        self.hashes.extend(hashes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(key: &str, members: &[&str]) -> Command {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        Command::AddToSet { key: key.into(), members }
    }

    #[test]
    fn members_are_added_until_redis_has_them() {
        let mut known = Known::new();
        let mut first = vec![add("a", &["x", "y"]), add("b", &["x"])];
        let hashes = known.take_out(&mut first);
        assert_eq!((first.len(), hashes.len()), (2, 3));
        assert_eq!(known.take_out(&mut first).len(), 3, "nobody has said that they are there");
        known.remember(hashes);
        let mut second = vec![add("a", &["x", "z"]), add("b", &["x"])];
        known.take_out(&mut second);
        assert_eq!(second, [add("a", &["z"])]);
        known.since = Instant::now().checked_sub(2 * KNOWN_FOR_MAX).unwrap();
        let mut third = vec![add("a", &["x"])];
        assert_eq!(known.take_out(&mut third).len(), 1, "all are added again after a while");
    }
}
