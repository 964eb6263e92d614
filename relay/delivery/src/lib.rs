//! What a gateway and a relay have in common: batches are kept on disk, and sent to a writer, or to the
//! next relay, until it has acknowledged them.
//!
//! | module | holds |
//! |---|---|
//! | [`folder`] | a folder that one process holds, and files that are there whole or not at all |
//! | [`spool`] | batches as files |
//! | [`courier`] | the task that takes batches, and brings them on their way |
//! | [`delivery`] | what it is brought |
//! | [`instance`] | what a started role calls itself |
//! | [`intake`] | the receiving end: links, and batches with their answers |
#![forbid(unsafe_code)]

pub mod courier;
pub mod delivery;
pub mod folder;
pub mod instance;
pub mod intake;
pub mod spool;

pub use courier::{Courier, CourierConfig};
pub use delivery::{Delivery, Notice};
pub use folder::{FolderError, FolderLock};
pub use instance::draw_instance;
pub use intake::{Answer, LinkCounts, Received};
pub use spool::BatchSpool;
