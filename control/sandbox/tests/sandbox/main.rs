//! The sandbox from outside: blocks into the chain, and calls over HTTP.

mod branches;
mod flipped_bits;
mod mining;
mod progress;
mod rejected_blocks;
mod rejected_transactions;
mod rpc;
mod rpc_client;
mod rpc_mining;
