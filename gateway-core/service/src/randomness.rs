//! Numbers that nobody can foresee, for cores that take a seed.

use thiserror::Error;

/// The system gives no random numbers.
#[derive(Debug, Error)]
#[error("the system gives no random numbers: {0}; allow this process getrandom(2)")]
pub struct NoRandomness(getrandom::Error);

/// Sixteen random bytes.
pub fn random_seed() -> Result<[u8; 16], NoRandomness> {
    let mut seed = [0; 16];
    getrandom::fill(&mut seed).map_err(NoRandomness)?;
    Ok(seed)
}
