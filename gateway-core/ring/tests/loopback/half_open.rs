//! Peers whose end nobody tells of: the network between is gone.

use std::time::Duration;

use sluice_ring::{EngineConfig, Sent};

use crate::network::{in_a_network_of_its_own, ip};
use crate::server::Server;

#[test]
fn a_peer_that_vanished_is_closed_whether_it_is_sent_to_or_not() {
    in_a_network_of_its_own(
        "half_open::a_peer_that_vanished_is_closed_whether_it_is_sent_to_or_not",
        || {
            ip(&["link", "set", "lo", "up"]);
            let peer_timeout = Duration::from_secs(3);
            let mut server = Server::new(EngineConfig { peer_timeout, ..EngineConfig::default() });
            let ((quiet, _), (reader, told)) = (server.connect(), server.connect());
            ip(&["link", "set", "lo", "down"]);
            assert_eq!(server.engine.send(told, b"a job\n"), Sent::Queued);
            server.turn_until(|server| server.log.closed.len() == 2);
            drop([quiet, reader]);
        },
    );
}
