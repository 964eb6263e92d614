//! Who mines: account and worker names; and how jobs, gateways and batches are named.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;
use std::sync::Arc;

use crate::hex;
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
                write!(formatter, "a name holds letters, digits, {MARKS} and nothing else")
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

/// What names hold beside letters and digits. Not `:`, which parts store keys, nor what is a pattern there.
const MARKS: &str = ".-_@+=/#~";

/// Whether a text is a name once it is in lower case.
fn check_name(bytes: usize, mut letters: impl Iterator<Item = char>) -> Result<(), NameError> {
    if bytes == 0 {
        return Err(NameError::Empty);
    }
    if bytes > NAME_BYTES_MAX {
        return Err(NameError::TooLong);
    }
    let allowed = |one: char| one.is_ascii_alphanumeric() || MARKS.contains(one);
    if letters.all(allowed) { Ok(()) } else { Err(NameError::BadCharacter) }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_name(text.len(), text.chars())?;
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

/// An account and one of its workers, in one piece of memory that copies share.
///
/// Both are names as [`Name`] holds them. Identities are ordered by account, then by worker.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(Arc<str>);

/// Between account and worker. No name holds it, and it sorts before all that names hold: so the
/// texts are in the order of account and worker.
const SEPARATOR: char = ' ';
/// A worker's key of this name would be that of the account's refused shares.
const RESERVED_WORKER: &str = "reject";

impl Identity {
    /// Puts two names together that are held to the rules of [`Name`]: no blanks, nothing left out.
    pub fn from_names(user: &str, worker: &str) -> Result<Self, NameError> {
        check_name(user.len(), user.chars())?;
        check_name(worker.len(), worker.chars())?;
        Self::from_written(user, worker)
    }

    /// The account that is credited.
    pub fn user(&self) -> &str {
        self.names().0
    }

    /// The machine, as its owner calls it; the account's own name where it has none.
    pub fn worker(&self) -> &str {
        self.names().1
    }

    /// Whether this text would be read as this identity. Nothing is allocated.
    pub fn is_written_as(&self, text: &str) -> bool {
        let text = unescaped(text);
        let (user, worker) = split_written(&text);
        let (own_user, own_worker) = self.names();
        if !is_name_written_as(own_user, user) {
            return false;
        }
        is_name_written_as(own_worker, worker)
            || own_user == own_worker && letters(worker).next().is_none()
    }

    /// Whether both are the same piece of memory.
    pub fn is_same_piece(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn names(&self) -> (&str, &str) {
        self.0.split_once(SEPARATOR).expect("an identity is written with its separator")
    }

    /// From two names that may hold blanks; an empty worker is the account's own name.
    fn from_written(user: &str, worker: &str) -> Result<Self, NameError> {
        check_name(letters(user).map(char::len_utf8).sum(), letters(user))?;
        let worker = if letters(worker).next().is_none() { user } else { worker };
        check_name(letters(worker).map(char::len_utf8).sum(), letters(worker))?;
        if is_name_written_as(RESERVED_WORKER, worker) {
            return Err(NameError::Reserved);
        }
        let mut bytes = [0; 2 * NAME_BYTES_MAX + 1];
        let text = letters(user).chain([SEPARATOR]).chain(letters(worker));
        let mut length = 0;
        for letter in text {
            bytes[length] = u8::try_from(letter).expect("names were found to be ASCII");
            length += 1;
        }
        let text = core::str::from_utf8(&bytes[..length]).expect("names were found to be ASCII");
        Ok(Self(text.into()))
    }
}

/// What miners write, with every `%` and two hexadecimal digits the ASCII character of that number. Allocates only
/// where there is one.
fn unescaped(text: &str) -> Cow<'_, str> {
    let Some((start, rest)) = text.split_once('%') else { return Cow::Borrowed(text) };
    let mut unescaped = start.to_owned();
    for piece in rest.split('%') {
        let digits = piece.as_bytes().first_chunk::<2>();
        let byte = digits.and_then(|[high, low]| hex::decode_pair(*high, *low));
        match byte.filter(u8::is_ascii) {
            Some(byte) => {
                unescaped.push(char::from(byte));
                unescaped.push_str(&piece[2..]);
            }
            None => {
                unescaped.push('%');
                unescaped.push_str(piece);
            }
        }
    }
    Cow::Owned(unescaped)
}

/// What miners write, cut at the first separator.
fn split_written(text: &str) -> (&str, &str) {
    match text.bytes().position(|byte| matches!(byte, b'.' | b':' | b'-' | b'_')) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    }
}

/// What of a written name counts: no blanks, and the case does not matter.
fn letters(written: &str) -> impl Iterator<Item = char> {
    written.chars().filter(|one| !one.is_whitespace()).map(|one| one.to_ascii_lowercase())
}

