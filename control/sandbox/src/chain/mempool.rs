//! The transactions that wait for a block. The sandbox makes them all itself, from its seed.

use std::collections::BTreeSet;

use bitcoin::absolute::LockTime;
use bitcoin::{Amount, OutPoint, Transaction, TxOut, Txid, Wtxid, transaction};

use super::coins::CoinSet;
use super::limits::GENERATED_WEIGHT_MAX;
use super::scripts::SpendKind;
use super::seeded_sequence::SeededSequence;

/// A refill goes up to a number between this and the configured maximum.
const REFILL_TRANSACTIONS_MIN: usize = 5;

/// Longest chain of unconfirmed transactions.
const CHAIN_LENGTH_MAX: u32 = 6;

/// Highest fee rate that a transaction pays, in satoshis a virtual byte; the lowest is 1.
const FEE_RATE_MAX: u64 = 60;

/// An output is split only from this value on, and merged below it.
const SPLIT_VALUE_MIN: Amount = Amount::from_sat(10_000_000);

/// Lowest value of an output, above every dust limit.
const OUTPUT_VALUE_MIN: Amount = Amount::from_sat(10_000);

/// One waiting transaction.
#[derive(Clone, Debug)]
pub(super) struct MempoolEntry {
    pub(super) transaction: Transaction,
    pub(super) txid: Txid,
    pub(super) wtxid: Wtxid,
    pub(super) fee: Amount,
    /// Weight units, at most [`GENERATED_WEIGHT_MAX`].
    pub(super) weight: usize,
}

/// The waiting transactions, each after those that it spends from.
#[derive(Clone, Debug, Default)]
pub(super) struct Mempool {
    entries: Vec<MempoolEntry>,
    /// Counts the changes; a part of the long poll id.
    updates: u64,
}

/// How one refill varies.
pub(super) struct Refill {
    pub(super) sequence: SeededSequence,
    /// Most transactions in the mempool.
    pub(super) transactions_max: usize,
    /// Number of outputs that merges and splits steer to.
    pub(super) outputs_wanted: usize,
}

/// An output that a generated transaction may spend next.
struct FreeOutput {
    outpoint: OutPoint,
    output: TxOut,
    kind: SpendKind,
    /// Unconfirmed transactions that it hangs on.
    chain_length: u32,
}

impl Mempool {
    pub(super) fn entries(&self) -> &[MempoolEntry] {
        &self.entries
    }

    pub(super) fn updates(&self) -> u64 {
        self.updates
    }

    /// Fits the mempool to a new tip: drops what is confirmed or can no longer be, then fills up.
    /// Transactions of disconnected blocks do not come back; their inputs are spent anew.
    pub(super) fn refresh(&mut self, coins: &CoinSet, mut refill: Refill) {
        self.updates += 1;
        let spent = self.retain_valid(coins);
        let lowest = REFILL_TRANSACTIONS_MIN.min(refill.transactions_max);
        let spread = (refill.transactions_max - lowest) as u64 + 1;
        let wanted = lowest + refill.sequence.below(spread) as usize;
        let mut free = free_outputs(coins, &spent);
        refill.sequence.shuffle(&mut free);
        while self.entries.len() < wanted {
            let Some(first) = free.pop() else { break };
            let second = wants_merge(&first, free.len(), &mut refill).then(|| free.pop()).flatten();
            let inputs: Vec<FreeOutput> = [Some(first), second].into_iter().flatten().collect();
            let Some(entry) = generate(&inputs, free.len(), &mut refill) else { continue };
            let chain_length = 1 + inputs.iter().map(|input| input.chain_length).max().unwrap_or(0);
            // Now and then the next transaction spends from this one.
            if chain_length < CHAIN_LENGTH_MAX && refill.sequence.below(4) == 0 {
                free.push(FreeOutput::of(&entry, chain_length));
            }
            self.entries.push(entry);
        }
        assert!(self.entries.len() <= refill.transactions_max);
    }

