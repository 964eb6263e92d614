//! Why a block is refused: one variant a cause, with Bitcoin Core's reject string for each.

use std::borrow::Cow;

use bitcoin::{Amount, Txid};

use super::limits::{HEIGHT_MAX, REORG_DEPTH_MAX, SIDE_BLOCKS_MAX};

/// Why a submitted or proposed block was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("the bytes are no block ({0}); send one whole block and nothing after it")]
    Undecodable(String),
    #[error("this block is known already; nothing needs to be done")]
    Duplicate,
    #[error("this block was found invalid before; do not send it again")]
    DuplicateInvalid,
    #[error("the proposal does not build on the tip; take a new template")]
    NotBestParent,
    #[error("the block's hash does not meet its own target; only submit what does")]
    HighHash,
    #[error("the parent is not known; submit the parent first")]
    UnknownParent,
    #[error("the parent is invalid, and so is this block; take a new template")]
    InvalidParent,
    #[error("the fork lies more than {REORG_DEPTH_MAX} blocks below the tip; build higher up")]
    ForkTooDeep,
    #[error("the header's bits are not the chain's; copy the template's bits")]
    WrongBits,
    #[error("the block's time is not after the median time past; use the template's mintime")]
    TimeTooOld,
    #[error("the block's time is more than two hours ahead; set the clocks right")]
    TimeTooNew,
    #[error("header version {0:#010x} is too old; use the template's version")]
    Version(i32),
    #[error("the merkle root does not match the transactions; rebuild it from the coinbase")]
    MerkleRoot,
    #[error("transactions at the end are repeated; send each once")]
    DuplicateTransactions,
    #[error("the block has no transaction or its stripped size is too large; use the template")]
    Length,
    #[error("the block's weight is above the limit; leave transactions out")]
    Weight,
    #[error("the block's signature operations are above the limit; leave transactions out")]
    Sigops,
    #[error("the first transaction is no coinbase; put the coinbase first")]
    CoinbaseMissing,
    #[error("a later transaction is a coinbase too; keep only the first")]
    CoinbaseMultiple,
    #[error("the coinbase's scriptSig has {0} bytes; it must have 2 to 100")]
    CoinbaseLength(usize),
    #[error("the coinbase's scriptSig does not begin with height {0} (BIP34)")]
    CoinbaseHeight(u32),
    #[error("the coinbase pays {paid}, above the {allowed} of subsidy and fees")]
    CoinbaseAmount { paid: Amount, allowed: Amount },
    #[error("the coinbase's witness is not one reserved value of 32 bytes (BIP141)")]
    WitnessNonceSize,
    #[error("the witness commitment does not match the transactions; rebuild it (BIP141)")]
    WitnessCommitment,
    #[error("there are witnesses but no commitment to them; add the commitment output (BIP141)")]
    UnexpectedWitness,
    #[error("transaction {txid}: {fault}")]
    Transaction { txid: Txid, fault: TransactionFault },
    #[error("{SIDE_BLOCKS_MAX} blocks outside the active chain are kept already; extend the tip")]
    SideBlocksFull,
    #[error("the sandbox ends at height {HEIGHT_MAX}; start a new one")]
    ChainFull,
}

