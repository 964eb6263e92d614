//! The arithmetic of a pool: template to job, share to verdict. Pure functions and small values.
//!
//! | module | holds |
//! |---|---|
//! | [`template`] | a node's template, checked |
//! | [`coinbase`] | the coinbase: scriptSig within its budget, outputs, extranonce slot |
//! | [`merkle`] | the branch from the coinbase to the root |
//! | [`merged`] | merged mining: many chains under one commitment, and the proof that each takes |
//! | [`builder`] | template -> job, and found block -> whole block |
//! | [`payout`] | payout addresses, checked against the node's network |
//! | [`share`] | submit -> header -> verdict |
//! | [`duplicates`] | the shares of a job that were seen |
//! | [`book`] | the jobs that a shard knows, present and stale |
//! | [`vardiff`] | share times -> next difficulty |
//! | [`wishes`] | what a miner's owner wants of its difficulty |
#![forbid(unsafe_code)]

pub mod book;
pub mod builder;
pub mod coinbase;
pub mod difficulty_memory;
pub mod duplicates;
pub mod merged;
pub mod merkle;
pub mod payout;
pub mod share;
pub mod template;
pub mod vardiff;
pub mod wishes;
