//! How far a source's batches have come, as a store remembers it.

use core::fmt;
use core::str::FromStr;

use sluice_wire::share_feed::Batch;

/// The last batch of a source that a store has applied; positions are ordered by epoch, then
/// sequence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Start of the source.
    pub epoch: u64,
    /// The batch within that epoch.
    pub sequence: u64,
}

impl Position {
    /// Where a source stands once this batch is applied.
    pub const fn of(batch: &Batch) -> Self {
        Self { epoch: batch.epoch, sequence: batch.sequence }
    }
}

/// As it is stored: `epoch:sequence`.
impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.epoch, self.sequence)
    }
}

/// The text is no position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a position is written epoch:sequence, two numbers")]
pub struct NotAPosition;

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let (epoch, sequence) = text.split_once(':').ok_or(NotAPosition)?;
        let number = |digits: &str| digits.parse().map_err(|_| NotAPosition);
        Ok(Self { epoch: number(epoch)?, sequence: number(sequence)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_both_ways_and_is_ordered_by_epoch_first() {
        let position = Position { epoch: 17, sequence: u64::MAX };
        assert_eq!(position.to_string().parse(), Ok(position));
        assert!(position < Position { epoch: 18, sequence: 1 });
        for bad in ["", "1", "1:", "a:1", "1:2:3", "-1:2"] {
            assert_eq!(bad.parse::<Position>(), Err(NotAPosition), "{bad}");
        }
    }
}
