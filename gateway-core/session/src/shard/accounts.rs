//! Workers whose account is being asked about: whoever knows is not on the shard's path.

use std::collections::BTreeMap;
use std::time::Duration;

use sluice_units::limits::{ACCOUNT_WAIT_MAX, ACCOUNTS_WAITING_MAX};
use sluice_units::{ConnectionId, Identity, Instant, Now};

use super::Shard;
use crate::actions::Action;
use crate::miner::{Mark, MinerSession};

/// What is known of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountAnswer {
    /// It may mine.
    Allowed,
    /// It may not.
    Refused,
    /// Nobody could tell.
    Unknown,
}

/// Whether accounts are asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AccountPolicy {
    /// Anybody may mine.
    #[default]
    Any,
    /// Each is asked about.
    Checked {
        /// Whether it may mine while nobody can tell.
        unknown_allowed: bool,
    },
}

/// Authorises that wait for an answer: a question an account, at most [`ACCOUNTS_WAITING_MAX`] workers.
#[derive(Debug, Default)]
pub(super) struct WaitingWorkers {
    by_account: BTreeMap<String, Vec<WaitingWorker>>,
    count: usize,
}

impl WaitingWorkers {
    /// Whether a worker of this connection waits.
    pub(super) fn has(&self, connection: ConnectionId) -> bool {
        self.by_account.values().flatten().any(|waiting| waiting.connection == connection)
    }
}

/// An authorise that waits for its answer.
#[derive(Debug)]
struct WaitingWorker {
    connection: ConnectionId,
    identity: Identity,
    request: String,
    since: Instant,
}

/// For how long an answer is waited for at most.
const WAIT: Duration = ACCOUNT_WAIT_MAX;

impl Shard {
    /// Whether a worker may be authorised at once. Else it waits for what is known of its account, and its request
    /// is answered then.
    pub(super) fn is_known_account(
        &mut self,
        now: Now,
        session: &MinerSession,
        identity: &Identity,
        request: &str,
    ) -> Option<bool> {
        let AccountPolicy::Checked { unknown_allowed } = self.config.accounts else {
            return Some(true);
        };
        // A connection's further workers are mostly of the same account.
        let is_same = |known: &Identity| known.user() == identity.user();
        if session.workers().any(|worker| is_same(&worker.identity)) {
            return Some(true);
        }
        if self.waiting_workers.count >= ACCOUNTS_WAITING_MAX {
            return Some(unknown_allowed);
        }
        self.waiting_workers.count += 1;
        let waiting = WaitingWorker {
            connection: session.connection,
            identity: identity.clone(),
            request: request.to_owned(),
            since: now.instant,
        };
        let account = identity.user();
        if let Some(others) = self.waiting_workers.by_account.get_mut(account) {
            others.push(waiting);
        } else {
            self.waiting_workers.by_account.insert(account.to_owned(), vec![waiting]);
            self.actions.push_back(Action::AskAccount(account.to_owned()));
        }
        None
    }

    /// What is known of an account that was asked about.
    pub fn handle_account(&mut self, now: Now, account: &str, answer: AccountAnswer) {
        self.judge_pending(None);
        if let Some(waiting) = self.waiting_workers.by_account.remove(account) {
            self.settle_waiting(now, waiting, answer);
        }
    }

    /// Those who have waited for too long are let in or not, as is configured.
    pub(super) fn expire_waiting(&mut self, now: Now) {
        let is_overdue = |waiting: &WaitingWorker| now.instant.since(waiting.since) > WAIT;
        let by_account = &mut self.waiting_workers.by_account;
        let overdue: Vec<_> =
            by_account.extract_if(.., |_, waiting| waiting.iter().any(is_overdue)).collect();
        for (_, waiting) in overdue {
            self.settle_waiting(now, waiting, AccountAnswer::Unknown);
        }
    }

    fn settle_waiting(&mut self, now: Now, waiting: Vec<WaitingWorker>, answer: AccountAnswer) {
        self.waiting_workers.count -= waiting.len();
        let is_allowed = match (answer, self.config.accounts) {
            (AccountAnswer::Allowed, _) => true,
            (AccountAnswer::Unknown, AccountPolicy::Checked { unknown_allowed }) => unknown_allowed,
            (AccountAnswer::Unknown | AccountAnswer::Refused, _) => false,
        };
        for WaitingWorker { connection, identity, request, .. } in waiting {
            let place = self.sessions.get_mut(connection.slot as usize);
            let is_its = |session: &mut MinerSession| {
                session.connection == connection && !session.is(Mark::Closing)
            };
            // It may have gone meanwhile.
            let Some(mut session) = place.and_then(|place| place.take_if(is_its)) else { continue };
            let identity = Some(identity).filter(|_| is_allowed);
            self.settle_authorize(now, &mut session, &request, identity);
            self.send_outbox(connection);
            self.sessions[connection.slot as usize] = Some(session);
        }
    }
}
