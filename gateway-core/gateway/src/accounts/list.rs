//! The list of accounts in a file, read again whenever it is written.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use sluice_units::Name;
use sluice_units::limits::{ACCOUNT_LIST_BYTES_MAX, ACCOUNTS_LISTED_MAX};
use thiserror::Error;
use tracing::{info, warn};

/// Why a list cannot be used. Each message is one line with cause and remedy.
#[derive(Debug, Error)]
pub enum AccountListError {
    /// The file cannot be read.
    #[error("accounts_file {path}: {source}; make it readable for this user")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// It is too large.
    #[error(
        "accounts_file {0}: more than {ACCOUNTS_LISTED_MAX} accounts, or 64 MiB; use accounts = \"http\""
    )]
    TooLarge(PathBuf),
    /// A line holds no account.
    #[error(
        "accounts_file {path}, line {line}: {cause}; write one account a line, without a worker"
    )]
    BadLine {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        cause: String,
    },
}

/// What tells that the file was written anew.
type Look = Option<(SystemTime, u64)>;

/// The accounts of a file.
#[derive(Debug)]
pub(crate) struct AccountList {
    path: PathBuf,
    look: Look,
    accounts: HashSet<String>,
}

impl AccountList {
    /// Reads a file: an account a line, as miners write it or in small letters; what follows `#` is a remark.
    pub(crate) fn read(path: PathBuf) -> Result<Self, AccountListError> {
        let unreadable = |source| AccountListError::Unreadable { path: path.clone(), source };
        let look = look_at(&path);
        if look.is_some_and(|(_, bytes)| bytes > ACCOUNT_LIST_BYTES_MAX) {
            return Err(AccountListError::TooLarge(path));
        }
        let text = fs::read_to_string(&path).map_err(unreadable)?;
        let mut accounts = HashSet::new();
        for (index, line) in text.lines().enumerate() {
            let account = line.split('#').next().unwrap_or_default().trim();
            if account.is_empty() {
                continue;
            }
            let bad = |cause: String| AccountListError::BadLine {
                path: path.clone(),
                line: index + 1,
                cause,
            };
            if account.contains(['.', '-', '_', ':']) {
                return Err(bad(format!("\"{account}\" would be read as account and worker")));
            }
            let name = account.parse::<Name>().map_err(|error| bad(error.to_string()))?;
            accounts.insert(name.to_string());
        }
        if accounts.len() > ACCOUNTS_LISTED_MAX {
            return Err(AccountListError::TooLarge(path));
        }
        Ok(Self { path, look, accounts })
    }

    pub(crate) fn holds(&self, account: &str) -> bool {
        self.accounts.contains(account)
    }

    /// The list as it is now. One that cannot be used is told of once, and the former one stays.
    pub(crate) async fn look_again(self) -> Self {
        let looked = tokio::task::spawn_blocking(move || {
            let look = look_at(&self.path);
            if look == self.look {
                return self;
            }
            match Self::read(self.path.clone()) {
                Ok(list) => {
                    info!(accounts = list.accounts.len(), "the list of accounts was read again");
                    list
                }
                Err(error) => {
                    warn!("{error}; the former list holds until then");
                    Self { look, ..self }
                }
            }
        });
        looked.await.expect("reading a list does not panic")
    }
}

fn look_at(path: &PathBuf) -> Look {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<AccountList, AccountListError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts");
        fs::write(&path, text).unwrap();
        AccountList::read(path)
    }

    #[test]
    fn a_list_holds_accounts_and_remarks() {
        let list = read("# ours\nAlice\n\n  bob  # since may\r\ncarol").unwrap();
        for (account, held) in [("alice", true), ("bob", true), ("carol", true), ("dave", false)] {
            assert_eq!(list.holds(account), held, "{account}");
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, line, word) in [
            ("alice\nbob.rig1\n", "line 2", "bob.rig1"),
            ("al ice\n", "line 1", "one account a line"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains(word), "{error}");
        }
        let error = AccountList::read("/nowhere/accounts".into()).unwrap_err().to_string();
        assert!(error.contains("/nowhere/accounts"), "{error}");
    }

    #[tokio::test]
    async fn a_list_that_was_written_anew_is_read_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts");
        fs::write(&path, "alice\n").unwrap();
        let mut list = AccountList::read(path.clone()).unwrap();
        for (text, held) in
            [("alice\nbob\n", true), ("bob.rig1 is no account\n", true), ("dave\n", false)]
        {
            fs::write(&path, text).unwrap();
            list = list.look_again().await;
            assert_eq!(list.holds("bob"), held, "{text}");
        }
        fs::remove_file(&path).unwrap();
        assert!(list.look_again().await.holds("dave"));
    }
}
