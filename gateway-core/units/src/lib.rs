//! The quantities a mining pool reckons in, one newtype each, and every limit of the suite.
//!
//! No clock, no socket, no dependency but the type of a network: everything else builds on this crate.
#![forbid(unsafe_code)]

pub mod ban;
pub mod connection;
pub mod difficulty;
pub mod extranonce;
pub mod hash;
pub mod header;
pub mod hex;
pub mod identity;
pub mod job;
pub mod limits;
pub mod operator;
pub mod reject;
pub mod tally;
pub mod target;
pub mod time;
pub mod timer_wheel;

pub use ban::{Ban, BanSubject};
pub use connection::ConnectionId;
pub use difficulty::{BestShare, Goal, ShareDifficulty, Work};
pub use extranonce::{Extranonce1, Extranonce2};
pub use hash::Hash256;
pub use header::Header;
pub use identity::{Identity, JobId, Name, NameError, SourceId};
pub use job::{BlockVerdict, FoundBlock, Job, JobKind};
pub use operator::Reconnect;
pub use reject::RejectReason;
pub use tally::{Counter, Tally};
pub use target::{CompactTarget, Target};
pub use time::{Instant, Minute, Now, UnixTime};
pub use timer_wheel::TimerWheel;
