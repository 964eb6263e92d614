//! Who is banned: one list for the whole pool, told to the gateways whenever it changes.

use core::fmt;
use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::IpNet;
use sluice_units::ban::plain_network;
use sluice_units::limits::BANS_MAX;
use sluice_units::{Ban, BanSubject, Instant, Now, UnixTime};

/// The bans of a pool. See the module's documentation.
#[derive(Debug, Default)]
pub struct BanDesk {
    /// Networks that nobody is banned from.
    exempt: Vec<IpNet>,
    bans: BTreeMap<BanSubject, Ban>,
    /// The gateways have not been told how the list is now.
    is_untold: bool,
    told_at: Option<Instant>,
}

/// The list goes out whole: shards that ban many miners at once send it once in this time, not for each.
const TELL_INTERVAL: Duration = Duration::from_millis(200);

/// Why a ban is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BanRefused {
    /// It would keep out what is never banned.
    Exempt {
        /// Whom the ban was to be on.
        subject: BanSubject,
        /// The network that is exempt.
        network: IpNet,
    },
    /// It has ended already.
    Over,
    /// There are [`BANS_MAX`] bans, and each ends later.
    Full,
}

impl fmt::Display for BanRefused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exempt { subject, network } => write!(
                formatter,
                "{subject} cannot be banned: the jobmaster's ban_exempt has {network}; ban what lies outside of it"
            ),
            Self::Over => formatter.write_str(
                "the ban has ended before it began: compare this machine's clock with the jobmaster's",
            ),
            Self::Full => write!(
                formatter,
                "there are {BANS_MAX} bans that end later: remove one of them, or ban for longer"
            ),
        }
    }
}

impl core::error::Error for BanRefused {}

impl BanDesk {
    /// A desk without bans.
    pub fn new(exempt: impl IntoIterator<Item = IpNet>) -> Self {
        let exempt = exempt.into_iter().map(plain_network).collect();
        Self { exempt, ..Self::default() }
    }

    /// Exempts other networks from now on; bans that reach into them end.
    pub fn set_exempt(&mut self, exempt: impl IntoIterator<Item = IpNet>) {
        self.exempt = exempt.into_iter().map(plain_network).collect();
        let over: Vec<BanSubject> = self
            .bans
            .keys()
            .filter(|subject| self.exemption_from(subject).is_some())
            .cloned()
            .collect();
        for subject in over {
            self.remove(&subject);
        }
    }

    /// Adds a ban; `false` where its subject is banned for as long already, and stays so.
    ///
    /// Of two bans on one subject the one that ends later holds; at [`BANS_MAX`] the one that ends soonest
    /// gives way, be it the new one.
    pub fn add(&mut self, now: UnixTime, ban: Ban) -> Result<bool, BanRefused> {
        if !ban.holds_at(now) {
            return Err(BanRefused::Over);
        }
        if let Some(network) = self.exemption_from(&ban.subject) {
            return Err(BanRefused::Exempt { subject: ban.subject, network });
        }
        match self.bans.get(&ban.subject) {
            Some(former) if former.until >= ban.until => return Ok(false),
            Some(_) => {}
            None => self.make_room(now, ban.until)?,
        }
        self.bans.insert(ban.subject.clone(), ban);
        self.is_untold = true;
        Ok(true)
    }

    /// Ends a ban; `false` where there is none.
    pub fn remove(&mut self, subject: &BanSubject) -> bool {
        let removed = self.bans.remove(subject).is_some();
        self.is_untold |= removed;
        removed
    }

    /// Drops the bans that have ended; `true` where there were any.
    pub fn expire(&mut self, now: UnixTime) -> bool {
        let before = self.bans.len();
        self.bans.retain(|_, ban| ban.holds_at(now));
        let expired = self.bans.len() < before;
        self.is_untold |= expired;
        expired
    }

    /// All bans, in the order of their subjects.
    pub fn list(&self) -> Vec<Ban> {
        self.bans.values().cloned().collect()
    }

