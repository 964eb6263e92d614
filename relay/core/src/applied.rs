//! Which batches of a source a store has applied.
//!
//! Batches of one source may come by several ways: a relay that was away brings older ones than another one has
//! brought meanwhile. So a store does not keep the last number alone, but all of them, as ranges: mostly there is
//! one, and there is a gap for as long as batches are on their way elsewhere.

use core::fmt;
use core::str::FromStr;

/// Ranges of one epoch at most. At the bound the two lowest become one that begins at zero, below every number: what
/// was between them would be left out if it ever came.
pub const RANGES_MAX: usize = 1024;
/// The same in one slot of a cluster, which also has the batches that are not in all of their slots yet.
pub const RANGES_IN_SLOT_MAX: usize = RANGES_MAX + 256;
/// Epochs of one source, that is starts, of which batches may still be on their way. Those of older ones are left
/// out.
pub const EPOCHS_MAX: usize = 120;
/// The same in one slot of a cluster, which also has starts whose first batch is not in all of its slots yet. Redis
/// keeps a hash of so many fields packed.
pub const EPOCHS_IN_SLOT_MAX: usize = EPOCHS_MAX + 8;

/// Whether batches of an epoch that is not among the known ones are left out: all that there is room for are newer.
pub fn is_too_old(epoch: u64, known: &[u64]) -> bool {
    known.len() >= EPOCHS_MAX && known.iter().all(|other| epoch < *other)
}

/// Numbers of the batches of one epoch, in ranges that do not touch, the lowest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Applied(Vec<(u64, u64)>);

impl Applied {
    /// Takes a number in; `false` where it is in already.
    pub fn insert(&mut self, number: u64) -> bool {
        let ranges = &mut self.0;
        // The first range that ends at the number or behind it.
        let at = ranges.partition_point(|(_, last)| *last < number);
        if ranges.get(at).is_some_and(|(first, _)| *first <= number) {
            return false;
        }
        let follows = at > 0 && ranges[at - 1].1 + 1 == number;
        let precedes = ranges.get(at).is_some_and(|(first, _)| number + 1 == *first);
        match (follows, precedes) {
            (true, true) => {
                ranges[at - 1].1 = ranges[at].1;
                ranges.remove(at);
            }
            (true, false) => ranges[at - 1].1 = number,
            (false, true) => ranges[at].0 = number,
            (false, false) => ranges.insert(at, (number, number)),
        }
        if ranges.len() > RANGES_MAX {
            ranges[0] = (0, ranges[1].1);
            ranges.remove(1);
        }
        true
    }

    /// Whether the number is in.
    pub fn contains(&self, number: u64) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < number);
        self.0.get(at).is_some_and(|(first, _)| *first <= number)
    }

    /// Whether the number is in, but only because ranges were joined: nobody knows whether the batch was applied.
    pub fn is_forgotten(&self, number: u64) -> bool {
        self.0.first().is_some_and(|(first, last)| *first == 0 && number <= *last)
    }
}

/// As it is stored: `1-57,60-61`.
impl fmt::Display for Applied {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.0.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(formatter, "{comma}{first}-{last}")?;
        }
        Ok(())
    }
}

/// The text is no list of ranges.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("ranges are written first-last, with commas between them, the lowest first")]
pub struct NotRanges;

impl FromStr for Applied {
    type Err = NotRanges;

    fn from_str(text: &str) -> Result<Self, NotRanges> {
        let range = |text: &str| {
            let (first, last) = text.split_once('-')?;
            Some((first.parse().ok()?, last.parse().ok()?))
        };
        let ranges: Option<Vec<(u64, u64)>> = text.split(',').map(range).collect();
        let ranges = ranges.ok_or(NotRanges)?;
        let rise = ranges.iter().all(|(first, last)| first <= last)
            && ranges.is_sorted_by(|(_, last), (first, _)| last < first);
        if rise { Ok(Self(ranges)) } else { Err(NotRanges) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn holds_what_a_set_would(numbers in proptest::collection::vec(1_u64..60, 0..120)) {
            let (mut applied, mut set) = (Applied::default(), BTreeSet::new());
            for number in numbers {
                prop_assert_eq!(applied.contains(number), set.contains(&number));
                prop_assert_eq!(applied.insert(number), set.insert(number));
                prop_assert_eq!(applied.to_string().parse(), Ok(applied.clone()));
            }
            let held: Vec<u64> = applied.0.iter().flat_map(|(first, last)| *first..=*last).collect();
            prop_assert_eq!(&held, &Vec::from_iter(set));
            prop_assert!(applied.0.is_sorted_by(|(_, last), (first, _)| last + 1 < *first));
        }
    }

    #[test]
    fn the_lowest_ranges_are_joined_at_the_bound() {
        let mut applied = Applied::default();
        for number in 1..=RANGES_MAX as u64 {
            assert!(applied.insert(10 * number));
        }
        assert!(!applied.insert(10) && !applied.is_forgotten(10));
        assert!(applied.insert(5));
        assert_eq!(applied.0.len(), RANGES_MAX);
        for number in [3, 5, 7, 10] {
            assert!(!applied.insert(number) && applied.is_forgotten(number), "{number}");
        }
        assert_eq!(applied.to_string().parse(), Ok(applied.clone()));
        assert!(applied.insert(21) && !applied.is_forgotten(21));
    }

    #[test]
    fn an_epoch_is_too_old_once_all_known_ones_are_newer() {
        let known: Vec<u64> = (10..10 + EPOCHS_MAX as u64).collect();
        assert!(is_too_old(9, &known) && !is_too_old(11, &known));
        assert!(!is_too_old(9, &known[1..]), "there is room for one more");
    }

    #[test]
    fn reads_ranges_alone() {
        for bad in ["", "1", "1-", "a-2", "2-1", "5-6,1-2", "1-3,3-4", "-1-2", "1-2,"] {
            assert_eq!(bad.parse::<Applied>(), Err(NotRanges), "{bad}");
        }
    }
}
