//! Wire formats: bytes to messages and back, one file a format, decoder beside encoder.
//!
//! Nothing is kept between messages here, and nothing is decided: a decoder says what stands in the
//! bytes or why they are no message. No decoder panics, whatever it is given.
//!
//! | module | between | form |
//! |---|---|---|
//! | [`stratum`] | gateway and miners | JSON lines (stratum V1, BIP 310) |
//! | [`proxy_header`] | a balancer and the gateway | PROXY protocol, versions 1 and 2 |
//! | [`http_refusal`] | browsers and the gateway | HTTP/1.1, one answer |
//! | [`job_feed`] | jobmaster and gateway | binary messages on a sealed link |
//! | [`job_datagram`] | jobmaster and shards | the same messages, as sealed datagrams |
//! | [`operator_feed`] | an operator's command and the jobmaster | binary messages on a sealed link |
//! | [`peer_feed`] | a jobmaster and another | binary messages on a sealed link |
//! | [`journal`] | a shard and its next start | binary frames in two files |
//! | [`share_feed`] | gateway and metawriter | binary messages on a sealed link |
//! | [`node_rpc`] | jobmaster and node | JSON-RPC (BIP 22, BIP 23) |
//! | [`node_zmq`], [`zmtp`] | a node and the jobmaster | ZeroMQ (RFC 23), topics of blocks |
#![forbid(unsafe_code)]

pub mod alert_feed;
pub mod codec;
pub mod http_refusal;
pub mod job_datagram;
pub mod job_feed;
pub mod journal;
pub mod node_rpc;
pub mod node_zmq;
pub mod operator_feed;
mod operator_fields;
pub mod peer_feed;
pub mod proxy_header;
pub mod share_feed;
pub mod stratum;
pub mod zmtp;

pub use codec::DecodeError;
