//! The jobmaster: asks a node for templates, sends jobs to the gateways, hands found blocks to the
//! node and tells the gateways what became of them; and it holds the bans, and hears operators. What it decides is in `sluice-control-core`.
#![forbid(unsafe_code)]

mod ban_file;
mod config;
mod datagrams;
mod drive;
mod gateways;
mod message_file;
mod node;
mod node_aux;
mod peers;
mod rests;
mod start;
mod zmq;

pub use ban_file::BanFileError;
pub use config::{AuxChainConfig, DEFAULT_CONFIG, JobmasterConfig, NodeConfig, PayoutConfig};
pub use drive::Reload;
pub use node::NodeError;
pub use start::{Jobmaster, JobmasterStatus, StartError};
