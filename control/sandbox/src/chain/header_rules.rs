//! Rules that a header alone, or a header and its ancestors, must meet.

use bitcoin::block::Header;
use bitcoin::{CompactTarget, Target};

use super::limits::{FUTURE_SECONDS_MAX, HEADER_VERSION_MIN};
use super::rejection::Rejection;

/// Checks the hash against the target that the header itself claims. That the claim is the
/// chain's is a rule in context.
///
/// # Errors
/// [`Rejection::HighHash`], also for a target that regtest has not.
pub(super) fn check_proof_of_work(header: &Header) -> Result<(), Rejection> {
    let target = header.target();
    let in_range = target != Target::ZERO && target <= Target::MAX_ATTAINABLE_REGTEST;
    if in_range && target.is_met_by(header.block_hash()) {
        Ok(())
    } else {
        Err(Rejection::HighHash)
    }
}

/// Checks target, time and version against the chain that the header extends.
///
/// # Errors
/// [`Rejection::WrongBits`], [`Rejection::TimeTooOld`], [`Rejection::TimeTooNew`],
/// [`Rejection::Version`].
pub(super) fn check_in_context(
    header: &Header,
    network_bits: CompactTarget,
    parent_median_time: u32,
    now_unix_seconds: u64,
) -> Result<(), Rejection> {
    if header.bits != network_bits {
        return Err(Rejection::WrongBits);
    }
    if header.time <= parent_median_time {
        return Err(Rejection::TimeTooOld);
    }
    if u64::from(header.time) > now_unix_seconds.saturating_add(FUTURE_SECONDS_MAX) {
        return Err(Rejection::TimeTooNew);
    }
    let version = header.version.to_consensus();
    if version < HEADER_VERSION_MIN {
        return Err(Rejection::Version(version));
    }
    Ok(())
}
