//! A node's template, read once and checked, in the units that jobs are built from.

use bitcoin::ScriptBuf;
use sluice_units::limits::TEMPLATE_TRANSACTIONS_MAX;
use sluice_units::{CompactTarget, Hash256, hex};
use thiserror::Error;

/// A template whose every field can be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    /// Height of the block.
    pub height: u32,
    /// Hash of the tip.
    pub parent: Hash256,
    /// The block's version.
    pub version: u32,
    /// The network's target.
    pub nbits: CompactTarget,
    /// The node's time, seconds since 1970.
    pub time: u32,
    /// The earliest time of the block, seconds since 1970.
    pub time_min: u32,
    /// Satoshi that the coinbase may spend.
    pub coinbase_value_sat: u64,
    /// Bytes that the node asks to have in the coinbase; may be empty.
    pub coinbase_aux: Vec<u8>,
    /// The output that commits to the witnesses, where segwit is active.
    pub witness_commitment: Option<ScriptBuf>,
    /// The transactions, in order.
    pub transactions: Vec<TemplateTransaction>,
}

/// A transaction of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateTransaction {
    /// Its id without witness.
    pub txid: Hash256,
    /// Its bytes with witness.
    pub bytes: Vec<u8>,
}

/// Why a template cannot be mined on.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TemplateError {
    /// A field is not what BIP 22 says.
    #[error("the node's template has an invalid '{0}'")]
    Invalid(&'static str),
    /// A rule that must be understood is not.
    #[error("the node's template asks for the rule '{0}', which is not known here")]
    UnknownRule(String),
    /// More transactions than a block can hold.
    #[error("the node's template holds {0} transactions, more than a block can")]
    TooManyTransactions(usize),
}

/// The fields as they stand in the node's answer (BIP 22, BIP 145), borrowed.
pub struct TemplateFields<'a> {
    /// `height`.
    pub height: u32,
    /// `previousblockhash`, display order.
    pub previous_block_hash: &'a str,
    /// `version`; signed in JSON.
    pub version: i64,
    /// `bits`, hexadecimal.
    pub bits: &'a str,
    /// `curtime`.
    pub time: u32,
    /// `mintime`.
    pub time_min: u32,
    /// `coinbasevalue`.
    pub coinbase_value_sat: u64,
    /// The values of `coinbaseaux`, hexadecimal.
    pub coinbase_aux: Vec<&'a str>,
    /// `default_witness_commitment`, hexadecimal.
    pub witness_commitment: Option<&'a str>,
    /// `rules`.
    pub rules: &'a [String],
    /// Id and bytes of each transaction, hexadecimal.
    pub transactions: Vec<(&'a str, &'a str)>,
}

/// Rules that this builder satisfies; one with `!` in the template must be among them (BIP 9).
const RULES_KNOWN: [&str; 4] = ["csv", "segwit", "taproot", "signet"];

impl Template {
    /// Checks and converts a node's answer.
    pub fn new(fields: &TemplateFields<'_>) -> Result<Self, TemplateError> {
        use TemplateError::{Invalid, TooManyTransactions, UnknownRule};
        for rule in fields.rules {
            let name = rule.strip_prefix('!').unwrap_or(rule);
            if rule.starts_with('!') && !RULES_KNOWN.contains(&name) {
                return Err(UnknownRule(name.to_owned()));
            }
        }
        if fields.transactions.len() >= TEMPLATE_TRANSACTIONS_MAX {
            return Err(TooManyTransactions(fields.transactions.len()));
        }
        let nbits = u32::from_str_radix(fields.bits, 16).map_err(|_| Invalid("bits"))?;
        let nbits = CompactTarget::from_bits(nbits);
        nbits.to_target().ok_or(Invalid("bits"))?;
        Ok(Self {
            height: fields.height,
            parent: fields.previous_block_hash.parse().map_err(|_| Invalid("previousblockhash"))?,
            // A version is 32 bits whose sign means nothing.
            version: i32::try_from(fields.version)
                .map(i32::cast_unsigned)
                .or_else(|_| u32::try_from(fields.version))
                .map_err(|_| Invalid("version"))?,
            nbits,
            time: fields.time,
            time_min: fields.time_min,
            coinbase_value_sat: fields.coinbase_value_sat,
            coinbase_aux: fields.coinbase_aux.iter().try_fold(Vec::new(), |mut all, aux| {
                all.extend(hex::decode(aux).ok_or(Invalid("coinbaseaux"))?);
                Ok(all)
            })?,
            witness_commitment: witness_commitment(fields)?,
            transactions: transactions(fields)?,
        })
    }
}

/// Only where segwit is active: before, a node may offer a commitment and refuse the block that has
/// it together with its witness.
fn witness_commitment(fields: &TemplateFields<'_>) -> Result<Option<ScriptBuf>, TemplateError> {
    let active = fields.rules.iter().any(|rule| rule.trim_start_matches('!') == "segwit");
    match fields.witness_commitment.filter(|_| active) {
        None => Ok(None),
        Some(script) => {
            let bytes =
                hex::decode(script).ok_or(TemplateError::Invalid("default_witness_commitment"))?;
            Ok(Some(ScriptBuf::from_bytes(bytes)))
        }
    }
}

fn transactions(fields: &TemplateFields<'_>) -> Result<Vec<TemplateTransaction>, TemplateError> {
    let transaction = |(txid, bytes): &(&str, &str)| {
        Some(TemplateTransaction { txid: txid.parse().ok()?, bytes: hex::decode(bytes)? })
    };
    fields
        .transactions
        .iter()
        .map(|fields| transaction(fields).ok_or(TemplateError::Invalid("transactions")))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn fields() -> TemplateFields<'static> {
        TemplateFields {
            height: 700_000,
            previous_block_hash: "0000000000000000000590fc0f3eba193a278534220b2b37e9849e1a770ca959",
            version: 0x2000_0000,
            bits: "170e2632",
            time: 1_631_333_672,
            time_min: 1_631_330_000,
            coinbase_value_sat: 625_000_000,
            coinbase_aux: Vec::new(),
            witness_commitment: Some(
                "6a24aa21a9ed0000000000000000000000000000000000000000000000000000000000000000",
            ),
            rules: &[],
            transactions: Vec::new(),
        }
    }

    #[test]
    fn the_commitment_counts_only_where_segwit_is_active() {
        assert_eq!(Template::new(&fields()).unwrap().witness_commitment, None);
        let rules = ["csv".to_owned(), "!segwit".to_owned()];
        let active = TemplateFields { rules: &rules, ..fields() };
        assert_eq!(Template::new(&active).unwrap().witness_commitment.unwrap().len(), 38);
    }

    #[test]
    fn refuses_what_cannot_be_mined_on() {
        let rules = ["!future".to_owned()];
        for (fields, expected) in [
            (
                TemplateFields { rules: &rules, ..fields() },
                TemplateError::UnknownRule("future".into()),
            ),
            (TemplateFields { bits: "0", ..fields() }, TemplateError::Invalid("bits")),
            (TemplateFields { version: 1 << 40, ..fields() }, TemplateError::Invalid("version")),
            (
                TemplateFields { previous_block_hash: "00", ..fields() },
                TemplateError::Invalid("previousblockhash"),
            ),
            (
                TemplateFields { transactions: vec![("x", "00")], ..fields() },
                TemplateError::Invalid("transactions"),
            ),
        ] {
            assert_eq!(Template::new(&fields), Err(expected));
        }
        let negative = TemplateFields { version: -1, ..fields() };
        assert_eq!(Template::new(&negative).unwrap().version, u32::MAX);
    }
}
