//! What is asked of the endpoint, once for all who want to know, and what is remembered of its answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use sluice_session::AccountAnswer;
use sluice_units::Instant;
use sluice_units::limits::{ACCOUNT_CALLS_MAX, ACCOUNTS_CACHED_MAX};

/// Decides, without a clock or a network.
#[derive(Debug)]
pub(crate) struct Desk {
    keep: Duration,
    /// Answers, and since when they are known. Beyond their time they stand in for an endpoint in trouble.
    known: BTreeMap<String, (bool, Instant)>,
    /// Shards that wait for a call, by account.
    waiting: BTreeMap<String, BTreeSet<usize>>,
    /// Accounts to call about.
    to_call: VecDeque<String>,
    calls: usize,
    answers: VecDeque<(usize, String, AccountAnswer)>,
}

impl Desk {
    /// Answers are taken for true for so long.
    pub(crate) const fn new(keep: Duration) -> Self {
        Self {
            keep,
            known: BTreeMap::new(),
            waiting: BTreeMap::new(),
            to_call: VecDeque::new(),
            calls: 0,
            answers: VecDeque::new(),
        }
    }

    /// A shard wants to know of an account.
    pub(crate) fn ask(&mut self, now: Instant, shard: usize, account: String) {
        if let Some((allowed, since)) = self.known.get(&account)
            && now.since(*since) < self.keep
        {
            return self.answers.push_back((shard, account, answer_of(Some(*allowed))));
        }
        let waiting = self.waiting.entry(account.clone()).or_default();
        if waiting.is_empty() {
            self.to_call.push_back(account);
        }
        waiting.insert(shard);
    }

    /// The next account to call about, while there are not too many calls.
    pub(crate) fn poll_call(&mut self) -> Option<String> {
        if self.calls >= ACCOUNT_CALLS_MAX {
            return None;
        }
        let account = self.to_call.pop_front()?;
        self.calls += 1;
        Some(account)
    }

    /// What came of a call; `None` where the endpoint gave no answer.
    pub(crate) fn handle_outcome(&mut self, now: Instant, account: &str, allowed: Option<bool>) {
        self.calls -= 1;
        let former = self.known.get(account).map(|(allowed, _)| *allowed);
        if let Some(allowed) = allowed {
            self.remember(now, account, allowed);
        }
        let answer = answer_of(allowed.or(former));
        for shard in self.waiting.remove(account).unwrap_or_default() {
            self.answers.push_back((shard, account.to_owned(), answer));
        }
    }

    /// The next answer for a shard.
    pub(crate) fn poll_answer(&mut self) -> Option<(usize, String, AccountAnswer)> {
        self.answers.pop_front()
    }

    fn remember(&mut self, now: Instant, account: &str, allowed: bool) {
        if self.known.len() >= ACCOUNTS_CACHED_MAX && !self.known.contains_key(account) {
            let keep = self.keep;
            self.known.retain(|_, (_, since)| now.since(*since) < keep);
            if self.known.len() >= ACCOUNTS_CACHED_MAX {
                return;
            }
        }
        self.known.insert(account.to_owned(), (allowed, now));
    }
}

const fn answer_of(allowed: Option<bool>) -> AccountAnswer {
    match allowed {
        Some(true) => AccountAnswer::Allowed,
        Some(false) => AccountAnswer::Refused,
        None => AccountAnswer::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Duration = Duration::from_secs(10);

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }

    fn answers(desk: &mut Desk) -> Vec<(usize, String, AccountAnswer)> {
        std::iter::from_fn(|| desk.poll_answer()).collect()
    }

    #[test]
    fn an_account_is_called_about_once_for_all_who_ask() {
        let mut desk = Desk::new(KEEP);
        for shard in [0, 1, 1, 2] {
            desk.ask(at(0), shard, "alice".into());
        }
        assert_eq!(desk.poll_call().as_deref(), Some("alice"));
        assert_eq!(desk.poll_call(), None);
        desk.ask(at(1), 3, "alice".into());
        assert_eq!(desk.poll_call(), None, "the call is under way");
        assert_eq!(answers(&mut desk), []);
        desk.handle_outcome(at(1), "alice", Some(true));
        let told: Vec<_> = answers(&mut desk).into_iter().map(|(shard, _, _)| shard).collect();
        assert_eq!(told, [0, 1, 2, 3]);
        desk.ask(at(10), 0, "alice".into());
        assert_eq!(answers(&mut desk), [(0, "alice".into(), AccountAnswer::Allowed)]);
        assert_eq!(desk.poll_call(), None);
        desk.ask(at(11), 0, "alice".into());
        assert_eq!(desk.poll_call().as_deref(), Some("alice"), "kept for ten seconds");
        desk.handle_outcome(at(11), "alice", Some(false));
        assert_eq!(answers(&mut desk), [(0, "alice".into(), AccountAnswer::Refused)]);
    }

    #[test]
    fn a_former_answer_stands_in_for_an_endpoint_in_trouble() {
        let mut desk = Desk::new(KEEP);
        for (seconds, outcome, expected) in [
            (0, None, AccountAnswer::Unknown),
            (1, Some(true), AccountAnswer::Allowed),
            (60, None, AccountAnswer::Allowed),
            (61, Some(false), AccountAnswer::Refused),
            (99, None, AccountAnswer::Refused),
        ] {
            desk.ask(at(seconds), 5, "alice".into());
            assert_eq!(desk.poll_call().as_deref(), Some("alice"), "{seconds}");
            desk.handle_outcome(at(seconds), "alice", outcome);
            assert_eq!(answers(&mut desk), [(5, "alice".into(), expected)], "{seconds}");
        }
    }

    #[test]
    fn calls_and_memory_are_bounded() {
        let mut desk = Desk::new(KEEP);
        for number in 0..ACCOUNT_CALLS_MAX + 2 {
            desk.ask(at(0), 0, format!("a{number}"));
        }
        let calls: Vec<_> = std::iter::from_fn(|| desk.poll_call()).collect();
        assert_eq!(calls.len(), ACCOUNT_CALLS_MAX);
        desk.handle_outcome(at(0), &calls[0], Some(true));
        assert!(desk.poll_call().is_some() && desk.poll_call().is_none());

        for number in 0..ACCOUNTS_CACHED_MAX + 10 {
            desk.remember(at(1), &format!("b{number}"), true);
        }
        assert_eq!(desk.known.len(), ACCOUNTS_CACHED_MAX);
        desk.remember(at(20), "later", true);
        assert_eq!(desk.known.len(), 1, "what is too old goes first");
    }
}
