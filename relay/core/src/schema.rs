//! The names of all keys. Billing systems written for the ViaBTC mining server read the first two
//! tables, and whatever passes alerts on the third; the last holds what exactness needs beyond them,
//! which those systems ignore.
//!
//! `<coin>` is the batch's coin, `<owner>` is `<user>` or `<user>:<worker>`, and the field of every
//! hash is a minute: seconds since 1970, a multiple of 60. No key expires. Readers take from the lists with BLPOP, and
//! in Redis none is trimmed but `alert:message`; of the embedded store, from which nobody can take, the
//! [newest elements](sluice_units::limits::EMBEDDED_LIST_ELEMENTS_MAX) of each stay. Old minutes stay, unless the
//! metawriter's `store.retention_days` has them removed, or a cleaner of the operator's that walks `mining:keys`.
//!
//! Mining data, read by billing:
//!
//! | key | type | value |
//! |---|---|---|
//! | `<coin>:s:<owner>` | hash | accepted shares |
//! | `<coin>:s:<owner>:reject` | hash | refused shares |
//! | `<coin>:p:<owner>` | hash | work, in whole units of 2^32 hashes |
//! | `<coin>:g:<user>` | hash | goal: blocks' worth of work. Redis keeps 17 decimals; the embedded store writes a double in as few digits as tell it apart, and Redis has it in 17 under `x` |
//! | `mining:keys` | set | every key above that was ever written |
//! | `newevent` | list | `{"user","worker","coin","peer","event"}`, `connected` or `disconnected` |
//! | `newworker` | list | `{"user","worker","coin"}`, once a worker |
//! | `newblock` | list | `{"name","hash","user","worker"}`, once a block |
//!
//! Pool counters, read by dashboards and monitoring. `<k>` is `share`, `pow` (unit as `p`), `goal`,
//! `reject`, `reject_<stratum code>`, `block`, or the name of a [`Counter`](sluice_units::Counter):
//!
//! | key | type | value |
//! |---|---|---|
//! | `<coin>:m:<k>` | hash | sum over the pool |
//! | `<coin>:mh:<host>:<k>` | hash | sum of one host |
//! | `<coin>:mk:<k>` | set | hosts that reported `<k>` |
//! | `monitor:keys` | set | every `<coin>:m:<k>` that was ever written |
//!
//! Alerts, written by the alertcenter, into Redis alone:
//!
//! | key | type | value |
//! |---|---|---|
//! | `alert:message` | list | `<host>: <role>: <text>`, once a message; the 10,000 newest are kept |
//!
//! Our own. They count towards no sum above, and are in none of the sets above:
//!
//! | key | type | value and growth |
//! |---|---|---|
//! | `<coin>:x:<owner>` | hash | Three kinds of fields. `<minute>:goal`: a worker's goal, as a double; accounts have `g`. `<minute>:best`: difficulty of the best share. `<minute>:<reason>`: refused shares for one [reason](sluice_units::RejectReason::name) |
//! | `sluice:rest:{<key>}` | hash | hashes below 2^32 that a key of work lacks. Its value x 2^32 and this are exact. Absent where zero, which it stays while difficulties are whole numbers. A cleaner that drops a field of the key may drop it here |
//! | `sluice:applied:<gateway>-<shard>` | hash | by start of the shard: the batches that are counted, as in `1-57,60-61`; of a range from 0 on nobody knows any more which ones are. One for each shard, of 120 fields at most. Removing one lets batches be counted twice |
//! | `sluice:seen:{newworker}:<coin>` | set | `<user>:<worker>` of every worker announced in `newworker`. Grows by one a worker name, as `mining:keys` does by several; removing it announces all of them anew |
//! | `sluice:seen:{newblock}:<coin>`, `sluice:seen:{<key>}` | set | hashes announced in `newblock`, or counted under a key. Grows by one a block |
//!
//! Keys that belong together carry the other's name in braces: in a Redis Cluster they are in one slot. There each slot
//! that a gateway's batches touch has a key `sluice:applied:{<tag>}:<gateway>-<shard>` of its own, whose tag leads to it;
//! `sluice:applied:<gateway>-<shard>` then says which batches are in all of their slots. A shard whose workers are in
//! all slots has 16,384 of those keys, each with a field for every start that touched the slot, 128 at most.

