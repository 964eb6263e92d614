//! Coins that need no signature: the address that test blocks pay to, and transactions that spend from it.
//!
//! The address is P2WSH (BIP 141) of the script `OP_TRUE`. Its coins are spent by showing that script, so tests fill
//! the mempool without a wallet, and each such transaction has a witness: its txid and wtxid differ.

use bitcoin::absolute::LockTime;
use bitcoin::opcodes::OP_TRUE;
use bitcoin::transaction::Version;
use bitcoin::{Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness};

/// The address in bcoin's regtest form (prefix `rb`). bcoin takes no `bcrt1` address.
pub const ADDRESS: &str = "rb1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsqmescae";

/// The same address as Bitcoin Core writes it on regtest (prefix `bcrt`), for a pool's configuration.
pub const ADDRESS_BITCOIN_CORE: &str =
    "bcrt1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsqseac85";

fn witness_script() -> ScriptBuf {
    ScriptBuf::builder().push_opcode(OP_TRUE).into_script()
}

/// The output script of [`ADDRESS`].
pub fn script_pubkey() -> ScriptBuf {
    ScriptBuf::new_p2wsh(&witness_script().wscript_hash())
}

/// A transaction that spends `coin`, worth `value`, and pays it back to [`ADDRESS`] less `fee`.
///
/// # Panics
///
/// When the fee is above the value.
pub fn spend(coin: OutPoint, value: Amount, fee: Amount) -> Transaction {
    let witness_script = witness_script();
    Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![TxIn {
            previous_output: coin,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::MAX,
            witness: Witness::from_slice(&[witness_script.as_bytes()]),
        }],
        output: vec![TxOut {
            value: value
                .checked_sub(fee)
                .unwrap_or_else(|| panic!("a coin of {value} cannot pay a fee of {fee}")),
            script_pubkey: script_pubkey(),
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitcoin::{Address, Network};

    #[test]
    fn the_addresses_name_the_script() {
        let address =
            Address::from_script(&script_pubkey(), Network::Regtest).expect("P2WSH has an address");
        assert_eq!(address.to_string(), ADDRESS_BITCOIN_CORE);
        // Prefix and checksum differ between the two forms, the program between them is the same.
        let program = |address: &'static str, prefix: &str| {
            let rest = address.strip_prefix(prefix).expect("the prefix");
            &rest[..rest.len() - 6]
        };
        assert_eq!(program(ADDRESS, "rb1"), program(ADDRESS_BITCOIN_CORE, "bcrt1"));
    }
}