    /// When the next ban ends.
    pub fn next_expiry(&self) -> Option<UnixTime> {
        self.bans.values().map(|ban| ban.until).min()
    }

    /// The list, where the gateways are to be told it now.
    pub fn poll_list(&mut self, now: Instant) -> Option<Vec<Ban>> {
        if self.tell_due()? > now {
            return None;
        }
        self.is_untold = false;
        self.told_at = Some(now);
        Some(self.list())
    }

    /// When a ban ends or the gateways are to be told next.
    pub fn poll_timeout(&self, now: Now) -> Option<Instant> {
        let expiry = self.next_expiry().map(|until| {
            let seconds = until.to_seconds().saturating_sub(now.unix.to_seconds());
            now.instant + Duration::from_secs(seconds)
        });
        [expiry, self.tell_due()].into_iter().flatten().min()
    }

    fn tell_due(&self) -> Option<Instant> {
        self.is_untold.then(|| self.told_at.map_or(Instant::ZERO, |told| told + TELL_INTERVAL))
    }

    /// The exempt network that a ban would reach into.
    fn exemption_from(&self, subject: &BanSubject) -> Option<IpNet> {
        let BanSubject::Network(banned) = subject else { return None };
        let overlaps = |exempt: &&IpNet| exempt.contains(banned) || banned.contains(*exempt);
        self.exempt.iter().find(overlaps).copied()
    }

