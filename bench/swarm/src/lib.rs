//! Miners by the million against a real gateway, and what that costs.
//!
//! ```text
//!                 sluice bench NAME: the run
//!      feed_end, store_end |      | orders on stdin, reports on stdout: JSON lines
//!         (sealed links)   |      |
//!            +-------------+      +-----------------+--------------------+
//!            v                                      v                    v
//!    sluice gateway --config FILE  <== sockets ==  miners' processes   bare engine
//!    the real thing, a child process               rings of their own   the rival
//! ```
//!
//! All processes are this binary. What the gateway used is read from /proc; what the miners saw
//! accepted must be what the gateway's batches add up to, or the run has failed.
//!
//! | module | holds |
//! |---|---|
//! | [`connections`], [`storm`], [`submit`], [`fairness`] | the runs |
//! | [`job_fanout`], `node_end`, `feed_delay` | a run with a jobmaster as well, and the run as its node |
//! | [`share_check`] | a run without processes: what the check of a share takes |
//! | [`accounting`] | a run without a gateway: minutes of tallies into a metawriter and Redis |
//! | [`endurance`] | a run with everything between miners and Redis, each of which is killed again and again |
//! | [`vardiff`] | a run in virtual time: what difficulty a crowd of miners gets |
//! | `gateway_under_test`, `feed_end`, `store_end` | the gateway and both ends of its links |
//! | `crew`, `rival`, `child`, `launch`, `protocol` | the processes of a run, and what they are told |
//! | `miners`, `bare_engine` | what runs in those processes |
//! | `greeting`, `jobs`, `shares` | what is said on the wire |
//! | `share_stages` | what a share costs inside the shard, by stages |
//! | `process_usage`, `kernel_settings`, `cores`, `monotonic`, `scratch` | what the system says and gives |
//! | `statistics`, `report`, `progress` | what people and machines are told |
#![forbid(unsafe_code)]

pub mod accounting;
mod bare_engine;
mod child;
pub mod connections;
pub mod cores;
mod crew;
pub mod endurance;
mod error;
pub mod fairness;
mod feed_delay;
mod feed_end;
mod gateway_under_test;
mod greeting;
pub mod job_fanout;
mod jobs;
mod kernel_settings;
mod launch;
mod miners;
mod monotonic;
mod node_end;
mod process_usage;
mod progress;
mod protocol;
mod report;
mod rival;
mod scratch;
pub mod share_check;
mod share_stages;
mod shares;
mod sizing;
mod statistics;
mod store_end;
pub mod storm;
pub mod submit;
pub mod vardiff;

pub use bare_engine::run_bare_engine;
pub use child::Interruption;
pub use error::BenchError;
pub use launch::launch;
pub use miners::run_miners;
pub use report::Report;
