//! A child process whose output is captured line by line and whose end is certain.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Lines kept of one process, stdout and stderr together. At the bound the oldest line goes, and is counted.
pub const OUTPUT_LINES_MAX: usize = 100_000;

/// Lines that a panic message quotes from the end of the output.
const TAIL_LINES: usize = 40;

/// How often an exit is looked for.
const EXIT_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// How long a killed process may take to disappear, and its pipes to be read to their end.
const KILLED_EXIT_WAIT: Duration = Duration::from_secs(60);

/// What the reader threads have gathered.
#[derive(Default)]
struct Output {
    lines: VecDeque<String>,
    lines_dropped: usize,
    open_streams: usize,
}

#[derive(Default)]
struct SharedOutput {
    output: Mutex<Output>,
    changed: Condvar,
}

impl SharedOutput {
    /// A reader that panicked leaves whole lines behind, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleep until the output has changed or the deadline is over; `None` when it is over.
    fn wait_for_change<'a>(
        &self,
        output: MutexGuard<'a, Output>,
        deadline: Instant,
    ) -> (MutexGuard<'a, Output>, bool) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return (output, false);
        }
        let (output, _) =
            self.changed.wait_timeout(output, left).unwrap_or_else(PoisonError::into_inner);
        (output, true)
    }
}

/// A running child process. Dropping it kills it (SIGKILL, by process id) and waits for its end.
///
/// Both output streams are read all the time, so a talkative child never blocks on a full pipe. Standard input is
/// empty, unless it is asked for.
pub struct ChildProcess {
    name: String,
    child: Child,
    /// Set once the child has been waited for: from then on its id may be another process's.
    exit: Option<ExitStatus>,
    shared: Arc<SharedOutput>,
}

impl ChildProcess {
    /// Start `command`. `name` appears in panic messages.
    ///
    /// # Errors
    ///
    /// Those of [`Command::spawn`]: above all, that there is no such program.
    pub fn start(name: &str, command: &mut Command) -> std::io::Result<Self> {
        Self::spawn(name, command.stdin(Stdio::null()))
    }

    /// The same, and what is written goes to its standard input.
    ///
    /// # Errors
    ///
    /// Those of [`Command::spawn`].
    pub fn start_with_input(
        name: &str,
        command: &mut Command,
    ) -> std::io::Result<(Self, ChildStdin)> {
        let mut started = Self::spawn(name, command.stdin(Stdio::piped()))?;
        let input = started.child.stdin.take().expect("it was just asked for");
        Ok((started, input))
    }

    fn spawn(name: &str, command: &mut Command) -> std::io::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let shared = Arc::new(SharedOutput::default());
        shared.lock().open_streams = 2;
        let stdout = child.stdout.take().expect("stdout was asked for as a pipe");
        let stderr = child.stderr.take().expect("stderr was asked for as a pipe");
        read_lines_on_a_thread(stdout, Arc::clone(&shared));
        read_lines_on_a_thread(stderr, Arc::clone(&shared));
        Ok(Self { name: name.to_owned(), child, exit: None, shared })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The lines written so far, in the order of arrival, without their line ends.
    pub fn lines(&self) -> Vec<String> {
        self.shared.lock().lines.iter().cloned().collect()
    }

    /// The last lines written, for a message.
    pub fn log_tail(&self) -> String {
        let output = self.shared.lock();
        let skipped = output.lines.len().saturating_sub(TAIL_LINES);
        let tail: Vec<&str> = output.lines.iter().skip(skipped).map(String::as_str).collect();
        let all = output.lines_dropped + output.lines.len();
        format!("last {} of {all} lines of {}:\n{}", tail.len(), self.name, tail.join("\n"))
    }

    /// Wait for the first line, past or future, for which `wanted` holds, and return it.
    ///
    /// # Panics
    ///
    /// When `wait` is over or the process has closed its output before such a line came.
    pub fn wait_for_line(&self, wanted: impl Fn(&str) -> bool, wait: Duration) -> String {
        let deadline = Instant::now() + wait;
        let mut looked_at = 0;
        let mut output = self.shared.lock();
        let reason = loop {
            // The count of lines ever written stays valid when the oldest lines have gone.
            let skipped = looked_at - output.lines_dropped.min(looked_at);
            if let Some(line) = output.lines.iter().skip(skipped).find(|line| wanted(line)) {
                return line.clone();
            }
            looked_at = output.lines_dropped + output.lines.len();
            if output.open_streams == 0 {
                break "its output has ended".to_owned();
            }
            let in_time;
            (output, in_time) = self.shared.wait_for_change(output, deadline);
            if !in_time {
                break format!("{wait:?} are over");
            }
        };
        drop(output);
        panic!("{} did not write the line waited for: {reason}; {}", self.name, self.log_tail());
    }

    /// Ask the process to end: SIGINT, what Ctrl-C sends. A process that has ended is left alone, here and below.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Ask the process to end: SIGTERM, what a service supervisor sends.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// SIGHUP, as a service manager sends to have a configuration read again.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// End the process at once (SIGKILL) and wait until it is gone.
    pub fn kill(&mut self) -> ExitStatus {
        self.signal(Signal::KILL);
        self.wait_for_exit(KILLED_EXIT_WAIT)
    }

