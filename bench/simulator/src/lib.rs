//! A pool in virtual time: the cores of gateway, relays, writers and store, joined by lines that are cut, on disks that
//! are full at times, in processes that are killed between any two things they do. The same seed is the same run.
//!
//! What is real: the shard with its journal and ledger, what a start recovers, which batches go out when, the numbers that a
//! store remembers, and what a batch changes in it. The shells around them are played here in the plainest way: their own
//! code is under test where real processes are killed (`sluice bench endurance`, `bench/end-to-end`).
//!
//! | module | holds |
//! |---|---|
//! | [`world`] | the run: chance, time, and the comparison at the end |
//! | `gateway`, `miners` | a gateway with its disk, and who mines there |
//! | `carrier` | whoever passes batches on: a gateway's or relay's spool, with a disk and a line |
//! | `store` | the writers' store |
#![forbid(unsafe_code)]

mod carrier;
mod gateway;
mod miners;
mod store;
pub mod world;

pub use world::{Outcome, simulate};
