//! How the processes of a run begin: on their cores, and ending with the run that started them.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Signal, set_parent_process_death_signal, setpriority_process};

use crate::cores;
use crate::error::BenchError;

/// Becomes `sluice` with other arguments, or another program, in this very process: on the cores given, with the
/// niceness given where that is allowed, and killed when the process that started it ends. Returns only where
/// that fails.
pub fn launch(
    program: Option<&OsStr>,
    cores: Option<&[usize]>,
    niceness: Option<i32>,
    arguments: &[OsString],
) -> Result<(), BenchError> {
    if let Some(cores) = cores {
        cores::stay_on(cores)?;
    }
    if let Some(niceness) = niceness {
        // Better than nothing where it is refused: the figures are then those of a busier client.
        let _ = setpriority_process(None, niceness);
    }
    let failed = |source| BenchError::Start { name: "a process of the run".into(), source };
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|errno| failed(errno.into()))?;
    let Some(program) = program else {
        let program = std::env::current_exe().map_err(failed)?;
        return Err(failed(Command::new(program).args(arguments).exec()));
    };
    let source = Command::new(program).args(arguments).exec();
    Err(BenchError::Program { program: program.to_string_lossy().into_owned(), source })
}
