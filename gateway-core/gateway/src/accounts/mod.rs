//! Which accounts may mine: a list in a file, or an endpoint that knows. A task of its own answers the shards, so
//! that neither a disk nor a network is on their path.

mod desk;
mod endpoint;
mod list;

use std::path::PathBuf;
use std::time::{Duration, Instant as Clock};

use serde::Deserialize;
use sluice_session::{AccountAnswer, AccountPolicy};
use sluice_units::Instant;
use sluice_units::limits::ACCOUNT_CALLS_MAX;
use tokio::sync::mpsc;
use tracing::{info, warn};

use crate::config::GatewayConfig;
use crate::queues::{ShardHandle, ShardMessage};
use desk::Desk;
use endpoint::Endpoint;
use list::AccountList;
pub use list::AccountListError;

/// Who says which accounts may mine.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub enum AccountSource {
    /// Nobody: all may.
    #[default]
    Any,
    /// A file.
    List,
    /// An HTTP endpoint.
    Http,
}

/// What holds while nobody can tell.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub enum UnknownAccount {
    /// The account may mine.
    #[default]
    Allow,
    /// It may not.
    Refuse,
}

/// A shard wants to know of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct AccountQuestion {
    pub(crate) shard: usize,
    pub(crate) account: String,
}

/// How often the list is looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// The task that answers.
pub(crate) enum AccountTask {
    List(AccountList),
    Http(Endpoint, Box<Desk>),
}

impl AccountTask {
    /// What the configuration asks for, if anything; the list is read.
    pub(crate) fn new(config: &GatewayConfig) -> Result<Option<Self>, AccountListError> {
        Ok(match config.accounts {
            AccountSource::Any => None,
            AccountSource::List => {
                Some(Self::List(AccountList::read(PathBuf::from(&config.accounts_file))?))
            }
            AccountSource::Http => {
                let timeout = Duration::from_millis(config.accounts_timeout_ms);
                let endpoint = Endpoint::new(&config.accounts_url, timeout);
                let keep = Duration::from_secs(config.accounts_cache_s);
                Some(Self::Http(endpoint, Box::new(Desk::new(keep))))
            }
        })
    }

    /// Answers until the shards are gone.
    pub(crate) async fn run(
        self,
        questions: mpsc::Receiver<AccountQuestion>,
        shards: Vec<ShardHandle>,
    ) {
        match self {
            Self::List(list) => answer_from_list(list, questions, &shards).await,
            Self::Http(endpoint, desk) => {
                answer_from_endpoint(endpoint, *desk, questions, &shards).await;
            }
        }
    }
}

/// Whether the keys for accounts make sense together.
pub(crate) fn check(config: &GatewayConfig) -> Result<(), String> {
    match config.accounts {
        AccountSource::Any => Ok(()),
        AccountSource::List if config.accounts_file.as_os_str().is_empty() => {
            Err("accounts = \"list\" needs accounts_file".into())
        }
        AccountSource::List => Ok(()),
        AccountSource::Http => Endpoint::check(&config.accounts_url),
    }
}

/// What the shards are told.
pub(crate) fn policy(config: &GatewayConfig) -> AccountPolicy {
    match config.accounts {
        AccountSource::Any => AccountPolicy::Any,
        AccountSource::List | AccountSource::Http => AccountPolicy::Checked {
            unknown_allowed: config.accounts_unknown == UnknownAccount::Allow,
        },
    }
}

async fn answer_from_list(
    mut list: AccountList,
    mut questions: mpsc::Receiver<AccountQuestion>,
    shards: &[ShardHandle],
) {
    let mut look = tokio::time::interval(LOOK_INTERVAL);
    loop {
        tokio::select! {
            question = questions.recv() => {
                let Some(AccountQuestion { shard, account }) = question else { return };
                let allowed = list.holds(&account);
                let answer = if allowed { AccountAnswer::Allowed } else { AccountAnswer::Refused };
                tell(&shards[shard], account, answer).await;
            }
            _ = look.tick() => list = list.look_again().await,
        }
    }
}

async fn answer_from_endpoint(
    endpoint: Endpoint,
    mut desk: Desk,
    mut questions: mpsc::Receiver<AccountQuestion>,
    shards: &[ShardHandle],
) {
    let started = Clock::now();
    let now = || {
        let nanos = started.elapsed().as_nanos();
        Instant::from_nanos(u64::try_from(nanos).expect("no process runs for 584 years"))
    };
    let (answered, mut answers) = mpsc::channel(ACCOUNT_CALLS_MAX);
    let mut in_trouble = false;
    loop {
        while let Some(account) = desk.poll_call() {
            let (endpoint, answered) = (endpoint.clone(), answered.clone());
            tokio::spawn(async move {
                let outcome = endpoint.ask(&account).await;
                // The task has ended where nobody takes the answer.
                let _ = answered.send((account, outcome)).await;
            });
        }
        while let Some((shard, account, answer)) = desk.poll_answer() {
            tell(&shards[shard], account, answer).await;
        }
        tokio::select! {
            question = questions.recv() => {
                let Some(AccountQuestion { shard, account }) = question else { return };
                desk.ask(now(), shard, account);
            }
            Some((account, outcome)) = answers.recv() => {
                match &outcome {
                    Err(cause) if !in_trouble => {
                        warn!("accounts_url gives no answer: {cause}; former answers hold meanwhile, and \
                               accounts_unknown for all others");
                    }
                    Ok(_) if in_trouble => info!("accounts_url answers again"),
                    Ok(_) | Err(_) => {}
                }
                in_trouble = outcome.is_err();
                desk.handle_outcome(now(), &account, outcome.ok());
            }
        }
    }
}

async fn tell(shard: &ShardHandle, account: String, answer: AccountAnswer) {
    let inbox = shard.inbox.clone();
    let message = ShardMessage::Account { account: account.into(), answer };
    if inbox.try_send(message.clone()).is_err() {
        // A full inbox; a shard that has ended takes nothing any more.
        let _ = tokio::task::spawn_blocking(move || inbox.send(message)).await;
    }
    shard.waker.wake();
}
