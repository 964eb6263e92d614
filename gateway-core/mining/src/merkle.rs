//! The merkle branch of the first transaction.

use sluice_sha256d::hash_pair;
use sluice_units::Hash256;

/// The right-hand siblings on the way from the coinbase to the root; `others` are the ids of all
/// transactions but the coinbase, in order.
///
/// A level of odd length repeats its last node, as Bitcoin does.
pub fn branch_of_coinbase(others: &[Hash256]) -> Vec<Hash256> {
    // The place of the coinbase's own ancestor is at the front of each level, and never computed.
    let mut level: Vec<Hash256> = others.to_vec();
    let mut branch = Vec::new();
    while !level.is_empty() {
        branch.push(level[0]);
        let rest = &level[1..];
        level = rest
            .chunks(2)
            .map(|pair| hash_pair(&pair[0], pair.get(1).unwrap_or(&pair[0])))
            .collect();
    }
    branch
}

#[cfg(test)]
mod tests {
    use bitcoin::hashes::Hash;
    use proptest::prelude::*;
    use sluice_sha256d::merkle_root;

    use super::*;

    proptest! {
        #[test]
        fn gives_the_same_root_as_the_whole_tree(leaves in proptest::collection::vec(any::<[u8; 32]>(), 1..70)) {
            let expected = bitcoin::merkle_tree::calculate_root(
                leaves.iter().map(|leaf| bitcoin::Txid::from_byte_array(*leaf))
            ).unwrap();
            let hashes: Vec<Hash256> = leaves.into_iter().map(Hash256::from_bytes).collect();
            let root = merkle_root(hashes[0], &branch_of_coinbase(&hashes[1..]));
            prop_assert_eq!(root.to_bytes(), expected.to_byte_array());
        }
    }
}
