//! A role's alerts: what it logs as FATAL, and that it logs far more errors than it should, on their way to the
//! alertcenter.
//!
//! [`Collector`] sits in the log and gathers; once the role has read its configuration, [`send`] takes what is there, and
//! what comes, to the center. Nothing waits for it: where there is no center, the oldest gives way.

mod collector;
mod sender;

pub use collector::{Collector, collector};
pub use sender::{AlertSender, AlertTarget, send};

pub(crate) use collector::CollectorLayer;
