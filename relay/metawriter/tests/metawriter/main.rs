//! The stores and the role against a real Redis, real files and real links.

mod batches;
mod embedded_faults;
mod gateway;
mod places;
mod ports;
mod proxy;
mod redis_faults;
mod redis_kinds;
mod redis_nodes;
mod redis_server;
mod redis_tls;
mod retention;
mod role;
mod role_outage;
mod same_for_both;
mod waits;