impl Rejection {
    /// The reject string of BIP22, as Bitcoin Core spells it. What only the sandbox refuses
    /// begins with `sandbox-`.
    #[must_use]
    pub fn reason(&self) -> Cow<'static, str> {
        let fixed = match self {
            Self::Undecodable(_) => "Block decode failed",
            Self::Duplicate => "duplicate",
            Self::DuplicateInvalid => "duplicate-invalid",
            Self::NotBestParent => "inconclusive-not-best-prevblk",
            Self::HighHash => "high-hash",
            Self::UnknownParent => "prev-blk-not-found",
            Self::InvalidParent => "bad-prevblk",
            Self::ForkTooDeep => "bad-fork-prior-to-checkpoint",
            Self::WrongBits => "bad-diffbits",
            Self::TimeTooOld => "time-too-old",
            Self::TimeTooNew => "time-too-new",
            Self::Version(version) => return format!("bad-version({version:#010x})").into(),
            Self::MerkleRoot => "bad-txnmrklroot",
            Self::DuplicateTransactions => "bad-txns-duplicate",
            Self::Length => "bad-blk-length",
            Self::Weight => "bad-blk-weight",
            Self::Sigops => "bad-blk-sigops",
            Self::CoinbaseMissing => "bad-cb-missing",
            Self::CoinbaseMultiple => "bad-cb-multiple",
            Self::CoinbaseLength(_) => "bad-cb-length",
            Self::CoinbaseHeight(_) => "bad-cb-height",
            Self::CoinbaseAmount { .. } => "bad-cb-amount",
            Self::WitnessNonceSize => "bad-witness-nonce-size",
            Self::WitnessCommitment => "bad-witness-merkle-match",
            Self::UnexpectedWitness => "unexpected-witness",
            Self::Transaction { fault, .. } => return fault.reason(),
            Self::SideBlocksFull => "sandbox-side-blocks-full",
            Self::ChainFull => "sandbox-chain-full",
        };
        fixed.into()
    }

    /// Whether other bytes with the same block hash could still be valid. Such a hash must not be
    /// remembered as invalid, or anybody could spoil a good block with a bad copy.
    pub(super) fn leaves_hash_open(&self) -> bool {
        matches!(
            self,
            Self::MerkleRoot
                | Self::DuplicateTransactions
                | Self::WitnessNonceSize
                | Self::WitnessCommitment
                | Self::UnexpectedWitness
        )
    }
}

/// What is wrong with one transaction of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactionFault {
    #[error("it has no inputs")]
    NoInputs,
    #[error("it has no outputs")]
    NoOutputs,
    #[error("its stripped size is above a block's")]
    Oversize,
    #[error("an output has a negative value")]
    OutputNegative,
    #[error("an output is above 21 million bitcoin")]
    OutputTooLarge,
    #[error("its outputs together are above 21 million bitcoin")]
    OutputTotalTooLarge,
    #[error("it spends one output twice")]
    InputsDuplicate,
    #[error("it spends the null outpoint, which only a coinbase may")]
    InputNull,
    #[error("its lock time lies ahead of the block")]
    NotFinal,
    #[error("its outputs would overwrite unspent ones (BIP30)")]
    OverwritesCoins,
    #[error("it spends an output that does not exist or is spent")]
    InputsMissingOrSpent,
    #[error("it spends a coinbase before 100 confirmations")]
    CoinbaseImmature,
    #[error("its inputs together are above 21 million bitcoin")]
    InputValuesOutOfRange,
    #[error("it pays out more than it spends")]
    InputsBelowOutputs,
    #[error("a script fails: {0}")]
    Script(&'static str),
    #[error("it spends a script kind that the sandbox cannot verify; spend its OP_TRUE outputs")]
    UnsupportedScript,
    #[error("it has a relative lock time, which the sandbox does not verify (BIP68)")]
    UnsupportedRelativeLock,
}

impl TransactionFault {
    fn reason(self) -> Cow<'static, str> {
        let fixed = match self {
            Self::NoInputs => "bad-txns-vin-empty",
            Self::NoOutputs => "bad-txns-vout-empty",
            Self::Oversize => "bad-txns-oversize",
            Self::OutputNegative => "bad-txns-vout-negative",
            Self::OutputTooLarge => "bad-txns-vout-toolarge",
            Self::OutputTotalTooLarge => "bad-txns-txouttotal-toolarge",
            Self::InputsDuplicate => "bad-txns-inputs-duplicate",
            Self::InputNull => "bad-txns-prevout-null",
            Self::NotFinal => "bad-txns-nonfinal",
            Self::OverwritesCoins => "bad-txns-BIP30",
            Self::InputsMissingOrSpent => "bad-txns-inputs-missingorspent",
            Self::CoinbaseImmature => "bad-txns-premature-spend-of-coinbase",
            Self::InputValuesOutOfRange => "bad-txns-inputvalues-outofrange",
            Self::InputsBelowOutputs => "bad-txns-in-belowout",
            Self::Script(cause) => {
                return format!("mandatory-script-verify-flag-failed ({cause})").into();
            }
            Self::UnsupportedScript => "sandbox-unsupported-script",
            Self::UnsupportedRelativeLock => "sandbox-unsupported-relative-lock",
        };
        fixed.into()
    }
}
