//! Why a share is refused: one cause each, with the code that miners know.

use core::fmt;

/// The one cause for which a share was refused.
///
/// The list is written once: number on the wire, code and text for the miner, name in the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum RejectReason {
    /// The job was never sent, or is long forgotten.
    UnknownJob = 0,
    /// The job belongs to a former tip.
    Stale = 1,
    /// The same header was submitted before.
    Duplicate = 2,
    /// The hash does not meet the share's difficulty.
    LowDifficulty = 3,
    /// ntime is below the template's minimum or too far ahead.
    NtimeOutOfRange = 4,
    /// Version bits outside the mask were rolled.
    BadVersionBits = 5,
    /// The connection has not authorised the worker.
    Unauthorized = 6,
    /// The connection has not subscribed.
    NotSubscribed = 7,
    /// A field is missing, of the wrong length, or no hexadecimal number.
    Malformed = 8,
    /// The shard remembers no more shares of this job.
    JobFull = 9,
    /// The shard cannot write shares down, and so takes none.
    NotRecorded = 10,
}

impl RejectReason {
    /// How many reasons there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Every reason, in the order of its number.
    pub const ALL: [Self; 11] = [
        Self::UnknownJob,
        Self::Stale,
        Self::Duplicate,
        Self::LowDifficulty,
        Self::NtimeOutOfRange,
        Self::BadVersionBits,
        Self::Unauthorized,
        Self::NotSubscribed,
        Self::Malformed,
        Self::JobFull,
        Self::NotRecorded,
    ];

    /// The index in [`RejectReason::ALL`], and in tallies.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The stratum error code: 20 other, 21 job not found, 22 duplicate, 23 low difficulty,
    /// 24 unauthorised, 25 not subscribed.
    pub const fn code(self) -> u32 {
        match self {
            Self::UnknownJob | Self::Stale => 21,
            Self::Duplicate => 22,
            Self::LowDifficulty => 23,
            Self::Unauthorized => 24,
            Self::NotSubscribed => 25,
            Self::NtimeOutOfRange
            | Self::BadVersionBits
            | Self::Malformed
            | Self::JobFull
            | Self::NotRecorded => 20,
        }
    }

    /// The name in store keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownJob => "unknown_job",
            Self::Stale => "stale",
            Self::Duplicate => "duplicate",
            Self::LowDifficulty => "low_difficulty",
            Self::NtimeOutOfRange => "ntime",
            Self::BadVersionBits => "version_bits",
            Self::Unauthorized => "unauthorized",
            Self::NotSubscribed => "not_subscribed",
            Self::Malformed => "malformed",
            Self::JobFull => "job_full",
            Self::NotRecorded => "not_recorded",
        }
    }

    /// What the miner is told.
    pub const fn text(self) -> &'static str {
        match self {
            Self::UnknownJob => "Job not found",
            Self::Stale => "Stale share",
            Self::Duplicate => "Duplicate share",
            Self::LowDifficulty => "Low difficulty share",
            Self::NtimeOutOfRange => "Ntime out of range",
            Self::BadVersionBits => "Version bits outside the mask",
            Self::Unauthorized => "Unauthorized worker",
            Self::NotSubscribed => "Not subscribed",
            Self::Malformed => "Malformed share",
            Self::JobFull => "Too many shares on this job",
            Self::NotRecorded => "Shares cannot be recorded",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_and_list_agree() {
        for (index, reason) in RejectReason::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), index);
            assert!((20..=25).contains(&reason.code()));
        }
    }
}
