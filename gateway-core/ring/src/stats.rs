//! What an engine counts.

/// Counters since the engine's start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EngineStats {
    /// Calls of `turn`.
    pub turns: u64,
    /// Connections announced by `connected`.
    pub accepted: u64,
    /// Connections announced by `closed`.
    pub closed: u64,
    /// Accepts that failed: the peer was gone already, or the system lacks descriptors or memory.
    pub accept_failed: u64,
    /// Times that all `connections_max` slots were taken and accepting stopped: clients wait in
    /// the kernel's queue meanwhile.
    pub table_full: u64,
    /// Outbound connections that came about.
    pub dialed: u64,
    /// Outbound connections that did not, timeouts included.
    pub dial_failed: u64,
    /// Connections that another engine had before, and that were handed to another one.
    pub adopted: u64,
    pub handed_out: u64,
    /// Times that a peer sent more than its share of a turn and was not read for a while.
    pub held_back: u64,
    /// Datagrams that came whole.
    pub datagrams: u64,
    /// Datagrams dropped since no receive buffer could hold them.
    pub datagrams_cut: u64,
    /// Bytes that peers sent, those of closing connections included.
    pub received_bytes: u64,
    /// Bytes that the kernel took for peers.
    pub sent_bytes: u64,
    /// Payloads of which the kernel took only a part or nothing; their connections end.
    pub send_failed: u64,
    /// Payloads that a newer one replaced before they were sent.
    pub replaced: u64,
    /// Connections dropped since they did not read: one of the send queue's bounds was reached.
    pub slow_reader_dropped: u64,
    /// Closing connections that were cut off at the end of `flush_timeout`.
    pub flush_expired: u64,
    /// Times that a connection found no receive buffer and waited for the next turn.
    pub receive_buffers_exhausted: u64,
    /// Turns in which the kernel had more completions than the ring holds; none is lost.
    pub completion_overflow: u64,
}

impl EngineStats {
    /// Adds another engine's.
    pub fn add(&mut self, other: &Self) {
        self.turns += other.turns;
        self.accepted += other.accepted;
        self.closed += other.closed;
        self.accept_failed += other.accept_failed;
        self.table_full += other.table_full;
        self.dialed += other.dialed;
        self.dial_failed += other.dial_failed;
        self.adopted += other.adopted;
        self.handed_out += other.handed_out;
        self.held_back += other.held_back;
        self.datagrams += other.datagrams;
        self.datagrams_cut += other.datagrams_cut;
        self.received_bytes += other.received_bytes;
        self.sent_bytes += other.sent_bytes;
        self.send_failed += other.send_failed;
        self.replaced += other.replaced;
        self.slow_reader_dropped += other.slow_reader_dropped;
        self.flush_expired += other.flush_expired;
        self.receive_buffers_exhausted += other.receive_buffers_exhausted;
        self.completion_overflow += other.completion_overflow;
    }
}
