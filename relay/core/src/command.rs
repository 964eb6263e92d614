//! What a store is asked to do: few kinds of changes, each of which adds up in any order, and each of which is about
//! one key, or about one and what belongs to it.

use sluice_units::{BestShare, Goal, Minute, Work};

/// The most that one command adds to a count: what a double holds exactly, since scripts inside
/// Redis reckon in doubles.
pub const INCREMENT_MAX: u64 = (1 << 53) - 1;

/// A stored count is below this: a store refuses a batch that would meet a larger one.
///
/// A count below it plus [`INCREMENT_MAX`] stays within the 64 signed bits of `HINCRBY`.
pub const STORED_COUNT_END: u64 = 1_000_000_000_000_000_000;

const _: () = assert!(STORED_COUNT_END + INCREMENT_MAX < i64::MAX as u64);

/// One change of a store.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Adds to a count (`HINCRBY`).
    Increment {
        /// A hash.
        key: String,
        /// The hash's field.
        field: String,
        /// 1 to [`INCREMENT_MAX`].
        by: u64,
    },
    /// Adds to a number of blocks (`HINCRBYFLOAT`).
    AddGoal {
        /// A hash.
        key: String,
        /// The hash's field.
        field: Minute,
        /// More than zero.
        by: Goal,
    },
    /// Adds hashes to a count of 2^32 hashes, and keeps what is left over in a second hash.
    AddWork {
        /// A hash of whole units of 2^32 hashes; its field is not written while it is zero.
        key: String,
        /// A hash of single hashes, fewer than 2^32; its field is absent while it is zero.
        remainder_key: String,
        /// The field of both hashes.
        field: Minute,
        /// More than zero; at most [`INCREMENT_MAX`] units.
        work: Work,
    },
    /// Puts members into a set (`SADD`).
    AddToSet {
        /// A set.
        key: String,
        /// At least one, each once.
        members: Vec<String>,
    },
    /// Appends to a list (`RPUSH`).
    Push {
        /// A list.
        key: String,
        /// The element.
        value: String,
    },
    /// Appends to a list, unless the member is in the set already; it is afterwards.
    PushOnce {
        /// The set of what was pushed before.
        set_key: String,
        /// Names what is pushed.
        member: String,
        /// A list.
        key: String,
        /// The element.
        value: String,
    },
    /// Adds 1 to a count, unless the member is in the set already; it is afterwards.
    CountOnce {
        /// The set of what was counted before.
        set_key: String,
        /// Names what is counted.
        member: String,
        /// A hash.
        key: String,
        /// The hash's field.
        field: Minute,
    },
    /// Adds to a number of blocks, and puts a difficulty in the place of a smaller one, or of none: two fields of one
    /// hash, named by [`schema::detail_field`](crate::schema::detail_field).
    Detail {
        /// A hash.
        key: String,
        /// The minute.
        minute: Minute,
        /// Its field is not written where this is zero.
        goal: Goal,
        /// Its field is not written where there is none.
        best: BestShare,
    },
}

impl Command {
    /// The key that is changed. Where there is another one, a Redis Cluster keeps both in one place.
    pub fn key(&self) -> &str {
        match self {
            Self::Increment { key, .. }
            | Self::AddGoal { key, .. }
            | Self::AddWork { key, .. }
            | Self::AddToSet { key, .. }
            | Self::Push { key, .. }
            | Self::PushOnce { key, .. }
            | Self::CountOnce { key, .. }
            | Self::Detail { key, .. } => key,
        }
    }

    /// The other key that is read or changed, if there is one.
    pub fn other_key(&self) -> Option<&str> {
        match self {
            Self::AddWork { remainder_key: key, .. }
            | Self::PushOnce { set_key: key, .. }
            | Self::CountOnce { set_key: key, .. } => Some(key),
            _ => None,
        }
    }
}

/// Bits of hashes below one unit of stored work.
pub const WORK_UNIT_BITS: u32 = 32;

/// Splits work into whole units of 2^32 hashes and the hashes left over.
pub const fn split_work(work: Work) -> (u128, u32) {
    let hashes = work.to_hashes();
    (hashes >> WORK_UNIT_BITS, (hashes & u32::MAX as u128) as u32)
}
