//! The RPC of a node over HTTP: the thin half, which owns the sockets and reads the clock.

mod answers;
mod block_methods;
mod envelope;
mod listener;
mod mining_methods;
mod node_methods;
mod parameters;
mod server;
mod state;

pub(crate) use listener::BoundedListener;
pub(crate) use server::router;
pub(crate) use state::{NodeState, unix_time_seconds};
