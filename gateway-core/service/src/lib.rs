//! What the shell of every role needs: configuration, logging, alerts, clocks, and the sealed links between
//! roles. It decides nothing about mining.
#![forbid(unsafe_code)]

pub mod alerts;
pub mod backoff;
pub mod clock;
pub mod cluster_key;
pub mod config;
pub mod keepalive;
pub mod link;
pub mod logging;
pub mod outage;
pub mod randomness;
pub mod rare;
pub mod tasks;

pub use cluster_key::ClusterKey;