    /// Leaves room for one ban more, that ends at `until`.
    fn make_room(&mut self, now: UnixTime, until: UnixTime) -> Result<(), BanRefused> {
        if self.bans.len() >= BANS_MAX {
            self.expire(now);
        }
        if self.bans.len() < BANS_MAX {
            return Ok(());
        }
        let soonest = self.bans.values().min_by_key(|ban| ban.until);
        let soonest = soonest.filter(|ban| ban.until < until).ok_or(BanRefused::Full)?;
        let subject = soonest.subject.clone();
        self.bans.remove(&subject);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ban(subject: &str, until: u64) -> Ban {
        let until = UnixTime::from_seconds(until);
        Ban { subject: subject.parse().unwrap(), until, reason: "test".into() }
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn listed(desk: &BanDesk) -> Vec<String> {
        desk.list().iter().map(|ban| ban.subject.to_string()).collect()
    }

    #[test]
    fn the_longer_ban_of_a_subject_holds() {
        let mut desk = BanDesk::default();
        assert_eq!(desk.add(at(0), ban("10.1.2.3", 100)), Ok(true));
        assert_eq!(desk.add(at(0), ban("10.1.2.3/32", 100)), Ok(false), "the same one");
        assert_eq!(desk.add(at(0), ban("10.1.2.3", 50)), Ok(false));
        assert_eq!(desk.next_expiry(), Some(at(100)));
        assert_eq!(desk.add(at(0), ban("10.1.2.3", 200)), Ok(true));
        assert_eq!(desk.list(), [ban("10.1.2.3", 200)]);
    }

    #[test]
    fn bans_end_at_their_time_or_when_they_are_removed() {
        let mut desk = BanDesk::default();
        for (subject, until) in [("10.0.0.0/8", 100), ("account:alice", 50), ("10.1.2.3", 70)] {
            assert_eq!(desk.add(at(10), ban(subject, until)), Ok(true));
        }
        assert!(!desk.expire(at(49)));
        assert!(desk.expire(at(50)));
        assert_eq!(listed(&desk), ["10.0.0.0/8", "10.1.2.3"]);
        assert!(desk.remove(&"10.1.2.3".parse().unwrap()));
        assert!(!desk.remove(&"10.1.2.3".parse().unwrap()));
        assert_eq!(listed(&desk), ["10.0.0.0/8"]);
        assert_eq!(desk.add(at(60), ban("10.1.2.3", 60)), Err(BanRefused::Over));
    }

    #[test]
    fn what_becomes_exempt_is_let_in_again() {
        let now = UnixTime::from_seconds(1);
        let ban = |subject: &str| Ban {
            subject: subject.parse().unwrap(),
            until: UnixTime::from_seconds(100),
            reason: String::new(),
        };
        let mut desk = BanDesk::default();
        for subject in ["10.1.2.3", "192.0.2.1"] {
            desk.add(now, ban(subject)).unwrap();
        }
        desk.poll_list(Instant::ZERO);
        desk.set_exempt(["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(desk.list(), [ban("192.0.2.1")]);
        assert!(
            desk.poll_timeout(Now { instant: Instant::ZERO, unix: now }).is_some(),
            "to be told"
        );
        assert!(desk.add(now, ban("10.1.2.3")).is_err());
    }

    #[test]
    fn nothing_exempt_is_banned() {
        let mut desk =
            BanDesk::new(["10.5.0.0/16", "2001:db8::1/128"].map(|it| it.parse::<IpNet>().unwrap()));
        for subject in ["10.5.0.0/16", "10.5.1.2", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"] {
            let refused = desk.add(at(0), ban(subject, 1)).unwrap_err();
            assert!(matches!(refused, BanRefused::Exempt { .. }), "{subject}");
            let text = refused.to_string();
            assert!(text.contains(subject) && text.contains("ban_exempt"), "{text}");
            assert_eq!(text.lines().count(), 1);
        }
        for subject in ["10.6.0.0/16", "10.4.255.255", "2001:db8::2", "account:alice"] {
            assert_eq!(desk.add(at(0), ban(subject, 1)), Ok(true), "{subject}");
        }
    }

    #[test]
    fn at_the_bound_the_ban_that_ends_soonest_gives_way() {
        let mut desk = BanDesk::default();
        for index in 0..BANS_MAX {
            let subject = format!("10.0.{}.{}", index / 256, index % 256);
            assert_eq!(desk.add(at(0), ban(&subject, 1000 + index as u64)), Ok(true));
        }
        assert_eq!(desk.add(at(0), ban("10.1.0.0", 999)), Err(BanRefused::Full));
        assert_eq!(desk.add(at(0), ban("10.0.0.7", 9000)), Ok(true), "it has its place");
        assert_eq!(desk.list().len(), BANS_MAX);
        assert_eq!(desk.add(at(0), ban("10.1.0.0", 5000)), Ok(true));
        assert_eq!(desk.list().len(), BANS_MAX);
        assert!(!listed(&desk).contains(&"10.0.0.0".to_owned()));
        // Those that have ended go first.
        assert_eq!(desk.add(at(1003), ban("10.1.0.1", 1004)), Ok(true));
        assert_eq!(desk.list().len(), BANS_MAX - 2);
    }

    #[test]
    fn changes_in_quick_succession_are_told_together() {
        let mut desk = BanDesk::default();
        let now = |millis| Now { instant: Instant::from_millis(millis), unix: at(0) };
        assert_eq!(desk.poll_timeout(now(0)), None);
        assert_eq!(desk.poll_list(now(0).instant), None);
        desk.add(at(0), ban("10.0.0.1", 100)).unwrap();
        assert!(desk.poll_timeout(now(5)).unwrap() <= now(5).instant);
        assert_eq!(desk.poll_list(now(5).instant).unwrap().len(), 1);
        assert_eq!(desk.poll_timeout(now(5)), Some(now(100_005).instant), "the ban's end");

        desk.add(at(0), ban("10.0.0.2", 100)).unwrap();
        desk.add(at(0), ban("10.0.0.3", 100)).unwrap();
        assert_eq!(desk.poll_list(now(6).instant), None);
        let due = desk.poll_timeout(now(6)).unwrap();
        assert_eq!(due, now(205).instant);
        assert_eq!(desk.poll_list(due).unwrap().len(), 3);
        assert_eq!(desk.poll_list(now(9000).instant), None, "nothing has changed");
    }
}
