//! The limit of open files.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::error::EngineError;

/// Raises the soft RLIMIT_NOFILE to the hard one; returns the new soft limit.
///
/// For the start of a process: the kernel takes the limit as the bound of every ring's connections.
/// A limit of infinity is given as `u64::MAX`.
pub fn raise_descriptor_limit() -> io::Result<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    }
    Ok(descriptor_limit())
}

/// The soft RLIMIT_NOFILE.
fn descriptor_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// The error of a call that found the limit too low for so many descriptors at once.
pub(crate) fn limit_reached(descriptors: u64) -> EngineError {
    let limit = descriptor_limit();
    EngineError::DescriptorLimit { needed: descriptors.max(limit.saturating_add(1)), limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
        assert_eq!(raise_descriptor_limit().unwrap(), hard);
        assert_eq!(descriptor_limit(), hard);
    }
}
