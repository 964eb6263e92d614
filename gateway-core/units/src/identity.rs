//! Who mines: account and worker names; and how jobs, gateways and batches are named.

use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use crate::limits::NAME_BYTES_MAX;

/// A name as it stands in store keys: lower-case, no blank, no `:`; 1 to [`NAME_BYTES_MAX`] bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// Why a text is no name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameError {
    /// Nothing is left once blanks are taken away.
    Empty,
    /// Longer than [`NAME_BYTES_MAX`].
    TooLong,
    /// A character that store keys cannot hold.
    BadCharacter,
    /// `reject` as a worker: its key would be that of the account's refused shares.
    Reserved,
}

impl fmt::Display for NameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("the name is empty"),
            Self::TooLong => write!(formatter, "a name has at most {NAME_BYTES_MAX} characters"),
            Self::Reserved => formatter.write_str("a worker cannot be called 'reject'"),
            Self::BadCharacter => {
                formatter.write_str("a name holds letters, digits, '.', '-', '_' and nothing else")
            }
        }
    }
}

impl core::error::Error for NameError {}

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(NameError::TooLong);
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !text.bytes().all(allowed) {
            return Err(NameError::BadCharacter);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// An account and one of its workers.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Identity {
    /// The account that is credited.
    pub user: Name,
    /// The machine, as its owner calls it; the account's own name where it has none.
    pub worker: Name,
}

impl FromStr for Identity {
    type Err = NameError;

    /// Reads what miners send as user name: `account`, or `account.worker`.
    ///
    /// Blanks are dropped. The account ends at the first of `. : - _`; what follows names the worker.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let compact: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let (user, worker) = match compact.find(['.', ':', '-', '_']) {
            Some(at) => (&compact[..at], &compact[at + 1..]),
            None => (&compact[..], ""),
        };
        let user: Name = user.parse()?;
        let worker: Name = if worker.is_empty() { user.clone() } else { worker.parse()? };
        if worker.as_str() == "reject" {
            return Err(NameError::Reserved);
        }
        Ok(Self { user, worker })
    }
}

/// Names a job across jobmasters and restarts.
///
/// Layout, high to low: jobmaster id (8 bits), start of the jobmaster in seconds since 1970 (32),
/// sequence (24).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct JobId(u64);

impl JobId {
    /// The highest sequence; a jobmaster takes a new start time after it.
    pub const SEQUENCE_MAX: u32 = (1 << 24) - 1;

    /// Puts the parts together.
    pub fn new(jobmaster_id: u8, started_unix_s: u32, sequence: u32) -> Self {
        assert!(sequence <= Self::SEQUENCE_MAX, "a job sequence has 24 bits");
        Self(u64::from(jobmaster_id) << 56 | u64::from(started_unix_s) << 24 | u64::from(sequence))
    }

    /// From its number.
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn to_u64(self) -> u64 {
        self.0
    }
}

/// As miners see it: up to 16 hexadecimal digits.
impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:x}", self.0)
    }
}

/// Names where a batch of tallies comes from: one shard of one gateway.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SourceId {
    /// The gateway, as its configuration names it.
    pub gateway_id: u16,
    /// The shard within the gateway.
    pub shard: u16,
}

impl fmt::Display for SourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.gateway_id, self.shard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (String, String) {
        let identity: Identity = text.parse().unwrap();
        (identity.user.to_string(), identity.worker.to_string())
    }

    #[test]
    fn splits_account_and_worker() {
        for (text, user, worker) in [
            ("alice", "alice", "alice"),
            ("Alice.Rig1", "alice", "rig1"),
            (" al ice . rig 1 ", "alice", "rig1"),
            ("alice_rig-01", "alice", "rig-01"),
            ("alice.", "alice", "alice"),
            ("spotbtc1.m30s40x16", "spotbtc1", "m30s40x16"),
        ] {
            assert_eq!(names(text), (user.into(), worker.into()), "{text}");
        }
    }

    #[test]
    fn refuses_what_keys_cannot_hold() {
        assert_eq!("".parse::<Identity>(), Err(NameError::Empty));
        assert_eq!(".rig".parse::<Identity>(), Err(NameError::Empty));
        assert_eq!("a.b:c".parse::<Identity>(), Err(NameError::BadCharacter));
        assert_eq!("al\u{e9}".parse::<Identity>(), Err(NameError::BadCharacter));
        assert_eq!("alice.Reject".parse::<Identity>(), Err(NameError::Reserved));
        assert_eq!("a".repeat(65).parse::<Identity>(), Err(NameError::TooLong));
    }

    #[test]
    fn job_ids_differ_across_jobmasters_and_restarts() {
        let first = JobId::new(1, 1_700_000_000, 7);
        assert_ne!(first, JobId::new(2, 1_700_000_000, 7));
        assert_ne!(first, JobId::new(1, 1_700_000_001, 7));
        assert!(first.to_string().len() <= 16);
    }
}
