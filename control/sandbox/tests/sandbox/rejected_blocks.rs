//! One block a rule, each wrong in one way only.

use bitcoin::block::Version;
use bitcoin::consensus::encode::serialize;
use bitcoin::hashes::Hash;
use bitcoin::script::Builder;
use bitcoin::{Amount, Block, BlockHash, CompactTarget, ScriptBuf, TxMerkleNode, TxOut, Witness};
use sluice_sandbox::chain::{Chain, Rejection};

use crate::mining::*;

/// Changes the block of the chain's template, has it finished, and returns why it is refused. A
/// block proposal must say the same, and the unchanged block must be good before and after.
fn refused(finish: fn(&mut Block), change: impl FnOnce(&mut Block)) -> Rejection {
    let mut chain = chain();
    extend(&mut chain, 2);
    let good = next_block(&chain);
    let tip = chain.summary().best_block_hash;
    chain.check_proposal(&serialize(&good), NOW).unwrap();
    let mut bad = good.clone();
    change(&mut bad);
    finish(&mut bad);
    let proposed = chain.check_proposal(&serialize(&bad), NOW);
    let rejection = submit(&mut chain, &bad).unwrap_err();
    if rejection != Rejection::HighHash && rejection != Rejection::UnknownParent {
        assert_eq!(proposed, Err(rejection.clone()));
    }
    assert_eq!(chain.summary().best_block_hash, tip);
    assert_eq!(chain.summary().blocks_rejected, 1);
    submit(&mut chain, &good).unwrap();
    rejection
}

/// Merkle root and nonce, but not the witness commitment.
fn rehash(block: &mut Block) {
    set_merkle_root(block);
    solve(block);
}

#[test]
fn undecodable() {
    let mut chain = chain();
    let mut bytes = serialize(&next_block(&chain));
    bytes.push(0);
    assert_eq!(chain.submit(&bytes, NOW).unwrap_err().reason(), "Block decode failed");
    bytes.truncate(bytes.len() - 2);
    assert!(matches!(chain.submit(&bytes, NOW), Err(Rejection::Undecodable(_))));
    assert!(matches!(chain.submit(&[], NOW), Err(Rejection::Undecodable(_))));
}

#[test]
fn duplicate() {
    let mut chain = chain();
    let block = next_block(&chain);
    submit(&mut chain, &block).unwrap();
    assert_eq!(submit(&mut chain, &block).unwrap_err().reason(), "duplicate");
    assert_eq!(chain.check_proposal(&serialize(&block), NOW), Err(Rejection::Duplicate));
    let summary = chain.summary();
    assert_eq!((summary.blocks_accepted, summary.blocks_rejected), (1, 1));
}

#[test]
fn duplicate_invalid() {
    let mut chain = chain();
    let mut block = draft(&chain.block_template(NOW));
    block.txdata[0].output[0].value += Amount::ONE_SAT;
    seal(&mut block);
    assert_eq!(submit(&mut chain, &block).unwrap_err().reason(), "bad-cb-amount");
    assert_eq!(submit(&mut chain, &block).unwrap_err().reason(), "duplicate-invalid");
    let child = empty_block(block.block_hash(), 2, NOW as u32, 0, 0);
    assert_eq!(submit(&mut chain, &child).unwrap_err().reason(), "bad-prevblk");
}

#[test]
fn high_hash() {
    let miss = |block: &mut Block| {
        while block.header.target().is_met_by(block.block_hash()) {
            block.header.nonce += 1;
        }
    };
    assert_eq!(refused(miss, |_| {}).reason(), "high-hash");
    // Targets that no regtest chain has, however good the hash.
    for bits in [0, 0x0480_0001, 0x217f_ffff] {
        let change = |block: &mut Block| block.header.bits = CompactTarget::from_consensus(bits);
        assert_eq!(easier(change), "high-hash", "{bits:08x}");
    }
}

