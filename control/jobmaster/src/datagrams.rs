//! Jobs and signs of life by datagram: to every shard of every gateway, or to a group that they are in.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use sluice_service::randomness::{NoRandomness, random_seed};
use sluice_wire::job_datagram::{DatagramKey, DatagramSealer, FeedName};
use tracing::warn;

/// The datagrams of one life of a jobmaster.
pub(crate) struct DatagramFeed {
    name: FeedName,
    key: DatagramKey,
    sealer: DatagramSealer,
    /// Messages that were sent.
    number: u64,
    /// By family, whether it is IPv4: opened where somebody is to be reached by it.
    sockets: BTreeMap<bool, UdpSocket>,
    group: Option<SocketAddr>,
    /// The present trouble is in the log.
    trouble_told: bool,
}

impl DatagramFeed {
    /// Draws name and key; a group gets every message once.
    pub(crate) fn new(group: Option<SocketAddr>) -> Result<Self, NoRandomness> {
        let name = FeedName(u64::from_ne_bytes(random_seed()?));
        let key = DatagramKey(random_seed()?);
        let sealer = DatagramSealer::new(name, &key);
        let sockets = BTreeMap::new();
        Ok(Self { name, key, sealer, number: 0, sockets, group, trouble_told: false })
    }

    /// What a gateway must know to read them.
    pub(crate) fn credentials(&self) -> (FeedName, DatagramKey) {
        (self.name, self.key.clone())
    }

    /// Whether what is sent also reaches gateways that are not known to be there.
    pub(crate) const fn has_group(&self) -> bool {
        self.group.is_some()
    }

    /// Sends a message to these, and to the group. What does not get through comes over the links.
    pub(crate) fn send<'a>(&mut self, message: &[u8], to: impl Iterator<Item = &'a SocketAddr>) {
        self.number += 1;
        let Some(datagrams) = self.sealer.seal(self.number, message) else { return };
        let mut failure = None;
        for address in to.copied().chain(self.group) {
            for datagram in &datagrams {
                failure = send(&mut self.sockets, datagram, address).err().or(failure);
            }
        }
        match failure {
            Some(error) if !self.trouble_told => {
                warn!(
                    "jobs cannot be sent by datagram ({error}): gateways have them over their links, a little later"
                );
                self.trouble_told = true;
            }
            Some(_) => {}
            None => self.trouble_told = false,
        }
    }
}

fn send(
    sockets: &mut BTreeMap<bool, UdpSocket>,
    datagram: &[u8],
    to: SocketAddr,
) -> io::Result<()> {
    let socket = match sockets.entry(to.is_ipv4()) {
        Entry::Occupied(open) => open.into_mut(),
        Entry::Vacant(closed) => {
            let any: IpAddr = match to {
                SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
            };
            let socket = UdpSocket::bind((any, 0))?;
            // A full buffer drops the datagram: nobody waits for it.
            socket.set_nonblocking(true)?;
            closed.insert(socket)
        }
    };
    socket.send_to(datagram, to).map(drop)
}

#[cfg(test)]
mod tests {
    use sluice_wire::job_datagram::DatagramOpener;
    use sluice_wire::job_feed::FromJobmaster;

    use super::*;

    #[test]
    fn every_address_gets_what_it_can_read() {
        let receivers = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        let addresses = receivers.each_ref().map(|socket| socket.local_addr().unwrap());
        let mut feed = DatagramFeed::new(None).unwrap();
        let (name, key) = feed.credentials();
        let message = FromJobmaster::Alive.encode();
        for number in 1..=2 {
            feed.send(&message, addresses.iter());
            for receiver in &receivers {
                let mut bytes = [0; 2000];
                let length = receiver.recv(&mut bytes).unwrap();
                let opened = DatagramOpener::new(name, &key).open(&bytes[..length]);
                assert_eq!(opened, Ok(Some((number, message.clone()))));
            }
        }
        let other = DatagramFeed::new(None).unwrap().credentials();
        assert_ne!(other, (name, key), "no two lives have the same");
    }
}