    /// The exit status, or `None` while the process runs.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        if self.exit.is_none() {
            self.exit = self.child.try_wait().expect("waiting for one's own child cannot fail");
        }
        self.exit
    }

    /// Wait for the end of the process. All that it wrote is in [`Self::lines`] afterwards.
    ///
    /// # Panics
    ///
    /// When the process still runs after `wait`.
    pub fn wait_for_exit(&mut self, wait: Duration) -> ExitStatus {
        let deadline = Instant::now() + wait;
        let status = loop {
            if let Some(status) = self.exit_status() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "{} (process {}) still runs after {wait:?}; {}",
                self.name,
                self.id(),
                self.log_tail()
            );
            thread::sleep(EXIT_POLL_INTERVAL);
        };
        // A grandchild may hold the pipes open for longer, so this wait has an end as well.
        let deadline = Instant::now() + KILLED_EXIT_WAIT;
        let mut output = self.shared.lock();
        let mut in_time = true;
        while output.open_streams > 0 && in_time {
            (output, in_time) = self.shared.wait_for_change(output, deadline);
        }
        status
    }

    fn signal(&self, signal: Signal) {
        if self.exit.is_some() {
            return;
        }
        // A child that has ended without having been waited for is a zombie: its id is still its own, and the signal
        // does nothing.
        kill_process(Pid::from_child(&self.child), signal).unwrap_or_else(|error| {
            panic!("{} (process {}) cannot be sent {signal:?}: {error}", self.name, self.id())
        });
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        // `Child::kill` does nothing to a child that has been waited for. Errors are of no use to a test that ends.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Move the lines of one stream into `shared` until the stream ends. Bytes that are not UTF-8 are replaced.
fn read_lines_on_a_thread(stream: impl Read + Send + 'static, shared: Arc<SharedOutput>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            let mut output = shared.lock();
            if output.lines.len() == OUTPUT_LINES_MAX {
                output.lines.pop_front();
                output.lines_dropped += 1;
            }
            output.lines.push_back(text);
            drop(output);
            shared.changed.notify_all();
        }
        shared.lock().open_streams -= 1;
        shared.changed.notify_all();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    const WAIT: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> ChildProcess {
        ChildProcess::start("shell", Command::new("sh").args(["-c", script]))
            .expect("every Unix has sh")
    }

    #[test]
    fn both_streams_are_captured_and_the_status_is_kept() {
        let mut process = shell("echo out; echo err >&2; exit 7");
        assert_eq!(process.wait_for_exit(WAIT).code(), Some(7));
        assert_eq!(process.exit_status().and_then(|status| status.code()), Some(7));
        let mut lines = process.lines();
        lines.sort();
        assert_eq!(lines, ["err", "out"]);
        // The process is gone, and so may its id be: this must not send anything.
        process.interrupt();
    }

    #[test]
    fn a_line_is_waited_for_and_signals_end_the_process() {
        // A shell heeds no signal that was ignored when it began, as INT is below a script's background job.
        let script = "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.05; done";
        let mut heeding = Command::new("env");
        heeding.args(["--default-signal=INT", "sh", "-c", script]);
        let mut process = ChildProcess::start("shell", &mut heeding).unwrap();
        assert_eq!(process.wait_for_line(|line| line.starts_with("rea"), WAIT), "ready");
        assert!(process.exit_status().is_none());
        process.interrupt();
        process.wait_for_line(|line| line == "caught", WAIT);
        assert_eq!(process.wait_for_exit(WAIT).code(), Some(3));

        let mut process = shell("echo ready; exec sleep 1000");
        process.wait_for_line(|line| line == "ready", WAIT);
        assert_eq!(process.kill().signal(), Some(9));
    }

    #[test]
    #[should_panic(expected = "its output has ended; last 1 of 1 lines of shell:\nonly this")]
    fn a_line_that_cannot_come_any_more_is_not_waited_for() {
        shell("echo only this").wait_for_line(|line| line == "something else", WAIT);
    }

    #[test]
    fn dropping_kills() {
        let process = shell("echo ready; exec sleep 1000");
        process.wait_for_line(|line| line == "ready", WAIT);
        let folder = format!("/proc/{}", process.id());
        assert!(std::path::Path::new(&folder).exists());
        drop(process);
        assert!(!std::path::Path::new(&folder).exists());
    }

    #[test]
    fn the_oldest_lines_go_at_the_bound() {
        let written = OUTPUT_LINES_MAX + 10;
        let mut process = shell(&format!("seq 1 {written}"));
        process.wait_for_exit(WAIT);
        let lines = process.lines();
        assert_eq!(lines.len(), OUTPUT_LINES_MAX);
        assert_eq!((lines[0].as_str(), process.shared.lock().lines_dropped), ("11", 10));
        process.wait_for_line(|line| line == written.to_string(), WAIT);
    }
}