/// Why a block is refused whose target is not the chain's.
fn easier(change: impl FnOnce(&mut Block)) -> String {
    let mut chain = chain();
    let mut block = next_block(&chain);
    change(&mut block);
    submit(&mut chain, &block).unwrap_err().reason().into_owned()
}

#[test]
fn bad_diffbits() {
    let change = |block: &mut Block| block.header.bits = CompactTarget::from_consensus(0x2070_0000);
    assert_eq!(refused(solve, change).reason(), "bad-diffbits");
}

#[test]
fn prev_blk_not_found() {
    let change = |block: &mut Block| block.header.prev_blockhash = BlockHash::all_zeros();
    assert_eq!(refused(solve, change).reason(), "prev-blk-not-found");
}

#[test]
fn a_proposal_builds_on_the_tip() {
    let mut chain = chain();
    let stale = next_block(&chain);
    let other = empty_block(stale.header.prev_blockhash, 1, NOW as u32, 0, 0);
    submit(&mut chain, &other).unwrap();
    let rejection = chain.check_proposal(&serialize(&stale), NOW).unwrap_err();
    assert_eq!(rejection.reason(), "inconclusive-not-best-prevblk");
}

#[test]
fn time_too_old() {
    let median_time = |chain: &Chain| chain.block_template(0).min_time - 1;
    let mut chain = chain();
    let mut block = next_block(&chain);
    block.header.time = median_time(&chain);
    solve(&mut block);
    assert_eq!(submit(&mut chain, &block).unwrap_err().reason(), "time-too-old");
    block.header.time += 1;
    solve(&mut block);
    submit(&mut chain, &block).unwrap();
}

#[test]
fn time_too_new() {
    let mut chain = chain();
    let mut block = next_block(&chain);
    block.header.time = NOW as u32 + 7_201;
    solve(&mut block);
    let bytes = serialize(&block);
    assert_eq!(chain.submit(&bytes, NOW).unwrap_err().reason(), "time-too-new");
    // The same block is good one second later.
    chain.submit(&bytes, NOW + 1).unwrap();
}

#[test]
fn bad_version() {
    for version in [3, 0, -1] {
        let change = |block: &mut Block| block.header.version = Version::from_consensus(version);
        let expected = format!("bad-version({version:#010x})");
        assert_eq!(refused(solve, change).reason(), expected);
    }
}

#[test]
fn bad_txnmrklroot() {
    let change = |block: &mut Block| block.header.merkle_root = TxMerkleNode::all_zeros();
    assert_eq!(refused(solve, change).reason(), "bad-txnmrklroot");
    let change = |block: &mut Block| block.txdata.swap(1, 2);
    assert_eq!(refused(solve, change).reason(), "bad-txnmrklroot");
}

#[test]
fn bad_txns_duplicate() {
    // An odd list and the same list with its last leaf repeated have one merkle root.
    let mut chain = chain();
    let mut good = draft(&chain.block_template(NOW));
    good.txdata.truncate(3);
    good.txdata[0].output[0].value = Amount::from_sat(5_000_000_000);
    seal(&mut good);
    let mut bad = good.clone();
    bad.txdata.push(good.txdata.last().unwrap().clone());
    assert_eq!(bad.block_hash(), good.block_hash());
    assert_eq!(submit(&mut chain, &bad).unwrap_err().reason(), "bad-txns-duplicate");
    // The hash is not spoiled for the good block.
    submit(&mut chain, &good).unwrap();
}

#[test]
fn bad_blk_length() {
    assert_eq!(refused(rehash, |block| block.txdata.clear()).reason(), "bad-blk-length");
    let grow = |block: &mut Block| {
        let mut script = vec![0x6a];
        script.resize(1_000_000, 0);
        let script_pubkey = ScriptBuf::from_bytes(script);
        block.txdata[0].output.insert(0, TxOut { value: Amount::ZERO, script_pubkey });
    };
    assert_eq!(refused(seal, grow).reason(), "bad-blk-length");
}

