//! The two kinds of output that the sandbox pays to and lets anyone spend.
//!
//! There is no script interpreter: an input that spends any other kind is refused.

use bitcoin::hashes::Hash;
use bitcoin::opcodes::all::OP_PUSHNUM_1;
use bitcoin::script::Builder;
use bitcoin::{OutPoint, Script, ScriptBuf, Sequence, TxIn, WScriptHash, Witness};

use super::rejection::TransactionFault;

/// How an output of the sandbox is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpendKind {
    /// P2WSH of `OP_TRUE`: its spend carries a witness, so that txid and wtxid differ.
    WitnessScriptHash,
    /// `OP_TRUE` itself: its spend carries nothing.
    Bare,
}

/// The script that is always satisfied.
fn true_script() -> ScriptBuf {
    Builder::new().push_opcode(OP_PUSHNUM_1).into_script()
}

impl SpendKind {
    /// The kind of `script_pubkey`, if it is one of the sandbox's own.
    pub(super) fn of(script_pubkey: &Script) -> Option<Self> {
        [Self::WitnessScriptHash, Self::Bare]
            .into_iter()
            .find(|kind| kind.locking_script().as_script() == script_pubkey)
    }

    pub(super) fn locking_script(self) -> ScriptBuf {
        match self {
            Self::WitnessScriptHash => true_script().to_p2wsh(),
            Self::Bare => true_script(),
        }
    }

    /// The complete input that spends `outpoint`. Its sequence is final for BIP68 and signals
    /// replaceability (BIP125), as wallets do.
    pub(super) fn input(self, outpoint: OutPoint) -> TxIn {
        let witness = match self {
            Self::WitnessScriptHash => Witness::from_slice(&[true_script().into_bytes()]),
            Self::Bare => Witness::new(),
        };
        TxIn {
            previous_output: outpoint,
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness,
        }
    }
}

/// Checks that `input` satisfies `script_pubkey`.
///
/// # Errors
/// [`TransactionFault::Script`] where every node would refuse, and
/// [`TransactionFault::UnsupportedScript`] where only a script interpreter could tell.
pub(super) fn verify_spend(input: &TxIn, script_pubkey: &Script) -> Result<(), TransactionFault> {
    if script_pubkey.is_p2wsh() {
        return verify_witness_script_hash(input, script_pubkey);
    }
    if SpendKind::of(script_pubkey) != Some(SpendKind::Bare) {
        return Err(TransactionFault::UnsupportedScript);
    }
    if !input.witness.is_empty() {
        return Err(TransactionFault::Script("Witness provided for non-witness script"));
    }
    // A push-only scriptSig would be valid, but whether it is one takes an interpreter.
    if !input.script_sig.is_empty() {
        return Err(TransactionFault::UnsupportedScript);
    }
    Ok(())
}

fn verify_witness_script_hash(
    input: &TxIn,
    script_pubkey: &Script,
) -> Result<(), TransactionFault> {
    if !input.script_sig.is_empty() {
        return Err(TransactionFault::Script("Witness requires empty scriptSig"));
    }
    let Some(witness_script) = input.witness.last() else {
        return Err(TransactionFault::Script("Witness program was passed an empty witness"));
    };
    // A witness program's bytes follow its version and its length (BIP141).
    let program = &script_pubkey.as_bytes()[2..];
    if WScriptHash::hash(witness_script).as_byte_array() != program {
        return Err(TransactionFault::Script("Witness program hash mismatch"));
    }
    if witness_script != true_script().as_bytes() {
        return Err(TransactionFault::UnsupportedScript);
    }
    // OP_TRUE adds one element to what the witness left on the stack, and one must remain.
    if input.witness.len() != 1 {
        return Err(TransactionFault::Script("Stack size must be exactly one after execution"));
    }
    Ok(())
}
