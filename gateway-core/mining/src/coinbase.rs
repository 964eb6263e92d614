//! The coinbase transaction: what stands before and after the extranonce slot.

use bitcoin::consensus::encode::serialize;
use bitcoin::script::PushBytesBuf;
use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness, absolute, script,
    transaction,
};
use sluice_units::extranonce::EXTRANONCE_SLOT_BYTES;
use sluice_units::limits::{
    AUX_COMMITMENT_BYTES, COINBASE_BYTES_MAX, SCRIPT_SIG_BYTES_MAX, TAG_BYTES_BESIDE_AUX_MAX,
    TAG_BYTES_MAX,
};
use thiserror::Error;

use crate::payout::Payouts;
use crate::template::Template;

/// A pool's words in the coinbase: as many bytes as fit, whatever the height.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tag(String);

/// Words that would not leave room for the rest of the scriptSig.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the coinbase tag and message have {bytes} bytes, at most {bytes_max} fit: shorten them")]
pub struct TagTooLong {
    /// How many there are.
    pub bytes: usize,
    /// How many fit.
    pub bytes_max: usize,
}

impl Tag {
    /// Takes a text whose bytes fit: [`TAG_BYTES_MAX`], or [`TAG_BYTES_BESIDE_AUX_MAX`] where the coinbase
    /// commits to auxiliary chains.
    pub fn new(text: &str, beside_aux: bool) -> Result<Self, TagTooLong> {
        let bytes_max = if beside_aux { TAG_BYTES_BESIDE_AUX_MAX } else { TAG_BYTES_MAX };
        if text.len() <= bytes_max {
            Ok(Self(text.to_owned()))
        } else {
            Err(TagTooLong { bytes: text.len(), bytes_max })
        }
    }
}

/// What a pool puts into its coinbases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoinbasePlan {
    /// Its words.
    pub tag: Tag,
    /// Who is paid.
    pub payouts: Payouts,
}

/// What auxiliary chains have in a coinbase.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuxMarks {
    /// The commitment to the tree of their blocks, in the scriptSig.
    pub commitment: Option<[u8; AUX_COMMITMENT_BYTES]>,
    /// Outputs of nothing that carry a commitment, the last ones of all.
    pub outputs: Vec<TxOut>,
}

/// A coinbase without witness, cut at the extranonce slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoinbaseHalves {
    /// Everything before the slot.
    pub prefix: Vec<u8>,
    /// Everything after it.
    pub suffix: Vec<u8>,
}

/// Makes another coinbase of one, by its half after the slot: with another sequence of its input, which no rule of
/// consensus looks at while the lock time is zero.
pub fn set_sequence(suffix: &mut [u8], sequence: u32) {
    // The slot ends the scriptSig, and the sequence follows it.
    suffix[..4].copy_from_slice(&sequence.to_le_bytes());
}

/// A coinbase that firmware could not take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "the coinbase has {0} bytes, miners take at most {COINBASE_BYTES_MAX}: pay to fewer outputs"
)]
pub struct CoinbaseTooLong(pub usize);

/// Builds the coinbase of a template: the payouts, the witness commitment, the marks of auxiliary chains.
///
/// The scriptSig is: height (BIP 34), tag, auxiliary chains, what the node asks for, the slot. It never exceeds
/// the 100 bytes of consensus: the tag is bounded, and the node's wish is left out where it does not fit.
pub fn build(
    template: &Template,
    plan: &CoinbasePlan,
    marks: &AuxMarks,
) -> Result<CoinbaseHalves, CoinbaseTooLong> {
    let script_sig = script_sig(template, &plan.tag, marks);
    let slot_from_end = EXTRANONCE_SLOT_BYTES;
    let mut outputs = plan.payouts.outputs(template.coinbase_value_sat);
    if let Some(commitment) = &template.witness_commitment {
        outputs.push(TxOut { value: Amount::ZERO, script_pubkey: commitment.clone() });
    }
    outputs.extend(marks.outputs.iter().cloned());
    let transaction = Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::null(),
            script_sig: script_sig.clone(),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        }],
        output: outputs,
    };
    let whole = serialize(&transaction);
    if whole.len() > COINBASE_BYTES_MAX {
        return Err(CoinbaseTooLong(whole.len()));
    }
    // version 4, input count 1, outpoint 36, scriptSig length 1 (it is below 253).
    let script_end = 4 + 1 + 36 + 1 + script_sig.len();
    let slot = script_end - slot_from_end..script_end;
    assert!(whole[slot.clone()].iter().all(|byte| *byte == 0), "the slot is cut where it stands");
    Ok(CoinbaseHalves { prefix: whole[..slot.start].to_vec(), suffix: whole[slot.end..].to_vec() })
}

fn script_sig(template: &Template, tag: &Tag, marks: &AuxMarks) -> ScriptBuf {
    let push = |bytes: &[u8]| PushBytesBuf::try_from(bytes.to_vec()).expect("far below 2^32 bytes");
    let commitment = marks.commitment.as_ref().map_or(&[][..], |commitment| commitment);
    let with_wish = |wish: &[u8]| {
        let mut builder = script::Builder::new().push_int(i64::from(template.height));
        for part in [tag.0.as_bytes(), commitment, wish].into_iter().filter(|part| !part.is_empty())
        {
            builder = builder.push_slice(push(part));
        }
        builder.push_slice(push(&[0; EXTRANONCE_SLOT_BYTES])).into_script()
    };
    let whole = with_wish(&template.coinbase_aux);
    let fitting = if whole.len() <= SCRIPT_SIG_BYTES_MAX { whole } else { with_wish(&[]) };
    assert!(fitting.len() <= SCRIPT_SIG_BYTES_MAX, "the tag's bound keeps the scriptSig in budget");
    fitting
}

