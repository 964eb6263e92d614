//! The gateway: stratum for the miners, a shard on each core. What it decides is in
//! `sluice-session`; here are the threads, the links and the folder that shards are plugged into.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | the keys of `gateway.toml` |
//! | `topology` | which shard runs on which core, with how many miners |
//! | `accounts` | which accounts may mine |
//! | `abuse` | who is kept out for doing too much |
//! | `ports` | where miners connect, and what holds there |
//! | [`preflight`] | whether the machine can carry what is configured |
//! | `shards` | starting them, each on its core |
//! | `host` | what turns a shard: a bare thread, or a glommio executor |
//! | `queues` | every queue of the running gateway, and its depth |
//! | `tls` | TLS in front of a shard, and the certificate |
//! | `drive` | one shard <-> one ring: the whole coupling |
//! | `job_uplink` | the jobmaster's end: jobs down, found blocks up |
//! | `share_log_files` | the share log, compressed and kept within bounds |
//! | [`share_log_reader`] | reads it, for `sluice shares` |
//! | `journal_files` | the shards' journals, and what a start makes of them |
//! | `kept_blocks` | blocks that a node keeps, on their way to the store |
//! | `spool` | found blocks on disk, and the epoch |
#![forbid(unsafe_code)]

mod abuse;
mod accounts;
mod config;
mod drive;
mod host;
mod job_uplink;
mod journal_files;
mod kept_blocks;
mod ports;
pub mod preflight;
mod queues;
mod shards;
mod share_log_files;
pub mod share_log_reader;
mod spool;
mod start;
mod tls;
mod topology;

pub use abuse::AbuseConfig;
pub use accounts::{AccountListError, AccountSource, UnknownAccount};
pub use config::{DEFAULT_CONFIG, GatewayConfig};
pub use host::ShardRuntime;
pub use ports::PortConfig;
pub use sluice_delivery::FolderError;
pub use start::{Gateway, GatewayStatus, StartError};
pub use tls::certificates::CertificateError;
pub use topology::NumaOrder;
