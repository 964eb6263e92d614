//! Ports of the loopback interface, each for one test alone.

use tokio::net::TcpSocket;

/// A port that is given to nobody else, while who names it may listen there, end, and listen there again.
pub(crate) struct Port {
    number: u16,
    /// Bound and never listened on: calls are refused, and nobody who asks for a free port gets this one.
    _held: TcpSocket,
}

impl Port {
    pub(crate) fn reserve() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Redis and tokio set it as well before they listen, and so may share the port with this socket.
        socket.set_reuseaddr(true).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { number: socket.local_addr().unwrap().port(), _held: socket }
    }

    pub(crate) const fn number(&self) -> u16 {
        self.number
    }
}
