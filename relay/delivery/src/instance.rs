//! What a role that is started calls itself, so that one that reaches itself finds out.

use sluice_service::randomness::{NoRandomness, random_seed};

/// A number that no other start of a role has. Never zero, which names none.
pub fn draw_instance() -> Result<u64, NoRandomness> {
    loop {
        let instance = u64::from_ne_bytes(random_seed()?);
        if instance != 0 {
            return Ok(instance);
        }
    }
}