#[cfg(test)]
mod tests {
    use bitcoin::consensus::encode::deserialize;
    use proptest::prelude::*;

    use super::*;
    use crate::template::tests::fields;

    fn coinbase(height: u32, tag: &str, aux: &[u8], segwit: bool) -> Transaction {
        coinbase_with(height, tag, aux, segwit, &AuxMarks::default())
    }

    fn coinbase_with(
        height: u32,
        tag: &str,
        aux: &[u8],
        segwit: bool,
        marks: &AuxMarks,
    ) -> Transaction {
        let template = Template {
            height,
            coinbase_aux: aux.to_vec(),
            witness_commitment: segwit.then(|| ScriptBuf::from_bytes(vec![0x6a; 38])),
            ..Template::new(&fields()).unwrap()
        };
        let payouts = Payouts::all_to(ScriptBuf::from_bytes(vec![0x51; 34]));
        let tag = Tag::new(tag, marks.commitment.is_some()).unwrap();
        let halves = build(&template, &CoinbasePlan { tag, payouts }, marks).unwrap();
        let slot = [0xee; EXTRANONCE_SLOT_BYTES];
        deserialize(&[&halves.prefix[..], &slot, &halves.suffix].concat()).unwrap()
    }

    #[test]
    fn holds_height_tag_wish_and_slot() {
        let coinbase = coinbase(700_000, "/sluice/", &[1, 2, 3], true);
        let script = &coinbase.input[0].script_sig;
        let parts: Vec<_> = script.instructions().map(|part| part.unwrap()).collect();
        assert_eq!(parts[0].script_num(), Some(700_000));
        assert_eq!(parts[1].push_bytes().unwrap().as_bytes(), b"/sluice/");
        assert_eq!(parts[2].push_bytes().unwrap().as_bytes(), [1, 2, 3]);
        assert_eq!(parts[3].push_bytes().unwrap().as_bytes(), [0xee; 16]);
        assert!(coinbase.is_coinbase());
        assert_eq!(coinbase.output[0].value.to_sat(), 625_000_000);
        assert_eq!(coinbase.output[1].value, Amount::ZERO);
    }

    #[test]
    fn a_longer_tag_is_refused() {
        for (beside_aux, bytes_max) in [(false, TAG_BYTES_MAX), (true, TAG_BYTES_BESIDE_AUX_MAX)] {
            assert!(Tag::new(&"x".repeat(bytes_max), beside_aux).is_ok());
            let bytes = bytes_max + 1;
            let refused = Tag::new(&"x".repeat(bytes), beside_aux);
            assert_eq!(refused, Err(TagTooLong { bytes, bytes_max }));
        }
    }

    #[test]
    fn the_longest_of_everything_fills_the_budget_exactly() {
        let tag = "x".repeat(TAG_BYTES_MAX);
        let script = &coinbase(u32::MAX / 2, &tag, &[], true).input[0].script_sig;
        assert_eq!(script.len(), SCRIPT_SIG_BYTES_MAX - usize::from(TAG_BYTES_MAX <= 75));
    }

    #[test]
    fn auxiliary_chains_have_their_marks() {
        let output =
            TxOut { value: Amount::ZERO, script_pubkey: ScriptBuf::from_bytes(vec![0x6a; 43]) };
        let marks = AuxMarks { commitment: Some([0xfa; 44]), outputs: vec![output.clone()] };
        let tag = "x".repeat(TAG_BYTES_BESIDE_AUX_MAX);
        let longest = coinbase_with(u32::MAX / 2, &tag, &[], true, &marks);
        assert_eq!(longest.input[0].script_sig.len(), SCRIPT_SIG_BYTES_MAX);
        let parts: Vec<_> =
            longest.input[0].script_sig.instructions().map(Result::unwrap).collect();
        assert_eq!(parts[2].push_bytes().unwrap().as_bytes(), [0xfa; 44]);
        assert_eq!(longest.output.len(), 3);
        assert_eq!(longest.output[2], output, "the last one of all");
        // What the node asks for gives way.
        let crowded = coinbase_with(700_000, &tag, &[9; 20], true, &marks);
        assert!(crowded.input[0].script_sig.len() <= SCRIPT_SIG_BYTES_MAX);
    }

    proptest! {
        #[test]
        fn the_script_stays_in_budget(
            height in prop_oneof![0_u32..300, 30_000_u32..70_000, any::<u32>().prop_map(|height| height >> 1)],
            tag_bytes in 0..=TAG_BYTES_MAX,
            aux in proptest::collection::vec(any::<u8>(), 0..120),
            segwit in any::<bool>(),
            merges in any::<bool>(),
        ) {
            let marks = AuxMarks { commitment: merges.then_some([7; 44]), outputs: Vec::new() };
            let tag_bytes = if merges { tag_bytes.min(TAG_BYTES_BESIDE_AUX_MAX) } else { tag_bytes };
            let coinbase = coinbase_with(height, &"t".repeat(tag_bytes), &aux, segwit, &marks);
            let script = &coinbase.input[0].script_sig;
            prop_assert!((2..=SCRIPT_SIG_BYTES_MAX).contains(&script.len()));
            // BIP 34: the script begins with the height as the node itself would push it.
            let height = script::Builder::new().push_int(i64::from(height)).into_script();
            prop_assert!(script.as_bytes().starts_with(height.as_bytes()));
            prop_assert!(script.as_bytes().ends_with(&[0xee; EXTRANONCE_SLOT_BYTES]));
        }
    }
}
