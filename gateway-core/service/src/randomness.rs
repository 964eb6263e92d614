//! Numbers that nobody can foresee, for cores that take a seed.

use thiserror::Error;

/// The system gives no random numbers.
#[derive(Debug, Error)]
#[error("the system gives no random numbers: {0}; allow this process getrandom(2)")]
pub struct NoRandomness(getrandom::Error);

/// So many random bytes.
pub fn random_seed<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut seed = [0; N];
    getrandom::fill(&mut seed).map_err(NoRandomness)?;
    Ok(seed)
}
