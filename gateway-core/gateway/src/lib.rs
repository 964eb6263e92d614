//! The gateway: stratum for the miners, a shard on each core. What it decides is in
//! `sluice-session`; here are the threads, the links and the folder that shards are plugged into.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | the keys of `gateway.toml` |
//! | `topology` | every thread, queue and depth of the running gateway |
//! | `drive` | one shard <-> one ring: the whole coupling |
//! | `job_uplink` | the jobmaster's end: jobs down, found blocks up |
//! | `share_uplink` | the metawriter's end: batches up, acknowledgements down |
//! | `spool` | what survives a restart |
#![forbid(unsafe_code)]

mod config;
mod drive;
mod job_uplink;
mod share_uplink;
mod spool;
mod start;
mod topology;

pub use config::{DEFAULT_CONFIG, GatewayConfig};
pub use spool::SpoolError;
pub use start::{Gateway, GatewayStatus, StartError};
