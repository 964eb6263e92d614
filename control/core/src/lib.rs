//! What a jobmaster decides, without a socket or a clock: when to ask the node, which job follows
//! from its answer, what becomes of a found block, and who is banned.
//!
//! | module | holds |
//! |---|---|
//! | [`job_desk`] | tip, templates and jobs |
//! | [`block_desk`] | found blocks: built once, submitted until a node has answered |
//! | [`aux_desk`] | other chains that are mined along |
//! | [`ban_desk`] | bans: added, ended, told to the gateways |
#![forbid(unsafe_code)]

pub mod aux_desk;
pub mod ban_desk;
pub mod block_desk;
pub mod job_desk;

pub use aux_desk::{AuxAction, AuxAnswer, AuxDesk, ChainIndex, TakenShare};
pub use ban_desk::{BanDesk, BanRefused};
pub use block_desk::{BlockAction, BlockDesk, SubmitAnswer};
pub use job_desk::{
    Asked, ChainRules, DeskAction, DeskPolicy, FailedCall, HeaderRefused, JobDesk, NodeIndex,
    NodeTip, Offer,
};
