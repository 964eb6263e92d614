//! Batches to store commands: which keys of the Redis layout a batch changes, and how.
//!
//! [`plan()`] turns a batch into [`Command`]s; a store applies all of them, together with the batch's
//! [`Position`], or none. [`schema`] names every key.
#![forbid(unsafe_code)]

pub mod command;
mod event;
pub mod plan;
pub mod position;
pub mod schema;
mod sum;

pub use command::{Command, INCREMENT_MAX, STORED_COUNT_END};
pub use plan::{PlanError, plan};
pub use position::Position;
