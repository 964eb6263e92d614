//! Batches to store commands: which keys of the Redis layout a batch changes, and how.
//!
//! [`plan()`] turns a batch into [`Command`]s; a store applies all of them, together with the batch's
//! number, or none. [`schema`] names every key. [`alerts`] decides which alerts people are told of.
#![forbid(unsafe_code)]

pub mod alerts;
pub mod applied;
pub mod command;
mod event;
pub mod plan;
pub mod retention;
pub mod schema;
pub mod slot;
mod sum;

pub use applied::Applied;
pub use command::{Command, INCREMENT_MAX, STORED_COUNT_END};
pub use plan::{PlanError, plan};
