//! No damaged copy of a block is taken for a block, and none spoils the block itself.

use std::cell::RefCell;

use bitcoin::consensus::encode::serialize;
use proptest::prelude::prop_assert;
use proptest::test_runner::{Config, TestRunner};
use sluice_sandbox::chain::Chain;
use sluice_sandbox::{SandboxConfig, network_bits_for_difficulty};

use crate::mining::*;

const HEADER_BITS: usize = 80 * 8;

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    copy[bit / 8] ^= 1 << (bit % 8);
    copy
}

#[test]
fn one_flipped_bit_is_never_a_new_tip() {
    // Hard enough that a changed header does not meet the target by chance: one in 65,536.
    let network_bits = network_bits_for_difficulty(2f64.powi(-16));
    let mut chain = Chain::new(SandboxConfig { network_bits, ..config() }).unwrap();
    let bytes = serialize(&next_block(&chain));
    for bit in 0..HEADER_BITS {
        assert!(chain.submit(&flipped(&bytes, bit), NOW).is_err(), "bit {bit} of the header");
    }
    let chain = RefCell::new(chain);
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&(HEADER_BITS..bytes.len() * 8), |bit| {
            prop_assert!(chain.borrow_mut().submit(&flipped(&bytes, bit), NOW).is_err());
            prop_assert!(chain.borrow().summary().height == 0);
            Ok(())
        })
        .unwrap();
    chain.into_inner().submit(&bytes, NOW).unwrap();
}
