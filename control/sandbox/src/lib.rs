//! A regtest-like Bitcoin chain inside the process, behind the JSON-RPC of a node.
//!
//! [`chain`] is the deterministic half: blocks go in, verdicts come out, and time and seed are
//! arguments. The RPC half is a thin HTTP shell on loopback that answers the part of Bitcoin
//! Core's surface that a pool uses, so that the jobmaster talks to every node in one way.
//!
//! What the sandbox does not do: there is no peer-to-peer network, no script interpreter (only
//! the two script kinds that the sandbox itself pays to can be spent), no relative lock times
//! (BIP68), and no transaction enters its mempool from outside.
#![forbid(unsafe_code)]

pub mod chain;
mod config;
mod difficulty;
mod node;
mod rpc;

pub use chain::ChainSummary;
pub use config::{ConfigError, NodeConfig, SandboxConfig};
pub use difficulty::network_bits_for_difficulty;
pub use node::{RequestCounts, SandboxNode, StartError, start};