use core::fmt;

use sluice_units::{Identity, Minute, Name, SourceId};

/// List of what people should know, of the alertcenter.
pub const ALERT_MESSAGE: &str = "alert:message";
/// List of blocks that a node keeps.
pub const NEW_BLOCK: &str = "newblock";
/// List of workers that came or went.
pub const NEW_EVENT: &str = "newevent";
/// List of workers seen for the first time.
pub const NEW_WORKER: &str = "newworker";
/// Set of all mining-data keys.
pub const MINING_KEYS: &str = "mining:keys";
/// Set of all keys of pool-wide counters.
pub const MONITOR_KEYS: &str = "monitor:keys";

/// Kind of detail: a worker's goal.
pub const DETAIL_GOAL: &str = "goal";
/// Kind of detail: difficulty of the best share.
pub const DETAIL_BEST: &str = "best";

/// Counter of accepted shares.
pub const SHARE: &str = "share";
/// Counter of work.
pub const POW: &str = "pow";
/// Counter of goal.
pub const GOAL: &str = "goal";
/// Counter of refused shares; `reject_<code>` counts one stratum code.
pub const REJECT: &str = "reject";
/// Counter of blocks.
pub const BLOCK: &str = "block";

/// Whose mining data it is.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'a> {
    /// All workers of an account.
    User(&'a str),
    /// One worker.
    Worker(&'a Identity),
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => formatter.write_str(user),
            Self::Worker(identity) => {
                write!(formatter, "{}:{}", identity.user(), identity.worker())
            }
        }
    }
}

/// Accepted shares.
pub fn shares(coin: &Name, owner: Owner<'_>) -> String {
    format!("{coin}:s:{owner}")
}

/// Refused shares.
pub fn rejected_shares(coin: &Name, owner: Owner<'_>) -> String {
    format!("{coin}:s:{owner}:reject")
}

/// Work in units of 2^32 hashes.
pub fn work(coin: &Name, owner: Owner<'_>) -> String {
    format!("{coin}:p:{owner}")
}

/// Hashes that a key of work lacks.
pub fn remainder(key: &str) -> String {
    format!("sluice:rest:{{{key}}}")
}

/// What is known of an owner beyond what billing reads.
pub fn details(coin: &Name, owner: Owner<'_>) -> String {
    format!("{coin}:x:{owner}")
}

/// The field of one kind of detail: `goal`, `best`, or a [reason](sluice_units::RejectReason::name).
pub fn detail_field(minute: Minute, kind: &str) -> String {
    format!("{}:{kind}", minute.to_seconds())
}

/// Goal of an account.
pub fn goal(coin: &Name, user: &str) -> String {
    format!("{coin}:g:{user}")
}

/// A pool-wide counter.
pub fn pool_counter(coin: &Name, counter: &str) -> String {
    format!("{coin}:m:{counter}")
}

/// A counter of one host.
pub fn host_counter(coin: &Name, host: &Name, counter: &str) -> String {
    format!("{coin}:mh:{host}:{counter}")
}

/// Hosts that reported a counter.
pub fn counter_hosts(coin: &Name, counter: &str) -> String {
    format!("{coin}:mk:{counter}")
}

/// Which batches of a source are counted.
pub fn applied(source: SourceId) -> String {
    format!("sluice:applied:{source}")
}

/// The same in a slot of a cluster that the tag leads to.
pub fn applied_in_slot(source: SourceId, tag: &str) -> String {
    format!("sluice:applied:{{{tag}}}:{source}")
}

/// What was announced in a list before, of one coin.
pub fn seen_of(list: &str, coin: &Name) -> String {
    format!("sluice:seen:{{{list}}}:{coin}")
}

/// What was counted under a key before.
pub fn seen(key: &str) -> String {
    format!("sluice:seen:{{{key}}}")
}