    /// Keeps the entries whose inputs are still there, and returns the outpoints that they spend.
    fn retain_valid(&mut self, coins: &CoinSet) -> BTreeSet<OutPoint> {
        let mut spent = BTreeSet::new();
        let mut kept = BTreeSet::new();
        self.entries.retain(|entry| {
            let outpoints = || entry.transaction.input.iter().map(|input| input.previous_output);
            let valid = outpoints()
                .all(|outpoint| coins.get(&outpoint).is_some() || kept.contains(&outpoint.txid));
            if valid {
                kept.insert(entry.txid);
                spent.extend(outpoints());
            }
            valid
        });
        spent
    }
}

impl FreeOutput {
    /// The first output of a transaction that was just generated.
    fn of(entry: &MempoolEntry, chain_length: u32) -> Self {
        let output = entry.transaction.output[0].clone();
        let kind = SpendKind::of(&output.script_pubkey).expect("generated outputs are our own");
        Self { outpoint: OutPoint { txid: entry.txid, vout: 0 }, output, kind, chain_length }
    }
}

fn free_outputs(coins: &CoinSet, spent: &BTreeSet<OutPoint>) -> Vec<FreeOutput> {
    coins
        .generated()
        .difference(spent)
        .map(|outpoint| {
            let coin = coins.get(outpoint).expect("both sets of the coins hold it");
            let kind = SpendKind::of(&coin.output.script_pubkey).expect("its set holds such only");
            FreeOutput { outpoint: *outpoint, output: coin.output.clone(), kind, chain_length: 0 }
        })
        .collect()
}

/// Whether `first` should be spent together with a second output: because it is small, or now and
/// then, as long as the outputs do not become too few.
fn wants_merge(first: &FreeOutput, free_count: usize, refill: &mut Refill) -> bool {
    let by_chance = refill.sequence.below(4) == 0;
    first.output.value < SPLIT_VALUE_MIN || (by_chance && free_count > refill.outputs_wanted / 2)
}

/// One transaction that spends `inputs`, or `None` if they are too small to pay a fee.
fn generate(inputs: &[FreeOutput], free_count: usize, refill: &mut Refill) -> Option<MempoolEntry> {
    let total: Amount = inputs.iter().map(|input| input.output.value).sum();
    let splits = inputs.len() == 1
        && total >= SPLIT_VALUE_MIN
        && free_count < refill.outputs_wanted * 2
        && refill.sequence.below(3) == 0;
    let output_count = if splits { 2 } else { 1 };
    let mut outputs = Vec::with_capacity(output_count);
    for _ in 0..output_count {
        let bare = refill.sequence.below(4) == 0;
        let kind = if bare { SpendKind::Bare } else { SpendKind::WitnessScriptHash };
        outputs.push(TxOut { value: OUTPUT_VALUE_MIN, script_pubkey: kind.locking_script() });
    }
    let mut transaction = Transaction {
        version: transaction::Version::TWO,
        lock_time: LockTime::ZERO,
        input: inputs.iter().map(|input| input.kind.input(input.outpoint)).collect(),
        output: outputs,
    };
    // The values have a fixed width, so the size is known before the fee is.
    let fee =
        Amount::from_sat(transaction.vsize() as u64 * (1 + refill.sequence.below(FEE_RATE_MAX)));
    let paid_out = total.checked_sub(fee)?;
    if paid_out < OUTPUT_VALUE_MIN {
        return None;
    }
    if let [first, second] = transaction.output.as_mut_slice() {
        second.value = paid_out * (25 + refill.sequence.below(51)) / 100;
        first.value = paid_out - second.value;
    } else {
        transaction.output[0].value = paid_out;
    }
    Some(MempoolEntry::new(transaction, fee))
}

impl MempoolEntry {
    fn new(transaction: Transaction, fee: Amount) -> Self {
        let weight = transaction.weight().to_wu() as usize;
        assert!(weight <= GENERATED_WEIGHT_MAX, "a generated transaction weighs {weight}");
        Self {
            txid: transaction.compute_txid(),
            wtxid: transaction.compute_wtxid(),
            transaction,
            fee,
            weight,
        }
    }
}
