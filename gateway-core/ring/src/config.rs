//! What an engine is told at its start.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::error::EngineError;

/// Most direct descriptors that one ring can have (Linux, `IORING_MAX_FIXED_FILES`).
pub const CONNECTIONS_MAX: u32 = 1 << 20;
/// Most addresses that one engine listens on: the accepts in flight are shared out among them.
pub const LISTENERS_MAX: usize = 8;
/// Most receive buffers of one ring: the largest power of two in 16 bits.
pub const RECEIVE_BUFFERS_MAX: u16 = 1 << 15;
/// Most outbound connects in flight: each has a place for its address.
pub const CONNECTS_IN_FLIGHT_MAX: u16 = 4096;
/// Most entries of the submission queue (Linux, `IORING_MAX_ENTRIES`); completions may be twice
/// as many.
pub const SUBMISSION_ENTRIES_MAX: u32 = 1 << 15;

/// Sizes and bounds of one engine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineConfig {
    /// Where to listen, IPv4 or IPv6, at [`LISTENERS_MAX`] addresses at most; port 0 takes a free one;
    /// nowhere, for an engine that only connects. By default 127.0.0.1:0.
    pub listen: Vec<SocketAddr>,
    /// Whether other engines listen on the same port (SO_REUSEPORT); the kernel then spreads
    /// connections over them. By default not.
    pub reuse_port: bool,
    /// Connections at one time, 1 to [`CONNECTIONS_MAX`]; further ones wait in the kernel's queue.
    /// RLIMIT_NOFILE must be as large. By default 1024.
    pub connections_max: u32,
    /// Receive buffers shared by all connections, a power of two up to [`RECEIVE_BUFFERS_MAX`].
    /// Where one turn brings more than they hold, the rest waits for the next turn. By default 1024.
    pub receive_buffers: u16,
    /// Bytes of one receive buffer, and the most that `received` is given at once. By default 2048,
    /// which holds the submits of a busy miner.
    pub receive_buffer_bytes: u32,
    /// Receive buffers of one connection that are reported in one turn; what a peer sent beyond them
    /// is held back for the next turns, and the peer is not read meanwhile, so that nobody's bytes
    /// keep the others waiting. By default 2.
    pub receive_buffers_per_turn: u8,
    /// Outbound connects in flight at one time, up to [`CONNECTS_IN_FLIGHT_MAX`]; further ones are
    /// refused. By default 256.
    pub connects_in_flight_max: u16,
    /// How long an outbound connect may take. By default 10 s.
    pub connect_timeout: Duration,
    /// Payloads that wait behind the one being sent; a connection with more is dropped. Small
    /// replies that follow each other are one payload. By default 64.
    pub send_queue_max: usize,
    /// Bytes that wait behind the ones being sent; a connection with more is dropped. By default
    /// 256 KiB.
    pub send_queue_bytes_max: usize,
    /// SO_SNDBUF of each connection: what the kernel holds for a reader that stalls (it doubles
    /// the number for its own bookkeeping). By default 32 KiB.
    pub socket_send_buffer_bytes: u32,
    /// How long a connection may be without a sign of its peer's machine, which the kernel asks for where
    /// nothing else passes (TCP keepalive and TCP_USER_TIMEOUT); whole seconds. By default 90 s.
    pub peer_timeout: Duration,
    /// Operations handed to the kernel in one call, 1 to [`SUBMISSION_ENTRIES_MAX`]; the kernel
    /// rounds up to a power of two. By default 1024.
    pub submission_entries: u32,
    /// Completions that fit the ring, from `submission_entries` to twice
    /// [`SUBMISSION_ENTRIES_MAX`]; the kernel keeps what is more, which is slower, and counted. By
    /// default 8192.
    pub completion_entries: u32,
    /// How long a closing connection may take to read its last bytes and to hang up in turn. By
    /// default 2 s.
    pub flush_timeout: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
            reuse_port: false,
            connections_max: 1024,
            receive_buffers: 1024,
            receive_buffer_bytes: 2048,
            receive_buffers_per_turn: 2,
            connects_in_flight_max: 256,
            connect_timeout: Duration::from_secs(10),
            send_queue_max: 64,
            send_queue_bytes_max: 256 * 1024,
            socket_send_buffer_bytes: 32 * 1024,
            peer_timeout: Duration::from_secs(90),
            submission_entries: 1024,
            completion_entries: 8192,
            flush_timeout: Duration::from_secs(2),
        }
    }
}

impl EngineConfig {
    /// Refuses what no ring can be built from.
    pub(crate) fn validate(&self) -> Result<(), EngineError> {
        let submission_entries = 1..=SUBMISSION_ENTRIES_MAX;
        let completion_entries = self.submission_entries..=2 * SUBMISSION_ENTRIES_MAX;
        let rules = [
            (
                "connections_max",
                "1 to 1048576",
                (1..=CONNECTIONS_MAX).contains(&self.connections_max),
            ),
            ("listen", "at most 8 addresses", self.listen.len() <= LISTENERS_MAX),
            (
                "receive_buffers",
                "a power of two up to 32768",
                self.receive_buffers.is_power_of_two(),
            ),
            ("receive_buffer_bytes", "at least 1", self.receive_buffer_bytes > 0),
            ("receive_buffers_per_turn", "at least 1", self.receive_buffers_per_turn > 0),
            (
                "connects_in_flight_max",
                "1 to 4096",
                (1..=CONNECTS_IN_FLIGHT_MAX).contains(&self.connects_in_flight_max),
            ),
            ("send_queue_max", "at least 1", self.send_queue_max > 0),
            (
                "peer_timeout",
                "3 s to an hour",
                (Duration::from_secs(3)..=Duration::from_secs(3600)).contains(&self.peer_timeout),
            ),
            (
                "submission_entries",
                "1 to 32768",
                submission_entries.contains(&self.submission_entries),
            ),
            (
                "completion_entries",
                "at least submission_entries and at most 65536",
                completion_entries.contains(&self.completion_entries),
            ),
        ];
        match rules.into_iter().find(|(_, _, kept)| !kept) {
            None => Ok(()),
            Some((setting, rule, _)) => Err(EngineError::Setting { setting, rule }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_no_ring_can_be_built_from() {
        assert!(EngineConfig::default().validate().is_ok());
        let broken = [
            EngineConfig { connections_max: 0, ..EngineConfig::default() },
            EngineConfig { listen: vec![([127, 0, 0, 1], 0).into(); 9], ..EngineConfig::default() },
            EngineConfig { connections_max: CONNECTIONS_MAX + 1, ..EngineConfig::default() },
            EngineConfig { receive_buffers: 1000, ..EngineConfig::default() },
            EngineConfig { receive_buffer_bytes: 0, ..EngineConfig::default() },
            EngineConfig { receive_buffers_per_turn: 0, ..EngineConfig::default() },
            EngineConfig { connects_in_flight_max: 0, ..EngineConfig::default() },
            EngineConfig { send_queue_max: 0, ..EngineConfig::default() },
            EngineConfig { peer_timeout: Duration::from_secs(2), ..EngineConfig::default() },
            EngineConfig { submission_entries: 0, ..EngineConfig::default() },
            EngineConfig { completion_entries: 512, ..EngineConfig::default() },
        ];
        for config in broken {
            let error = config.validate().unwrap_err();
            assert!(matches!(error, EngineError::Setting { .. }), "{config:?}");
        }
    }
}
