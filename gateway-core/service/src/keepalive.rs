//! Has the system ask whether the other end of a quiet connection is still there.

use std::io;
use std::time::Duration;

use rustix::net::sockopt::{
    set_socket_keepalive, set_tcp_keepcnt, set_tcp_keepidle, set_tcp_keepintvl,
};
use tokio::net::TcpStream;

/// A machine that gives no sign for so long is gone.
const SILENCE_PROBE: Duration = Duration::from_secs(10);
const SILENCE_PROBES: u32 = 3;

/// Ends the connection some 40 s after a machine that was there last: one without power closes nothing.
pub fn probe_silence(stream: &TcpStream) -> io::Result<()> {
    set_socket_keepalive(stream, true)?;
    set_tcp_keepidle(stream, SILENCE_PROBE)?;
    set_tcp_keepintvl(stream, SILENCE_PROBE)?;
    set_tcp_keepcnt(stream, SILENCE_PROBES)?;
    Ok(())
}
