//! Merkle roots that also tell whether the list of leaves was padded (CVE-2012-2459).

use bitcoin::hashes::{Hash, HashEngine, sha256d};

/// Root of `leaves`, and whether some level has two equal neighbours, which lets another list of
/// leaves have the same root. `None` for no leaves.
pub(super) fn root(mut leaves: Vec<sha256d::Hash>) -> Option<(sha256d::Hash, bool)> {
    let mut mutated = false;
    while leaves.len() > 1 {
        mutated |= leaves.chunks_exact(2).any(|pair| pair[0] == pair[1]);
        leaves = leaves
            .chunks(2)
            .map(|pair| {
                let mut engine = sha256d::Hash::engine();
                engine.input(pair[0].as_byte_array());
                // An odd leaf at the end of a level is paired with itself.
                engine.input(pair.last().expect("a chunk is not empty").as_byte_array());
                sha256d::Hash::from_engine(engine)
            })
            .collect();
    }
    leaves.pop().map(|root| (root, mutated))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitcoin::merkle_tree::calculate_root;

    fn leaves(count: u8) -> Vec<sha256d::Hash> {
        (0..count).map(|leaf| sha256d::Hash::hash(&[leaf])).collect()
    }

    #[test]
    fn agrees_with_the_library() {
        for count in 0..20 {
            let expected = calculate_root(leaves(count).into_iter()).map(|root| (root, false));
            assert_eq!(root(leaves(count)), expected, "{count} leaves");
        }
    }

    #[test]
    fn padding_with_a_copy_is_seen() {
        let mut padded = leaves(6);
        padded.extend_from_within(4..);
        let (honest, _) = root(leaves(6)).unwrap();
        assert_eq!(root(padded), Some((honest, true)));
    }
}
