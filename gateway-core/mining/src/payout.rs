//! Payout addresses: any kind, and only of the network that the node is on; and who gets which part
//! of a block's reward.

use std::str::FromStr;

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount, Network, ScriptBuf, TxOut};
use sluice_units::limits::PAYOUTS_MAX;
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

/// Parts of a reward, counted in millionths of a percent: a whole is 100,000,000 of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RewardPart(u32);

const WHOLE: u32 = 100_000_000;

/// A part that is none. The message names cause and remedy.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error(
    "'{0}' is no part in percent: write a number above 0 and up to 100, with at most 6 decimals"
)]
pub struct BadPart(pub String);

impl FromStr for RewardPart {
    type Err = BadPart;

    /// Reads a percentage in decimal, to its last digit: `1.5` is exactly one and a half percent.
    fn from_str(text: &str) -> Result<Self, BadPart> {
        let bad = || BadPart(text.to_owned());
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 3 || decimals.len() > 6 {
            return Err(bad());
        }
        let whole: u32 = whole.parse().map_err(|_| bad())?;
        let millionths: u32 = format!("{decimals:0<6}").parse().map_err(|_| bad())?;
        let part = whole * (WHOLE / 100) + millionths;
        if (1..=WHOLE).contains(&part) { Ok(Self(part)) } else { Err(bad()) }
    }
}

/// Why a reward cannot be shared out like that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum BadPayouts {
    /// More than there is.
    #[error("the payouts' parts come to more than 100 percent: lower one of them")]
    MoreThanWhole,
    /// More outputs than firmware copes with.
    #[error(
        "{0} payouts are given, at most {PAYOUTS_MAX} are possible beside the payout address: take some out"
    )]
    TooMany(usize),
}

/// Who gets which part of a block's reward.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payouts {
    parts: Vec<(ScriptBuf, RewardPart)>,
    /// Gets what the parts leave.
    rest: ScriptBuf,
}

impl Payouts {
    /// Everything to one.
    pub const fn all_to(rest: ScriptBuf) -> Self {
        Self { parts: Vec::new(), rest }
    }

    /// Parts to some, and what they leave to another.
    pub fn new(parts: Vec<(ScriptBuf, RewardPart)>, rest: ScriptBuf) -> Result<Self, BadPayouts> {
        if parts.len() > PAYOUTS_MAX {
            return Err(BadPayouts::TooMany(parts.len()));
        }
        let sum: u64 = parts.iter().map(|(_, part)| u64::from(part.0)).sum();
        if sum > u64::from(WHOLE) {
            return Err(BadPayouts::MoreThanWhole);
        }
        Ok(Self { parts, rest })
    }

    /// The outputs that share out so many satoshi, to the last one: parts are rounded down, and what is
    /// left by that goes with the rest. Nobody gets an output of nothing, unless the reward is nothing.
    pub fn outputs(&self, value_sat: u64) -> Vec<TxOut> {
        let part_of = |part: RewardPart| {
            let satoshi = u128::from(value_sat) * u128::from(part.0) / u128::from(WHOLE);
            u64::try_from(satoshi).expect("a part is no more than the whole")
        };
        let mut left = value_sat;
        let mut outputs: Vec<TxOut> = Vec::with_capacity(self.parts.len() + 1);
        for (script, part) in &self.parts {
            let satoshi = part_of(*part);
            left -= satoshi;
            if satoshi > 0 {
                outputs.push(output(satoshi, script));
            }
        }
        if left > 0 || outputs.is_empty() {
            outputs.push(output(left, &self.rest));
        }
        outputs
    }
}

fn output(satoshi: u64, script: &ScriptBuf) -> TxOut {
    TxOut { value: Amount::from_sat(satoshi), script_pubkey: script.clone() }
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
    use proptest::prelude::*;

    use super::*;

    fn script(byte: u8) -> ScriptBuf {
        ScriptBuf::from_bytes(vec![byte])
    }

    fn paid(payouts: &Payouts, value_sat: u64) -> Vec<(u8, u64)> {
        let outputs = payouts.outputs(value_sat);
        outputs.iter().map(|one| (one.script_pubkey.as_bytes()[0], one.value.to_sat())).collect()
    }

    #[test]
    fn parts_are_exact_and_the_rest_gets_what_they_leave() {
        let part = |text: &str| text.parse::<RewardPart>().unwrap();
        let parts = vec![(script(1), part("1.5")), (script(2), part("33.333333"))];
        let payouts = Payouts::new(parts, script(9)).unwrap();
        assert_eq!(
            paid(&payouts, 312_500_000),
            [(1, 4_687_500), (2, 104_166_665), (9, 203_645_835)]
        );
        assert_eq!(paid(&payouts, 1), [(9, 1)], "nobody gets an output of nothing");
        assert_eq!(paid(&payouts, 0), [(9, 0)]);
        let all = Payouts::new(vec![(script(1), part("100"))], script(9)).unwrap();
        assert_eq!(paid(&all, 50), [(1, 50)]);
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for bad in
            ["", "0", "0.0000001", "100.000001", "-1", "1e1", "1.", ".5", "1000", "+5", "1,5"]
        {
            assert_eq!(bad.parse::<RewardPart>(), Err(BadPart(bad.into())), "{bad}");
        }
        let half = || "50.000001".parse().unwrap();
        let parts = vec![(script(1), half()), (script(2), half())];
        assert_eq!(Payouts::new(parts, script(9)), Err(BadPayouts::MoreThanWhole));
        let many = vec![(script(1), "0.1".parse().unwrap()); PAYOUTS_MAX + 1];
        assert_eq!(Payouts::new(many, script(9)), Err(BadPayouts::TooMany(PAYOUTS_MAX + 1)));
    }

    proptest! {
        #[test]
        fn no_satoshi_is_made_or_lost(
            value_sat in prop_oneof![0..1000_u64, 0..2_100_000_000_000_000_u64, any::<u64>()],
            parts in proptest::collection::vec(1..=WHOLE / 4, 0..4),
        ) {
            let parts = parts.into_iter().map(|part| (script(1), RewardPart(part))).collect();
            let outputs = Payouts::new(parts, script(9)).unwrap().outputs(value_sat);
            let sum: u64 = outputs.iter().map(|one| one.value.to_sat()).sum();
            prop_assert_eq!(sum, value_sat);
            prop_assert!(outputs.len() == 1 || outputs.iter().all(|one| one.value.to_sat() > 0));
        }
    }

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
