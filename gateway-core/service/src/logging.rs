//! Where the log goes and how much of it.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// The environment variable that sets what is logged, in `tracing`'s filter syntax.
pub const LOG_VARIABLE: &str = "SLUICE_LOG";

/// Logs to stderr, one line an event; colours only on a terminal.
///
/// `default_filter` holds unless [`LOG_VARIABLE`] is set. The first call in a process counts.
pub fn start(default_filter: &str) {
    let filter =
        EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(default_filter));
    // A second subscriber is refused; that happens only where roles share a process.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false)
        .try_init();
}
