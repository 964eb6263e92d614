//! What a run shows on stderr while it works.

use std::fmt::Display;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How often the live line changes on a terminal.
const TERMINAL_INTERVAL: Duration = Duration::from_millis(200);
/// How often a line is printed where stderr is no terminal.
const LOG_INTERVAL: Duration = Duration::from_secs(5);

/// A live line on a terminal; elsewhere a line now and then.
#[derive(Debug)]
pub(crate) struct Progress {
    is_terminal: bool,
    is_line_open: bool,
    due: Instant,
    /// Where a rate counts from.
    last: (Instant, u64),
}

impl Progress {
    pub(crate) fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { is_terminal, is_line_open: false, due: Instant::now(), last: (Instant::now(), 0) }
    }

    /// Something that is worth a line of its own.
    pub(crate) fn say(&mut self, text: impl Display) {
        self.close_line();
        eprintln!("{text}");
        let now = Instant::now();
        (self.due, self.last) = (now + self.interval(), (now, 0));
    }

    /// How far a count has come, with its rate since the last time it was shown.
    pub(crate) fn count(&mut self, what: &str, count: u64, of: Option<u64>) {
        let now = Instant::now();
        if now < self.due {
            return;
        }
        self.due = now + self.interval();
        let whole = of.map_or(String::new(), |of| format!(" of {of}"));
        let (then, before) = self.last;
        let seconds = (now - then).as_secs_f64().max(1e-3);
        let rate = count.saturating_sub(before) as f64 / seconds;
        self.last = (now, count);
        let (start, end) = if self.is_terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        eprint!("{start}{what}: {count}{whole}, {rate:.0}/s{end}");
        self.is_line_open = self.is_terminal;
    }

    const fn interval(&self) -> Duration {
        if self.is_terminal { TERMINAL_INTERVAL } else { LOG_INTERVAL }
    }

    fn close_line(&mut self) {
        if self.is_line_open {
            eprint!("\r\x1b[K");
            self.is_line_open = false;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.close_line();
    }
}
