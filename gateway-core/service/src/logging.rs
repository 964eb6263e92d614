//! Where the log goes and how much of it.

use std::io::IsTerminal;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::alerts::{CollectorLayer, collector};

/// The environment variable that sets what is logged, in `tracing`'s filter syntax.
pub const LOG_VARIABLE: &str = "SLUICE_LOG";

/// Logs to stderr, one line an event; colours only on a terminal. Errors go to the process's
/// [collector](crate::alerts) of alerts too, whatever the filter.
///
/// `default_filter` holds unless [`LOG_VARIABLE`] is set. The first call in a process counts.
pub fn start(default_filter: &str) {
    let filter =
        EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(default_filter));
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_filter(filter);
    let errors = CollectorLayer(collector()).with_filter(LevelFilter::ERROR);
    // A second subscriber is refused; that happens only where roles share a process.
    let _ = tracing_subscriber::registry().with(lines).with(errors).try_init();
}
