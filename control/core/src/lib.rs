//! What a jobmaster decides, without a socket or a clock: when to ask the node, which job follows
//! from its answer, and what becomes of a found block.
//!
//! | module | holds |
//! |---|---|
//! | [`job_desk`] | tip, templates and jobs |
//! | [`block_desk`] | found blocks: built once, submitted until a node has answered |
#![forbid(unsafe_code)]

pub mod block_desk;
pub mod job_desk;

pub use block_desk::{BlockDesk, SubmitAnswer};
pub use job_desk::{DeskAction, DeskPolicy, JobDesk};
