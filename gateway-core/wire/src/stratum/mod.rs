//! Stratum V1: one JSON object a line, both ways, as miners and pools speak it.
//!
//! There is no RFC; what is here follows the slush0 protocol page, BIP 310 (version rolling) and what
//! firmware really sends. Requests are in [`request`], what a pool sends in [`notification`] and
//! [`reply`]; the encoders append to the caller's buffer, newline included.

pub mod notification;
mod params;
mod raw_line;
pub mod reply;
pub mod request;
mod submit_scan;

pub use notification::{NotifiedJob, ServerMessage};
pub use request::{Call, Configure, MalformedLine, Request, Submit};

/// Bytes of a header in the order that `mining.notify` shows a parent: every four-byte word turned.
pub(crate) fn turn_words(bytes: &[u8; 32]) -> [u8; 32] {
    core::array::from_fn(|index| bytes[index ^ 3])
}
