//! What a store holds after batches, told by a small model of a store.

mod adds_up;
mod keys;
mod model;
