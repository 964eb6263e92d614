//! Trees and proofs together: what is made here is taken, what is changed is refused, and real blocks agree.

use std::collections::BTreeSet;

use bitcoin::consensus::encode::{deserialize, serialize};
use bitcoin::{OutPoint, Sequence, Transaction, TxIn, Witness, absolute, transaction};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use sluice_sha256d::{merkle_root, sha256d};
use sluice_units::Hash256;
use sluice_units::header::HEADER_BYTES;
use sluice_units::limits::{AUX_BRANCH_MAX, AUX_CHAINS_MAX, AUX_TREE_SIZE_MAX};
use sluice_units::{CompactTarget, Header, hex};

use super::tree::{reversed, root_of_branch, slot};
use super::*;

/// A version of the parent chain; the chain id that it seems to name is 0x2000.
const PARENT_VERSION: u32 = 0x2000_0000;

fn hash(byte: u8) -> Hash256 {
    Hash256::from_bytes([byte; 32])
}

fn coinbase(script: &[u8]) -> Vec<u8> {
    let input = TxIn {
        previous_output: OutPoint::null(),
        script_sig: ScriptBuf::from_bytes(script.to_vec()),
        sequence: Sequence::MAX,
        witness: Witness::new(),
    };
    serialize(&Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: vec![input],
        output: vec![rsk_output(&[7; 32])],
    })
}

fn header(version: u32, coinbase: &[u8], branch: &[Hash256]) -> [u8; HEADER_BYTES] {
    let merkle_root = merkle_root(sha256d(coinbase), branch);
    let nbits = CompactTarget::from_bits(0x1d00_ffff);
    Header { version, parent: hash(1), merkle_root, ntime: 2, nbits, nonce: 3 }.to_bytes()
}

/// The proof of a chain whose tree a scriptSig commits to.
fn proof<'a>(tree: &AuxTree, chain_id: u32, coinbase: &'a [u8], branch: &[Hash256]) -> AuxPow<'a> {
    let header = header(PARENT_VERSION, coinbase, branch);
    AuxPow::new(tree, chain_id, coinbase, branch, &header).unwrap()
}

/// Whatever bit of a proof is flipped, it is refused: but for the parent's hash, which nobody looks at, and the rest
/// of the parent's header, which the work covers.
fn assert_every_bit_counts(bytes: &[u8], aux_hash: Hash256, chain_id: u32) {
    let whole = AuxPow::decode(bytes).unwrap();
    whole.check(aux_hash, chain_id).unwrap();
    let parent_hash = whole.coinbase.len()..whole.coinbase.len() + 32;
    let header = bytes.len() - HEADER_BYTES..bytes.len();
    let merkle_root = header.start + 36..header.start + 68;
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(proof) = AuxPow::decode(&flipped) else { continue };
        if proof.check(aux_hash, chain_id).is_ok() {
            let is_worked = header.contains(&(bit / 8)) && !merkle_root.contains(&(bit / 8));
            assert!(is_worked || parent_hash.contains(&(bit / 8)), "bit {bit} is flipped");
            assert_eq!(proof.work_hash() != whole.work_hash(), is_worked);
        }
    }
    for length in 0..bytes.len() {
        assert!(AuxPow::decode(&bytes[..length]).is_err(), "cut to {length} bytes");
    }
    let longer = [bytes, &[0]].concat();
    assert_eq!(AuxPow::decode(&longer), Err(AuxPowError::TrailingBytes(1)));
}

/// Chains of which no two have the same slot in the largest tree, and none is the one that the parent's version names.
fn chains() -> impl Strategy<Value = Vec<(u32, Hash256)>> {
    let high = prop_oneof![Just(0), 0_u32..=0xff, any::<u32>().prop_map(|number| number >> 8)];
    let chain =
        |(low, (high, hash)): (u32, (u32, [u8; 32]))| (high << 8 | low, Hash256::from_bytes(hash));
    btree_map(0..AUX_TREE_SIZE_MAX, (high, any::<[u8; 32]>()), 1..=AUX_CHAINS_MAX)
        .prop_map(move |chains| chains.into_iter().map(chain).collect::<Vec<_>>())
        .prop_filter("the parent's", |chains| {
            chains.iter().all(|(id, _)| *id != PARENT_VERSION >> 16)
        })
}

fn hashes(count: core::ops::Range<usize>) -> impl Strategy<Value = Vec<Hash256>> {
    vec(any::<[u8; 32]>().prop_map(Hash256::from_bytes), count)
}

