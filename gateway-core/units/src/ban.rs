//! Who is kept out of the pool, until when, and why.

use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

use crate::identity::{Name, NameError};
use crate::time::UnixTime;

/// Whom a ban is on. Two subjects are the same where they are equal.
///
/// Written as `10.1.2.3`, `10.0.0.0/8` or `account:alice`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BanSubject {
    /// Every miner from these addresses; as [`plain_network`] gives it.
    Network(IpNet),
    /// Every miner of an account.
    Account(Name),
}

/// What an account begins with where it is written.
const ACCOUNT_PREFIX: &str = "account:";

/// Bits in front of an IPv4 address that is mapped into IPv6 (RFC 4291, section 2.5.5.2).
const MAPPED_PREFIX_BITS: u8 = 96;

impl BanSubject {
    /// A network, or one address as the smallest of them.
    pub fn network(network: impl Into<IpNet>) -> Self {
        Self::Network(plain_network(network.into()))
    }

    /// An account by its name. A name that no account can have is refused, since the ban would hold nobody.
    pub fn account(name: &str) -> Result<Self, BanSubjectError> {
        if name.contains(['.', '-', '_']) {
            return Err(BanSubjectError::WithWorker);
        }
        name.parse().map(Self::Account).map_err(BanSubjectError::Account)
    }
}

/// The one way to write a network: no bits behind its prefix, and IPv4 that is mapped into IPv6 as IPv4.
pub fn plain_network(network: IpNet) -> IpNet {
    let network = network.trunc();
    let IpNet::V6(long) = network else { return network };
    let mapped = long.addr().to_ipv4_mapped();
    match (mapped, long.prefix_len().checked_sub(MAPPED_PREFIX_BITS)) {
        (Some(address), Some(bits)) => {
            IpNet::V4(Ipv4Net::new(address, bits).expect("128 bits less 96 are at most 32"))
        }
        _ => network,
    }
}

/// Reads an address or a network, in the form of [`plain_network`].
pub fn parse_network(text: &str) -> Option<IpNet> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address.ok().or_else(|| text.parse().ok()).map(plain_network)
}

/// Why a text is no subject of a ban.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BanSubjectError {
    /// Neither an address, nor a network, nor an account.
    Unknown,
    /// No name stands behind `account:`.
    Account(NameError),
    /// A worker, or what would be read as one, stands behind the account.
    WithWorker,
}

impl fmt::Display for BanSubjectError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => formatter.write_str(
                "write an address such as 10.1.2.3, a network such as 10.0.0.0/8, or an account such as account:alice",
            ),
            Self::Account(cause) => write!(formatter, "{cause}; write it as in account:alice"),
            Self::WithWorker => formatter.write_str(
                "an account ends at the first of . - _ and is banned as a whole; write it as in account:alice",
            ),
        }
    }
}

impl core::error::Error for BanSubjectError {}

impl FromStr for BanSubject {
    type Err = BanSubjectError;

    fn from_str(text: &str) -> Result<Self, BanSubjectError> {
        match text.strip_prefix(ACCOUNT_PREFIX) {
            Some(name) => Self::account(name),
            None => parse_network(text).map(Self::Network).ok_or(BanSubjectError::Unknown),
        }
    }
}

impl fmt::Display for BanSubject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                write!(formatter, "{}", network.addr())
            }
            Self::Network(network) => write!(formatter, "{network}"),
            Self::Account(name) => write!(formatter, "{ACCOUNT_PREFIX}{name}"),
        }
    }
}

/// A ban: whom it is on, until when, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ban {
    /// Whom it is on.
    pub subject: BanSubject,
    /// When it ends.
    pub until: UnixTime,
    /// Why, for whoever looks at the list; at most [`crate::limits::BAN_REASON_BYTES_MAX`] bytes pass a link.
    pub reason: String,
}

impl Ban {
    /// Whether it keeps its subject out at this time.
    pub fn holds_at(&self, now: UnixTime) -> bool {
        now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_written_in_one_way() {
        for (text, written) in [
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3/32", "10.1.2.3"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("2001:DB8::1", "2001:db8::1"),
            ("2001:db8::1/64", "2001:db8::/64"),
            ("account:Alice", "account:alice"),
        ] {
            let subject: BanSubject = text.parse().unwrap();
            assert_eq!(subject.to_string(), written);
            assert_eq!(written.parse::<BanSubject>(), Ok(subject));
        }
    }

    #[test]
    fn what_is_no_subject_is_told_what_one_is() {
        for text in ["", "alice", "10.1.2", "10.1.2.3/33", "10.1.2.3:3333", "example.org"] {
            assert_eq!(text.parse::<BanSubject>(), Err(BanSubjectError::Unknown), "{text}");
        }
        let worker = "account:alice.rig1".parse::<BanSubject>();
        assert_eq!(worker, Err(BanSubjectError::WithWorker));
        let empty = "account:".parse::<BanSubject>();
        assert_eq!(empty, Err(BanSubjectError::Account(NameError::Empty)));
        for error in [worker.unwrap_err(), empty.unwrap_err(), BanSubjectError::Unknown] {
            let text = error.to_string();
            assert!(text.contains("account:alice") && text.lines().count() == 1, "{text}");
        }
    }

    #[test]
    fn a_ban_ends_with_its_last_second() {
        let subject = BanSubject::network(IpAddr::from([10, 1, 2, 3]));
        let ban = Ban { subject, until: UnixTime::from_seconds(100), reason: String::new() };
        assert!(ban.holds_at(UnixTime::from_seconds(99)));
        assert!(!ban.holds_at(UnixTime::from_seconds(100)));
    }

    proptest::proptest! {
        #[test]
        fn whoever_has_a_name_can_be_banned_by_it(written in "[-a-zA-Z0-9._@+=/#~:%]{1,80}") {
            if let Ok(identity) = written.parse::<crate::Identity>() {
                let subject = BanSubject::account(identity.user());
                proptest::prop_assert!(subject.is_ok(), "{:?}", identity.user());
            }
        }
    }
}