#[test]
fn bad_blk_weight() {
    let grow = |block: &mut Block| {
        let filler = vec![0; 3_999_500];
        block.txdata[1].input[0].witness = Witness::from_slice(&[filler]);
    };
    assert_eq!(refused(seal, grow).reason(), "bad-blk-weight");
}

#[test]
fn bad_blk_sigops() {
    let grow = |block: &mut Block| {
        // 20,001 times OP_CHECKSIG, at a cost of four each.
        let script_pubkey = ScriptBuf::from_bytes(vec![0xac; 20_001]);
        block.txdata[0].output.insert(0, TxOut { value: Amount::ZERO, script_pubkey });
    };
    assert_eq!(refused(seal, grow).reason(), "bad-blk-sigops");
}

#[test]
fn bad_cb_missing_and_multiple() {
    assert_eq!(refused(rehash, |block| block.txdata.swap(0, 1)).reason(), "bad-cb-missing");
    let change = |block: &mut Block| block.txdata.push(coinbase(9, Amount::ZERO, 9));
    assert_eq!(refused(seal, change).reason(), "bad-cb-multiple");
}

#[test]
fn bad_cb_length() {
    for bytes in [0, 1, 101] {
        let change = |block: &mut Block| {
            let mut script = block.txdata[0].input[0].script_sig.to_bytes();
            script.resize(bytes, 0);
            block.txdata[0].input[0].script_sig = ScriptBuf::from_bytes(script);
        };
        assert_eq!(refused(seal, change).reason(), "bad-cb-length", "{bytes} bytes");
    }
}

#[test]
fn bad_cb_height() {
    let change = |block: &mut Block| {
        let script = Builder::new().push_int(4).push_slice([0; 8]).into_script();
        block.txdata[0].input[0].script_sig = script;
    };
    assert_eq!(refused(seal, change).reason(), "bad-cb-height");
}

#[test]
fn bad_cb_amount() {
    let change = |block: &mut Block| block.txdata[0].output[0].value += Amount::ONE_SAT;
    assert_eq!(refused(seal, change).reason(), "bad-cb-amount");
    // Without a transaction its fee is missing.
    let change = |block: &mut Block| drop(block.txdata.pop());
    assert_eq!(refused(seal, change).reason(), "bad-cb-amount");
}

#[test]
fn bad_witness_merkle_match() {
    let change = |block: &mut Block| {
        let output = block.txdata[0].output.last_mut().unwrap();
        let mut script = output.script_pubkey.to_bytes();
        script[37] ^= 1;
        output.script_pubkey = ScriptBuf::from_bytes(script);
    };
    assert_eq!(refused(rehash, change).reason(), "bad-witness-merkle-match");
    let change = |block: &mut Block| {
        block.txdata[0].input[0].witness = Witness::from_slice(&[[1; 32]]);
    };
    // The reserved value is in no hash of the header, so nothing has to be found anew.
    assert_eq!(refused(|_| {}, change).reason(), "bad-witness-merkle-match");
}

#[test]
fn bad_witness_nonce_size() {
    let two = Witness::from_slice(&[[0; 32], [0; 32]]);
    for witness in [Witness::new(), Witness::from_slice(&[[0; 31]]), two] {
        let change = |block: &mut Block| block.txdata[0].input[0].witness = witness;
        assert_eq!(refused(|_| {}, change).reason(), "bad-witness-nonce-size");
    }
}

#[test]
fn unexpected_witness() {
    let change = |block: &mut Block| drop(block.txdata[0].output.pop());
    assert_eq!(refused(rehash, change).reason(), "unexpected-witness");
}

#[test]
fn the_last_commitment_counts() {
    let mut chain = chain();
    let mut block = next_block(&chain);
    let mut stale = block.txdata[0].output.last().unwrap().clone();
    let mut script = stale.script_pubkey.to_bytes();
    script[10] ^= 1;
    stale.script_pubkey = ScriptBuf::from_bytes(script);
    block.txdata[0].output.insert(0, stale);
    rehash(&mut block);
    submit(&mut chain, &block).unwrap();
}
