//! How many connections each address has.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Open connections by address; an address without any is forgotten.
///
/// A sorted map, since peers choose their addresses: no choice of theirs makes it slow.
#[derive(Debug, Default)]
pub(crate) struct AddressCounts {
    counts: BTreeMap<AddressKey, u32>,
}

impl AddressCounts {
    /// Counts a connection; gives how many its address has now.
    pub(crate) fn add(&mut self, peer: IpAddr) -> u32 {
        let count = self.counts.entry(AddressKey::of(peer)).or_default();
        *count += 1;
        *count
    }

    /// Takes a connection that was counted away.
    pub(crate) fn remove(&mut self, peer: IpAddr) {
        let key = AddressKey::of(peer);
        let count = self.counts.get_mut(&key).expect("every connection was counted as it came");
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&key);
        }
    }
}

/// An IPv4 address, or the 64 bits of an IPv6 network: one subscriber has all of those (RFC 6177).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct AddressKey(u64);

/// Where IPv4 addresses are among the keys: below the multicast prefix ff00::/8 (RFC 4291, section 2.7),
/// which no peer comes from.
const IPV4_KEYS: u64 = 0xff00 << 48;

impl AddressKey {
    pub(super) fn of(peer: IpAddr) -> Self {
        match peer.to_canonical() {
            IpAddr::V4(address) => Self(IPV4_KEYS | u64::from(address.to_bits())),
            IpAddr::V6(address) => Self((address.to_bits() >> 64) as u64),
        }
    }

    /// All addresses with this key.
    pub(super) fn network(self) -> IpNet {
        if self.0 >> 32 == IPV4_KEYS >> 32 {
            return IpNet::from(IpAddr::from(Ipv4Addr::from_bits(self.0 as u32)));
        }
        let address = Ipv6Addr::from_bits(u128::from(self.0) << 64);
        IpNet::new(address.into(), 64).expect("an IPv6 address has more bits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_addresses_and_networks_and_forgets_them() {
        let mut counts = AddressCounts::default();
        let peer = |text: &str| -> IpAddr { text.parse().unwrap() };
        for (text, count) in [
            ("127.0.0.1", 1),
            ("::ffff:127.0.0.1", 2),
            ("127.0.0.2", 1),
            ("2001:db8::1", 1),
            ("2001:db8::ffff:0:0:2", 2),
            ("2001:db8:0:1::1", 1),
            ("::7f00:1", 1),
        ] {
            assert_eq!(counts.add(peer(text)), count, "{text}");
        }
        counts.remove(peer("127.0.0.1"));
        assert_eq!(counts.add(peer("127.0.0.1")), 2);
        for text in ["127.0.0.1", "127.0.0.1", "127.0.0.2", "2001:db8::3", "2001:db8::3"] {
            counts.remove(peer(text));
        }
        assert_eq!(counts.counts.len(), 2);
    }

    #[test]
    fn a_key_names_all_its_addresses() {
        for (peer, network) in [
            ("127.0.0.1", "127.0.0.1/32"),
            ("255.255.255.255", "255.255.255.255/32"),
            ("::ffff:10.0.0.1", "10.0.0.1/32"),
            ("2001:db8::1", "2001:db8::/64"),
            ("::1", "::/64"),
        ] {
            let key = AddressKey::of(peer.parse().unwrap());
            assert_eq!(key.network(), network.parse().unwrap(), "{peer}");
        }
    }
}