fn is_name_written_as(name: &str, written: &str) -> bool {
    name == written || letters(written).eq(name.chars())
}

impl FromStr for Identity {
    type Err = NameError;

    /// Reads what miners send as user name: `account`, or `account.worker`.
    ///
    /// Blanks are dropped, and `%2e` is a dot as in a URL, since some firmware escapes what it was given. The account
    /// ends at the first of `. : - _`; what follows names the worker.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = unescaped(text);
        let (user, worker) = split_written(&text);
        Self::from_written(user, worker)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.user(), self.worker())
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

    /// Whether the same jobmaster has made both without a restart in between: the later one is the higher one then.
    pub const fn is_of_same_start(self, other: Self) -> bool {
        self.0 >> 24 == other.0 >> 24
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
    use proptest::prelude::*;

    use super::*;

    fn names(text: &str) -> (String, String) {
        let identity: Identity = text.parse().unwrap();
        (identity.user().to_owned(), identity.worker().to_owned())
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
            ("alice%2Erig%201", "alice", "rig1"),
            ("bc1qalice.rig.me@host.example", "bc1qalice", "rig.me@host.example"),
        ] {
            assert_eq!(names(text), (user.into(), worker.into()), "{text}");
        }
    }

    #[test]
    fn refuses_what_keys_cannot_hold() {
        assert_eq!("".parse::<Identity>(), Err(NameError::Empty));
        assert_eq!(".rig".parse::<Identity>(), Err(NameError::Empty));
        assert_eq!("a.b:c".parse::<Identity>(), Err(NameError::BadCharacter));
        assert_eq!("alice.a%3ab".parse::<Identity>(), Err(NameError::BadCharacter));
        assert_eq!("alice.5%".parse::<Identity>(), Err(NameError::BadCharacter));
        assert_eq!("alice.%e9%zz%".parse::<Identity>(), Err(NameError::BadCharacter));
        assert_eq!("al\u{e9}".parse::<Identity>(), Err(NameError::BadCharacter));
        assert_eq!("alice.Reject".parse::<Identity>(), Err(NameError::Reserved));
        assert_eq!("a".repeat(65).parse::<Identity>(), Err(NameError::TooLong));
    }

    #[test]
    fn names_from_a_link_are_held_to_the_same_rules() {
        let identity = Identity::from_names("Al.ice", "Rig").unwrap();
        assert_eq!((identity.user(), identity.worker()), ("al.ice", "rig"));
        assert!(!identity.is_written_as("al.ice.rig"), "that is account `al`");
        assert_eq!(Identity::from_names("alice", "reject"), Err(NameError::Reserved));
        for blank in ["al ice", " ", ""] {
            assert!(Identity::from_names(blank, "rig").is_err(), "'{blank}'");
            assert!(Identity::from_names("alice", blank).is_err(), "'{blank}'");
        }
    }

    /// Texts that are alike often enough to be equal, and odd enough to be refused.
    fn written() -> impl Strategy<Value = String> {
        let names =
            prop_oneof![Just("alice"), Just("Alice"), Just("a"), Just("A b"), Just("reject")];
        let piece = prop_oneof![
            names.prop_map(str::to_owned),
            "[.:_ \\-]{1,2}",
            "%[0-9a-f]{0,2}",
            "[a-c.\u{e9}\u{2003} ]{0,3}",
            Just("x".repeat(NAME_BYTES_MAX)),
        ];
        prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn written_as_is_parsed_as(one in written(), other in written()) {
            let (Ok(identity), parsed) = (one.parse::<Identity>(), other.parse::<Identity>()) else {
                return Ok(());
            };
            prop_assert!(identity.is_written_as(&one));
            prop_assert_eq!(identity.is_written_as(&other), parsed == Ok(identity.clone()));
            let plain = format!("{}.{}", identity.user(), identity.worker());
            prop_assert!(identity.is_written_as(&plain));
        }

        #[test]
        fn ordered_by_account_then_worker(one in "[a-c-]{1,3}", other in "[a-c._-]{1,3}", third in "[a-c-]{1,3}") {
            let identity = |user: &str, worker: &str| Identity::from_names(user, worker).unwrap();
            let (first, second) = (identity(&one, &other), identity(&third, &one));
            prop_assert_eq!(first.cmp(&second), (&one, &other).cmp(&(&third, &one)));
        }
    }

    #[test]
    fn job_ids_differ_across_jobmasters_and_restarts() {
        let first = JobId::new(1, 1_700_000_000, 7);
        assert_ne!(first, JobId::new(2, 1_700_000_000, 7));
        assert_ne!(first, JobId::new(1, 1_700_000_001, 7));
        assert!(first.to_string().len() <= 16);
    }
}
