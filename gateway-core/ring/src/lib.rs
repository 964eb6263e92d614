//! The io_uring engine of the data plane: one a thread, and it knows nothing of stratum.
//!
//! An [`Engine`] listens, accepts, receives and sends; its one entry is [`Engine::turn`]. What
//! happened is reported to a [`Handler`], what is wanted is asked for between turns.
//!
//! # The life of a connection
//!
//! ```text
//!   accept: one of 64 in flight, each with a place for the peer's address
//!     -> direct descriptor, whose index is the slot                      Handler::connected
//!     -> one multishot receive, which takes a shared buffer only when    Handler::received
//!        bytes come: an idle connection holds none
//!     -> one send in flight; what comes meanwhile waits, within bounds
//!     -> an end: the peer hung up or reset, close or abort was asked
//!        for, or the peer did not read
//!     -> close and hang-up: flushed, shut down, then waiting for the
//!        peer's own end, all within flush_timeout
//!     -> nothing of it is in flight                                      Handler::closed
//!     -> the slot is given back, for an occupant of the next generation
//! ```
//!
//! # Why accepts are single shots
//!
//! The peer's address is wanted for every connection. A multishot accept has one place for all the
//! addresses, so they overwrite each other, and a direct descriptor has no number that
//! `getpeername` would take. So a bounded number of single accepts is kept in flight, each with
//! its own place. Each of them also has a slot of the table set aside, so that a full table leaves
//! clients in the kernel's queue instead of dropping them.
//!
//! # Where what is
//!
//! | module | holds |
//! |---|---|
//! | `engine` | the public face |
//! | `reactor` | what each completion entails; runs on the kernel's ring and on a test's |
//! | `connections`, `outbound`, `accepting` | the state that it decides by |
//! | `operation` | how operations are named in flight, and the seam to a ring |
//! | `sys`, `buffers` | the kernel's ring and the memory that it works on; all that is `unsafe` |
//! | `listener`, `waker`, `descriptors` | sockets, eventfd and limits |
//! | [`probe`] | whether this machine can carry the engine |
#![deny(unsafe_code)]

mod accepting;
mod addresses;
mod buffers;
mod config;
mod connections;
mod descriptors;
mod dialing;
mod engine;
mod error;
#[cfg(test)]
mod fake_ring;
mod operation;
mod outbound;
pub mod probe;
mod reactor;
mod sockets;
mod stats;
mod sys;
mod waker;

pub use config::{
    CONNECTIONS_MAX, CONNECTS_IN_FLIGHT_MAX, EngineConfig, LISTENERS_MAX, RECEIVE_BUFFERS_MAX,
    SUBMISSION_ENTRIES_MAX,
};
pub use descriptors::raise_descriptor_limit;
pub use engine::{ConnectError, Engine, Handler, Sent};
pub use error::{EngineError, RingUnavailable};
pub use stats::EngineStats;
pub use sys::hand_over;
pub use waker::Waker;
