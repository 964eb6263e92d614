//! Why an engine cannot start, or cannot go on: each message has the cause and the remedy.

use std::io;
use std::net::SocketAddr;

use rustix::io::Errno;
use thiserror::Error;

/// Why an engine cannot start, or cannot go on.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A number that no ring can be built from.
    #[error("{setting} must be {rule}: correct it in the configuration")]
    Setting {
        /// Its name in the configuration.
        setting: &'static str,
        /// What holds for it.
        rule: &'static str,
    },
    /// Another socket listens there.
    #[error("{address} is taken by another program: stop that one, or listen elsewhere")]
    AddressInUse {
        /// Where to listen was asked.
        address: SocketAddr,
    },
    /// This machine has no such address.
    #[error("{address} is no address of this machine: listen on one of those, or on 0.0.0.0")]
    AddressNotAvailable {
        /// Where to listen was asked.
        address: SocketAddr,
    },
    /// Ports below 1024 are for the privileged.
    #[error(
        "not allowed to listen on {address}: choose a port above 1023, or grant \
         CAP_NET_BIND_SERVICE"
    )]
    PermissionDenied {
        /// Where to listen was asked.
        address: SocketAddr,
    },
    /// Listening failed in another way.
    #[error("cannot listen on {address}: {cause}; listen elsewhere")]
    Listen {
        /// Where to listen was asked.
        address: SocketAddr,
        /// The system's error.
        cause: io::Error,
    },
    /// The kernel gives no ring.
    #[error(transparent)]
    RingUnavailable(#[from] RingUnavailable),
    /// The process may not have so many descriptors.
    #[error(
        "the limit of open files is {limit}, and {needed} are needed for this many connections: \
         raise it to {needed} (LimitNOFILE= of the service, or ulimit -n), or lower connections_max"
    )]
    DescriptorLimit {
        /// What RLIMIT_NOFILE must be at least.
        needed: u64,
        /// What it is.
        limit: u64,
    },
    /// The process gets no more memory.
    #[error(
        "no memory for the ring: raise the memory limit of the service (MemoryMax=, \
         LimitMEMLOCK=), or lower connections_max and receive_buffers"
    )]
    MemoryLimit,
    /// The ring failed while it was used; the engine can only be dropped.
    #[error("io_uring failed: {0}; restart the process, and report it if it happens again")]
    Ring(io::Error),
}

/// Why this machine gives no io_uring.
#[derive(Debug, Error)]
pub enum RingUnavailable {
    /// It lacks io_uring, or what the engine asks of it.
    #[error("the kernel is too old for this use of io_uring: run Linux 6.1 or later")]
    KernelTooOld,
    /// An administrator's choice.
    #[error(
        "io_uring is switched off by the sysctl kernel.io_uring_disabled={value}: set it to 0, or \
         to 1 and add the process to kernel.io_uring_group"
    )]
    Disabled {
        /// 1: allowed to a group; 2: to nobody.
        value: u8,
    },
    /// A sandbox's choice.
    #[error(
        "io_uring is refused to this process, most likely by the seccomp profile of its container \
         or service: allow io_uring_setup, io_uring_enter and io_uring_register there"
    )]
    Denied,
    /// The limits of the process leave no room for a ring.
    #[error("there is no room for a ring: {0}; raise LimitNOFILE=, LimitMEMLOCK= or MemoryMax=")]
    NoRoom(io::Error),
    /// Anything else.
    #[error("io_uring cannot be used: {0}; Linux 6.1 or later with io_uring allowed is needed")]
    Other(io::Error),
}

impl RingUnavailable {
    /// The cause of a failed set-up, given the sysctl's value where the kernel has it.
    pub(crate) fn from_setup(error: io::Error, sysctl: Option<u8>) -> Self {
        match (Errno::from_io_error(&error), sysctl) {
            (Some(Errno::PERM), Some(value @ 1..)) => Self::Disabled { value },
            (Some(Errno::PERM | Errno::ACCESS), _) => Self::Denied,
            // The sysctl is only there on a kernel new enough: then a filter hides the call.
            (Some(Errno::NOSYS), Some(_)) => Self::Denied,
            (Some(Errno::NOSYS | Errno::INVAL), _) => Self::KernelTooOld,
            (Some(Errno::NOMEM | Errno::MFILE | Errno::NFILE), _) => Self::NoRoom(error),
            _ => Self::Other(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_switch_from_a_sandbox_from_an_old_kernel() {
        let cause = |errno: Errno, sysctl| RingUnavailable::from_setup(errno.into(), sysctl);
        let disabled = cause(Errno::PERM, Some(2));
        assert!(matches!(disabled, RingUnavailable::Disabled { value: 2 }));
        assert!(disabled.to_string().contains("kernel.io_uring_disabled=2"));
        assert!(matches!(cause(Errno::PERM, Some(0)), RingUnavailable::Denied));
        assert!(matches!(cause(Errno::NOSYS, Some(0)), RingUnavailable::Denied));
        assert!(matches!(cause(Errno::NOSYS, None), RingUnavailable::KernelTooOld));
        assert!(matches!(cause(Errno::INVAL, None), RingUnavailable::KernelTooOld));
        assert!(matches!(cause(Errno::NOMEM, None), RingUnavailable::NoRoom(_)));
        assert!(matches!(cause(Errno::IO, None), RingUnavailable::Other(_)));
    }
}
