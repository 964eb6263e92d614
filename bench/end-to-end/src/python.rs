//! Programs that come as modules of Python.

use std::process::{Command, Stdio};

/// The first Python that has a module: Debian's packages are for Debian's own, whichever one is first on the PATH.
///
/// # Panics
///
/// Where none has it.
pub fn python_with(module: &str) -> &'static str {
    let has_it = |python: &&str| {
        let mut command = Command::new(python);
        let import = format!("import {module}");
        command.args(["-c", &import]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has_it);
    found.unwrap_or_else(|| panic!("no Python has {module}: run bench/end-to-end/setup.sh"))
}
