//! Connecting a block: what its transactions spend, pay and create.

use bitcoin::{Amount, Block, OutPoint, Transaction, TxOut};

use super::coins::{Coin, CoinChanges, CoinSet};
use super::limits::{BLOCK_SIGOPS_COST_MAX, COINBASE_MATURITY_BLOCKS, SUBSIDY_HALVING_BLOCKS};
use super::rejection::{Rejection, TransactionFault};
use super::{scripts, transaction_rules};

/// What a block at `height` may create besides the fees.
pub(super) fn subsidy(height: u32) -> Amount {
    let halvings = height / SUBSIDY_HALVING_BLOCKS;
    // From the 64th halving on the shift would be wider than the number.
    Amount::from_sat((50 * Amount::ONE_BTC.to_sat()).checked_shr(halvings).unwrap_or(0))
}

/// Works out what a block changes in `coins`, without changing them.
///
/// The block has passed the rules that need no coins, so its first transaction is a coinbase.
///
/// # Errors
/// The first fault, in the order of Bitcoin Core's `ConnectBlock`.
pub(super) fn connect(
    coins: &CoinSet,
    block: &Block,
    height: u32,
) -> Result<CoinChanges, Rejection> {
    let mut view = BlockView { coins, changes: CoinChanges::default(), height, sigops: 0 };
    for transaction in &block.txdata {
        view.connect_transaction(transaction)
            .map_err(|fault| Rejection::Transaction { txid: transaction.compute_txid(), fault })?;
        if view.sigops > BLOCK_SIGOPS_COST_MAX {
            return Err(Rejection::Sigops);
        }
    }
    let paid: Amount = block.txdata[0].output.iter().map(|output| output.value).sum();
    let allowed = subsidy(height) + view.changes.fees;
    if paid > allowed {
        return Err(Rejection::CoinbaseAmount { paid, allowed });
    }
    Ok(view.changes)
}

/// The coins as the block under check has left them so far.
struct BlockView<'chain> {
    coins: &'chain CoinSet,
    changes: CoinChanges,
    height: u32,
    sigops: usize,
}

impl BlockView<'_> {
    fn connect_transaction(&mut self, transaction: &Transaction) -> Result<(), TransactionFault> {
        let is_coinbase = transaction.is_coinbase();
        let mut spent = Vec::with_capacity(transaction.input.len());
        if !is_coinbase {
            if transaction_rules::has_relative_lock(transaction) {
                return Err(TransactionFault::UnsupportedRelativeLock);
            }
            for input in &transaction.input {
                spent.push((input.previous_output, self.spend(&input.previous_output)?));
            }
            self.changes.fees += fee(transaction, spent.iter().map(|(_, output)| output))?;
            for (input, (_, output)) in transaction.input.iter().zip(&spent) {
                scripts::verify_spend(input, &output.script_pubkey)?;
            }
        }
        self.sigops += transaction.total_sigop_cost(|outpoint| {
            let found = spent.iter().find(|(spent_outpoint, _)| spent_outpoint == outpoint);
            found.map(|(_, output)| output.clone())
        });
        self.create(transaction, is_coinbase)
    }

    /// Takes one coin out of the view.
    fn spend(&mut self, outpoint: &OutPoint) -> Result<TxOut, TransactionFault> {
        // A coin of this very block leaves no trace in the changes.
        if let Some(coin) = self.changes.created.remove(outpoint) {
            return self.mature(&coin).map(|()| coin.output);
        }
        let coin = self.coins.get(outpoint).ok_or(TransactionFault::InputsMissingOrSpent)?;
        self.mature(coin)?;
        if self.changes.spent.insert(*outpoint, coin.clone()).is_some() {
            return Err(TransactionFault::InputsMissingOrSpent);
        }
        Ok(coin.output.clone())
    }

    fn mature(&self, coin: &Coin) -> Result<(), TransactionFault> {
        if coin.is_coinbase && self.height - coin.height < COINBASE_MATURITY_BLOCKS {
            return Err(TransactionFault::CoinbaseImmature);
        }
        Ok(())
    }

    fn create(
        &mut self,
        transaction: &Transaction,
        is_coinbase: bool,
    ) -> Result<(), TransactionFault> {
        let txid = transaction.compute_txid();
        for (vout, output) in transaction.output.iter().enumerate() {
            if output.script_pubkey.is_op_return() {
                continue;
            }
            let vout = u32::try_from(vout).expect("a block has fewer outputs than 2^32");
            let outpoint = OutPoint { txid, vout };
            let coin = Coin { output: output.clone(), height: self.height, is_coinbase };
            let overwrites = self.coins.get(&outpoint).is_some();
            if overwrites || self.changes.created.insert(outpoint, coin).is_some() {
                return Err(TransactionFault::OverwritesCoins);
            }
        }
        Ok(())
    }
}

/// What `transaction` leaves to the miner of the outputs that it spends.
fn fee<'coin>(
    transaction: &Transaction,
    spent: impl Iterator<Item = &'coin TxOut>,
) -> Result<Amount, TransactionFault> {
    let mut paid_in = Amount::ZERO;
    for output in spent {
        paid_in += output.value;
        if paid_in > Amount::MAX_MONEY {
            return Err(TransactionFault::InputValuesOutOfRange);
        }
    }
    let paid_out: Amount = transaction.output.iter().map(|output| output.value).sum();
    paid_in.checked_sub(paid_out).ok_or(TransactionFault::InputsBelowOutputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsidy_halves_each_150_blocks() {
        let satoshis = |height| subsidy(height).to_sat();
        assert_eq!(satoshis(149), 5_000_000_000);
        assert_eq!(satoshis(150), 2_500_000_000);
        assert_eq!(satoshis(299), 2_500_000_000);
        assert_eq!(satoshis(300), 1_250_000_000);
        assert_eq!(satoshis(33 * 150), 0);
        assert_eq!(satoshis(u32::MAX), 0);
    }
}
