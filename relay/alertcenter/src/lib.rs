//! Role: takes the alerts of all roles, and tells people by Redis, webhooks and mail.
//!
//! ```text
//!   roles == sealed links ==> intake -> desk (sluice_relay_core::alerts) -> outbox -> Redis
//!                                                                       |-> outbox -> each webhook
//!                                                                       '-> outbox -> each recipient of mail
//! ```
//!
//! Each outbox has a task of its own that tries until its messages are delivered: what hangs delays nobody else. A sender
//! gets its receipt once one of them has the message, and keeps the alert until then: a center that is killed loses none.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | the configuration, and the commented default file |
//! | [`role`] | start and stop |
//! | `intake` | links |
//! | `telling` | the task that asks the desk |
//! | `parcel` | a message, and the receipts that are owed for it |
//! | `outbox`, `sinks` | what waits for whom, and how it is delivered |
#![forbid(unsafe_code)]

pub mod config;
mod intake;
mod outbox;
mod parcel;
pub mod role;
mod sinks;
mod telling;

pub use config::{AlertcenterConfig, DEFAULT_CONFIG};
pub use role::{Alertcenter, OwnAlerts, StartError, start};
