//! What a miner's owner wants of its difficulty: written into the password, or known of who rents hashpower out.

use sluice_units::ShareDifficulty;

/// Wishes of a password. Each holds within the bounds of the port.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DifficultyWishes {
    /// `d=`: where the miner starts; it is adapted from then on.
    pub start: Option<ShareDifficulty>,
    /// `md=`: never below.
    pub floor: Option<ShareDifficulty>,
    /// `fd=`: this one, and never another.
    pub fixed: Option<ShareDifficulty>,
}

impl DifficultyWishes {
    /// Reads a password: words such as `d=64`, between commas, semicolons, ampersands or blanks. The last of a kind
    /// holds. Everything else is anybody's own.
    pub fn from_password(password: &str) -> Self {
        let mut wishes = Self::default();
        let words = password.split([',', ';', '&', ' ']);
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            let Some(wish) = value.parse().ok().and_then(ShareDifficulty::from_f64) else {
                continue;
            };
            match key {
                "d" | "D" => wishes.start = Some(wish),
                "md" | "MD" => wishes.floor = Some(wish),
                "fd" | "FD" => wishes.fixed = Some(wish),
                _ => {}
            }
        }
        wishes
    }
}

/// How those call themselves who rent hashpower out, in lower case: what they send comes from thousands of machines
/// at once, and they ask pools for a difficulty of 500,000 at least.
const RENTALS: [&str; 2] = ["nicehash", "miningrigrentals"];

/// Whether a user agent is of a market for hashpower.
pub fn is_rental(user_agent: &str) -> bool {
    let begins = |at: &[u8], name: &str| {
        at.get(..name.len()).is_some_and(|at| at.eq_ignore_ascii_case(name.as_bytes()))
    };
    let bytes = user_agent.as_bytes();
    RENTALS.iter().any(|name| (0..bytes.len()).any(|at| begins(&bytes[at..], name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difficulty(text: &str) -> Option<ShareDifficulty> {
        ShareDifficulty::from_f64(text.parse().unwrap())
    }

    #[test]
    fn passwords_hold_wishes_among_other_things() {
        let read = DifficultyWishes::from_password;
        assert_eq!(
            read("d=64"),
            DifficultyWishes { start: difficulty("64"), ..Default::default() }
        );
        let all = DifficultyWishes {
            start: difficulty("0.5"),
            floor: difficulty("1e6"),
            fixed: difficulty("7"),
        };
        assert_eq!(read("x, d=1;d=0.5 md=1e6&fd=7,c=BTC"), all);
        for nothing in [
            "",
            "x",
            "123",
            "d=",
            "d=0",
            "d=-1",
            "d=NaN",
            "fd=inf",
            "dd=5",
            "d 5",
            "=5",
            "\u{e9}d=5",
        ] {
            assert_eq!(read(nothing), DifficultyWishes::default(), "{nothing}");
        }
    }

    #[test]
    fn markets_are_known_by_their_user_agents() {
        for rental in ["NiceHash/1.0.0", "MiningRigRentals.com/2", "x nicehash"] {
            assert!(is_rental(rental), "{rental}");
        }
        for other in ["", "cgminer/4.12.0", "Nice Hash", "\u{e9}\u{e9}"] {
            assert!(!is_rental(other), "{other}");
        }
    }
}
