//! Free TCP ports of the loopback interface.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// How often [`free_port`] asks the kernel for a port that it has not given out before.
const FREE_PORT_ATTEMPTS_MAX: usize = 1_000;

/// Ports given out by this process. Between the answer and the moment when the started program binds the port it is
/// free again, so the kernel may name it twice; tests of one binary run in parallel and must not meet there.
static GIVEN_OUT: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A TCP port of 127.0.0.1 on which nothing listens, different at every call in this process.
///
/// # Panics
///
/// When the kernel has no free port left.
pub fn free_port() -> u16 {
    for _ in 0..FREE_PORT_ATTEMPTS_MAX {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap_or_else(|error| {
            panic!("no free port on 127.0.0.1: {error}; close some sockets")
        });
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let mut given_out = GIVEN_OUT.lock().unwrap_or_else(PoisonError::into_inner);
        if given_out.insert(port) {
            return port;
        }
    }
    panic!("the kernel named only ports given out before, {FREE_PORT_ATTEMPTS_MAX} times in a row");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_free_and_never_given_out_twice() {
        let ports: BTreeSet<u16> = (0..200).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 200);
        let port = *ports.first().expect("200 ports were taken");
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free to bind");
    }
}
