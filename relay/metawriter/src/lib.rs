//! Role: puts what the gateways count into Redis or the embedded store, each batch exactly once.
//!
//! Gateways and relays connect over sealed links and send numbered batches
//! ([`sluice_wire::share_feed`]). Several are on their way to the store at one
//! time; a batch is acknowledged once the store has it. While the store is away the links stay, and TCP makes
//! the gateways wait.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | the configuration, and the commented default file |
//! | [`store`] | what stores are, Redis, the embedded store |
//! | `outage` | times in which the store takes no batches |
//! | `retention` | the task that has old minutes forgotten |
//! | [`role`] | start and stop, accepting links |
//! | [`stats`] | counts |
#![forbid(unsafe_code)]

pub mod config;
mod outage;
mod retention;
pub mod role;
pub mod stats;
pub mod store;
mod store_task;

pub use config::{ConfigError, DEFAULT_CONFIG, MetawriterConfig, StoreConfig};
pub use role::{Metawriter, StartError, start};
pub use stats::Stats;
