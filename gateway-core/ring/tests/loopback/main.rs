//! The engine over real sockets on 127.0.0.1.

mod ends;
mod half_open;
mod handover;
mod limits;
mod network;
mod outbound;
mod server;
mod threads;
mod traffic;
