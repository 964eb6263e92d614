//! What turns a shard: a thread of its own, or a glommio executor that other tasks share.

mod bare;
mod glommio;

use serde::Deserialize;

pub(crate) use bare::run as run_bare;
pub(crate) use glommio::Executor;

/// What drives the shards.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum ShardRuntime {
    /// A thread that does nothing else, and waits in the ring.
    Bare,
    /// A glommio executor on such a thread, in which other tasks may run as well.
    Glommio,
}
