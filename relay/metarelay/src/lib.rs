//! Role: takes batches from gateways and other relays, keeps them on disk, and passes them on unchanged.
//!
//! A batch is acknowledged once it is on the relay's disk, and stays there until the next one, at the end of the
//! way the store, has acknowledged it. A batch keeps its name all the way: whichever way it comes, and however often,
//! the store counts it once.
#![forbid(unsafe_code)]

pub mod config;
pub mod role;

pub use config::{DEFAULT_CONFIG, MetarelayConfig};
pub use role::{Metarelay, StartError, start};
