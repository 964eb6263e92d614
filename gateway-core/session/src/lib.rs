//! The protocol state machines of the data plane. No socket, no clock, no thread: a shell hands in
//! bytes and `now`, and carries out the actions that come back.
//!
//! ```text
//!            handle_connected / handle_received / handle_closed / handle_timeout
//!   ring  ---------------------------------------------------------------------->  Shard
//!   feed  ---- handle_job / handle_alive --------------------------------------->    |
//!                                                                                    |
//!   ring, disk, publisher  <---- poll_action ----------------------------------------+
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`shard`] | all sessions of one core, its jobs and its tallies |
//! | [`job_subscriber`] | which job a shard works on, of those that several jobmasters send |
//! | [`miner`] | one miner: connected -> subscribed and authorised -> working |
//! | [`actions`] | what a shard asks its shell to do |
//! | [`journal`] | what a shard writes down before it answers, and what the next start makes of it |
//! | [`share_log`] | every share by itself, for audits |
//! | [`share_publisher`] | which batches go to the store when |
//! | [`miner_client`] | the miner's own side of the same conversation |
//! | [`quirk`] | ways of speaking that real miners have |
#![forbid(unsafe_code)]

pub mod actions;
pub mod job_subscriber;
pub mod journal;
mod lines;
pub mod miner;
pub mod miner_client;
pub mod quirk;
pub mod shard;
pub mod share_log;
pub mod share_publisher;

pub use actions::Action;
pub use job_subscriber::{FeedAction, FeedStats, JobSubscriber, JobmasterIndex};
pub use journal::{JOURNAL_FILE_BYTES_MIN, JOURNAL_FILES, JournalWrite};
pub use shard::{
    AccountAnswer, AccountPolicy, Allowance, Announcement, Departure, EndCause, Heard, PortPolicy,
    Shard, ShardConfig, ShardStats, StalePolicy, WatchPolicy,
};
pub use share_publisher::{BatchName, SharePublisher};
