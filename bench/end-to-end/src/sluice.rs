//! The binary under test: where it is, and one run of it to its end.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up; nothing is measured by it.
pub const PATIENCE: Duration = Duration::from_secs(300);

const EXIT_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The binary, which is built beside the tests.
///
/// # Panics
///
/// When it is missing. The text says how it is built.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a file");
    let profile = test.parent().and_then(Path::parent).expect("tests are in target/PROFILE/deps");
    let binary = profile.join("sluice");
    assert!(
        binary.exists(),
        "{} is missing: run `cargo build -p sluice` (with --release where the tests are), or `make test`",
        binary.display()
    );
    binary
}

/// The binary with arguments. What the variables of whoever runs the tests say about roles is left out.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SLUICE_") {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

/// What came of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ran {
    /// Whether the exit code was zero.
    pub success: bool,
    /// All of stdout.
    pub out: String,
    /// All of stderr.
    pub error: String,
}

/// Runs the binary to its end.
///
/// # Panics
///
/// When it does not end within [`PATIENCE`]: it went on where it should have failed.
pub fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    // Files hold any amount of output, so that the binary never waits for a reader.
    let mut out = tempfile::tempfile().expect("a temporary file can be made");
    let mut error = tempfile::tempfile().expect("a temporary file can be made");
    let for_child = |file: &File| Stdio::from(file.try_clone().expect("a descriptor is free"));
    let mut child = command(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(for_child(&out))
        .stderr(for_child(&error))
        .spawn()
        .expect("the binary can be started");
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().expect("waiting for one's own child cannot fail") {
            break status;
        }
        if Instant::now() >= deadline {
            // Errors are of no use: the test fails in any case.
            let _ = child.kill();
            let _ = child.wait();
            panic!("{arguments:?} still ran after {PATIENCE:?}: {}", text_of(&mut error));
        }
        thread::sleep(EXIT_POLL_INTERVAL);
    };
    Ran { success: status.success(), out: text_of(&mut out), error: text_of(&mut error) }
}

fn text_of(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("a temporary file reads");
    String::from_utf8_lossy(&bytes).into_owned()
}