proptest! {
    #[test]
    fn every_chain_has_a_slot_of_its_own_that_leads_to_the_root(
        chains in chains(),
        nonce in any::<u32>(),
    ) {
        let tree = AuxTree::new(&chains).unwrap();
        let mut slots = BTreeSet::new();
        for (chain_id, hash) in &chains {
            let slot = tree.slot_of(*chain_id).unwrap();
            prop_assert!(slot < tree.size() && slots.insert(slot));
            let branch = tree.branch_of(*chain_id).unwrap();
            prop_assert_eq!(1 << branch.len(), tree.size());
            prop_assert_eq!(root_of_branch(*hash, &branch, slot), tree.root());
        }
        // Half as large it is too small, whatever the nonce.
        if tree.size() > 1 {
            let slots: BTreeSet<u32> =
                chains.iter().map(|(chain_id, _)| slot(*chain_id, nonce, tree.size() / 2)).collect();
            prop_assert!(slots.len() < chains.len());
        }
        let commitment = tree.commitment();
        prop_assert_eq!(&commitment[..4], [0xfa, 0xbe, 0x6d, 0x6d]);
        prop_assert_eq!(hex::encode(&commitment[4..36]), tree.root().to_string());
        prop_assert_eq!(&commitment[36..40], tree.size().to_le_bytes());
        prop_assert_eq!(&commitment[40..], [0; 4]);
    }

    #[test]
    fn whichever_chain_ids_there_are_a_refusal_is_true(
        chain_ids in vec(prop_oneof![0_u32..600, any::<u32>()], 0..AUX_CHAINS_MAX + 2),
    ) {
        let chains: Vec<(u32, Hash256)> = chain_ids.iter().map(|id| (*id, hash(1))).collect();
        let count = |wanted: u32| chain_ids.iter().filter(|id| **id == wanted).count();
        match AuxTree::new(&chains) {
            Ok(_) => {
                let residues: BTreeSet<u32> =
                    chain_ids.iter().map(|id| id % AUX_TREE_SIZE_MAX).collect();
                prop_assert_eq!(residues.len(), chains.len());
            }
            Err(AuxTreeError::NoChains) => prop_assert!(chains.is_empty()),
            Err(AuxTreeError::TooManyChains(_)) => prop_assert!(chains.len() > AUX_CHAINS_MAX),
            Err(AuxTreeError::ChainIdTwice(id)) => prop_assert!(count(id) >= 2),
            Err(AuxTreeError::SameSlot { first, second }) => {
                prop_assert!(first != second && count(first) >= 1 && count(second) >= 1);
                prop_assert_eq!(first % AUX_TREE_SIZE_MAX, second % AUX_TREE_SIZE_MAX);
            }
        }
    }

    #[test]
    fn every_chain_takes_its_proof_and_no_other(
        chains in chains(),
        before in vec(any::<u8>(), 0..30),
        after in vec(any::<u8>(), 0..26),
        branch in hashes(0..14),
    ) {
        let tree = AuxTree::new(&chains).unwrap();
        let coinbase = coinbase(&[&before[..], &tree.commitment(), &after].concat());
        for (chain_id, aux_hash) in &chains {
            let proof = proof(&tree, *chain_id, &coinbase, &branch);
            let bytes = proof.encode();
            prop_assert_eq!(AuxPow::decode(&bytes), Ok(proof.clone()));
            prop_assert_eq!(proof.check(*aux_hash, *chain_id), Ok(()));
            prop_assert_eq!(proof.parent_hash, proof.work_hash());
            for (other_id, other_hash) in chains.iter().filter(|(id, _)| id != chain_id) {
                prop_assert!(proof.check(*aux_hash, *other_id).is_err());
                prop_assert!(other_hash == aux_hash || proof.check(*other_hash, *chain_id).is_err());
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        bytes in vec(any::<u8>(), 0..400),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        branch in hashes(0..4),
    ) {
        let read = |bytes: &[u8]| AuxPow::decode(bytes).map(|proof| proof.check(hash(1), 1));
        let _ = read(&bytes);
        let tree = AuxTree::new(&[(1, hash(1)), (3, hash(3))]).unwrap();
        let coinbase = coinbase(&tree.commitment());
        let mut changed = proof(&tree, 1, &coinbase, &branch).encode();
        for (place, byte) in changes {
            let place = place.index(changed.len());
            changed[place] = byte;
        }
        let _ = read(&changed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn every_bit_of_a_proof_counts(chains in chains(), branch in hashes(0..4)) {
        let tree = AuxTree::new(&chains).unwrap();
        let coinbase = coinbase(&tree.commitment());
        let (chain_id, aux_hash) = chains[chains.len() / 2];
        assert_every_bit_counts(&proof(&tree, chain_id, &coinbase, &branch).encode(), aux_hash, chain_id);
    }
}

#[test]
fn one_chain_alone_is_its_own_tree() {
    let tree = AuxTree::new(&[(0xdead_beef, hash(9))]).unwrap();
    assert_eq!((tree.size(), tree.root()), (1, hash(9)));
    assert_eq!(tree.slot_of(0xdead_beef), Some(0));
    assert_eq!(tree.branch_of(0xdead_beef), Some(Vec::new()));
    assert_eq!((tree.slot_of(1), tree.branch_of(1)), (None, None));
}

#[test]
fn chains_without_a_tree_are_told_why() {
    let tree = |ids: &[u32]| AuxTree::new(&ids.iter().map(|id| (*id, hash(1))).collect::<Vec<_>>());
    assert_eq!(tree(&[]), Err(AuxTreeError::NoChains));
    assert_eq!(tree(&[1, 16, 1]), Err(AuxTreeError::ChainIdTwice(1)));
    assert_eq!(tree(&[1, 2, 258]), Err(AuxTreeError::SameSlot { first: 2, second: 258 }));
    assert_eq!(tree(&[1, 2, 130]).unwrap().size(), 256);
    let most: Vec<u32> = (0..AUX_CHAINS_MAX as u32).collect();
    assert_eq!(tree(&most).unwrap().size(), 16);
    let more: Vec<u32> = (0..=AUX_CHAINS_MAX as u32).collect();
    assert_eq!(tree(&more), Err(AuxTreeError::TooManyChains(AUX_CHAINS_MAX + 1)));
}

/// What becomes of a proof of a block without siblings, of the chain 1, whose coinbase has this scriptSig.
fn check_script(script: &[u8]) -> Result<(), AuxPowError> {
    let tree = AuxTree::new(&[(1, hash(5))]).unwrap();
    proof(&tree, 1, &coinbase(script), &[]).check(hash(5), 1)
}

#[test]
fn each_rule_about_the_commitment_has_its_error() {
    let (root, end) = (reversed(hash(5)), [1, 0, 0, 0, 0, 0, 0, 0]);
    let bare = [&root[..], &end].concat();
    let usual = [&MAGIC[..], &bare].concat();
    for (script, expected) in [
        (vec![0; 60], Err(AuxPowError::RootMissing(hash(5)))),
        (usual.clone(), Ok(())),
        ([&[0; 50][..], &usual].concat(), Ok(())),
        ([&usual[..], &MAGIC].concat(), Err(AuxPowError::MagicTwice)),
        ([&MAGIC[..], &usual].concat(), Err(AuxPowError::MagicTwice)),
        ([&MAGIC[..], &[0], &bare].concat(), Err(AuxPowError::RootNotBehindMagic)),
        ([&bare[..], &MAGIC].concat(), Err(AuxPowError::RootNotBehindMagic)),
        ([&[0; 20][..], &bare].concat(), Ok(())),
        ([&[0; 21][..], &bare].concat(), Err(AuxPowError::RootTooLate(21))),
        (usual[..usual.len() - 1].to_vec(), Err(AuxPowError::SizeMissing)),
        (
            [&root[..], &[2, 0, 0, 0, 0, 0, 0, 0]].concat(),
            Err(AuxPowError::WrongSize { size: 2, branch: 0 }),
        ),
    ] {
        assert_eq!(check_script(&script), expected, "{}", hex::encode(&script));
    }
}

#[test]
fn each_rule_about_the_rest_has_its_error() {
    let tree = AuxTree::new(&[(1, hash(5)), (2, hash(6))]).unwrap();
    let coinbase = coinbase(&tree.commitment());
    let proof = proof(&tree, 1, &coinbase, &[hash(8)]);
    let check = |changed: AuxPow<'_>| changed.check(hash(5), 1);
    assert_eq!(check(proof.clone()), Ok(()));
    let changed = AuxPow { coinbase_index: 2, ..proof.clone() };
    assert_eq!(check(changed), Err(AuxPowError::NotTheCoinbase(2)));
    let parent_header = header(0x0001_0100, &coinbase, &[hash(8)]);
    let changed = AuxPow { parent_header, ..proof.clone() };
    assert_eq!(check(changed), Err(AuxPowError::ParentIsOfTheChain(1)));
    let changed = AuxPow { chain_branch: vec![hash(6); AUX_BRANCH_MAX + 1], ..proof.clone() };
    let too_long = AuxPowError::ChainBranchTooLong(AUX_BRANCH_MAX + 1);
    assert_eq!(check(changed.clone()), Err(too_long));
    assert_eq!(AuxPow::decode(&changed.encode()), Ok(changed), "it is read all the same");
    let changed = AuxPow { coinbase_branch: Vec::new(), ..proof.clone() };
    assert!(matches!(check(changed), Err(AuxPowError::NotInParent { .. })));
    let longer = [&coinbase[..], &[0]].concat();
    let changed = AuxPow { coinbase: &longer, ..proof.clone() };
    assert_eq!(check(changed), Err(AuxPowError::CoinbaseMalformed));
    let found = proof.chain_slot + 2;
    let changed = AuxPow { chain_slot: found, ..proof.clone() };
    let expected = proof.chain_slot;
    assert_eq!(check(changed), Err(AuxPowError::WrongSlot { found, expected }));
}

#[test]
fn a_coinbase_with_witness_and_a_long_form_of_a_length_are_refused() {
    let tree = AuxTree::new(&[(1, hash(5))]).unwrap();
    let coinbase = coinbase(&tree.commitment());
    let whole = proof(&tree, 1, &coinbase, &[]);
    let mut with_witness: Transaction = deserialize(&coinbase).unwrap();
    with_witness.input[0].witness = Witness::from_slice(&[[0_u8; 32]]);
    let changed = AuxPow { coinbase: &serialize(&with_witness), ..whole.clone() }.encode();
    assert_eq!(AuxPow::decode(&changed), Err(AuxPowError::CoinbaseMalformed));
    let mut changed = whole.encode();
    let length_at = coinbase.len() + 32;
    changed.splice(length_at..=length_at, [0xfd, 0, 0]);
    let expected = AuxPowError::LengthMalformed("coinbase branch");
    assert_eq!(AuxPow::decode(&changed), Err(expected));
}

/// The header and the proof of a file of `testdata/auxpow`.
fn real_block(text: &str) -> (Header, Vec<u8>) {
    let (header, proof) = text.trim_end().split_once('\n').unwrap();
    let header = hex::decode(header).unwrap();
    (Header::from_bytes(header.as_slice().try_into().unwrap()), hex::decode(proof).unwrap())
}

/// Holds a real block to the rules; gives its hash.
fn check_real_block(text: &str, block_hash: &str, chain_id: u32, slots: u32) -> Hash256 {
    let (header, bytes) = real_block(text);
    let aux_hash = sha256d(&header.to_bytes());
    assert_eq!(aux_hash.to_string(), block_hash);
    assert_eq!(header.version >> 16, chain_id);
    let proof = AuxPow::decode(&bytes).unwrap();
    assert_eq!(proof.check(aux_hash, chain_id), Ok(()));
    assert_eq!(proof.encode(), bytes);
    assert_eq!(1 << proof.chain_branch.len(), slots);
    assert_eq!(proof.chain_slot, slot(chain_id, 0, slots));
    assert!(header.nbits.to_target().unwrap().is_met_by(&proof.work_hash()));
    assert!(proof.check(hash(1), chain_id).is_err());
    // In a tree of one slot every chain has it.
    assert_eq!(proof.check(aux_hash, chain_id + 1).is_err(), slots > 1);
    assert_every_bit_counts(&bytes, aux_hash, chain_id);
    aux_hash
}

#[test]
fn namecoins_block_19200_is_taken_and_made_anew() {
    let text = include_str!("../../testdata/auxpow/namecoin-19200.hex");
    let block_hash = "d8a7c3e01e1e95bcee015e6fcc7583a2ca60b79e5a3aa0a171eddd344ada903d";
    let aux_hash = check_real_block(text, block_hash, 1, 1);
    let (_, bytes) = real_block(text);
    let proof = AuxPow::decode(&bytes).unwrap();
    let tree = AuxTree::new(&[(1, aux_hash)]).unwrap();
    let coinbase: Transaction = deserialize(proof.coinbase).unwrap();
    assert!(coinbase.input[0].script_sig.as_bytes().ends_with(&tree.commitment()));
    let anew = AuxPow::new(&tree, 1, proof.coinbase, &proof.coinbase_branch, &proof.parent_header);
    assert_eq!(anew, Some(proof));
}

#[test]
fn syscoins_block_430000_is_taken_from_among_sixteen_slots() {
    let text = include_str!("../../testdata/auxpow/syscoin-430000.hex");
    let block_hash = "d9b0f166c2dbed6e76aeaa118da601c46e79a631b44d542da54f8ef08658dc64";
    check_real_block(text, block_hash, 0x1000, 16);
}

#[test]
fn rsks_output_is_tag_and_hash_in_one_push() {
    let hash: [u8; 32] = core::array::from_fn(|index| index as u8);
    let output = rsk_output(&hash);
    assert_eq!(output.value, Amount::ZERO);
    let expected = [&[0x6a, 41][..], b"RSKBLOCK:", &hash].concat();
    assert_eq!(output.script_pubkey.as_bytes(), expected);
}

#[test]
fn a_coinbase_that_commits_to_a_chain_is_known() {
    let output = rsk_output(&[7; 32]).script_pubkey;
    let commitment = AuxTree::new(&[(1, Hash256::from_bytes([8; 32]))]).unwrap().commitment();
    for mark in [output.as_bytes(), &commitment[..]] {
        assert!(commits_to_chains(&[&[1; 50], mark, &[2; 50]].concat()));
    }
    assert!(!commits_to_chains(&[1; 100]));
    assert!(!commits_to_chains(&[]));
}
