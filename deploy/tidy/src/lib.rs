//! Nothing to run: the tests of this crate read the tree and hold it to its own rules.
//!
//! * `tests/arrows.rs`: who may depend on whom (ARCHITECTURE.md, "Arrows")
//! * `tests/sources.rs`: lengths of files, unsafe code, banned words
#![forbid(unsafe_code)]
