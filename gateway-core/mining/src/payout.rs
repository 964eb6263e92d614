//! Payout addresses: any kind, and only of the network that the node is on.

use std::str::FromStr;

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Network, ScriptBuf};
use thiserror::Error;

/// Why an address is not paid to. Each message names the cause and the remedy.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PayoutError {
    /// Not an address at all.
    #[error("'{0}' is no Bitcoin address: check every character, or copy it again")]
    NotAnAddress(String),
    /// An address of another network.
    #[error(
        "the address {address} does not belong to {network}, the network of the node: give one of {network}, or another node"
    )]
    WrongNetwork {
        /// The address as given.
        address: String,
        /// What the node calls its network.
        network: String,
    },
    /// The node is on a network that is not known here.
    #[error(
        "the node is on the network '{0}', which is not known: main, test, testnet4, signet and regtest are"
    )]
    UnknownNetwork(String),
}

/// The network that a node means by the `chain` of getblockchaininfo.
pub fn network_of_chain(chain: &str) -> Result<Network, PayoutError> {
    match chain {
        "main" => Ok(Network::Bitcoin),
        "test" => Ok(Network::Testnet),
        "testnet4" => Ok(Network::Testnet4),
        "signet" => Ok(Network::Signet),
        "regtest" => Ok(Network::Regtest),
        _ => Err(PayoutError::UnknownNetwork(chain.to_owned())),
    }
}

/// The output script that pays to an address, if the address is one of the node's network.
pub fn payout_script(address: &str, chain: &str) -> Result<ScriptBuf, PayoutError> {
    let network = network_of_chain(chain)?;
    let parsed = Address::<NetworkUnchecked>::from_str(address)
        .map_err(|_| PayoutError::NotAnAddress(address.to_owned()))?;
    let checked = parsed.require_network(network).map_err(|_| PayoutError::WrongNetwork {
        address: address.to_owned(),
        network: chain.to_owned(),
    })?;
    Ok(checked.script_pubkey())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_every_kind_of_address() {
        for (address, chain, prefix) in [
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "main", "76a914"),
            ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "main", "a914"),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "main", "0014"),
            ("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", "main", "5120"),
            ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "regtest", "76a914"),
            ("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "regtest", "0014"),
            ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "testnet4", "0014"),
        ] {
            let script = payout_script(address, chain).unwrap();
            assert!(script.to_hex_string().starts_with(prefix), "{address}");
        }
    }

    #[test]
    fn refuses_other_networks_and_typing_errors() {
        let other = payout_script("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "main");
        assert!(matches!(other, Err(PayoutError::WrongNetwork { .. })));
        let typo = payout_script("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "main");
        assert!(matches!(typo, Err(PayoutError::NotAnAddress(_))));
        let chain = payout_script("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "liquidv1");
        assert!(matches!(chain, Err(PayoutError::UnknownNetwork(_))));
    }
}
