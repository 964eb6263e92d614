//! The processes of a run, and what they report.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cores::to_list;
use crate::error::BenchError;
use crate::protocol::write_line;

/// Lines of stderr that are kept for a message.
const LOG_LINES_MAX: usize = 12;
/// Reports that wait for the run; then the process waits.
const REPORTS_MAX: usize = 4096;
/// How often a wait looks for an interruption.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// How long nothing may come while something is waited for.
const SILENCE_MAX: Duration = Duration::from_secs(300);
/// How long a process may take to end: the kernel closes a million connections in minutes.
const EXIT_WAIT_MAX: Duration = Duration::from_secs(900);

/// Whether the run is to end at once.
#[derive(Clone, Default, Debug)]
pub struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// From now on every wait of the run ends with an error.
    pub fn interrupt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once interrupted.
    pub(crate) fn check(&self) -> Result<(), BenchError> {
        if self.0.load(Ordering::Relaxed) { Err(BenchError::Interrupted) } else { Ok(()) }
    }

    /// Waits, unless interrupted meanwhile.
    pub(crate) fn sleep(&self, time: Duration) -> Result<(), BenchError> {
        let end = Instant::now() + time;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK_INTERVAL));
        }
    }
}

/// How a process of a run is started.
#[derive(Clone, Default)]
pub(crate) struct Launch {
    /// Another program than this binary.
    pub(crate) program: Option<OsString>,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) cores: Option<Vec<usize>>,
    pub(crate) niceness: Option<i32>,
}

/// A process of a run: mostly this binary with other arguments. Dropped, it is killed.
pub(crate) struct RunProcess {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    log: Arc<Mutex<VecDeque<String>>>,
    fatal_lines: Arc<AtomicU64>,
    interruption: Interruption,
}

impl RunProcess {
    pub(crate) fn start(
        name: &str,
        launch: &Launch,
        interruption: &Interruption,
    ) -> Result<Self, BenchError> {
        let failed = |source| BenchError::Start { name: name.to_owned(), source };
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(["bench", "launch"]);
        if let Some(cores) = &launch.cores {
            command.args(["--cores", &to_list(cores)]);
        }
        if let Some(niceness) = launch.niceness {
            command.arg(format!("--niceness={niceness}"));
        }
        if let Some(program) = &launch.program {
            command.arg("--program").arg(program);
        }
        command.arg("--").args(&launch.arguments);
        for (variable, _) in std::env::vars_os() {
            // What is set for the roles of this machine is not for those of the run.
            if variable.to_string_lossy().starts_with("SLUICE_") {
                command.env_remove(variable);
            }
        }
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().map_err(failed)?;
        let (lines_in, lines) = sync_channel(REPORTS_MAX);
        let log = Arc::new(Mutex::new(VecDeque::new()));
        let stdout = child.stdout.take().expect("stdout was asked for as a pipe");
        let stderr = child.stderr.take().expect("stderr was asked for as a pipe");
        let stdin = child.stdin.take();
        thread::spawn(move || forward(BufReader::new(stdout), &lines_in));
        let fatal_lines = Arc::new(AtomicU64::new(0));
        let (kept, fatal) = (Arc::clone(&log), Arc::clone(&fatal_lines));
        thread::spawn(move || keep_last(BufReader::new(stderr), &kept, &fatal));
        let interruption = interruption.clone();
        Ok(Self { name: name.to_owned(), child, stdin, lines, log, fatal_lines, interruption })
    }

    /// The process id, which it keeps from its start to its end.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lines FATAL in its log so far.
    pub(crate) fn fatal_lines(&self) -> u64 {
        self.fatal_lines.load(Ordering::Relaxed)
    }

    /// Writes one order.
    pub(crate) fn order(&mut self, order: &impl Serialize) -> Result<(), BenchError> {
        let stdin = self.stdin.as_mut().expect("it is open until the process is told to end");
        write_line(stdin, order).map_err(|_| self.ended())
    }

    /// The next report, if it comes within the time.
    pub(crate) fn report_within<T: DeserializeOwned>(
        &mut self,
        time: Duration,
    ) -> Result<Option<T>, BenchError> {
        let end = Instant::now() + time;
        let line = loop {
            self.interruption.check()?;
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left.min(LOOK_INTERVAL)) {
                Ok(line) => break line,
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            }
        };
        let parsed = serde_json::from_str(&line);
        parsed.map(Some).map_err(|_| BenchError::Babble { name: self.name.clone(), line })
    }

    /// The next report; an error where none comes for a long time.
    pub(crate) fn report<T: DeserializeOwned>(
        &mut self,
        what: &'static str,
    ) -> Result<T, BenchError> {
        match self.report_within(SILENCE_MAX)? {
            Some(report) => Ok(report),
            None => Err(BenchError::Silent {
                name: self.name.clone(),
                what,
                wait: SILENCE_MAX,
                log: self.log_text(),
            }),
        }
    }

    /// An error where the process is gone.
    pub(crate) fn check_running(&mut self) -> Result<(), BenchError> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(_)) | Err(_) => Err(self.ended()),
        }
    }

    /// Ends it without warning, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        // Does nothing to a process that has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends its stdin, which tells it to end.
    pub(crate) fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Ends it as a service manager does, or by the end of its stdin, and waits for its end.
    pub(crate) fn end(mut self, signal: Option<Signal>) -> Result<(), BenchError> {
        self.hang_up();
        if let Some(signal) = signal {
            // A process that has ended meanwhile is still there to be waited for.
            let _ = kill_process(Pid::from_child(&self.child), signal);
        }
        let deadline = Instant::now() + EXIT_WAIT_MAX;
        loop {
            self.interruption.check()?;
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(_)) | Err(_) => return Err(self.ended()),
                Ok(None) if Instant::now() >= deadline => {
                    return Err(BenchError::Silent {
                        name: self.name.clone(),
                        what: "its end",
                        wait: EXIT_WAIT_MAX,
                        log: self.log_text(),
                    });
                }
                Ok(None) => thread::sleep(Duration::from_millis(5)),
            }
            // Nobody waits for what it still reports.
            while self.lines.try_recv().is_ok() {}
        }
    }

    fn ended(&mut self) -> BenchError {
        // Its pipes are closed; its exit follows at once, and its last lines are read by then.
        let deadline = Instant::now() + Duration::from_secs(2);
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status.to_string(),
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
                Ok(None) | Err(_) => break "no exit status".into(),
            }
        };
        if let Err(interrupted) = self.interruption.check() {
            return interrupted;
        }
        thread::sleep(Duration::from_millis(20));
        BenchError::Ended { name: self.name.clone(), status, log: self.log_text() }
    }

    fn log_text(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for RunProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

fn forward(reader: impl BufRead, lines: &SyncSender<String>) {
    for line in reader.lines() {
        let Ok(line) = line else { return };
        if lines.send(line).is_err() {
            return;
        }
    }
}

fn keep_last(reader: impl BufRead, log: &Mutex<VecDeque<String>>, fatal_lines: &AtomicU64) {
    for line in reader.lines() {
        let Ok(line) = line else { return };
        if line.contains("FATAL") {
            fatal_lines.fetch_add(1, Ordering::Relaxed);
        }
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == LOG_LINES_MAX {
            log.pop_front();
        }
        log.push_back(line);
    }
}
