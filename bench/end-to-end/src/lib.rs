//! The binary against real sockets, Redis and a node.
//!
//! The modules here start the real programs that the tests in `tests/` talk to, each on free ports of 127.0.0.1 and in
//! a temporary folder, and stop them again. `setup.sh` beside this crate's `Cargo.toml` installs those programs. All
//! of it is for tests: what goes wrong panics, and the text names the cause and the remedy.
#![forbid(unsafe_code)]

pub mod anyone_can_spend;
pub mod bcoin;
pub mod json_rpc;
pub mod ledger;
pub mod mail_server;
pub mod pool;
pub mod ports;
pub mod process;
pub mod process_resources;
pub mod python;
pub mod redis;
pub mod roles;
pub mod rpc_proxy;
pub mod sluice;
pub mod store_dump;
pub mod stratum;
pub mod visitors;
pub mod zmq_publisher;
